//! Property tests: invariants that hold for every random run.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::Actor;
use domain::command::StoreCommand;
use domain::event::{Event, LimitsChanged, NewOrder, Recorded};
use domain::ids::{GuestId, ShopId, StaffId};
use domain::limits::Limits;
use domain::order::{Channel, Step};
use domain::redact::{Audience, Topic, redact};
use domain::shop::{ExecuteError, Shop};
use domain::time::Now;
use domain::view::View;
use domain::view::barista::Barista;
use domain::view::display::Display;
use domain::view::ordering::Ordering;
use domain::view::record::Record;
use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::bar::{ANNA, BEN, CARLA, DAVE, DISPLAY, MANAGER, NINE, ROBOT, TODAY};
use crate::evening::{now_at, random_runs};

proptest! {
    #[test]
    fn replaying_the_log_restores_the_state(run in random_runs()) {
        let result = run.execute()?;
        let mut again = Shop::default();
        result.log.iter().for_each(|recorded| again.evolve(&recorded.event, recorded.at));
        prop_assert_eq!(&again, &result.shop);
    }

    #[test]
    fn snapshots_round_trip_as_json(run in random_runs()) {
        let result = run.execute()?;
        let snapshot = serde_json::to_string(&result.shop).unwrap();
        prop_assert_eq!(serde_json::from_str::<Shop>(&snapshot).unwrap(), result.shop);
    }

    #[test]
    fn open_orders_have_distinct_numbers(run in random_runs()) {
        let mut called = BTreeMap::new();
        for event in run.execute()?.events() {
            match event {
                Event::NumberGiven(event) => {
                    prop_assert!(event.number > 0);
                    let is_in_use = called.values().any(|number| *number == event.number);
                    prop_assert!(!is_in_use, "number {} is in use twice", event.number);
                    called.insert(event.order, event.number);
                }
                Event::OrderFinished(event) => {
                    called.remove(&event.order);
                }
                _ => {}
            }
        }
    }

    #[test]
    fn an_order_finishes_at_most_once_and_last(run in random_runs()) {
        let mut over = BTreeSet::new();
        for event in run.execute()?.events() {
            let Some(order) = event.order() else { continue };
            prop_assert!(!over.contains(&order), "{} follows the end of {order}", event.kind());
            if matches!(event, Event::OrderFinished(_)) {
                over.insert(order);
            }
        }
    }

    #[test]
    fn versions_of_an_order_count_without_gaps(run in random_runs()) {
        let mut versions = BTreeMap::new();
        for event in run.execute()?.events() {
            let data = serde_json::to_value(event).unwrap();
            let (Some(order), Some(version)) = (event.order(), data["version"].as_u64()) else { continue };
            let before = versions.insert(order, version).unwrap_or(0);
            prop_assert_eq!(version, before + 1);
        }
    }

    #[test]
    fn a_window_starts_no_more_orders_than_it_has_tokens(run in random_runs()) {
        let mut tokens = BTreeMap::new();
        for event in run.execute()?.events() {
            let (window, change) = match event {
                Event::NewOrder(NewOrder { window: Some(window), .. }) => (*window, -1),
                Event::TokenReturned(event) => (event.window, 1),
                _ => continue,
            };
            let left = tokens.entry(window).or_insert_with(|| i64::from(run.limits.drinks_per_code));
            *left += change;
            prop_assert!(*left >= 0, "the window of {window} has no token left");
        }
    }

    #[test]
    fn the_clock_alone_finishes_every_order(run in random_runs()) {
        let mut result = run.execute()?;
        let mut now = now_at(result.log.last().unwrap().at, run.hours);
        // Hours are due for ever; every order ends within a day.
        let last = now.at.plus_seconds(86_400);
        while let Some((at, command)) = result.shop.next_due(now).filter(|(at, _)| *at < last) {
            now = now_at(at.max(now.at), run.hours);
            let is_turn = command == StoreCommand::ApplyHours.into();
            let events = result.execute(Actor::System, command, now)?;
            prop_assert!(is_turn || !events.is_empty());
        }
        let started: BTreeSet<_> = result.orders();
        let over = result.events().filter(|event| matches!(event, Event::OrderFinished(_)));
        prop_assert_eq!(over.filter_map(Event::order).collect::<BTreeSet<_>>(), started);
    }

    #[test]
    fn orders_start_only_within_the_capacity(run in random_runs()) {
        let (mut places, mut room) = (BTreeMap::new(), 0);
        for recorded in &run.execute()?.log {
            if let Event::LimitsChanged(event) = &recorded.event {
                room = event.limits.room as usize;
            }
            let Some(order) = recorded.event.order() else { continue };
            match (&recorded.event, recorded.event.step()) {
                (Event::WorkflowStarted(_), _) => {
                    let taken = places.values().filter(|step: &&Step| step.uses_capacity()).count();
                    // Walk-ins need no place.
                    prop_assert!(taken < room || recorded.channel == Some(Channel::WalkIn), "{taken} of {room}");
                    places.insert(order, Step::Choosing);
                }
                (Event::OrderFinished(_), _) => drop(places.remove(&order)),
                (Event::NewOrder(_), _) | (_, None) => {}
                (_, Some((step, _))) => drop(places.insert(order, step)),
            }
        }
    }

    #[test]
    fn every_view_equals_the_state(run in random_runs()) {
        let result = run.execute()?;
        let expected = result.visible_orders();

        let mut display = Display::default();
        result.fold_into(&mut display, Topic::Public);
        let rows: BTreeMap<_, _> = display.rows.iter().map(|row| (row.order, (row.step, row.version))).collect();
        prop_assert_eq!((rows.len(), &rows), (display.rows.len(), &expected));
        prop_assert!(display.rows.iter().all(|row| row.number > 0));

        let mut barista = Barista::default();
        result.fold_into(&mut barista, Topic::Staff);
        let cards: BTreeMap<_, _> = barista.cards.iter().map(|card| (card.order, (card.step, card.version))).collect();
        prop_assert_eq!((cards.len(), &cards), (barista.cards.len(), &expected));
        for card in &barista.cards {
            prop_assert_eq!(card.barista, result.shop.order(card.order).and_then(|order| order.barista));
        }

        let mut phone = Ordering::default();
        result.fold_into(&mut phone, Topic::Public);
        let queue = phone.bar.queue.iter().filter(|order| !phone.bar.done.contains(order));
        let queue: BTreeSet<_> = queue.copied().collect();
        let in_queue = expected.iter().filter(|(_, (step, _))| matches!(step, Step::Waiting | Step::Making));
        prop_assert_eq!(queue, in_queue.map(|(order, _)| *order).collect());
        prop_assert_eq!(&display.menu, &phone.bar.menu);
        let choosing: BTreeSet<_> = display.choosing.iter().copied().collect();
        prop_assert_eq!((choosing.len(), &choosing), (display.choosing.len(), &result.orders_in_choice()));
        prop_assert!(display.open == barista.open && barista.open == phone.bar.open);
        prop_assert!(display.closing == barista.closing && barista.closing == phone.bar.closing);
        prop_assert!(display.paused == barista.paused && barista.paused == phone.bar.paused);
    }

    #[test]
    fn the_phone_view_equals_the_state_of_its_order(run in random_runs()) {
        let result = run.execute()?;
        for order in result.orders() {
            let mut phone = Ordering::default();
            result.fold_into(&mut phone, Topic::Order(order));
            let mine = phone.current().map(|mine| (mine.step, mine.version));
            match result.shop.order(order) {
                Some(order) => prop_assert_eq!(mine, Some((order.step, order.version))),
                None => prop_assert!(mine.is_none_or(|(step, _)| step.is_end())),
            }
        }
    }

    #[test]
    fn the_record_of_an_order_has_its_state_and_full_history(run in random_runs()) {
        let result = run.execute()?;
        for order in result.orders() {
            let is_of_order = |recorded: &&Recorded| recorded.event.order() == Some(order);
            let events: Vec<_> = result.log.iter().filter(is_of_order).cloned().collect();
            for audience in [Audience::Owner, Audience::Staff] {
                let seen = Record::from_events(&events, audience).unwrap();
                prop_assert_eq!((seen.order, seen.first()), (order, events[0].position));
                prop_assert_eq!(seen.history.len(), events.len());
                match result.shop.order(order) {
                    Some(order) => prop_assert_eq!((seen.step, seen.version), (order.step, order.version)),
                    None => prop_assert!(seen.step.is_end()),
                }
                let is_open = result.shop.order(order).is_some();
                prop_assert_eq!((seen.outcome.is_none(), seen.ended.is_none()), (is_open, is_open));
            }
        }
    }

    #[test]
    fn public_and_owner_events_contain_no_personal_ids(run in random_runs()) {
        let shop: ShopId = "demo".parse().unwrap();
        for recorded in &run.execute()?.log {
            for audience in [Audience::Public, Audience::Owner] {
                let Some(seen) = redact(recorded, audience) else { continue };
                let json = serde_json::to_string(&seen.to_cloud_event(&shop)).unwrap();
                let ids = [ANNA, BEN, CARLA, DAVE, MANAGER, DISPLAY, ROBOT].into_iter().filter_map(person_id);
                for person in ids {
                    prop_assert!(!json.contains(&person), "{audience:?} sees {person} in {json}");
                }
                prop_assert!(!json.contains("\"actor\""), "{audience:?} sees the actor in {json}");
            }
        }
    }
}

fn person_id(actor: Actor) -> Option<String> {
    match actor {
        Actor::Guest(GuestId(id)) | Actor::Credential(StaffId(id), _) => Some(id.to_string()),
        Actor::System => None,
    }
}

/// Guards against vacuous properties: the random runs together contain every kind of event.
#[test]
fn random_runs_contain_every_event_kind() {
    let mut runner = TestRunner::deterministic();
    let mut counts: BTreeMap<_, usize> = Event::KINDS.iter().map(|kind| ((*kind).to_owned(), 0)).collect();
    for _ in 0..320 {
        let run = random_runs().new_tree(&mut runner).unwrap().current();
        let result = run.execute().unwrap();
        for event in result.events() {
            *counts.entry(event.kind().to_owned()).or_default() += 1;
        }
    }
    let rarest = counts.values().min();
    assert!(rarest >= Some(&15), "{counts:#?}");
}

proptest! {
    #[test]
    fn inconsistent_logs_never_cause_a_panic_or_event_loop(
        run in random_runs(),
        order in any::<prop::sample::Index>(),
        seconds in 0_u32..400,
    ) {
        // Folding accepts events in any order, twice, and under other limits.
        let result = run.execute()?;
        let mut shop = Shop::default();
        let limits = Limits { drinks_per_code: 0, window_seconds: seconds, grace_seconds: 0, ..Limits::default() };
        shop.evolve(&LimitsChanged { limits }.into(), NINE);
        let events: Vec<Event> = result.events().cloned().collect();
        for event in events.iter().rev().chain(&events) {
            shop.evolve(event, NINE);
        }
        shop.evolve(order.get(&events), NINE);
        for random in &run.commands {
            let now = Now::without_hours(NINE, TODAY);
            let (actor, command) = (random.issuer.actor(random.order), random.command(random.order, &limits, now));
            let answer = shop.execute(actor, command, now);
            prop_assert!(answer != Err(ExecuteError::EventLoop));
        }
        let mut display = Display::default();
        let mut barista = Barista::default();
        let mut phone = Ordering::default();
        for recorded in result.log.iter().rev().chain(&result.log) {
            display.apply(Topic::Public, recorded);
            barista.apply(Topic::Staff, recorded);
            phone.apply(Topic::Public, recorded);
        }
    }
}
