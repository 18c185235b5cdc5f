//! The record of an order after each kind of change.

use domain::command::Action;
use domain::event::{OrderCancelled, OrderEdited, OrderFinished, OrderTimedOut, Recorded};
use domain::ids::EventId;
use domain::menu::Chosen;
use domain::order::{CancelReason, CancelledBy, Channel, Step, TimeoutCause};
use domain::redact::Audience;
use domain::refusal::Unavailable;
use domain::time::Instant;
use domain::view::record::Record;
use uuid::Uuid;

use crate::bar::{ANNA, CARLA, NINE, TODAY, TestShop, act, at, cancel, claim, collect, complete, id, release, scan};

/// The record of order 1. Event `n` of the log happens at second `n`.
fn record(shop: &TestShop, audience: Audience) -> Record {
    let stamped = |(n, event): (usize, &domain::event::Event)| Recorded {
        id: EventId(Uuid::from_u128(n as u128)),
        position: n as u64 + 1,
        at: second(n),
        correlation: EventId(Uuid::from_u128(n as u128)),
        causation: None,
        actor: Some(CARLA),
        channel: Some(Channel::Web),
        event: event.clone(),
    };
    let log: Vec<Recorded> = shop.log().iter().enumerate().map(stamped).collect();
    let events: Vec<Recorded> = log.into_iter().filter(|recorded| recorded.event.order() == Some(id(1))).collect();
    Record::from_events(&events, audience).unwrap()
}

/// Number of events that create a shop.
fn creation_event_count() -> usize {
    TestShop::open().log().len()
}

fn second(n: usize) -> Instant {
    NINE.plus_seconds(u32::try_from(n).unwrap())
}

#[test]
fn the_record_of_a_collected_order_is_complete() {
    let shop = TestShop::ready().after(CARLA, collect(1), at(120));
    let seen = record(&shop, Audience::Staff);
    let first = creation_event_count();
    assert_eq!(seen.first(), first as u64 + 1);
    let kinds = [
        "Validator.NewOrder",
        "OrderProcessor.WorkflowStarted",
        "OrderManager.OrderSubmitted",
        "Counting.NumberGiven",
        "OrderProcessor.WaitingCompletion",
        "OrderManager.OrderClaimed",
        "OrderManager.OrderCompleted",
        "OrderManager.OrderCollected",
        "OrderProcessor.OrderFinished",
    ];
    assert!(seen.history.iter().map(|entry| entry.kind.as_str()).eq(kinds));
    assert!(seen.history.iter().map(|entry| entry.position).eq(first as u64 + 1..=first as u64 + 9));
    assert!(seen.history.iter().all(|entry| entry.actor == Some(CARLA)));
    assert_eq!((seen.order, seen.channel, seen.day, seen.number), (id(1), Some(Channel::Web), Some(TODAY), Some(1)));
    assert_eq!(seen.chosen.as_ref().map(Chosen::description).as_deref(), Some("Flat white, small, cow's milk"));
    assert_eq!((seen.began, seen.submitted), (second(first), Some(second(first + 2))));
    assert_eq!(
        (seen.claimed, seen.ready, seen.ended),
        (Some(second(first + 5)), Some(second(first + 6)), Some(second(first + 8)))
    );
    assert_eq!((seen.step, seen.outcome, seen.version), (Step::Collected, Some(Step::Collected), 4));
    assert_eq!((seen.cancelled_by, seen.cause, seen.unavailable), (None, None, None));
}

#[test]
fn the_owner_record_has_no_actors() {
    let shop = TestShop::ready().after(CARLA, collect(1), at(120));
    let (own, staff) = (record(&shop, Audience::Owner), record(&shop, Audience::Staff));
    assert!(own.history.iter().all(|entry| entry.actor.is_none()));
    assert_eq!(own.history.len(), staff.history.len());
    assert_eq!(Record { history: Vec::new(), ..own }, Record { history: Vec::new(), ..staff });
}

#[test]
fn undone_steps_remain_in_the_history_only() {
    let released = record(&TestShop::making().after(CARLA, release(1), at(70)), Audience::Staff);
    assert_eq!((released.step, released.claimed, released.history.len()), (Step::Waiting, None, 7));
    let recalled = record(&TestShop::ready().after(CARLA, act(1, Action::Recall), at(95)), Audience::Staff);
    assert_eq!((recalled.step, recalled.ready), (Step::Making, None));
    assert!(recalled.claimed.is_some());
    let cancelled = TestShop::making().after(CARLA, cancel(1), at(70));
    let seen = record(&cancelled, Audience::Owner);
    assert_eq!(
        (seen.step, seen.cancelled_by, seen.ended, seen.outcome),
        (Step::Cancelled, Some(CancelledBy::Bar), None, None)
    );
    let again = record(&cancelled.after(CARLA, act(1, Action::Recall), at(72)), Audience::Owner);
    assert_eq!((again.step, again.cancelled_by), (Step::Making, None));
    let sold_out =
        OrderCancelled { order: id(1), by: CancelledBy::Bar, reason: Some(CancelReason::SoldOut), version: 3 };
    let sold_out = TestShop::making().and(sold_out);
    assert_eq!(record(&sold_out, Audience::Owner).reason, Some(CancelReason::SoldOut));
    let again = record(&sold_out.after(CARLA, act(1, Action::Recall), at(72)), Audience::Owner);
    assert_eq!((again.cancelled_by, again.reason), (None, None));
    let twice = TestShop::ready().after(CARLA, act(1, Action::Recall), at(95)).after(CARLA, complete(1), at(99));
    assert!(record(&twice, Audience::Staff).ready.is_some());
    let by_another = TestShop::making().after(CARLA, release(1), at(70)).after(CARLA, claim(1), at(71));
    assert_eq!(record(&by_another, Audience::Staff).claimed, Some(second(creation_event_count() + 7)));
}

#[test]
fn the_record_of_an_unserved_order_has_the_reason() {
    let late = TestShop::choosing()
        .and(OrderTimedOut { order: id(1), cause: TimeoutCause::Customer })
        .and(OrderFinished { order: id(1), outcome: Step::TimedOut });
    let seen = record(&late, Audience::Owner);
    assert_eq!((seen.outcome, seen.cause, seen.number), (Some(Step::TimedOut), Some(TimeoutCause::Customer), None));
    let closed = TestShop::closed().after(ANNA, scan(1, 0), at(0));
    let seen = record(&closed, Audience::Owner);
    assert_eq!((seen.outcome, seen.unavailable), (Some(Step::Unavailable), Some(Unavailable::Closed)));
    assert_eq!(Record::from_events(&[], Audience::Staff), None);
}

#[test]
fn the_record_has_the_edited_choice() {
    let waiting = record(&TestShop::waiting(), Audience::Owner);
    let chosen = Chosen { name: "Espresso".to_owned(), ..waiting.chosen.clone().unwrap() };
    let edited = TestShop::waiting().and(OrderEdited { order: id(1), chosen: chosen.clone(), version: 2 });
    let seen = record(&edited, Audience::Owner);
    assert_eq!((seen.chosen, seen.version, seen.submitted), (Some(chosen), 2, waiting.submitted));
}
