//! The two lists the room looks at: numbers being prepared, numbers to collect.

use domain::view::display::{Display, Row};
use leptos::prelude::*;

use crate::live::Screen;
use crate::ui::age::Age;
use crate::ui::badge::RobotBadge;
use crate::ui::cup::Cup;

/// As many rows as a 1080p screen shows at a size that is read across a room.
const PREPARING_SHOWN: usize = 12;
const READY_SHOWN: usize = 12;

#[component]
pub fn Preparing(screen: Screen<Display>) -> impl IntoView {
    let rows = move || screen.read(|view| view.preparing().take(PREPARING_SHOWN).cloned().collect::<Vec<_>>());
    let count = Memo::new(move |_| screen.read(|view| view.preparing().count()));
    view! {
        <section class="preparing">
            <h2>"Preparing"</h2>
            <ol>
                <For each=rows key=look children=move |row| view! { <Order row screen/> }/>
            </ol>
            <Rest count shown=PREPARING_SHOWN empty="Nothing in the queue. Your drink would be next."/>
        </section>
    }
}

#[component]
pub fn Ready(screen: Screen<Display>) -> impl IntoView {
    // The newest first: whoever looks up has just been called.
    let rows = move || {
        screen.read(|view| {
            let mut rows: Vec<_> = view.ready().cloned().collect();
            rows.sort_by_key(|row| std::cmp::Reverse(row.since));
            rows.truncate(READY_SHOWN);
            rows
        })
    };
    let count = Memo::new(move |_| screen.read(|view| view.ready().count()));
    view! {
        <section class="ready">
            <h2>"Ready"</h2>
            <ol aria-live="polite">
                <For each=rows key=look children=move |row| view! { <Order row screen/> }/>
            </ol>
            <Rest count shown=READY_SHOWN empty="Numbers appear here when they can be collected."/>
        </section>
    }
}

/// What a row shows; when it changes, the row is a new one.
fn look(row: &Row) -> (domain::ids::OrderId, u32, u32) {
    (row.order, row.version, row.number)
}

#[component]
fn Order(row: Row, screen: Screen<Display>) -> impl IntoView {
    view! {
        <li class="order" data-step=row.step.as_str()>
            <strong class="number">{row.number}</strong>
            <Cup icon=row.icon/>
            <span class="drink">{row.name} <RobotBadge channel=row.channel/></span>
            <Age since=row.since now=screen.now/>
        </li>
    }
}

/// What a list says when it is empty, or longer than the screen.
#[component]
fn Rest(count: Memo<usize>, shown: usize, empty: &'static str) -> impl IntoView {
    move || match count.get() {
        0 => Some(view! { <p class="rest">{empty.to_owned()}</p> }),
        count if count > shown => Some(view! { <p class="rest">{format!("+{} more", count - shown)}</p> }),
        _ => None,
    }
}
