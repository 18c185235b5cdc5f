//! Names that come from the shop or its guests, not from the tables of texts.

use leptos::prelude::*;

/// Shows a name as it is: translators of browsers leave it alone, and its direction does not turn the text beside it.
pub fn content(name: String) -> impl IntoView {
    view! { <bdi translate="no">{name}</bdi> }
}
