//! Compatibility with saved states of earlier versions, kept in `server/tests/written/`: a start loads the state and
//! reads only the log after it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::event::{Event, Recorded, StoreClosed};
use domain::ids::EventId;
use domain::shop::STATE_VERSION;
use domain::time::Instant;
use engine::Engine;
use engine::clock::ManualClock;
use engine::read_model::state::State;
use engine::store::{SHOP_SNAPSHOT, ShopBatch, StoredSnapshot};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use server::identity::keys::KeyFolder;
use uuid::Uuid;

use super::{SqliteDir, shop};

/// A file with a state and the log that it results from.
#[derive(Deserialize, Serialize)]
struct SavedState {
    version: u32,
    state: Box<RawValue>,
    events: Vec<Row>,
}

/// An event as a row of the table.
#[derive(Deserialize, Serialize)]
struct Row {
    position: u64,
    id: Uuid,
    kind: String,
    at: i64,
    correlation: Uuid,
    causation: Option<Uuid>,
    actor: Option<String>,
    channel: Option<String>,
    data: Box<RawValue>,
}

impl Row {
    fn recorded(&self) -> Recorded {
        let event = Event::decode(&self.kind, &mut serde_json::Deserializer::from_str(self.data.get()));
        Recorded {
            id: EventId(self.id),
            position: self.position,
            at: Instant(self.at),
            correlation: EventId(self.correlation),
            causation: self.causation.map(EventId),
            actor: self.actor.as_ref().map(|text| text.parse().unwrap()),
            channel: self.channel.as_ref().map(|text| text.parse().unwrap()),
            event: event.unwrap().unwrap(),
        }
    }
}

impl SavedState {
    fn log(&self) -> Vec<Recorded> {
        self.events.iter().map(Row::recorded).collect()
    }

    fn saved(&self) -> StoredSnapshot {
        let state = self.state.get().to_owned();
        let position = serde_json::from_str::<Value>(&state).unwrap()["position"].as_u64().unwrap();
        StoredSnapshot { version: self.version, position, state }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/written")
}

/// All kept states, sorted by version.
fn saved_states() -> Vec<SavedState> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    let mut states: Vec<SavedState> = files.map(|text| serde_json::from_str(&text).unwrap()).collect();
    states.sort_by_key(|written| written.version);
    states
}

/// The state after a start with this log and saved state. The clock stands at the last event: no wait is due.
///
/// Events before `from` are made unreadable, except those of open orders. A start that reads one of them fails.
async fn state_after_start(log: &[Recorded], saved: Option<&StoredSnapshot>, from: u64) -> State {
    let file = SqliteDir::new();
    let (store, mut writer) = file.open().await;
    let (events, receipts, orders, names) = (log.to_vec(), Vec::new(), Vec::new(), Vec::new());
    let shop_batch = ShopBatch {
        shop: shop("demo"),
        epoch: "e".to_owned(),
        after: 0,
        after_id: None,
        events,
        receipts,
        orders,
        names,
    };
    writer.append(&[shop_batch]).await.unwrap();
    if let Some(saved) = saved {
        writer.save_snapshot(&shop("demo"), SHOP_SNAPSHOT, saved).await.unwrap();
    }
    for recorded in log.iter().filter(|recorded| recorded.position < from && !is_open(log, recorded)) {
        let make_unreadable = sqlx::query("update event set kind = 'Later.ThingHappened' where position = ?");
        make_unreadable.bind(i64::try_from(recorded.position).unwrap()).execute(store.pool()).await.unwrap();
    }
    let clock = Arc::new(ManualClock::new(log.last().unwrap().at));
    let engine =
        Engine::start(Arc::new(store.clone()), clock, Arc::new(KeyFolder::open(&file.0).unwrap())).await.unwrap();
    let state = engine.read_model(&shop("demo")).unwrap().read().state.clone();
    engine.stop().await;
    state
}

/// Returns whether the event belongs to an order that is open at the end of the log.
fn is_open(log: &[Recorded], recorded: &Recorded) -> bool {
    let is_end = |other: &&Recorded| matches!(other.event, Event::OrderFinished(_));
    let order = recorded.event.order();
    order.is_some() && !log.iter().filter(is_end).any(|end| end.event.order() == order)
}

#[tokio::test]
async fn saved_states_equal_the_fold_of_their_logs() {
    let states = saved_states();
    assert!(!states.is_empty(), "no saved state found");
    for written in states {
        let version = written.version;
        assert!(
            [STATE_VERSION - 1, STATE_VERSION].contains(&version),
            "version {version} is no longer supported: delete its file"
        );
        let (saved, log) = (written.saved(), written.log());
        let read = State::read(saved.version, &saved.state);
        assert_eq!(read.map(|read| read.position), Some(saved.position), "version {version} cannot be read");
        // A start reads the open orders again: what an earlier version did not save of them comes from the log.
        let started = state_after_start(&log, Some(&saved), saved.position + 1).await;
        assert_eq!(started, state_after_start(&log, None, 0).await, "version {version}");
    }
}

#[tokio::test]
async fn a_start_from_a_snapshot_reads_only_later_events_and_open_orders() {
    for written in saved_states() {
        let (saved, log) = (written.saved(), written.log());
        let resumed = state_after_start(&log, Some(&saved), saved.position + 1).await;
        let version = written.version;
        assert_eq!(resumed, state_after_start(&log, None, 0).await, "version {version}");
        // Later events are read and applied on top.
        let mut longer = log.clone();
        let last = longer.last().unwrap().clone();
        let position = last.position + 1;
        longer.push(Recorded {
            id: EventId(Uuid::now_v7()),
            position,
            channel: None,
            event: StoreClosed { held: false }.into(),
            ..last
        });
        let resumed = state_after_start(&longer, Some(&saved), position).await;
        assert_eq!((resumed.position, resumed.display.open), (position, false));
        assert_eq!(resumed, state_after_start(&longer, None, 0).await, "version {version}");
    }
}

#[tokio::test]
async fn an_unreadable_state_is_rebuilt_from_the_log() {
    let written = saved_states().pop().unwrap();
    let (saved, log) = (written.saved(), written.log());
    let folded = state_after_start(&log, None, 0).await;
    let garbled = StoredSnapshot { state: saved.state.replacen("display", "diorama", 1), ..saved.clone() };
    let versions = [STATE_VERSION + 1, STATE_VERSION - 2].map(|version| StoredSnapshot { version, ..saved.clone() });
    for unreadable in versions.into_iter().chain([garbled]) {
        assert_eq!(state_after_start(&log, Some(&unreadable), 0).await, folded, "version {}", unreadable.version);
    }
}

/// Writes the state for the next version: `CREMA_WRITE=1 cargo test -p server --test store written`.
#[tokio::test]
async fn the_state_fixture_is_written_on_request() {
    if std::env::var_os("CREMA_WRITE").is_none() {
        return;
    }
    let newest = saved_states().pop().unwrap();
    let state = serde_json::value::to_raw_value(&state_after_start(&newest.log(), None, 0).await).unwrap();
    let text = serde_json::to_string(&SavedState { version: STATE_VERSION, state, events: newest.events }).unwrap();
    fs::write(folder().join(format!("{STATE_VERSION}.json")), text).unwrap();
}
