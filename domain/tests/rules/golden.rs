//! Scenarios of the usual order, from the scan to the collected drink, and of every other outcome.

use domain::access::Actor;
use domain::answer::Answer;
use domain::command::{Command, StoreCommand};
use domain::event::{
    Event, NewOrder, NumberGiven, OrderClaimed, OrderCollected, OrderCompleted, OrderFinished, OrderSubmitted,
    WaitingCompletion, WorkflowStarted,
};
use domain::hours::Hours;
use domain::limits::Limits;
use domain::menu::{Allergen, Allergens, Chosen, ChosenOption};
use domain::order::Step;
use domain::refusal::{Refusal, Unavailable};
use domain::shop::Shop;

use crate::bar::{
    ANNA, ANNA_ID, BEN, CARLA, CARLA_ID, DISPLAY, MANAGER, NINE, ROBOT, TODAY, TestShop, at, cancel, claim, collect,
    complete, creation_events, given, id, menu, release, robot_start, scan, submit,
};

fn flat_white() -> Chosen {
    let picked = |group: &str, option: &str, name: &str| ChosenOption {
        group: group.to_owned(),
        option: option.to_owned(),
        name: name.to_owned(),
    };
    Chosen {
        drink: "flat-white".to_owned(),
        name: "Flat white".to_owned(),
        icon: "cup".to_owned(),
        options: vec![picked("size", "small", "small"), picked("milk", "cow", "cow's milk")],
        allergens: Allergens::all([Allergen::Milk]),
        ..Chosen::default()
    }
}

#[test]
fn a_shop_is_created_open() {
    let make = || {
        StoreCommand::Create {
            name: "Bar Centrale".to_owned(),
            menu: menu(),
            limits: Limits::default(),
            hours: Hours::default(),
        }
        .into()
    };
    let [brand, limits, hours, cards, opened] = creation_events(Limits::default()).try_into().unwrap();
    given([])
        .when(Actor::System, make(), at(0))
        .then_exactly([(brand, None), (limits, None), (hours, None), (cards, None), (opened, None)])
        .when(Actor::System, make(), at(1))
        .refused(Refusal::ShopExists);
}

#[test]
fn only_the_system_creates_a_shop() {
    for actor in [ANNA, CARLA, MANAGER, DISPLAY, ROBOT] {
        let make = StoreCommand::Create {
            name: "Bar".to_owned(),
            menu: menu(),
            limits: Limits::default(),
            hours: Hours::default(),
        }
        .into();
        given([]).when(actor, make, at(0)).refused(Refusal::RoleNotAllowed);
    }
}

#[test]
fn an_order_proceeds_from_scan_to_collection() {
    let order = id(1);
    TestShop::open()
        .when(ANNA, scan(1, 0), at(10))
        .then_exactly([
            (NewOrder { order, guest: Some(ANNA_ID), window: Some(NINE), left: Some(9), channel: None }.into(), None),
            (WorkflowStarted { order, due: Some(at(310).at) }.into(), Some(0)),
        ])
        .when(ANNA, submit(1), at(40))
        .then_exactly([
            (OrderSubmitted { order, chosen: flat_white(), version: 1 }.into(), None),
            (NumberGiven { order, day: TODAY, number: 1 }.into(), Some(0)),
            (WaitingCompletion { order, number: 1, due: Some(at(940).at) }.into(), Some(1)),
        ])
        .when(CARLA, claim(1), at(60))
        .then_exactly([(OrderClaimed { order, barista: Some(CARLA_ID), version: 2 }.into(), None)])
        .when(CARLA, complete(1), at(120))
        .then_exactly([(OrderCompleted { order, version: 3 }.into(), None)])
        .when(CARLA, collect(1), at(150))
        .then_exactly([
            (OrderCollected { order, version: 4 }.into(), None),
            (OrderFinished { order, outcome: Step::Collected }.into(), Some(0)),
        ]);
}

#[test]
fn the_state_is_restored_from_the_log() {
    let shop = TestShop::ready().after(BEN, scan(2, 0), at(100));
    let mut again = Shop::default();
    for event in shop.log() {
        again.evolve(event, NINE);
    }
    assert_eq!(given(shop.log().to_vec()).after(CARLA, collect(1), at(150)).log().len(), shop.log().len() + 2);
    assert_eq!(again.order(id(1)).map(|order| order.step), Some(Step::Ready));
    assert_eq!(again.order(id(2)).map(|order| order.step), Some(Step::Choosing));
}

#[test]
fn every_order_finishes_once_and_last() {
    let closed = || TestShop::closed().after(ANNA, scan(1, 0), at(0));
    let finished = |shop: TestShop| shop.after(Actor::System, Command::EndWait { order: id(1) }, at(110));
    let endings: Vec<(TestShop, Step)> = vec![
        (TestShop::ready().after(CARLA, collect(1), at(100)), Step::Collected),
        (TestShop::choosing().after(ANNA, cancel(1), at(100)), Step::Cancelled),
        (finished(TestShop::waiting().after(ANNA, cancel(1), at(100))), Step::Cancelled),
        (finished(TestShop::waiting().after(CARLA, cancel(1), at(100))), Step::Cancelled),
        (finished(TestShop::making().after(MANAGER, cancel(1), at(100))), Step::Cancelled),
        (finished(TestShop::ready().after(CARLA, cancel(1), at(100))), Step::Cancelled),
        (TestShop::choosing().after(Actor::System, Command::EndWait { order: id(1) }, at(300)), Step::TimedOut),
        (TestShop::waiting().after(Actor::System, Command::EndWait { order: id(1) }, at(930)), Step::TimedOut),
        (TestShop::ready().after(Actor::System, Command::EndWait { order: id(1) }, at(1890)), Step::Expired),
        (closed(), Step::Unavailable),
    ];
    for (shop, outcome) in endings {
        let order_events: Vec<&Event> = shop.log().iter().filter(|event| event.order() == Some(id(1))).collect();
        let finish_count = order_events.iter().filter(|event| matches!(event, Event::OrderFinished(_))).count();
        let last: Event = OrderFinished { order: id(1), outcome }.into();
        assert_eq!((finish_count, order_events.last()), (1, Some(&&last)));
        assert_eq!(shop.step(1), None, "a finished order is removed from the state");
        assert_order_unknown(shop);
    }
}

fn assert_order_unknown(mut shop: TestShop) {
    for (actor, command) in [
        (ANNA, submit(1)),
        (ANNA, cancel(1)),
        (CARLA, cancel(1)),
        (CARLA, claim(1)),
        (CARLA, release(1)),
        (CARLA, complete(1)),
        (CARLA, collect(1)),
    ] {
        shop = shop.when(actor, command, at(200)).refused(Refusal::UnknownOrder);
    }
}

#[test]
fn an_answer_has_the_step_and_version_of_the_order() {
    let answer_at =
        |step, version| Answer { order: Some(id(1)), step: Some(step), version: Some(version), ..Answer::default() };
    let shop = TestShop::open().after(ANNA, scan(1, 0), at(0));
    assert_eq!(shop.answer(), answer_at(Step::Choosing, 0));
    let shop = shop.after(ANNA, submit(1), at(0));
    assert_eq!(shop.answer(), Answer { number: Some(1), ..answer_at(Step::Waiting, 1) });
    let shop = shop.after(CARLA, claim(1), at(0));
    assert_eq!(shop.answer(), answer_at(Step::Making, 2));
    let shop = shop.after(CARLA, release(1), at(0));
    assert_eq!(shop.answer(), answer_at(Step::Waiting, 3));
    let shop = shop.after(CARLA, claim(1), at(0)).after(CARLA, complete(1), at(0));
    assert_eq!(shop.answer(), answer_at(Step::Ready, 5));
    assert_eq!(shop.after(CARLA, collect(1), at(0)).answer(), answer_at(Step::Collected, 6));

    let late = TestShop::choosing().after(Actor::System, Command::EndWait { order: id(1) }, at(300)).answer();
    assert_eq!(late, Answer { order: Some(id(1)), step: Some(Step::TimedOut), ..Answer::default() });
    let turned_away = TestShop::closed().after(ANNA, scan(1, 0), at(0)).answer();
    assert_eq!(turned_away, Answer { unavailable: Some(Unavailable::Closed), ..answer_at(Step::Unavailable, 0) });
    assert_eq!(
        TestShop::open().after(CARLA, StoreCommand::Close { hold: false }.into(), at(0)).answer(),
        Answer::default()
    );
}

#[test]
fn robot_orders_follow_the_same_steps_without_a_token() {
    TestShop::open()
        .when(ROBOT, robot_start(1), at(0))
        .then(["Validator.NewOrder", "OrderProcessor.WorkflowStarted"])
        .when(ROBOT, submit(1), at(1))
        .then(["OrderManager.OrderSubmitted", "Counting.NumberGiven", "OrderProcessor.WaitingCompletion"])
        .when(ROBOT, claim(1), at(2))
        .then(["OrderManager.OrderClaimed"])
        .when(ROBOT, complete(1), at(3))
        .then(["OrderManager.OrderCompleted"])
        .when(ROBOT, collect(1), at(4))
        .then(["OrderManager.OrderCollected", "OrderProcessor.OrderFinished"]);
}
