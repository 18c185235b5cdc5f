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
    ANNA, BEN, Bar, CARLA, NINE, act, at, cancel, claim, collect, complete, edit, id, scan, set_aside, submit,
};

/// A view folded from the whole log.
fn screen<V: View + Default>(bar: &Bar, topics: &[Topic]) -> V {
    let mut view = V::default();
    for (n, event) in bar.log().iter().enumerate() {
        let recorded = recorded(n, event);
        let is_told = |topic: &&Topic| !matches!(topic, Topic::Order(order) if event.order() != Some(*order));
        topics.iter().filter(is_told).for_each(|topic| view.apply(*topic, &recorded));
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

fn tv(bar: &Bar) -> Display {
    screen(bar, &[Topic::Public])
}

fn tablet(bar: &Bar) -> Barista {
    screen(bar, &[Topic::Staff])
}

/// Anna's phone, subscribed to order 1.
fn phone(bar: &Bar) -> Ordering {
    screen(bar, &[Topic::Public, Topic::Order(id(1))])
}

/// Ben has submitted order 2 as well.
fn and_ben(bar: Bar) -> Bar {
    bar.after(BEN, scan(2, 0), at(100)).after(BEN, submit(2), at(101))
}

#[test]
fn an_order_is_on_no_list_before_it_has_a_number() {
    let chosen = Chosen { name: "Flat white".to_owned(), ..Chosen::default() };
    let bar = Bar::founded().and(OrderSubmitted { order: id(1), chosen, version: 1 });
    assert_eq!((tv(&bar).preparing().count(), tablet(&bar).incoming().count()), (0, 0));
    let bar = bar.and(OrderCancelled { order: id(1), by: By::Guest, reason: None, version: 2 });
    assert_eq!(tablet(&bar).cancelled().count(), 0);
}

#[test]
fn what_is_chosen_instead_is_called_by_its_own_name() {
    let bar = Bar::waiting().after(ANNA, edit(1, "espresso"), at(40));
    assert_eq!((tv(&bar).rows[0].name.as_str(), tablet(&bar).cards[0].chosen.name.as_str()), ("Espresso", "Espresso"));
}

#[test]
fn what_nobody_cancelled_is_not_among_the_cancelled() {
    for bar in [Bar::waiting(), Bar::making(), Bar::ready()] {
        assert_eq!(tablet(&bar).cancelled().count(), 0);
    }
}

#[test]
fn what_stood_aside_and_is_taken_back_from_being_cancelled_stands_aside_again() {
    let bar = Bar::ready().after(CARLA, set_aside(1), at(95)).after(CARLA, cancel(1), at(96));
    let bar = and_ben(bar.after(CARLA, act(1, Action::Recall), at(97)));
    assert_eq!(tv(&bar).ready().count(), 0);
    assert!(tablet(&bar).cards[0].aside);
    let phone = phone(&bar);
    assert!(phone.current().is_some_and(|mine| mine.aside));
    assert_eq!(phone.ahead_of(id(2)), 0, "a ready order is not ahead of others");
}

#[test]
fn a_drink_that_is_collected_leaves_the_others_that_are_ready_as_they_are() {
    let bar = and_ben(Bar::ready()).after(CARLA, claim(2), at(110)).after(CARLA, complete(2), at(120));
    let bar = bar.after(ANNA, scan(3, 0), at(121)).after(ANNA, submit(3), at(122));
    let bar = bar.after(CARLA, collect(1), at(130));
    assert_eq!(phone(&bar).ahead_of(id(3)), 0);
}

#[test]
fn a_guest_is_before_others_as_long_as_somebody_behind_waits_for_a_drink() {
    assert!(!phone(&Bar::waiting()).is_before_others(id(1)));
    let bar = and_ben(Bar::waiting());
    let seen = phone(&bar);
    assert!(seen.is_before_others(id(1)) && !seen.is_before_others(id(2)));
    let bar = bar.after(CARLA, claim(2), at(110)).after(CARLA, complete(2), at(120));
    assert!(!phone(&bar).is_before_others(id(1)));
}
