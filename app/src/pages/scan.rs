//! Page that a scanned code opens. Its script starts an order at once; without JavaScript, a button does.

use domain::ids::{OrderId, ShopId};
use leptos::prelude::*;
use protocol::command::endpoint;

use crate::shell::{self, Assets, PageHead};
use crate::ui::command_form::{Button, FormCommand, command_form};
use crate::ui::content::content;
use crate::words::Words;

/// A scanned code and the id of the order that it may start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    pub shop: ShopId,
    /// The shop's name.
    pub name: String,
    pub code: String,
    /// Fresh id, which makes a retry idempotent.
    pub order: OrderId,
}

/// Renders the HTML document.
pub fn html(assets: &Assets, words: Words, scan: &Scan) -> String {
    let Scan { shop, name, code, order } = scan.clone();
    let texts = words.pages();
    let head = PageHead::static_page("scan", name.clone()).with_script();
    shell::document(assets, words, head, move || {
        let command = FormCommand::for_order(endpoint::START, &shop, order).with("code", code);
        view! {
            <main class="scan-page">
                <p class="shop-name">{content(name)}</p>
                <h1>{texts.one_moment()}</h1>
                {command_form(command, Button::new(texts.choose_my_coffee(), "primary"), ())}
            </main>
        }
    })
}
