//! Page of a one-time link. A button redeems the link, so that link previews do not use it up.

use domain::access::Role;
use leptos::prelude::*;

use crate::shell::{self, Assets, PageHead};
use crate::ui::content::content;
use crate::words::Words;

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
pub fn html(assets: &Assets, words: Words, enter: &Enter) -> String {
    let Enter { action, role, shop } = enter.clone();
    let texts = words.pages();
    shell::document(assets, words, PageHead::static_page("enter", shop.clone()), move || {
        view! {
            <main class="plain">
                <h1>{texts.enter_as(role)} " " {content(shop)}</h1>
                <p>{texts.link_works_once()}</p>
                <form method="post" action=action>
                    <button class="primary" type="submit">{texts.use_this_device()}</button>
                </form>
            </main>
        }
    })
}
