//! Badge of an order that was not placed on a guest's phone.

use domain::order::Channel;
use leptos::prelude::*;

use crate::words::Words;

/// Names the channel of the order; empty for orders from a phone.
#[component]
pub fn ChannelBadge(channel: Option<Channel>, words: Words) -> impl IntoView {
    let word = match channel {
        Some(Channel::Robot) => words.shared().robot(),
        Some(Channel::WalkIn) => words.shared().at_the_bar(),
        Some(Channel::Web) | None => "",
    };
    (!word.is_empty()).then(|| view! { <span class="badge">{word}</span> })
}
