//! Office page of one drink: its form and its removal.

use domain::menu::Drink;
use leptos::prelude::*;

use super::{Office, field};
use crate::ui::command_form::{Button, FormCommand, command_form, confirm_form};

/// Icons with a drawing in `ui::cup`, besides the mug.
const ICONS: [&str; 9] =
    ["espresso", "filter", "flat-white", "cappuccino", "latte", "mocha", "chocolate", "chai", "tea"];

/// Empty rows to add groups.
const EMPTY_ROWS: usize = 2;

pub(super) fn page(office: &Office, drink: Option<&Drink>) -> impl IntoView + use<> {
    let shop = &office.shop;
    let put = FormCommand::for_shop("menu/drink", shop);
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
        confirm_form(
            FormCommand::for_shop("menu/drink/remove", shop).with("drink", drink.id.clone()),
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
    let is_drawn = |icon: &str| icon == "mug" || ICONS.contains(&icon);
    let icons = ICONS.map(|icon| (icon.to_owned(), icon.replace('-', " ")));
    let icons = [("mug".to_owned(), "mug".to_owned())].into_iter().chain(icons);
    let icons = icons.chain((!is_drawn(&drink.icon)).then_some(own));
    view! {
        <div class="grid">
            {field::required(("Name", "as everybody reads it"), "drink[name]", &drink.name)}
            {field::select(("Picture", ""), "drink[icon]".to_owned(), &drink.icon, icons.collect())}
            {field::number(
                ("Price", "in the smallest unit: 450 is 4.50"),
                "drink[price]".to_owned(),
                drink.price,
                (0, 1_000_000),
            )}
            {field::number(
                ("Time to make", "seconds; 0 if unknown"),
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
