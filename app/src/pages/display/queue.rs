//! The display's two lists: orders in preparation and orders to collect.

use domain::view::display::{Display, Row};
use leptos::prelude::*;

use crate::live::Screen;
use crate::ui::age::Age;
use crate::ui::badge::ChannelBadge;
use crate::ui::cup::Cup;
use crate::ui::text::text;

/// Maximum number of rows: what a 1080p screen shows in type that is readable across a room.
const PREPARING_SHOWN: usize = 12;
const READY_SHOWN: usize = 12;

/// Waiting orders and orders in preparation.
#[component]
pub fn Preparing(screen: Screen<Display>) -> impl IntoView {
    let rows = move || screen.read(|view| view.preparing().take(PREPARING_SHOWN).cloned().collect::<Vec<_>>());
    let rest = text(move || {
        let count = screen.read(|view| view.preparing().count());
        rest(count, PREPARING_SHOWN, "Nothing in the queue. Your drink would be next.")
    });
    view! {
        <section class="preparing">
            <h2>"Preparing"</h2>
            <ol>
                <For each=rows key=look children=move |row| view! { <Order row screen/> }/>
            </ol>
            <p class="rest">{rest}</p>
        </section>
    }
}

/// Orders to collect, the newest first.
#[component]
pub fn Ready(screen: Screen<Display>) -> impl IntoView {
    let rows = move || screen.read(newest_ready);
    let rest = text(move || {
        let count = screen.read(|view| view.ready().count());
        rest(count, READY_SHOWN, "Numbers appear here when they can be collected.")
    });
    view! {
        <section class="ready">
            <h2>"Ready"</h2>
            <ol aria-live="polite">
                <For each=rows key=look children=move |row| view! { <Order row screen/> }/>
            </ol>
            <p class="rest">{rest}</p>
        </section>
    }
}

/// The most recent ready orders, newest first.
fn newest_ready(view: &Display) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for row in view.ready() {
        let place = rows.iter().take_while(|other| other.since > row.since).count();
        rows.insert(place, row.clone());
    }
    rows.truncate(READY_SHOWN);
    rows
}

/// Key of a row: a change renders the row again.
fn look(row: &Row) -> (domain::ids::OrderId, u32, u32) {
    (row.order, row.version, row.number)
}

#[component]
fn Order(row: Row, screen: Screen<Display>) -> impl IntoView {
    view! {
        <li class="order" data-step=row.step.as_str()>
            <strong class="number">{row.number}</strong>
            <Cup icon=row.icon/>
            <span class="drink">{row.name}</span>
            <span class="aged">
                <Age since=row.since now=screen.now/>
                <ChannelBadge channel=row.channel/>
            </span>
        </li>
    }
}

/// Note below a list that is empty or longer than the screen.
fn rest(count: usize, shown: usize, empty: &str) -> String {
    match count {
        0 => empty.to_owned(),
        count if count > shown => format!("+{} more", count - shown),
        _ => String::new(),
    }
}
