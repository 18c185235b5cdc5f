//! Tests of replay after a cursor, subscriptions, names and the chain of frames.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use domain::access::Actor;
use domain::event::{Event, NewOrder, OrderFinished, StoreOpened, WorkflowStarted};
use domain::order::Step;
use domain::time::Instant;
use uuid::Uuid;

use super::*;

fn event(position: u64, event: impl Into<Event>) -> Recorded {
    let id = EventId(Uuid::from_u128(u128::from(position)));
    Recorded {
        id,
        position,
        at: Instant(0),
        correlation: id,
        causation: None,
        actor: Some(Actor::System),
        channel: None,
        event: event.into(),
    }
}

fn read_model() -> ReadModel {
    ReadModel::new("demo".parse().unwrap(), State { epoch: "e".to_owned(), ..State::default() })
}

fn publish_openings(read_model: &ReadModel, positions: std::ops::RangeInclusive<u64>) {
    read_model.publish(positions.map(|position| event(position, StoreOpened { held: false })).collect(), Vec::new());
}

fn cursor(text: &str) -> Cursor {
    text.parse().unwrap()
}

fn positions(read_model: &ReadModel, text: &str) -> Option<Vec<u64>> {
    let after = read_model.read().after(&cursor(text))?;
    Some(after.iter().map(|published| published.recorded.position).collect())
}

#[test]
fn a_cursor_round_trips_as_text() {
    for text in ["8c3f.12.0a0b", "e.0.0000", "e.18446744073709551615.ffff"] {
        assert_eq!(cursor(text).to_string(), text);
    }
    for text in ["", "e", "e.1", "e.-1.0000", "e.1.10000", "e.1.", "e.1.0.0", "e.18446744073709551616.0000"] {
        assert_eq!(text.parse::<Cursor>(), Err(ParseCursorError), "{text}");
    }
}

#[test]
fn a_cursor_replays_later_events() {
    let read_model = read_model();
    publish_openings(&read_model, 1..=5);
    assert_eq!(positions(&read_model, "e.2.0002"), Some(vec![3, 4, 5]));
    assert_eq!(positions(&read_model, "e.5.0005"), Some(vec![]));
    for invalid in ["f.2.0002", "e.2.0003", "e.5.0006", "e.6.0006", "e.0.0000"] {
        assert_eq!(positions(&read_model, invalid), None, "{invalid}");
    }
}

#[test]
fn a_cursor_older_than_the_replay_buffer_replays_nothing() {
    let read_model = read_model();
    let last = REPLAY_BUFFER_FRAMES as u64 + 10;
    publish_openings(&read_model, 1..=last);
    assert_eq!(positions(&read_model, "e.10.000a"), None);
    assert_eq!(positions(&read_model, "e.11.000b").map(|after| after.len()), Some(REPLAY_BUFFER_FRAMES - 1));
}

#[test]
fn a_subscriber_receives_exactly_the_updates_after_its_read() {
    let read_model = read_model();
    publish_openings(&read_model, 1..=2);
    let (position, mut updates) = read_model.subscribe(|state| state.state.position);
    publish_openings(&read_model, 3..=4);
    let mut received = Vec::new();
    while let Ok(Update::Event(published)) = updates.try_recv() {
        received.push(published.recorded.position);
    }
    assert_eq!((position, received), (2, vec![3, 4]));
}

#[test]
fn a_removed_name_is_withdrawn_from_its_guest() {
    let read_model = read_model();
    let (order, guest) = (OrderId(Uuid::from_u128(7)), GuestId(Uuid::from_u128(8)));
    let new = NewOrder { order, guest: Some(guest), window: None, left: None, channel: None };
    let ((), mut updates) = read_model.subscribe(|_| ());
    read_model.publish(
        vec![event(1, new), event(2, WorkflowStarted { order, due: None })],
        vec![(order, Some("Ada".into()))],
    );
    read_model.publish(vec![event(3, OrderFinished { order, outcome: Step::Cancelled })], vec![(order, None)]);
    let mut received = Vec::new();
    while let Ok(update) = updates.try_recv() {
        if let Update::Name { guest, name, .. } = update {
            received.push((guest, name.is_some()));
        }
    }
    assert_eq!(received, [(Some(guest), true), (Some(guest), false)]);
    assert_eq!(read_model.read().state.names.len(), 0);
}

#[test]
fn frames_of_a_topic_carry_the_previous_position() {
    let read_model = read_model();
    let order = OrderId(Uuid::from_u128(7));
    let guest = GuestId(Uuid::from_u128(8));
    let new = NewOrder { order, guest: Some(guest), window: None, left: None, channel: None };
    read_model.publish(
        vec![
            event(1, StoreOpened { held: false }),
            event(2, new),
            event(3, WorkflowStarted { order, due: None }),
            event(4, StoreOpened { held: false }),
        ],
        Vec::new(),
    );
    let after = read_model.read().after(&cursor("e.1.0001")).unwrap();
    let prevs: Vec<_> = after.iter().map(|published| (published.prev_public, published.prev_staff)).collect();
    assert_eq!(prevs, [(Some(1), 1), (None, 2), (Some(2), 3)]);
    let own: Vec<_> = after.iter().map(|published| published.own).collect();
    assert_eq!(own, [Some((guest, 0)), Some((guest, 2)), None]);
    // A private event has no public frame; an event without an order has no frame for a guest.
    assert!(after[1].public().is_none() && after[1].owner(guest).is_some());
    assert!(after[0].owner(GuestId(Uuid::from_u128(9))).is_none());
}
