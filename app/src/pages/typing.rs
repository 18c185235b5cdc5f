//! Page to type the short code, for devices without a camera. The form works without JavaScript.

use leptos::prelude::*;

use crate::shell::{self, Assets, PageHead};

/// Renders the HTML document.
pub fn html(assets: &Assets) -> String {
    shell::document(assets, PageHead::static_page("typing", "Type the code"), || {
        view! {
            <main class="plain">
                <h1>"Type the code"</h1>
                <p>"The eight signs under the picture on the screen above the bar."</p>
                <form class="command" method="get" action="/q">
                    <label class="field">
                        <span>"Code"</span>
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
                    <button class="primary" type="submit">"Go on"</button>
                </form>
            </main>
        }
    })
}
