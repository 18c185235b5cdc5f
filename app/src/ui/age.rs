//! Ages: each is rendered once, and one effect updates all of a page.

use domain::time::Instant;
use leptos::prelude::*;

use crate::words::Words;

/// The time passed since `since`.
///
/// The component does not track the clock: the signal would keep the subscription after the row is removed, and a
/// display runs for weeks. [`update_ages`] updates the text instead.
#[component]
pub fn Age(since: Instant, now: RwSignal<Instant>, words: Words) -> impl IntoView {
    let seconds = now.get_untracked().seconds_since(since);
    view! { <span class="age" data-since=since.0.to_string()>{words.age(seconds)}</span> }
}

/// Updates every [`Age`] of the page when `now` changes.
pub fn update_ages(now: RwSignal<Instant>, words: Words) {
    #[cfg(target_arch = "wasm32")]
    Effect::new(move || {
        use wasm_bindgen::JsCast;

        let now = now.get();
        let Ok(ages) = document().query_selector_all("[data-since]") else { return };
        for age in (0..ages.length()).filter_map(|n| ages.get(n)) {
            let since = age.unchecked_ref::<web_sys::Element>().get_attribute("data-since");
            let Some(since) = since.and_then(|since| since.parse().ok()) else { continue };
            let text = words.age(now.seconds_since(Instant(since)));
            if age.text_content().as_deref() != Some(&text) {
                age.set_text_content(Some(&text));
            }
        }
    });
    #[cfg(not(target_arch = "wasm32"))]
    let _ = (now, words);
}
