//! Scenarios of order numbers: consecutive, restarted each shop day, and never in use twice at once.

use domain::access::Actor;
use domain::command::Command;
use domain::event::{NumberGiven, WaitingCompletion};
use domain::time::Now;

use crate::bar::{ANNA, BEN, Bar, CARLA, at, cancel, collect, id, scan, somebody, submit, tomorrow};

/// A guest scans and submits, so the order gets its number.
fn orders(bar: Bar, order: u16, now: Now) -> Bar {
    let seconds = u32::try_from((now.at.0 - at(0).at.0) / 1000).unwrap();
    bar.after(somebody(order), scan(order, seconds / 300 * 300), now).after(somebody(order), submit(order), now)
}

/// Staff cancel the order and its time to undo passes.
fn over(bar: Bar, order: u16, now: Now) -> Bar {
    let later = Now { at: now.at.plus_seconds(10), ..now };
    bar.after(CARLA, cancel(order), now).after(Actor::System, Command::EndWait { order: id(order) }, later)
}

#[test]
fn numbers_count_one_two_three() {
    let mut bar = Bar::founded();
    for order in 1..=5 {
        bar = orders(bar, order, at(u32::from(order)));
        assert_eq!(bar.number(order), Some(u32::from(order)));
    }
}

#[test]
fn the_number_goes_by_the_submission_and_not_by_the_scan() {
    let bar = Bar::founded().after(ANNA, scan(1, 0), at(0)).after(BEN, scan(2, 0), at(1));
    let bar = bar.after(BEN, submit(2), at(2)).after(ANNA, submit(1), at(3));
    assert_eq!((bar.number(2), bar.number(1)), (Some(1), Some(2)));
}

#[test]
fn a_number_taken_back_is_not_given_again_today() {
    let bar = over(orders(Bar::founded(), 1, at(0)), 1, at(1));
    assert_eq!(orders(bar, 2, at(20)).number(2), Some(2));
}

#[test]
fn an_order_that_is_never_submitted_takes_no_number() {
    let bar = Bar::choosing().after(ANNA, cancel(1), at(1));
    assert_eq!(orders(bar, 2, at(2)).number(2), Some(1));
}

#[test]
fn numbers_begin_again_with_the_shop_day() {
    let bar = Bar::ready().after(CARLA, collect(1), at(100));
    let bar = over(over(orders(orders(bar, 2, at(110)), 3, at(120)), 2, at(130)), 3, at(130));
    let bar = orders(orders(bar, 4, tomorrow(0)), 5, tomorrow(1));
    assert_eq!((bar.number(3), bar.number(4), bar.number(5)), (Some(3), Some(1), Some(2)));
}

#[test]
fn a_new_day_skips_the_numbers_that_are_still_called() {
    // Numbers 1 and 3 stay in use overnight; 2 does not.
    let evening = over(orders(orders(orders(Bar::founded(), 1, at(0)), 2, at(1)), 3, at(2)), 2, at(3));
    let bar = orders(orders(evening, 4, tomorrow(0)), 5, tomorrow(1));
    assert_eq!((bar.number(4), bar.number(5)), (Some(2), Some(4)));
    // Numbers 1 and 3 are free again, but today's count is past them.
    let bar = over(over(bar, 1, tomorrow(2)), 3, tomorrow(2));
    assert_eq!(orders(bar, 6, tomorrow(20)).number(6), Some(5));
}

#[test]
fn a_submission_after_midnight_counts_for_the_new_day() {
    let bar = Bar::choosing().when(ANNA, submit(1), tomorrow(0));
    let given = NumberGiven { order: id(1), day: tomorrow(0).day, number: 1 };
    let waits = WaitingCompletion { order: id(1), number: 1, due: Some(tomorrow(900).at) };
    let said: Vec<_> = bar.said().iter().skip(1).map(|said| said.event.clone()).collect();
    assert_eq!(said, [given.into(), waits.into()]);
}
