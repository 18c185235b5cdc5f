//! Scenarios of the counter: walk-ins, edits, reminders, drinks set aside, and stopping all orders.

use domain::access::Actor;
use domain::command::{Action, Command, StoreCommand};
use domain::event::{Event, GuestReminded, OrderCancelled, OrderEdited, OrderSetAside};
use domain::limits::LimitsChange;
use domain::menu::{Allergens, Chosen};
use domain::order::{CancelReason, CancelledBy, Step};
use domain::refusal::Refusal;
use domain::time::Now;

use crate::bar::{
    ANNA, BEN, CARLA, DAVE, DISPLAY, MANAGER, ROBOT, TestShop, act, at, cancel, cancel_because, choice, claim, collect,
    complete, edit, id, robot_start, scan, set_aside, submit, walk_in,
};

fn remind(order: u16) -> Command {
    act(order, Action::Remind)
}

fn recall(order: u16) -> Command {
    act(order, Action::Recall)
}

fn illegal_step(step: Step) -> Refusal {
    Refusal::IllegalStep { step }
}

/// The order's current choice, from the log.
fn chosen(shop: &TestShop, order: u16) -> Chosen {
    let last = shop.log().iter().rev().find_map(|event| match event {
        Event::OrderSubmitted(event) if event.order == id(order) => Some(event.chosen.clone()),
        Event::OrderEdited(event) if event.order == id(order) => Some(event.chosen.clone()),
        _ => None,
    });
    last.unwrap()
}

/// Executes the clock's commands until nothing is due.
fn run_due_commands(mut shop: TestShop, now: Now) -> TestShop {
    while let Some((_, command)) = shop.next_due().filter(|(due, _)| *due <= now.at) {
        shop = shop.after(Actor::System, command, now);
    }
    shop
}

#[test]
fn a_walk_in_order_joins_the_same_queue() {
    let shop = TestShop::waiting().when(CARLA, walk_in(2), at(40)).then([
        "Validator.NewOrder",
        "OrderProcessor.WorkflowStarted",
        "OrderManager.OrderSubmitted",
        "Counting.NumberGiven",
        "OrderProcessor.WaitingCompletion",
    ]);
    assert_eq!((shop.step(2), shop.number(2)), (Some(Step::Waiting), Some(2)));
    shop.after(DAVE, claim(2), at(50))
        .after(DAVE, complete(2), at(60))
        .when(CARLA, collect(2), at(70))
        .then(["OrderManager.OrderCollected", "OrderProcessor.OrderFinished"]);
}

#[test]
fn walk_in_orders_are_accepted_while_closed_paused_or_full() {
    let one = StoreCommand::ChangeLimits(LimitsChange { room: Some(1), ..LimitsChange::default() });
    let pause = StoreCommand::Pause { reason: "milk".to_owned(), until: None };
    let full = TestShop::waiting().after(MANAGER, one.into(), at(40)).after(CARLA, pause.into(), at(41));
    let closed = full.after(CARLA, StoreCommand::Close { hold: false }.into(), at(42));
    assert_eq!(closed.when(CARLA, walk_in(2), at(50)).step(2), Some(Step::Waiting));
}

#[test]
fn a_walk_in_order_takes_no_token_and_counts_for_no_guest() {
    let mut shop = TestShop::open();
    for order in 1..=5 {
        shop = shop.after(CARLA, walk_in(order), at(10));
    }
    assert_eq!(shop.starts_left(0, at(20)), 10);
}

#[test]
fn an_invalid_walk_in_choice_creates_no_order() {
    let unicorn = Command::WalkIn { order: id(1), choice: choice("unicorn", &[]) };
    let what = "unicorn".to_owned();
    let shop = TestShop::open().when(CARLA, unicorn, at(0)).refused(Refusal::NotOnTheMenu { what });
    let shop = shop.after(CARLA, walk_in(1), at(1));
    shop.when(CARLA, walk_in(1), at(2)).refused(illegal_step(Step::Waiting));
}

#[test]
fn only_staff_create_walk_in_orders() {
    for actor in [ANNA, DISPLAY, ROBOT, Actor::System] {
        TestShop::open().when(actor, walk_in(1), at(0)).refused(Refusal::RoleNotAllowed);
    }
}

#[test]
fn any_staff_member_edits_and_cancels_a_walk_in_order() {
    let shop = TestShop::open().after(CARLA, walk_in(1), at(0));
    let shop = shop.when(DAVE, edit(1, "espresso"), at(5)).then(["OrderManager.OrderEdited"]);
    shop.clone().when(ANNA, edit(1, "espresso"), at(6)).refused(Refusal::NotOwner);
    shop.when(DAVE, cancel(1), at(6)).then(["OrderManager.OrderCancelled"]);
}

#[test]
fn a_guest_edits_an_order_until_it_is_claimed() {
    let shop = TestShop::waiting();
    let number = shop.number(1);
    let due = shop.next_due();
    let shop = shop.when(ANNA, edit(1, "espresso"), at(40)).then(["OrderManager.OrderEdited"]);
    assert_eq!((shop.step(1), shop.version(1), shop.number(1)), (Some(Step::Waiting), Some(2), number));
    assert_eq!(chosen(&shop, 1).drink, "espresso");
    assert_eq!(shop.next_due(), due, "an edit leaves the due time unchanged");
    TestShop::choosing().when(ANNA, edit(1, "espresso"), at(10)).refused(illegal_step(Step::Choosing));
    TestShop::making().when(ANNA, edit(1, "espresso"), at(70)).refused(illegal_step(Step::Making));
    TestShop::ready().when(ANNA, edit(1, "espresso"), at(100)).refused(illegal_step(Step::Ready));
}

#[test]
fn an_edit_is_checked_like_a_submission() {
    let shop = TestShop::waiting();
    let what = "unicorn".to_owned();
    shop.clone().when(ANNA, edit(1, "unicorn"), at(40)).refused(Refusal::NotOnTheMenu { what });
    shop.clone().when(BEN, edit(1, "espresso"), at(40)).refused(Refusal::NotOwner);
    shop.clone().when(CARLA, edit(1, "espresso"), at(40)).refused(Refusal::NotOwner);
    let old = Command::Edit { order: id(1), choice: choice("espresso", &[]), version: Some(0) };
    shop.clone().when(ANNA, old, at(40)).refused(Refusal::VersionConflict { version: 1 });
    // The shop must be open for the start and the submission only, not for an edit.
    let closed = shop.after(CARLA, StoreCommand::Close { hold: false }.into(), at(41));
    closed.when(ANNA, edit(1, "espresso"), at(42)).then_exactly([(
        OrderEdited {
            order: id(1),
            chosen: Chosen {
                drink: "espresso".to_owned(),
                name: "Espresso".to_owned(),
                icon: "cup".to_owned(),
                allergens: Allergens::none(),
                ..Chosen::default()
            },
            version: 2,
        }
        .into(),
        None,
    )]);
}

#[test]
fn a_cancellation_by_staff_has_a_reason() {
    let recorded_reason = |actor, reason| {
        let shop = TestShop::waiting().when(actor, cancel_because(1, reason), at(40));
        match &shop.events()[0].event {
            Event::OrderCancelled(event) => event.reason,
            other => panic!("expected OrderCancelled, got {}", other.kind()),
        }
    };
    for reason in CancelReason::SELECTABLE {
        assert_eq!(recorded_reason(CARLA, Some(reason)), Some(reason));
    }
    for actor in [CARLA, MANAGER] {
        for reason in [None, Some(CancelReason::Stopped)] {
            TestShop::waiting().when(actor, cancel_because(1, reason), at(40)).refused(Refusal::ReasonMissing);
        }
    }
    TestShop::open()
        .after(CARLA, walk_in(2), at(0))
        .when(CARLA, cancel_because(2, None), at(40))
        .refused(Refusal::ReasonMissing);
    assert_eq!(recorded_reason(ANNA, None), None, "a guest needs no reason");
    assert_eq!(recorded_reason(ANNA, Some(CancelReason::Broken)), None, "a guest's reason is discarded");
}

#[test]
fn reminding_and_setting_aside_do_not_change_the_due_time() {
    let shop = TestShop::ready();
    let due = shop.next_due();
    let shop = shop
        .when(DAVE, remind(1), at(200))
        .then_exactly([(GuestReminded { order: id(1), version: 4 }.into(), None)])
        .after(CARLA, remind(1), at(300))
        .when(DAVE, set_aside(1), at(400))
        .then_exactly([(OrderSetAside { order: id(1), version: 6 }.into(), None)])
        .when(DAVE, set_aside(1), at(410))
        .refused(illegal_step(Step::Ready));
    assert_eq!((shop.step(1), shop.next_due()), (Some(Step::Ready), due));
    let shop = shop.after(CARLA, remind(1), at(420));
    shop.when(CARLA, collect(1), at(500)).then(["OrderManager.OrderCollected", "OrderProcessor.OrderFinished"]);
}

#[test]
fn an_order_made_again_can_be_set_aside_again() {
    let shop = TestShop::ready().after(DAVE, set_aside(1), at(100)).after(CARLA, recall(1), at(110));
    let shop = shop.after(CARLA, complete(1), at(120));
    let shop = shop.when(DAVE, set_aside(1), at(130)).then(["OrderManager.OrderSetAside"]);
    // A recalled cancellation restores the set-aside state.
    let shop = shop.after(CARLA, cancel(1), at(140)).after(CARLA, recall(1), at(141));
    shop.when(DAVE, set_aside(1), at(150)).refused(illegal_step(Step::Ready));
}

#[test]
fn stopping_all_orders_cancels_each_with_an_event() {
    let shop = TestShop::making()
        .after(BEN, scan(2, 0), at(61))
        .after(ROBOT, robot_start(3), at(62))
        .after(ROBOT, submit(3), at(63))
        .after(CARLA, walk_in(4), at(64))
        .after(CARLA, claim(4), at(65))
        .after(CARLA, complete(4), at(66))
        .after(CARLA, walk_in(5), at(67))
        .after(CARLA, cancel(5), at(68));
    let shop = shop.when(MANAGER, Command::StopOrders, at(70)).then(["OrderProcessor.OrdersStopped"]);
    // A claim between the stop and the end does not extend the order's time.
    let shop = shop.after(CARLA, claim(3), at(70));
    let shop = run_due_commands(shop, at(70));
    assert_eq!((1..=5).map(|order| shop.step(order)).collect::<Vec<_>>(), [None; 5]);
    let stopped = |event: &&Event| {
        matches!(
            event,
            Event::OrderCancelled(OrderCancelled { by: CancelledBy::Bar, reason: Some(CancelReason::Stopped), .. })
        )
    };
    assert_eq!(shop.log().iter().filter(stopped).count(), 4);
    let first_cancelled =
        OrderCancelled { order: id(1), by: CancelledBy::Bar, reason: Some(CancelReason::Stopped), version: 3 };
    assert!(shop.log().contains(&first_cancelled.into()), "its version continues like that of any cancellation");
    assert_eq!(shop.log().iter().filter(|event| matches!(event, Event::OrderFinished(_))).count(), 5);
    assert_eq!(
        (shop.next_due(), shop.starts_left(0, at(71))),
        (None, 9),
        "orders that were being chosen return their tokens"
    );
    shop.when(MANAGER, Command::StopOrders, at(80)).then([]);
}

#[test]
fn only_the_manager_stops_all_orders() {
    for actor in [ANNA, CARLA, DISPLAY, ROBOT, Actor::System] {
        TestShop::waiting().when(actor, Command::StopOrders, at(40)).refused(Refusal::RoleNotAllowed);
    }
}
