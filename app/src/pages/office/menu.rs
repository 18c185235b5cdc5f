//! Office page of the menu: drinks, groups of options, currency and availability.

use leptos::prelude::*;
use protocol::command::endpoint;

use super::{Office, field};
use crate::pages::counter;
use crate::ui::command_form::{Button, FormCommand, command_form};
use crate::ui::content::content;
use crate::ui::cup::Cup;
use crate::words::{OfficeWords, Words};

pub(super) fn page(office: &Office, words: Words) -> impl IntoView + use<> {
    let texts = words.office();
    let Office { shop, menu, .. } = office;
    view! {
        <section aria-labelledby="drinks">
            <h2 id="drinks">{texts.drinks()}</h2>
            {drinks(office, words)}
            <p><a class="button" href=format!("/s/{shop}/office/drink")>{texts.add_a_drink()}</a></p>
        </section>
        <section aria-labelledby="options">
            <h2 id="options">{texts.options()}</h2>
            <p class="hint">{texts.options_hint()}</p>
            {groups(office, words)}
            <p><a class="button" href=format!("/s/{shop}/office/group")>{texts.add_a_group()}</a></p>
        </section>
        <section aria-labelledby="currency">
            <h2 id="currency">{texts.currency()}</h2>
            {currency(office, texts)}
        </section>
        <section aria-labelledby="out">
            <h2 id="out">{words.pages().what_ran_out()}</h2>
            {counter::availability_forms(shop, menu, words.pages())}
        </section>
    }
}

fn drinks(office: &Office, words: Words) -> impl IntoView + use<> {
    let Office { shop, menu, .. } = office;
    let rows = menu.drinks.iter().map(|drink| {
        let groups: Vec<_> = menu.groups_of(drink).map(|group| group.name.as_str()).collect();
        let price = words.price(drink.price, &menu.currency);
        let price = price.map(|price| [price.as_str(), if groups.is_empty() { "" } else { ", " }].concat());
        let is_unknown = !drink.allergens.is_complete();
        view! {
            <li>
                <Cup icon=drink.icon.clone()/>
                <a href=format!("/s/{shop}/office/drink/{}", drink.id) translate="no">{drink.name.clone()}</a>
                <small>{price} {content(groups.join(", "))} {unknown_note(is_unknown, words)}</small>
            </li>
        }
    });
    view! { <ul class="things">{rows.collect_view()}</ul> }
}

/// Says that guests are told to ask at the bar.
fn unknown_note(is_unknown: bool, words: Words) -> Option<String> {
    is_unknown.then(|| [" · ", words.office().allergens_not_known()].concat())
}

fn groups(office: &Office, words: Words) -> impl IntoView + use<> {
    let Office { shop, menu, .. } = office;
    let rows = menu.groups.iter().map(|group| {
        let is_unknown = group.options.iter().any(|option| !option.allergens.is_complete());
        let names: Vec<_> = group.options.iter().map(|option| option.name.as_str()).collect();
        view! {
            <li>
                <a href=format!("/s/{shop}/office/group/{}", group.id) translate="no">{group.name.clone()}</a>
                <small>{content(names.join(", "))} {unknown_note(is_unknown, words)}</small>
            </li>
        }
    });
    view! { <ul class="things">{rows.collect_view()}</ul> }
}

fn currency(office: &Office, texts: OfficeWords) -> impl IntoView + use<> {
    let value =
        office.typed.as_ref().and_then(|typed| typed.currency.as_ref()).unwrap_or(&office.menu.currency).clone();
    let fields = view! {
        <label class="field">
            {field::label_text(texts.currency_label())}
            <input
                type="text"
                name="currency"
                value=value
                maxlength="3"
                pattern="[A-Z]{3}"
                title=texts.currency_pattern()
                autocomplete="off"
                autocapitalize="characters"
                spellcheck="false"
            />
        </label>
    };
    command_form(
        FormCommand::for_shop(endpoint::SET_CURRENCY, &office.shop).if_unchanged(office.menu.currency_setting()),
        Button::new(texts.save_currency(), "primary"),
        fields,
    )
}
