//! Page of a one-time link. A button redeems the link, so that link previews do not use it up.

use domain::access::Role;
use leptos::prelude::*;

use crate::shell::{self, Assets, PageHead};

/// Data of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enter {
    /// Address that the button posts to.
    pub action: String,
    pub role: Role,
    /// The shop's name.
    pub shop: String,
}

/// Renders the HTML document.
pub fn html(assets: &Assets, enter: &Enter) -> String {
    let Enter { action, role, shop } = enter.clone();
    let heading = match role {
        Role::Display => "Make this screen the display of",
        Role::Barista => "Make this a barista’s tablet at",
        Role::Manager => "Make this the manager’s device at",
        Role::Robot => "Let robots in from this device at",
    };
    shell::document(assets, PageHead::static_page("enter", shop.clone()), move || {
        view! {
            <main class="plain">
                <h1>{heading} " " {shop}</h1>
                <p>"The link works once: press the button on the device that stays at the bar."</p>
                <form method="post" action=action>
                    <button class="primary" type="submit">"Use this device"</button>
                </form>
            </main>
        }
    })
}
