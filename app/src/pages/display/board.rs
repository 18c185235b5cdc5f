//! The display's board: the orders in the queue, those being made, and those to collect.

use domain::order::Step;
use domain::time::Instant;
use domain::view::display::{Display, DisplayRow};
use leptos::prelude::*;

use super::calls::calls;
use super::fit::{Area, Layout, Load, Part};
use super::sound::Sound;
use crate::live::PageState;
use crate::ui::age::Age;
use crate::ui::text::{inner_text, text};

/// Seconds after which a list that does not fit shows its next orders.
const TURN_SECONDS: u32 = 8;

/// A list of the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    Queue,
    Making,
    Ready,
    /// Ready orders that have just been called. They stand over the lists of other orders.
    Calls,
}

/// The board.
#[component]
pub fn Board(area: RwSignal<Area>, sound: Sound, page: PageState<Display>) -> impl IntoView {
    let layout = Memo::new(move |_| page.read(|view| Layout::of(load(view), area.get())));
    let calls = Memo::new(move |_| page.read(|view| calls(view, page.now.get())));
    sound.follow(calls, page.words);
    view! {
        <div
            class="board"
            data-names=text(move || layout.get().has_names.to_string())
            data-rows=number(move || layout.get().rows)
            data-digits=number(move || page.read(|view| load(view).digits))
        >
            <div class="preparing" data-columns=number(move || layout.with(|layout| layout.queue + layout.making))>
                <OrderList list=List::Queue layout calls page/>
                <OrderList list=List::Making layout calls page/>
                <OrderList list=List::Calls layout calls page/>
            </div>
            <OrderList list=List::Ready layout calls page/>
        </div>
    }
}

/// The orders of one list, with their heading.
#[component]
fn OrderList(
    list: List,
    layout: Memo<Layout>,
    calls: Memo<Vec<DisplayRow>>,
    page: PageState<Display>,
) -> impl IntoView {
    let texts = page.words.display();
    let (name, heading) = match list {
        List::Queue => ("queue", texts.in_the_queue()),
        List::Making => ("making", texts.being_made()),
        List::Ready => ("ready", texts.ready()),
        List::Calls => ("calls", texts.ready()),
    };
    let columns = move || match list {
        List::Queue => layout.get().queue,
        List::Making => layout.get().making,
        List::Ready => layout.get().ready,
        List::Calls => calls.with(Vec::len),
    };
    let orders = move || match list {
        List::Queue => page.read(|view| at_step(view, Step::Waiting)),
        List::Making => page.read(|view| at_step(view, Step::Making)),
        List::Ready => page.read(longest_ready),
        List::Calls => calls.get(),
    };
    let part = Memo::new(move |_| {
        let capacity = columns() * layout.get().rows;
        let count = orders().len();
        // The order that is ready for the longest time stays.
        let kept = if list == List::Ready { capacity / 2 } else { 0 };
        // A list that fits does not follow the clock.
        let turn = if count > capacity { turn(page.now.get()) } else { 0 };
        Part::of(count, capacity, kept, turn)
    });
    let rows = move || {
        let part = part.get();
        let rows = orders().into_iter().enumerate();
        rows.filter(|(index, _)| part.shows(*index)).map(|(_, row)| row).collect::<Vec<_>>()
    };
    let note = inner_text(move || match part.get() {
        Part { turns: 1, .. } => String::new(),
        Part { turn, turns, .. } => page.words.display().turn_of(turn, turns),
    });
    // Readers of the screen hear of calls from the list of ready orders.
    let is_hidden = (list == List::Calls).then_some("true");
    let is_live = (list == List::Ready).then_some("polite");
    view! {
        <section class="orders" data-list=name data-columns=number(columns) aria-hidden=is_hidden>
            <h2>{heading}</h2>
            <p class="turn" inner_html=note></p>
            <ol aria-live=is_live>
                <For each=rows key=render_key children=move |row| view! { <OrderRow row page/> }/>
            </ol>
        </section>
    }
}

#[component]
fn OrderRow(row: DisplayRow, page: PageState<Display>) -> impl IntoView {
    let called = row.called.map(|_| view! { <em class="called">{page.words.display().called_again()}</em> });
    view! {
        <li class="order" data-step=row.step.as_str() data-called=row.called.map(|_| "again")>
            <strong class="number">{row.number}</strong>
            <bdi class="drink">{row.name}</bdi>
            <span class="aged">
                {called}
                <Age since=row.since now=page.now words=page.words/>
            </span>
        </li>
    }
}

/// The orders at a step before ready, as they are in the queue.
fn at_step(view: &Display, step: Step) -> Vec<DisplayRow> {
    view.preparing().filter(|row| row.step == step).cloned().collect()
}

/// The orders to collect, the longest ready first.
fn longest_ready(view: &Display) -> Vec<DisplayRow> {
    // Insertion: a sort would add kilobytes to the WebAssembly bundle.
    let mut rows: Vec<DisplayRow> = Vec::new();
    for row in view.ready() {
        let index = rows.iter().take_while(|other| other.since <= row.since).count();
        rows.insert(index, row.clone());
    }
    rows
}

fn load(view: &Display) -> Load {
    let mut load = Load::default();
    for row in view.preparing().chain(view.ready()) {
        match row.step {
            Step::Waiting => load.queue += 1,
            Step::Making => load.making += 1,
            _ => load.ready += 1,
        }
        load.digits = load.digits.max(digits(row.number));
    }
    load
}

/// Number of digits of an order number.
pub fn digits(number: u32) -> usize {
    number.checked_ilog10().unwrap_or(0) as usize + 1
}

/// The turn of the lists that do not fit. All displays follow the server's clock, so they show the same orders.
fn turn(now: Instant) -> usize {
    (now.seconds_since(Instant(0)) / TURN_SECONDS) as usize
}

/// Key of a row: a change renders the row again.
fn render_key(row: &DisplayRow) -> (domain::ids::OrderId, u32, u32) {
    (row.order, row.version, row.number)
}

/// A reactive attribute with a number.
fn number(count: impl Fn() -> usize + Send + 'static) -> crate::ui::text::Text {
    text(move || count().to_string())
}
