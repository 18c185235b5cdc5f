//! Front page of an installation with several shops.

use domain::ids::ShopId;
use leptos::prelude::*;

use crate::shell::{self, Assets, PageHead};
use crate::ui::content::content;
use crate::words::Words;

/// Renders the HTML document.
pub fn html(assets: &Assets, words: Words, shops: &[(ShopId, String)]) -> String {
    let texts = words.pages();
    let shops = shops.iter().map(|(shop, name)| {
        view! { <li><a href=format!("/s/{shop}")>{content(name.clone())}</a></li> }
    });
    let shops = shops.collect_view();
    shell::document(assets, words, PageHead::static_page("shops", texts.coffee_bars()), move || {
        view! {
            <main class="plain">
                <h1>{texts.where_to_drink()}</h1>
                <ul class="shops">{shops}</ul>
            </main>
        }
    })
}
