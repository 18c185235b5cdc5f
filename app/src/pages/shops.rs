//! Front page of an installation with several shops.

use domain::ids::ShopId;
use leptos::prelude::*;

use crate::shell::{self, Assets, PageHead};

/// Renders the HTML document.
pub fn html(assets: &Assets, shops: &[(ShopId, String)]) -> String {
    let shops = shops.iter().map(|(shop, name)| {
        view! { <li><a href=format!("/s/{shop}")>{name.clone()}</a></li> }
    });
    let shops = shops.collect_view();
    shell::document(assets, PageHead::static_page("shops", "Coffee bars"), move || {
        view! {
            <main class="plain">
                <h1>"Where would you like your coffee?"</h1>
                <ul class="shops">{shops}</ul>
            </main>
        }
    })
}
