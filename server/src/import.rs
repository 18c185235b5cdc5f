//! `crema import`: an archive of the original's events becomes the log of a new shop.

mod archived_order;
mod mapping;
mod menu;
mod names;
mod original;
mod report;

use std::io;
use std::path::{Path, PathBuf};

use domain::ids::ShopId;
use domain::time::{Day, Instant};
use serde::{Deserialize, Serialize};

pub use self::report::{Notes, Report, Unmapped};

use self::mapping::{Log, Plan};
use self::names::Names;
use crate::identity::keys::ShopKeys;
use crate::store::ShopBatch;

/// So many different names of one kind are told at most: an answer is a line, and a file may hold anything.
const NAMES_TOLD: usize = 20;

/// What to read, and what to make of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Whole, since whoever reads it may stand elsewhere.
    pub file: PathBuf,
    pub shop: ShopId,
    /// Over the door; none for the shop's slug.
    pub name: Option<String>,
    /// The original's `eventId`, where the archive has several.
    pub event: Option<String>,
}

/// Why nothing was imported. Nothing is left behind either.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable { path: PathBuf, reason: io::Error },
    #[error("{} is no whole JSON array, and none but arrays begin like it: {reason}", path.display())]
    NotAnArchive { path: PathBuf, reason: serde_json::Error },
    #[error("{} tells of several bars; choose one with --event: {}", path.display(), names.join(", "))]
    SeveralEvents { path: PathBuf, names: Vec<String> },
    #[error("no entry of {} tells of an order, and it has {read}", path.display())]
    NoOrder { path: PathBuf, read: usize },
    #[error("an order of {} still waits until {until}; import it after that", path.display())]
    NotPast { path: PathBuf, until: Instant },
    #[error("there is a shop {0} already; import into a new one")]
    ShopExists(ShopId),
}

/// An archive that has been read, and is not yet anything here.
pub(crate) struct Archive {
    path: PathBuf,
    entries: Vec<original::Entry>,
}

impl Archive {
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let bytes = whole(path).map_err(|reason| Error::Unreadable { path: path.to_owned(), reason })?;
        let entries = original::entries(&String::from_utf8_lossy(&bytes))
            .map_err(|reason| Error::NotAnArchive { path: path.to_owned(), reason })?;
        Ok(Self { path: path.to_owned(), entries })
    }

    /// The shop's whole log as one unit, so that there is never half a shop, and the account of it.
    pub(crate) fn unit(
        &self,
        request: &Request,
        keys: &ShopKeys,
        now: Instant,
        day_of: &dyn Fn(Instant) -> Day,
    ) -> Result<(ShopBatch, Report), Error> {
        let tenants = mapping::tenants(&self.entries);
        if request.event.is_none() && tenants.len() > 1 {
            let names = tenants.into_iter().take(NAMES_TOLD).map(str::to_owned).collect();
            return Err(Error::SeveralEvents { path: self.path.clone(), names });
        }
        let shop = request.shop.clone();
        let plan = Plan {
            shop: &shop,
            name: request.name.as_deref().unwrap_or(shop.as_str()),
            tenant: request.event.as_deref(),
            names: Names(keys.guests()),
            day_of,
        };
        let none = || Error::NoOrder { path: self.path.clone(), read: self.entries.len() };
        let Log { events, orders, report } = mapping::map(&self.entries, &plan).ok_or_else(none)?;
        if report.last > now {
            return Err(Error::NotPast { path: self.path.clone(), until: report.last });
        }
        let epoch = crate::engine::fresh_epoch();
        let unit = ShopBatch { shop, epoch, after: 0, events, orders, receipts: Vec::new(), names: Vec::new() };
        Ok((unit, report))
    }
}

/// A pipe or a device may never end, and it is perhaps the server that reads.
fn whole(path: &Path) -> io::Result<Vec<u8>> {
    if std::fs::metadata(path)?.is_file() { std::fs::read(path) } else { Err(io::Error::other("it is no file")) }
}
