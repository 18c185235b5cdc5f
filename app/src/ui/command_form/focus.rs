//! Where the focus goes when the form that had it is gone: a card that moved is a new card, and the keyboard would
//! begin again at the top of the page.

use js_sys::Reflect;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, FocusOptions, HtmlElement, HtmlFormElement};

/// Places to look in, and what to look for there; the first that takes the focus has it.
type Places = [(Option<Element>, String); 5];

/// Follows a form that is pressed, until it is gone or free again.
pub(super) fn follow(form: HtmlFormElement) {
    let page = document().document_element();
    let order = form.query_selector("[name=order]").ok().flatten().and_then(|field| field.get_attribute("value"));
    let next = form.closest("li").ok().flatten().and_then(|row| row.next_element_sibling());
    let places = [
        // What can be done with the same order now,
        (page.clone(), format!("[value='{}'] ~ button", order.unwrap_or_default())),
        // with the one after it, or by what came in the form's stead.
        (next, "button".to_owned()),
        (form.parent_element(), "button".to_owned()),
        (form.closest("section").ok().flatten(), "h2".to_owned()),
        (page, "h1".to_owned()),
    ];
    // A finger needs to see what it was at, not what has the focus.
    let by_keys = form.query_selector(":focus-visible").is_ok_and(|has| has.is_some());
    watch(form, places, by_keys);
}

/// Frame by frame: when a frame is drawn, all that an event changes is in place.
fn watch(form: HtmlFormElement, places: Places, by_keys: bool) {
    request_animation_frame(move || {
        if !form.is_connected() {
            hand_on(&places, by_keys);
        } else if form.has_attribute("aria-busy") {
            watch(form, places, by_keys);
        }
    });
}

fn hand_on(places: &Places, by_keys: bool) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(!by_keys);
    for (place, what) in places {
        // Somebody has moved on, or the place before took it.
        if document().active_element().is_some_and(|has| has.tag_name() != "BODY") {
            return;
        }
        if let Some(Ok(Some(found))) = place.as_ref().map(|place| place.query_selector(what)) {
            let _ = found.unchecked_into::<HtmlElement>().focus_with_options(&options);
        }
    }
}

/// An Enter that is held down presses again and again; as the focus moves on, it would press whatever gets it.
pub(super) fn press_once(event: &Event, target: &Element) {
    let about = |name: &str| Reflect::get(event, &name.into()).unwrap_or_default();
    if target.tag_name() == "BUTTON" && about("key") == "Enter" && about("repeat").is_truthy() {
        event.prevent_default();
    }
}
