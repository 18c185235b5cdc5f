//! Events of an order with their JSON.

use domain::event::{
    CodeExhausted, GuestReminded, NewOrder, NumberGiven, OrderCancelled, OrderClaimed, OrderCollected, OrderCompleted,
    OrderEdited, OrderExpired, OrderFinished, OrderPostponed, OrderRecalled, OrderReleased, OrderSetAside,
    OrderSubmitted, OrderTimedOut, OrdersStopped, ShopUnavailable, TokenReturned, WaitExtended, WaitingCompletion,
    WorkflowStarted,
};
use domain::menu::{Allergen, Allergens, Chosen, ChosenOption};
use domain::order::{CancelReason, CancelledBy, Step, TimeoutCause};
use domain::refusal::Unavailable;
use domain::time::Day;
use serde_json::{Value, json};

use super::{Fixtures, GUEST, ID, ORDER, STAFF, WINDOW, about_order, about_shop, order_json, shop_json, version_only};

pub(super) fn chosen() -> Chosen {
    Chosen {
        drink: "mocha".to_owned(),
        name: "Mocha".to_owned(),
        icon: "glass".to_owned(),
        options: vec![ChosenOption { group: "milk".to_owned(), option: "cow".to_owned(), name: "cow's".to_owned() }],
        allergens: Allergens::all([Allergen::Soybeans, Allergen::Milk]),
        price: 380,
        currency: "EUR".to_owned(),
        seconds: 90,
    }
}

fn chosen_json() -> Value {
    json!({
        "drink": "mocha",
        "name": "Mocha",
        "icon": "glass",
        "options": [{ "group": "milk", "option": "cow", "name": "cow's" }],
        "allergens": ["soybeans", "milk"],
        "price": 380,
        "currency": "EUR",
        "seconds": 90,
    })
}

pub(super) fn start_events() -> Fixtures {
    vec![
        (
            about_order(NewOrder {
                order: ORDER,
                guest: Some(GUEST),
                window: Some(WINDOW),
                left: Some(9),
                channel: None,
            }),
            order_json(
                "Validator.NewOrder",
                &json!({
                    "order": ID,
                    "guest": "6e570000-0000-4000-8000-00000000000a",
                    "window": "2026-11-21T10:40:00.000Z",
                    "left": 9,
                }),
            ),
        ),
        (
            about_order(TokenReturned { order: ORDER, window: WINDOW, left: 10 }),
            order_json(
                "Validator.TokenReturned",
                &json!({ "order": ID, "window": "2026-11-21T10:40:00.000Z", "left": 10 }),
            ),
        ),
        (
            about_shop(CodeExhausted { window: WINDOW, next: WINDOW.plus_seconds(300) }),
            shop_json(
                "Validator.CodeExhausted",
                &json!({ "window": "2026-11-21T10:40:00.000Z", "next": "2026-11-21T10:45:00.000Z" }),
            ),
        ),
    ]
}

pub(super) fn workflow_events() -> Fixtures {
    vec![
        (about_shop(OrdersStopped {}), shop_json("OrderProcessor.OrdersStopped", &json!({}))),
        (
            about_order(WorkflowStarted { order: ORDER, due: Some(WINDOW) }),
            order_json("OrderProcessor.WorkflowStarted", &json!({ "order": ID, "due": "2026-11-21T10:40:00.000Z" })),
        ),
        (
            about_order(WaitExtended { order: ORDER, due: WINDOW }),
            order_json("OrderProcessor.WaitExtended", &json!({ "order": ID, "due": "2026-11-21T10:40:00.000Z" })),
        ),
        (
            about_order(OrderTimedOut { order: ORDER, cause: TimeoutCause::Customer }),
            order_json("OrderProcessor.OrderTimedOut", &json!({ "order": ID, "cause": "customer" })),
        ),
        (
            about_order(ShopUnavailable { order: ORDER, reason: Unavailable::Closed }),
            order_json("OrderProcessor.ShopUnavailable", &json!({ "order": ID, "reason": "closed" })),
        ),
        (
            about_order(WaitingCompletion { order: ORDER, number: 7, due: Some(WINDOW) }),
            order_json(
                "OrderProcessor.WaitingCompletion",
                &json!({ "order": ID, "number": 7, "due": "2026-11-21T10:40:00.000Z" }),
            ),
        ),
        (
            about_order(OrderFinished { order: ORDER, outcome: Step::Collected }),
            order_json("OrderProcessor.OrderFinished", &json!({ "order": ID, "outcome": "collected" })),
        ),
        (
            about_order(NumberGiven { order: ORDER, day: Day(20_778), number: 7 }),
            order_json("Counting.NumberGiven", &json!({ "order": ID, "day": "2026-11-21", "number": 7 })),
        ),
    ]
}

pub(super) fn order_events() -> Fixtures {
    vec![
        (
            about_order(OrderSubmitted { order: ORDER, chosen: chosen(), version: 1 }),
            order_json(
                "OrderManager.OrderSubmitted",
                &json!({
                    "order": ID,
                    "chosen": chosen_json(),
                    "version": 1,
                }),
            ),
        ),
        (
            about_order(OrderEdited { order: ORDER, chosen: chosen(), version: 2 }),
            order_json("OrderManager.OrderEdited", &json!({ "order": ID, "chosen": chosen_json(), "version": 2 })),
        ),
        (
            about_order(OrderClaimed { order: ORDER, barista: Some(STAFF), version: 2 }),
            order_json(
                "OrderManager.OrderClaimed",
                &json!({ "order": ID, "barista": "57af0000-0000-4000-8000-00000000000c", "version": 2 }),
            ),
        ),
        version_only(OrderReleased { order: ORDER, version: 3 }, "OrderManager.OrderReleased", 3),
        version_only(OrderCompleted { order: ORDER, version: 4 }, "OrderManager.OrderCompleted", 4),
        (
            about_order(OrderCancelled {
                order: ORDER,
                by: CancelledBy::Bar,
                reason: Some(CancelReason::SoldOut),
                version: 2,
            }),
            order_json(
                "OrderManager.OrderCancelled",
                &json!({ "order": ID, "by": "bar", "reason": "sold_out", "version": 2 }),
            ),
        ),
        version_only(OrderPostponed { order: ORDER, version: 4 }, "OrderManager.OrderPostponed", 4),
        (
            about_order(OrderRecalled { order: ORDER, from: Step::Ready, to: Step::Making, version: 4 }),
            order_json(
                "OrderManager.OrderRecalled",
                &json!({ "order": ID, "from": "ready", "to": "making", "version": 4 }),
            ),
        ),
        version_only(GuestReminded { order: ORDER, version: 4 }, "OrderManager.GuestReminded", 4),
        version_only(OrderSetAside { order: ORDER, version: 5 }, "OrderManager.OrderSetAside", 5),
        version_only(OrderExpired { order: ORDER, version: 4 }, "OrderManager.OrderExpired", 4),
        version_only(OrderCollected { order: ORDER, version: 5 }, "OrderManager.OrderCollected", 5),
    ]
}
