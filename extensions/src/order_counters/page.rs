//! Pages of `OrderCounters` as tables and JSON: the counts of one day, and the list of days.

use std::collections::{BTreeMap, BTreeSet};

use domain::extension::sheet::{Sheet, Table};
use domain::language::Language;
use domain::time::Day;
use serde_json::{Value, json};

use super::words::{self, CountedGroup, CounterText};
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

    pub(super) fn sheet(self, counters: &OrderCounters, today: Day, language: Language) -> Sheet {
        match self {
            Self::Day(day, with_robots) => day_sheet(day.unwrap_or(today), counters, with_robots, language),
            Self::Days => days_sheet(counters, language),
        }
    }
}

/// The page of one day. A day without orders has a page with zeros.
fn day_sheet(day: Day, counters: &OrderCounters, with_robots: bool, language: Language) -> Sheet {
    let text = |text| words::text(language, text);
    let empty = Counters::default();
    let [people, robots] = [&counters.people, &counters.robots].map(|days| days.get(&day).unwrap_or(&empty));
    let mut json = json!({"day": day, "people": people.json()});
    let mut tables = people.tables(CountedGroup::People, language);
    if with_robots {
        json["robots"] = robots.json();
        tables.extend(robots.tables(CountedGroup::Robots, language));
    }
    Sheet {
        title: text(CounterText::OrdersOfDay(day)),
        lead: text(CounterText::DayLead { ordered: people.submitted, made: people.completed }),
        tables,
        links: day_links(day, with_robots, language),
        json: json.to_string(),
        ..Sheet::default()
    }
}

fn day_links(day: Day, with_robots: bool, language: Language) -> Vec<(String, String)> {
    let robots = if with_robots {
        (day.to_string(), CounterText::WithoutRobots)
    } else {
        (format!("{day}/robots"), CounterText::WithRobots)
    };
    let links = [robots, ("days".to_owned(), CounterText::AllDays)];
    links.map(|(path, text)| (path, words::text(language, text))).into()
}

fn days_sheet(counters: &OrderCounters, language: Language) -> Sheet {
    let text = |text| words::text(language, text);
    let days: BTreeSet<Day> = counters.people.keys().chain(counters.robots.keys()).copied().collect();
    let made = |days: &Days, day: &Day| days.get(day).map_or(0, |counters| counters.completed).to_string();
    let row = |day: &Day| vec![day.to_string(), made(&counters.people, day), made(&counters.robots, day)];
    Sheet {
        title: text(CounterText::Days),
        lead: text(CounterText::DaysLead { days: days.len() }),
        tables: vec![Table {
            caption: text(CounterText::LastDayFirst),
            columns: [CounterText::Day, CounterText::MadeForPeople, CounterText::MadeForRobots].map(text).into(),
            rows: days.iter().rev().map(row).collect(),
        }],
        links: days.iter().rev().map(|day| (day.to_string(), text(CounterText::OrdersOfDay(*day)))).collect(),
        json: json!({"days": days.iter().rev().collect::<Vec<_>>()}).to_string(),
        ..Sheet::default()
    }
}

impl Counters {
    /// The counts as JSON. Programs rely on these names.
    fn json(&self) -> Value {
        let drinks = rows(&self.drinks).map(|(id, row)| {
            let ItemCounts { ordered, made, .. } = row;
            json!({"drink": id, "name": name(id, row, Language::English), "ordered": ordered, "made": made})
        });
        let options = rows(&self.options).map(|(id, row)| {
            let (ItemCounts { ordered, made, .. }, name) = (row, name(id, row, Language::English));
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

    fn tables(&self, group: CountedGroup, language: Language) -> Vec<Table> {
        let text = |text| words::text(language, text);
        let orders = [
            (CounterText::Started, self.started),
            (CounterText::Submitted, self.submitted),
            (CounterText::Made, self.completed),
            (CounterText::Collected, self.collected),
            (CounterText::Cancelled, self.cancelled),
            (CounterText::NotCollected, self.expired),
            (CounterText::NotChosen, self.timed_out.customer),
            (CounterText::NotMade, self.timed_out.barista),
        ];
        let turned_away = self.turned_away.iter().map(|(reason, count)| (CounterText::TurnedAway { reason }, *count));
        let orders = orders.into_iter().chain(turned_away);
        let item_table = |caption, column, rows_by_id: &BTreeMap<String, ItemCounts>| {
            // Most ordered first. The sort is stable: equal counts stay in the order of their ids.
            let mut all: Vec<(&String, &ItemCounts)> = rows(rows_by_id).collect();
            all.sort_by_key(|(_, row)| std::cmp::Reverse(row.ordered));
            let cells = |(id, row): (&String, &ItemCounts)| {
                vec![name(id, row, language), row.ordered.to_string(), row.made.to_string()]
            };
            Table {
                caption: text(caption),
                columns: [column, CounterText::Ordered, CounterText::Made].map(text).into(),
                rows: all.into_iter().map(cells).collect(),
            }
        };
        vec![
            Table {
                caption: text(CounterText::OrdersOf(group)),
                columns: [CounterText::Orders, CounterText::HowMany].map(text).into(),
                rows: orders.map(|(name, count)| vec![text(name), count.to_string()]).collect(),
            },
            item_table(CounterText::DrinksOf(group), CounterText::Drink, &self.drinks),
            item_table(CounterText::OptionsOf(group), CounterText::Option, &self.options),
        ]
    }
}

/// Name of a row. The shared row has none of its own.
fn name(id: &str, row: &ItemCounts, language: Language) -> String {
    if id == SHARED_ROW_ID { words::text(language, CounterText::Others) } else { row.name.clone() }
}

/// Rows with a count; rows that an undo or edit has emptied are omitted.
fn rows(rows_by_id: &BTreeMap<String, ItemCounts>) -> impl Iterator<Item = (&String, &ItemCounts)> {
    rows_by_id.iter().filter(|(_, row)| row.ordered + row.made > 0)
}
