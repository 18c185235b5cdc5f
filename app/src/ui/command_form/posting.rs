//! Posting a form from the page: the browser's own fetch, and what the answer means for the button.

use std::time::Duration;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{FormData, Headers, HtmlFormElement, RequestInit, Response, UrlSearchParams};

use super::Posting;
use crate::live::reading;
use crate::problem::Problem;
use crate::words;

/// The stream brings what a command changed; a button whose change does not come is given back after this.
const GIVEN_BACK: Duration = Duration::from_secs(5);

pub(super) fn send(event: &SubmitEvent, posting: RwSignal<Posting>, leads_to: Option<String>) {
    event.prevent_default();
    // A second tap while the first is on its way.
    if posting.with_untracked(|posting| *posting == Posting::Busy) {
        return;
    }
    let form: HtmlFormElement = event_target(event);
    posting.set(Posting::Busy);
    spawn_local(async move {
        // The form may be gone when the answer comes, because the stream was quicker: then there is nothing to set.
        match post(&form).await {
            Ok(()) => match leads_to {
                Some(path) => drop(window().location().replace(&path)),
                None => set_timeout(move || drop(posting.try_set(Posting::Idle)), GIVEN_BACK),
            },
            Err(problem) => drop(posting.try_set(Posting::Failed(problem))),
        }
    });
}

async fn post(form: &HtmlFormElement) -> Result<(), Problem> {
    let response = fetch(form).await.map_err(|_| unreachable())?;
    if response.ok() {
        return Ok(());
    }
    let text = async { JsFuture::from(response.text()?).await }.await;
    let text = text.ok().and_then(|text| text.as_string());
    // Whatever stands between us and the server may answer with a page of its own.
    Err(text.and_then(|text| reading::whole(&text)).unwrap_or_else(unreachable))
}

async fn fetch(form: &HtmlFormElement) -> Result<Response, JsValue> {
    let fields = FormData::new_with_form(form)?;
    let headers = Headers::new()?;
    headers.set("accept", "application/json")?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_headers(&headers);
    // The constructor takes anything that yields pairs; form data would go out as multipart.
    request.set_body(&UrlSearchParams::new_with_str_sequence_sequence(&fields)?.into());
    let response = JsFuture::from(window().fetch_with_str_and_init(&form.action(), &request)).await?;
    response.dyn_into()
}

fn unreachable() -> Problem {
    let (title, detail) = words::UNREACHABLE;
    Problem {
        kind: String::new(),
        status: 0,
        title: title.to_owned(),
        detail: detail.to_owned(),
        retry_after: None,
        order: None,
    }
}
