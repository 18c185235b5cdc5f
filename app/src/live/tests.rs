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

fn receive(live: &mut Live<RecordingView>, topic: Topic, prev: u64, position: u64) -> Verdict {
    let event = recorded(position, StoreOpened { held: false });
    live.receive((topic, prev, position), format!("e.{position}.0000"), || Ok::<_, ()>(Some(event)))
}

#[test]
fn what_follows_is_applied_and_moves_the_cursor() {
    let mut live = at(7);
    assert_eq!(receive(&mut live, Topic::Public, 7, 12), Verdict::Applied);
    assert_eq!(receive(&mut live, Topic::Public, 12, 13), Verdict::Applied);
    assert_eq!(live.view.0.len(), 2);
    assert_eq!(live.cursor(), Some("e.13.0000"));
}

#[test]
fn what_is_known_is_dropped() {
    let mut live = at(7);
    assert_eq!(receive(&mut live, Topic::Public, 6, 7), Verdict::Dropped);
    assert_eq!(receive(&mut live, Topic::Public, 0, 3), Verdict::Dropped);
    assert_eq!(live, at(7));
}

#[test]
fn after_a_gap_only_a_snapshot_helps() {
    let mut live = at(7);
    assert_eq!(receive(&mut live, Topic::Public, 8, 9), Verdict::Lost);
    assert_eq!(live.cursor(), None);
    assert_eq!(receive(&mut live, Topic::Public, 7, 8), Verdict::Dropped, "a view with a gap must ignore frames");
    live.passed("e.9.0000".to_owned());
    assert_eq!(live.cursor(), None, "a heartbeat must not restore the cursor");
    assert_eq!(live.view, RecordingView::default());
}

#[test]
fn a_topic_that_begins_is_taken_up() {
    let order = Topic::Order(OrderId(Uuid::from_u128(1)));
    let mut live = at(7);
    assert_eq!(receive(&mut live, order, 0, 8), Verdict::Applied);
    assert_eq!(receive(&mut live, order, 8, 9), Verdict::Applied);
    assert_eq!(receive(&mut live, Topic::Public, 7, 9), Verdict::Applied, "topics have independent positions");
    let other = Topic::Order(OrderId(Uuid::from_u128(2)));
    assert_eq!(receive(&mut live, other, 4, 10), Verdict::Lost, "the topic's first frame is missing");
}

#[test]
fn a_kind_of_a_later_version_moves_on_and_changes_nothing() {
    let mut live = at(7);
    let outcome = live.receive((Topic::Public, 7, 8), "e.8.0000".to_owned(), || Ok::<_, ()>(None));
    assert_eq!(outcome, Verdict::Applied);
    assert_eq!(live.view, RecordingView::default());
    assert_eq!(receive(&mut live, Topic::Public, 8, 9), Verdict::Applied);
}

#[test]
fn data_that_cannot_be_read_is_a_gap() {
    let mut live = at(7);
    let outcome = live.receive((Topic::Public, 7, 8), "e.8.0000".to_owned(), || Err(()));
    assert_eq!((outcome, live.cursor()), (Verdict::Lost, None));
}

#[test]
fn what_is_known_is_not_even_read() {
    let mut live = at(7);
    let outcome = live.receive::<()>((Topic::Public, 5, 6), String::new(), || panic!("a known event was read"));
    assert_eq!(outcome, Verdict::Dropped);
}

#[test]
fn a_page_that_reads_frame_by_frame_ends_where_a_snapshot_does() {
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
            let frame = (Topic::Public, prev, event.position);
            let outcome = live.receive(frame, String::new(), || Ok::<_, ()>(Some(event.clone())));
            assert_eq!(outcome, Verdict::Applied);
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
fn a_browser_reads_every_kind_but_those_that_no_view_folds() {
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
fn patience_doubles_and_ends_at_five_seconds() {
    let waits: Vec<u32> = (0..8).map(max_backoff_ms).collect();
    assert_eq!(waits, [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
    assert_eq!(max_backoff_ms(u32::MAX), 5_000);
}
