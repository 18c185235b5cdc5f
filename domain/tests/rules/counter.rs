//! Scenarios of the counter: walk-ins, edits, reminders, drinks set aside, and stopping all orders.

use domain::access::Actor;
use domain::command::{Action, Command, StoreCommand};
use domain::event::{Event, GuestReminded, OrderCancelled, OrderEdited, OrderSetAside};
use domain::limits::LimitsChange;
use domain::menu::Chosen;
use domain::order::{By, Reason, Step};
use domain::refusal::Refusal;
use domain::time::Now;

use crate::bar::{
    ANNA, BEN, Bar, CARLA, DAVE, DISPLAY, MANAGER, ROBOT, act, at, cancel, choice, claim, collect, complete, edit, id,
    knock, scan, set_aside, submit, walk_in,
};

fn remind(order: u16) -> Command {
    act(order, Action::Remind)
}

fn recall(order: u16) -> Command {
    act(order, Action::Recall)
}

fn illegal(step: Step) -> Refusal {
    Refusal::StepIsIllegal { step }
}

/// The order's current choice, from the log.
fn chosen(bar: &Bar, order: u16) -> Chosen {
    let told = bar.log().iter().rev().find_map(|event| match event {
        Event::OrderSubmitted(event) if event.order == id(order) => Some(event.chosen.clone()),
        Event::OrderEdited(event) if event.order == id(order) => Some(event.chosen.clone()),
        _ => None,
    });
    told.unwrap()
}

/// Executes the clock's commands until nothing is due.
fn settled(mut bar: Bar, now: Now) -> Bar {
    while let Some((_, command)) = bar.next_due().filter(|(due, _)| *due <= now.at) {
        bar = bar.after(Actor::System, command, now);
    }
    bar
}

#[test]
fn a_guest_without_a_phone_stands_in_the_same_queue() {
    let bar = Bar::waiting().when(CARLA, walk_in(2), at(40)).then([
        "Validator.NewOrder",
        "OrderProcessor.WorkflowStarted",
        "OrderManager.OrderSubmitted",
        "Counting.NumberGiven",
        "OrderProcessor.WaitingCompletion",
    ]);
    assert_eq!((bar.step(2), bar.number(2)), (Some(Step::Waiting), Some(2)));
    bar.after(DAVE, claim(2), at(50))
        .after(DAVE, complete(2), at(60))
        .when(CARLA, collect(2), at(70))
        .then(["OrderManager.OrderCollected", "OrderProcessor.OrderFinished"]);
}

#[test]
fn who_stands_at_the_bar_is_served_whatever_the_doors_say() {
    let one = StoreCommand::ChangeLimits(LimitsChange { room: Some(1), ..LimitsChange::default() });
    let pause = StoreCommand::Pause { reason: "milk".to_owned(), until: None };
    let full = Bar::waiting().after(MANAGER, one.into(), at(40)).after(CARLA, pause.into(), at(41));
    let shut = full.after(CARLA, StoreCommand::Close { hold: false }.into(), at(42));
    assert_eq!(shut.when(CARLA, walk_in(2), at(50)).step(2), Some(Step::Waiting));
}

#[test]
fn a_walk_in_takes_no_token_and_counts_for_no_guest() {
    let mut bar = Bar::founded();
    for order in 1..=5 {
        bar = bar.after(CARLA, walk_in(order), at(10));
    }
    assert_eq!(bar.starts_left(0, at(20)), 10);
}

#[test]
fn a_walk_in_that_cannot_be_made_is_no_order() {
    let unicorn = Command::WalkIn { order: id(1), choice: choice("unicorn", &[]) };
    let what = "unicorn".to_owned();
    let bar = Bar::founded().when(CARLA, unicorn, at(0)).refused(Refusal::NotOnTheMenu { what });
    let bar = bar.after(CARLA, walk_in(1), at(1));
    bar.when(CARLA, walk_in(1), at(2)).refused(illegal(Step::Waiting));
}

#[test]
fn only_the_bar_lets_people_walk_in() {
    for who in [ANNA, DISPLAY, ROBOT, Actor::System] {
        Bar::founded().when(who, walk_in(1), at(0)).refused(Refusal::RoleForbids);
    }
}

#[test]
fn behind_the_bar_anybody_speaks_for_a_walk_in() {
    let bar = Bar::founded().after(CARLA, walk_in(1), at(0));
    let bar = bar.when(DAVE, edit(1, "espresso"), at(5)).then(["OrderManager.OrderEdited"]);
    bar.clone().when(ANNA, edit(1, "espresso"), at(6)).refused(Refusal::OrderIsAnothers);
    bar.when(DAVE, cancel(1), at(6)).then(["OrderManager.OrderCancelled"]);
}

#[test]
fn a_guest_chooses_anew_until_somebody_makes_it() {
    let bar = Bar::waiting();
    let number = bar.number(1);
    let due = bar.next_due();
    let bar = bar.when(ANNA, edit(1, "espresso"), at(40)).then(["OrderManager.OrderEdited"]);
    assert_eq!((bar.step(1), bar.version(1), bar.number(1)), (Some(Step::Waiting), Some(2), number));
    assert_eq!(chosen(&bar, 1).drink, "espresso");
    assert_eq!(bar.next_due(), due, "an edit leaves the due time unchanged");
    Bar::choosing().when(ANNA, edit(1, "espresso"), at(10)).refused(illegal(Step::Choosing));
    Bar::making().when(ANNA, edit(1, "espresso"), at(70)).refused(illegal(Step::Making));
    Bar::ready().when(ANNA, edit(1, "espresso"), at(100)).refused(illegal(Step::Ready));
}

#[test]
fn another_choice_is_judged_as_the_first_was() {
    let bar = Bar::waiting();
    let what = "unicorn".to_owned();
    bar.clone().when(ANNA, edit(1, "unicorn"), at(40)).refused(Refusal::NotOnTheMenu { what });
    bar.clone().when(BEN, edit(1, "espresso"), at(40)).refused(Refusal::OrderIsAnothers);
    bar.clone().when(CARLA, edit(1, "espresso"), at(40)).refused(Refusal::OrderIsAnothers);
    let old = Command::Edit { order: id(1), choice: choice("espresso", &[]), version: Some(0) };
    bar.clone().when(ANNA, old, at(40)).refused(Refusal::OrderHasMovedOn { version: 1 });
    // The shop must be open for the start and the submission only, not for an edit.
    let closed = bar.after(CARLA, StoreCommand::Close { hold: false }.into(), at(41));
    closed.when(ANNA, edit(1, "espresso"), at(42)).then_exactly([(
        OrderEdited {
            order: id(1),
            chosen: Chosen {
                drink: "espresso".to_owned(),
                name: "Espresso".to_owned(),
                icon: "cup".to_owned(),
                ..Chosen::default()
            },
            version: 2,
        }
        .into(),
        None,
    )]);
}

#[test]
fn the_bar_says_why_it_takes_an_order_back() {
    let cancel = |reason| Command::Act { order: id(1), action: Action::Cancel, reason, version: None };
    let said = |who, reason| {
        let bar = Bar::waiting().when(who, cancel(reason), at(40));
        match &bar.said()[0].event {
            Event::OrderCancelled(event) => event.reason,
            other => panic!("expected OrderCancelled, got {}", other.kind()),
        }
    };
    for reason in Reason::GIVEN {
        assert_eq!(said(CARLA, Some(reason)), Some(reason));
    }
    assert_eq!(said(CARLA, None), Some(Reason::Other));
    assert_eq!(said(ANNA, Some(Reason::Broken)), None, "a guest's reason is discarded");
}

#[test]
fn what_nobody_fetches_is_called_out_and_put_aside_and_its_time_goes_on() {
    let bar = Bar::ready();
    let due = bar.next_due();
    let bar = bar
        .when(DAVE, remind(1), at(200))
        .then_exactly([(GuestReminded { order: id(1), version: 4 }.into(), None)])
        .after(CARLA, remind(1), at(300))
        .when(DAVE, set_aside(1), at(400))
        .then_exactly([(OrderSetAside { order: id(1), version: 6 }.into(), None)])
        .when(DAVE, set_aside(1), at(410))
        .refused(illegal(Step::Ready));
    assert_eq!((bar.step(1), bar.next_due()), (Some(Step::Ready), due));
    let bar = bar.after(CARLA, remind(1), at(420));
    bar.when(CARLA, collect(1), at(500)).then(["OrderManager.OrderCollected", "OrderProcessor.OrderFinished"]);
}

#[test]
fn what_is_made_anew_can_be_put_aside_anew() {
    let bar = Bar::ready().after(DAVE, set_aside(1), at(100)).after(CARLA, recall(1), at(110));
    let bar = bar.after(CARLA, complete(1), at(120));
    let bar = bar.when(DAVE, set_aside(1), at(130)).then(["OrderManager.OrderSetAside"]);
    // A recalled cancellation restores the set-aside state.
    let bar = bar.after(CARLA, cancel(1), at(140)).after(CARLA, recall(1), at(141));
    bar.when(DAVE, set_aside(1), at(150)).refused(illegal(Step::Ready));
}

#[test]
fn a_demonstration_is_stopped_with_an_event_for_every_order() {
    let bar = Bar::making()
        .after(BEN, scan(2, 0), at(61))
        .after(ROBOT, knock(3), at(62))
        .after(ROBOT, submit(3), at(63))
        .after(CARLA, walk_in(4), at(64))
        .after(CARLA, claim(4), at(65))
        .after(CARLA, complete(4), at(66))
        .after(CARLA, walk_in(5), at(67))
        .after(CARLA, cancel(5), at(68));
    let bar = bar.when(MANAGER, Command::StopOrders, at(70)).then(["OrderProcessor.OrdersStopped"]);
    // A claim between the stop and the end does not extend the order's time.
    let bar = bar.after(CARLA, claim(3), at(70));
    let bar = settled(bar, at(70));
    assert_eq!((1..=5).map(|order| bar.step(order)).collect::<Vec<_>>(), [None; 5]);
    let stopped = |event: &&Event| {
        matches!(event, Event::OrderCancelled(OrderCancelled { by: By::Bar, reason: Some(Reason::Stopped), .. }))
    };
    assert_eq!(bar.log().iter().filter(stopped).count(), 4);
    let of_the_first = OrderCancelled { order: id(1), by: By::Bar, reason: Some(Reason::Stopped), version: 3 };
    assert!(bar.log().contains(&of_the_first.into()), "its version continues like that of any cancellation");
    assert_eq!(bar.log().iter().filter(|event| matches!(event, Event::OrderFinished(_))).count(), 5);
    assert_eq!((bar.next_due(), bar.starts_left(0, at(71))), (None, 9), "orders that were being chosen return their tokens");
    bar.when(MANAGER, Command::StopOrders, at(80)).then([]);
}

#[test]
fn only_the_manager_stops_all_orders() {
    for who in [ANNA, CARLA, DISPLAY, ROBOT, Actor::System] {
        Bar::waiting().when(who, Command::StopOrders, at(40)).refused(Refusal::RoleForbids);
    }
}
