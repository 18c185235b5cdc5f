//! Scenarios of the original that the rules alone can show: five of the nine scenarios of its workshop, and nine of
//! the fifteen tests of its durable successor.

use domain::access::Actor;
use domain::command::{Command, StoreCommand};
use domain::event::{
    Event, NewOrder, NumberGiven, OrderClaimed, OrderFinished, OrderSubmitted, OrderTimedOut, ShopUnavailable,
    WaitingCompletion, WorkflowStarted,
};
use domain::limits::{Limits, Waits};
use domain::order::{By, Cause, Step};
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
fn an_open_shop_lets_an_order_go_on() {
    TestShop::open().when(ANNA, scan(1, 0), at(0)).then(STARTED);
}

/// The original ended the workflow successfully. Here the order finishes and records the reason.
#[test]
fn at_a_closed_shop_an_order_comes_to_a_good_end() {
    let order = id(1);
    let shop = TestShop::closed().when(ANNA, scan(1, 0), at(0));
    assert_eq!(shop.events()[1].event, ShopUnavailable { order, reason: Unavailable::Closed }.into());
    let last = shop.events().last().map(|caused| caused.event.clone());
    assert_eq!(last, Some(OrderFinished { order, outcome: Step::Unavailable }.into()));
    assert_eq!(shop.next_due(), None, "a finished order has no due time");
}

/// The original started the workflow by a bus rule. Here the processor reacts, and the log records the cause.
#[test]
fn a_new_order_is_what_starts_a_workflow() {
    let shop = TestShop::open().when(ANNA, scan(1, 0), at(0));
    let caused: Vec<_> = shop.events().iter().map(|caused| (caused.event.kind(), caused.cause)).collect();
    assert_eq!(caused, [("Validator.NewOrder", None), ("OrderProcessor.WorkflowStarted", Some(0))]);
}

/// The original's scenario put events on the bus by hand. Here they are appended to the log.
#[test]
fn events_alone_bring_an_order_to_a_barista_and_to_its_end() {
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
fn of_six_guests_at_a_shop_for_five_the_last_is_told_that_it_is_full() {
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
fn a_drink_that_is_not_on_the_menu_is_no_order() {
    for (drink, options) in [("unicorn", &[][..]), ("flat-white", &[("milk", "yak")]), ("espresso", &[("milk", "oat")])]
    {
        let submit = Command::Submit { order: id(1), choice: choice(drink, options) };
        let shop = TestShop::choosing().when(ANNA, submit, at(10));
        assert!(matches!(shop.refusal(), Some(Refusal::NotOnTheMenu { .. })), "{drink}");
        assert_eq!(shop.step(1), Some(Step::Choosing));
    }
}

#[test]
fn a_closed_store_takes_no_order_however_far_its_guest_got() {
    TestShop::choosing()
        .after(CARLA, StoreCommand::Close { hold: false }.into(), at(5))
        .when(ANNA, submit(1), at(10))
        .refused(Refusal::ShopIsClosed);
}

/// In the original, an order counted against its own limit: with three allowed, the third was refused.
#[test]
fn of_three_orders_a_guest_may_have_the_third_is_granted_and_the_fourth_is_not() {
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
fn the_bar_accepts_an_order_by_claiming_it_and_never_too_early() {
    let shop =
        TestShop::choosing().when(CARLA, claim(1), at(5)).refused(Refusal::StepIsIllegal { step: Step::Choosing });
    let shop = shop.after(ANNA, submit(1), at(10)).when(CARLA, claim(1), at(10));
    let shop = shop.then_exactly([(OrderClaimed { order: id(1), barista: Some(CARLA_ID), version: 2 }.into(), None)]);
    assert_eq!(shop.step(1), Some(Step::Making));
}

#[test]
fn what_was_accepted_is_completed_and_not_before() {
    let early = TestShop::waiting().when(CARLA, complete(1), at(40));
    let early = early.refused(Refusal::StepIsIllegal { step: Step::Waiting });
    let made = early.after(CARLA, claim(1), at(50)).when(CARLA, complete(1), at(60));
    made.then(["OrderManager.OrderCompleted"])
        .when(CARLA, collect(1), at(70))
        .then(["OrderManager.OrderCollected", "OrderProcessor.OrderFinished"]);
}

#[test]
fn a_guest_cancels_what_nobody_has_accepted() {
    for shop in [TestShop::choosing(), TestShop::waiting()] {
        assert_eq!(cancelled_by(&shop.after(ANNA, cancel(1), at(40))), Some(By::Guest));
    }
    TestShop::making().when(ANNA, cancel(1), at(70)).refused(Refusal::StepIsIllegal { step: Step::Making });
    TestShop::waiting().when(BEN, cancel(1), at(40)).refused(Refusal::OrderIsAnothers);
}

#[test]
fn the_bar_cancels_what_it_cannot_make() {
    for shop in [TestShop::waiting(), TestShop::making()] {
        let shop = shop.after(CARLA, cancel(1), at(70));
        assert_eq!((cancelled_by(&shop), shop.step(1)), (Some(By::Bar), Some(Step::Cancelled)));
    }
}

fn cancelled_by(shop: &TestShop) -> Option<By> {
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
    assert_eq!(shop.events()[0].event, OrderTimedOut { order: id(1), cause: Cause::Barista }.into());
    assert_eq!(shop.step(1), None);
}

#[test]
fn what_nobody_accepts_ends() {
    assert_timed_out_by_staff(&waiting_two_minutes().after(Actor::System, end_wait(), at(130)));
}

#[test]
fn what_nobody_completes_ends() {
    assert_timed_out_by_staff(&waiting_two_minutes().after(CARLA, claim(1), at(100)).after(
        Actor::System,
        end_wait(),
        at(220),
    ));
}
