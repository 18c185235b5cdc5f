//! Reads at startup, and the conditions under which a snapshot is saved.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::access::Actor;
use domain::event::{Recorded, StoreOpened};
use domain::ids::{EventId, ShopId};
use domain::time::Instant;
use engine::Engine;
use engine::clock::ManualClock;
use engine::store::{SHOP_SNAPSHOT, ShopBatch, Store, StoredSnapshot};
use server::identity::keys::KeyFolder;
use store::Sqlite;
use uuid::Uuid;

const NOON: Instant = Instant(1_795_257_600_000);

/// The data folder of an installation that is never stopped gracefully.
struct DataDir(PathBuf);

impl DataDir {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("crema-start-{}", Uuid::now_v7()));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    async fn store(&self) -> Sqlite {
        Sqlite::open(&self.0.join("crema.db")).await.unwrap()
    }

    /// Appends `count` events as a process that was killed afterwards.
    async fn append_events(&self, after: u64, count: u64) {
        let events = (after + 1..=after + count).map(recorded).collect();
        let (receipts, orders, names) = (Vec::new(), Vec::new(), Vec::new());
        let batch = ShopBatch {
            shop: demo(),
            epoch: "of-demo".to_owned(),
            after,
            after_id: None,
            events,
            receipts,
            orders,
            names,
        };
        self.store().await.writer().await.unwrap().append(&[batch]).await.unwrap();
    }

    /// Starts an engine; returns it with its position.
    async fn start(&self) -> (Engine, u64) {
        let keys = Arc::new(KeyFolder::open(&self.0).unwrap());
        let engine = Engine::start(Arc::new(self.store().await), Arc::new(ManualClock::new(NOON)), keys).await.unwrap();
        let position = engine.read_model(&demo()).unwrap().read().state.position;
        (engine, position)
    }

    /// The position of the saved snapshot.
    async fn saved_position(&self) -> Option<u64> {
        self.store().await.load_snapshot(&demo(), SHOP_SNAPSHOT).await.unwrap().map(|saved| saved.position)
    }

    /// Waits until a running engine has saved the snapshot of this position.
    async fn wait_until_saved(&self, position: u64) {
        let store = self.store().await;
        let polling = async {
            while store.load_snapshot(&demo(), SHOP_SNAPSHOT).await.unwrap().map(|saved| saved.position)
                != Some(position)
            {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), polling).await.expect("timed out waiting for the snapshot");
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn demo() -> ShopId {
    "demo".parse().unwrap()
}

fn recorded(position: u64) -> Recorded {
    let id = EventId(Uuid::now_v7());
    let event = StoreOpened { held: false }.into();
    Recorded {
        id,
        position,
        at: NOON,
        correlation: id,
        causation: None,
        actor: Some(Actor::System),
        channel: None,
        event,
    }
}

#[tokio::test]
async fn an_engine_that_is_only_killed_still_saves_snapshots() {
    let folder = DataDir::new();
    folder.append_events(0, 600).await;
    // The engines stay alive until the test ends: a killed process does nothing at its end, and neither do these.
    let (_first, position) = folder.start().await;
    assert_eq!((position, folder.saved_position().await), (600, None));
    folder.append_events(600, 600).await;
    let (_second, position) = folder.start().await;
    assert_eq!(position, 1200);
    folder.wait_until_saved(1200).await;
    folder.append_events(1200, 1).await;
    let (third, position) = folder.start().await;
    assert_eq!((position, folder.saved_position().await), (1201, Some(1200)));
    // A graceful stop saves a snapshot of the last position.
    third.stop().await;
    assert_eq!(folder.saved_position().await, Some(1201));
}

#[tokio::test]
async fn an_unreadable_snapshot_is_replaced() {
    let folder = DataDir::new();
    folder.append_events(0, 1500).await;
    let broken = StoredSnapshot { version: 1, position: 1500, state: "{}".to_owned() };
    folder.store().await.writer().await.unwrap().save_snapshot(&demo(), SHOP_SNAPSHOT, &broken).await.unwrap();
    let (engine, position) = folder.start().await;
    assert_eq!(position, 1500);
    engine.stop().await;
    let saved = folder.store().await.load_snapshot(&demo(), SHOP_SNAPSHOT).await.unwrap().unwrap();
    assert!(saved.position == 1500 && saved.state.len() > 2, "{saved:?}");
}
