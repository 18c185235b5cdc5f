//! Page to type the short code, for devices without a camera. The form works without JavaScript.

use leptos::prelude::*;

use crate::shell::{self, Assets, PageHead};
use crate::words::Words;

/// Renders the HTML document.
pub fn html(assets: &Assets, words: Words) -> String {
    let texts = words.pages();
    shell::document(assets, words, PageHead::static_page("typing", texts.type_the_code()), || {
        view! {
            <main class="plain">
                <h1>{texts.type_the_code()}</h1>
                <p>{texts.where_the_code_is()}</p>
                <form class="command" method="get" action="/q">
                    <label class="field">
                        <span>{texts.code()}</span>
                        <input
                            type="text"
                            name="code"
                            required=true
                            maxlength="20"
                            autocomplete="off"
                            autocapitalize="none"
                            spellcheck="false"
                        />
                    </label>
                    <button class="primary" type="submit">{texts.go_on()}</button>
                </form>
            </main>
        }
    })
}
