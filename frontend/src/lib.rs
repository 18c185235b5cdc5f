//! The WASM entries: each brings the page of its view to life.

// Natively there is nothing: what the entries call exists in a browser only.
#![cfg(target_arch = "wasm32")]

use app::shell::opening;
use leptos::mount::hydrate_body;
use leptos::view;
use wasm_bindgen::prelude::wasm_bindgen;

/// The phone: the page that a scan opens, and the order.
#[cfg(feature = "ordering")]
#[wasm_bindgen]
pub fn ordering() {
    use app::pages::ordering::OrderingPage;
    use app::pages::scan::ScanPage;

    say_panics();
    if app::shell::page() == "scan" {
        if let Some(opening) = opening() {
            hydrate_body(|| view! { <ScanPage opening/> });
        }
    } else if let Some(opening) = opening() {
        hydrate_body(|| view! { <OrderingPage opening/> });
    }
}

#[cfg(feature = "display")]
#[wasm_bindgen]
pub fn display() {
    use app::pages::display::DisplayPage;

    say_panics();
    if let Some(opening) = opening() {
        hydrate_body(|| view! { <DisplayPage opening/> });
    }
}

#[cfg(feature = "barista")]
#[wasm_bindgen]
pub fn barista() {
    use app::pages::barista::BaristaPage;

    say_panics();
    if let Some(opening) = opening() {
        hydrate_body(|| view! { <BaristaPage opening/> });
    }
}

/// In development a panic says in the console where it was; in a release the words would cost every phone bytes.
fn say_panics() {
    #[cfg(debug_assertions)]
    std::panic::set_hook(Box::new(|panic| leptos::logging::error!("{panic}")));
}
