//! Scenarios of opening and closing. The shop must be open for a start and for a submission.

use domain::access::Actor;
use domain::command::StoreCommand;
use domain::event::{NewOrder, OrderFinished, ShopUnavailable, StoreClosed, StoreOpened, TokenReturned};
use domain::order::Step;
use domain::refusal::{Refusal, Unavailable};

use crate::bar::{
    ANNA, ANNA_ID, CARLA, DISPLAY, MANAGER, NINE, ROBOT, TestShop, at, cancel, claim, collect, complete, id, scan,
    submit,
};

#[test]
fn a_start_while_closed_is_recorded_and_finishes_immediately() {
    let order = id(1);
    let shop = TestShop::closed().when(ANNA, scan(1, 0), at(0)).then_exactly([
        (NewOrder { order, guest: Some(ANNA_ID), window: Some(NINE), left: Some(9), channel: None }.into(), None),
        (ShopUnavailable { order, reason: Unavailable::Closed }.into(), Some(0)),
        (TokenReturned { order, window: NINE, left: 10 }.into(), Some(1)),
        (OrderFinished { order, outcome: Step::Unavailable }.into(), Some(1)),
    ]);
    assert_eq!(shop.step(1), None);
}

#[test]
fn a_submission_while_closed_is_refused_and_keeps_the_order() {
    let shop = TestShop::choosing()
        .after(CARLA, StoreCommand::Close { hold: false }.into(), at(10))
        .when(ANNA, submit(1), at(20))
        .refused(Refusal::ShopClosed);
    assert_eq!(shop.step(1), Some(Step::Choosing));
    shop.after(CARLA, StoreCommand::Open { hold: false }.into(), at(30)).when(ANNA, submit(1), at(40)).then([
        "OrderManager.OrderSubmitted",
        "Counting.NumberGiven",
        "OrderProcessor.WaitingCompletion",
    ]);
}

#[test]
fn queued_orders_are_made_while_closed() {
    TestShop::waiting()
        .after(MANAGER, StoreCommand::Close { hold: false }.into(), at(40))
        .after(CARLA, claim(1), at(50))
        .after(CARLA, complete(1), at(60))
        .when(CARLA, collect(1), at(70))
        .then(["OrderManager.OrderCollected", "OrderProcessor.OrderFinished"]);
    TestShop::waiting()
        .after(MANAGER, StoreCommand::Close { hold: false }.into(), at(40))
        .when(ANNA, cancel(1), at(50))
        .then(["OrderManager.OrderCancelled"]);
}

#[test]
fn staff_open_and_close_the_shop() {
    for actor in [CARLA, MANAGER] {
        TestShop::open()
            .when(actor, StoreCommand::Close { hold: false }.into(), at(0))
            .then_exactly([(StoreClosed { held: false }.into(), None)])
            .when(actor, StoreCommand::Open { hold: false }.into(), at(1))
            .then_exactly([(StoreOpened { held: false }.into(), None)]);
    }
}

#[test]
fn opening_an_open_shop_succeeds_without_events() {
    TestShop::open().when(CARLA, StoreCommand::Open { hold: false }.into(), at(0)).then([]);
    TestShop::closed().when(CARLA, StoreCommand::Close { hold: false }.into(), at(0)).then([]);
}

#[test]
fn only_staff_open_and_close_the_shop() {
    for actor in [ANNA, DISPLAY, ROBOT, Actor::System] {
        TestShop::open()
            .when(actor, StoreCommand::Close { hold: false }.into(), at(0))
            .refused(Refusal::RoleNotAllowed);
        TestShop::closed()
            .when(actor, StoreCommand::Open { hold: false }.into(), at(0))
            .refused(Refusal::RoleNotAllowed);
    }
}
