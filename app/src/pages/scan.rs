//! Page that a scanned code opens. It starts an order automatically, or by a button without JavaScript.

use domain::ids::{OrderId, ShopId};
use leptos::prelude::*;
use protocol::command::endpoint;
use serde::{Deserialize, Serialize};

use crate::ui::command_form::{Button, FormCommand, command_form, enable_posting};
use crate::ui::content::content;
use crate::words::Words;

/// A scanned code and the id of the order that it may start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    pub shop: ShopId,
    /// The shop's name.
    pub name: String,
    pub code: String,
    /// Fresh id, which makes a retry idempotent.
    pub order: OrderId,
}

/// The page.
#[component]
pub fn ScanPage(opening: Scan) -> impl IntoView {
    let Scan { shop, name, code, order } = opening;
    let words = Words::of_page();
    let texts = words.ordering();
    let command = FormCommand::for_order(endpoint::START, &shop, order).with("code", code);
    enable_posting(Some(format!("/s/{shop}")), words);
    post_when_visible();
    view! {
        <main class="scan-page">
            <p class="shop-name">{content(name)}</p>
            <h1>{texts.welcome()}</h1>
            <p>{texts.choose_next()}</p>
            {command_form(command, Button::new(texts.choose_my_coffee(), "primary"), ())}
        </main>
    }
}

/// Submits the form once the page is visible. A prefetched page or a background tab must not use up a token.
fn post_when_visible() {
    #[cfg(target_arch = "wasm32")]
    {
        use std::cell::Cell;

        use wasm_bindgen::JsCast;
        use web_sys::{HtmlFormElement, VisibilityState};

        let posted = Cell::new(false);
        let post = move || {
            let is_visible = document().visibility_state() == VisibilityState::Visible;
            if let (true, Ok(Some(form))) = (is_visible && !posted.get(), document().query_selector("form")) {
                posted.set(true);
                let _ = form.unchecked_into::<HtmlFormElement>().request_submit();
            }
        };
        post();
        let _ = window_event_listener_untyped("visibilitychange", move |_| post());
    }
}

/// Renders the HTML document.
#[cfg(feature = "ssr")]
pub fn html(assets: &crate::shell::Assets, words: Words, scan: &Scan) -> String {
    let head =
        crate::shell::PageHead { page: "scan", ..crate::shell::PageHead::hydrated("ordering", &scan.name, scan) };
    let opening = scan.clone();
    crate::shell::document(assets, words, head, move || view! { <ScanPage opening/> })
}
