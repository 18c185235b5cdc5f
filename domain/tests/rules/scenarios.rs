//! Scenarios of the original that the rules alone can show: five of the nine scenarios of its workshop, and nine of
//! the fifteen tests of its durable successor.

use domain::access::Actor;
use domain::command::{Command, StoreCommand};
use domain::event::{
    Event, NewOrder, NumberGiven, OrderClaimed, OrderFinished, OrderSubmitted, OrderTimedOut, ShopUnavailable,
    WaitingCompletion, WorkflowStarted,
};
use domain::limits::{Limits, Waits};
use domain::order::{CancelledBy, Step, TimeoutCause};
use domain::refusal::{Refusal, Unavailable};

use crate::bar::{
    ANNA, ANNA_ID, BEN, CARLA, CARLA_ID, NINE, TestShop, at, cancel, choice, claim, collect, complete, creation_events,
    given, guest, id, menu, scan, submit,
};

/// The events of an accepted start.
const STARTED: [&str; 2] = ["Validator.NewOrder", "OrderProcessor.WorkflowStarted"];

fn end_wait() -> Command {
    Command::EndWait { order: id(1) }
}

// Scenarios of the workshop.

#[test]
fn an_open_shop_starts_the_workflow() {
    TestShop::open().when(ANNA, scan(1, 0), at(0)).then(STARTED);
}

/// The original ended the workflow successfully. Here the order finishes and records the reason.
#[test]
fn an_order_at_a_closed_shop_finishes_with_a_reason() {
    let order = id(1);
    let shop = TestShop::closed().when(ANNA, scan(1, 0), at(0));
    assert_eq!(shop.events()[1].event, ShopUnavailable { order, reason: Unavailable::Closed }.into());
    let last = shop.events().last().map(|caused| caused.event.clone());
    assert_eq!(last, Some(OrderFinished { order, outcome: Step::Unavailable }.into()));
    assert_eq!(shop.next_due(), None, "a finished order has no due time");
}

/// The original started the workflow by a bus rule. Here the processor reacts, and the log records the cause.
#[test]
fn a_new_order_causes_the_start_of_its_workflow() {
    let shop = TestShop::open().when(ANNA, scan(1, 0), at(0));
    let caused: Vec<_> = shop.events().iter().map(|caused| (caused.event.kind(), caused.cause)).collect();
    assert_eq!(caused, [("Validator.NewOrder", None), ("OrderProcessor.WorkflowStarted", Some(0))]);
}

/// The original's scenario put events on the bus by hand. Here they are appended to the log.
#[test]
fn events_without_commands_advance_an_order() {
    let order = id(1);
    let chosen = menu().complete(&choice("flat-white", &[])).unwrap();
    let events: [Event; 6] = [
        NewOrder { order, guest: Some(ANNA_ID), window: Some(NINE), left: Some(9), channel: None }.into(),
        WorkflowStarted { order, due: None }.into(),
        OrderSubmitted { order, chosen, version: 1 }.into(),
        NumberGiven { order, day: at(0).day, number: 1 }.into(),
        WaitingCompletion { order, number: 1, due: None }.into(),
        OrderClaimed { order, barista: Some(CARLA_ID), version: 2 }.into(),
    ];
    let steps = [Some(Step::Choosing), Some(Step::Choosing), Some(Step::Waiting)];
    let after = |n: usize| given(creation_events(Limits::default()).into_iter().chain(events[..n].to_vec()));
    assert_eq!([1, 2, 3].map(|n| after(n).step(1)), steps);
    let shop = after(6).after(CARLA, complete(1), at(60));
    assert_eq!((shop.step(1), shop.number(1)), (Some(Step::Ready), Some(1)));
}

/// The original turned the sixth guest away with a log line. Here an event records the reason.
#[test]
fn the_sixth_order_at_a_capacity_of_five_is_turned_away() {
    let mut shop = given(creation_events(Limits { room: 5, ..Limits::default() }));
    for n in 1..=5 {
        shop = shop.when(guest(n), scan(n, 0), at(0)).then(STARTED);
        shop = shop.after(guest(n), submit(n), at(1));
    }
    let shop = shop.when(guest(6), scan(6, 0), at(2));
    assert_eq!(shop.events()[1].event, ShopUnavailable { order: id(6), reason: Unavailable::Full }.into());
}

// Tests of the durable successor.

#[test]
fn an_unknown_drink_or_option_is_refused() {
    for (drink, options) in [("unicorn", &[][..]), ("flat-white", &[("milk", "yak")]), ("espresso", &[("milk", "oat")])]
    {
        let submit = Command::Submit { order: id(1), choice: choice(drink, options) };
        let shop = TestShop::choosing().when(ANNA, submit, at(10));
        assert!(matches!(shop.refusal(), Some(Refusal::NotOnTheMenu { .. })), "{drink}");
        assert_eq!(shop.step(1), Some(Step::Choosing));
    }
}

#[test]
fn a_closed_shop_refuses_a_submission() {
    TestShop::choosing()
        .after(CARLA, StoreCommand::Close { hold: false }.into(), at(5))
        .when(ANNA, submit(1), at(10))
        .refused(Refusal::ShopClosed);
}

/// In the original, an order counted against its own limit: with three allowed, the third was refused.
#[test]
fn the_fourth_order_at_a_limit_of_three_is_turned_away() {
    let mut shop = given(creation_events(Limits { orders_per_guest: 3, ..Limits::default() }));
    for order in 1..=3 {
        shop = shop.when(ANNA, scan(order, 0), at(0)).then(STARTED).after(ANNA, submit(order), at(1));
    }
    let shop = shop.when(ANNA, scan(4, 0), at(2));
    assert_eq!(shop.events()[1].event, ShopUnavailable { order: id(4), reason: Unavailable::Limit }.into());
}

/// In the original, staff accepted an order by a workflow callback, and an early callback was lost. Here a barista
/// claims the order; an early claim is refused and can be repeated.
#[test]
fn an_order_can_be_claimed_only_after_its_submission() {
    let shop = TestShop::choosing().when(CARLA, claim(1), at(5)).refused(Refusal::IllegalStep { step: Step::Choosing });
    let shop = shop.after(ANNA, submit(1), at(10)).when(CARLA, claim(1), at(10));
    let shop = shop.then_exactly([(OrderClaimed { order: id(1), barista: Some(CARLA_ID), version: 2 }.into(), None)]);
    assert_eq!(shop.step(1), Some(Step::Making));
}

#[test]
fn an_order_can_be_completed_only_after_its_claim() {
    let early = TestShop::waiting().when(CARLA, complete(1), at(40));
    let early = early.refused(Refusal::IllegalStep { step: Step::Waiting });
    let made = early.after(CARLA, claim(1), at(50)).when(CARLA, complete(1), at(60));
    made.then(["OrderManager.OrderCompleted"])
        .when(CARLA, collect(1), at(70))
        .then(["OrderManager.OrderCollected", "OrderProcessor.OrderFinished"]);
}

#[test]
fn a_guest_cancels_only_own_unclaimed_orders() {
    for shop in [TestShop::choosing(), TestShop::waiting()] {
        assert_eq!(cancelled_by(&shop.after(ANNA, cancel(1), at(40))), Some(CancelledBy::Guest));
    }
    TestShop::making().when(ANNA, cancel(1), at(70)).refused(Refusal::IllegalStep { step: Step::Making });
    TestShop::waiting().when(BEN, cancel(1), at(40)).refused(Refusal::NotOwner);
}

#[test]
fn staff_cancel_waiting_and_claimed_orders() {
    for shop in [TestShop::waiting(), TestShop::making()] {
        let shop = shop.after(CARLA, cancel(1), at(70));
        assert_eq!((cancelled_by(&shop), shop.step(1)), (Some(CancelledBy::Bar), Some(Step::Cancelled)));
    }
}

fn cancelled_by(shop: &TestShop) -> Option<CancelledBy> {
    shop.log().iter().rev().find_map(|event| match event {
        Event::OrderCancelled(event) => Some(event.by),
        _ => None,
    })
}

/// A shop with order 1 waiting and two minutes per wait. The original had separate settings for acceptance and
/// completion; here both are `make_seconds`.
fn waiting_two_minutes() -> TestShop {
    let waits = Waits { make_seconds: 120, ..Waits::default() };
    let shop = given(creation_events(Limits { waits, ..Limits::default() })).after(ANNA, scan(1, 0), at(0));
    shop.after(ANNA, submit(1), at(10))
}

#[track_caller]
fn assert_timed_out_by_staff(shop: &TestShop) {
    assert_eq!(shop.events()[0].event, OrderTimedOut { order: id(1), cause: TimeoutCause::Barista }.into());
    assert_eq!(shop.step(1), None);
}

#[test]
fn an_unclaimed_order_times_out() {
    assert_timed_out_by_staff(&waiting_two_minutes().after(Actor::System, end_wait(), at(130)));
}

#[test]
fn a_claimed_order_that_is_not_completed_times_out() {
    assert_timed_out_by_staff(&waiting_two_minutes().after(CARLA, claim(1), at(100)).after(
        Actor::System,
        end_wait(),
        at(220),
    ));
}
