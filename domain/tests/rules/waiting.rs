//! Scenarios of waits: choosing, making, collecting and undoing each end exactly once.

use domain::access::Actor;
use domain::command::{Action, Command, StoreCommand};
use domain::event::{
    NewOrder, OrderExpired, OrderFinished, OrderRecalled, OrderTimedOut, TokenReturned, WaitExtended, WorkflowStarted,
};
use domain::limits::{Limits, LimitsChange, Waits};
use domain::order::{Step, TimeoutCause};
use domain::refusal::Refusal;
use domain::time::{Instant, Now};

use crate::bar::{
    ANNA, ANNA_ID, BEN, CARLA, MANAGER, NINE, OTHER_ROBOT, ROBOT, TestShop, act, at, cancel, claim, collect, complete,
    creation_events, given, id, release, robot_start, scan, submit,
};

/// The clock's command to end the wait of order 1.
fn end_wait() -> Command {
    Command::EndWait { order: id(1) }
}

/// One millisecond earlier.
fn just_before(now: Now) -> Now {
    Now { at: Instant(now.at.0 - 1), ..now }
}

/// Asserts that the wait of order 1 ends `seconds` after nine, and is refused one millisecond earlier.
#[track_caller]
fn assert_due(shop: TestShop, seconds: u32) -> TestShop {
    assert_eq!(shop.next_due(), Some((at(seconds).at, end_wait())));
    shop.when(Actor::System, end_wait(), just_before(at(seconds))).refused(Refusal::NotDue { until: at(seconds).at })
}

#[test]
fn a_choice_timeout_frees_the_place_and_returns_the_token() {
    let order = id(1);
    let shop = assert_due(TestShop::choosing(), 300).when(Actor::System, end_wait(), at(300)).then_exactly([
        (OrderTimedOut { order, cause: TimeoutCause::Customer }.into(), None),
        (TokenReturned { order, window: NINE.plus_seconds(300), left: 11 }.into(), Some(0)),
        (OrderFinished { order, outcome: Step::TimedOut }.into(), Some(0)),
    ]);
    assert_eq!((shop.step(1), shop.next_due()), (None, None));
    shop.when(Actor::System, end_wait(), at(301)).refused(Refusal::UnknownOrder);
}

#[test]
fn a_guest_extends_the_choice_once_by_two_minutes() {
    let shop = TestShop::choosing().when(ANNA, act(1, Action::Extend), at(200));
    let shop = shop.then_exactly([(WaitExtended { order: id(1), due: at(420).at }.into(), None)]);
    let shop = shop.when(ANNA, act(1, Action::Extend), at(210)).refused(Refusal::AlreadyExtended);
    assert_due(shop, 420).when(Actor::System, end_wait(), at(420)).then([
        "OrderProcessor.OrderTimedOut",
        "Validator.TokenReturned",
        "OrderProcessor.OrderFinished",
    ]);
}

#[test]
fn only_the_guest_extends_the_choice_and_only_while_choosing() {
    let extend = || act(1, Action::Extend);
    TestShop::choosing().when(BEN, extend(), at(10)).refused(Refusal::NotOwner);
    TestShop::choosing().when(CARLA, extend(), at(10)).refused(Refusal::RoleNotAllowed);
    TestShop::waiting().when(ANNA, extend(), at(40)).refused(Refusal::IllegalStep { step: Step::Waiting });
    let robots = TestShop::open().after(ROBOT, robot_start(2), at(0));
    robots.when(ROBOT, act(2, Action::Extend), at(1)).refused(Refusal::RoleNotAllowed);
}

#[test]
fn waiting_and_making_time_out_after_fifteen_minutes_each() {
    let timed_out = ["OrderProcessor.OrderTimedOut", "OrderProcessor.OrderFinished"];
    let shop = assert_due(TestShop::waiting(), 930).when(Actor::System, end_wait(), at(930)).then(timed_out);
    let timeout = OrderTimedOut { order: id(1), cause: TimeoutCause::Barista };
    assert_eq!(shop.events()[0].event, timeout.into());
    assert_due(TestShop::making(), 960).when(Actor::System, end_wait(), at(960)).then(timed_out);
}

#[test]
fn a_duplicate_new_order_keeps_the_current_wait() {
    let again = NewOrder { order: id(1), guest: Some(ANNA_ID), window: Some(NINE), left: Some(8), channel: None };
    let shop = TestShop::waiting().and(again).when(Actor::System, end_wait(), at(930));
    assert_eq!(shop.events()[0].event, OrderTimedOut { order: id(1), cause: TimeoutCause::Barista }.into());
}

#[test]
fn a_running_workflow_is_not_started_again() {
    let shop = TestShop::open().and(WorkflowStarted { order: id(1), due: None });
    shop.when(ANNA, scan(1, 0), at(5)).then(["Validator.NewOrder"]);
}

#[test]
fn a_released_order_keeps_its_remaining_wait_of_at_least_a_minute() {
    assert_due(TestShop::making().after(CARLA, release(1), at(70)), 930);
    assert_due(TestShop::making().after(CARLA, release(1), at(900)), 960);
}

#[test]
fn an_uncollected_order_expires() {
    let order = id(1);
    assert_due(TestShop::ready(), 1890).when(Actor::System, end_wait(), at(1890)).then_exactly([
        (OrderExpired { order, version: 4 }.into(), None),
        (OrderFinished { order, outcome: Step::Expired }.into(), Some(0)),
    ]);
}

#[test]
fn the_first_of_staff_and_clock_wins() {
    let collected = TestShop::ready().after(CARLA, collect(1), at(1890));
    collected.when(Actor::System, end_wait(), at(1890)).refused(Refusal::UnknownOrder);
    let expired = TestShop::ready().after(Actor::System, end_wait(), at(1890));
    expired.when(CARLA, collect(1), at(1890)).refused(Refusal::UnknownOrder);
    let made = TestShop::making().after(CARLA, complete(1), at(960));
    made.when(Actor::System, end_wait(), at(960)).refused(Refusal::NotDue { until: at(2760).at });
    let claimed = TestShop::waiting().after(CARLA, claim(1), at(930));
    claimed.when(Actor::System, end_wait(), at(930)).refused(Refusal::NotDue { until: at(1830).at });
}

#[test]
fn only_the_system_ends_a_wait() {
    for actor in [ANNA, CARLA, MANAGER, ROBOT] {
        TestShop::choosing().when(actor, end_wait(), at(400)).refused(Refusal::RoleNotAllowed);
    }
}

#[test]
fn the_earliest_wait_is_due_first() {
    let shop = TestShop::choosing().after(BEN, scan(2, 0), at(100));
    assert_eq!(shop.next_due(), Some((at(300).at, end_wait())));
    let shop = shop.after(ANNA, submit(1), at(110));
    assert_eq!(shop.next_due(), Some((at(400).at, Command::EndWait { order: id(2) })));
}

#[test]
fn changed_waits_do_not_apply_to_started_orders() {
    let change = LimitsChange { choose_seconds: Some(10), make_seconds: Some(20), ..LimitsChange::default() };
    let shop = TestShop::choosing().after(MANAGER, StoreCommand::ChangeLimits(change).into(), at(1));
    let shop = assert_due(shop, 300).after(ANNA, submit(1), at(30));
    let shop = assert_due(shop, 930).after(BEN, scan(2, 0), at(31));
    assert_eq!(shop.next_due(), Some((at(41).at, Command::EndWait { order: id(2) })));
}

#[test]
fn a_cancellation_can_be_undone_for_ten_seconds() {
    let over = ["OrderProcessor.OrderFinished"];
    assert_due(TestShop::waiting().after(ANNA, cancel(1), at(40)), 50)
        .when(Actor::System, end_wait(), at(50))
        .then(over);
    let shop = TestShop::waiting().after(ANNA, cancel(1), at(40));
    let recalled = OrderRecalled { order: id(1), from: Step::Cancelled, to: Step::Waiting, version: 3 };
    let shop = shop.when(ANNA, act(1, Action::Recall), at(45)).then_exactly([(recalled.into(), None)]);
    assert_eq!(shop.step(1), Some(Step::Waiting));
    // The recalled order keeps its previous due time.
    assert_due(shop, 930);
}

#[test]
fn a_recalled_cancellation_restores_the_previous_step() {
    for (shop, step) in
        [(TestShop::waiting(), Step::Waiting), (TestShop::making(), Step::Making), (TestShop::ready(), Step::Ready)]
    {
        let shop = shop.after(CARLA, cancel(1), at(100)).after(MANAGER, act(1, Action::Recall), at(105));
        assert_eq!(shop.step(1), Some(step));
    }
}

#[test]
fn a_guest_cannot_recall_a_cancellation_by_staff() {
    let shop = TestShop::waiting().after(CARLA, cancel(1), at(40));
    shop.when(ANNA, act(1, Action::Recall), at(41)).refused(Refusal::RoleNotAllowed);
}

#[test]
fn a_guest_recalls_only_the_own_cancellation() {
    let cancelled =
        [TestShop::waiting().after(ANNA, cancel(1), at(40)), TestShop::waiting().after(CARLA, cancel(1), at(40))];
    for shop in
        [TestShop::choosing(), TestShop::waiting(), TestShop::making(), TestShop::ready()].into_iter().chain(cancelled)
    {
        shop.when(BEN, act(1, Action::Recall), at(100)).refused(Refusal::NotOwner);
    }
    for shop in [TestShop::choosing(), TestShop::waiting(), TestShop::making(), TestShop::ready()] {
        let step = shop.step(1).unwrap();
        shop.when(ANNA, act(1, Action::Recall), at(100)).refused(Refusal::IllegalStep { step });
    }
}

#[test]
fn a_robot_recalls_only_its_own_cancellation() {
    let recall = || act(1, Action::Recall);
    let robots = || TestShop::open().after(ROBOT, robot_start(1), at(0)).after(ROBOT, submit(1), at(1));
    let own_cancellation = robots().after(ROBOT, cancel(1), at(2)).when(OTHER_ROBOT, recall(), at(3));
    own_cancellation.refused(Refusal::NotOwner).after(ROBOT, recall(), at(4));
    robots().after(CARLA, cancel(1), at(2)).when(ROBOT, recall(), at(3)).refused(Refusal::RoleNotAllowed);
}

#[test]
fn a_recalled_ready_order_returns_to_its_barista() {
    let shop = TestShop::ready().after(CARLA, act(1, Action::Recall), at(100));
    assert_eq!(shop.step(1), Some(Step::Making));
    assert_due(shop, 1000).after(CARLA, complete(1), at(110));
    for shop in [TestShop::choosing(), TestShop::waiting(), TestShop::making()] {
        let step = shop.step(1).unwrap();
        shop.when(CARLA, act(1, Action::Recall), at(100)).refused(Refusal::IllegalStep { step });
    }
}

#[test]
fn a_cancellation_without_undo_time_finishes_the_order() {
    let waits = Waits { undo_seconds: 0, ..Waits::default() };
    let shop = given(creation_events(Limits { waits, ..Limits::default() })).after(ANNA, scan(1, 0), at(0));
    let shop = shop.after(ANNA, submit(1), at(1)).when(ANNA, cancel(1), at(2));
    shop.then(["OrderManager.OrderCancelled", "OrderProcessor.OrderFinished"]);
}

#[test]
fn the_due_time_of_an_order_is_that_of_its_current_wait() {
    let due = |shop: &TestShop| shop.due(1).map(|due| due.seconds_since(NINE));
    assert_eq!(due(&TestShop::choosing()), Some(300));
    assert_eq!(due(&TestShop::waiting()), Some(30 + 900));
    assert_eq!(due(&TestShop::making()), Some(60 + 900));
    assert_eq!(TestShop::making().due(2), None, "there is no such order");
}
