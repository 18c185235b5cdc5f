//! Page to change the choice of a waiting order. It is static, so that no stream update replaces a half-filled form.

use domain::ids::{OrderId, ShopId};
use domain::menu::{Chosen, Menu};
use leptos::prelude::*;
use protocol::command::endpoint;

use crate::pages::ordering::choosing::{FormTexts, drink_forms, notice_line};
use crate::pages::ordering::selection::Selection;
use crate::shell::{self, Assets, PageHead};
use crate::ui::command_form::FormCommand;
use crate::words::Words;

/// Data of the page.
#[derive(Clone, Debug)]
pub struct ChangePage {
    pub shop: ShopId,
    pub menu: Menu,
    pub order: OrderId,
    /// The order's version at rendering.
    pub version: u32,
    /// The current choice.
    pub chosen: Chosen,
    /// The current name to call; empty if there is none.
    pub name: String,
}

/// Renders the HTML document.
pub fn html(assets: &Assets, words: Words, change: &ChangePage) -> String {
    let ChangePage { shop, menu, order, version, chosen, name } = change.clone();
    let texts = words.pages();
    shell::document(assets, words, PageHead::static_page("change", texts.change_my_drink()).with_script(), move || {
        let kept = Selection { name, ..Selection::from_order(&chosen) }.on(&menu, words);
        let edit = FormCommand::for_version(endpoint::EDIT, &shop, order, version);
        view! {
            <main class="ordering">
                <p><a class="order-link" href=format!("/s/{shop}")>{texts.keep_it()}</a></p>
                <h1 class="stands">{texts.change_my_drink()}</h1>
                <p class="lead">{texts.drink_now(&chosen.description())}</p>
                {notice_line(kept.notice.clone())}
                {drink_forms(menu, &edit, kept, FormTexts { words, button: Some(texts.change_to_this()) }, None)}
            </main>
        }
    })
}
