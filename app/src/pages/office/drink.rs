//! Office page of one drink: its form and its removal.

use domain::menu::Drink;
use leptos::prelude::*;

use super::{Office, field};
use crate::ui::command_form::{Button, Command, command_form, confirmed};

/// Icons with a drawing in `ui::cup`, besides the mug.
const CUPS: [&str; 9] =
    ["espresso", "filter", "flat-white", "cappuccino", "latte", "mocha", "chocolate", "chai", "tea"];

/// Empty rows to add groups.
const EMPTY_ROWS: usize = 2;

pub(super) fn page(office: &Office, drink: Option<&Drink>) -> impl IntoView + use<> {
    let shop = &office.shop;
    let put = Command::of_shop("menu/drink", shop);
    let form = if let Some(drink) = drink {
        let (put, id) = (put.with("drink[id]", drink.id.clone()), drink.id.clone());
        let fields =
            view! { <p class="hint">"Orders and links know it as " <code>{id}</code> "."</p> {fields(office, drink)} };
        command_form(put, Button::new("Save the drink", "primary"), fields).into_any()
    } else {
        let nothing = Drink { icon: "mug".to_owned(), ..Drink::default() };
        let fields = view! { {field::new_id("drink[id]")} {fields(office, &nothing)} };
        command_form(put.with("new", "true".to_owned()), Button::new("Add the drink", "primary"), fields).into_any()
    };
    let removal = drink.map(|drink| {
        confirmed(
            Command::of_shop("menu/drink/remove", shop).with("drink", drink.id.clone()),
            "Remove this drink",
            "It leaves every phone at once. What has been ordered is still made.",
            "Remove it",
        )
    });
    view! {
        <p><a href=format!("/s/{shop}/office/menu")>"Back to the menu"</a></p>
        {form}
        {removal}
    }
}

fn fields(office: &Office, drink: &Drink) -> impl IntoView + use<> {
    let own = (drink.icon.clone(), drink.icon.clone());
    let is_drawn = |icon: &str| icon == "mug" || CUPS.contains(&icon);
    let cups = CUPS.map(|cup| (cup.to_owned(), cup.replace('-', " ")));
    let cups = [("mug".to_owned(), "mug".to_owned())].into_iter().chain(cups);
    let cups = cups.chain((!is_drawn(&drink.icon)).then_some(own));
    view! {
        <div class="grid">
            {field::required(("Name", "as everybody reads it"), "drink[name]", &drink.name)}
            {field::select(("Picture", ""), "drink[icon]".to_owned(), &drink.icon, cups.collect())}
            {field::number(
                ("Price", "in the smallest unit: 450 is 4.50"),
                "drink[price]".to_owned(),
                drink.price,
                (0, 1_000_000),
            )}
            {field::number(
                ("Time to make", "seconds; 0 where nobody has measured"),
                "drink[seconds]".to_owned(),
                drink.seconds,
                (0, 3600),
            )}
        </div>
        {groups(office, drink)}
        {field::allergens("drink", &drink.allergens)}
        {field::ingredients("drink", &drink.ingredients)}
        {field::names("drink", &drink.names)}
    }
}

/// Fields of the groups, in the order in which guests see them.
fn groups(office: &Office, drink: &Drink) -> impl IntoView + use<> {
    let rows = drink.groups.iter().map(String::as_str).chain([""; EMPTY_ROWS]).enumerate().map(|(n, chosen)| {
        let groups = office.menu.groups.iter().map(|group| (group.id.clone(), group.name.clone()));
        let choices = [(String::new(), "nothing".to_owned())].into_iter().chain(groups);
        let label = if n == 0 { ("Asked first", "") } else { ("Then", "") };
        field::select(label, format!("drink[groups][{n}]"), chosen, choices.collect())
    });
    let rows: Vec<_> = rows.collect();
    view! { <fieldset class="grid"><legend>"What guests choose"</legend>{rows}</fieldset> }
}
