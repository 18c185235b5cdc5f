//! Scenarios of codes and tokens. The server checks that a code was shown; every window here counts as shown.

use domain::command::StoreCommand;
use domain::event::{CodeExhausted, NewOrder, OrderFinished, ShopUnavailable, StoreOpened, TokenReturned};
use domain::limits::Limits;
use domain::order::Step;
use domain::refusal::{Refusal, Unavailable};
use domain::time::Now;

use crate::bar::{
    ANNA, ANNA_ID, BEN, CARLA, DISPLAY, MANAGER, NINE, ROBOT, ROBOT_ID, TestShop, at, creation_events, given, guest,
    id, robot_start, scan,
};

#[test]
fn a_code_is_good_until_its_grace_is_over() {
    let last = Now { at: domain::time::Instant(at(360).at.0 - 1), ..at(0) };
    TestShop::open().when(ANNA, scan(1, 0), at(0)).then(["Validator.NewOrder", "OrderProcessor.WorkflowStarted"]);
    TestShop::open().when(ANNA, scan(1, 0), at(299)).then(["Validator.NewOrder", "OrderProcessor.WorkflowStarted"]);
    TestShop::open().when(ANNA, scan(1, 0), last).then(["Validator.NewOrder", "OrderProcessor.WorkflowStarted"]);
    TestShop::open().when(ANNA, scan(1, 0), at(360)).refused(Refusal::CodeIsOver);
    TestShop::open().when(ANNA, scan(1, 0), at(86_400)).refused(Refusal::CodeIsOver);
}

#[test]
fn a_start_in_the_grace_takes_a_token_of_its_own_window() {
    let shop = TestShop::open().after(ANNA, scan(1, 0), at(0)).after(BEN, scan(2, 300), at(310));
    let shop = shop.after(guest(3), scan(3, 0), at(320));
    assert_eq!((shop.starts_left(0, at(330)), shop.starts_left(300, at(330))), (8, 9));
}

#[test]
fn a_code_that_is_used_up_says_when_the_next_comes() {
    let mut shop = TestShop::open();
    for order in 1..=10 {
        shop = shop.after(guest(order), scan(order, 0), at(10));
    }
    let shop = shop.when(BEN, scan(11, 0), at(20)).refused(Refusal::CodeIsUsedUp { next: at(300).at });
    // The next code is already valid during the grace period.
    let shop = shop.when(BEN, scan(11, 0), at(330)).refused(Refusal::CodeIsUsedUp { next: at(330).at });
    shop.when(BEN, scan(11, 300), at(330)).then(["Validator.NewOrder", "OrderProcessor.WorkflowStarted"]);
}

#[test]
fn with_its_last_drink_a_code_is_told_to_be_used_up_and_when_the_next_comes() {
    let limits = Limits { drinks_per_code: 1, ..Limits::default() };
    for (now, next) in [(10, 300), (330, 330)] {
        let shop = given(creation_events(limits)).when(ANNA, scan(1, 0), at(now)).then([
            "Validator.NewOrder",
            "Validator.CodeExhausted",
            "OrderProcessor.WorkflowStarted",
        ]);
        assert_eq!(shop.events()[1].event, CodeExhausted { window: NINE, next: at(next).at }.into());
    }
}

#[test]
fn a_thousand_starts_on_a_code_for_ten_give_exactly_ten() {
    assert_eq!(TestShop::open().starts_left(0, at(0)), 10);
}

#[test]
fn a_token_that_comes_back_joins_the_window_that_is_current_then() {
    let order = id(1);
    let turned_away = TestShop::closed().when(ANNA, scan(1, 0), at(330)).then_exactly([
        (NewOrder { order, guest: Some(ANNA_ID), window: Some(NINE), left: Some(9), channel: None }.into(), None),
        (ShopUnavailable { order, reason: Unavailable::Closed }.into(), Some(0)),
        (TokenReturned { order, window: NINE.plus_seconds(300), left: 11 }.into(), Some(1)),
        (OrderFinished { order, outcome: Step::Unavailable }.into(), Some(1)),
    ]);
    let shop = turned_away.and(StoreOpened { held: false });
    assert_eq!((shop.starts_left(0, at(330)), shop.starts_left(300, at(330))), (9, 11));
}

#[test]
fn a_token_that_comes_back_at_once_is_where_it_was() {
    let shop = TestShop::closed().after(ANNA, scan(1, 0), at(10)).and(StoreOpened { held: false });
    assert_eq!(shop.starts_left(0, at(10)), 10);
}

#[test]
fn a_code_used_up_is_refused_at_a_closed_door_too() {
    let limits = Limits { drinks_per_code: 1, ..Limits::default() };
    let shop = given(creation_events(limits)).after(ANNA, scan(1, 0), at(0)).after(
        CARLA,
        StoreCommand::Close { hold: false }.into(),
        at(1),
    );
    shop.when(BEN, scan(2, 0), at(2)).refused(Refusal::CodeIsUsedUp { next: at(300).at });
}

#[test]
fn an_order_that_is_open_is_not_started_again() {
    let shop =
        TestShop::choosing().when(ANNA, scan(1, 0), at(5)).refused(Refusal::StepIsIllegal { step: Step::Choosing });
    let shop = shop.when(BEN, scan(1, 0), at(5)).refused(Refusal::StepIsIllegal { step: Step::Choosing });
    assert_eq!(shop.starts_left(0, at(5)), 9);
}

#[test]
fn a_short_window_stays_used_up_as_long_as_its_code_is_good() {
    let limits = Limits { drinks_per_code: 1, window_seconds: 10, grace_seconds: 120, ..Limits::default() };
    let mut shop = given(creation_events(limits)).after(ANNA, scan(1, 0), at(0));
    for (order, window) in [(2, 10), (3, 20), (4, 30), (5, 40), (6, 50)] {
        shop = shop.after(guest(order), scan(order, window), at(window));
    }
    shop.when(BEN, scan(7, 0), at(60)).refused(Refusal::CodeIsUsedUp { next: at(60).at });
}

#[test]
fn when_the_clock_is_set_back_a_code_that_was_used_up_still_is() {
    let limits = Limits { drinks_per_code: 1, ..Limits::default() };
    let mut shop = given(creation_events(limits));
    for (order, window) in [(1, 0), (2, 300), (3, 600), (4, 900)] {
        shop = shop.after(guest(order), scan(order, window), at(window));
    }
    shop.when(BEN, scan(5, 0), at(10)).refused(Refusal::CodeIsUsedUp { next: at(300).at });
}

#[test]
fn a_robot_knocks_without_a_token() {
    let order = id(1);
    let shop = TestShop::open().when(ROBOT, robot_start(1), at(0));
    let new =
        NewOrder { order, guest: Some(domain::ids::GuestId(ROBOT_ID.0)), window: None, left: None, channel: None };
    assert_eq!(shop.events()[0].event, new.into());
    assert_eq!(shop.starts_left(0, at(0)), 10);
}

#[test]
fn a_robot_turned_away_brings_no_token_back() {
    let shop = TestShop::closed().when(ROBOT, robot_start(1), at(0)).then([
        "Validator.NewOrder",
        "OrderProcessor.ShopUnavailable",
        "OrderProcessor.OrderFinished",
    ]);
    assert_eq!(shop.and(StoreOpened { held: false }).starts_left(0, at(0)), 10);
}

#[test]
fn no_other_role_gets_through_the_robots_door() {
    for actor in [ANNA, CARLA, MANAGER, DISPLAY] {
        for shop in [TestShop::open(), TestShop::choosing()] {
            shop.when(actor, robot_start(1), at(0)).refused(Refusal::RoleForbids);
        }
    }
}

#[test]
fn who_works_here_scans_no_code() {
    for actor in [CARLA, MANAGER, DISPLAY] {
        TestShop::open().when(actor, scan(1, 0), at(0)).refused(Refusal::RoleForbids);
    }
}

#[test]
fn a_robot_takes_no_token_from_people() {
    for shop in [TestShop::open(), TestShop::choosing()] {
        shop.when(ROBOT, scan(1, 0), at(0)).refused(Refusal::RoleForbids);
    }
}

#[test]
fn windows_are_counted_from_1970_on_both_sides_of_it() {
    let limits = Limits::default();
    for (second, window) in [(0, 0), (299, 0), (300, 300), (-1, -300), (-300, -300), (-301, -600)] {
        let found = limits.window_of(domain::time::Instant(second * 1000));
        assert_eq!(found, domain::time::Instant(window * 1000), "{second} s");
    }
}
