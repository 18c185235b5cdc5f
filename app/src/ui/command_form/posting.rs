//! Form submission with fetch, and the button states that follow from the response.

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
use crate::words::{Notice, Words};
use protocol::problem::Problem;

/// Time after which a button is enabled again if the stream did not replace its form.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Installs one listener for all present and future forms of the page. The stream may remove a form before its response
/// arrives; writing to a detached form has no effect.
pub(super) fn listen(redirect_to: Option<String>, words: Words) {
    let redirect_to: Option<Rc<str>> = redirect_to.map(Into::into);
    let listener = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        let target: Element = event_target(&event);
        if event.type_() == "keydown" {
            return focus::ignore_key_repeat(&event, &target);
        }
        let Ok(Some(form)) = target.closest("form") else { return };
        // The next attempt may succeed: remove the previous error.
        clear_errors(&form);
        if event.type_() == "submit" {
            event.prevent_default();
            send(form.unchecked_into(), redirect_to.clone(), words);
        }
    });
    for name in ["submit", "input", "keydown"] {
        let _ = document().add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
    }
    listener.forget();
}

/// Removes the error notices within an element.
pub(super) fn clear_errors(within: &Element) {
    while let Ok(Some(notice)) = within.query_selector(".notice") {
        notice.remove();
    }
}

fn send(form: HtmlFormElement, redirect_to: Option<Rc<str>>, words: Words) {
    // Ignore a second tap while the request is in flight.
    if form.has_attribute("aria-busy") {
        return;
    }
    set_busy(&form, true);
    focus::restore_focus_after(form.clone());
    spawn_local(async move {
        match (post(&form, words).await, redirect_to) {
            (Ok(()), Some(path)) => drop(window().location().replace(&path)),
            (Ok(()), None) => set_timeout(move || set_busy(&form, false), BUSY_TIMEOUT),
            (Err(problem), _) => {
                set_busy(&form, false);
                show_problem(&form, &problem);
            }
        }
    });
}

fn set_busy(form: &HtmlFormElement, busy: bool) {
    let button = form.query_selector("button").ok().flatten();
    // `disabled` would drop the focus.
    let parts = [(form.as_ref(), "aria-busy"), (button.as_ref().unwrap_or(form), "aria-disabled")];
    for (part, name) in parts as [(&Element, &str); 2] {
        let _ = if busy { part.set_attribute(name, "true") } else { part.remove_attribute(name) };
    }
}

/// Shows a problem below the form.
fn show_problem(form: &HtmlFormElement, problem: &Problem) {
    let Ok(notice) = document().create_element("p") else { return };
    notice.set_class_name("notice");
    let _ = notice.set_attribute("role", "alert");
    let _ = form.append_child(&notice);
    notice.set_text_content(Some(&format!("{}. {}", problem.title, problem.detail)));
}

async fn post(form: &HtmlFormElement, words: Words) -> Result<(), Problem> {
    let unreachable = || unreachable(words);
    let response = fetch(form).await.ok_or_else(unreachable)?;
    if response.ok() {
        return Ok(());
    }
    // A proxy may answer with a body that is no problem document.
    Err(response.text().await.ok().and_then(|text| reading::parse(&text)).unwrap_or_else(unreachable))
}

async fn fetch(form: &HtmlFormElement) -> Option<Response> {
    let fields = FormData::new_with_form(form).ok()?;
    // The constructor accepts any iterable of pairs. Posting `FormData` itself would send multipart.
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()?;
    // A field named `action` would shadow `form.action()`.
    let address = form.get_attribute("action")?;
    let request = Request::post(&address).header("accept", "application/json").body(fields).ok()?;
    request.send().await.ok()
}

fn unreachable(words: Words) -> Problem {
    let Notice { heading, text } = words.shared().unreachable();
    let (title, detail) = (heading.to_owned(), text.to_owned());
    Problem { kind: String::new(), status: 0, title, detail, retry_after: None, order: None }
}
