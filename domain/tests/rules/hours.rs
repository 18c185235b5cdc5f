//! Scenarios of hours: automatic opening and closing, holds, last orders, and first and last day.

use domain::access::Actor;
use domain::command::{Command, StoreCommand};
use domain::event::{LastOrdersCalled, StoreClosed, StoreOpened};
use domain::hours::{Hours, HoursFlaw, LocalTime, OpeningPeriod, Weekday};
use domain::order::Step;
use domain::refusal::{Refusal, Unavailable};
use domain::time::{Day, Now, OpeningState, ScheduledState};

use crate::bar::{
    ANNA, BEN, CARLA, DISPLAY, MANAGER, ROBOT, TODAY, TestShop, at, robot_start, scan, submit, tomorrow, walk_in,
};

/// The time `now` with a state of the doors from `since` to `until`, all in seconds after nine.
fn now_by_hours(doors: OpeningState, since: u32, until: u32, now: u32) -> Now {
    Now { hours: ScheduledState { state: doors, since: at(since).at, until: at(until).at }, ..at(now) }
}

fn keep_hours() -> Command {
    StoreCommand::ApplyHours.into()
}

fn open(hold: bool) -> Command {
    StoreCommand::Open { hold }.into()
}

fn close(hold: bool) -> Command {
    StoreCommand::Close { hold }.into()
}

fn change_hours(hours: Hours) -> Command {
    StoreCommand::ChangeHours(hours).into()
}

fn time(text: &str) -> LocalTime {
    text.parse().unwrap()
}

fn slot(from: &str, to: &str) -> OpeningPeriod {
    OpeningPeriod { day: Weekday::Sat, from: time(from), to: time(to) }
}

#[track_caller]
fn assert_unavailable(shop: &TestShop, reason: Unavailable) {
    assert_eq!((shop.answer().unavailable, shop.answer().step), (Some(reason), Some(Step::Unavailable)));
}

#[test]
fn hours_open_and_close_the_shop() {
    let closing = now_by_hours(OpeningState::Closed, 3600, 80_000, 3600);
    let shop = TestShop::open();
    assert_eq!(shop.next_due_at(now_by_hours(OpeningState::Open, 0, 3600, 5)), Some((at(3600).at, keep_hours())));
    let shop =
        shop.when(Actor::System, keep_hours(), closing).then_exactly([(StoreClosed { held: false }.into(), None)]);
    assert_eq!(
        shop.next_due_at(closing),
        Some((at(80_000).at, keep_hours())),
        "nothing is due before the next opening"
    );

    let opening = now_by_hours(OpeningState::Open, 80_000, 90_000, 80_000);
    shop.when(Actor::System, keep_hours(), opening).then_exactly([(StoreOpened { held: false }.into(), None)]);
}

#[test]
fn a_missed_change_of_the_hours_is_applied_later() {
    // The program was not running at ten, when the shop should have closed.
    let late = now_by_hours(OpeningState::Closed, 3600, 80_000, 9000);
    assert_eq!(TestShop::open().next_due_at(late), Some((at(3600).at, keep_hours())));
    TestShop::open().when(Actor::System, keep_hours(), late).then(["ConfigService.StoreClosed"]);
}

#[test]
fn a_manual_change_lasts_until_the_next_change_of_the_hours() {
    let morning = |now| now_by_hours(OpeningState::Open, 0, 3600, now);
    let shop = TestShop::open().after(CARLA, close(false), morning(60));
    assert_eq!(shop.next_due_at(morning(61)), Some((at(3600).at, keep_hours())));
    shop.clone().when(Actor::System, keep_hours(), morning(61)).refused(Refusal::NotDue { until: at(3600).at });
    // The hours change nothing at ten, since the shop is closed, and open it the next morning.
    let evening = now_by_hours(OpeningState::Closed, 3600, 86_400, 3600);
    assert_eq!(shop.next_due_at(evening), Some((tomorrow(0).at, keep_hours())));
    shop.when(Actor::System, keep_hours(), now_by_hours(OpeningState::Open, 86_400, 90_000, 86_400))
        .then(["ConfigService.StoreOpened"]);
}

#[test]
fn a_snapshot_without_hours_does_not_close_the_shop() {
    let shop = TestShop::open().restored_without("config", "moved");
    assert_eq!(shop.next_due(), None);
    // New hours apply from their start.
    let closing = now_by_hours(OpeningState::Closed, 3600, 80_000, 3700);
    assert_eq!(shop.next_due_at(closing), Some((at(3600).at, keep_hours())));
}

#[test]
fn a_manual_change_wins_over_the_hours_at_the_same_instant() {
    let closing = now_by_hours(OpeningState::Closed, 3600, 86_400, 3600);
    let shop = TestShop::closed().after(CARLA, open(false), closing);
    assert_eq!(shop.next_due_at(closing), Some((tomorrow(0).at, keep_hours())));
}

#[test]
fn a_hold_suspends_the_hours_until_it_is_released() {
    let evening = now_by_hours(OpeningState::Closed, 3600, 86_400, 3600);
    let held =
        TestShop::open().when(MANAGER, open(true), at(60)).then_exactly([(StoreOpened { held: true }.into(), None)]);
    assert_eq!(held.next_due_at(evening), None);
    held.clone().when(Actor::System, keep_hours(), evening).refused(Refusal::NotDue { until: tomorrow(0).at });
    let shut = TestShop::open().after(MANAGER, close(true), at(60));
    assert_eq!(shut.next_due_at(now_by_hours(OpeningState::Open, 86_400, 90_000, 86_401)), None);

    // Opening without a hold lets the hours apply again.
    let free = held.after(CARLA, open(false), at(120));
    assert_eq!(free.next_due_at(evening), Some((at(3600).at, keep_hours())));
}

#[test]
fn last_orders_stop_new_starts_and_let_open_orders_proceed() {
    let call = now_by_hours(OpeningState::LastOrders, 2700, 3600, 2700);
    let shop = TestShop::open().after(ANNA, scan(1, 2400), at(2650));
    let shop = shop
        .when(Actor::System, keep_hours(), call)
        .then_exactly([(LastOrdersCalled { closing: at(3600).at }.into(), None)]);
    assert_eq!(
        shop.next_due_at(call).map(|(due, _)| due),
        Some(at(2950).at),
        "an order that is being chosen keeps its wait"
    );
    assert_unavailable(&shop.clone().when(BEN, scan(3, 2700), at(2710)), Unavailable::Closed);
    assert_unavailable(&shop.clone().when(ROBOT, robot_start(3), at(2710)), Unavailable::Closed);
    let shop = shop.when(ANNA, submit(1), at(2720)).then([
        "OrderManager.OrderSubmitted",
        "Counting.NumberGiven",
        "OrderProcessor.WaitingCompletion",
    ]);
    // Staff can reopen the shop after last orders.
    let again = shop.clone().after(CARLA, open(false), now_by_hours(OpeningState::LastOrders, 2700, 3600, 2800));
    assert_eq!(
        again.next_due_at(now_by_hours(OpeningState::LastOrders, 2700, 3600, 2801)),
        Some((at(3600).at, keep_hours()))
    );
    again.when(BEN, scan(3, 2700), at(2810)).then(["Validator.NewOrder", "OrderProcessor.WorkflowStarted"]);
    shop.when(Actor::System, keep_hours(), now_by_hours(OpeningState::Closed, 3600, 86_400, 3600))
        .then(["ConfigService.StoreClosed"]);
}

#[test]
fn last_orders_do_not_open_a_closed_shop() {
    let late = now_by_hours(OpeningState::LastOrders, 2700, 3600, 2800);
    let shop = TestShop::closed();
    assert_eq!(shop.next_due_at(late), Some((at(3600).at, keep_hours())));
    shop.when(Actor::System, keep_hours(), late).refused(Refusal::NotDue { until: at(3600).at });
}

#[test]
fn starts_before_the_first_day_and_after_the_last_are_turned_away() {
    let days = |first, last| Hours { first_day: first, last_day: last, ..Hours::default() };
    let before = TestShop::open().after(MANAGER, change_hours(days(Some(Day(TODAY.0 + 1)), None)), at(0));
    assert_unavailable(&before.clone().when(ANNA, scan(1, 0), at(10)), Unavailable::NotStarted);
    assert_unavailable(&before.clone().when(ROBOT, robot_start(2), at(10)), Unavailable::NotStarted);
    before.when(ANNA, scan(1, 86_400), tomorrow(0)).then(["Validator.NewOrder", "OrderProcessor.WorkflowStarted"]);

    let after = TestShop::open().after(MANAGER, change_hours(days(Some(TODAY), Some(TODAY))), at(0));
    let after = after.when(ANNA, scan(1, 0), at(10)).then(["Validator.NewOrder", "OrderProcessor.WorkflowStarted"]);
    assert_unavailable(&after.clone().when(BEN, scan(2, 86_400), tomorrow(0)), Unavailable::Ended);
    // A shop held open after its last day accepts walk-ins only.
    let held = after.after(MANAGER, open(true), tomorrow(1));
    assert_unavailable(&held.clone().when(BEN, scan(2, 86_400), tomorrow(2)), Unavailable::Ended);
    held.when(CARLA, walk_in(3), tomorrow(3)).then([
        "Validator.NewOrder",
        "OrderProcessor.WorkflowStarted",
        "OrderManager.OrderSubmitted",
        "Counting.NumberGiven",
        "OrderProcessor.WaitingCompletion",
    ]);
}

#[test]
fn invalid_hours_are_refused_with_their_flaw() {
    let assert_flaw = |hours: Hours, flaw| {
        TestShop::open().when(MANAGER, change_hours(hours), at(0)).refused(Refusal::InvalidHours(flaw));
    };
    assert_flaw(Hours { week: vec![slot("09:00", "09:00")], ..Hours::default() }, HoursFlaw::WeekWrong);
    assert_flaw(Hours { week: vec![slot("09:00", "10:00"); 51], ..Hours::default() }, HoursFlaw::WeekWrong);
    assert_flaw(Hours { last_orders_minutes: 241, ..Hours::default() }, HoursFlaw::LastOrdersWrong);
    let days = Hours { first_day: Some(TODAY), last_day: Some(Day(TODAY.0 - 1)), ..Hours::default() };
    assert_flaw(days, HoursFlaw::DaysWrong);
    let most = Hours {
        week: vec![slot("18:00", "02:00"); 50],
        last_orders_minutes: 240,
        first_day: Some(TODAY),
        last_day: Some(TODAY),
        ..Hours::default()
    };
    let shop = TestShop::open().when(MANAGER, change_hours(most.clone()), at(0)).then(["ConfigService.HoursChanged"]);
    assert_eq!(*shop.hours(), most);
    shop.when(MANAGER, change_hours(most), at(1)).then([]);
}

#[test]
fn only_managers_set_hours_and_only_the_clock_applies_them() {
    for actor in [ANNA, CARLA, DISPLAY, ROBOT, Actor::System] {
        TestShop::open()
            .when(actor, change_hours(Hours { last_orders_minutes: 5, ..Hours::default() }), at(0))
            .refused(Refusal::RoleNotAllowed);
    }
    for actor in [ANNA, CARLA, MANAGER, DISPLAY, ROBOT] {
        TestShop::open()
            .when(actor, keep_hours(), now_by_hours(OpeningState::Closed, 1, 9, 5))
            .refused(Refusal::RoleNotAllowed);
    }
}

#[test]
fn local_times_round_trip_as_text() {
    for text in ["00:00", "04:00", "23:59"] {
        assert_eq!(time(text).to_string(), text);
        assert_eq!(serde_json::from_str::<LocalTime>(&format!("\"{text}\"")).unwrap(), time(text));
    }
    assert_eq!((time("18:05").hour(), time("18:05").minute()), (18, 5));
    for text in ["", "24:00", "12:60", "4:00", "04:0", "+4:00", "04-00", "04:00:00", " 4:00", "noon"] {
        assert!(text.parse::<LocalTime>().is_err(), "{text} is not a time");
    }
}
