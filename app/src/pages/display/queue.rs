//! The display's two lists: orders in preparation and orders to collect.

use domain::view::display::{Display, DisplayRow};
use leptos::prelude::*;

use crate::live::PageState;
use crate::ui::age::Age;
use crate::ui::badge::ChannelBadge;
use crate::ui::cup::Cup;
use crate::ui::text::inner_text;

/// Maximum number of rows: what a 1080p screen shows in type that is readable across a room.
const MAX_PREPARING_ROWS: usize = 12;
const MAX_READY_ROWS: usize = 12;

/// Waiting orders and orders in preparation.
#[component]
pub fn Preparing(page: PageState<Display>) -> impl IntoView {
    let rows = move || page.read(|view| view.preparing().take(MAX_PREPARING_ROWS).cloned().collect::<Vec<_>>());
    let note = inner_text(move || {
        let count = page.read(|view| view.preparing().count());
        list_note(count, MAX_PREPARING_ROWS, page.words.display().nothing_in_the_queue(), page)
    });
    view! {
        <section class="preparing">
            <h2>{page.words.display().preparing()}</h2>
            <ol>
                <For each=rows key=render_key children=move |row| view! { <OrderRow row page/> }/>
            </ol>
            <p class="rest" inner_html=note></p>
        </section>
    }
}

/// Orders to collect, the newest first.
#[component]
pub fn Ready(page: PageState<Display>) -> impl IntoView {
    let rows = move || page.read(newest_ready);
    let note = inner_text(move || {
        let count = page.read(|view| view.ready().count());
        list_note(count, MAX_READY_ROWS, page.words.display().nothing_ready(), page)
    });
    view! {
        <section class="ready">
            <h2>{page.words.display().ready()}</h2>
            <ol aria-live="polite">
                <For each=rows key=render_key children=move |row| view! { <OrderRow row page/> }/>
            </ol>
            <p class="rest" inner_html=note></p>
        </section>
    }
}

/// The most recent ready orders, the one that became ready or was called last first.
fn newest_ready(view: &Display) -> Vec<DisplayRow> {
    let mut rows: Vec<DisplayRow> = Vec::new();
    for row in view.ready() {
        let index = rows.iter().take_while(|other| last_call(other) > last_call(row)).count();
        rows.insert(index, row.clone());
    }
    rows.truncate(MAX_READY_ROWS);
    rows
}

/// Time at which the order became ready or was called again.
fn last_call(row: &DisplayRow) -> domain::time::Instant {
    row.called.map_or(row.since, |called| called.at)
}

/// Key of a row: a change renders the row again.
fn render_key(row: &DisplayRow) -> (domain::ids::OrderId, u32, u32) {
    (row.order, row.version, row.number)
}

#[component]
fn OrderRow(row: DisplayRow, page: PageState<Display>) -> impl IntoView {
    let called = row.called.map(|_| view! { <em class="called">{page.words.display().called_again()}</em> });
    view! {
        <li class="order" data-step=row.step.as_str() data-called=row.called.map(|_| "again")>
            <strong class="number">{row.number}</strong>
            <Cup icon=row.icon/>
            <bdi class="drink">{row.name}</bdi>
            <span class="aged">
                {called}
                <Age since=row.since now=page.now words=page.words/>
                <ChannelBadge channel=row.channel words=page.words/>
            </span>
        </li>
    }
}

/// Note below a list that is empty or longer than the screen.
fn list_note(count: usize, max_rows: usize, empty: &str, page: PageState<Display>) -> String {
    match count {
        0 => empty.to_owned(),
        count if count > max_rows => page.words.display().more(count - max_rows),
        _ => String::new(),
    }
}
