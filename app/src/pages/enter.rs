//! What a one-time link opens: one button, so that a preview of the link does not use it up.

use domain::access::Role;
use domain::ids::ShopId;
use leptos::prelude::*;

use crate::shell::{self, Assets, Head};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enter {
    /// Where the button posts to.
    pub action: String,
    pub role: Role,
    pub shop: ShopId,
}

/// The whole document.
pub fn html(assets: &Assets, enter: &Enter) -> String {
    let Enter { action, role, shop } = enter.clone();
    let what = match role {
        Role::Display => "This screen becomes the display of",
        Role::Barista => "This tablet becomes a barista's at",
        Role::Manager => "This device becomes the manager's at",
        Role::Robot => "This device becomes a robot at",
    };
    shell::document(assets, Head::plain("enter", format!("Enter {shop}")), move || {
        view! {
            <main class="plain">
                <h1>{what} " " {shop.to_string()}</h1>
                <p>"The link works once. Press the button on the device that is to be used."</p>
                <form method="post" action=action>
                    <button class="primary" type="submit">"Use this device"</button>
                </form>
            </main>
        }
    })
}
