//! `WaitTimes`: the current wait for each drink, from the submission until the drink is ready.
//!
//! The wait for a drink is the mean of the last ten orders of it that were made. An order that was cancelled or
//! recalled from ready counts only if it is ready again. Robot orders count: they occupy the same baristas, and a demo
//! has no others.

use std::collections::BTreeMap;

use domain::event::{Event, Fact, Recorded};
use domain::extension::pin::{Pin, Screen};
use domain::extension::sheet::{Sheet, Table};
use domain::extension::{
    Emission, Extension, LoggedEvent, MAX_EMISSIONS, Manifest, PageAccess, SheetRequest, StartFrom,
};
use domain::ids::OrderId;
use domain::menu::Chosen;
use domain::order::Step;
use domain::sorted_map::SortedMap;
use domain::time::Instant;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Maximum number of orders in a mean.
const OF_LAST: usize = 10;

/// Maximum number of drinks in the state. The least recently made drink is dropped.
const DRINKS_MOST: usize = 200;

/// Validity of a mean in seconds after its last order became ready.
const GOOD_FOR_SECONDS: u32 = 30 * 60;

/// An unchanged mean is emitted again when its end of validity has moved by this many milliseconds.
const RENEWED_MS: u64 = 5 * 60_000;

/// Key of the mean over all drinks. No drink has an empty id.
const ALL: &str = "";

pub(crate) fn manifest() -> Manifest {
    Manifest {
        name: "WaitTimes",
        words: "Tells guests how long each drink takes now: the mean of the last ten.",
        version: 1,
        begins: StartFrom::AtTheFirst,
        hears: |_| false,
        page_access: |path| path.is_empty().then_some(PageAccess::Everybody),
        make: crate::from_json::<WaitTimes>(),
    }
}

#[derive(Default, Serialize, Deserialize)]
struct WaitTimes {
    /// Submitted orders that are not finished.
    open: BTreeMap<OrderId, Open>,
    /// Waits by drink id, and of [`ALL`].
    kept: BTreeMap<String, Kept>,
    /// Drinks whose emission exceeded [`MAX_EMISSIONS`], the longest waiting first.
    left: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Open {
    drink: String,
    name: String,
    /// Start of the wait: the submission or the last postponement.
    since: Instant,
    step: Step,
    /// Wait until the drink was last ready.
    wait: Option<Wait>,
}

/// The wait of one order.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Wait {
    ms: i64,
    /// Time at which the drink became ready.
    at: Instant,
    /// Log position at which the drink became ready.
    position: u64,
}

#[derive(Default, Serialize, Deserialize)]
struct Kept {
    name: String,
    /// Log position at which the drink was last made.
    latest: u64,
    /// Waits of the last finished orders. Open orders are not included, as they may be recalled.
    waits: Vec<Wait>,
    said: Option<Figure>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Figure {
    seconds: i64,
    /// Number of orders in the mean.
    of: usize,
    until: Instant,
}

impl Extension for WaitTimes {
    fn on_event(&mut self, heard: &LoggedEvent<'_>) {
        let Recorded { at, position, event, .. } = heard.recorded;
        if let Event::OrderSubmitted(event) = event {
            self.open.insert(event.order, Open::new(&event.chosen, *at));
        }
        let Some(id) = event.order() else { return };
        // An order without a known submission has no wait.
        let Some(open) = self.open.get_mut(&id) else { return };
        open.follow(event, *at, *position);
        let (drink, name) = (open.drink.clone(), open.name.clone());
        match event {
            Event::OrderCompleted(_) => self.keep(&drink, &name, |kept| kept.latest = *position),
            Event::OrderFinished(_) => {
                if let Some(wait) = self.open.remove(&id).and_then(|open| open.counted()) {
                    self.keep(&drink, &name, |kept| kept.take(wait));
                }
            }
            _ => {}
        }
    }

    fn begin(&mut self, now: Instant) -> Vec<Emission> {
        for kept in self.kept.values_mut() {
            kept.said = None;
        }
        self.tick(now)
    }

    fn tick(&mut self, now: Instant) -> Vec<Emission> {
        let figures = self.figures();
        let mut turns = std::mem::take(&mut self.left);
        turns.extend(self.kept.keys().filter(|drink| !turns.contains(drink)).cloned().collect::<Vec<_>>());
        let mut said = Vec::new();
        for drink in turns {
            let Some(kept) = self.kept.get_mut(&drink) else { continue };
            let figure = figures.get(&drink).copied().filter(|figure| figure.until > now);
            if !kept.is_news(figure, now) {
                continue;
            }
            if said.len() == MAX_EMISSIONS {
                self.left.push(drink);
                continue;
            }
            kept.said = figure;
            said.push(saying(&drink, &kept.name, figure));
        }
        said
    }

    fn view(&self, asked: &SheetRequest<'_>) -> Option<Sheet> {
        asked.path.is_empty().then(|| self.sheet())
    }

    fn save(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl WaitTimes {
    fn keep(&mut self, drink: &str, name: &str, change: impl Fn(&mut Kept)) {
        for (drink, name) in [(ALL, "All"), (drink, name)] {
            let kept = self.kept.entry(drink.to_owned()).or_default();
            name.clone_into(&mut kept.name);
            change(kept);
        }
        if self.kept.len() > DRINKS_MOST + 1 {
            let oldest = self.kept.iter().min_by_key(|(_, kept)| kept.latest);
            if let Some(oldest) = oldest.map(|(drink, _)| drink.clone()) {
                self.kept.remove(&oldest);
            }
        }
    }

    fn figures(&self) -> BTreeMap<String, Figure> {
        let mut waits: BTreeMap<&str, Vec<Wait>> =
            self.kept.iter().map(|(drink, kept)| (drink.as_str(), kept.waits.clone())).collect();
        for open in self.open.values() {
            for drink in [ALL, &open.drink] {
                waits.entry(drink).or_default().extend(open.counted());
            }
        }
        waits.into_iter().filter_map(|(drink, waits)| Some((drink.to_owned(), Figure::of(waits)?))).collect()
    }

    fn sheet(&self) -> Sheet {
        let figures = self.figures();
        let mut drinks: Vec<_> = self.kept.iter().filter_map(|(id, kept)| Some((id, kept, figures.get(id)?))).collect();
        let all = drinks.iter().position(|(id, ..)| *id == ALL).map(|place| drinks.remove(place));
        let row = |(_, kept, figure): &(&String, &Kept, &Figure)| {
            vec![kept.name.clone(), words(figure.seconds), figure.of.to_string()]
        };
        let of_drink = |(id, kept, figure): &(&String, &Kept, &Figure)| json!({"drink": id, "name": kept.name, "seconds": figure.seconds, "of": figure.of});
        let json = json!({
            "drinks": drinks.iter().map(of_drink).collect::<Vec<_>>(),
            "all": all.map(|(_, _, figure)| json!({"seconds": figure.seconds, "of": figure.of})),
        });
        let lead = all.map_or_else(
            || "No drink was made yet.".to_owned(),
            |(_, _, Figure { seconds, of, .. })| {
                format!("From the order to the cup on the bar: {}, the mean of the last {of}.", words(*seconds))
            },
        );
        Sheet {
            title: "Wait times".to_owned(),
            lead,
            tables: vec![Table {
                caption: "The last ten of each drink".to_owned(),
                columns: ["Drink", "Wait", "Mean of"].map(str::to_owned).into(),
                rows: drinks.iter().chain(&all).map(row).collect(),
            }],
            json: json.to_string(),
            ..Sheet::default()
        }
    }
}

impl Open {
    fn new(chosen: &Chosen, since: Instant) -> Self {
        Self { drink: chosen.drink.clone(), name: chosen.name.clone(), since, step: Step::Waiting, wait: None }
    }

    fn follow(&mut self, event: &Event, at: Instant, position: u64) {
        if let Some((step, _)) = event.step() {
            self.step = step;
        }
        match event {
            Event::OrderEdited(event) => *self = Self::new(&event.chosen, self.since),
            // The guest chose to wait longer, so the order counts as new from here.
            Event::OrderPostponed(_) => self.since = at,
            Event::OrderCompleted(_) => self.wait = Some(Wait { ms: (at.0 - self.since.0).max(0), at, position }),
            _ => {}
        }
    }

    /// The wait, if the drink was made and not recalled or cancelled since.
    fn counted(&self) -> Option<Wait> {
        self.wait.filter(|_| matches!(self.step, Step::Ready | Step::Collected | Step::Expired))
    }
}

impl Kept {
    fn take(&mut self, wait: Wait) {
        self.waits.push(wait);
        last_of(&mut self.waits);
    }

    /// Checks if the shown mean differs from `figure` or its validity must be renewed.
    fn is_news(&self, figure: Option<Figure>, now: Instant) -> bool {
        match (self.said.filter(|said| said.until > now), figure) {
            (None, None) => false,
            (None, Some(_)) | (Some(_), None) => true,
            (Some(said), Some(is)) => said.seconds != is.seconds || is.until.0.abs_diff(said.until.0) >= RENEWED_MS,
        }
    }
}

impl Figure {
    fn of(mut waits: Vec<Wait>) -> Option<Self> {
        last_of(&mut waits);
        let until = waits.last()?.at.plus_seconds(GOOD_FOR_SECONDS);
        let count = i64::try_from(waits.len()).ok()?;
        let ms: i64 = waits.iter().map(|wait| wait.ms).sum();
        Some(Self { seconds: (ms / count + 500) / 1000, of: waits.len(), until })
    }
}

fn last_of(waits: &mut Vec<Wait>) {
    waits.sort_by_key(|wait| wait.position);
    waits.drain(..waits.len().saturating_sub(OF_LAST));
}

/// The emission for a mean. Without a mean, the count is zero and the pins are removed.
fn saying(drink: &str, name: &str, figure: Option<Figure>) -> Emission {
    let pin = |screen, slot: &str, label: &str| Pin {
        screen,
        slot: slot.to_owned(),
        label: label.to_owned(),
        value: figure.map(|figure| Fact::Number(figure.seconds)),
        unit: figure.map(|_| "s".to_owned()),
        until: figure.map(|figure| figure.until),
        link: None,
    };
    let of = i64::try_from(figure.map_or(0, |figure| figure.of)).unwrap_or_default();
    let mut facts = SortedMap::from([("of".to_owned(), Fact::Number(of))]);
    facts.extend(figure.map(|figure| ("seconds".to_owned(), Fact::Number(figure.seconds))));
    if drink == ALL {
        return Emission { name: "AverageTime", facts, pins: vec![pin(Screen::Display, "head", "Wait now")] };
    }
    facts.insert("drink".to_owned(), Fact::Text(drink.to_owned()));
    let slot = format!("drink/{drink}");
    // The menu shows the drink's name next to the pin; the display has no menu, so its pin has the name.
    let pins = vec![pin(Screen::Ordering, &slot, "Wait now"), pin(Screen::Display, &slot, name)];
    Emission { name: "DrinkAverageTime", facts, pins }
}

fn words(seconds: i64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}
