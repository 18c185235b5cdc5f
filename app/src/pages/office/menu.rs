//! Office page of the menu: drinks, groups of options, currency and availability.

use leptos::prelude::*;

use super::Office;
use crate::pages::counter;
use crate::ui::command_form::{Button, FormCommand, command_form};
use crate::ui::cup::Cup;
use crate::words;

pub(super) fn page(office: &Office) -> impl IntoView + use<> {
    let Office { shop, menu, .. } = office;
    view! {
        <section aria-labelledby="drinks">
            <h2 id="drinks">"Drinks"</h2>
            {drinks(office)}
            <p><a class="button" href=format!("/s/{shop}/office/drink")>"Add a drink"</a></p>
        </section>
        <section aria-labelledby="options">
            <h2 id="options">"Options"</h2>
            <p class="hint">"A group of options is defined once; each drink lists the groups that it uses."</p>
            {groups(office)}
            <p><a class="button" href=format!("/s/{shop}/office/group")>"Add a group of options"</a></p>
        </section>
        <section aria-labelledby="currency">
            <h2 id="currency">"Currency"</h2>
            {currency(office)}
        </section>
        <section aria-labelledby="out">
            <h2 id="out">"What ran out"</h2>
            {counter::availability_forms(shop, menu)}
        </section>
    }
}

fn drinks(office: &Office) -> impl IntoView + use<> {
    let Office { shop, menu, .. } = office;
    let rows = menu.drinks.iter().map(|drink| {
        let mut notes: Vec<String> = menu.groups_of(drink).map(|group| group.name.clone()).collect();
        notes.splice(0..0, words::price(drink.price, &menu.currency));
        view! {
            <li>
                <Cup icon=drink.icon.clone()/>
                <a href=format!("/s/{shop}/office/drink/{}", drink.id)>{drink.name.clone()}</a>
                <small>{notes.join(", ")}</small>
            </li>
        }
    });
    view! { <ul class="things">{rows.collect_view()}</ul> }
}

fn groups(office: &Office) -> impl IntoView + use<> {
    let Office { shop, menu, .. } = office;
    let rows = menu.groups.iter().map(|group| {
        let names: Vec<_> = group.options.iter().map(|option| option.name.as_str()).collect();
        view! {
            <li>
                <a href=format!("/s/{shop}/office/group/{}", group.id)>{group.name.clone()}</a>
                <small>{names.join(", ")}</small>
            </li>
        }
    });
    view! { <ul class="things">{rows.collect_view()}</ul> }
}

fn currency(office: &Office) -> impl IntoView + use<> {
    let value = office.menu.currency.clone();
    let fields = view! {
        <label class="field">
            <span>"All prices are in " <small>"an ISO 4217 code, as EUR; empty where nothing has a price"</small></span>
            <input
                type="text"
                name="currency"
                value=value
                maxlength="3"
                pattern="[A-Z]{3}"
                title="three capital letters"
                autocomplete="off"
                autocapitalize="characters"
                spellcheck="false"
            />
        </label>
    };
    command_form(
        FormCommand::for_shop("menu/currency", &office.shop),
        Button::new("Save the currency", "primary"),
        fields,
    )
}
