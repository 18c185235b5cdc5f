//! `WaitTimes`: the current wait for each drink, from the submission until the drink is ready.
//!
//! The wait for a drink is the mean of the last ten orders of it that were made. An order that was cancelled or
//! recalled from ready counts only if it is ready again. Robot orders count: they occupy the same baristas, and a demo
//! may have only robot orders.

use std::collections::BTreeMap;

use domain::event::{Event, Fact, Recorded};
use domain::extension::pin::{Pin, PinLabel, Screen};
use domain::extension::sheet::{Sheet, Table};
use domain::extension::{
    Emission, Extension, LoggedEvent, MAX_EMISSIONS, Manifest, PageAccess, SheetRequest, StartFrom,
};
use domain::ids::OrderId;
use domain::language::Language;
use domain::menu::Chosen;
use domain::order::Step;
use domain::sorted_map::SortedMap;
use domain::time::Instant;
use serde::{Deserialize, Serialize};
use serde_json::json;

use self::words::WaitText;
use crate::duration;

mod words;

/// Maximum number of orders in a mean.
const MEAN_ORDERS: usize = 10;

/// Maximum number of drinks in the state. The least recently made drink is dropped.
const MAX_DRINKS: usize = 200;

/// Validity of a mean in seconds after its last order became ready.
const GOOD_FOR_SECONDS: u32 = 30 * 60;

/// An unchanged mean is emitted again when its end of validity has moved by this many milliseconds.
const RENEWAL_MS: u64 = 5 * 60_000;

/// Key of the mean over all drinks. No drink has an empty id.
const ALL_DRINKS: &str = "";

pub(crate) fn manifest() -> Manifest {
    Manifest {
        name: "WaitTimes",
        words: words::label,
        version: 1,
        start_from: StartFrom::FirstEvent,
        subscribes_to: |_| false,
        page_access: |path| path.is_empty().then_some(PageAccess::Public),
        make: crate::from_json::<WaitTimes>(),
    }
}

#[derive(Default, Serialize, Deserialize)]
struct WaitTimes {
    /// Submitted orders that are not finished.
    open: BTreeMap<OrderId, TimedOrder>,
    /// Waits by drink id, and of [`ALL_DRINKS`].
    #[serde(rename = "kept")]
    drinks: BTreeMap<String, DrinkWaits>,
    /// Drinks whose emission exceeded [`MAX_EMISSIONS`], the longest waiting first.
    #[serde(rename = "left")]
    deferred: Vec<String>,
}

/// A submitted order with the start of its wait.
#[derive(Serialize, Deserialize)]
struct TimedOrder {
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
    /// Duration in milliseconds.
    ms: i64,
    /// Time at which the drink became ready.
    at: Instant,
    /// Log position at which the drink became ready.
    position: u64,
}

/// The latest waits of one drink, or of all drinks, and the mean that was last emitted.
#[derive(Default, Serialize, Deserialize)]
struct DrinkWaits {
    /// Name of the drink; of [`ALL_DRINKS`] the words have it.
    name: String,
    /// Log position at which the drink was last made.
    latest: u64,
    /// Waits of the last finished orders. Open orders are not included, as they may be recalled.
    waits: Vec<Wait>,
    /// The mean that screens show until its validity ends.
    #[serde(rename = "said")]
    emitted: Option<MeanWait>,
}

/// A mean of waits.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct MeanWait {
    seconds: i64,
    /// Number of orders in the mean.
    #[serde(rename = "of")]
    orders: usize,
    /// End of the validity.
    until: Instant,
}

impl Extension for WaitTimes {
    fn on_event(&mut self, logged: &LoggedEvent<'_>) {
        let Recorded { at, position, event, .. } = logged.recorded;
        if let Event::OrderSubmitted(event) = event {
            self.open.insert(event.order, TimedOrder::new(&event.chosen, *at));
        }
        let Some(id) = event.order() else { return };
        // An order without a known submission has no wait.
        let Some(open) = self.open.get_mut(&id) else { return };
        open.apply(event, *at, *position);
        let (drink, name) = (open.drink.clone(), open.name.clone());
        match event {
            Event::OrderCompleted(_) => self.update(&drink, &name, |drink_waits| drink_waits.latest = *position),
            Event::OrderFinished(_) => {
                if let Some(wait) = self.open.remove(&id).and_then(|open| open.countable_wait()) {
                    self.update(&drink, &name, |drink_waits| drink_waits.push(wait));
                }
            }
            _ => {}
        }
    }

    fn on_start(&mut self, now: Instant) -> Vec<Emission> {
        for drink_waits in self.drinks.values_mut() {
            drink_waits.emitted = None;
        }
        self.tick(now)
    }

    fn tick(&mut self, now: Instant) -> Vec<Emission> {
        let means = self.means();
        let mut candidates = std::mem::take(&mut self.deferred);
        candidates.extend(self.drinks.keys().filter(|drink| !candidates.contains(drink)).cloned().collect::<Vec<_>>());
        let mut emissions = Vec::new();
        for drink in candidates {
            let Some(drink_waits) = self.drinks.get_mut(&drink) else { continue };
            let mean = means.get(&drink).copied().filter(|mean| mean.until > now);
            if !drink_waits.needs_emission(mean, now) {
                continue;
            }
            if emissions.len() == MAX_EMISSIONS {
                self.deferred.push(drink);
                continue;
            }
            drink_waits.emitted = mean;
            emissions.push(emission(&drink, &drink_waits.name, mean));
        }
        emissions
    }

    fn view(&self, request: &SheetRequest<'_>) -> Option<Sheet> {
        request.path.is_empty().then(|| self.sheet(request.language))
    }

    fn save(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl WaitTimes {
    /// Changes the waits of a drink and of all drinks.
    fn update(&mut self, drink: &str, name: &str, change: impl Fn(&mut DrinkWaits)) {
        for (drink, name) in [(ALL_DRINKS, ""), (drink, name)] {
            let drink_waits = self.drinks.entry(drink.to_owned()).or_default();
            name.clone_into(&mut drink_waits.name);
            change(drink_waits);
        }
        if self.drinks.len() > MAX_DRINKS + 1 {
            let oldest = self.drinks.iter().min_by_key(|(_, drink_waits)| drink_waits.latest);
            if let Some(oldest) = oldest.map(|(drink, _)| drink.clone()) {
                self.drinks.remove(&oldest);
            }
        }
    }

    /// The current means, including open orders that are ready.
    fn means(&self) -> BTreeMap<String, MeanWait> {
        let mut waits: BTreeMap<&str, Vec<Wait>> =
            self.drinks.iter().map(|(drink, drink_waits)| (drink.as_str(), drink_waits.waits.clone())).collect();
        for open in self.open.values() {
            for drink in [ALL_DRINKS, &open.drink] {
                waits.entry(drink).or_default().extend(open.countable_wait());
            }
        }
        waits.into_iter().filter_map(|(drink, waits)| Some((drink.to_owned(), MeanWait::from_waits(waits)?))).collect()
    }

    fn sheet(&self, language: Language) -> Sheet {
        let text = |text| words::text(language, text);
        let means = self.means();
        let mut drinks: Vec<_> =
            self.drinks.iter().filter_map(|(id, drink_waits)| Some((id, drink_waits, means.get(id)?))).collect();
        let all = drinks.iter().position(|(id, ..)| *id == ALL_DRINKS).map(|place| drinks.remove(place));
        let row = |(id, drink_waits, mean): &(&String, &DrinkWaits, &MeanWait)| {
            let name = if *id == ALL_DRINKS { text(WaitText::All) } else { drink_waits.name.clone() };
            vec![name, duration(mean.seconds()), mean.orders.to_string()]
        };
        let drink_json = |(id, drink_waits, mean): &(&String, &DrinkWaits, &MeanWait)| {
            let name = &drink_waits.name;
            json!({"drink": id, "name": name, "seconds": mean.seconds, "of": mean.orders})
        };
        let json = json!({
            "drinks": drinks.iter().map(drink_json).collect::<Vec<_>>(),
            "all": all.map(|(_, _, mean)| json!({"seconds": mean.seconds, "of": mean.orders})),
        });
        let lead = all
            .map_or(WaitText::NoneYet, |(_, _, mean)| WaitText::Lead { seconds: mean.seconds(), orders: mean.orders });
        Sheet {
            title: text(WaitText::Title),
            lead: text(lead),
            tables: vec![Table {
                caption: text(WaitText::Caption),
                columns: [WaitText::Drink, WaitText::Wait, WaitText::Orders].map(text).into(),
                rows: drinks.iter().chain(&all).map(row).collect(),
            }],
            json: json.to_string(),
            ..Sheet::default()
        }
    }
}

impl TimedOrder {
    fn new(chosen: &Chosen, since: Instant) -> Self {
        Self { drink: chosen.drink.clone(), name: chosen.name.clone(), since, step: Step::Waiting, wait: None }
    }

    fn apply(&mut self, event: &Event, at: Instant, position: u64) {
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
    fn countable_wait(&self) -> Option<Wait> {
        self.wait.filter(|_| matches!(self.step, Step::Ready | Step::Collected | Step::Expired))
    }
}

impl DrinkWaits {
    fn push(&mut self, wait: Wait) {
        self.waits.push(wait);
        keep_latest(&mut self.waits);
    }

    /// Checks if the shown mean differs from `mean` or its validity must be renewed.
    fn needs_emission(&self, mean: Option<MeanWait>, now: Instant) -> bool {
        match (self.emitted.filter(|emitted| emitted.until > now), mean) {
            (None, None) => false,
            (None, Some(_)) | (Some(_), None) => true,
            (Some(emitted), Some(current)) => {
                emitted.seconds != current.seconds || current.until.0.abs_diff(emitted.until.0) >= RENEWAL_MS
            }
        }
    }
}

impl MeanWait {
    fn from_waits(mut waits: Vec<Wait>) -> Option<Self> {
        keep_latest(&mut waits);
        let until = waits.last()?.at.plus_seconds(GOOD_FOR_SECONDS);
        let count = i64::try_from(waits.len()).ok()?;
        let ms: i64 = waits.iter().map(|wait| wait.ms).sum();
        Some(Self { seconds: (ms / count + 500) / 1000, orders: waits.len(), until })
    }

    fn seconds(&self) -> u32 {
        u32::try_from(self.seconds).unwrap_or_default()
    }
}

/// Sorts by log position and keeps the last [`MEAN_ORDERS`].
fn keep_latest(waits: &mut Vec<Wait>) {
    waits.sort_by_key(|wait| wait.position);
    waits.drain(..waits.len().saturating_sub(MEAN_ORDERS));
}

/// The emission for a mean. Without a mean, the count is zero and the pins are removed.
fn emission(drink: &str, name: &str, mean: Option<MeanWait>) -> Emission {
    let pin = |screen, slot: &str, label| Pin {
        screen,
        slot: slot.to_owned(),
        label,
        value: mean.map(|mean| Fact::Number(mean.seconds)),
        unit: mean.map(|_| "s".to_owned()),
        until: mean.map(|mean| mean.until),
        link: None,
    };
    let wait_now = PinLabel::Key("wait_now".to_owned());
    let orders = i64::try_from(mean.map_or(0, |mean| mean.orders)).unwrap_or_default();
    let mut facts = SortedMap::from([("of".to_owned(), Fact::Number(orders))]);
    facts.extend(mean.map(|mean| ("seconds".to_owned(), Fact::Number(mean.seconds))));
    if drink == ALL_DRINKS {
        return Emission { name: "AverageTime", facts, pins: vec![pin(Screen::Display, "head", wait_now)] };
    }
    facts.insert("drink".to_owned(), Fact::Text(drink.to_owned()));
    let slot = format!("drink/{drink}");
    // The menu shows the drink's name next to the pin; the display has no menu, so its pin has the name.
    let pins =
        vec![pin(Screen::Ordering, &slot, wait_now), pin(Screen::Display, &slot, PinLabel::Name(name.to_owned()))];
    Emission { name: "DrinkAverageTime", facts, pins }
}
