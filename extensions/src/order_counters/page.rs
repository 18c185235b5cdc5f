//! Pages of `OrderCounters` as tables and JSON: the counts of one day, and the list of days.

use std::collections::{BTreeMap, BTreeSet};

use domain::extension::sheet::{Sheet, Table};
use domain::time::Day;
use serde_json::{Value, json};

use super::{Counters, Days, ItemCounts, OrderCounters, SHARED_ROW_ID};

/// A page of `OrderCounters`.
#[derive(Clone, Copy)]
pub(super) enum CounterPage {
    /// Counts of a day, or of today without a day. The flag includes robot orders.
    Day(Option<Day>, bool),
    /// List of all days with orders.
    Days,
}

impl CounterPage {
    /// Parses a path; `None` if it has no page.
    pub(super) fn parse(path: &str) -> Option<Self> {
        let day = |day: &str| day.parse().ok();
        match (path, path.split_once('/')) {
            ("", _) => Some(Self::Day(None, false)),
            ("robots", _) => Some(Self::Day(None, true)),
            ("days", _) => Some(Self::Days),
            (path, None) => Some(Self::Day(Some(day(path)?), false)),
            (_, Some((path, "robots"))) => Some(Self::Day(Some(day(path)?), true)),
            _ => None,
        }
    }

    pub(super) fn sheet(self, counters: &OrderCounters, today: Day) -> Sheet {
        match self {
            Self::Day(day, with_robots) => day_sheet(day.unwrap_or(today), counters, with_robots),
            Self::Days => days_sheet(counters),
        }
    }
}

/// The page of one day. A day without orders has a page with zeros.
fn day_sheet(day: Day, counters: &OrderCounters, with_robots: bool) -> Sheet {
    let empty = Counters::default();
    let [people, robots] = [&counters.people, &counters.robots].map(|days| days.get(&day).unwrap_or(&empty));
    let mut json = json!({"day": day, "people": people.json()});
    let mut tables = people.tables("people");
    if with_robots {
        json["robots"] = robots.json();
        tables.extend(robots.tables("robots"));
    }
    Sheet {
        title: format!("Orders of {day}"),
        lead: format!("Ordered by people: {}. Made: {}.", people.submitted, people.completed),
        tables,
        links: day_links(day, with_robots),
        json: json.to_string(),
        ..Sheet::default()
    }
}

fn day_links(day: Day, with_robots: bool) -> Vec<(String, String)> {
    let robots =
        if with_robots { (day.to_string(), "Without robots") } else { (format!("{day}/robots"), "With robots") };
    [robots, ("days".to_owned(), "All days")].map(|(path, words)| (path, words.to_owned())).into()
}

fn days_sheet(counters: &OrderCounters) -> Sheet {
    let days: BTreeSet<Day> = counters.people.keys().chain(counters.robots.keys()).copied().collect();
    let made = |days: &Days, day: &Day| days.get(day).map_or(0, |counters| counters.completed).to_string();
    let row = |day: &Day| vec![day.to_string(), made(&counters.people, day), made(&counters.robots, day)];
    Sheet {
        title: "Days".to_owned(),
        lead: format!("Orders came on {} days.", days.len()),
        tables: vec![Table {
            caption: "The last day first".to_owned(),
            columns: ["Day", "Made for people", "Made for robots"].map(str::to_owned).into(),
            rows: days.iter().rev().map(row).collect(),
        }],
        links: days.iter().rev().map(|day| (day.to_string(), format!("Orders of {day}"))).collect(),
        json: json!({"days": days.iter().rev().collect::<Vec<_>>()}).to_string(),
        ..Sheet::default()
    }
}

impl Counters {
    /// The counts as JSON. Programs rely on these names.
    fn json(&self) -> Value {
        let drinks = rows(&self.drinks).map(|(id, row)| {
            let ItemCounts { name, ordered, made } = row;
            json!({"drink": id, "name": name, "ordered": ordered, "made": made})
        });
        let options = rows(&self.options).map(|(id, ItemCounts { name, ordered, made })| {
            let (group, option) = id.split_once('/').unwrap_or((SHARED_ROW_ID, SHARED_ROW_ID));
            json!({"group": group, "option": option, "name": name, "ordered": ordered, "made": made})
        });
        json!({
            "started": self.started,
            "submitted": self.submitted,
            "completed": self.completed,
            "collected": self.collected,
            "cancelled": self.cancelled,
            "expired": self.expired,
            "timed_out": self.timed_out,
            "turned_away": self.turned_away,
            "drinks": drinks.collect::<Vec<_>>(),
            "options": options.collect::<Vec<_>>(),
        })
    }

    fn tables(&self, group: &str) -> Vec<Table> {
        let orders = [
            ("Started", self.started),
            ("Submitted", self.submitted),
            ("Made", self.completed),
            ("Collected", self.collected),
            ("Cancelled", self.cancelled),
            ("Not collected", self.expired),
            ("Not chosen in time", self.timed_out.customer),
            ("Not made in time", self.timed_out.barista),
        ];
        let turned_away =
            self.turned_away.iter().map(|(reason, count)| vec![turned_away_text(reason), count.to_string()]);
        let orders = orders.map(|(name, count)| vec![name.to_owned(), count.to_string()]);
        let item_table = |caption: String, column: &str, rows_by_id: &BTreeMap<String, ItemCounts>| {
            // Most ordered first. The sort is stable: equal counts stay in the order of their ids.
            let mut all: Vec<&ItemCounts> = rows(rows_by_id).map(|(_, row)| row).collect();
            all.sort_by_key(|row| std::cmp::Reverse(row.ordered));
            let cells = |row: &ItemCounts| vec![row.name.clone(), row.ordered.to_string(), row.made.to_string()];
            table(caption, &[column, "Ordered", "Made"], all.into_iter().map(cells))
        };
        vec![
            table(format!("Orders of {group}"), &["Orders", "How many"], orders.into_iter().chain(turned_away)),
            item_table(format!("Drinks of {group}"), "Drink", &self.drinks),
            item_table(format!("Options of {group}"), "Option", &self.options),
        ]
    }
}

/// Rows with a count; rows that an undo or edit has emptied are omitted.
fn rows(rows_by_id: &BTreeMap<String, ItemCounts>) -> impl Iterator<Item = (&String, &ItemCounts)> {
    rows_by_id.iter().filter(|(_, row)| row.ordered + row.made > 0)
}

fn table(caption: String, columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Table {
    Table { caption, columns: columns.iter().map(|&column| column.to_owned()).collect(), rows: rows.collect() }
}

/// The table text of a reason for which starts were turned away.
fn turned_away_text(reason: &str) -> String {
    let text = match reason {
        "closed" => "the bar was closed",
        "paused" => "the bar had paused",
        "full" => "the bar was full",
        "limit" => "the guest had enough",
        "not_started" => "the first day had not come",
        "ended" => "the last day was over",
        other => other,
    };
    format!("Turned away: {text}")
}
