//! Badge of an order that was not placed on a guest's phone.

use domain::command::Channel;
use leptos::prelude::*;

/// Names the channel of the order; empty for orders from a phone.
#[component]
pub fn ChannelBadge(channel: Option<Channel>) -> impl IntoView {
    let word = match channel {
        Some(Channel::Robot) => "robot",
        Some(Channel::WalkIn) => "at the bar",
        Some(Channel::Web) | None => "",
    };
    (!word.is_empty()).then(|| view! { <span class="badge">{word}</span> })
}
