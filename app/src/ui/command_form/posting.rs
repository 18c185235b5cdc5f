//! Form submission with fetch, and the button states that follow from the response.

use std::time::Duration;

use gloo_net::http::Request;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{AbortController, Element, Event, FormData, HtmlFormElement, UrlSearchParams};

use super::focus;
use crate::live::reading;
use crate::shell::root_attribute;
use protocol::problem::Problem;

/// Time after which a button is enabled again if the stream did not replace its form.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Time after which a request without a response is given up. It may be repeated: the server has its idempotency key, or
/// it sets a state.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Time after a refusal within which the stream may remove the form that shows it.
const REMOVAL_TIME: Duration = Duration::from_secs(1);

/// Installs one listener for all present and future forms of the page. The stream may remove a form before its response
/// arrives; writing to a detached form has no effect.
pub(super) fn listen() {
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
            if let Ok(Some(notice)) = document().query_selector("body > .notice") {
                notice.remove();
            }
            send(form.unchecked_into());
        }
    });
    for name in ["submit", "input", "keydown"] {
        let _ = document().add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
    }
    listener.forget();
}

/// Removes the error notices within an element.
fn clear_errors(within: &Element) {
    while let Ok(Some(notice)) = within.query_selector(".notice") {
        notice.remove();
    }
}

fn send(form: HtmlFormElement) {
    // Ignore a second tap while the request is in flight.
    if form.has_attribute("aria-busy") {
        return;
    }
    set_busy(&form, true);
    focus::restore_focus_after(form.clone());
    let subject = form.closest("article").ok().flatten().and_then(|card| card.get_attribute("aria-label"));
    spawn_local(async move {
        match post(&form).await {
            Ok(()) => set_timeout(move || set_busy(&form, false), BUSY_TIMEOUT),
            Err(text) => {
                set_busy(&form, false);
                show_refusal(form, &text, subject);
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

/// Shows a refusal in the form, or on the page if the form is gone or disappears within [`REMOVAL_TIME`]: whoever loses a
/// race for an order loses its form, too. `subject` then tells what the refusal is about.
fn show_refusal(form: HtmlFormElement, text: &str, subject: Option<String>) {
    let Ok(notice) = document().create_element("p") else { return };
    notice.set_class_name("notice");
    let _ = notice.set_attribute("role", "alert");
    let _ = form.append_child(&notice);
    notice.set_text_content(Some(text));
    let move_to_page = move || {
        let (false, Some(body)) = (form.is_connected(), document().body()) else { return };
        let text = notice.text_content().unwrap_or_default();
        notice
            .set_text_content(Some(&subject.map_or_else(|| text.clone(), |subject| [&subject, ": ", &text].concat())));
        let _ = body.append_child(&notice);
    };
    set_timeout(move_to_page, REMOVAL_TIME);
}

/// Posts the form. Returns the words of the refusal.
async fn post(form: &HtmlFormElement) -> Result<(), String> {
    let problem: Option<Problem> = match fetch(form).await {
        Some((true, _)) => return Ok(()),
        Some((false, text)) => reading::parse(&text),
        None => None,
    };
    // A proxy may answer with a body that is no problem document.
    let words = problem.map(|problem| [&problem.title, ". ", &problem.detail].concat());
    Err(words.unwrap_or_else(|| root_attribute("data-unreachable")))
}

/// Posts the form. Returns whether it succeeded, and the body of the response; `None` without a response in time.
async fn fetch(form: &HtmlFormElement) -> Option<(bool, String)> {
    let fields = FormData::new_with_form(form).ok()?;
    // The constructor accepts any iterable of pairs. Posting `FormData` itself would send multipart.
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()?;
    // A field named `action` would shadow `form.action()`.
    let address = form.get_attribute("action")?;
    let abort = AbortController::new().ok()?;
    let request = Request::post(&address).abort_signal(Some(&abort.signal()));
    let request = request.header("accept", "application/json").body(fields).ok()?;
    let timeout = set_timeout_with_handle(move || abort.abort(), REQUEST_TIMEOUT);
    let response = request.send().await.ok();
    let text = match &response {
        Some(response) => response.text().await.ok(),
        None => None,
    };
    if let Ok(timeout) = timeout {
        timeout.clear();
    }
    Some((response?.ok(), text?))
}
