//! The menu: one drink open at a time, its options, and the button; all of it works without JavaScript.

use domain::ids::{OrderId, ShopId};
use domain::menu::{Choice, Drink, Group, Menu};
use domain::view::ordering::Ordering;
use leptos::ev::Event;
use leptos::prelude::*;

use crate::live::Screen;
use crate::ui::command_form::{Button, Command, command_form, confirmed};
use crate::ui::cup::Cup;
use crate::ui::text::text;
use crate::words;

/// The longest name that is called out.
const NAME_MAX: &str = "30";

#[component]
pub fn Choosing(shop: ShopId, order: OrderId, menu: Menu, screen: Screen<Ordering>) -> impl IntoView {
    let cancel = Command::of_step("orders/cancel", &shop, order, 0);
    let drinks = menu.drinks.iter().map(|drink| {
        let command = Command::of_order("orders/submit", &shop, order).with("drink", drink.id.clone());
        view! { <li>{drink_row(drink, &menu, command)}</li> }
    });
    let drinks = drinks.collect_view();
    let more = Command::of_order("orders/extend", &shop, order);
    let follow = move |event: Event| {
        #[cfg(target_arch = "wasm32")]
        following::follow(&event, &menu);
        #[cfg(not(target_arch = "wasm32"))]
        let _ = (event, &menu);
    };
    view! {
        <TimeLeft more screen/>
        <ul class="menu" aria-label="Menu" on:change=follow>{drinks}</ul>
        {confirmed(cancel, "No coffee after all", "Your place goes to somebody else.", "Give it up")}
    }
}

/// How long the place is kept, and the button for more of it, once.
#[component]
fn TimeLeft(more: Command, screen: Screen<Ordering>) -> impl IntoView {
    let due = move || screen.read(|view| view.current().and_then(|mine| mine.due));
    let left = text(move || {
        let left = due().map(|due| due.seconds_since(screen.now.get()));
        left.map(|seconds| format!("{} to choose", words::clock(seconds))).unwrap_or_default()
    });
    let may_extend = Memo::new(move |_| screen.read(|view| view.current().is_some_and(|mine| !mine.extended)));
    view! {
        <div class="time-left">
            <p role="timer">{left}</p>
            {move || may_extend.get().then(|| command_form(more.clone(), Button::new("More time", ""), ()))}
        </div>
    }
}

/// The menu to look at, without an order to choose for.
pub fn looking(menu: &Menu) -> impl IntoView + use<> {
    let drinks = menu.drinks.iter().map(|drink| {
        view! { <li class="drink-row"><Cup icon=drink.icon.clone()/><span>{drink.name.clone()}</span></li> }
    });
    view! { <ul class="menu" aria-label="Menu">{drinks.collect_view()}</ul> }
}

/// A drink; open, it is a form. `details` of one name close each other.
fn drink_row(drink: &Drink, menu: &Menu, command: Command) -> impl IntoView + use<> {
    let groups = drink.groups.iter().filter_map(|id| menu.group(id)).map(options).collect_view();
    let chosen = menu.complete(&Choice { drink: drink.id.clone(), ..Choice::default() });
    let contains = chosen.map(|chosen| words::contains(&chosen.allergens)).unwrap_or_default();
    let fields = view! {
        {groups}
        <p class="contains" aria-live="polite">{contains}</p>
        <label class="field">
            <span>"What shall we call out? " <small>"if you like"</small></span>
            <input type="text" name="name" maxlength=NAME_MAX autocomplete="given-name"/>
        </label>
    };
    let label = format!("Order {}", words::lower(&drink.name));
    view! {
        <details class="drink-card" name="drink">
            <summary class="drink-row">
                <Cup icon=drink.icon.clone()/>
                <span>{drink.name.clone()}</span>
            </summary>
            {command_form(command, Button::new(label, "primary"), fields)}
        </details>
    }
}

/// A group of options as radios; the first stands unless another is picked.
fn options(group: &Group) -> impl IntoView + use<> {
    let field = format!("options[{}]", group.id);
    let options = group.options.iter().enumerate().map(|(n, option)| {
        let contains = words::listed(&option.allergens);
        view! {
            <label class="option">
                <input type="radio" name=field.clone() value=option.id.clone() checked=n == 0/>
                <span>{option.name.clone()} <small>{contains}</small></span>
            </label>
        }
    });
    view! {
        <fieldset class="options">
            <legend>{group.name.clone()}</legend>
            <div class="options-row">{options.collect_view()}</div>
        </fieldset>
    }
}

/// What changes with what somebody picks. Without JavaScript each option still says its own allergens.
#[cfg(target_arch = "wasm32")]
mod following {
    use domain::menu::{Choice, Menu};
    use leptos::ev::Event;
    use leptos::prelude::*;
    use wasm_bindgen::JsCast;
    use web_sys::{FormData, HtmlFormElement, HtmlInputElement};

    use crate::words;

    pub(super) fn follow(event: &Event, menu: &Menu) {
        let input: HtmlInputElement = event_target(event);
        if input.name() == "name" {
            return keep_name(&input.value());
        }
        let Some(form) = input.form() else { return };
        let (Ok(Some(line)), Some(choice)) = (form.query_selector(".contains"), choice(&form, menu)) else { return };
        if let Ok(chosen) = menu.complete(&choice) {
            line.set_text_content(Some(&words::contains(&chosen.allergens)));
        }
    }

    fn choice(form: &HtmlFormElement, menu: &Menu) -> Option<Choice> {
        let fields = FormData::new_with_form(form).ok()?;
        let mut choice = Choice { drink: fields.get("drink").as_string()?, ..Choice::default() };
        for group in &menu.groups {
            if let Some(option) = fields.get(&format!("options[{}]", group.id)).as_string() {
                choice.options.insert(group.id.clone(), option);
            }
        }
        Some(choice)
    }

    /// One name for all the drinks' forms: whoever changes their mind does not type it again.
    fn keep_name(name: &str) {
        let Ok(inputs) = document().query_selector_all("input[name=name]") else { return };
        for input in (0..inputs.length()).filter_map(|n| inputs.get(n)) {
            input.unchecked_into::<HtmlInputElement>().set_value(name);
        }
    }
}
