//! The cups: one family of line-and-fill drawings, tinted by the page's tokens.

use leptos::prelude::*;

/// What stands beside a drink's name; a drink without a drawing of its own gets the mug.
#[component]
pub fn Cup(icon: String) -> impl IntoView {
    view! { <svg class="cup" viewBox="0 0 32 32" aria-hidden="true" inner_html=drawing(&icon)></svg> }
}

/// Classes: `f` filled with coffee, `m` with milk or tea, `l` the line over both.
fn drawing(icon: &str) -> &'static str {
    match icon {
        "espresso" => {
            r#"<path class="f" d="M9 17h12v3a5 5 0 0 1-5 5h-2a5 5 0 0 1-5-5z"/><path class="l" d="M9 14h12v6a5 5 0 0 1-5 5h-2a5 5 0 0 1-5-5zM21 15.5h1.5a2.5 2.5 0 0 1 0 5H21M6 28h18"/>"#
        }
        "flat-white" | "cappuccino" | "mocha" => {
            r#"<path class="m" d="M6 13c2-4 15-4 17 0v3H6z"/><path class="f" d="M6 16h17v1a8 8 0 0 1-8 8h-1a8 8 0 0 1-8-8z"/><path class="l" d="M6 13h17v4a8 8 0 0 1-8 8h-1a8 8 0 0 1-8-8zM23 14.5h1.5a3 3 0 0 1 0 6h-2.3M5 28.5h19M6 13c2-4 15-4 17 0"/>"#
        }
        "latte" | "chai" => {
            r#"<path class="m" d="M9.3 9h13.4l-.5 6H9.8z"/><path class="f" d="M9.8 15h12.4L21 28H11z"/><path class="l" d="M8.6 4h14.8L21 28H11z"/>"#
        }
        "tea" => {
            r#"<path class="m" d="M6 14h17v3a8 8 0 0 1-8 8h-1a8 8 0 0 1-8-8z"/><path class="l" d="M6 11h17v6a8 8 0 0 1-8 8h-1a8 8 0 0 1-8-8zM23 12.5h1.5a3 3 0 0 1 0 6h-2M13 11v5.5M11.5 16.5h3v3h-3zM5 28.5h19"/>"#
        }
        _ => {
            r#"<path class="f" d="M8 13h14v10a3 3 0 0 1-3 3h-8a3 3 0 0 1-3-3z"/><path class="l" d="M8 9h14v14a3 3 0 0 1-3 3h-8a3 3 0 0 1-3-3zM22 12h1.5a3.5 3.5 0 0 1 3.5 3.5v2a3.5 3.5 0 0 1-3.5 3.5H22"/>"#
        }
    }
}
