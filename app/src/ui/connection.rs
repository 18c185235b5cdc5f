//! Indicator of the stream's state, as a word and a shape.

use leptos::prelude::*;

use crate::live::Connection;
use crate::ui::text::text;

/// Shows whether the page is live.
#[component]
pub fn ConnectionMark(connection: RwSignal<Connection>) -> impl IntoView {
    let state = text(move || {
        connection.with(|connection| match connection {
            Connection::Connecting => "connecting".to_owned(),
            Connection::Live => "live".to_owned(),
            Connection::Lost { .. } => "lost".to_owned(),
        })
    });
    let words = text(move || {
        connection.with(|connection| match connection {
            Connection::Connecting => "connecting".to_owned(),
            Connection::Live => "live".to_owned(),
            Connection::Lost { since } => format!("not live since {since}, trying again"),
        })
    });
    view! {
        <p class="connection" role="status" data-state=state>
            <span class="mark" aria-hidden="true"></span>
            <span>{words}</span>
        </p>
    }
}
