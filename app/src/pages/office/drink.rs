//! Office page of one drink: its form and its removal.

use domain::menu::Drink;
use leptos::prelude::*;
use protocol::command::endpoint;

use super::field::{SelectOption, label};
use super::{Office, field};
use crate::ui::command_form::{Button, FormCommand, command_form, confirm_form};
use crate::words::{OfficeWords, Words};

/// Icons with a drawing in `ui::cup`.
const ICONS: [&str; 10] =
    ["mug", "espresso", "filter", "flat-white", "cappuccino", "latte", "mocha", "chocolate", "chai", "tea"];

/// Empty rows to add groups.
const EMPTY_ROWS: usize = 2;

pub(super) fn page(office: &Office, drink: Option<&Drink>, words: Words) -> impl IntoView + use<> {
    let texts = words.office();
    let shop = &office.shop;
    let put = FormCommand::for_shop(endpoint::PUT_DRINK, shop);
    let form = if let Some(drink) = drink {
        let id = drink.id.clone();
        let put = put.with("drink[id]", id.clone()).if_unchanged(office.menu.drink_setting(&id));
        let fields = view! {
            <p class="hint">{texts.known_as()} " " <code translate="no">{id}</code> "."</p>
            {fields(office, drink, words)}
        };
        command_form(put, Button::new(texts.save_drink(), "primary"), fields).into_any()
    } else {
        let nothing = Drink { icon: "mug".to_owned(), ..Drink::default() };
        let fields = view! { {field::new_id("drink[id]", texts)} {fields(office, &nothing, words)} };
        command_form(put.with("new", "true".to_owned()), Button::new(texts.add_drink(), "primary"), fields).into_any()
    };
    let removal = drink.map(|drink| {
        confirm_form(
            FormCommand::for_shop(endpoint::REMOVE_DRINK, shop)
                .with("drink", drink.id.clone())
                .if_unchanged(office.menu.drink_setting(&drink.id)),
            texts.remove_drink(),
        )
    });
    view! {
        <p><a href=format!("/s/{shop}/office/menu")>{texts.back_to_the_menu()}</a></p>
        {form}
        {removal}
    }
}

fn fields(office: &Office, drink: &Drink, words: Words) -> impl IntoView + use<> {
    let texts = words.office();
    let other = (!ICONS.contains(&drink.icon.as_str())).then(|| SelectOption::named(&drink.icon, &drink.icon));
    let icons = ICONS.into_iter().map(|icon| SelectOption::new(icon, texts.icon(icon))).chain(other);
    view! {
        <div class="grid">
            {field::required(texts.drink_name(), "drink[name]", &drink.name)}
            {field::select(label(texts.picture()), "drink[icon]".to_owned(), &drink.icon, icons)}
            {field::number(
                texts.price(),
                "drink[price]".to_owned(),
                drink.price,
                0..=1_000_000,
            )}
            {field::number(
                texts.time_to_make(),
                "drink[seconds]".to_owned(),
                drink.seconds,
                0..=3600,
            )}
        </div>
        {groups(office, drink, texts)}
        {field::allergens("drink", &drink.allergens, words)}
        {field::ingredients("drink", &drink.ingredients, texts)}
        {field::names("drink", &drink.names, texts)}
    }
}

/// Fields of the groups, in the order in which guests see them.
fn groups(office: &Office, drink: &Drink, texts: OfficeWords) -> impl IntoView + use<> {
    let rows = drink.groups.iter().map(String::as_str).chain([""; EMPTY_ROWS]).enumerate().map(|(n, chosen)| {
        let groups = office.menu.groups.iter().map(|group| SelectOption::named(&group.id, &group.name));
        let choices = [SelectOption::new("", texts.nothing())].into_iter().chain(groups);
        let name = if n == 0 { texts.asked_first() } else { texts.then() };
        field::select(label(name), format!("drink[groups][{n}]"), chosen, choices)
    });
    let rows: Vec<_> = rows.collect();
    view! { <fieldset class="grid"><legend>{texts.what_guests_choose()}</legend>{rows}</fieldset> }
}
