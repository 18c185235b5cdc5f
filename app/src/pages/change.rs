//! Page to change the choice of a waiting order. It is static, so that no stream update replaces a half-filled form.

use domain::ids::{OrderId, ShopId};
use domain::menu::{Chosen, Menu};
use leptos::prelude::*;

use crate::pages::ordering::choosing::{Picked, offer};
use crate::shell::{self, Assets, Head};
use crate::ui::command_form::Command;

/// Data of the page.
#[derive(Clone, Debug)]
pub struct Change {
    pub shop: ShopId,
    pub menu: Menu,
    pub order: OrderId,
    /// The order's version at rendering.
    pub version: u32,
    /// The current choice.
    pub chosen: Chosen,
}

/// Renders the HTML document.
pub fn html(assets: &Assets, change: &Change) -> String {
    let Change { shop, menu, order, version, chosen } = change.clone();
    shell::document(assets, Head::plain("change", "Change my drink"), move || {
        let edit = Command::of_step("orders/edit", &shop, order, version);
        view! {
            <main class="counter">
                <p><a href=format!("/s/{shop}")>"Keep it"</a></p>
                <h1>"Change my drink"</h1>
                <p class="lead">{format!("Now: {}. You keep your number and your place.", chosen.words())}</p>
                {offer(menu, &edit, &Picked::of(&chosen), None)}
            </main>
        }
    })
}
