//! `WaitTimes`: how long drinks take now, from the order to the cup on the bar.
//!
//! The wait for a drink is the mean of the last ten orders of it that were made. One that the bar took back from ready
//! or that was cancelled does not count, unless it is ready again. Robots count: their cups take the same hands, and a
//! demo has no others.

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

/// A mean is of so many orders at most.
const OF_LAST: usize = 10;

/// Drinks that are known at a time; those made longest ago are forgotten.
const DRINKS_MOST: usize = 200;

/// How long a mean is good after the last order in it was made.
const GOOD_FOR_SECONDS: u32 = 30 * 60;

/// The same mean is said again when it has become good for so much longer than was said.
const RENEWED_MS: u64 = 5 * 60_000;

/// Whatever drink; no drink has this id.
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
    /// Submitted, and not over.
    open: BTreeMap<OrderId, Open>,
    /// By drink, and [`ALL`].
    kept: BTreeMap<String, Kept>,
    /// What there was to say beyond [`MAX_EMISSIONS`]; what waits longest comes first.
    left: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Open {
    drink: String,
    name: String,
    /// When it came to stand in the queue.
    since: Instant,
    step: Step,
    /// When it was made last.
    wait: Option<Wait>,
}

/// How long one order took.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Wait {
    ms: i64,
    /// When and where in the log the drink was made.
    at: Instant,
    position: u64,
}

#[derive(Default, Serialize, Deserialize)]
struct Kept {
    name: String,
    /// Where in the log one was made last.
    latest: u64,
    /// Of the last orders that are over: what is still open may be taken back.
    waits: Vec<Wait>,
    said: Option<Figure>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Figure {
    seconds: i64,
    /// How many orders it is the mean of.
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
        // One that it never saw begin has no wait.
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
            // Its guest let all others go first: that wait was a wish, and from here on it is like a new order.
            Event::OrderPostponed(_) => self.since = at,
            Event::OrderCompleted(_) => self.wait = Some(Wait { ms: (at.0 - self.since.0).max(0), at, position }),
            _ => {}
        }
    }

    /// Of one that is made, and not taken back since.
    fn counted(&self) -> Option<Wait> {
        self.wait.filter(|_| matches!(self.step, Step::Ready | Step::Collected | Step::Expired))
    }
}

impl Kept {
    fn take(&mut self, wait: Wait) {
        self.waits.push(wait);
        last_of(&mut self.waits);
    }

    /// Whether people would read something else now, or would soon read nothing any more.
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

/// A mean that is not good any more is said as the mean of none, and takes its pins away.
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
    // Where a drink is chosen its name stands there already; the TV has no menu.
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
