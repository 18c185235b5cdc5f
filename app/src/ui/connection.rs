//! Indicator of the stream's state, as a word and a shape.

use leptos::prelude::*;

use crate::live::Connection;
use crate::ui::text::{inner_text, text};
use crate::words::Words;

/// Shows whether the page is live.
#[component]
pub fn ConnectionMark(connection: RwSignal<Connection>, words: Words) -> impl IntoView {
    let state = text(move || {
        connection.with(|connection| match connection {
            Connection::Connecting => "connecting".to_owned(),
            Connection::Live => "live".to_owned(),
            Connection::Lost { .. } => "lost".to_owned(),
        })
    });
    let sentence = inner_text(move || {
        connection.with(|connection| match connection {
            Connection::Connecting => words.shared().connecting().to_owned(),
            Connection::Live => words.shared().live().to_owned(),
            Connection::Lost { since } => words.shared().not_live(since),
        })
    });
    view! {
        <p class="connection" role="status" data-state=state>
            <span class="mark" aria-hidden="true"></span>
            <span inner_html=sentence></span>
        </p>
    }
}
