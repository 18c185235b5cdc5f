//! The badge of an order that did not come from a guest's phone.

use domain::command::Channel;
use leptos::prelude::*;

#[component]
pub fn ChannelBadge(channel: Option<Channel>) -> impl IntoView {
    let word = match channel {
        Some(Channel::Robot) => "robot",
        Some(Channel::WalkIn) => "at the bar",
        Some(Channel::Web) | None => "",
    };
    (!word.is_empty()).then(|| view! { <span class="badge">{word}</span> })
}
