//! `crema shop add`: creates a shop with the menu, limits and hours of another one or of the demo shop.

use domain::access::{Actor, Role};
use domain::command::StoreCommand;
use domain::hours::Hours;
use domain::ids::ShopId;
use domain::limits::Limits;
use domain::menu::Menu;
use domain::refusal::Refusal;
use domain::shop::{ExecuteError, Shop};
use domain::text::is_name;
use engine;
use engine::clock::{Calendar, Clock};
use engine::read_model::state::State;
use engine::store::ShopBatch;
use serde::{Deserialize, Serialize};

use crate::identity::passes::{PassStoreError, Passes};
use crate::identity::secret::Secret;
use crate::seed;

/// Maximum length of a display name, in characters.
const MAX_NAME_CHARS: usize = 40;

/// The shop to create.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewShop {
    /// Slug of the new shop.
    pub shop: ShopId,
    /// Display name; 1 to 40 characters without control characters.
    pub name: String,
    /// Template shop for menu, limits and hours; `None` for those of the demo shop.
    pub like: Option<ShopId>,
}

/// A created shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedShop {
    /// Links for its first devices.
    pub links: Links,
    /// Base URL of the running server; `None` if no server runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
}

/// One-time links for the first devices of a shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Links {
    /// Role display.
    pub display: Secret,
    /// Role barista.
    pub barista: Secret,
    /// Role manager.
    pub office: Secret,
}

/// Why a shop was not created. A failed creation writes nothing to the log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the shop {0} already exists; choose another --shop")]
    ShopExists(ShopId),
    #[error("unknown template shop {0}; give another --like")]
    UnknownTemplate(ShopId),
    #[error("invalid shop name: give 1 to {MAX_NAME_CHARS} characters on one line")]
    InvalidName,
    #[error("cannot copy the template shop: {0:?}")]
    Rejected(Refusal),
    #[error("internal error: the shop was not created")]
    Internal,
}

impl Links {
    pub(crate) async fn make(passes: &Passes, shop: &ShopId, clock: &dyn Clock) -> Result<Self, PassStoreError> {
        let link = |role| passes.make_link(shop, role, clock.now());
        Ok(Self {
            display: link(Role::Display).await?,
            barista: link(Role::Barista).await?,
            office: link(Role::Manager).await?,
        })
    }

    /// Returns the text that is printed for a shop without links: its ordering URL.
    pub fn address(shop: &ShopId, base: &str) -> String {
        format!("{shop}\n  order    {base}/s/{shop}")
    }

    /// Returns the text that is printed for a shop: its ordering URL and one link per page.
    pub fn summary(&self, shop: &ShopId, base: &str) -> String {
        let Self { display, barista, office } = self;
        let link = |secret: &Secret| format!("{base}/enter/{}", secret.reveal());
        format!(
            "{}\n  display  {}\n  barista  {}\n  office   {}",
            Self::address(shop, base),
            link(display),
            link(barista),
            link(office)
        )
    }
}

/// Returns the initial log of a shop as one batch, so that it is created atomically.
pub(crate) fn build_batch(request: &NewShop, like: Option<&State>, clock: &dyn Clock) -> Result<ShopBatch, Error> {
    let name = request.name.trim().to_owned();
    if !(1..=MAX_NAME_CHARS).contains(&name.chars().count()) || !is_name(&name) {
        return Err(Error::InvalidName);
    }
    let (menu, limits, hours) = match like {
        // Sold-out marks of the template shop are not copied.
        Some(like) => {
            let menu = Menu { out: Vec::new(), ..like.ordering.bar.menu.clone() };
            (menu, *like.shop.limits(), like.shop.hours().clone())
        }
        None => (seed::demo().menu, Limits::default(), Hours::default()),
    };
    let now = Calendar::new(&hours, clock.zone()).now(clock.now());
    let command = StoreCommand::Create { name, menu, limits, hours }.into();
    let events = Shop::default().execute(Actor::System, command, now).map_err(|error| match error {
        ExecuteError::Refused(refusal) => Error::Rejected(refusal),
        ExecuteError::EventLoop => Error::Internal,
    })?;
    Ok(engine::first_batch(request.shop.clone(), events, now.at))
}
