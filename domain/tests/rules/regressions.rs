//! Defects of the original's ordering, shown to be absent here.

use domain::access::Actor;
use domain::command::{Action, Command, StoreCommand};
use domain::event::{Event, Recorded};
use domain::ids::{EventId, ShopId};
use domain::limits::{Limits, LimitsChange};
use domain::order::Step;
use domain::redact::Topic;
use domain::time::{Instant, Now};
use domain::view::View;
use domain::view::barista::Barista;
use domain::view::ordering::Ordering;
use uuid::Uuid;

use crate::bar::{
    ANNA, BEN, CARLA, MANAGER, NINE, TestShop, act, at, cancel, claim, complete, creation_events, given, guest, id,
    scan, submit,
};

fn end_wait() -> Command {
    Command::EndWait { order: id(1) }
}

/// The log with envelopes, as screens receive it.
fn recorded_log(shop: &TestShop) -> Vec<Recorded> {
    let stamp = |n: usize| EventId(Uuid::from_u128(n as u128));
    let recorded = |(n, event): (usize, &Event)| Recorded {
        id: stamp(n),
        position: n as u64 + 1,
        at: NINE,
        correlation: stamp(0),
        causation: None,
        actor: None,
        channel: None,
        event: event.clone(),
    };
    shop.log().iter().enumerate().map(recorded).collect()
}

#[test]
fn one_guest_cannot_use_up_a_code() {
    let mut shop = TestShop::open();
    for order in 1..=30 {
        shop = shop.after(ANNA, scan(order, 0), at(0));
    }
    assert_eq!(shop.starts_left(0, at(1)), 9, "29 of the scans return to the order that is being chosen");
    let mut started = 1;
    for order in 31..=60 {
        shop = shop.after(ANNA, cancel(started), at(2)).after(ANNA, scan(order, 0), at(2));
        started = order;
    }
    assert_eq!(shop.starts_left(0, at(3)), 9, "a cancelled start returns its token");
}

#[test]
fn a_choice_in_the_same_instant_as_its_start_is_taken() {
    let shop = TestShop::open().after(ANNA, scan(1, 0), at(7)).after(ANNA, submit(1), at(7));
    assert_eq!((shop.step(1), shop.number(1)), (Some(Step::Waiting), Some(1)));
}

#[test]
fn shops_do_not_share_state() {
    let small =
        || given(creation_events(Limits { room: 1, drinks_per_code: 2, orders_per_guest: 1, ..Limits::default() }));
    let full = small().after(ANNA, scan(1, 0), at(0)).after(ANNA, submit(1), at(1));
    let other = small().after(ANNA, scan(1, 0), at(2)).after(ANNA, submit(1), at(3));
    assert_eq!((full.number(1), other.number(1)), (Some(1), Some(1)));
    assert_eq!((full.step(1), other.step(1)), (Some(Step::Waiting), Some(Step::Waiting)));
}

#[test]
fn all_waits_are_configurable_in_seconds() {
    let change = LimitsChange {
        choose_seconds: Some(5),
        extend_seconds: Some(1),
        make_seconds: Some(6),
        ready_seconds: Some(7),
        undo_seconds: Some(2),
        ..LimitsChange::default()
    };
    let due = |shop: &TestShop, seconds: u32| assert_eq!(shop.next_due(), Some((at(seconds).at, end_wait())));
    let shop = TestShop::open().after(MANAGER, StoreCommand::ChangeLimits(change).into(), at(0)).after(
        ANNA,
        scan(1, 0),
        at(0),
    );
    due(&shop, 5);
    let shop = shop.after(ANNA, act(1, Action::Extend), at(0));
    due(&shop, 6);
    let shop = shop.after(ANNA, submit(1), at(1));
    due(&shop, 7);
    let shop = shop.after(CARLA, claim(1), at(2));
    due(&shop, 8);
    let shop = shop.after(CARLA, complete(1), at(3));
    due(&shop, 10);
    due(&shop.after(CARLA, cancel(1), at(4)), 6);
}

#[test]
fn simultaneous_completion_and_timeout_have_one_result() {
    for milliseconds in -2..=2 {
        let now = Now { at: Instant(at(960).at.0 + milliseconds), ..at(960) };
        let commands = [(CARLA, complete(1)), (Actor::System, end_wait())];
        for commands in [commands.clone(), [commands[1].clone(), commands[0].clone()]] {
            let shop =
                commands.into_iter().fold(TestShop::making(), |shop, (actor, command)| shop.when(actor, command, now));
            let is_result = |event: &&Event| matches!(event, Event::OrderCompleted(_) | Event::OrderTimedOut(_));
            assert_eq!(shop.log().iter().filter(is_result).count(), 1, "{milliseconds} ms");
        }
    }
}

#[test]
fn a_new_token_limit_applies_to_the_next_window() {
    let change = LimitsChange { drinks_per_code: Some(3), ..LimitsChange::default() };
    let shop = TestShop::choosing().after(MANAGER, StoreCommand::ChangeLimits(change).into(), at(10));
    assert_eq!((shop.starts_left(0, at(20)), shop.starts_left(300, at(300))), (9, 3));
}

#[test]
fn cards_are_sorted_by_order_number() {
    let shop = (0..12).fold(given(creation_events(Limits { drinks_per_code: 12, ..Limits::default() })), |shop, n| {
        shop.after(guest(n), scan(99 - n, 0), at(0)).after(guest(n), submit(99 - n), at(0))
    });
    let mut tablet = Barista::default();
    for recorded in recorded_log(&shop) {
        tablet.apply(Topic::Staff, &recorded);
    }
    assert!(tablet.incoming().map(|card| card.number).eq(1..=12), "cards are sorted by number, not by text or id");
}

#[test]
fn a_phone_keeps_its_order_when_the_shop_closes_or_others_cancel() {
    let shop = TestShop::making().after(BEN, scan(2, 0), at(70)).after(BEN, submit(2), at(71));
    let shop = shop.after(CARLA, StoreCommand::Close { hold: false }.into(), at(72)).after(BEN, cancel(2), at(73));
    let mut phone = Ordering::default();
    for recorded in recorded_log(&shop) {
        phone.apply(Topic::Public, &recorded);
        if recorded.event.order() == Some(id(1)) {
            phone.apply(Topic::Order(id(1)), &recorded);
        }
    }
    assert!(!phone.bar.open);
    assert_eq!(phone.current().map(|mine| (mine.order, mine.step)), Some((id(1), Step::Making)));
}

#[test]
fn event_names_are_the_same_in_every_shop() {
    let shops: [ShopId; 2] = ["demo".parse().unwrap(), "bar-7".parse().unwrap()];
    for recorded in recorded_log(&TestShop::ready()) {
        let [here, there] = shops.each_ref().map(|shop| recorded.to_cloud_event(shop));
        assert_eq!((&here.kind, &here.dataschema), (&there.kind, &there.dataschema));
        assert_ne!(here.source, there.source);
        assert!(Event::KINDS.contains(&here.kind.as_str()));
    }
}
