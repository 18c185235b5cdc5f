//! Office page of one group of options: edit, add and remove options, or remove the group.

use domain::menu::{Group, MenuOption};
use leptos::prelude::*;
use protocol::command::endpoint;

use super::field::label;
use super::{Office, field};
use crate::ui::command_form::{Button, FormCommand, command_form, confirm_form};
use crate::words::{OfficeWords, Words};

/// Empty rows to add options.
const EMPTY_ROWS: usize = 3;

pub(super) fn page(office: &Office, group: Option<&Group>, words: Words) -> impl IntoView + use<> {
    let texts = words.office();
    let shop = &office.shop;
    let put = FormCommand::for_shop(endpoint::PUT_GROUP, shop);
    let form = if let Some(group) = group {
        let put = put.with("group[id]", group.id.clone()).if_unchanged(office.menu.group_setting(&group.id));
        let used = used_by(office, group, texts);
        let fields = view! { <p class="hint">{used}</p> {fields(group, words)} };
        command_form(put, Button::new(texts.save_options(), "primary"), fields).into_any()
    } else {
        let fields = view! { {field::new_id("group[id]", texts)} {fields(&Group::default(), words)} };
        command_form(put.with("new", "true".to_owned()), Button::new(texts.add_options(), "primary"), fields).into_any()
    };
    let removal = group.map(|group| {
        confirm_form(
            FormCommand::for_shop(endpoint::REMOVE_GROUP, shop)
                .with("group", group.id.clone())
                .if_unchanged(office.menu.group_setting(&group.id)),
            texts.remove_group(),
        )
    });
    view! {
        <p><a href=format!("/s/{shop}/office/menu")>{texts.back_to_the_menu()}</a></p>
        {form}
        {removal}
    }
}

fn used_by(office: &Office, group: &Group, texts: OfficeWords) -> String {
    let drinks = office.menu.drinks.iter().filter(|drink| drink.groups.contains(&group.id));
    let names: Vec<_> = drinks.map(|drink| drink.name.as_str()).collect();
    match names.as_slice() {
        [] => texts.not_used().to_owned(),
        names => texts.asked_with(names),
    }
}

fn fields(group: &Group, words: Words) -> impl IntoView + use<> {
    let texts = words.office();
    let empty = MenuOption::default();
    let rows = group.options.iter().chain(std::iter::repeat_n(&empty, EMPTY_ROWS));
    let rows: Vec<_> = rows.enumerate().map(|(n, option)| row(n, option, words)).collect();
    view! {
        <div class="grid">
            {field::required(texts.group_name(), "group[name]", &group.name)}
            {field::number(texts.at_least(), "group[least]".to_owned(), group.least, 0..=30)}
            {field::number(texts.at_most(), "group[most]".to_owned(), group.most, 1..=30)}
        </div>
        {field::names("group", &group.names, texts)}
        <p class="hint">{texts.group_hint()}</p>
        {rows}
    }
}

fn row(n: usize, option: &MenuOption, words: Words) -> impl IntoView + use<> {
    let texts = words.office();
    let prefix = format!("group[options][{n}]");
    let legend = if option.name.is_empty() {
        view! { <legend>{texts.new_option()}</legend> }.into_any()
    } else {
        view! { <legend translate="no">{option.name.clone()}</legend> }.into_any()
    };
    let is_more = !option.ingredients.is_empty() || !option.names.is_empty();
    view! {
        <fieldset class="option-row">
            {legend}
            <div class="grid">
                {field::text(texts.option_id(), format!("{prefix}[id]"), &option.id)}
                {field::text(label(texts.option_name()), format!("{prefix}[name]"), &option.name)}
                {field::number(
                    texts.surcharge(),
                    format!("{prefix}[surcharge]"),
                    option.surcharge,
                    0..=1_000_000,
                )}
                {field::number(texts.more_time(), format!("{prefix}[seconds]"), option.seconds, 0..=3600)}
            </div>
            {field::checkbox(label(texts.preset()), format!("{prefix}[preset]"), "true", option.preset)}
            {field::allergens(&prefix, &option.allergens, words)}
            <details open=is_more>
                <summary>{texts.ingredients_and_languages()}</summary>
                {field::ingredients(&prefix, &option.ingredients, texts)}
                {field::names(&prefix, &option.names, texts)}
            </details>
        </fieldset>
    }
}
