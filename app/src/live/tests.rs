//! Tests of how a page applies each kind of frame.

use std::collections::BTreeSet;

use domain::event::{Event, OrderFinished, StoreClosed, StoreOpened};
use domain::ids::{EventId, OrderId};
use domain::order::Step;
use domain::time::Instant;
use uuid::Uuid;

use super::*;

/// Records the events it is given.
#[derive(Clone, Debug, Default, PartialEq)]
struct RecordingView(Vec<(Topic, String)>);

impl View for RecordingView {
    fn apply(&mut self, topic: Topic, recorded: &Recorded) {
        self.0.push((topic, recorded.event.kind().to_owned()));
    }
}

fn at(position: u64) -> Live<RecordingView> {
    let topics = SortedMap::from([(Topic::Public, position)]);
    Live::new(Snapshot {
        cursor: format!("e.{position}.0000"),
        now: Instant(0),
        topics,
        view: RecordingView::default(),
    })
}

fn recorded(position: u64, event: impl Into<Event>) -> Recorded {
    let id = EventId(Uuid::nil());
    let (at, event) = (Instant(0), event.into());
    Recorded { id, position, at, correlation: id, causation: None, actor: None, channel: None, event }
}

fn receive(live: &mut Live<RecordingView>, topic: Topic, prev: u64, position: u64) -> FrameOutcome {
    let event = recorded(position, StoreOpened { held: false });
    live.receive(FramePosition { topic, prev, position }, format!("e.{position}.0000"), || Ok::<_, ()>(Some(event)))
}

#[test]
fn the_next_event_is_applied_and_moves_the_cursor() {
    let mut live = at(7);
    assert_eq!(receive(&mut live, Topic::Public, 7, 12), FrameOutcome::Applied);
    assert_eq!(receive(&mut live, Topic::Public, 12, 13), FrameOutcome::Applied);
    assert_eq!(live.view.0.len(), 2);
    assert_eq!(live.cursor(), Some("e.13.0000"));
}

#[test]
fn known_events_are_dropped() {
    let mut live = at(7);
    assert_eq!(receive(&mut live, Topic::Public, 6, 7), FrameOutcome::Dropped);
    assert_eq!(receive(&mut live, Topic::Public, 0, 3), FrameOutcome::Dropped);
    assert_eq!(live, at(7));
}

#[test]
fn a_gap_requires_a_snapshot() {
    let mut live = at(7);
    assert_eq!(receive(&mut live, Topic::Public, 8, 9), FrameOutcome::Gap);
    assert_eq!(live.cursor(), None);
    assert_eq!(receive(&mut live, Topic::Public, 7, 8), FrameOutcome::Dropped, "a view with a gap must ignore frames");
    live.advance_cursor("e.9.0000".to_owned());
    assert_eq!(live.cursor(), None, "a heartbeat must not restore the cursor");
    assert_eq!(live.view, RecordingView::default());
}

#[test]
fn a_new_topic_is_accepted() {
    let order = Topic::Order(OrderId(Uuid::from_u128(1)));
    let mut live = at(7);
    assert_eq!(receive(&mut live, order, 0, 8), FrameOutcome::Applied);
    assert_eq!(receive(&mut live, order, 8, 9), FrameOutcome::Applied);
    assert_eq!(receive(&mut live, Topic::Public, 7, 9), FrameOutcome::Applied, "topics have independent positions");
    let other = Topic::Order(OrderId(Uuid::from_u128(2)));
    assert_eq!(receive(&mut live, other, 4, 10), FrameOutcome::Gap, "the topic's first frame is missing");
}

#[test]
fn an_event_of_a_later_version_moves_the_cursor_only() {
    let mut live = at(7);
    let outcome =
        live.receive(FramePosition { topic: Topic::Public, prev: 7, position: 8 }, "e.8.0000".to_owned(), || {
            Ok::<_, ()>(None)
        });
    assert_eq!(outcome, FrameOutcome::Applied);
    assert_eq!(live.view, RecordingView::default());
    assert_eq!(receive(&mut live, Topic::Public, 8, 9), FrameOutcome::Applied);
}

#[test]
fn unreadable_data_counts_as_a_gap() {
    let mut live = at(7);
    let outcome =
        live.receive(FramePosition { topic: Topic::Public, prev: 7, position: 8 }, "e.8.0000".to_owned(), || Err(()));
    assert_eq!((outcome, live.cursor()), (FrameOutcome::Gap, None));
}

#[test]
fn known_events_are_not_parsed() {
    let mut live = at(7);
    let outcome =
        live.receive::<()>(FramePosition { topic: Topic::Public, prev: 5, position: 6 }, String::new(), || {
            panic!("a known event was read")
        });
    assert_eq!(outcome, FrameOutcome::Dropped);
}

#[test]
fn applying_frames_gives_the_same_view_as_a_snapshot() {
    let log = [
        recorded(1, StoreOpened { held: false }),
        recorded(2, StoreClosed { held: false }),
        finished(3),
        recorded(5, StoreOpened { held: false }),
    ];
    let mut whole = domain::view::display::Display::default();
    for event in &log {
        whole.apply(Topic::Public, event);
    }
    for start in 0..log.len() {
        let mut view = domain::view::display::Display::default();
        let topics = SortedMap::from([(Topic::Public, start.checked_sub(1).map_or(0, |n| log[n].position))]);
        log[..start].iter().for_each(|event| view.apply(Topic::Public, event));
        let mut live = Live::new(Snapshot { cursor: "e.0.0000".to_owned(), now: Instant(0), topics, view });
        let mut prev = start.checked_sub(1).map_or(0, |n| log[n].position);
        for event in &log[start..] {
            let frame = FramePosition { topic: Topic::Public, prev, position: event.position };
            let outcome = live.receive(frame, String::new(), || Ok::<_, ()>(Some(event.clone())));
            assert_eq!(outcome, FrameOutcome::Applied);
            prev = event.position;
        }
        assert_eq!(live.view, whole);
    }
}

fn finished(position: u64) -> Recorded {
    recorded(position, OrderFinished { order: OrderId(Uuid::nil()), outcome: Step::Collected })
}

/// An event without a decoder advances the position and leaves the view stale until the next snapshot.
#[test]
fn the_browser_parses_every_event_that_a_view_applies() {
    const UNFOLDED: [&str; 6] = [
        "Validator.CodeExhausted",
        "ConfigService.HoursChanged",
        "ConfigService.ExtensionSwitched",
        "OrderProcessor.OrdersStopped",
        "OrderProcessor.OrderTimedOut",
        "Counting.NumberGiven",
    ];
    let names = include_str!("reading/events.rs").split('"').filter(|text| text.contains('.') && !text.contains(' '));
    let names: BTreeSet<&str> = names.collect();
    let folded = Event::KINDS.iter().copied().filter(|kind| !UNFOLDED.contains(kind));
    assert_eq!(names, folded.collect());
}

#[test]
fn the_reconnect_delay_doubles_up_to_five_seconds() {
    let waits: Vec<u32> = (0..8).map(max_backoff_ms).collect();
    assert_eq!(waits, [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
    assert_eq!(max_backoff_ms(u32::MAX), 5_000);
}
