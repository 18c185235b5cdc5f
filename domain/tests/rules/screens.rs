//! Views after rare events. `views.rs` covers every step of the usual order.

use domain::command::Action;
use domain::event::{Event, OrderCancelled, OrderSubmitted, Recorded};
use domain::ids::EventId;
use domain::menu::Chosen;
use domain::order::By;
use domain::redact::Topic;
use domain::view::View;
use domain::view::barista::Barista;
use domain::view::display::Display;
use domain::view::ordering::Ordering;
use uuid::Uuid;

use crate::bar::{
    ANNA, BEN, CARLA, NINE, TestShop, act, at, cancel, claim, collect, complete, edit, id, scan, set_aside, submit,
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
fn an_order_is_on_no_list_before_it_has_a_number() {
    let chosen = Chosen { name: "Flat white".to_owned(), ..Chosen::default() };
    let shop = TestShop::open().and(OrderSubmitted { order: id(1), chosen, version: 1 });
    assert_eq!((tv(&shop).preparing().count(), tablet(&shop).incoming().count()), (0, 0));
    let shop = shop.and(OrderCancelled { order: id(1), by: By::Guest, reason: None, version: 2 });
    assert_eq!(tablet(&shop).cancelled().count(), 0);
}

#[test]
fn what_is_chosen_instead_is_called_by_its_own_name() {
    let shop = TestShop::waiting().after(ANNA, edit(1, "espresso"), at(40));
    assert_eq!(
        (tv(&shop).rows[0].name.as_str(), tablet(&shop).cards[0].chosen.name.as_str()),
        ("Espresso", "Espresso")
    );
}

#[test]
fn what_nobody_cancelled_is_not_among_the_cancelled() {
    for shop in [TestShop::waiting(), TestShop::making(), TestShop::ready()] {
        assert_eq!(tablet(&shop).cancelled().count(), 0);
    }
}

#[test]
fn what_stood_aside_and_is_taken_back_from_being_cancelled_stands_aside_again() {
    let shop = TestShop::ready().after(CARLA, set_aside(1), at(95)).after(CARLA, cancel(1), at(96));
    let shop = with_bens_order(shop.after(CARLA, act(1, Action::Recall), at(97)));
    assert_eq!(tv(&shop).ready().count(), 0);
    assert!(tablet(&shop).cards[0].aside);
    let phone = phone(&shop);
    assert!(phone.current().is_some_and(|mine| mine.aside));
    assert_eq!(phone.ahead_of(id(2)), 0, "a ready order is not ahead of others");
}

#[test]
fn a_drink_that_is_collected_leaves_the_others_that_are_ready_as_they_are() {
    let shop = with_bens_order(TestShop::ready()).after(CARLA, claim(2), at(110)).after(CARLA, complete(2), at(120));
    let shop = shop.after(ANNA, scan(3, 0), at(121)).after(ANNA, submit(3), at(122));
    let shop = shop.after(CARLA, collect(1), at(130));
    assert_eq!(phone(&shop).ahead_of(id(3)), 0);
}

#[test]
fn a_guest_is_before_others_as_long_as_somebody_behind_waits_for_a_drink() {
    assert!(!phone(&TestShop::waiting()).is_before_others(id(1)));
    let shop = with_bens_order(TestShop::waiting());
    let ordering = phone(&shop);
    assert!(ordering.is_before_others(id(1)) && !ordering.is_before_others(id(2)));
    let shop = shop.after(CARLA, claim(2), at(110)).after(CARLA, complete(2), at(120));
    assert!(!phone(&shop).is_before_others(id(1)));
}
