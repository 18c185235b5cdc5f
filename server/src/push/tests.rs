//! What a returning reader is given, and whom the news of a name reaches.

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

fn room() -> ReadModel {
    ReadModel::new("demo".parse().unwrap(), State { epoch: "e".to_owned(), ..State::default() })
}

fn opened(room: &ReadModel, positions: std::ops::RangeInclusive<u64>) {
    room.publish(positions.map(|position| event(position, StoreOpened { held: false })).collect(), Vec::new());
}

fn cursor(text: &str) -> Cursor {
    text.parse().unwrap()
}

fn positions(room: &ReadModel, text: &str) -> Option<Vec<u64>> {
    let after = room.seen().after(&cursor(text))?;
    Some(after.iter().map(|published| published.recorded.position).collect())
}

#[test]
fn a_cursor_is_read_as_it_is_written() {
    for text in ["8c3f.12.0a0b", "e.0.0000", "e.18446744073709551615.ffff"] {
        assert_eq!(cursor(text).to_string(), text);
    }
    for text in ["", "e", "e.1", "e.-1.0000", "e.1.10000", "e.1.", "e.1.0.0", "e.18446744073709551616.0000"] {
        assert_eq!(text.parse::<Cursor>(), Err(ParseCursorError), "{text}");
    }
}

#[test]
fn a_cursor_brings_what_came_after_it() {
    let room = room();
    opened(&room, 1..=5);
    assert_eq!(positions(&room, "e.2.0002"), Some(vec![3, 4, 5]));
    assert_eq!(positions(&room, "e.5.0005"), Some(vec![]));
    for strange in ["f.2.0002", "e.2.0003", "e.5.0006", "e.6.0006", "e.0.0000"] {
        assert_eq!(positions(&room, strange), None, "{strange}");
    }
}

#[test]
fn a_cursor_older_than_what_is_kept_brings_nothing() {
    let room = room();
    let last = REPLAY_BUFFER_FRAMES as u64 + 10;
    opened(&room, 1..=last);
    assert_eq!(positions(&room, "e.10.000a"), None);
    assert_eq!(positions(&room, "e.11.000b").map(|after| after.len()), Some(REPLAY_BUFFER_FRAMES - 1));
}

#[test]
fn who_joins_hears_all_that_comes_after_what_was_seen_and_nothing_before() {
    let room = room();
    opened(&room, 1..=2);
    let (seen, mut news) = room.join(|seen| seen.state.position);
    opened(&room, 3..=4);
    let mut heard = Vec::new();
    while let Ok(Update::Event(published)) = news.try_recv() {
        heard.push(published.recorded.position);
    }
    assert_eq!((seen, heard), (2, vec![3, 4]));
}

#[test]
fn a_name_is_taken_back_from_the_guest_who_was_told_it() {
    let room = room();
    let (order, guest) = (OrderId(Uuid::from_u128(7)), GuestId(Uuid::from_u128(8)));
    let begun = NewOrder { order, guest: Some(guest), window: None, left: None, channel: None };
    let ((), mut news) = room.join(|_| ());
    room.publish(
        vec![event(1, begun), event(2, WorkflowStarted { order, due: None })],
        vec![(order, Some("Ada".into()))],
    );
    room.publish(vec![event(3, OrderFinished { order, outcome: Step::Cancelled })], vec![(order, None)]);
    let mut told = Vec::new();
    while let Ok(piece) = news.try_recv() {
        if let Update::Name { guest, name, .. } = piece {
            told.push((guest, name.is_some()));
        }
    }
    assert_eq!(told, [(Some(guest), true), (Some(guest), false)]);
    assert_eq!(room.seen().state.names.len(), 0);
}

#[test]
fn frames_of_a_topic_name_the_one_before() {
    let room = room();
    let order = OrderId(Uuid::from_u128(7));
    let guest = GuestId(Uuid::from_u128(8));
    let begun = NewOrder { order, guest: Some(guest), window: None, left: None, channel: None };
    room.publish(
        vec![
            event(1, StoreOpened { held: false }),
            event(2, begun),
            event(3, WorkflowStarted { order, due: None }),
            event(4, StoreOpened { held: false }),
        ],
        Vec::new(),
    );
    let after = room.seen().after(&cursor("e.1.0001")).unwrap();
    let prevs: Vec<_> = after.iter().map(|published| (published.prev_public, published.prev_staff)).collect();
    assert_eq!(prevs, [(Some(1), 1), (None, 2), (Some(2), 3)]);
    let own: Vec<_> = after.iter().map(|published| published.own).collect();
    assert_eq!(own, [Some((guest, 0)), Some((guest, 2)), None]);
    // What the room may not know has no frame for it; what is nobody's has none for a guest.
    assert!(after[1].public().is_none() && after[1].owner(guest).is_some());
    assert!(after[0].owner(GuestId(Uuid::from_u128(9))).is_none());
}
