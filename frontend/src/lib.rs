//! WASM entry points: each hydrates the page of its view.

// Empty on native targets: the entry points need a browser.
#![cfg(target_arch = "wasm32")]

use app::shell::opening;
use leptos::mount::hydrate_from;
use leptos::{IntoView, view};
use wasm_bindgen::prelude::wasm_bindgen;

/// Hydrates the guest's order page.
#[cfg(feature = "ordering")]
#[wasm_bindgen]
pub fn ordering() {
    use app::pages::ordering::OrderingPage;

    log_panics();
    if let Some(opening) = opening() {
        hydrate(|| view! { <OrderingPage opening/> });
    }
}

/// Hydrates the display.
#[cfg(feature = "display")]
#[wasm_bindgen]
pub fn display() {
    use app::pages::display::DisplayPage;

    log_panics();
    if let Some(opening) = opening() {
        hydrate(|| view! { <DisplayPage opening/> });
    }
}

/// Hydrates the barista's tablet.
#[cfg(feature = "barista")]
#[wasm_bindgen]
pub fn barista() {
    use app::pages::barista::BaristaPage;

    log_panics();
    if let Some(opening) = opening() {
        hydrate(|| view! { <BaristaPage opening/> });
    }
}

/// Hydrates the page's own element until the page is unloaded.
fn hydrate<V: IntoView + 'static>(page: impl FnOnce() -> V + 'static) {
    if let Some(root) = app::shell::root() {
        hydrate_from(root, page).forget();
    }
}

/// Logs panics to the console in debug builds. Release builds omit the messages to save bytes.
fn log_panics() {
    #[cfg(debug_assertions)]
    std::panic::set_hook(Box::new(|panic| leptos::logging::error!("{panic}")));
}
