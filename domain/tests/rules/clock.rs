//! Scenarios of a clock that was thirty days ahead and was set right again.

use domain::access::Actor;
use domain::command::{Command, StoreCommand};
use domain::event::{Event, NumberGiven};
use domain::limits::Limits;
use domain::refusal::{Refusal, Unavailable};
use domain::time::{Day, Now, OpeningState, ScheduledState};

use crate::bar::{
    ANNA, BEN, CARLA, NINE, TODAY, TestShop, at, cancel, claim, complete, creation_events, given, guest, id, scan,
    submit,
};

const DAYS: u32 = 30;

/// The time `seconds` after nine as a clock tells it that is thirty days ahead.
fn ahead(seconds: u32) -> Now {
    let day = Day(TODAY.0 + i32::try_from(DAYS).unwrap());
    Now::without_hours(NINE.plus_seconds(DAYS * 86_400 + seconds), day)
}

/// A start with the code of the window that the clock tells.
fn scan_ahead(order: u16, seconds: u32) -> Command {
    scan(order, DAYS * 86_400 + seconds / 300 * 300)
}

fn with_limits(limits: Limits) -> TestShop {
    given(creation_events(limits))
}

fn days_and_numbers(shop: &TestShop) -> Vec<(Day, u32)> {
    let given = shop.log().iter().filter_map(|event| match event {
        Event::NumberGiven(NumberGiven { day, number, .. }) => Some((*day, *number)),
        _ => None,
    });
    given.collect()
}

#[test]
fn a_code_sells_no_more_than_it_has() {
    let mut shop = with_limits(Limits { drinks_per_code: 2, grace_seconds: 0, ..Limits::default() });
    shop = shop.after(guest(1), scan(1, 0), at(1));
    // Windows of the future take tokens while the clock is ahead.
    for order in 2..12 {
        let seconds = u32::from(order) * 300;
        shop = shop.after(guest(order), scan_ahead(order, seconds), ahead(seconds));
    }
    let shop = shop.after(guest(20), scan(20, 3600), at(3600)).after(guest(21), scan(21, 3600), at(3601));
    let next = at(3900).at;
    shop.when(guest(22), scan(22, 3600), at(3602)).refused(Refusal::NoTokensLeft { next });
}

#[test]
fn numbers_go_on_with_their_own_day() {
    let shop = TestShop::open().after(ANNA, scan(1, 0), at(0)).after(ANNA, submit(1), at(1));
    let shop = shop.after(BEN, scan_ahead(2, 10), ahead(10)).after(BEN, submit(2), ahead(11));
    let shop = shop.after(guest(3), scan(3, 0), at(20)).after(guest(3), submit(3), at(21));
    let shop = shop.after(guest(4), scan(4, 0), at(22)).after(guest(4), submit(4), at(23));
    let future = Day(TODAY.0 + 30);
    // The third order skips number 1, which is still called, and the fourth follows it.
    assert_eq!(days_and_numbers(&shop), [(TODAY, 1), (future, 2), (TODAY, 3), (TODAY, 4)]);
}

#[test]
fn the_limit_of_a_guest_is_that_of_the_right_day() {
    let limits = Limits { orders_per_guest: 1, ..Limits::default() };
    let started = ["Validator.NewOrder", "OrderProcessor.WorkflowStarted"];
    let fast = with_limits(limits).after(ANNA, scan_ahead(1, 0), ahead(0)).after(ANNA, submit(1), ahead(1));
    fast.when(ANNA, scan(2, 0), at(10)).then(started);
    // What was ordered before the clock was ahead still counts.
    let shop = with_limits(limits).after(ANNA, scan(1, 0), at(0)).after(ANNA, submit(1), at(1));
    let shop = shop.after(BEN, scan_ahead(2, 5), ahead(5)).after(BEN, submit(2), ahead(6));
    let shop = shop.when(ANNA, scan(3, 0), at(10));
    assert_eq!(shop.answer().unavailable, Some(Unavailable::Limit));
    let shop = shop.after(guest(4), scan(4, 0), at(11)).after(guest(4), submit(4), at(12));
    assert_eq!(shop.when(ANNA, scan(5, 0), at(13)).answer().unavailable, Some(Unavailable::Limit));
}

#[test]
fn a_cancelled_order_of_the_future_lowers_no_count_of_today() {
    let limits = Limits { orders_per_guest: 1, ..Limits::default() };
    let shop = with_limits(limits).after(ANNA, scan(1, 0), at(0)).after(ANNA, submit(1), at(1));
    let shop = shop.after(ANNA, scan_ahead(2, 5), ahead(5)).after(ANNA, submit(2), ahead(6));
    let shop = shop.after(ANNA, cancel(2), ahead(7));
    assert_eq!(shop.when(ANNA, scan(3, 0), at(10)).answer().unavailable, Some(Unavailable::Limit));
}

#[test]
fn an_order_waits_no_longer_than_a_whole_wait_after_the_clock_is_right() {
    let shop = TestShop::open().after(ANNA, scan_ahead(1, 0), ahead(0)).after(ANNA, submit(1), ahead(10));
    let shop = shop.after(BEN, scan_ahead(2, 0), ahead(20));
    assert_eq!(shop.due(1), Some(ahead(910).at));
    // The next event shows that the clock was wrong.
    let shop = shop.after(guest(3), scan(3, 0), at(60));
    assert_eq!((shop.due(1), shop.due(2)), (Some(at(960).at), Some(at(480).at)));
    let late = shop.after(CARLA, claim(1), at(100)).after(CARLA, complete(1), at(200));
    let expired = late.when(Actor::System, Command::EndWait { order: id(1) }, at(2000));
    expired.then(["OrderManager.OrderExpired", "OrderProcessor.OrderFinished"]);
}

#[test]
fn an_order_of_an_idle_shop_waits_no_longer_than_a_whole_wait_either() {
    let shop = TestShop::open().after(ANNA, scan_ahead(1, 0), ahead(0)).after(ANNA, submit(1), ahead(10));
    let shop = shop.idle(at(60)).idle(at(70));
    assert_eq!(shop.next_due_at(at(70)), Some((at(960).at, Command::EndWait { order: id(1) })));
    let late = shop.when(Actor::System, Command::EndWait { order: id(1) }, at(960));
    late.then(["OrderProcessor.OrderTimedOut", "OrderProcessor.OrderFinished"]);
}

#[test]
fn a_pause_that_a_clock_ahead_has_begun_ends_when_the_clock_is_right() {
    let paused = |until, now| {
        let pause = StoreCommand::Pause { reason: String::new(), until };
        TestShop::open().after(CARLA, pause.into(), now)
    };
    let resume = || Command::from(StoreCommand::Resume);
    let shop = paused(Some(ahead(600).at), ahead(0));
    assert_eq!(shop.next_due_at(at(60)), Some((at(60).at, resume())));
    // The longest pause, and one without an end, are those of a good clock.
    assert_eq!(paused(Some(at(86_400).at), at(0)).next_due_at(at(0)), Some((at(86_400).at, resume())));
    assert_eq!(paused(None, at(0)).next_due_at(at(60)), None);
}

#[test]
fn a_clock_that_is_corrected_by_minutes_moves_no_deadline() {
    let shop = TestShop::open().after(ANNA, scan(1, 600), at(600)).after(BEN, scan(2, 0), at(0));
    assert_eq!(shop.due(1), Some(at(900).at));
}

#[test]
fn doors_that_a_clock_ahead_has_moved_follow_the_hours_again() {
    let open_since = |now: Now, state| {
        let hours = ScheduledState { state, since: NINE, until: NINE.plus_seconds(36_000) };
        Now { hours, ..now }
    };
    // The clock ahead reads a closed hour and shuts the doors.
    let shop = TestShop::open().after(CARLA, StoreCommand::Close { hold: false }.into(), ahead(0));
    let now = open_since(at(60), OpeningState::Open);
    assert_eq!(shop.next_due_at(now), Some((NINE, StoreCommand::ApplyHours.into())));
    let shop = shop.when(Actor::System, StoreCommand::ApplyHours.into(), now).then(["ConfigService.StoreOpened"]);
    // A manual change is obeyed again from then on.
    let shop = shop.after(CARLA, StoreCommand::Close { hold: false }.into(), open_since(at(70), OpeningState::Open));
    let later = open_since(at(80), OpeningState::Open);
    assert_eq!(shop.next_due_at(later).map(|(due, _)| due), Some(NINE.plus_seconds(36_000)));
}
