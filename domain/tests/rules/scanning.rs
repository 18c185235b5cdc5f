//! Scenarios of codes and tokens. The server checks that a code was shown; every window here counts as shown.

use domain::command::StoreCommand;
use domain::event::{CodeExhausted, NewOrder, OrderFinished, ShopUnavailable, StoreOpened, TokenReturned};
use domain::limits::{Limits, LimitsChange};
use domain::order::Step;
use domain::refusal::{Refusal, Unavailable};
use domain::time::Now;

use crate::bar::{
    ANNA, ANNA_ID, BEN, CARLA, DISPLAY, MANAGER, NINE, ROBOT, ROBOT_ID, TestShop, at, creation_events, given, guest,
    id, robot_start, scan,
};

#[test]
fn a_code_is_valid_until_the_end_of_its_grace_period() {
    let last = Now { at: domain::time::Instant(at(360).at.0 - 1), ..at(0) };
    TestShop::open().when(ANNA, scan(1, 0), at(0)).then(["Validator.NewOrder", "OrderProcessor.WorkflowStarted"]);
    TestShop::open().when(ANNA, scan(1, 0), at(299)).then(["Validator.NewOrder", "OrderProcessor.WorkflowStarted"]);
    TestShop::open().when(ANNA, scan(1, 0), last).then(["Validator.NewOrder", "OrderProcessor.WorkflowStarted"]);
    TestShop::open().when(ANNA, scan(1, 0), at(360)).refused(Refusal::CodeExpired);
    TestShop::open().when(ANNA, scan(1, 0), at(86_400)).refused(Refusal::CodeExpired);
}

#[test]
fn a_start_in_the_grace_period_takes_a_token_of_its_window() {
    let shop = TestShop::open().after(ANNA, scan(1, 0), at(0)).after(BEN, scan(2, 300), at(310));
    let shop = shop.after(guest(3), scan(3, 0), at(320));
    assert_eq!((shop.starts_left(0, at(330)), shop.starts_left(300, at(330))), (8, 9));
}

#[test]
fn a_used_up_code_is_refused_with_the_time_of_the_next() {
    let mut shop = TestShop::open();
    for order in 1..=10 {
        shop = shop.after(guest(order), scan(order, 0), at(10));
    }
    let shop = shop.when(BEN, scan(11, 0), at(20)).refused(Refusal::NoTokensLeft { next: at(300).at });
    // The next code is already valid during the grace period.
    let shop = shop.when(BEN, scan(11, 0), at(330)).refused(Refusal::NoTokensLeft { next: at(330).at });
    shop.when(BEN, scan(11, 300), at(330)).then(["Validator.NewOrder", "OrderProcessor.WorkflowStarted"]);
}

#[test]
fn the_last_start_of_a_code_emits_code_exhausted() {
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
fn a_code_starts_at_most_ten_orders() {
    assert_eq!(TestShop::open().starts_left(0, at(0)), 10);
}

#[test]
fn a_returned_token_joins_the_current_window() {
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
fn a_token_returned_within_its_window_stays_in_it() {
    let shop = TestShop::closed().after(ANNA, scan(1, 0), at(10)).and(StoreOpened { held: false });
    assert_eq!(shop.starts_left(0, at(10)), 10);
}

#[test]
fn a_used_up_code_is_refused_while_closed() {
    let limits = Limits { drinks_per_code: 1, ..Limits::default() };
    let shop = given(creation_events(limits)).after(ANNA, scan(1, 0), at(0)).after(
        CARLA,
        StoreCommand::Close { hold: false }.into(),
        at(1),
    );
    shop.when(BEN, scan(2, 0), at(2)).refused(Refusal::NoTokensLeft { next: at(300).at });
}

#[test]
fn an_open_order_cannot_be_started_again() {
    let shop =
        TestShop::choosing().when(ANNA, scan(1, 0), at(5)).refused(Refusal::IllegalStep { step: Step::Choosing });
    let shop = shop.when(BEN, scan(1, 0), at(5)).refused(Refusal::IllegalStep { step: Step::Choosing });
    assert_eq!(shop.starts_left(0, at(5)), 9);
}

#[test]
fn a_used_up_short_window_stays_used_up_while_its_code_is_valid() {
    let limits = Limits { drinks_per_code: 1, window_seconds: 10, grace_seconds: 120, ..Limits::default() };
    let mut shop = given(creation_events(limits)).after(ANNA, scan(1, 0), at(0));
    for (order, window) in [(2, 10), (3, 20), (4, 30), (5, 40), (6, 50)] {
        shop = shop.after(guest(order), scan(order, window), at(window));
    }
    shop.when(BEN, scan(7, 0), at(60)).refused(Refusal::NoTokensLeft { next: at(60).at });
}

#[test]
fn a_used_up_code_stays_used_up_when_the_clock_is_set_back() {
    let limits = Limits { drinks_per_code: 1, ..Limits::default() };
    let mut shop = given(creation_events(limits));
    for (order, window) in [(1, 0), (2, 300), (3, 600), (4, 900), (5, 1200), (6, 1500)] {
        shop = shop.after(guest(order), scan(order, window), at(window));
    }
    shop.when(BEN, scan(7, 0), at(10)).refused(Refusal::NoTokensLeft { next: at(300).at });
}

#[test]
fn a_robot_start_takes_no_token() {
    let order = id(1);
    let shop = TestShop::open().when(ROBOT, robot_start(1), at(0));
    let new =
        NewOrder { order, guest: Some(domain::ids::GuestId(ROBOT_ID.0)), window: None, left: None, channel: None };
    assert_eq!(shop.events()[0].event, new.into());
    assert_eq!(shop.starts_left(0, at(0)), 10);
}

#[test]
fn a_robot_order_that_is_turned_away_returns_no_token() {
    let shop = TestShop::closed().when(ROBOT, robot_start(1), at(0)).then([
        "Validator.NewOrder",
        "OrderProcessor.ShopUnavailable",
        "OrderProcessor.OrderFinished",
    ]);
    assert_eq!(shop.and(StoreOpened { held: false }).starts_left(0, at(0)), 10);
}

#[test]
fn only_robots_start_orders_without_a_code() {
    for actor in [ANNA, CARLA, MANAGER, DISPLAY] {
        for shop in [TestShop::open(), TestShop::choosing()] {
            shop.when(actor, robot_start(1), at(0)).refused(Refusal::RoleNotAllowed);
        }
    }
}

#[test]
fn staff_and_displays_cannot_start_orders_with_a_code() {
    for actor in [CARLA, MANAGER, DISPLAY] {
        TestShop::open().when(actor, scan(1, 0), at(0)).refused(Refusal::RoleNotAllowed);
    }
}

#[test]
fn robots_cannot_start_orders_with_a_code() {
    for shop in [TestShop::open(), TestShop::choosing()] {
        shop.when(ROBOT, scan(1, 0), at(0)).refused(Refusal::RoleNotAllowed);
    }
}

#[test]
fn windows_are_aligned_to_1970_before_and_after_it() {
    let limits = Limits::default();
    for (second, window) in [(0, 0), (299, 0), (300, 300), (-1, -300), (-300, -300), (-301, -600)] {
        let found = limits.window_of(domain::time::Instant(second * 1000));
        assert_eq!(found, domain::time::Instant(window * 1000), "{second} s");
    }
}

#[test]
fn a_code_on_screens_works_until_its_end_after_the_length_of_windows_changes() {
    let change = |seconds| {
        let change = LimitsChange { window_seconds: Some(seconds), ..LimitsChange::default() };
        StoreCommand::ChangeLimits(change).into()
    };
    let start = ["Validator.NewOrder", "OrderProcessor.WorkflowStarted"];
    // 350 s: the code of the first window is in its grace period, that of the second on the screens.
    for seconds in [10, 70, 240, 7000, 86_400] {
        let shop = || TestShop::open().after(MANAGER, change(seconds), at(350));
        shop().when(ANNA, scan(1, 0), at(351)).then(start);
        shop().when(ANNA, scan(1, 0), at(360)).refused(Refusal::CodeExpired);
        shop().when(ANNA, scan(1, 300), at(659)).then(start);
        shop().when(ANNA, scan(1, 300), at(660)).refused(Refusal::CodeExpired);
    }
    // The code of the new length is valid at once, and two changes keep both earlier ones.
    let shop = || TestShop::open().after(MANAGER, change(120), at(310)).after(MANAGER, change(50), at(400));
    for (window, expires) in [(300, 660), (360, 540), (400, 510)] {
        shop().when(ANNA, scan(1, window), at(expires - 1)).then(start);
        shop().when(ANNA, scan(1, window), at(expires)).refused(Refusal::CodeExpired);
    }
}

#[test]
fn an_open_shop_applies_a_new_number_of_drinks_from_the_next_window_on() {
    let change = LimitsChange { drinks_per_code: Some(2), ..LimitsChange::default() };
    let change = || StoreCommand::ChangeLimits(change).into();
    let shop = TestShop::open().after(MANAGER, change(), at(310));
    let left = |shop: &TestShop, window| shop.starts_left(window, at(311));
    assert_eq!((left(&shop, 0), left(&shop, 300), shop.starts_left(600, at(600))), (10, 10, 2));
    let shop = TestShop::closed().after(MANAGER, change(), at(310)).and(StoreOpened { held: false });
    assert_eq!((left(&shop, 300), shop.starts_left(600, at(600))), (2, 2));
}

#[test]
fn a_window_that_began_after_a_change_has_the_new_length() {
    let change = LimitsChange { window_seconds: Some(100), ..LimitsChange::default() };
    let shop = TestShop::open().after(MANAGER, StoreCommand::ChangeLimits(change).into(), at(150));
    assert_eq!(shop.window_lengths(), [100, 300]);
    // A window of the earlier length would also begin at 300.
    shop.when(ANNA, scan(1, 300), at(459)).then(["Validator.NewOrder", "OrderProcessor.WorkflowStarted"]);
    let shop = TestShop::open().after(MANAGER, StoreCommand::ChangeLimits(change).into(), at(150));
    shop.when(ANNA, scan(1, 300), at(460)).refused(Refusal::CodeExpired);
}
