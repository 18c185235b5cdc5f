//! Icons of drinks: line-and-fill drawings, coloured by CSS tokens.

use leptos::prelude::*;

/// The icon of a drink; an unknown name shows the mug.
#[component]
pub fn Cup(icon: String) -> impl IntoView {
    view! { <svg class="cup" viewBox="0 0 32 32" aria-hidden="true" inner_html=drawing(&icon)></svg> }
}

/// CSS classes: `f` is a coffee fill, `m` a milk, foam or tea fill, `l` the line above both.
fn drawing(icon: &str) -> &'static str {
    match icon {
        "espresso" => {
            r#"<path class="f" d="M9 17h12v3a5 5 0 0 1-5 5h-2a5 5 0 0 1-5-5z"/><path class="l" d="M9 14h12v6a5 5 0 0 1-5 5h-2a5 5 0 0 1-5-5zM21 15.5h1.5a2.5 2.5 0 0 1 0 5H21M6 28h18M13 11c-1-1.2 1-1.8 0-3M17 11c-1-1.2 1-1.8 0-3"/>"#
        }
        "filter" => {
            r#"<path class="m" d="M9 4h14l-4.5 8h-5z"/><path class="f" d="M10.3 20h11.4l1.1 5.2a2.3 2.3 0 0 1-2.3 2.8h-9a2.3 2.3 0 0 1-2.3-2.8z"/><path class="l" d="M8 4h16M9 4l4.5 8h5L23 4M11 15.5h10l1.8 9.7a2.3 2.3 0 0 1-2.3 2.8h-9a2.3 2.3 0 0 1-2.3-2.8zM10 12.2h12M16 12.5v3"/>"#
        }
        "flat-white" => {
            r#"<path class="m" d="M5 13h19v2.5H5z"/><path class="f" d="M5 15.5h19v.5a9 9 0 0 1-9 9h-1a9 9 0 0 1-9-9z"/><path class="l" d="M5 13h19v3a9 9 0 0 1-9 9h-1a9 9 0 0 1-9-9zM24 14.5h1a3 3 0 0 1 0 6h-2M5 28.5h19"/>"#
        }
        "cappuccino" => {
            r#"<path class="m" d="M5 14c-.5-8 19.5-8 19 0z"/><path class="f" d="M5 14h19v2a9 9 0 0 1-9 9h-1a9 9 0 0 1-9-9z"/><path class="l" d="M5 14h19v2a9 9 0 0 1-9 9h-1a9 9 0 0 1-9-9zM5 14c-.5-8 19.5-8 19 0M24 15h1a3 3 0 0 1 0 6h-2M5 28.5h19M12 11.5h.01M15 10.3h.01M18 11.7h.01"/>"#
        }
        "latte" => {
            r#"<path class="m" d="M9.3 9h13.4l-.5 6H9.8z"/><path class="f" d="M9.8 15h12.4L21 28H11z"/><path class="l" d="M8.6 4h14.8L21 28H11z"/>"#
        }
        "mocha" => {
            r#"<path class="m" d="M9 10c-.5-3.5 2.5-4.5 4-4 1-3 5-3 6 0 1.5-.5 4.5.5 4 4z"/><path class="f" d="M9.5 14h13l-1 8a3 3 0 0 1-3 2.7h-5a3 3 0 0 1-3-2.7z"/><path class="l" d="M9 10h14l-1.5 12a3 3 0 0 1-3 2.7h-5a3 3 0 0 1-3-2.7zM9 10c-.5-3.5 2.5-4.5 4-4 1-3 5-3 6 0 1.5-.5 4.5.5 4 4M16 25v3.5M11.5 28.5h9"/>"#
        }
        "chocolate" => {
            r#"<path class="m" d="M7 12c-.5-3 2-4 3.5-3.5.8-3.5 7.2-3.5 8 0 1.5-.5 4 .5 3.5 3.5z"/><path class="f" d="M7 12h15v10a4 4 0 0 1-4 4h-7a4 4 0 0 1-4-4z"/><path class="l" d="M7 12h15v10a4 4 0 0 1-4 4h-7a4 4 0 0 1-4-4zM7 12c-.5-3 2-4 3.5-3.5.8-3.5 7.2-3.5 8 0 1.5-.5 4 .5 3.5 3.5M22 14h1.5a3.5 3.5 0 0 1 0 7H22M13 9.5l1-1M16 9.8l.8-1"/>"#
        }
        "chai" => {
            r#"<path class="m" d="M9.3 13h13.4L22 25a3 3 0 0 1-3 3h-6a3 3 0 0 1-3-3z"/><path class="l" d="M9 9h14l-1 16a3 3 0 0 1-3 3h-6a3 3 0 0 1-3-3zM16.5 18.5l5-15.5"/>"#
        }
        "tea" => {
            r#"<path class="m" d="M6 14h17v3a8 8 0 0 1-8 8h-1a8 8 0 0 1-8-8z"/><path class="l" d="M6 11h17v6a8 8 0 0 1-8 8h-1a8 8 0 0 1-8-8zM23 12.5h1.5a3 3 0 0 1 0 6h-2M13 11v5.5M11.5 16.5h3v3h-3zM5 28.5h19"/>"#
        }
        _ => {
            r#"<path class="f" d="M7 12h15v10a4 4 0 0 1-4 4h-7a4 4 0 0 1-4-4z"/><path class="l" d="M7 8h15v14a4 4 0 0 1-4 4h-7a4 4 0 0 1-4-4zM22 11h1.5a3.5 3.5 0 0 1 0 7.5H22M12 5.5c-1-1.2 1-1.6 0-2.8M17 5.5c-1-1.2 1-1.6 0-2.8"/>"#
        }
    }
}
