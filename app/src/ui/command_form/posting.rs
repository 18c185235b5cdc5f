//! Posting a form from the page: the browser's own fetch, and what the answer means for the button.

use std::rc::Rc;
use std::time::Duration;

use gloo_net::http::{Request, Response};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, FormData, HtmlFormElement, UrlSearchParams};

use super::focus;
use crate::live::reading;
use crate::words;
use protocol::problem::Problem;

/// The stream brings what a command changed; a button whose change does not come is given back after this.
const GIVEN_BACK: Duration = Duration::from_secs(5);

/// One listener for every form that is or comes on the page. A form that is gone when its answer comes, because the
/// stream was quicker, is written to in vain and nothing else.
pub(super) fn listen(leads_to: Option<String>) {
    let leads_to: Option<Rc<str>> = leads_to.map(Into::into);
    let listener = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        let target: Element = event_target(&event);
        if event.type_() == "keydown" {
            return focus::press_once(&event, &target);
        }
        let Ok(Some(form)) = target.closest("form") else { return };
        // Pressed again or filled in differently, it may be granted.
        clear_errors(&form);
        if event.type_() == "submit" {
            event.prevent_default();
            send(form.unchecked_into(), leads_to.clone());
        }
    });
    for name in ["submit", "input", "keydown"] {
        let _ = document().add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
    }
    listener.forget();
}

/// Takes back what was said when something was refused.
pub(super) fn clear_errors(within: &Element) {
    while let Ok(Some(notice)) = within.query_selector(".notice") {
        notice.remove();
    }
}

fn send(form: HtmlFormElement, leads_to: Option<Rc<str>>) {
    // A second tap while the first is on its way.
    if form.has_attribute("aria-busy") {
        return;
    }
    set_busy(&form, true);
    focus::follow(form.clone());
    spawn_local(async move {
        match (post(&form).await, leads_to) {
            (Ok(()), Some(path)) => drop(window().location().replace(&path)),
            (Ok(()), None) => set_timeout(move || set_busy(&form, false), GIVEN_BACK),
            (Err(problem), _) => {
                set_busy(&form, false);
                say(&form, &problem);
            }
        }
    });
}

fn set_busy(form: &HtmlFormElement, busy: bool) {
    let button = form.query_selector("button").ok().flatten();
    // Not `disabled`: that would take the focus away.
    let parts = [(form.as_ref(), "aria-busy"), (button.as_ref().unwrap_or(form), "aria-disabled")];
    for (part, name) in parts as [(&Element, &str); 2] {
        let _ = if busy { part.set_attribute(name, "true") } else { part.remove_attribute(name) };
    }
}

fn say(form: &HtmlFormElement, problem: &Problem) {
    let Ok(notice) = document().create_element("p") else { return };
    notice.set_class_name("notice");
    let _ = notice.set_attribute("role", "alert");
    let _ = form.append_child(&notice);
    notice.set_text_content(Some(&format!("{}. {}", problem.title, problem.detail)));
}

async fn post(form: &HtmlFormElement) -> Result<(), Problem> {
    let response = fetch(form).await.ok_or_else(unreachable)?;
    if response.ok() {
        return Ok(());
    }
    // Whatever stands between us and the server may answer with a page of its own.
    Err(response.text().await.ok().and_then(|text| reading::whole(&text)).unwrap_or_else(unreachable))
}

async fn fetch(form: &HtmlFormElement) -> Option<Response> {
    let fields = FormData::new_with_form(form).ok()?;
    // The constructor takes anything that yields pairs; form data would go out as multipart.
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()?;
    // Not `form.action()`: a field called `action` would stand in its place.
    let address = form.get_attribute("action")?;
    let request = Request::post(&address).header("accept", "application/json").body(fields).ok()?;
    request.send().await.ok()
}

fn unreachable() -> Problem {
    let (title, detail) = words::UNREACHABLE;
    let (title, detail) = (title.to_owned(), detail.to_owned());
    Problem { kind: String::new(), status: 0, title, detail, retry_after: None, order: None }
}
