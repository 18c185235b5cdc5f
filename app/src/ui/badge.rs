//! The badge of an order that no person made.

use domain::command::Channel;
use leptos::prelude::*;

#[component]
pub fn RobotBadge(channel: Option<Channel>) -> impl IntoView {
    (channel == Some(Channel::Robot)).then(|| view! { <span class="badge">"robot"</span> })
}
