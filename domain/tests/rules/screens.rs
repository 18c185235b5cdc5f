//! Views after rare events. `views.rs` covers every step of the usual order.

use domain::command::{Action, StoreCommand};
use domain::event::{Event, OrderCancelled, OrderSubmitted, Recorded};
use domain::ids::EventId;
use domain::limits::{Limits, LimitsChange};
use domain::menu::Chosen;
use domain::order::CancelledBy;
use domain::redact::Topic;
use domain::view::View;
use domain::view::barista::Barista;
use domain::view::display::Display;
use domain::view::ordering::Ordering;
use uuid::Uuid;

use crate::bar::{
    ANNA, BEN, CARLA, MANAGER, NINE, TestShop, act, at, cancel, claim, collect, complete, creation_events, edit, given,
    id, scan, set_aside, submit,
};

/// A view folded from the whole log.
fn screen<V: View + Default>(shop: &TestShop, topics: &[Topic]) -> V {
    let mut view = V::default();
    for (n, event) in shop.log().iter().enumerate() {
        let recorded = recorded(n, event);
        let is_subscribed = |topic: &&Topic| !matches!(topic, Topic::Order(order) if event.order() != Some(*order));
        topics.iter().filter(is_subscribed).for_each(|topic| view.apply(*topic, &recorded));
    }
    view
}

fn recorded(n: usize, event: &Event) -> Recorded {
    let stamp = EventId(Uuid::from_u128(n as u128));
    Recorded {
        id: stamp,
        position: n as u64 + 1,
        at: NINE,
        correlation: stamp,
        causation: None,
        actor: None,
        channel: None,
        event: event.clone(),
    }
}

fn tv(shop: &TestShop) -> Display {
    screen(shop, &[Topic::Public])
}

fn tablet(shop: &TestShop) -> Barista {
    screen(shop, &[Topic::Staff])
}

/// Anna's phone, subscribed to order 1.
fn phone(shop: &TestShop) -> Ordering {
    screen(shop, &[Topic::Public, Topic::Order(id(1))])
}

/// Ben has submitted order 2 as well.
fn with_bens_order(shop: TestShop) -> TestShop {
    shop.after(BEN, scan(2, 0), at(100)).after(BEN, submit(2), at(101))
}

#[test]
fn an_order_without_a_number_is_on_no_screen() {
    let chosen = Chosen { name: "Flat white".to_owned(), ..Chosen::default() };
    let shop = TestShop::open().and(OrderSubmitted { order: id(1), chosen, version: 1 });
    assert_eq!((tv(&shop).preparing().count(), tablet(&shop).incoming().count()), (0, 0));
    let shop = shop.and(OrderCancelled { order: id(1), by: CancelledBy::Guest, reason: None, version: 2 });
    assert_eq!(tablet(&shop).cancelled().count(), 0);
}

#[test]
fn an_edited_order_is_shown_with_its_new_name() {
    let shop = TestShop::waiting().after(ANNA, edit(1, "espresso"), at(40));
    assert_eq!(
        (tv(&shop).rows[0].name.as_str(), tablet(&shop).cards[0].chosen.name.as_str()),
        ("Espresso", "Espresso")
    );
}

#[test]
fn orders_that_are_not_cancelled_are_not_listed_as_cancelled() {
    for shop in [TestShop::waiting(), TestShop::making(), TestShop::ready()] {
        assert_eq!(tablet(&shop).cancelled().count(), 0);
    }
}

#[test]
fn a_recalled_order_is_still_set_aside() {
    let shop = TestShop::ready().after(CARLA, set_aside(1), at(95)).after(CARLA, cancel(1), at(96));
    let shop = with_bens_order(shop.after(CARLA, act(1, Action::Recall), at(97)));
    assert_eq!(tv(&shop).ready().count(), 0);
    assert!(tablet(&shop).cards[0].aside);
    let phone = phone(&shop);
    assert!(phone.current().is_some_and(|mine| mine.aside));
    assert_eq!(phone.orders_ahead_of(id(2)), 0, "a ready order is not ahead of others");
}

#[test]
fn collecting_an_order_does_not_change_other_ready_orders() {
    let shop = with_bens_order(TestShop::ready()).after(CARLA, claim(2), at(110)).after(CARLA, complete(2), at(120));
    let shop = shop.after(ANNA, scan(3, 0), at(121)).after(ANNA, submit(3), at(122));
    let shop = shop.after(CARLA, collect(1), at(130));
    assert_eq!(phone(&shop).orders_ahead_of(id(3)), 0);
}

#[test]
fn an_order_is_before_others_while_later_orders_wait() {
    assert_eq!(phone(&TestShop::waiting()).orders_behind(id(1)), 0);
    let shop = with_bens_order(TestShop::waiting());
    let ordering = phone(&shop);
    assert_eq!((ordering.orders_behind(id(1)), ordering.orders_behind(id(2))), (1, 0));
    let shop = shop.after(CARLA, claim(2), at(110)).after(CARLA, complete(2), at(120));
    assert_eq!(phone(&shop).orders_behind(id(1)), 0);
}

#[test]
fn the_tv_shows_the_tokens_left_beside_the_number_that_their_window_began_with() {
    let change = |drinks| {
        let change = LimitsChange { drinks_per_code: Some(drinks), ..LimitsChange::default() };
        StoreCommand::ChangeLimits(change).into()
    };
    let shown = |shop: &TestShop| {
        [0, 300].map(|window| {
            let (tv, window) = (tv(shop), NINE.plus_seconds(window));
            (tv.tokens_left(window), tv.tokens_at_start(window))
        })
    };
    let untouched = TestShop::open().after(MANAGER, change(50), at(0));
    assert_eq!(shown(&untouched), [(10, 10), (50, 50)]);
    let touched = untouched.after(ANNA, scan(1, 0), at(1)).after(MANAGER, change(20), at(2));
    assert_eq!(shown(&touched), [(9, 10), (20, 20)]);
    let shut = StoreCommand::Close { hold: false };
    let shut = TestShop::open().after(ANNA, scan(1, 0), at(0)).after(CARLA, shut.into(), at(1));
    assert_eq!(shown(&shut.after(MANAGER, change(50), at(2))), [(9, 10), (50, 50)]);
    assert_eq!(shown(&TestShop::closed().after(MANAGER, change(50), at(0))), [(50, 50), (50, 50)]);
}

#[test]
fn the_display_is_full_while_every_place_is_taken() {
    let is_full = |shop: &TestShop| tv(shop).is_full();
    let one = given(creation_events(Limits { room: 2, ..Limits::default() })).after(ANNA, scan(1, 0), at(0));
    assert!(!is_full(&one));
    let two = one.after(BEN, scan(2, 0), at(1));
    assert!(is_full(&two), "a guest who chooses has a place");
    let making = two.after(ANNA, submit(1), at(2)).after(CARLA, claim(1), at(3));
    assert!(is_full(&making));
    let ready = making.after(CARLA, complete(1), at(4));
    assert!(!is_full(&ready), "a ready order takes no place");
    let again = ready.after(ANNA, scan(3, 0), at(5));
    assert!(is_full(&again));
    assert!(!is_full(&again.after(ANNA, cancel(3), at(6))), "who gives up frees a place");
}

#[test]
fn the_display_knows_how_long_an_order_has_waited_for_a_barista() {
    let shop = with_bens_order(TestShop::waiting());
    let later = NINE.plus_seconds(200);
    assert_eq!(tv(&shop).longest_wait(later), Some(200));
    assert_eq!(tv(&shop.after(CARLA, claim(1), at(110)).after(CARLA, claim(2), at(111))).longest_wait(later), None);
}
