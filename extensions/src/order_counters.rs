//! `OrderCounters`: counts of orders, drinks and options for each shop day, separately for people and robots.
//!
//! An undone step is subtracted from the day on which it was counted. A cancelled order still counts as ordered, and
//! as made if it was ready.

use std::collections::BTreeMap;

use domain::event::Event;
use domain::extension::sheet::Sheet;
use domain::extension::{Extension, LoggedEvent, Manifest, PageAccess, SheetRequest, StartFrom};
use domain::ids::OrderId;
use domain::menu::Chosen;
use domain::order::{Channel, Step, TimeoutCause};
use domain::time::Day;
use serde::{Deserialize, Serialize};

mod page;
mod words;

/// Maximum number of separate rows for drinks, and for options, on one day. More than a menu contains; further ids
/// share one row.
const MAX_ROWS: usize = 1000;

/// Id of the shared row. No menu item has an empty id.
const SHARED_ROW_ID: &str = "";

pub(crate) fn manifest() -> Manifest {
    Manifest {
        name: "OrderCounters",
        words: words::label,
        version: 1,
        start_from: StartFrom::FirstEvent,
        subscribes_to: |_| false,
        page_access: |path| page::CounterPage::parse(path).map(|_| PageAccess::Staff),
        make: crate::from_json::<OrderCounters>(),
    }
}

#[derive(Default, Serialize, Deserialize)]
struct OrderCounters {
    people: Days,
    robots: Days,
    /// Submitted orders that are not finished: their counts may still change.
    open: BTreeMap<OrderId, CountedOrder>,
}

type Days = BTreeMap<Day, Counters>;

/// Counts of one shop day.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Counters {
    started: u32,
    submitted: u32,
    completed: u32,
    collected: u32,
    cancelled: u32,
    expired: u32,
    timed_out: TimedOut,
    /// Count for each reason.
    turned_away: BTreeMap<String, u32>,
    /// Rows by drink id.
    drinks: BTreeMap<String, ItemCounts>,
    /// Rows by `group/option`.
    options: BTreeMap<String, ItemCounts>,
}

/// Counts of timeouts by their cause.
#[derive(Default, Serialize, Deserialize)]
struct TimedOut {
    customer: u32,
    barista: u32,
}

/// Counts of one drink or option on one day.
#[derive(Default, Serialize, Deserialize)]
struct ItemCounts {
    /// First name of the day; of the shared row the words have it.
    name: String,
    ordered: u32,
    made: u32,
}

/// A submitted order with the days on which its steps were counted.
#[derive(Serialize, Deserialize)]
struct CountedOrder {
    chosen: Chosen,
    /// Day of the submission. An edit changes the counts of this day.
    ordered: Day,
    completed: Option<Day>,
    cancelled: Option<Day>,
}

impl Extension for OrderCounters {
    fn on_event(&mut self, logged: &LoggedEvent<'_>) {
        let event = &logged.recorded.event;
        let Some(id) = event.order() else { return };
        let is_robot = logged.recorded.channel == Some(Channel::Robot);
        let (day, days) = (logged.day, if is_robot { &mut self.robots } else { &mut self.people });
        let today = days.entry(day).or_default();
        match event {
            Event::NewOrder(_) => today.started += 1,
            Event::ShopUnavailable(event) => {
                *today.turned_away.entry(event.reason.as_str().to_owned()).or_default() += 1;
            }
            Event::OrderSubmitted(event) => {
                today.submitted += 1;
                today.count(&event.chosen, |row| row.ordered += 1);
                let open =
                    CountedOrder { chosen: event.chosen.clone(), ordered: day, completed: None, cancelled: None };
                self.open.insert(id, open);
            }
            Event::OrderCollected(_) => today.collected += 1,
            Event::OrderExpired(_) => today.expired += 1,
            Event::OrderTimedOut(event) => match event.cause {
                TimeoutCause::Customer => today.timed_out.customer += 1,
                TimeoutCause::Barista => today.timed_out.barista += 1,
            },
            Event::OrderFinished(_) => drop(self.open.remove(&id)),
            Event::OrderCancelled(_) => {
                today.cancelled += 1;
                // An order that was never submitted finishes with its cancellation and cannot be recalled.
                if let Some(open) = self.open.get_mut(&id) {
                    open.cancelled = Some(day);
                }
            }
            other => {
                if let Some(open) = self.open.get_mut(&id) {
                    open.apply(other, day, days);
                }
            }
        }
    }

    fn view(&self, request: &SheetRequest<'_>) -> Option<Sheet> {
        page::CounterPage::parse(request.path).map(|page| page.sheet(self, request.today, request.language))
    }

    fn save(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl CountedOrder {
    /// Applies an event that changes or undoes an earlier count.
    fn apply(&mut self, event: &Event, day: Day, days: &mut Days) {
        match event {
            Event::OrderEdited(event) => {
                let day = days.entry(self.ordered).or_default();
                day.count(&self.chosen, |row| row.ordered -= 1);
                day.count(&event.chosen, |row| row.ordered += 1);
                self.chosen = event.chosen.clone();
            }
            Event::OrderCompleted(_) => {
                self.completed = Some(day);
                let day = days.entry(day).or_default();
                day.completed += 1;
                day.count(&self.chosen, |row| row.made += 1);
            }
            Event::OrderRecalled(event) if event.from == Step::Ready => {
                if let Some(day) = self.completed.take().and_then(|day| days.get_mut(&day)) {
                    day.completed -= 1;
                    day.count(&self.chosen, |row| row.made -= 1);
                }
            }
            Event::OrderRecalled(_) => {
                if let Some(day) = self.cancelled.take().and_then(|day| days.get_mut(&day)) {
                    day.cancelled -= 1;
                }
            }
            _ => {}
        }
    }
}

impl Counters {
    fn count(&mut self, chosen: &Chosen, change: impl Fn(&mut ItemCounts)) {
        change(row(&mut self.drinks, &chosen.drink, &chosen.name));
        for picked in &chosen.options {
            change(row(&mut self.options, &format!("{}/{}", picked.group, picked.option), &picked.name));
        }
    }
}

/// The row of an id, or the shared row. Rows are never removed, so a count is undone in the row where it was made.
fn row<'a>(rows: &'a mut BTreeMap<String, ItemCounts>, id: &str, name: &str) -> &'a mut ItemCounts {
    let has_own_row = rows.len() < MAX_ROWS || rows.contains_key(id);
    let (id, name) = if has_own_row { (id, name) } else { (SHARED_ROW_ID, "") };
    rows.entry(id.to_owned()).or_insert_with(|| ItemCounts { name: name.to_owned(), ..ItemCounts::default() })
}
