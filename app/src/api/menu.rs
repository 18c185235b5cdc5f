//! What is asked of the menu: drinks, groups of options, the currency, and what ran out.

use domain::answer::Answer;
use domain::ids::ShopId;
#[cfg(feature = "ssr")]
use domain::menu::change::MenuChange;
use domain::menu::{Drink, Group, Thing};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::{Ask, ask, form_input};
use crate::problem::Problem;

#[cfg(feature = "ssr")]
fn put(change: MenuChange, is_new: bool) -> Ask {
    if is_new { Ask::AddToMenu(change) } else { Ask::ChangeMenu(change) }
}

/// Puts a drink on the menu, in the place of the one of its id if there is one; not so where it is said to be `new`.
#[server(prefix = "/api", endpoint = "menu/drink")]
pub async fn put_drink(
    shop: ShopId,
    drink: Drink,
    #[server(default)] new: bool,
    #[server(default)] key: Option<String>,
) -> Result<Answer, Problem> {
    ask(shop, put(MenuChange::PutDrink(form_input::drink(drink)), new), key).await
}

#[server(prefix = "/api", endpoint = "menu/drink/remove")]
pub async fn remove_drink(
    shop: ShopId,
    drink: String,
    #[server(default)] key: Option<String>,
) -> Result<Answer, Problem> {
    ask(shop, Ask::ChangeMenu(MenuChange::RemoveDrink(drink)), key).await
}

/// Puts a group of options on the menu, as a drink is put there.
#[server(prefix = "/api", endpoint = "menu/group")]
pub async fn put_group(
    shop: ShopId,
    group: Group,
    #[server(default)] new: bool,
    #[server(default)] key: Option<String>,
) -> Result<Answer, Problem> {
    ask(shop, put(MenuChange::PutGroup(form_input::group(group)), new), key).await
}

#[server(prefix = "/api", endpoint = "menu/group/remove")]
pub async fn remove_group(
    shop: ShopId,
    group: String,
    #[server(default)] key: Option<String>,
) -> Result<Answer, Problem> {
    ask(shop, Ask::ChangeMenu(MenuChange::RemoveGroup(group)), key).await
}

/// Says what all prices are in: an ISO 4217 code.
#[server(prefix = "/api", endpoint = "menu/currency")]
pub async fn set_currency(
    shop: ShopId,
    #[server(default)] currency: String,
    #[server(default)] key: Option<String>,
) -> Result<Answer, Problem> {
    ask(shop, Ask::ChangeMenu(MenuChange::SetCurrency(currency)), key).await
}

/// Says that a `drink/{id}`, an `option/{group}/{id}` or an `ingredient/{id}` ran out, or is there again.
#[server(prefix = "/api", endpoint = "menu/availability")]
pub async fn change_availability(
    shop: ShopId,
    thing: Thing,
    available: bool,
    #[server(default)] key: Option<String>,
) -> Result<Answer, Problem> {
    ask(shop, Ask::ChangeAvailability { thing, available }, key).await
}
