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
use domain::menu::{Allergen, Chosen, Picked};
use domain::order::Step;
use domain::refusal::{Refusal, Unavailable};
use domain::shop::Shop;

use crate::bar::{
    ANNA, ANNA_ID, BEN, Bar, CARLA, CARLA_ID, DISPLAY, MANAGER, NINE, ROBOT, TODAY, at, cancel, claim, collect,
    complete, founding, given, id, knock, menu, release, scan, submit,
};

fn flat_white() -> Chosen {
    let picked = |group: &str, option: &str, name: &str| Picked {
        group: group.to_owned(),
        option: option.to_owned(),
        name: name.to_owned(),
    };
    Chosen {
        drink: "flat-white".to_owned(),
        name: "Flat white".to_owned(),
        icon: "cup".to_owned(),
        options: vec![picked("size", "small", "small"), picked("milk", "cow", "cow's milk")],
        allergens: vec![Allergen::Milk],
        ..Chosen::default()
    }
}

#[test]
fn a_bar_is_founded_open() {
    let make = || {
        StoreCommand::Make {
            name: "Bar Centrale".to_owned(),
            menu: menu(),
            limits: Limits::default(),
            hours: Hours::default(),
        }
        .into()
    };
    let [brand, limits, hours, cards, opened] = founding(Limits::default()).try_into().unwrap();
    given([])
        .when(Actor::System, make(), at(0))
        .then_exactly([(brand, None), (limits, None), (hours, None), (cards, None), (opened, None)])
        .when(Actor::System, make(), at(1))
        .refused(Refusal::ShopExists);
}

#[test]
fn only_the_house_founds_a_bar() {
    for who in [ANNA, CARLA, MANAGER, DISPLAY, ROBOT] {
        let make = StoreCommand::Make {
            name: "Bar".to_owned(),
            menu: menu(),
            limits: Limits::default(),
            hours: Hours::default(),
        }
        .into();
        given([]).when(who, make, at(0)).refused(Refusal::RoleForbids);
    }
}

#[test]
fn an_order_goes_from_the_scan_to_the_cup() {
    let order = id(1);
    Bar::founded()
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
fn the_log_alone_is_the_same_bar() {
    let bar = Bar::ready().after(BEN, scan(2, 0), at(100));
    let mut again = Shop::default();
    for event in bar.log() {
        again.evolve(event, NINE);
    }
    assert_eq!(given(bar.log().to_vec()).after(CARLA, collect(1), at(150)).log().len(), bar.log().len() + 2);
    assert_eq!(again.order(id(1)).map(|order| order.step), Some(Step::Ready));
    assert_eq!(again.order(id(2)).map(|order| order.step), Some(Step::Choosing));
}

#[test]
fn every_order_finishes_once_and_last() {
    let closed = || Bar::closed().after(ANNA, scan(1, 0), at(0));
    let undone = |bar: Bar| bar.after(Actor::System, Command::EndWait { order: id(1) }, at(110));
    let endings: [(Bar, Step); 10] = [
        (Bar::ready().after(CARLA, collect(1), at(100)), Step::Collected),
        (Bar::choosing().after(ANNA, cancel(1), at(100)), Step::Cancelled),
        (undone(Bar::waiting().after(ANNA, cancel(1), at(100))), Step::Cancelled),
        (undone(Bar::waiting().after(CARLA, cancel(1), at(100))), Step::Cancelled),
        (undone(Bar::making().after(MANAGER, cancel(1), at(100))), Step::Cancelled),
        (undone(Bar::ready().after(CARLA, cancel(1), at(100))), Step::Cancelled),
        (Bar::choosing().after(Actor::System, Command::EndWait { order: id(1) }, at(300)), Step::TimedOut),
        (Bar::waiting().after(Actor::System, Command::EndWait { order: id(1) }, at(930)), Step::TimedOut),
        (Bar::ready().after(Actor::System, Command::EndWait { order: id(1) }, at(1890)), Step::Expired),
        (closed(), Step::Unavailable),
    ];
    for (bar, outcome) in endings {
        let about: Vec<&Event> = bar.log().iter().filter(|event| event.order() == Some(id(1))).collect();
        let finished = about.iter().filter(|event| matches!(event, Event::OrderFinished(_))).count();
        let last: Event = OrderFinished { order: id(1), outcome }.into();
        assert_eq!((finished, about.last()), (1, Some(&&last)));
        assert_eq!(bar.step(1), None, "a finished order is removed from the state");
        finished_for_good(bar);
    }
}

fn finished_for_good(mut bar: Bar) {
    for (who, command) in [
        (ANNA, submit(1)),
        (ANNA, cancel(1)),
        (CARLA, cancel(1)),
        (CARLA, claim(1)),
        (CARLA, release(1)),
        (CARLA, complete(1)),
        (CARLA, collect(1)),
    ] {
        bar = bar.when(who, command, at(200)).refused(Refusal::OrderIsUnknown);
    }
}

#[test]
fn an_answer_says_where_the_order_is() {
    let stands =
        |step, version| Answer { order: Some(id(1)), step: Some(step), version: Some(version), ..Answer::default() };
    let bar = Bar::founded().after(ANNA, scan(1, 0), at(0));
    assert_eq!(bar.answer(), stands(Step::Choosing, 0));
    let bar = bar.after(ANNA, submit(1), at(0));
    assert_eq!(bar.answer(), Answer { number: Some(1), ..stands(Step::Waiting, 1) });
    let bar = bar.after(CARLA, claim(1), at(0));
    assert_eq!(bar.answer(), stands(Step::Making, 2));
    let bar = bar.after(CARLA, release(1), at(0));
    assert_eq!(bar.answer(), stands(Step::Waiting, 3));
    let bar = bar.after(CARLA, claim(1), at(0)).after(CARLA, complete(1), at(0));
    assert_eq!(bar.answer(), stands(Step::Ready, 5));
    assert_eq!(bar.after(CARLA, collect(1), at(0)).answer(), stands(Step::Collected, 6));

    let late = Bar::choosing().after(Actor::System, Command::EndWait { order: id(1) }, at(300)).answer();
    assert_eq!(late, Answer { order: Some(id(1)), step: Some(Step::TimedOut), ..Answer::default() });
    let turned_away = Bar::closed().after(ANNA, scan(1, 0), at(0)).answer();
    assert_eq!(turned_away, Answer { unavailable: Some(Unavailable::Closed), ..stands(Step::Unavailable, 0) });
    assert_eq!(
        Bar::founded().after(CARLA, StoreCommand::Close { hold: false }.into(), at(0)).answer(),
        Answer::default()
    );
}

#[test]
fn a_robot_walks_the_same_path_without_a_token() {
    Bar::founded()
        .when(ROBOT, knock(1), at(0))
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
