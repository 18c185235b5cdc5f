//! Commands as HTML forms: posted by the browser without JavaScript, by the page with it.
//!
//! A form is static HTML. One listener per page posts all of them: `posting` on the tablet, and `public/posting.js` on the
//! phone, which would download kilobytes more in WebAssembly.

use domain::ids::{OrderId, ShopId};
#[cfg(feature = "ssr")]
use domain::setting::SettingDigest;
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use protocol::command::BEFORE_FIELD;
use protocol::command::SIDE_FIELD;

use crate::live::Connection;
use crate::words::Confirmation;

#[cfg(all(target_arch = "wasm32", feature = "barista"))]
mod focus;
#[cfg(all(target_arch = "wasm32", feature = "barista"))]
mod posting;

/// Address and hidden fields of a command form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormCommand {
    /// Path below `/api/`, such as `orders/claim`.
    action: &'static str,
    hidden: Vec<(&'static str, String)>,
}

impl FormCommand {
    /// A command on the shop, without an idempotency key: it sets a state, so repeating it is harmless.
    pub fn for_shop(action: &'static str, shop: &ShopId) -> Self {
        Self { action, hidden: vec![("shop", shop.to_string())] }
    }

    /// A command on an order that only its guest can change. The key is derived from action and order.
    pub fn for_order(action: &'static str, shop: &ShopId, order: OrderId) -> Self {
        let key = format!("{action}-{order}");
        Self::for_shop(action, shop).with("order", order.to_string()).with("key", key)
    }

    /// A command on one version of an order. The key is derived from action, order and version: a second press repeats the
    /// same request.
    pub fn for_version(action: &'static str, shop: &ShopId, order: OrderId, version: u32) -> Self {
        let key = format!("{action}-{order}-{version}");
        Self::for_shop(action, shop)
            .with("order", order.to_string())
            .with("version", version.to_string())
            .with("key", key)
    }

    /// Issues the command as staff, even if this browser is also the guest of the order.
    pub fn by_staff(self) -> Self {
        self.with(SIDE_FIELD, "staff".to_owned())
    }

    /// Refuses the command if its setting has changed since the form was rendered.
    #[cfg(feature = "ssr")]
    pub fn if_unchanged(self, before: SettingDigest) -> Self {
        self.with(BEFORE_FIELD, before.to_string())
    }

    /// Adds a hidden field.
    pub fn with(mut self, name: &'static str, value: String) -> Self {
        self.hidden.push((name, value));
        self
    }
}

/// The submit button of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    pub label: String,
    /// CSS class: `primary`, `danger` or empty.
    pub look: &'static str,
}

impl Button {
    pub fn new(label: impl Into<String>, look: &'static str) -> Self {
        Self { label: label.into(), look }
    }
}

/// A form of hidden fields, input fields and one button.
///
/// A function instead of a component: a component's type-erased children add 20 KB to each bundle.
pub fn command_form(command: FormCommand, button: Button, fields: impl IntoView) -> impl IntoView {
    let FormCommand { action, hidden } = command;
    let hidden = hidden.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    view! {
        <form class="command" method="post" action=format!("/api/{action}")>
            {hidden.collect_view()}
            {fields}
            <button class=button.look type="submit">{button.label}</button>
        </form>
    }
}

/// A command that asks first, on a sheet over the page. It needs no JavaScript.
pub fn confirm_form(command: FormCommand, confirmation: Confirmation) -> impl IntoView {
    let Confirmation { summary, question, button, keep } = confirmation;
    let subject = command.hidden.last().map(|(_, value)| value.as_str()).unwrap_or_default();
    let id = ["ask-", command.action, "-", subject].concat();
    view! {
        <button class="ask" type="button" popovertarget=id.clone()>{summary}</button>
        <div class="question" popover="auto" role="dialog" aria-label=summary id=id.clone()>
            <p>{question}</p>
            {command_form(command, Button::new(button, "danger"), ())}
            <button type="button" popovertarget=id.clone() popovertargetaction="hide">{keep}</button>
        </div>
    }
}

/// Posts all forms of the tablet with fetch.
pub fn enable_posting() {
    #[cfg(all(target_arch = "wasm32", feature = "barista"))]
    posting::listen();
}

/// Clears error notices when the shop opens or the connection is restored. Closing does not clear them: the refusal that
/// it causes may arrive before the event.
pub fn clear_errors_on_recovery(open: impl Fn() -> bool + 'static, connection: RwSignal<Connection>) {
    #[cfg(target_arch = "wasm32")]
    Effect::new(move |before: Option<(bool, bool)>| {
        let (open, live) = (open(), connection.with(|connection| *connection == Connection::Live));
        let recovered = before.is_some_and(|(was_open, was_live)| (open && !was_open) || (live && !was_live));
        while recovered && let Ok(Some(notice)) = document().query_selector(".notice") {
            notice.remove();
        }
        (open, live)
    });
    #[cfg(not(target_arch = "wasm32"))]
    let _ = (open, connection);
}
