//! Scenarios of waits: choosing, making, collecting and undoing each end exactly once.

use domain::access::Actor;
use domain::command::{Action, Command, StoreCommand};
use domain::event::{
    NewOrder, OrderExpired, OrderFinished, OrderRecalled, OrderTimedOut, TokenReturned, WaitExtended, WorkflowStarted,
};
use domain::limits::{Limits, LimitsChange, Waits};
use domain::order::{Cause, Step};
use domain::refusal::Refusal;
use domain::time::{Instant, Now};

use crate::bar::{
    ANNA, ANNA_ID, BEN, Bar, CARLA, MANAGER, NINE, OTHER_ROBOT, ROBOT, act, at, cancel, claim, collect, complete,
    founding, given, id, knock, release, scan, submit,
};

/// The clock's command to end the wait of order 1.
fn end() -> Command {
    Command::EndWait { order: id(1) }
}

/// One millisecond earlier.
fn before(now: Now) -> Now {
    Now { at: Instant(now.at.0 - 1), ..now }
}

/// Asserts that the wait of order 1 ends `seconds` after nine, and is refused one millisecond earlier.
#[track_caller]
fn waits_until(bar: Bar, seconds: u32) -> Bar {
    assert_eq!(bar.next_due(), Some((at(seconds).at, end())));
    bar.when(Actor::System, end(), before(at(seconds))).refused(Refusal::WaitGoesOn { until: at(seconds).at })
}

#[test]
fn a_guest_who_does_not_choose_gives_the_place_and_the_token_back() {
    let order = id(1);
    let bar = waits_until(Bar::choosing(), 300).when(Actor::System, end(), at(300)).then_exactly([
        (OrderTimedOut { order, cause: Cause::Customer }.into(), None),
        (TokenReturned { order, window: NINE.plus_seconds(300), left: 11 }.into(), Some(0)),
        (OrderFinished { order, outcome: Step::TimedOut }.into(), Some(0)),
    ]);
    assert_eq!((bar.step(1), bar.next_due()), (None, None));
    bar.when(Actor::System, end(), at(301)).refused(Refusal::OrderIsUnknown);
}

#[test]
fn who_asks_has_two_minutes_more_and_once() {
    let bar = Bar::choosing().when(ANNA, act(1, Action::Extend), at(200));
    let bar = bar.then_exactly([(WaitExtended { order: id(1), due: at(420).at }.into(), None)]);
    let bar = bar.when(ANNA, act(1, Action::Extend), at(210)).refused(Refusal::ExtendedAlready);
    waits_until(bar, 420).when(Actor::System, end(), at(420)).then([
        "OrderProcessor.OrderTimedOut",
        "Validator.TokenReturned",
        "OrderProcessor.OrderFinished",
    ]);
}

#[test]
fn only_the_guest_asks_for_more_time_and_only_while_choosing() {
    let more = || act(1, Action::Extend);
    Bar::choosing().when(BEN, more(), at(10)).refused(Refusal::OrderIsAnothers);
    Bar::choosing().when(CARLA, more(), at(10)).refused(Refusal::RoleForbids);
    Bar::waiting().when(ANNA, more(), at(40)).refused(Refusal::StepIsIllegal { step: Step::Waiting });
    let robots = Bar::founded().after(ROBOT, knock(2), at(0));
    robots.when(ROBOT, act(2, Action::Extend), at(1)).refused(Refusal::RoleForbids);
}

#[test]
fn a_drink_that_nobody_claims_or_makes_ends_after_a_quarter_of_an_hour_each() {
    let timed_out = ["OrderProcessor.OrderTimedOut", "OrderProcessor.OrderFinished"];
    let bar = waits_until(Bar::waiting(), 930).when(Actor::System, end(), at(930)).then(timed_out);
    let cause = OrderTimedOut { order: id(1), cause: Cause::Barista };
    assert_eq!(bar.said()[0].event, cause.into());
    waits_until(Bar::making(), 960).when(Actor::System, end(), at(960)).then(timed_out);
}

#[test]
fn an_order_announced_again_waits_for_whom_it_waited() {
    let again = NewOrder { order: id(1), guest: Some(ANNA_ID), window: Some(NINE), left: Some(8), channel: None };
    let bar = Bar::waiting().and(again).when(Actor::System, end(), at(930));
    assert_eq!(bar.said()[0].event, OrderTimedOut { order: id(1), cause: Cause::Barista }.into());
}

#[test]
fn an_order_that_runs_already_is_not_begun_once_more() {
    let bar = Bar::founded().and(WorkflowStarted { order: id(1), due: None });
    bar.when(ANNA, scan(1, 0), at(5)).then(["Validator.NewOrder"]);
}

#[test]
fn a_drink_put_back_has_what_was_left_to_claim_it_and_a_minute_at_least() {
    waits_until(Bar::making().after(CARLA, release(1), at(70)), 930);
    waits_until(Bar::making().after(CARLA, release(1), at(900)), 960);
}

#[test]
fn a_drink_that_nobody_collects_expires() {
    let order = id(1);
    waits_until(Bar::ready(), 1890).when(Actor::System, end(), at(1890)).then_exactly([
        (OrderExpired { order, version: 4 }.into(), None),
        (OrderFinished { order, outcome: Step::Expired }.into(), Some(0)),
    ]);
}

#[test]
fn of_the_bar_and_the_clock_whoever_is_first_wins() {
    let collected = Bar::ready().after(CARLA, collect(1), at(1890));
    collected.when(Actor::System, end(), at(1890)).refused(Refusal::OrderIsUnknown);
    let expired = Bar::ready().after(Actor::System, end(), at(1890));
    expired.when(CARLA, collect(1), at(1890)).refused(Refusal::OrderIsUnknown);
    let made = Bar::making().after(CARLA, complete(1), at(960));
    made.when(Actor::System, end(), at(960)).refused(Refusal::WaitGoesOn { until: at(2760).at });
    let claimed = Bar::waiting().after(CARLA, claim(1), at(930));
    claimed.when(Actor::System, end(), at(930)).refused(Refusal::WaitGoesOn { until: at(1830).at });
}

#[test]
fn nobody_but_the_installation_ends_a_wait() {
    for who in [ANNA, CARLA, MANAGER, ROBOT] {
        Bar::choosing().when(who, end(), at(400)).refused(Refusal::RoleForbids);
    }
}

#[test]
fn the_next_wait_to_end_is_the_earliest() {
    let bar = Bar::choosing().after(BEN, scan(2, 0), at(100));
    assert_eq!(bar.next_due(), Some((at(300).at, end())));
    let bar = bar.after(ANNA, submit(1), at(110));
    assert_eq!(bar.next_due(), Some((at(400).at, Command::EndWait { order: id(2) })));
}

#[test]
fn an_order_keeps_the_waits_of_its_start() {
    let change = LimitsChange { choose_seconds: Some(10), make_seconds: Some(20), ..LimitsChange::default() };
    let bar = Bar::choosing().after(MANAGER, StoreCommand::ChangeLimits(change).into(), at(1));
    let bar = waits_until(bar, 300).after(ANNA, submit(1), at(30));
    let bar = waits_until(bar, 930).after(BEN, scan(2, 0), at(31));
    assert_eq!(bar.next_due(), Some((at(41).at, Command::EndWait { order: id(2) })));
}

#[test]
fn what_was_cancelled_can_be_taken_back_for_ten_seconds() {
    let over = ["OrderProcessor.OrderFinished"];
    waits_until(Bar::waiting().after(ANNA, cancel(1), at(40)), 50).when(Actor::System, end(), at(50)).then(over);
    let bar = Bar::waiting().after(ANNA, cancel(1), at(40));
    let recalled = OrderRecalled { order: id(1), from: Step::Cancelled, to: Step::Waiting, version: 3 };
    let bar = bar.when(ANNA, act(1, Action::Recall), at(45)).then_exactly([(recalled.into(), None)]);
    assert_eq!(bar.step(1), Some(Step::Waiting));
    // The recalled order keeps its previous due time.
    waits_until(bar, 930);
}

#[test]
fn everything_cancelled_goes_back_to_where_it_was() {
    for (bar, step) in [(Bar::waiting(), Step::Waiting), (Bar::making(), Step::Making), (Bar::ready(), Step::Ready)] {
        let bar = bar.after(CARLA, cancel(1), at(100)).after(MANAGER, act(1, Action::Recall), at(105));
        assert_eq!(bar.step(1), Some(step));
    }
}

#[test]
fn what_the_bar_cancelled_the_guest_does_not_bring_back() {
    let bar = Bar::waiting().after(CARLA, cancel(1), at(40));
    bar.when(ANNA, act(1, Action::Recall), at(41)).refused(Refusal::RoleForbids);
}

#[test]
fn a_guest_takes_back_no_more_than_the_own_cancellation() {
    let cancelled = [Bar::waiting().after(ANNA, cancel(1), at(40)), Bar::waiting().after(CARLA, cancel(1), at(40))];
    for bar in [Bar::choosing(), Bar::waiting(), Bar::making(), Bar::ready()].into_iter().chain(cancelled) {
        bar.when(BEN, act(1, Action::Recall), at(100)).refused(Refusal::OrderIsAnothers);
    }
    for bar in [Bar::choosing(), Bar::waiting(), Bar::making(), Bar::ready()] {
        let step = bar.step(1).unwrap();
        bar.when(ANNA, act(1, Action::Recall), at(100)).refused(Refusal::StepIsIllegal { step });
    }
}

#[test]
fn a_robot_takes_back_no_cancellation_but_its_own() {
    let recall = || act(1, Action::Recall);
    let robots = || Bar::founded().after(ROBOT, knock(1), at(0)).after(ROBOT, submit(1), at(1));
    let its_own = robots().after(ROBOT, cancel(1), at(2)).when(OTHER_ROBOT, recall(), at(3));
    its_own.refused(Refusal::OrderIsAnothers).after(ROBOT, recall(), at(4));
    robots().after(CARLA, cancel(1), at(2)).when(ROBOT, recall(), at(3)).refused(Refusal::RoleForbids);
}

#[test]
fn a_drink_called_ready_too_soon_is_being_made_again_by_the_same_hands() {
    let bar = Bar::ready().after(CARLA, act(1, Action::Recall), at(100));
    assert_eq!(bar.step(1), Some(Step::Making));
    waits_until(bar, 1000).after(CARLA, complete(1), at(110));
    for bar in [Bar::choosing(), Bar::waiting(), Bar::making()] {
        let step = bar.step(1).unwrap();
        bar.when(CARLA, act(1, Action::Recall), at(100)).refused(Refusal::StepIsIllegal { step });
    }
}

#[test]
fn without_undo_time_a_cancellation_is_the_end() {
    let waits = Waits { undo_seconds: 0, ..Waits::default() };
    let bar = given(founding(Limits { waits, ..Limits::default() })).after(ANNA, scan(1, 0), at(0));
    let bar = bar.after(ANNA, submit(1), at(1)).when(ANNA, cancel(1), at(2));
    bar.then(["OrderManager.OrderCancelled", "OrderProcessor.OrderFinished"]);
}
