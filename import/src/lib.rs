//! Converts an archive of AWS Serverlesspresso events into the log of a new shop.

mod archived_order;
mod file;
mod ids;
mod json_values;
mod mapping;
mod menu;
mod original;
mod report;
mod skip_reason;

use std::io;
use std::path::{Path, PathBuf};

use domain::event::Recorded;
use domain::ids::{GuestId, OrderId, ShopId};
use domain::order::Step;
use domain::time::{Day, Instant};
use serde::{Deserialize, Serialize};

pub use self::report::{Notes, Report, Unmapped};

use self::ids::DerivedIds;
use self::mapping::Plan;

/// Maximum number of distinct names in an error or report: the response on the control socket is one bounded line.
const MAX_REPORTED_NAMES: usize = 20;

/// The archive to read and the shop to create.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportRequest {
    /// Absolute path, since the server that reads it has another working directory.
    pub file: PathBuf,
    /// Slug of the shop to create.
    pub shop: ShopId,
    /// Display name of the shop; `None` for its slug.
    pub name: Option<String>,
    /// The original's `eventId`; required if the archive contains several.
    pub event: Option<String>,
}

/// Why an import failed. A failed import writes nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable { path: PathBuf, reason: io::Error },
    #[error("{} is {what}", path.display())]
    OtherFile { path: PathBuf, what: &'static str },
    #[error("truncated or invalid JSON array in {}: {reason}", path.display())]
    NotAnArchive { path: PathBuf, reason: serde_json::Error },
    #[error("several shops in {}; choose one with --event: {}", path.display(), names.join(", "))]
    SeveralEvents { path: PathBuf, names: Vec<String> },
    #[error("no orders found in {} ({read} {} read{})", path.display(), if *read == 1 { "entry" } else { "entries" },
            if *has_json { "" } else { ", none of them JSON" })]
    NoOrder { path: PathBuf, read: usize, has_json: bool },
    #[error("an order in {} is open until {until}; import the archive after that", path.display())]
    NotPast { path: PathBuf, until: Instant },
    #[error("the shop {0} already exists; choose another --shop")]
    ShopExists(ShopId),
}

/// The complete log of an imported shop.
#[derive(Debug)]
pub struct ImportedLog {
    /// The events, with consecutive positions from 1.
    pub events: Vec<Recorded>,
    /// The orders, all of them ended.
    pub orders: Vec<ImportedOrder>,
}

/// An order of an imported log, for the index of orders.
#[derive(Clone, Copy, Debug)]
pub struct ImportedOrder {
    pub id: OrderId,
    pub guest: GuestId,
    /// Order number; 0 if the order has none.
    pub number: u32,
    /// How the order ended.
    pub outcome: Step,
    /// Position of the order's last event.
    pub position: u64,
    /// Shop day on which the order ended.
    pub ended: Option<Day>,
}

/// Derives ids: a MAC of the concatenated parts under a key of the new shop.
pub type DeriveId<'a> = &'a dyn Fn(&[&[u8]]) -> [u8; 32];

/// A parsed archive.
pub struct Archive {
    path: PathBuf,
    entries: Vec<original::ArchiveEntry>,
}

impl Archive {
    /// Reads and parses a whole archive file.
    ///
    /// # Errors
    /// [`Error::Unreadable`], [`Error::OtherFile`] or [`Error::NotAnArchive`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = file::read_text(path)?;
        let entries =
            original::entries(&text).map_err(|reason| Error::NotAnArchive { path: path.to_owned(), reason })?;
        Ok(Self { path: path.to_owned(), entries })
    }

    /// Returns the complete log of the shop and the report.
    ///
    /// # Errors
    /// The archive has several tenants and none is chosen, has no order, or has one that is open beyond `now`.
    pub fn to_log(
        &self,
        request: &ImportRequest,
        derive_id: DeriveId<'_>,
        now: Instant,
        day_of: &dyn Fn(Instant) -> Day,
    ) -> Result<(ImportedLog, Report), Error> {
        let tenants = mapping::tenants(&self.entries);
        if request.event.is_none() && tenants.len() > 1 {
            let names = tenants.into_iter().take(MAX_REPORTED_NAMES).map(str::to_owned).collect();
            return Err(Error::SeveralEvents { path: self.path.clone(), names });
        }
        let plan = Plan {
            shop: &request.shop,
            name: request.name.as_deref().unwrap_or(request.shop.as_str()),
            tenant: request.event.as_deref(),
            ids: DerivedIds(derive_id),
            day_of,
        };
        let has_json = self.entries.iter().any(original::ArchiveEntry::is_json);
        let none = || Error::NoOrder { path: self.path.clone(), read: self.entries.len(), has_json };
        let (log, report) = mapping::map(&self.entries, &plan).ok_or_else(none)?;
        if report.last > now {
            return Err(Error::NotPast { path: self.path.clone(), until: report.last });
        }
        Ok((log, report))
    }
}
