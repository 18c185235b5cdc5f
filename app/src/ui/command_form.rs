//! A command as a plain form: posted by the browser without JavaScript, by the page itself with it.
//!
//! The form is plain HTML and knows nothing of the page: one listener for all of them posts (`posting`).

use domain::ids::{OrderId, ShopId};
use leptos::prelude::*;

use crate::live::Connection;

#[cfg(target_arch = "wasm32")]
mod focus;
#[cfg(target_arch = "wasm32")]
pub mod posting;

/// What a form asks for, besides what people fill in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The end of its address: `orders/claim`.
    action: &'static str,
    hidden: Vec<(&'static str, String)>,
}

impl Command {
    /// About the shop. It has no key: the state it names either holds already or comes.
    pub fn of_shop(action: &'static str, shop: &ShopId) -> Self {
        Self { action, hidden: vec![("shop", shop.to_string())] }
    }

    /// About an order nobody else changes yet.
    pub fn of_order(action: &'static str, shop: &ShopId, order: OrderId) -> Self {
        let key = format!("{action}-{order}");
        Self::of_shop(action, shop).with("order", order.to_string()).with("key", key)
    }

    /// About an order as it stood when the form was made; pressed twice, it is the same request.
    pub fn of_step(action: &'static str, shop: &ShopId, order: OrderId, version: u32) -> Self {
        let key = format!("{action}-{order}-{version}");
        Self::of_shop(action, shop)
            .with("order", order.to_string())
            .with("version", version.to_string())
            .with("key", key)
    }

    pub fn with(mut self, name: &'static str, value: String) -> Self {
        self.hidden.push((name, value));
        self
    }
}

/// The button of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    pub label: String,
    /// `primary`, `danger` or nothing special.
    pub look: &'static str,
}

impl Button {
    pub fn new(label: impl Into<String>, look: &'static str) -> Self {
        Self { label: label.into(), look }
    }
}

/// One command, one button, and whatever people fill in between.
///
/// A function and not a component: children of a component are type-erased, which costs each bundle twenty kilobytes.
pub fn command_form(command: Command, button: Button, fields: impl IntoView) -> impl IntoView {
    let Command { action, hidden } = command;
    let hidden = hidden.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    view! {
        <form class="command" method="post" action=format!("/api/{action}")>
            {hidden.collect_view()}
            {fields}
            <button class=button.look type="submit">{button.label}</button>
        </form>
    }
}

/// A command that asks once more, with or without JavaScript: what is pressed first, and what it would mean.
pub fn confirmed(command: Command, ask: &'static str, question: &'static str, label: &'static str) -> impl IntoView {
    view! {
        <details class="confirm">
            <summary>{ask}</summary>
            <div class="confirm-question">
                <p>{question}</p>
                {command_form(command, Button::new(label, "danger"), ())}
            </div>
        </details>
    }
}

/// Lets the page post its forms itself, and says where a granted start leads.
pub fn post_forms(leads_to: Option<String>) {
    #[cfg(target_arch = "wasm32")]
    posting::listen(leads_to);
    #[cfg(not(target_arch = "wasm32"))]
    let _ = leads_to;
}

/// Takes back what was refused while the doors were shut or the connection was lost, when either is mended. That the
/// doors shut is no reason: the no that comes of it may have been quicker.
pub fn forgive_when(open: impl Fn() -> bool + 'static, connection: RwSignal<Connection>) {
    #[cfg(target_arch = "wasm32")]
    Effect::new(move |before: Option<(bool, bool)>| {
        let (open, live) = (open(), connection.with(|connection| *connection == Connection::Live));
        let mended = before.is_some_and(|(was_open, was_live)| (open && !was_open) || (live && !was_live));
        if let (true, Some(page)) = (mended, document().document_element()) {
            posting::clear_errors(&page);
        }
        (open, live)
    });
    #[cfg(not(target_arch = "wasm32"))]
    let _ = (open, connection);
}
