//! The menu as forms: one drink open at a time, with its options. It works without JavaScript.

use domain::ids::{OrderId, ShopId};
use domain::limits::MAX_NAME_CHARS;
use domain::menu::{Drink, Group, Menu, MenuOption, Seen};
use domain::view::ordering::Ordering;
use leptos::either::Either;
use leptos::ev::Event;
use leptos::prelude::*;
use protocol::command::endpoint;

use super::selection::{Kept, Selection, option_element_id};

use crate::live::PageState;
use crate::ui::command_form::{Button, FormCommand, command_form, confirm_form};
use crate::ui::content::content;
use crate::ui::cup::Cup;
use crate::ui::pins;
use crate::ui::text::{inner_text, text};
use crate::words::{self, Words};

/// The last seconds to choose, which the page marks.
const LATE_SECONDS: u32 = 30;

/// The section of an order that is being chosen. `notice` tells what the menu has lost under the guest's selection.
#[component]
pub fn Choosing(
    shop: ShopId,
    order: OrderId,
    menu: Menu,
    notice: RwSignal<String>,
    page: PageState<Ordering>,
) -> impl IntoView {
    let cancel = FormCommand::for_version(endpoint::CANCEL, &shop, order, 0);
    let more = FormCommand::for_order(endpoint::EXTEND, &shop, order);
    let submit = FormCommand::for_order(endpoint::SUBMIT, &shop, order);
    let kept = Selection::from_dom().on(&menu, page.words);
    let live = LiveForms { page, notice };
    view! {
        <TimeLeft more order page/>
        {move || notice_line(notice.get())}
        {drink_forms(menu, &submit, kept, FormTexts { words: page.words, button: None }, Some(live))}
        {confirm_form(cancel, page.words.ordering().give_up())}
    }
}

/// State by which the forms of a live page follow the guest.
#[derive(Clone, Copy)]
pub struct LiveForms {
    page: PageState<Ordering>,
    /// Text about what the menu has lost under the guest's selection.
    notice: RwSignal<String>,
}

/// Shows the text about what left the menu under a selection; nothing for an empty text.
pub fn notice_line(notice: String) -> impl IntoView {
    (!notice.is_empty()).then(|| view! { <p class="gone" role="alert">{notice}</p> })
}

/// The words of forms of drinks.
#[derive(Clone, Copy)]
pub struct FormTexts {
    pub words: Words,
    /// Replaces the words of the buttons, which order a drink.
    pub button: Option<&'static str>,
}

/// The menu as one form per drink; each submits `command` with the drink's id and what it shows of the drink. `kept` is
/// selected in them.
pub fn drink_forms(
    menu: Menu,
    command: &FormCommand,
    kept: Kept,
    texts: FormTexts,
    live: Option<LiveForms>,
) -> impl IntoView + use<> {
    let (page, words) = (live.map(|live| live.page), texts.words);
    let drinks = menu.drinks.iter().map(|drink| {
        let row = if menu.is_drink_available(drink) {
            let command = command.clone().with("drink", drink.id.clone()).with("seen", Seen::of(&menu, drink).0);
            Either::Left(drink_row(drink, &menu, &kept, command, texts, page))
        } else {
            Either::Right(plain_row(drink, &menu, words, None))
        };
        view! { <li>{row}</li> }
    });
    let drinks = drinks.collect_view();
    #[cfg(target_arch = "wasm32")]
    if let Some(live) = live {
        super::selection::dom::restore_after_rendering(kept, menu.clone(), live.notice, words);
    }
    let on_change = move |event: Event| {
        #[cfg(target_arch = "wasm32")]
        if let Some(live) = live {
            super::selection::dom::on_change(&event, &menu, words);
            live.notice.set(String::new());
        }
        #[cfg(not(target_arch = "wasm32"))]
        let _ = (event, &menu, live.map(|live| live.notice));
    };
    view! { <ul class="menu" aria-label=words.menu().menu() on:change=on_change>{drinks}</ul> }
}

/// The time left to choose, and a button to extend it once.
#[component]
fn TimeLeft(more: FormCommand, order: OrderId, page: PageState<Ordering>) -> impl IntoView {
    let texts = page.words.ordering();
    let due = move || page.read(|view| view.order(order).and_then(|mine| mine.due));
    let left = move || due().map(|due| due.seconds_since(page.now.get()));
    let is_late = text(move || left().is_some_and(|seconds| seconds <= LATE_SECONDS).to_string());
    let left =
        inner_text(move || left().map(|seconds| texts.time_to_choose(&words::countdown(seconds))).unwrap_or_default());
    let may_extend = Memo::new(move |_| page.read(|view| view.order(order).is_some_and(|mine| !mine.extended)));
    view! {
        <div class="time-left" data-late=is_late>
            <p role="timer" inner_html=left></p>
            {move || may_extend.get().then(|| command_form(more.clone(), Button::new(texts.more_time(), ""), ()))}
        </div>
    }
}

/// The menu without forms, for visitors without an order.
pub fn menu_list(menu: &Menu, page: PageState<Ordering>) -> impl IntoView + use<> {
    let drinks = menu.drinks.iter().map(|drink| view! { <li>{plain_row(drink, menu, page.words, Some(page))}</li> });
    view! { <ul class="menu" aria-label=page.words.menu().menu()>{drinks.collect_view()}</ul> }
}

/// A drink without a form.
fn plain_row(drink: &Drink, menu: &Menu, words: Words, page: Option<PageState<Ordering>>) -> impl IntoView + use<> {
    let has = menu.is_drink_available(drink);
    view! { <p class="drink-row" class:out=!has>{drink_label(drink, menu, words, page.filter(|_| has))}</p> }
}

/// Icon, name and price of a drink or that it is sold out, with its pins if `page` is given.
fn drink_label(drink: &Drink, menu: &Menu, words: Words, page: Option<PageState<Ordering>>) -> impl IntoView + use<> {
    let note = match words.price(drink.price, &menu.currency) {
        _ if !menu.is_drink_available(drink) => words.menu().sold_out().to_owned(),
        Some(price) => price,
        None if menu.drinks.iter().any(|other| other.price > 0) => words.menu().free().to_owned(),
        None => String::new(),
    };
    let slot = ["drink/", &drink.id].concat();
    let pins = inner_text(move || page.map(|page| pins::line(page, &slot)).unwrap_or_default());
    view! {
        <Cup icon=drink.icon.clone()/>
        <span>{content(drink.name.clone())} " " <small class="pins" inner_html=pins></small></span>
        " "
        <small>{note}</small>
    }
}

/// A drink as a disclosure with its form. `details` elements of one name close each other.
fn drink_row(
    drink: &Drink,
    menu: &Menu,
    kept: &Kept,
    command: FormCommand,
    FormTexts { words, button }: FormTexts,
    page: Option<PageState<Ordering>>,
) -> impl IntoView + use<> {
    let texts = words.menu();
    let is_open = kept.drink == drink.id;
    let is_picked = |group: &Group, option: &MenuOption| {
        if is_open { kept.has(drink, group, option) } else { menu.is_preselected(group, option) }
    };
    // A page without script cannot follow the selection: it tells of the drink, and each option of itself.
    let contains = match drink.groups.as_slice() {
        [] => words.shared().contains(&drink.allergens),
        _ => words.shared().contains_without_options(&drink.allergens),
    };
    let groups = menu.groups_of(drink).map(|group| options(drink, group, menu, words, &is_picked)).collect_view();
    let is_plain = drink.groups.is_empty();
    let label = button.map_or_else(|| order_label(drink, menu, words, &|_, _| false, is_plain), str::to_owned);
    let fields = view! {
        {groups}
        <p class="contains" aria-live="polite">{contains}</p>
        <label class="field">
            <span>{texts.name_to_call()} " " <small>{texts.optional()}</small></span>
            <input type="text" name="name" value=kept.name.clone() maxlength=MAX_NAME_CHARS autocomplete="given-name"/>
        </label>
    };
    view! {
        <details class="drink-card" name="drink" open=is_open id=drink.id.clone()>
            <summary class="drink-row">{drink_label(drink, menu, words, page)}</summary>
            {command_form(command, Button::new(label, "primary"), fields)}
        </details>
    }
}

/// Words of the button that orders a drink, with the options that the menu would not pick by itself and, if asked, the
/// price of all: "Order flat white, oat · 4.30 €".
pub(super) fn order_label(
    drink: &Drink,
    menu: &Menu,
    words: Words,
    is_picked: &dyn Fn(&Group, &MenuOption) -> bool,
    with_price: bool,
) -> String {
    let mut parts = vec![drink.name.as_str()];
    for group in menu.groups_of(drink) {
        let picked = group.options.iter().filter(|option| is_picked(group, option));
        let special = picked.filter(|option| option.id != "none" && !menu.is_preselected(group, option));
        parts.extend(special.map(|option| option.name.as_str()));
    }
    let price = words.price(menu.chosen(drink, is_picked).price, &menu.currency).filter(|_| with_price);
    words.menu().order(&parts, &price.unwrap_or_default())
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
    let allergens = words.shared().option_allergens(&option.allergens);
    let Some(surcharge) = words.price(option.surcharge, &menu.currency) else { return allergens };
    ["+", &surcharge, if allergens.is_empty() { "" } else { " · " }, &allergens].concat()
}
