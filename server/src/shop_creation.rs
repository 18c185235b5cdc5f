//! `crema shop add`: a further shop, with the menu, limits and hours of another or of the demonstration.

use domain::access::{Actor, Role};
use domain::command::StoreCommand;
use domain::hours::Hours;
use domain::ids::ShopId;
use domain::limits::Limits;
use domain::menu::Menu;
use domain::refusal::Refusal;
use domain::shop::{ExecuteError, Shop};
use serde::{Deserialize, Serialize};

use crate::clock::{Calendar, Clock};
use crate::engine;
use crate::identity::passes::{Passes, Unavailable};
use crate::identity::secret::Secret;
use crate::push::state::State;
use crate::seed;
use crate::store::ShopBatch;

/// The longest name over a door, in characters.
const NAME_MOST: usize = 40;

/// What to found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub shop: ShopId,
    /// Over the door.
    pub name: String,
    /// Whose menu, limits and hours it begins with; none for those of the demonstration.
    pub like: Option<ShopId>,
}

/// What was founded: the links that let its first devices in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedShop {
    pub links: Links,
    /// Where browsers find the server that founded it; none when no server runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
}

/// One link for each kind of screen that a shop begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Links {
    pub display: Secret,
    pub barista: Secret,
    pub office: Secret,
}

/// Why nothing was founded. Nothing is left behind either.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is a shop {0} already; found one of another name")]
    ShopExists(ShopId),
    #[error("there is no shop {0} to be like")]
    NoLike(ShopId),
    #[error("a shop's name over the door is 1 to {NAME_MOST} characters on one line")]
    NameWrong,
    #[error("the shop to be like cannot be copied: {0}")]
    CommandError(Refusal),
    #[error("the shop could not be made")]
    Broken,
}

impl Links {
    pub(crate) async fn make(passes: &Passes, shop: &ShopId, clock: &dyn Clock) -> Result<Self, Unavailable> {
        let link = |role| passes.make_link(shop, role, clock.now());
        Ok(Self {
            display: link(Role::Display).await?,
            barista: link(Role::Barista).await?,
            office: link(Role::Manager).await?,
        })
    }

    /// What is printed of a shop: where to order, and each link under the name of its page.
    pub fn told(&self, shop: &ShopId, base: &str) -> String {
        let Self { display, barista, office } = self;
        let link = |secret: &Secret| format!("{base}/enter/{}", secret.reveal());
        format!(
            "{shop}\n  order    {base}/s/{shop}\n  display  {}\n  barista  {}\n  office   {}",
            link(display),
            link(barista),
            link(office)
        )
    }
}

/// The new shop's whole log as one unit, so that there is never half a shop.
pub(crate) fn unit(request: &Request, like: Option<&State>, clock: &dyn Clock) -> Result<ShopBatch, Error> {
    let name = request.name.trim().to_owned();
    if !(1..=NAME_MOST).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(Error::NameWrong);
    }
    let (menu, limits, hours) = match like {
        // What is out there is there here.
        Some(like) => {
            let menu = Menu { out: Vec::new(), ..like.ordering.bar.menu.clone() };
            (menu, *like.shop.limits(), like.shop.hours().clone())
        }
        None => (seed::demo().menu, Limits::default(), Hours::default()),
    };
    let now = Calendar::of(&hours, clock.zone()).now(clock.now());
    let command = StoreCommand::Make { name, menu, limits, hours }.into();
    let said = Shop::default().execute(Actor::System, command, now).map_err(|unheeded| match unheeded {
        ExecuteError::CommandError(refusal) => Error::CommandError(refusal),
        ExecuteError::EventLoop => Error::Broken,
    })?;
    Ok(engine::first_batch(request.shop.clone(), said, now.at))
}
