//! What a scan opens: a page that begins an order by itself, or by one button.

use domain::ids::{OrderId, ShopId};
use leptos::html::Form;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ui::command_form::{Command, CommandForm};

/// A code that was scanned, and the order that it may begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    pub shop: ShopId,
    /// The shop's name.
    pub name: String,
    pub code: String,
    /// Fresh, so that a retry is harmless.
    pub order: OrderId,
}

#[component]
pub fn ScanPage(opening: Scan) -> impl IntoView {
    let Scan { shop, name, code, order } = opening;
    let command = Command::of_order("orders/start", &shop, order).with("code", code);
    let form = NodeRef::<Form>::new();
    post_when_seen(form);
    view! {
        <main class="scan-page">
            <p class="shop-name">{name}</p>
            <h1>"Welcome!"</h1>
            <p>"One coffee, coming up: choose it on the next page."</p>
            <CommandForm command label="Choose my coffee" look="primary" leads_to=format!("/s/{shop}") form/>
        </main>
    }
}

/// A page that a browser loads ahead, or in a tab behind, must not use up a token: it waits until somebody sees it.
fn post_when_seen(form: NodeRef<Form>) {
    #[cfg(target_arch = "wasm32")]
    Effect::new(move || {
        use web_sys::VisibilityState;

        let Some(form) = form.get() else { return };
        if document().visibility_state() == VisibilityState::Visible {
            let _ = form.request_submit();
            return;
        }
        let posted = std::cell::Cell::new(false);
        let _ = window_event_listener_untyped("visibilitychange", move |_| {
            if document().visibility_state() == VisibilityState::Visible && !posted.replace(true) {
                let _ = form.request_submit();
            }
        });
    });
    #[cfg(not(target_arch = "wasm32"))]
    let _ = form;
}

/// The whole document.
#[cfg(feature = "ssr")]
pub fn html(assets: &crate::shell::Assets, scan: &Scan) -> String {
    let head = crate::shell::Head { page: "scan", ..crate::shell::Head::live("ordering", &scan.name, scan) };
    let opening = scan.clone();
    crate::shell::document(assets, head, move || view! { <ScanPage opening/> })
}
