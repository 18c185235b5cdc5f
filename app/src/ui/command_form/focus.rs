//! Focus management when the focused form is removed. A card that changes columns is a new element, and without this the
//! focus would fall back to the top of the page.

use js_sys::Reflect;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, FocusOptions, HtmlElement, HtmlFormElement};

/// Candidates for the focus: container and CSS selector. The first that accepts the focus gets it.
type FocusTargets = [(Option<Element>, String); 5];

/// Watches a submitted form until it is removed or no longer busy.
pub(super) fn restore_focus_after(form: HtmlFormElement) {
    let page = document().document_element();
    let order = form.query_selector("[name=order]").ok().flatten().and_then(|field| field.get_attribute("value"));
    let next = form.closest("li").ok().flatten().and_then(|row| row.next_element_sibling());
    let targets = [
        // Another command on the same order,
        (page.clone(), format!("[value='{}'] ~ button", order.unwrap_or_default())),
        // on the next order, or in the form's container.
        (next, "button".to_owned()),
        (form.parent_element(), "button".to_owned()),
        (form.closest("section").ok().flatten(), "h2".to_owned()),
        (page, "h1".to_owned()),
    ];
    // After a touch the page must not scroll to the focus.
    let is_keyboard = form.query_selector(":focus-visible").is_ok_and(|has| has.is_some());
    wait_for_removal(form, targets, is_keyboard);
}

/// Checks once per animation frame: all DOM changes of an event are done by then.
fn wait_for_removal(form: HtmlFormElement, targets: FocusTargets, is_keyboard: bool) {
    request_animation_frame(move || {
        if !form.is_connected() {
            move_focus(&targets, is_keyboard);
        } else if form.has_attribute("aria-busy") {
            wait_for_removal(form, targets, is_keyboard);
        }
    });
}

/// Focuses the first candidate that accepts the focus.
fn move_focus(targets: &FocusTargets, is_keyboard: bool) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(!is_keyboard);
    for (container, selector) in targets {
        // The user moved the focus, or the previous candidate accepted it.
        if document().active_element().is_some_and(|has| has.tag_name() != "BODY") {
            return;
        }
        if let Some(Ok(Some(element))) = container.as_ref().map(|container| container.query_selector(selector)) {
            let _ = element.unchecked_into::<HtmlElement>().focus_with_options(&options);
        }
    }
}

/// Ignores key repeat of Enter on buttons: as the focus moves, a held key would press the next button.
pub(super) fn ignore_key_repeat(event: &Event, target: &Element) {
    let property = |name: &str| Reflect::get(event, &name.into()).unwrap_or_default();
    if target.tag_name() == "BUTTON" && property("key") == "Enter" && property("repeat").is_truthy() {
        event.prevent_default();
    }
}
