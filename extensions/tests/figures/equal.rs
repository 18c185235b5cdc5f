//! Property tests: the figures of the extensions equal figures that are computed from the whole log of random days.

use std::collections::{BTreeMap, BTreeSet};

use domain::command::Channel;
use domain::event::{Emitted, Event, Fact, Recorded};
use domain::extension::Emission;
use domain::extension::pin::{Pins, Screen};
use domain::ids::OrderId;
use domain::menu::Chosen;
use domain::order::{Cause, Step};
use domain::time::{Day, Instant};
use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};
use serde_json::{Map, Value, json};

use crate::bar::{Bar, Listener, day_of};
use crate::day::{days, play};

fn config() -> ProptestConfig {
    ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_counters_equal_the_log(acts in days()) {
        let bar = play(&acts);
        let listener = Listener::of("OrderCounters", &bar);
        let days: BTreeSet<Day> = bar.log.iter().map(|recorded| day_of(recorded.at)).collect();
        for day in days {
            let counted = listener.json(&format!("{day}/robots"), bar.now);
            for (whose, is_robot) in [("people", false), ("robots", true)] {
                prop_assert_eq!(&counted[whose], &count(&bar.log, day, is_robot), "{} of {}", whose, day);
            }
        }
    }

    #[test]
    fn the_wait_times_equal_the_log_at_every_moment(acts in days()) {
        let bar = play(&acts);
        let mut listener = Listener::new("WaitTimes");
        for heard in 0..=bar.log.len() {
            if heard % 7 == 0 || heard == bar.log.len() {
                let log = &bar.log[..heard];
                listener.on_event(log);
                prop_assert_eq!(listener.json("", bar.now), waits(log));
            }
        }
    }

    #[test]
    fn what_is_pinned_equals_the_log_whenever_it_was_asked(acts in days()) {
        let bar = play(&acts);
        let (mut listener, mut pins) = (Listener::new("WaitTimes"), Pins::default());
        for (heard, recorded) in bar.log.iter().enumerate().filter(|(heard, _)| heard % 3 == 0) {
            let (log, now) = (&bar.log[..heard], recorded.at);
            listener.on_event(log);
            for Emission { name, facts, pins: said } in listener.tick(now) {
                let kind = format!("WaitTimes.{name}");
                pins.apply(&Emitted { kind, hops: 1, facts, pins: said }.into());
            }
            let shown = |wanted: Screen| {
                let seen = pins.iter().filter(|(_, pin)| pin.screen == wanted && pin.until.is_none_or(|until| until > now));
                seen.map(|(_, pin)| (pin.slot.clone(), pin.value.clone())).collect::<BTreeMap<_, _>>()
            };
            let mut current = current(log, now);
            prop_assert_eq!(shown(Screen::Display), current.clone());
            current.remove("head");
            prop_assert_eq!(shown(Screen::Ordering), current);
        }
    }

    #[test]
    fn saving_and_loading_changes_nothing_wherever_it_happens(acts in days(), places in proptest::collection::vec(0..2000_usize, 0..5)) {
        let bar = play(&acts);
        for name in ["WaitTimes", "OrderCounters"] {
            let (mut one, mut other) = (Listener::new(name), Listener::new(name));
            for heard in 0..=bar.log.len() {
                one.on_event(&bar.log[..heard]);
                other.on_event(&bar.log[..heard]);
                if places.iter().any(|place| place % (bar.log.len() + 1) == heard) {
                    other = other.restarted();
                }
                let now = bar.log[..heard].last().map_or(bar.now, |recorded| recorded.at);
                if heard % 5 == 0 {
                    prop_assert_eq!(one.tick(now), other.tick(now));
                }
            }
            prop_assert_eq!(one.json("", bar.now), other.json("", bar.now));
            prop_assert_eq!(one.save(), other.save());
        }
    }
}

#[test]
fn what_does_not_read_makes_no_extension() {
    for manifest in extensions::all() {
        assert!((manifest.make)(Some("{")).is_none(), "{}", manifest.name);
    }
}

/// All events of an order, in log order.
fn story(log: &[Recorded], order: OrderId) -> Vec<&Recorded> {
    log.iter().filter(|recorded| recorded.event.order() == Some(order)).collect()
}

/// The order's choice before the event at this index of its events.
fn chosen_before(story: &[&Recorded], place: usize) -> Chosen {
    let mut chosen = story[..place].iter().filter_map(|recorded| match &recorded.event {
        Event::OrderSubmitted(event) => Some(event.chosen.clone()),
        Event::OrderEdited(event) => Some(event.chosen.clone()),
        _ => None,
    });
    chosen.next_back().unwrap()
}

/// Checks if the event at this index was undone before the next event of its kind.
fn is_taken_back(story: &[&Recorded], place: usize) -> bool {
    let event = &story[place].event;
    let again = |other: &&&Recorded| other.event.kind() != event.kind();
    story[place + 1..].iter().take_while(again).any(|later| match (&later.event, event) {
        (Event::OrderRecalled(recalled), Event::OrderCompleted(_)) => recalled.from == Step::Ready,
        (Event::OrderRecalled(recalled), Event::OrderCancelled(_)) => recalled.from == Step::Cancelled,
        _ => false,
    })
}

/// The counts of a day, event by event.
fn count(log: &[Recorded], day: Day, is_robot: bool) -> Value {
    let mut figures: BTreeMap<&str, u64> = BTreeMap::new();
    let mut turned_away = Map::new();
    let mut drinks: BTreeMap<String, (String, u64, u64)> = BTreeMap::new();
    let mut options: BTreeMap<(String, String), (String, u64, u64)> = BTreeMap::new();
    let mut take = |chosen: &Chosen, ordered: u64, made: u64| {
        let row = drinks.entry(chosen.drink.clone()).or_default();
        *row = (chosen.name.clone(), row.1 + ordered, row.2 + made);
        for picked in &chosen.options {
            let row = options.entry((picked.group.clone(), picked.option.clone())).or_default();
            *row = (picked.name.clone(), row.1 + ordered, row.2 + made);
        }
    };
    for recorded in log.iter().filter(|recorded| day_of(recorded.at) == day) {
        let Some(order) = recorded.event.order() else { continue };
        let story = story(log, order);
        if (story[0].channel == Some(Channel::Robot)) != is_robot {
            continue;
        }
        let place = story.iter().position(|other| other.position == recorded.position).unwrap();
        let name = match &recorded.event {
            Event::NewOrder(_) => "started",
            Event::OrderSubmitted(_) => {
                // The last edit determines the drink.
                take(&chosen_before(&story, story.len()), 1, 0);
                "submitted"
            }
            Event::OrderCompleted(_) if !is_taken_back(&story, place) => {
                take(&chosen_before(&story, place), 0, 1);
                "completed"
            }
            Event::OrderCancelled(_) if !is_taken_back(&story, place) => "cancelled",
            Event::OrderCollected(_) => "collected",
            Event::OrderExpired(_) => "expired",
            Event::OrderTimedOut(event) if event.cause == Cause::Customer => "customer",
            Event::OrderTimedOut(_) => "barista",
            Event::ShopUnavailable(event) => {
                let reason = turned_away.entry(event.reason.as_str()).or_insert(json!(0));
                *reason = json!(reason.as_u64().unwrap() + 1);
                continue;
            }
            _ => continue,
        };
        *figures.entry(name).or_default() += 1;
    }
    let of = |name| figures.get(name).copied().unwrap_or(0);
    let drinks = drinks
        .into_iter()
        .map(|(drink, (name, ordered, made))| json!({"drink": drink, "name": name, "ordered": ordered, "made": made}));
    let options = options.into_iter().map(|((group, option), (name, ordered, made))| {
        json!({"group": group, "option": option, "name": name, "ordered": ordered, "made": made})
    });
    json!({
        "started": of("started"), "submitted": of("submitted"), "completed": of("completed"),
        "collected": of("collected"), "cancelled": of("cancelled"), "expired": of("expired"),
        "timed_out": {"customer": of("customer"), "barista": of("barista")},
        "turned_away": turned_away,
        "drinks": drinks.collect::<Vec<_>>(), "options": options.collect::<Vec<_>>(),
    })
}

struct Waited {
    made: Recorded,
    chosen: Chosen,
    ms: i64,
}

/// The wait of an order; `None` if it does not count.
fn wait(story: &[&Recorded]) -> Option<Waited> {
    let step = story.iter().filter_map(|recorded| recorded.event.step()).next_back()?.0;
    if !matches!(step, Step::Ready | Step::Collected | Step::Expired) {
        return None;
    }
    let made = story.iter().rposition(|recorded| matches!(recorded.event, Event::OrderCompleted(_)))?;
    let begins = |recorded: &&&Recorded| matches!(recorded.event, Event::OrderSubmitted(_) | Event::OrderPostponed(_));
    let Instant(from) = story[..made].iter().rfind(begins)?.at;
    let ms = (story[made].at.0 - from).max(0);
    Some(Waited { made: story[made].clone(), chosen: chosen_before(story, made), ms })
}

/// The waits that count, latest first.
fn last_waits(log: &[Recorded]) -> Vec<Waited> {
    let orders: BTreeSet<OrderId> = log.iter().filter_map(|recorded| recorded.event.order()).collect();
    let mut waits: Vec<_> = orders.into_iter().filter_map(|order| wait(&story(log, order))).collect();
    waits.sort_by_key(|wait| std::cmp::Reverse(wait.made.position));
    waits
}

/// The mean of the last ten waits of a drink, or of all drinks, and their number.
fn mean(waits: &[Waited], drink: Option<&str>) -> Option<(i64, i64)> {
    let last = waits.iter().filter(|wait| drink.is_none_or(|drink| wait.chosen.drink == drink)).take(10);
    let ms: Vec<i64> = last.map(|wait| wait.ms).collect();
    let count = i64::try_from(ms.len()).unwrap();
    // Rounds to the nearest second: (2 * mean + 1 s) / 2.
    (count > 0).then(|| ((2 * ms.iter().sum::<i64>() / count + 1000) / 2000, count))
}

/// The expected JSON of the wait times page.
fn waits(log: &[Recorded]) -> Value {
    let waits = last_waits(log);
    let names: BTreeSet<_> = waits.iter().map(|wait| (&wait.chosen.drink, &wait.chosen.name)).collect();
    let drinks = names.into_iter().map(|(drink, name)| {
        let (seconds, of) = mean(&waits, Some(drink)).unwrap();
        json!({"drink": drink, "name": name, "seconds": seconds, "of": of})
    });
    let all = mean(&waits, None).map(|(seconds, of)| json!({"seconds": seconds, "of": of}));
    json!({"drinks": drinks.collect::<Vec<_>>(), "all": all})
}

/// The expected pins by slot: means of the drinks that were made within half an hour.
fn current(log: &[Recorded], now: Instant) -> BTreeMap<String, Option<Fact>> {
    let waits = last_waits(log);
    let is_recent = |wait: &&Waited| wait.made.at.plus_seconds(1800) > now;
    let last_of_each = waits
        .iter()
        .enumerate()
        .filter(|(place, wait)| !waits[..*place].iter().any(|later| later.chosen.drink == wait.chosen.drink));
    let recent = last_of_each.map(|(_, wait)| wait).filter(is_recent);
    let value = |drink| mean(&waits, drink).map(|(seconds, _)| Fact::Number(seconds));
    let drinks = recent.map(|wait| (format!("drink/{}", wait.chosen.drink), value(Some(&wait.chosen.drink))));
    let head = waits.first().filter(is_recent).map(|_| ("head".to_owned(), value(None)));
    drinks.chain(head).collect()
}

/// Guards against vacuous properties: the random days together contain every kind of outcome.
#[test]
fn days_have_every_turn_in_them() {
    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let bars: Vec<Bar> = (0..40).map(|_| play(&days().new_tree(&mut runner).unwrap().current())).collect();
    let kinds: BTreeSet<&str> = bars.iter().flat_map(|bar| &bar.log).map(|recorded| recorded.event.kind()).collect();
    for kind in [
        "OrderProcessor.ShopUnavailable",
        "OrderProcessor.OrderTimedOut",
        "OrderManager.OrderEdited",
        "OrderManager.OrderPostponed",
        "OrderManager.OrderRecalled",
        "OrderManager.OrderCancelled",
        "OrderManager.OrderExpired",
        "OrderManager.OrderCollected",
    ] {
        assert!(kinds.contains(kind), "no random day has {kind}");
    }
    let most = bars.iter().map(|bar| waits(&bar.log)["all"]["of"].as_u64().unwrap_or(0)).max();
    assert_eq!(most, Some(10), "some day has at least ten orders in the mean");
}
