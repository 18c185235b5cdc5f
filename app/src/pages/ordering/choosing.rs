//! The menu as forms: one drink open at a time, with its options. It works without JavaScript.

use domain::ids::{OrderId, ShopId};
use domain::limits::MAX_NAME_CHARS;
#[cfg(feature = "ssr")]
use domain::menu::Chosen;
use domain::menu::{Drink, Group, Menu, MenuOption};
use domain::view::ordering::Ordering;
use leptos::either::Either;
use leptos::ev::Event;
use leptos::prelude::*;
use protocol::command::endpoint;

use crate::live::PageState;
use crate::ui::command_form::{Button, FormCommand, command_form, confirm_form};
use crate::ui::content::content;
use crate::ui::cup::Cup;
use crate::ui::pins;
use crate::ui::text::inner_text;
use crate::words::{self, Words};

/// The section of an order that is being chosen.
#[component]
pub fn Choosing(shop: ShopId, order: OrderId, menu: Menu, page: PageState<Ordering>) -> impl IntoView {
    let cancel = FormCommand::for_version(endpoint::CANCEL, &shop, order, 0);
    let more = FormCommand::for_order(endpoint::EXTEND, &shop, order);
    let submit = FormCommand::for_order(endpoint::SUBMIT, &shop, order);
    view! {
        <TimeLeft more page/>
        {drink_forms(menu, &submit, &Selection::from_dom(), page.words, Some(page))}
        {confirm_form(cancel, page.words.ordering().give_up())}
    }
}

/// The menu as one form per drink; each submits `command` with the drink's id. `selection` is restored when the menu
/// changes, and a notice names what became unavailable.
pub fn drink_forms(
    menu: Menu,
    command: &FormCommand,
    selection: &Selection,
    words: Words,
    page: Option<PageState<Ordering>>,
) -> impl IntoView + use<> {
    let texts = words.menu();
    let gone = selection.remove_unavailable(&menu, words);
    let gone = (!gone.is_empty()).then(|| view! { <p class="gone" role="alert">{gone}</p> });
    let drinks = menu.drinks.iter().map(|drink| {
        let row = if menu.is_drink_available(drink) {
            let command = command.clone().with("drink", drink.id.clone());
            Either::Left(drink_row(drink, &menu, selection, command, words, page))
        } else {
            Either::Right(
                view! { <p class="drink-row out">{drink_label(drink, None)} <small>{texts.sold_out().to_owned()}</small></p> },
            )
        };
        view! { <li>{row}</li> }
    });
    let drinks = drinks.collect_view();
    let on_change = move |event: Event| {
        #[cfg(target_arch = "wasm32")]
        selection_events::on_change(&event, &menu, words);
        #[cfg(not(target_arch = "wasm32"))]
        let _ = (event, &menu);
    };
    view! {
        {gone}
        <ul class="menu" aria-label=texts.menu() on:change=on_change>{drinks}</ul>
    }
}

/// The time left to choose, and a button to extend it once.
#[component]
fn TimeLeft(more: FormCommand, page: PageState<Ordering>) -> impl IntoView {
    let texts = page.words.ordering();
    let due = move || page.read(|view| view.current().and_then(|mine| mine.due));
    let left = inner_text(move || {
        let left = due().map(|due| due.seconds_since(page.now.get()));
        left.map(|seconds| texts.time_to_choose(&words::countdown(seconds))).unwrap_or_default()
    });
    let may_extend = Memo::new(move |_| page.read(|view| view.current().is_some_and(|mine| !mine.extended)));
    view! {
        <div class="time-left">
            <p role="timer" inner_html=left></p>
            {move || may_extend.get().then(|| command_form(more.clone(), Button::new(texts.more_time(), ""), ()))}
        </div>
    }
}

/// The menu without forms, for visitors without an order.
pub fn menu_list(menu: &Menu, page: PageState<Ordering>) -> impl IntoView + use<> {
    let texts = page.words.menu();
    let drinks = menu.drinks.iter().map(|drink| {
        let has = menu.is_drink_available(drink);
        let out = (!has).then(|| view! { <small>{texts.sold_out().to_owned()}</small> });
        view! { <li class="drink-row" class:out=!has>{drink_label(drink, has.then_some(page))} {out}</li> }
    });
    view! { <ul class="menu" aria-label=texts.menu()>{drinks.collect_view()}</ul> }
}

/// Icon and name of a drink, with its pins if `page` is given.
fn drink_label(drink: &Drink, page: Option<PageState<Ordering>>) -> impl IntoView + use<> {
    let slot = ["drink/", &drink.id].concat();
    let pins = inner_text(move || page.map(|page| pins::line(page, &slot)).unwrap_or_default());
    view! {
        <Cup icon=drink.icon.clone()/>
        <span>{content(drink.name.clone())} " " <small class="pins" inner_html=pins></small></span>
    }
}

/// A drink as a disclosure with its form. `details` elements of one name close each other.
fn drink_row(
    drink: &Drink,
    menu: &Menu,
    selection: &Selection,
    command: FormCommand,
    words: Words,
    page: Option<PageState<Ordering>>,
) -> impl IntoView + use<> {
    let texts = words.menu();
    let is_open = selection.drink == drink.id;
    let is_picked = |group: &Group, option: &MenuOption| {
        if is_open {
            selection.options.contains(&option_element_id(drink, group, option))
                && menu.is_option_available(group, option)
        } else {
            menu.is_preselected(group, option)
        }
    };
    let contains = words.shared().contains(&menu.allergens(drink, is_picked));
    let groups = menu.groups_of(drink).map(|group| options(drink, group, menu, words, &is_picked)).collect_view();
    let price = words.price(drink.price, &menu.currency).map(|price| view! { <small>{price}</small> });
    let fields = view! {
        {groups}
        <p class="contains" aria-live="polite">{contains}</p>
        <label class="field">
            <span>{texts.name_to_call()} " " <small>{words.shared().if_you_like().to_owned()}</small></span>
            <input type="text" name="name" value=selection.name.clone() maxlength=MAX_NAME_CHARS autocomplete="given-name"/>
        </label>
    };
    view! {
        <details class="drink-card" name="drink" open=is_open id=drink.id.clone()>
            <summary class="drink-row">{drink_label(drink, page)} {price}</summary>
            {command_form(command, Button::new(texts.order(&drink.name), "primary"), fields)}
        </details>
    }
}

/// A group of options: radio buttons if exactly one is taken, checkboxes otherwise.
fn options(
    drink: &Drink,
    group: &Group,
    menu: &Menu,
    words: Words,
    is_picked: &dyn Fn(&Group, &MenuOption) -> bool,
) -> impl IntoView + use<> {
    let takes_one = group.takes_one();
    let options = group.options.iter().map(|option| {
        let has = menu.is_option_available(group, option);
        let notes = if has { option_notes(option, menu, words) } else { words.menu().sold_out().to_owned() };
        let (kind, field, value) = if takes_one {
            ("radio", format!("options[{}]", group.id), option.id.clone())
        } else {
            ("checkbox", format!("extras[{}][{}]", group.id, option.id), "on".to_owned())
        };
        view! {
            <label class="option">
                <input
                    type=kind
                    id=option_element_id(drink, group, option)
                    name=field
                    value=value
                    checked=is_picked(group, option)
                    disabled=!has
                    required=takes_one
                />
                <span>{content(option.name.clone())} " " <small>{notes}</small></span>
            </label>
        }
    });
    let most = (!takes_one).then(|| view! { <small>{[" ", &words.menu().at_most(group.most)].concat()}</small> });
    view! {
        <fieldset class="options">
            <legend>{content(group.name.clone())} {most}</legend>
            <div class="options-row">{options.collect_view()}</div>
        </fieldset>
    }
}

/// Surcharge and allergens of an option: "+0.50 EUR · milk".
fn option_notes(option: &MenuOption, menu: &Menu, words: Words) -> String {
    let allergens = words.shared().allergens(&option.allergens);
    let Some(surcharge) = words.price(option.surcharge, &menu.currency) else { return allergens };
    ["+", &surcharge, if allergens.is_empty() { "" } else { " · " }, &allergens].concat()
}

/// Element id of an option.
fn option_element_id(drink: &Drink, group: &Group, option: &MenuOption) -> String {
    [drink.id.as_str(), &group.id, &option.id].join("/")
}

/// A selection that is not submitted yet.
#[derive(Default)]
pub struct Selection {
    drink: String,
    /// Element ids of the selected options.
    options: Vec<String>,
    name: String,
}

impl Selection {
    /// The selection of an existing order.
    #[cfg(feature = "ssr")]
    pub fn from_order(chosen: &Chosen) -> Self {
        let id = |picked: &domain::menu::ChosenOption| {
            [&chosen.drink, &picked.group, &picked.option].map(String::as_str).join("/")
        };
        Self { drink: chosen.drink.clone(), options: chosen.options.iter().map(id).collect(), name: String::new() }
    }

    /// Reads the current selection from the DOM; empty on the server.
    fn from_dom() -> Self {
        #[cfg(target_arch = "wasm32")]
        return selection_events::read_selection().unwrap_or_default();
        #[cfg(not(target_arch = "wasm32"))]
        Self::default()
    }

    /// Names the selected things that became unavailable and deselects them; empty if there are none.
    fn remove_unavailable(&self, menu: &Menu, words: Words) -> String {
        let texts = words.menu();
        if self.drink.is_empty() {
            return String::new();
        }
        let Some(drink) = menu.drink(&self.drink).filter(|drink| menu.is_drink_available(drink)) else {
            return texts.drink_has_sold_out().to_owned();
        };
        let mut gone = String::new();
        for group in menu.groups_of(drink) {
            for option in group.options.iter().filter(|option| !menu.is_option_available(group, option)) {
                let id = option_element_id(drink, group, option);
                if self.options.contains(&id) {
                    deselect(&id);
                    gone.push_str(&texts.option_has_sold_out(&option.name));
                    gone.push(' ');
                }
            }
        }
        if !gone.is_empty() {
            gone.push_str(texts.choose_again());
        }
        gone
    }
}

/// Deselects an option. The `checked` attribute has no effect after user input, and an unavailable radio button that
/// stays checked would count as a choice.
fn deselect(id: &str) {
    #[cfg(target_arch = "wasm32")]
    selection_events::deselect(id);
    #[cfg(not(target_arch = "wasm32"))]
    let _ = id;
}

/// Updates the open form as the selection changes. Without JavaScript each option names its own allergens.
#[cfg(target_arch = "wasm32")]
mod selection_events {
    use domain::menu::Menu;
    use leptos::ev::Event;
    use leptos::prelude::*;
    use wasm_bindgen::JsCast;
    use web_sys::{Element, HtmlInputElement};

    use super::{Selection, option_element_id};
    use crate::words::Words;

    /// Updates the allergen notice, or copies a changed name to the other forms.
    pub(super) fn on_change(event: &Event, menu: &Menu, words: Words) {
        let input: HtmlInputElement = event_target(event);
        if input.name() == "name" {
            return copy_name(&input.value());
        }
        let Some((picked, line)) = read_selection().zip(allergen_line()) else { return };
        if let Some(drink) = menu.drink(&picked.drink) {
            let is_picked = |group: &_, option: &_| picked.options.contains(&option_element_id(drink, group, option));
            line.set_text_content(Some(&words.shared().contains(&menu.allergens(drink, is_picked))));
        }
    }

    /// The open drink and its selected options.
    pub(super) fn read_selection() -> Option<Selection> {
        let card = open_card()?;
        let checked = card.query_selector_all("input:checked").ok()?;
        let options = (0..checked.length()).filter_map(|n| checked.get(n));
        let options = options.map(|input| input.unchecked_into::<Element>().id()).collect();
        let name = card.query_selector("input[name=name]").ok()??;
        Some(Selection { drink: card.id(), options, name: name.unchecked_into::<HtmlInputElement>().value() })
    }

    pub(super) fn deselect(id: &str) {
        if let Some(input) = document().get_element_by_id(id) {
            input.unchecked_into::<HtmlInputElement>().set_checked(false);
        }
    }

    fn open_card() -> Option<Element> {
        document().query_selector(".drink-card[open]").ok()?
    }

    fn allergen_line() -> Option<Element> {
        open_card()?.query_selector(".contains").ok()?
    }

    /// Copies the name to the forms of all drinks, so that it is typed once.
    fn copy_name(name: &str) {
        let Ok(inputs) = document().query_selector_all("input[name=name]") else { return };
        for input in (0..inputs.length()).filter_map(|n| inputs.get(n)) {
            input.unchecked_into::<HtmlInputElement>().set_value(name);
        }
    }
}
