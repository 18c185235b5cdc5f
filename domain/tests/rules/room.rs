//! Scenarios of capacity: the limits of open orders per shop and per guest, and pauses.

use domain::access::Actor;
use domain::command::{Action, Command, StoreCommand};
use domain::event::{ShopUnavailable, StorePaused, StoreResumed};
use domain::hours::Hours;
use domain::limits::{Limits, LimitsChange, Waits};
use domain::menu::change::MenuChange;
use domain::order::Step;
use domain::refusal::{Refusal, Unavailable};
use domain::setting::SettingDigest;

use crate::bar::{
    ANNA, BEN, CARLA, DISPLAY, MANAGER, ROBOT, TestShop, act, at, cancel, claim, collect, complete, creation_events,
    given, guest, id, robot_start, scan, submit, tomorrow,
};

fn with_capacity(room: u32) -> TestShop {
    given(creation_events(Limits { room, ..Limits::default() }))
}

/// Asserts that the start of `order` was recorded and turned away for `reason`.
#[track_caller]
fn assert_unavailable(shop: TestShop, order: u16, reason: Unavailable) -> TestShop {
    assert_eq!(shop.events()[1].event, ShopUnavailable { order: id(order), reason }.into());
    assert_eq!(shop.step(order), None);
    shop
}

fn pause(seconds: Option<u32>) -> Command {
    StoreCommand::Pause { reason: "Milk is coming".to_owned(), until: seconds.map(|seconds| at(seconds).at) }.into()
}

#[test]
fn an_order_takes_a_place_from_start_until_ready() {
    let started = ["Validator.NewOrder", "OrderProcessor.WorkflowStarted"];
    let full = with_capacity(1).after(ANNA, scan(1, 0), at(0)).when(BEN, scan(2, 0), at(1));
    let full =
        assert_unavailable(full, 2, Unavailable::Full).after(ANNA, submit(1), at(2)).when(BEN, scan(3, 0), at(3));
    let full =
        assert_unavailable(full, 3, Unavailable::Full).after(CARLA, claim(1), at(4)).when(BEN, scan(4, 0), at(5));
    assert_unavailable(full, 4, Unavailable::Full)
        .after(CARLA, complete(1), at(6))
        .when(BEN, scan(5, 0), at(7))
        .then(started);
}

#[test]
fn a_full_shop_reports_when_a_place_becomes_free() {
    let full = with_capacity(2).after(ANNA, scan(1, 0), at(0)).after(BEN, scan(2, 0), at(10));
    assert_eq!(full.capacity_free_by(), Some(at(300).at), "Anna's wait ends first");
    let full = full.after(ANNA, submit(1), at(20));
    assert_eq!(full.capacity_free_by(), Some(at(310).at));
    let ready = full.after(BEN, submit(2), at(30)).after(CARLA, claim(1), at(40)).after(CARLA, complete(1), at(50));
    assert_eq!(ready.capacity_free_by(), Some(at(930).at), "a ready order takes no place");
    assert_eq!(TestShop::open().capacity_free_by(), None);
}

#[test]
fn cancellation_and_timeout_free_a_place() {
    let started = ["Validator.NewOrder", "OrderProcessor.WorkflowStarted"];
    let full = || with_capacity(1).after(ANNA, scan(1, 0), at(0));
    full().after(ANNA, cancel(1), at(1)).when(BEN, scan(2, 0), at(2)).then(started);
    let late = full().after(Actor::System, Command::EndWait { order: id(1) }, at(300));
    late.when(BEN, scan(2, 300), at(301)).then(started);
}

#[test]
fn a_submission_is_never_refused_for_capacity() {
    let two = with_capacity(2).after(ANNA, scan(1, 0), at(0)).after(BEN, scan(2, 0), at(1));
    let change = LimitsChange { room: Some(1), ..LimitsChange::default() };
    let less = two.after(MANAGER, StoreCommand::ChangeLimits(change).into(), at(2));
    less.after(ANNA, submit(1), at(3)).after(BEN, submit(2), at(4));
}

#[test]
fn robot_orders_take_places() {
    let full = with_capacity(1).after(ROBOT, robot_start(1), at(0)).when(ROBOT, robot_start(2), at(1));
    assert_unavailable(full, 2, Unavailable::Full);
}

#[test]
fn the_limit_of_orders_per_guest_applies_per_day() {
    let mut shop = TestShop::open();
    for order in 1..=3 {
        shop = shop.after(ANNA, scan(order, 0), at(0)).after(ANNA, submit(order), at(1));
    }
    let shop = assert_unavailable(shop.when(ANNA, scan(4, 0), at(2)), 4, Unavailable::Limit);
    let shop = shop.when(BEN, scan(5, 0), at(3)).then(["Validator.NewOrder", "OrderProcessor.WorkflowStarted"]);
    let next_day = shop.when(ANNA, scan(6, 86_400), tomorrow(0));
    next_day.then(["Validator.NewOrder", "OrderProcessor.WorkflowStarted"]);
}

#[test]
fn orders_of_other_guests_do_not_count() {
    let limits = Limits { orders_per_guest: 1, ..Limits::default() };
    let shop = given(creation_events(limits)).after(BEN, scan(2, 0), at(0)).after(guest(3), scan(3, 0), at(1));
    shop.when(ANNA, scan(1, 0), at(2)).then(["Validator.NewOrder", "OrderProcessor.WorkflowStarted"]);
}

#[test]
fn a_cancelled_order_of_yesterday_does_not_raise_the_limit_of_today() {
    let limits = Limits { orders_per_guest: 1, ..Limits::default() };
    let late = given(creation_events(limits)).after(ANNA, scan(1, 0), at(0)).after(ANNA, submit(1), at(1));
    let today = late.after(ANNA, scan(2, 86_400), tomorrow(0)).after(ANNA, submit(2), tomorrow(1));
    let today = today.after(CARLA, cancel(1), tomorrow(2));
    let today = today.after(Actor::System, Command::EndWait { order: id(1) }, tomorrow(12));
    assert_unavailable(today.when(ANNA, scan(3, 86_400), tomorrow(13)), 3, Unavailable::Limit);
}

#[test]
fn cancelled_orders_do_not_count_towards_the_daily_limit() {
    let limits = Limits { orders_per_guest: 1, ..Limits::default() };
    let submitted = || given(creation_events(limits)).after(ANNA, scan(1, 0), at(0)).after(ANNA, submit(1), at(1));
    let end = || Command::EndWait { order: id(1) };
    let started = ["Validator.NewOrder", "OrderProcessor.WorkflowStarted"];
    let cancelled = submitted().after(CARLA, cancel(1), at(2));
    cancelled.clone().when(ANNA, scan(2, 0), at(3)).then(started);
    cancelled.after(Actor::System, end(), at(12)).when(ANNA, scan(3, 0), at(13)).then(started);
    let collected =
        submitted().after(CARLA, claim(1), at(2)).after(CARLA, complete(1), at(3)).after(CARLA, collect(1), at(4));
    assert_unavailable(collected.when(ANNA, scan(2, 0), at(5)), 2, Unavailable::Limit);
}

#[test]
fn robots_have_no_daily_limit() {
    let mut shop = TestShop::open();
    for order in 1..=10 {
        shop = shop.after(ROBOT, robot_start(order), at(0)).after(ROBOT, submit(order), at(0));
        assert_eq!(shop.step(order), Some(Step::Waiting));
    }
}

#[test]
fn a_second_scan_returns_to_the_order_being_chosen() {
    let shop = TestShop::choosing().when(ANNA, scan(2, 0), at(5)).then([]);
    assert_eq!((shop.step(1), shop.step(2)), (Some(Step::Choosing), None));
    assert_eq!(shop.starts_left(0, at(6)), 9, "the second scan takes no token");
    let answer = shop.current_answer(ANNA, &scan(2, 0));
    assert_eq!((answer.order, answer.step, answer.version), (Some(id(1)), Some(Step::Choosing), Some(0)));
}

#[test]
fn a_pause_stops_new_starts_and_lets_open_orders_proceed() {
    let paused = TestShop::choosing().when(CARLA, pause(None), at(10));
    let paused = paused.then_exactly([(StorePaused { reason: "Milk is coming".to_owned(), until: None }.into(), None)]);
    let paused = assert_unavailable(paused.when(BEN, scan(2, 0), at(11)), 2, Unavailable::Paused);
    let resumed = paused.after(ANNA, submit(1), at(12)).when(CARLA, StoreCommand::Resume.into(), at(13));
    let resumed = resumed.then_exactly([(StoreResumed {}.into(), None)]);
    resumed.when(BEN, scan(3, 0), at(14)).then(["Validator.NewOrder", "OrderProcessor.WorkflowStarted"]);
}

#[test]
fn a_pause_ends_at_its_time() {
    let shop = TestShop::open().after(CARLA, pause(Some(60)), at(0));
    assert_eq!(shop.next_due(), Some((at(60).at, StoreCommand::Resume.into())));
    let shop = shop.after(Actor::System, StoreCommand::Resume.into(), at(60));
    assert_eq!(shop.next_due(), None);
    shop.when(Actor::System, StoreCommand::Resume.into(), at(60)).then([]);
}

#[test]
fn a_pause_that_ends_in_the_past_or_after_a_day_is_refused() {
    let refusal = || Refusal::LimitOutOfRange { name: "minutes", least: 1, most: 1440 };
    for until in [5, 10, 86_411] {
        TestShop::open().when(CARLA, pause(Some(until)), at(10)).refused(refusal());
    }
    for until in [11, 86_410] {
        TestShop::open().when(CARLA, pause(Some(until)), at(10)).then(["ConfigService.StorePaused"]);
    }
}

#[test]
fn a_shop_is_not_created_with_limits_out_of_range() {
    let create = |limits| {
        let (menu, hours) = (crate::bar::menu(), domain::hours::Hours::default());
        StoreCommand::Create { name: "Bar".to_owned(), menu, limits, hours }.into()
    };
    let no_room = Limits { room: 0, ..Limits::default() };
    let no_time = Limits { waits: Waits { choose_seconds: 3601, ..Waits::default() }, ..Limits::default() };
    let out = |name, least, most| Refusal::LimitOutOfRange { name, least, most };
    given([]).when(Actor::System, create(no_room), at(0)).refused(out("room", 1, 10_000));
    given([]).when(Actor::System, create(no_time), at(0)).refused(out("choose_seconds", 5, 3600));
    given([]).after(Actor::System, create(Limits::default()), at(0));
}

#[test]
fn a_guest_who_has_cancelled_the_only_drink_may_order_another_at_once() {
    let limits = Limits { orders_per_guest: 1, ..Limits::default() };
    let cancelled = given(creation_events(limits)).after(ANNA, scan(1, 0), at(0)).after(ANNA, submit(1), at(1)).after(
        ANNA,
        cancel(1),
        at(2),
    );
    let another = cancelled.when(ANNA, scan(2, 0), at(3));
    let another = another.then(["Validator.NewOrder", "OrderProcessor.WorkflowStarted"]);
    // The one that is being chosen counts, and a third is too many.
    let another = another.after(ANNA, submit(2), at(4));
    let another = assert_unavailable(another.when(ANNA, scan(3, 0), at(5)), 3, Unavailable::Limit);
    // The first cannot come back beside it, unless the bar wants it so.
    let recall = || act(1, Action::Recall);
    another.clone().when(ANNA, recall(), at(6)).refused(Refusal::Unavailable(Unavailable::Limit));
    let both = another.clone().after(CARLA, recall(), at(6));
    let both = assert_unavailable(both.when(ANNA, scan(4, 0), at(7)), 4, Unavailable::Limit);
    assert_eq!((both.step(1), both.step(2)), (Some(Step::Waiting), Some(Step::Waiting)));
    let gave_up = another.after(ANNA, cancel(2), at(7));
    gave_up.when(ANNA, recall(), at(8)).then(["OrderManager.OrderRecalled"]);
}

#[test]
fn a_guest_takes_back_a_cancellation_only_while_there_is_room_and_the_bar_always() {
    let recall = || act(1, Action::Recall);
    let cancelled =
        with_capacity(1).after(ANNA, scan(1, 0), at(0)).after(ANNA, submit(1), at(1)).after(ANNA, cancel(1), at(2));
    cancelled.clone().when(ANNA, recall(), at(3)).then(["OrderManager.OrderRecalled"]);
    let full = cancelled.after(BEN, scan(2, 0), at(3));
    full.clone().when(ANNA, recall(), at(4)).refused(Refusal::Unavailable(Unavailable::Full));
    full.clone().when(CARLA, recall(), at(4)).then(["OrderManager.OrderRecalled"]);
    full.after(BEN, cancel(2), at(5)).when(ANNA, recall(), at(6)).then(["OrderManager.OrderRecalled"]);
    // A ready order goes back to preparation whatever the room, because it is the bar's mistake.
    let ready = with_capacity(1).after(ANNA, scan(1, 0), at(0)).after(ANNA, submit(1), at(1));
    let ready = ready.after(CARLA, claim(1), at(2)).after(CARLA, complete(1), at(3)).after(BEN, scan(2, 0), at(4));
    ready.when(CARLA, recall(), at(5)).then(["OrderManager.OrderRecalled"]);
}

#[test]
fn closed_is_reported_before_paused_and_paused_before_full() {
    let shop = with_capacity(1).after(ANNA, scan(1, 0), at(0)).after(CARLA, pause(None), at(1));
    let shop = assert_unavailable(shop.when(guest(2), scan(2, 0), at(2)), 2, Unavailable::Paused);
    let shop = shop.after(CARLA, StoreCommand::Close { hold: false }.into(), at(3));
    assert_unavailable(shop.when(guest(3), scan(3, 0), at(4)), 3, Unavailable::Closed);
}

#[test]
fn only_managers_change_limits_and_only_within_range() {
    let change = |room| StoreCommand::ChangeLimits(LimitsChange { room: Some(room), ..LimitsChange::default() }).into();
    for actor in [ANNA, CARLA, DISPLAY, ROBOT] {
        TestShop::open().when(actor, change(7), at(0)).refused(Refusal::RoleNotAllowed);
    }
    let shop = TestShop::open().when(MANAGER, change(7), at(0)).then(["ConfigService.LimitsChanged"]);
    assert_eq!(*shop.limits(), Limits { room: 7, ..Limits::default() });
    let shop = shop.when(MANAGER, change(7), at(1)).then([]);
    for room in [0, 10_001] {
        let refusal = Refusal::LimitOutOfRange { name: "room", least: 1, most: 10_000 };
        TestShop::open().when(MANAGER, change(room), at(2)).refused(refusal);
    }
    shop.when(ANNA, act(9, Action::Cancel), at(3)).refused(Refusal::UnknownOrder);
}

#[test]
fn a_change_of_hours_or_of_the_menu_that_somebody_else_changed_is_refused() {
    let before = SettingDigest::of(&"what nobody has set");
    for change in [
        StoreCommand::ChangeHours(Hours { last_orders_minutes: 15, ..Hours::default() }),
        StoreCommand::ChangeMenu(MenuChange::RemoveDrink("espresso".to_owned())),
    ] {
        let command = StoreCommand::IfUnchanged { before, change: Box::new(change) };
        TestShop::open().when(MANAGER, command.into(), at(0)).refused(Refusal::SettingChanged);
    }
}

#[test]
fn a_change_of_limits_that_somebody_else_changed_is_refused() {
    let change = |room, grace| {
        let change = LimitsChange { room: Some(room), grace_seconds: grace, ..LimitsChange::default() };
        Box::new(StoreCommand::ChangeLimits(change))
    };
    let shop = TestShop::open();
    let before = SettingDigest::of(shop.limits());
    let seen = |change| StoreCommand::IfUnchanged { before, change }.into();
    let shop = shop.when(MANAGER, seen(change(7, None)), at(0)).then(["ConfigService.LimitsChanged"]);
    let shop = shop.when(MANAGER, seen(change(8, None)), at(1)).refused(Refusal::SettingChanged);
    // A repetition changes nothing.
    let shop = shop.when(MANAGER, seen(change(7, None)), at(2)).then([]);
    let before = SettingDigest::of(shop.limits());
    let command = StoreCommand::IfUnchanged { before, change: change(8, Some(90)) };
    shop.when(MANAGER, command.into(), at(3)).then(["ConfigService.LimitsChanged"]);
}
