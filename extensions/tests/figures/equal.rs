//! Property tests: the figures of the extensions equal figures that are computed from the whole log of random days.

use std::collections::{BTreeMap, BTreeSet};

use domain::event::{Emitted, Event, Fact, Recorded};
use domain::extension::Emission;
use domain::extension::pin::{Pin, Pins, Screen};
use domain::ids::OrderId;
use domain::menu::Chosen;
use domain::order::{Channel, Step, TimeoutCause};
use domain::time::{Day, Instant};
use proptest::prelude::{prop_assert_eq, proptest};
use serde_json::{Map, Value, json};

use crate::bar::{TestExtension, TestShop, day_of};
use crate::day::{days, play};

proptest! {
    #[test]
    fn the_counters_equal_the_log(commands in days()) {
        let shop = play(&commands);
        let extension = TestExtension::with_log("OrderCounters", &shop);
        let days: BTreeSet<Day> = shop.log.iter().map(|recorded| day_of(recorded.at)).collect();
        for day in days {
            let counts = extension.json(&format!("{day}/robots"), shop.now);
            for (group, is_robot) in [("people", false), ("robots", true)] {
                prop_assert_eq!(&counts[group], &count(&shop.log, day, is_robot), "{} of {}", group, day);
            }
        }
    }

    #[test]
    fn the_wait_times_equal_the_log_at_every_position(commands in days()) {
        let shop = play(&commands);
        let mut extension = TestExtension::new("WaitTimes");
        for delivered in 0..=shop.log.len() {
            if delivered % 7 == 0 || delivered == shop.log.len() {
                let log = &shop.log[..delivered];
                extension.on_event(log);
                prop_assert_eq!(extension.json("", shop.now), expected_page(log));
            }
        }
    }

    #[test]
    fn the_pins_equal_the_log_at_every_position(commands in days()) {
        let shop = play(&commands);
        let (mut extension, mut pins) = (TestExtension::new("WaitTimes"), Pins::default());
        for (delivered, recorded) in shop.log.iter().enumerate().filter(|(delivered, _)| delivered % 3 == 0) {
            let (log, now) = (&shop.log[..delivered], recorded.at);
            extension.on_event(log);
            for Emission { name, facts, pins: emitted_pins } in extension.tick(now) {
                let kind = format!("WaitTimes.{name}");
                pins.apply(&Emitted { kind, hops: 1, facts, pins: emitted_pins }.into());
            }
            let shown = |wanted: Screen| {
                let is_valid = |pin: &Pin| pin.until.is_none_or(|until| until > now);
                let seen = pins.iter().filter(|(_, pin)| pin.screen == wanted && is_valid(pin));
                seen.map(|(_, pin)| (pin.slot.clone(), pin.value.clone())).collect::<BTreeMap<_, _>>()
            };
            let mut expected = expected_pins(log, now);
            prop_assert_eq!(shown(Screen::Display), expected.clone());
            expected.remove("head");
            prop_assert_eq!(shown(Screen::Ordering), expected);
        }
    }

    #[test]
    fn saving_and_loading_at_any_position_changes_nothing(
        commands in days(),
        restarts in proptest::collection::vec(0..2000_usize, 0..5),
    ) {
        let shop = play(&commands);
        for name in ["WaitTimes", "OrderCounters"] {
            let (mut uninterrupted, mut restarted) = (TestExtension::new(name), TestExtension::new(name));
            for delivered in 0..=shop.log.len() {
                uninterrupted.on_event(&shop.log[..delivered]);
                restarted.on_event(&shop.log[..delivered]);
                if restarts.iter().any(|restart| restart % (shop.log.len() + 1) == delivered) {
                    restarted = restarted.restarted();
                }
                let now = shop.log[..delivered].last().map_or(shop.now, |recorded| recorded.at);
                if delivered % 5 == 0 {
                    prop_assert_eq!(uninterrupted.tick(now), restarted.tick(now));
                }
            }
            prop_assert_eq!(uninterrupted.json("", shop.now), restarted.json("", shop.now));
            prop_assert_eq!(uninterrupted.save(), restarted.save());
        }
    }
}

#[test]
fn unreadable_state_makes_no_extension() {
    for manifest in extensions::all() {
        assert!((manifest.make)(Some("{")).is_none(), "{}", manifest.name);
    }
}

/// All events of an order, in log order.
fn order_events(log: &[Recorded], order: OrderId) -> Vec<&Recorded> {
    log.iter().filter(|recorded| recorded.event.order() == Some(order)).collect()
}

/// The order's choice before the event at this index of its events.
fn chosen_before(order_events: &[&Recorded], index: usize) -> Chosen {
    let mut chosen = order_events[..index].iter().filter_map(|recorded| match &recorded.event {
        Event::OrderSubmitted(event) => Some(event.chosen.clone()),
        Event::OrderEdited(event) => Some(event.chosen.clone()),
        _ => None,
    });
    chosen.next_back().unwrap()
}

/// Checks if the event at this index was undone before the next event of its kind.
fn is_undone(order_events: &[&Recorded], index: usize) -> bool {
    let event = &order_events[index].event;
    let again = |other: &&&Recorded| other.event.kind() != event.kind();
    order_events[index + 1..].iter().take_while(again).any(|later| match (&later.event, event) {
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
    let mut add = |chosen: &Chosen, ordered: u64, made: u64| {
        let row = drinks.entry(chosen.drink.clone()).or_default();
        *row = (chosen.name.clone(), row.1 + ordered, row.2 + made);
        for picked in &chosen.options {
            let row = options.entry((picked.group.clone(), picked.option.clone())).or_default();
            *row = (picked.name.clone(), row.1 + ordered, row.2 + made);
        }
    };
    for recorded in log.iter().filter(|recorded| day_of(recorded.at) == day) {
        let Some(order) = recorded.event.order() else { continue };
        let order_events = order_events(log, order);
        if (order_events[0].channel == Some(Channel::Robot)) != is_robot {
            continue;
        }
        let index = order_events.iter().position(|other| other.position == recorded.position).unwrap();
        let name = match &recorded.event {
            Event::NewOrder(_) => "started",
            Event::OrderSubmitted(_) => {
                // The last edit determines the drink.
                add(&chosen_before(&order_events, order_events.len()), 1, 0);
                "submitted"
            }
            Event::OrderCompleted(_) if !is_undone(&order_events, index) => {
                add(&chosen_before(&order_events, index), 0, 1);
                "completed"
            }
            Event::OrderCancelled(_) if !is_undone(&order_events, index) => "cancelled",
            Event::OrderCollected(_) => "collected",
            Event::OrderExpired(_) => "expired",
            Event::OrderTimedOut(event) if event.cause == TimeoutCause::Customer => "customer",
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
    let figure = |name| figures.get(name).copied().unwrap_or(0);
    let drinks = drinks
        .into_iter()
        .map(|(drink, (name, ordered, made))| json!({"drink": drink, "name": name, "ordered": ordered, "made": made}));
    let options = options.into_iter().map(|((group, option), (name, ordered, made))| {
        json!({"group": group, "option": option, "name": name, "ordered": ordered, "made": made})
    });
    json!({
        "started": figure("started"), "submitted": figure("submitted"), "completed": figure("completed"),
        "collected": figure("collected"), "cancelled": figure("cancelled"), "expired": figure("expired"),
        "timed_out": {"customer": figure("customer"), "barista": figure("barista")},
        "turned_away": turned_away,
        "drinks": drinks.collect::<Vec<_>>(), "options": options.collect::<Vec<_>>(),
    })
}

struct MeasuredWait {
    made: Recorded,
    chosen: Chosen,
    ms: i64,
}

/// The wait of an order; `None` if it does not count.
fn measured_wait(order_events: &[&Recorded]) -> Option<MeasuredWait> {
    let step = order_events.iter().filter_map(|recorded| recorded.event.step()).next_back()?.0;
    if !matches!(step, Step::Ready | Step::Collected | Step::Expired) {
        return None;
    }
    let made = order_events.iter().rposition(|recorded| matches!(recorded.event, Event::OrderCompleted(_)))?;
    let begins = |recorded: &&&Recorded| matches!(recorded.event, Event::OrderSubmitted(_) | Event::OrderPostponed(_));
    let Instant(from) = order_events[..made].iter().rfind(begins)?.at;
    let ms = (order_events[made].at.0 - from).max(0);
    Some(MeasuredWait { made: order_events[made].clone(), chosen: chosen_before(order_events, made), ms })
}

/// The waits that count, latest first.
fn last_waits(log: &[Recorded]) -> Vec<MeasuredWait> {
    let orders: BTreeSet<OrderId> = log.iter().filter_map(|recorded| recorded.event.order()).collect();
    let mut waits: Vec<_> = orders.into_iter().filter_map(|order| measured_wait(&order_events(log, order))).collect();
    waits.sort_by_key(|wait| std::cmp::Reverse(wait.made.position));
    waits
}

/// The mean of the last ten waits of a drink, or of all drinks, and their number.
fn mean(waits: &[MeasuredWait], drink: Option<&str>) -> Option<(i64, i64)> {
    let last = waits.iter().filter(|wait| drink.is_none_or(|drink| wait.chosen.drink == drink)).take(10);
    let ms: Vec<i64> = last.map(|wait| wait.ms).collect();
    let count = i64::try_from(ms.len()).unwrap();
    // Rounds to the nearest second: (2 * mean + 1 s) / 2.
    (count > 0).then(|| ((2 * ms.iter().sum::<i64>() / count + 1000) / 2000, count))
}

/// The expected JSON of the wait times page.
fn expected_page(log: &[Recorded]) -> Value {
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
fn expected_pins(log: &[Recorded], now: Instant) -> BTreeMap<String, Option<Fact>> {
    let waits = last_waits(log);
    let is_recent = |wait: &&MeasuredWait| wait.made.at.plus_seconds(1800) > now;
    let last_of_each = waits
        .iter()
        .enumerate()
        .filter(|(index, wait)| !waits[..*index].iter().any(|later| later.chosen.drink == wait.chosen.drink));
    let recent = last_of_each.map(|(_, wait)| wait).filter(is_recent);
    let value = |drink| mean(&waits, drink).map(|(seconds, _)| Fact::Number(seconds));
    let drinks = recent.map(|wait| (format!("drink/{}", wait.chosen.drink), value(Some(&wait.chosen.drink))));
    let head = waits.first().filter(is_recent).map(|_| ("head".to_owned(), value(None)));
    drinks.chain(head).collect()
}

/// Guards against vacuous properties: the random days together contain every kind of outcome.
#[test]
fn random_days_contain_every_kind_of_outcome() {
    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let shops: Vec<TestShop> = (0..40).map(|_| play(&days().new_tree(&mut runner).unwrap().current())).collect();
    let kinds: BTreeSet<&str> = shops.iter().flat_map(|shop| &shop.log).map(|recorded| recorded.event.kind()).collect();
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
    let most = shops.iter().map(|shop| expected_page(&shop.log)["all"]["of"].as_u64().unwrap_or(0)).max();
    assert_eq!(most, Some(10), "some day has at least ten orders in the mean");
}
