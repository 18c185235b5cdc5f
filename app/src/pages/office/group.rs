//! Office page of one group of options: edit, add and remove options, or remove the group.

use domain::menu::{Group, MenuOption};
use leptos::prelude::*;

use super::{Office, field};
use crate::ui::command_form::{Button, FormCommand, command_form, confirm_form};

/// Empty rows to add options.
const EMPTY_ROWS: usize = 3;

pub(super) fn page(office: &Office, group: Option<&Group>) -> impl IntoView + use<> {
    let shop = &office.shop;
    let put = FormCommand::for_shop("menu/group", shop);
    let form = if let Some(group) = group {
        let put = put.with("group[id]", group.id.clone());
        let used = used_by(office, group);
        let fields = view! { <p class="hint">{used}</p> {fields(group)} };
        command_form(put, Button::new("Save the options", "primary"), fields).into_any()
    } else {
        let fields = view! { {field::new_id("group[id]")} {fields(&Group::default())} };
        command_form(put.with("new", "true".to_owned()), Button::new("Add the options", "primary"), fields).into_any()
    };
    let removal = group.map(|group| {
        confirm_form(
            FormCommand::for_shop("menu/group/remove", shop).with("group", group.id.clone()),
            "Remove this group",
            "It can be removed once no drink uses it.",
            "Remove it",
        )
    });
    view! {
        <p><a href=format!("/s/{shop}/office/menu")>"Back to the menu"</a></p>
        {form}
        {removal}
    }
}

fn used_by(office: &Office, group: &Group) -> String {
    let drinks = office.menu.drinks.iter().filter(|drink| drink.groups.contains(&group.id));
    let names: Vec<_> = drinks.map(|drink| drink.name.as_str()).collect();
    match names.as_slice() {
        [] => "No drink uses it yet.".to_owned(),
        names => format!("Asked with: {}.", names.join(", ")),
    }
}

fn fields(group: &Group) -> impl IntoView + use<> {
    let empty = MenuOption::default();
    let rows = group.options.iter().chain(std::iter::repeat_n(&empty, EMPTY_ROWS));
    let rows: Vec<_> = rows.enumerate().map(|(n, option)| row(n, option)).collect();
    view! {
        <div class="grid">
            {field::required(("Name", "as guests read it"), "group[name]", &group.name)}
            {field::number(("At least", "options a guest takes"), "group[least]".to_owned(), group.least, (0, 30))}
            {field::number(("At most", "options a guest takes"), "group[most]".to_owned(), group.most, (1, 30))}
        </div>
        {field::names("group", &group.names)}
        <p class="hint">
            "To take an option away, clear its id and its name. For more rows, save first. Where exactly one is taken and
             none is picked beforehand, the first is."
        </p>
        {rows}
    }
}

fn row(n: usize, option: &MenuOption) -> impl IntoView + use<> {
    let prefix = format!("group[options][{n}]");
    let legend = if option.name.is_empty() { "A new option".to_owned() } else { option.name.clone() };
    let is_more = !option.ingredients.is_empty() || !option.names.is_empty();
    view! {
        <fieldset class="option-row">
            <legend>{legend}</legend>
            <div class="grid">
                {field::text(("Id", "stays for ever, as in oat"), format!("{prefix}[id]"), &option.id)}
                {field::text(("Name", ""), format!("{prefix}[name]"), &option.name)}
                {field::number(
                    ("Surcharge", "in the smallest unit"),
                    format!("{prefix}[surcharge]"),
                    option.surcharge,
                    (0, 1_000_000),
                )}
                {field::number(("More time", "seconds"), format!("{prefix}[seconds]"), option.seconds, (0, 3600))}
            </div>
            {field::checkbox(("Picked beforehand", ""), format!("{prefix}[preset]"), "true", option.preset)}
            {field::allergens(&prefix, &option.allergens)}
            <details open=is_more>
                <summary>"Ingredients and other languages"</summary>
                {field::ingredients(&prefix, &option.ingredients)}
                {field::names(&prefix, &option.names)}
            </details>
        </fieldset>
    }
}
