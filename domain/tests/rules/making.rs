//! Scenarios of making drinks: claims, the order of the steps, and cancellation.

use domain::access::Actor;
use domain::command::{Action, Command, StoreCommand};
use domain::event::{OrderCancelled, OrderClaimed, OrderFinished, OrderPostponed, OrderReleased, TokenReturned};
use domain::order::{CancelReason, CancelledBy, Step};
use domain::refusal::Refusal;

use crate::bar::{
    ANNA, BEN, CARLA, CARLA_ID, DAVE, DISPLAY, MANAGER, NINE, ROBOT, ROBOT_ID, TestShop, act, at, cancel, claim,
    collect, complete, id, release, robot_start, scan, submit,
};

fn illegal_step(step: Step) -> Refusal {
    Refusal::IllegalStep { step }
}

/// The actions that the actor's role permits.
fn permitted_actions(actor: Actor) -> impl Iterator<Item = Action> {
    Action::ALL.iter().copied().filter(move |action| actor.may_issue(&act(1, *action)))
}

/// An action on order 1 that names the version seen by the actor.
fn act_on_version(action: Action, version: u32) -> Command {
    Command::Act { order: id(1), action, reason: None, version: Some(version) }
}

#[test]
fn only_one_of_two_baristas_claims_an_order() {
    let shop = TestShop::waiting()
        .when(CARLA, claim(1), at(60))
        .then_exactly([(OrderClaimed { order: id(1), barista: Some(CARLA_ID), version: 2 }.into(), None)])
        .when(DAVE, claim(1), at(60))
        .refused(illegal_step(Step::Making));
    shop.when(CARLA, claim(1), at(61)).refused(illegal_step(Step::Making));
}

#[test]
fn only_the_claiming_barista_releases_or_completes_an_order() {
    TestShop::making().when(DAVE, release(1), at(70)).refused(Refusal::NotOwner);
    for actor in [DAVE, MANAGER] {
        TestShop::making().when(actor, complete(1), at(70)).refused(Refusal::NotOwner);
    }
}

#[test]
fn a_manager_releases_an_order_of_another_barista() {
    let shop = TestShop::making().after(MANAGER, release(1), at(70)).after(DAVE, claim(1), at(71));
    shop.after(DAVE, complete(1), at(72));
    TestShop::waiting().when(MANAGER, release(1), at(70)).refused(illegal_step(Step::Waiting));
}

#[test]
fn a_released_order_can_be_claimed_by_any_barista() {
    let shop = TestShop::making()
        .when(CARLA, release(1), at(70))
        .then_exactly([(OrderReleased { order: id(1), version: 3 }.into(), None)]);
    assert_eq!(shop.barista(1), None);
    let shop = shop.after(DAVE, claim(1), at(80)).when(CARLA, complete(1), at(90)).refused(Refusal::NotOwner);
    shop.when(DAVE, complete(1), at(90)).then(["OrderManager.OrderCompleted"]);
}

#[test]
fn any_staff_member_marks_an_order_as_collected() {
    for actor in [CARLA, DAVE, MANAGER] {
        TestShop::ready()
            .when(actor, collect(1), at(100))
            .then(["OrderManager.OrderCollected", "OrderProcessor.OrderFinished"]);
    }
}

#[test]
fn actions_out_of_step_are_refused() {
    for (mut shop, step, legal) in [
        (TestShop::choosing(), Step::Choosing, vec![Action::Cancel]),
        (TestShop::waiting(), Step::Waiting, vec![Action::Cancel, Action::Claim]),
        (TestShop::making(), Step::Making, vec![Action::Cancel, Action::Release, Action::Complete]),
        (
            TestShop::ready(),
            Step::Ready,
            vec![Action::Cancel, Action::Collect, Action::Recall, Action::Remind, Action::SetAside],
        ),
    ] {
        for action in permitted_actions(CARLA).filter(|action| !legal.contains(action)) {
            shop = shop.when(CARLA, act(1, action), at(100)).refused(illegal_step(step));
        }
    }
}

#[test]
fn actions_on_an_unknown_order_are_refused() {
    let mut shop = TestShop::open();
    for action in permitted_actions(CARLA) {
        shop = shop.when(CARLA, act(9, action), at(0)).refused(Refusal::UnknownOrder);
    }
}

#[test]
fn an_action_with_an_outdated_version_is_refused() {
    let moved_on = |version| Refusal::VersionConflict { version };
    TestShop::choosing().when(ANNA, act_on_version(Action::Cancel, 1), at(10)).refused(moved_on(0));
    let back = TestShop::making().after(CARLA, release(1), at(70));
    back.when(DAVE, act_on_version(Action::Claim, 1), at(80)).refused(moved_on(3));
    TestShop::making()
        .when(CARLA, act_on_version(Action::Release, 1), at(80))
        .refused(moved_on(2))
        .when(CARLA, act_on_version(Action::Complete, 1), at(80))
        .refused(moved_on(2));
    TestShop::ready()
        .when(CARLA, act_on_version(Action::Collect, 1), at(100))
        .refused(moved_on(3))
        .when(CARLA, act_on_version(Action::Cancel, 1), at(100))
        .refused(moved_on(3));
}

#[test]
fn an_action_with_the_current_version_succeeds() {
    TestShop::waiting()
        .after(CARLA, act_on_version(Action::Claim, 1), at(60))
        .after(CARLA, act_on_version(Action::Release, 2), at(61))
        .after(CARLA, act_on_version(Action::Claim, 3), at(62))
        .after(CARLA, act_on_version(Action::Complete, 4), at(63))
        .after(CARLA, act_on_version(Action::Collect, 5), at(64));
    TestShop::waiting().after(ANNA, act_on_version(Action::Cancel, 1), at(60));
}

#[test]
fn a_wrong_step_is_reported_before_an_outdated_version() {
    let claim = act_on_version(Action::Claim, 1);
    TestShop::making().when(DAVE, claim, at(70)).refused(illegal_step(Step::Making));
}

#[test]
fn versions_count_the_changes_of_an_order() {
    let versions =
        [TestShop::choosing(), TestShop::waiting(), TestShop::making(), TestShop::ready()].map(|shop| shop.version(1));
    assert_eq!(versions, [Some(0), Some(1), Some(2), Some(3)]);
}

#[test]
fn a_guest_cancels_an_order_until_it_is_claimed() {
    TestShop::waiting().when(ANNA, cancel(1), at(40)).then_exactly([(
        OrderCancelled { order: id(1), by: CancelledBy::Guest, reason: None, version: 2 }.into(),
        None,
    )]);
    TestShop::making().when(ANNA, cancel(1), at(70)).refused(illegal_step(Step::Making));
    TestShop::ready().when(ANNA, cancel(1), at(100)).refused(illegal_step(Step::Ready));
}

#[test]
fn cancelling_while_choosing_finishes_the_order_and_returns_its_token() {
    for (actor, by, reason) in [(ANNA, CancelledBy::Guest, None), (CARLA, CancelledBy::Bar, Some(CancelReason::Other))]
    {
        let shop = TestShop::choosing().when(actor, cancel(1), at(40)).then_exactly([
            (OrderCancelled { order: id(1), by, reason, version: 1 }.into(), None),
            (TokenReturned { order: id(1), window: NINE, left: 10 }.into(), Some(0)),
            (OrderFinished { order: id(1), outcome: Step::Cancelled }.into(), Some(0)),
        ]);
        assert_eq!(shop.starts_left(0, at(50)), 10);
    }
}

#[test]
fn a_guest_postpones_an_order_until_it_is_claimed() {
    let order = id(1);
    TestShop::waiting()
        .when(ANNA, act(1, Action::Postpone), at(40))
        .then_exactly([(OrderPostponed { order, version: 2 }.into(), None)])
        .when(ANNA, act_on_version(Action::Postpone, 1), at(41))
        .refused(Refusal::VersionConflict { version: 2 })
        .when(BEN, act(1, Action::Postpone), at(42))
        .refused(Refusal::NotOwner);
    TestShop::choosing().when(ANNA, act(1, Action::Postpone), at(10)).refused(illegal_step(Step::Choosing));
    TestShop::making().when(ANNA, act(1, Action::Postpone), at(70)).refused(illegal_step(Step::Making));
}

#[test]
fn a_guest_cannot_cancel_the_order_of_another_guest() {
    for shop in [TestShop::choosing(), TestShop::waiting(), TestShop::making(), TestShop::ready()] {
        shop.when(BEN, cancel(1), at(100)).refused(Refusal::NotOwner);
    }
}

#[test]
fn staff_cancel_any_open_order() {
    for actor in [CARLA, DAVE, MANAGER] {
        for (shop, version) in [(TestShop::waiting(), 2), (TestShop::making(), 3), (TestShop::ready(), 4)] {
            shop.when(actor, cancel(1), at(100)).then_exactly([(
                OrderCancelled { order: id(1), by: CancelledBy::Bar, reason: Some(CancelReason::Other), version }
                    .into(),
                None,
            )]);
        }
    }
}

#[test]
fn robots_cannot_act_on_orders_of_people() {
    for mut shop in [TestShop::choosing(), TestShop::waiting(), TestShop::making(), TestShop::ready()] {
        for action in permitted_actions(ROBOT) {
            shop = shop.when(ROBOT, act(1, action), at(100)).refused(Refusal::NotOwner);
        }
    }
}

#[test]
fn staff_make_robot_orders() {
    let waiting = || TestShop::open().after(ROBOT, robot_start(2), at(0)).after(ROBOT, submit(2), at(1));
    waiting().after(CARLA, claim(2), at(2)).after(CARLA, complete(2), at(3)).after(CARLA, collect(2), at(4));
    waiting()
        .when(ROBOT, claim(2), at(2))
        .then_exactly([(OrderClaimed { order: id(2), barista: Some(ROBOT_ID), version: 2 }.into(), None)])
        .when(CARLA, complete(2), at(3))
        .refused(Refusal::NotOwner);
}

#[test]
fn a_display_may_issue_no_command() {
    let mut shop = TestShop::waiting();
    let others = [
        scan(2, 0),
        robot_start(2),
        submit(1),
        StoreCommand::Open { hold: false }.into(),
        StoreCommand::Close { hold: false }.into(),
    ];
    for command in Action::ALL.iter().map(|action| act(1, *action)).chain(others) {
        shop = shop.when(DISPLAY, command, at(60)).refused(Refusal::RoleNotAllowed);
    }
}

#[test]
fn guests_and_the_system_cannot_make_drinks() {
    for actor in [ANNA, Actor::System] {
        let mut shop = TestShop::waiting();
        for action in [Action::Claim, Action::Release, Action::Complete, Action::Collect] {
            shop = shop.when(actor, act(1, action), at(60)).refused(Refusal::RoleNotAllowed);
        }
    }
}
