//! The menu: one drink open at a time, its options, and the button; all of it works without JavaScript.

use std::collections::BTreeMap;

use domain::ids::{OrderId, ShopId};
use domain::menu::{Choice, Drink, Group, Menu};
use leptos::prelude::*;

use crate::ui::command_form::{Command, CommandForm, Confirmed};
use crate::ui::cup::Cup;
use crate::words;

/// The longest name that is called out.
const NAME_MAX: &str = "30";

#[component]
pub fn Choosing(shop: ShopId, order: OrderId, menu: Menu) -> impl IntoView {
    // One name for all the drinks' forms: whoever changes their mind does not type it again.
    let name = RwSignal::new(String::new());
    let cancel = Command::of_step("orders/cancel", &shop, order, 0);
    let drinks = StoredValue::new(menu);
    let rows = drinks.with_value(|menu| menu.drinks.clone()).into_iter();
    let rows = rows.map(|drink| {
        let command = Command::of_order("orders/submit", &shop, order).with("drink", drink.id.clone());
        view! {
            <li>
                <DrinkRow drink menu=drinks command name/>
            </li>
        }
    });
    view! {
        <ul class="menu">{rows.collect_view()}</ul>
        <Confirmed
            command=cancel
            ask="No coffee after all"
            question="Your place goes to somebody else."
            label="Give it up"
        />
    }
}

/// A drink; open, it is a form. `details` of one name close each other.
#[component]
fn DrinkRow(drink: Drink, menu: StoredValue<Menu>, command: Command, name: RwSignal<String>) -> impl IntoView {
    let groups =
        menu.with_value(|menu| drink.groups.iter().filter_map(|id| menu.group(id).cloned()).collect::<Vec<_>>());
    let picked = RwSignal::new(BTreeMap::new());
    let groups = groups.into_iter().map(|group| view! { <Options group picked/> }).collect_view();
    let label = format!("Order {}", drink.name.to_lowercase());
    let choice = drink.id.clone();
    let contains = move || {
        let choice = Choice { drink: choice.clone(), options: picked.get() };
        menu.with_value(|menu| menu.complete(&choice)).map(|chosen| words::contains(&chosen.allergens)).ok()
    };
    view! {
        <details class="drink-card" name="drink">
            <summary>
                <Cup icon=drink.icon/>
                <span class="drink-name">{drink.name}</span>
            </summary>
            <CommandForm command label look="primary">
                {groups}
                <p class="contains" aria-live="polite">{contains}</p>
                <label class="name-field">
                    <span>"What shall we call out? " <small>"if you like"</small></span>
                    <input
                        type="text"
                        name="name"
                        maxlength=NAME_MAX
                        autocomplete="given-name"
                        prop:value=move || name.get()
                        on:input=move |event| name.set(event_target_value(&event))
                    />
                </label>
            </CommandForm>
        </details>
    }
}

/// A group of options as radios; the first stands unless another is picked.
#[component]
fn Options(group: Group, picked: RwSignal<BTreeMap<String, String>>) -> impl IntoView {
    let field = format!("options[{}]", group.id);
    let options = group.options.into_iter().enumerate().map(|(n, option)| {
        let (group, id) = (group.id.clone(), option.id.clone());
        let pick = move |_| {
            picked.update(|picked| {
                picked.insert(group.clone(), id.clone());
            });
        };
        let contains = (!option.allergens.is_empty()).then(|| words::listed(&option.allergens));
        view! {
            <label class="option">
                <input type="radio" name=field.clone() value=option.id checked=n == 0 on:change=pick/>
                <span>{option.name} {contains.map(|contains| view! { <small>{contains}</small> })}</span>
            </label>
        }
    });
    view! {
        <fieldset class="options">
            <legend>{group.name}</legend>
            <div class="options-row">{options.collect_view()}</div>
        </fieldset>
    }
}
