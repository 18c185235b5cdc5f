//! Scenarios of order numbers: consecutive, restarted each shop day, and never in use twice at once.

use domain::access::Actor;
use domain::command::Command;
use domain::event::{NumberGiven, WaitingCompletion};
use domain::time::Now;

use crate::bar::{ANNA, BEN, CARLA, TestShop, at, cancel, collect, guest, id, scan, submit, tomorrow};

/// A guest scans and submits, so the order gets its number.
fn place_order(shop: TestShop, order: u16, now: Now) -> TestShop {
    let seconds = u32::try_from((now.at.0 - at(0).at.0) / 1000).unwrap();
    shop.after(guest(order), scan(order, seconds / 300 * 300), now).after(guest(order), submit(order), now)
}

/// Staff cancel the order and its time to undo passes.
fn cancel_and_finish(shop: TestShop, order: u16, now: Now) -> TestShop {
    let later = Now { at: now.at.plus_seconds(10), ..now };
    shop.after(CARLA, cancel(order), now).after(Actor::System, Command::EndWait { order: id(order) }, later)
}

#[test]
fn order_numbers_are_consecutive_from_one() {
    let mut shop = TestShop::open();
    for order in 1..=5 {
        shop = place_order(shop, order, at(u32::from(order)));
        assert_eq!(shop.number(order), Some(u32::from(order)));
    }
}

#[test]
fn numbers_are_assigned_at_submission() {
    let shop = TestShop::open().after(ANNA, scan(1, 0), at(0)).after(BEN, scan(2, 0), at(1));
    let shop = shop.after(BEN, submit(2), at(2)).after(ANNA, submit(1), at(3));
    assert_eq!((shop.number(2), shop.number(1)), (Some(1), Some(2)));
}

#[test]
fn the_number_of_a_cancelled_order_is_not_reused_on_the_same_day() {
    let shop = cancel_and_finish(place_order(TestShop::open(), 1, at(0)), 1, at(1));
    assert_eq!(place_order(shop, 2, at(20)).number(2), Some(2));
}

#[test]
fn an_order_without_submission_takes_no_number() {
    let shop = TestShop::choosing().after(ANNA, cancel(1), at(1));
    assert_eq!(place_order(shop, 2, at(2)).number(2), Some(1));
}

#[test]
fn numbers_restart_with_the_shop_day() {
    let shop = TestShop::ready().after(CARLA, collect(1), at(100));
    let shop = cancel_and_finish(
        cancel_and_finish(place_order(place_order(shop, 2, at(110)), 3, at(120)), 2, at(130)),
        3,
        at(130),
    );
    let shop = place_order(place_order(shop, 4, tomorrow(0)), 5, tomorrow(1));
    assert_eq!((shop.number(3), shop.number(4), shop.number(5)), (Some(3), Some(1), Some(2)));
}

#[test]
fn a_new_day_skips_numbers_that_are_still_in_use() {
    // Numbers 1 and 3 stay in use overnight; 2 does not.
    let evening = cancel_and_finish(
        place_order(place_order(place_order(TestShop::open(), 1, at(0)), 2, at(1)), 3, at(2)),
        2,
        at(3),
    );
    let shop = place_order(place_order(evening, 4, tomorrow(0)), 5, tomorrow(1));
    assert_eq!((shop.number(4), shop.number(5)), (Some(2), Some(4)));
    // Numbers 1 and 3 are free again, but today's count is past them.
    let shop = cancel_and_finish(cancel_and_finish(shop, 1, tomorrow(2)), 3, tomorrow(2));
    assert_eq!(place_order(shop, 6, tomorrow(20)).number(6), Some(5));
}

#[test]
fn a_submission_after_midnight_counts_for_the_new_day() {
    let shop = TestShop::choosing().when(ANNA, submit(1), tomorrow(0));
    let given = NumberGiven { order: id(1), day: tomorrow(0).day, number: 1 };
    let waits = WaitingCompletion { order: id(1), number: 1, due: Some(tomorrow(900).at) };
    let follow_ups: Vec<_> = shop.events().iter().skip(1).map(|caused| caused.event.clone()).collect();
    assert_eq!(follow_ups, [given.into(), waits.into()]);
}
