//! The selection in the DOM of a live page. The user owns it: a rendering reuses elements by their place, so what they
//! hold is written anew after each one.

use domain::menu::{Menu, Seen};
use leptos::ev::Event;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::{Kept, Picked, Selection, option_element_id};
use crate::pages::ordering::choosing::order_label;
use crate::words::Words;

const NAME_FIELD: &str = "input[name=name]";

/// Updates allergens and button of the drink, or copies a changed name to the other forms, so that it is typed once.
pub(in crate::pages::ordering) fn on_change(event: &Event, menu: &Menu, words: Words) {
    let input: HtmlInputElement = event_target(event);
    if input.name() == "name" {
        set_names(&input.value());
    } else if let Ok(Some(card)) = input.closest(".drink-card") {
        tell_choice(&card, menu, words);
    }
}

/// The open drink with its selected options, and the typed name.
pub(super) fn read() -> Selection {
    let Some(card) = document().query_selector(".drink-card[open]").ok().flatten() else {
        let name = document().query_selector(NAME_FIELD).ok().flatten().map(value).unwrap_or_default();
        return Selection { name, ..Selection::default() };
    };
    let child = |selector: &str| card.query_selector(selector).ok().flatten();
    let picked = |input: Element| {
        let name = input.next_element_sibling().and_then(|label| label.first_element_child());
        Picked { id: input.id(), name: text_of(name) }
    };
    Selection {
        drink: Picked { id: card.id(), name: text_of(child("summary [translate]")) },
        options: all(&card, "input:checked").map(picked).collect(),
        seen: child("input[name=seen]").map(|input| Seen(value(input))),
        name: child(NAME_FIELD).map(value).unwrap_or_default(),
    }
}

/// Writes what is kept of the selection into the elements and what is not into `notice`, as soon as the rendering or the
/// hydration is done.
pub(in crate::pages::ordering) fn restore_after_rendering(
    kept: Kept,
    menu: Menu,
    notice: RwSignal<String>,
    words: Words,
) {
    let focused = document().active_element().map(|element| element.id()).filter(|id| !id.is_empty());
    spawn_local(async move {
        let Some(page) = document().document_element() else { return };
        for card in all(&page, ".drink-card") {
            restore(&card, &kept);
            tell_choice(&card, &menu, words);
        }
        set_names(&kept.name);
        let element = focused.and_then(|id| document().get_element_by_id(&id));
        if let Some(element) = element.filter(|element| document().active_element().as_ref() != Some(element)) {
            let _ = element.unchecked_into::<HtmlElement>().focus();
        }
        if !kept.notice.is_empty() {
            // An earlier notice stays until the guest changes the selection.
            notice.update(|notice| {
                if !notice.is_empty() {
                    notice.push(' ');
                }
                notice.push_str(&kept.notice);
            });
        }
    });
}

fn restore(card: &Element, kept: &Kept) {
    let is_open = card.id() == kept.drink;
    let _ = card.toggle_attribute_with_force("open", is_open);
    for input in all(card, ".option input") {
        let input: HtmlInputElement = input.unchecked_into();
        let is_picked = if is_open { kept.options.contains(&input.id()) } else { input.default_checked() };
        input.set_checked(is_picked);
    }
}

/// Writes what the drink contains and what its button orders with the options that are checked in its form.
fn tell_choice(card: &Element, menu: &Menu, words: Words) {
    let Some(drink) = menu.drink(&card.id()) else { return };
    let picked: Vec<String> = all(card, "input:checked").map(|input| input.id()).collect();
    let is_picked = |group: &_, option: &_| picked.contains(&option_element_id(drink, group, option));
    let contains = words.shared().contains(&menu.chosen(drink, &is_picked).allergens);
    for (selector, text) in [(".contains", contains), ("button", order_label(drink, menu, words, &is_picked, true))] {
        if let Ok(Some(element)) = card.query_selector(selector) {
            element.set_text_content(Some(&text));
        }
    }
}

fn set_names(name: &str) {
    let Some(page) = document().document_element() else { return };
    for input in all(&page, NAME_FIELD) {
        let input: HtmlInputElement = input.unchecked_into();
        // The same text would move the caret.
        if input.value() != name {
            input.set_value(name);
        }
    }
}

fn all(within: &Element, selector: &str) -> impl Iterator<Item = Element> {
    let found = within.query_selector_all(selector).ok();
    let count = found.as_ref().map_or(0, web_sys::NodeList::length);
    (0..count).filter_map(move |n| found.as_ref()?.get(n)).map(JsCast::unchecked_into)
}

fn value(input: Element) -> String {
    input.unchecked_into::<HtmlInputElement>().value()
}

fn text_of(element: Option<Element>) -> String {
    element.and_then(|element| element.text_content()).unwrap_or_default()
}
