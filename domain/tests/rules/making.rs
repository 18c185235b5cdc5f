//! Scenarios of making drinks: claims, the order of the steps, and cancellation.

use domain::access::Actor;
use domain::command::{Action, Command, StoreCommand};
use domain::event::{OrderCancelled, OrderClaimed, OrderFinished, OrderPostponed, OrderReleased, TokenReturned};
use domain::order::{By, Reason, Step};
use domain::refusal::Refusal;

use crate::bar::{
    ANNA, BEN, Bar, CARLA, CARLA_ID, DAVE, DISPLAY, MANAGER, NINE, ROBOT, ROBOT_ID, act, at, cancel, claim, collect,
    complete, id, knock, release, scan, submit,
};

fn illegal(step: Step) -> Refusal {
    Refusal::StepIsIllegal { step }
}

/// The actions that the actor's role permits.
fn may(who: Actor) -> impl Iterator<Item = Action> {
    Action::ALL.iter().copied().filter(move |action| who.may_issue(&act(1, *action)))
}

/// An action on order 1 that names the version seen by the actor.
fn seen(action: Action, version: u32) -> Command {
    Command::Act { order: id(1), action, reason: None, version: Some(version) }
}

#[test]
fn of_two_baristas_one_gets_the_drink() {
    let bar = Bar::waiting()
        .when(CARLA, claim(1), at(60))
        .then_exactly([(OrderClaimed { order: id(1), barista: Some(CARLA_ID), version: 2 }.into(), None)])
        .when(DAVE, claim(1), at(60))
        .refused(illegal(Step::Making));
    bar.when(CARLA, claim(1), at(61)).refused(illegal(Step::Making));
}

#[test]
fn a_drink_is_put_back_or_made_by_its_barista_alone() {
    Bar::making().when(DAVE, release(1), at(70)).refused(Refusal::OrderIsAnothers);
    for who in [DAVE, MANAGER] {
        Bar::making().when(who, complete(1), at(70)).refused(Refusal::OrderIsAnothers);
    }
}

#[test]
fn a_drink_in_the_hands_of_a_tablet_that_died_is_put_back_by_the_manager() {
    let bar = Bar::making().after(MANAGER, release(1), at(70)).after(DAVE, claim(1), at(71));
    bar.after(DAVE, complete(1), at(72));
    Bar::waiting().when(MANAGER, release(1), at(70)).refused(illegal(Step::Waiting));
}

#[test]
fn a_drink_put_back_is_anybodys_again() {
    let bar = Bar::making()
        .when(CARLA, release(1), at(70))
        .then_exactly([(OrderReleased { order: id(1), version: 3 }.into(), None)]);
    assert_eq!(bar.barista(1), None);
    let bar = bar.after(DAVE, claim(1), at(80)).when(CARLA, complete(1), at(90)).refused(Refusal::OrderIsAnothers);
    bar.when(DAVE, complete(1), at(90)).then(["OrderManager.OrderCompleted"]);
}

#[test]
fn anybody_behind_the_bar_hands_out_a_drink() {
    for who in [CARLA, DAVE, MANAGER] {
        Bar::ready()
            .when(who, collect(1), at(100))
            .then(["OrderManager.OrderCollected", "OrderProcessor.OrderFinished"]);
    }
}

#[test]
fn steps_come_in_their_order() {
    for (mut bar, step, legal_here) in [
        (Bar::choosing(), Step::Choosing, vec![Action::Cancel]),
        (Bar::waiting(), Step::Waiting, vec![Action::Cancel, Action::Claim]),
        (Bar::making(), Step::Making, vec![Action::Cancel, Action::Release, Action::Complete]),
        (
            Bar::ready(),
            Step::Ready,
            vec![Action::Cancel, Action::Collect, Action::Recall, Action::Remind, Action::SetAside],
        ),
    ] {
        for action in may(CARLA).filter(|action| !legal_here.contains(action)) {
            bar = bar.when(CARLA, act(1, action), at(100)).refused(illegal(step));
        }
    }
}

#[test]
fn an_order_that_is_not_there_is_not_made() {
    let mut bar = Bar::founded();
    for action in may(CARLA) {
        bar = bar.when(CARLA, act(9, action), at(0)).refused(Refusal::OrderIsUnknown);
    }
}

#[test]
fn a_tap_on_an_old_picture_changes_nothing() {
    let moved_on = |version| Refusal::OrderHasMovedOn { version };
    Bar::choosing().when(ANNA, seen(Action::Cancel, 1), at(10)).refused(moved_on(0));
    let back = Bar::making().after(CARLA, release(1), at(70));
    back.when(DAVE, seen(Action::Claim, 1), at(80)).refused(moved_on(3));
    Bar::making()
        .when(CARLA, seen(Action::Release, 1), at(80))
        .refused(moved_on(2))
        .when(CARLA, seen(Action::Complete, 1), at(80))
        .refused(moved_on(2));
    Bar::ready()
        .when(CARLA, seen(Action::Collect, 1), at(100))
        .refused(moved_on(3))
        .when(CARLA, seen(Action::Cancel, 1), at(100))
        .refused(moved_on(3));
}

#[test]
fn a_tap_on_the_present_picture_is_granted() {
    Bar::waiting()
        .after(CARLA, seen(Action::Claim, 1), at(60))
        .after(CARLA, seen(Action::Release, 2), at(61))
        .after(CARLA, seen(Action::Claim, 3), at(62))
        .after(CARLA, seen(Action::Complete, 4), at(63))
        .after(CARLA, seen(Action::Collect, 5), at(64));
    Bar::waiting().after(ANNA, seen(Action::Cancel, 1), at(60));
}

#[test]
fn a_wrong_step_is_named_before_an_old_version() {
    let claim = seen(Action::Claim, 1);
    Bar::making().when(DAVE, claim, at(70)).refused(illegal(Step::Making));
}

#[test]
fn versions_count_what_happened_to_the_order() {
    let versions = [Bar::choosing(), Bar::waiting(), Bar::making(), Bar::ready()].map(|bar| bar.version(1));
    assert_eq!(versions, [Some(0), Some(1), Some(2), Some(3)]);
}

#[test]
fn a_guest_takes_back_what_nobody_makes_yet() {
    Bar::waiting()
        .when(ANNA, cancel(1), at(40))
        .then_exactly([(OrderCancelled { order: id(1), by: By::Guest, reason: None, version: 2 }.into(), None)]);
    Bar::making().when(ANNA, cancel(1), at(70)).refused(illegal(Step::Making));
    Bar::ready().when(ANNA, cancel(1), at(100)).refused(illegal(Step::Ready));
}

#[test]
fn an_order_taken_back_before_anything_was_chosen_is_over_and_its_token_is_for_somebody_else() {
    for (who, by, reason) in [(ANNA, By::Guest, None), (CARLA, By::Bar, Some(Reason::Other))] {
        let bar = Bar::choosing().when(who, cancel(1), at(40)).then_exactly([
            (OrderCancelled { order: id(1), by, reason, version: 1 }.into(), None),
            (TokenReturned { order: id(1), window: NINE, left: 10 }.into(), Some(0)),
            (OrderFinished { order: id(1), outcome: Step::Cancelled }.into(), Some(0)),
        ]);
        assert_eq!(bar.starts_left(0, at(50)), 10);
    }
}

#[test]
fn a_guest_lets_the_others_go_first_until_somebody_makes_it() {
    let order = id(1);
    Bar::waiting()
        .when(ANNA, act(1, Action::Postpone), at(40))
        .then_exactly([(OrderPostponed { order, version: 2 }.into(), None)])
        .when(ANNA, seen(Action::Postpone, 1), at(41))
        .refused(Refusal::OrderHasMovedOn { version: 2 })
        .when(BEN, act(1, Action::Postpone), at(42))
        .refused(Refusal::OrderIsAnothers);
    Bar::choosing().when(ANNA, act(1, Action::Postpone), at(10)).refused(illegal(Step::Choosing));
    Bar::making().when(ANNA, act(1, Action::Postpone), at(70)).refused(illegal(Step::Making));
}

#[test]
fn nobody_takes_back_what_somebody_else_ordered() {
    for bar in [Bar::choosing(), Bar::waiting(), Bar::making(), Bar::ready()] {
        bar.when(BEN, cancel(1), at(100)).refused(Refusal::OrderIsAnothers);
    }
}

#[test]
fn the_bar_takes_back_whatever_is_not_over() {
    for who in [CARLA, DAVE, MANAGER] {
        for (bar, version) in [(Bar::waiting(), 2), (Bar::making(), 3), (Bar::ready(), 4)] {
            bar.when(who, cancel(1), at(100)).then_exactly([(
                OrderCancelled { order: id(1), by: By::Bar, reason: Some(Reason::Other), version }.into(),
                None,
            )]);
        }
    }
}

#[test]
fn a_robot_keeps_its_hands_off_the_orders_of_people() {
    for mut bar in [Bar::choosing(), Bar::waiting(), Bar::making(), Bar::ready()] {
        for action in may(ROBOT) {
            bar = bar.when(ROBOT, act(1, action), at(100)).refused(Refusal::OrderIsAnothers);
        }
    }
}

#[test]
fn people_make_the_orders_of_robots() {
    let waiting = || Bar::founded().after(ROBOT, knock(2), at(0)).after(ROBOT, submit(2), at(1));
    waiting().after(CARLA, claim(2), at(2)).after(CARLA, complete(2), at(3)).after(CARLA, collect(2), at(4));
    waiting()
        .when(ROBOT, claim(2), at(2))
        .then_exactly([(OrderClaimed { order: id(2), barista: Some(ROBOT_ID), version: 2 }.into(), None)])
        .when(CARLA, complete(2), at(3))
        .refused(Refusal::OrderIsAnothers);
}

#[test]
fn a_screen_on_the_wall_may_nothing() {
    let mut bar = Bar::waiting();
    let others = [
        scan(2, 0),
        knock(2),
        submit(1),
        StoreCommand::Open { hold: false }.into(),
        StoreCommand::Close { hold: false }.into(),
    ];
    for command in Action::ALL.iter().map(|action| act(1, *action)).chain(others) {
        bar = bar.when(DISPLAY, command, at(60)).refused(Refusal::RoleForbids);
    }
}

#[test]
fn neither_guests_nor_the_house_make_drinks() {
    for who in [ANNA, Actor::System] {
        let mut bar = Bar::waiting();
        for action in [Action::Claim, Action::Release, Action::Complete, Action::Collect] {
            bar = bar.when(who, act(1, action), at(60)).refused(Refusal::RoleForbids);
        }
    }
}
