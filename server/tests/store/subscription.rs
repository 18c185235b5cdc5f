//! Subscriptions over SQLite and PostgreSQL: a consumer that was stopped and lags far behind gets every position once.

use std::sync::Arc;

use domain::access::{Actor, Role};
use domain::command::{Command, StoreCommand};
use domain::ids::StaffId;
use engine::clock::ManualClock;
use engine::store::Store;
use engine::subscription::{Origin, Subscription};
use engine::{CommandRequest, Engine};
use server::identity::keys::KeyFolder;
use uuid::Uuid;

use super::{NOON, SqliteDir, postgres, shop, shop_batch};

/// Events that the consumer misses while it is stopped.
const MISSED: u64 = 100_000;

async fn append(store: &dyn Store, after: u64, count: u64) {
    let mut writer = store.writer().await.unwrap();
    for after in (after..after + count).step_by(5_000) {
        writer.append(&[shop_batch("demo", after, 5_000)]).await.unwrap();
    }
}

async fn start(store: &Arc<dyn Store>, keys: &Arc<KeyFolder>) -> Arc<Engine> {
    let clock = Arc::new(ManualClock::new(NOON));
    Arc::new(Engine::start(Arc::clone(store), clock, keys.clone()).await.unwrap())
}

async fn subscribe(engine: &Arc<Engine>, name: &str) -> Subscription {
    let model = engine.read_model(&shop("demo")).unwrap();
    let bookmark = Subscription::bookmark(engine, &model, name).await.unwrap();
    Subscription::open(engine, &model, name, Origin::After(bookmark.map_or(0, |bookmark| bookmark.position)))
}

/// Closes or opens the shop: one more event.
async fn switch(engine: &Engine, open: bool) {
    let command = if open { StoreCommand::Open { hold: true } } else { StoreCommand::Close { hold: true } };
    let who = Actor::Credential(StaffId(Uuid::from_u128(6)), Role::Manager);
    let request = CommandRequest { actor: who, command: Command::from(command), idempotency_key: None, name: None };
    engine.execute(&shop("demo"), request).await.unwrap().unwrap();
}

/// Takes batches until `last` and returns all positions.
async fn positions(subscription: &mut Subscription, last: u64) -> Vec<u64> {
    let mut positions = Vec::new();
    while subscription.position() < last {
        let batch = subscription.next().await.unwrap();
        positions.extend(batch.iter().map(|delivered| delivered.recorded().position));
    }
    positions
}

#[tokio::test]
async fn a_stopped_consumer_catches_up_without_a_gap_or_a_duplicate() {
    let folder = SqliteDir::new();
    let postgres = postgres().await.map(|store| Arc::new(store) as Arc<dyn Store>);
    let sqlite: Arc<dyn Store> = Arc::new(folder.open().await.0);
    for store in [Some(sqlite), postgres].into_iter().flatten() {
        let folder = SqliteDir::new();
        let keys = Arc::new(KeyFolder::open(&folder.0).unwrap());
        let name = format!("webhook/{}", Uuid::now_v7());
        append(&*store, 0, 5_000).await;
        let engine = start(&store, &keys).await;
        let mut consumer = subscribe(&engine, &name).await;
        assert!(positions(&mut consumer, 5_000).await.into_iter().eq(1..=5_000));
        consumer.save(1, String::new()).await;
        switch(&engine, false).await;
        assert_eq!(positions(&mut consumer, 5_001).await, [5_001], "live, and not saved");
        drop(consumer);
        engine.stop().await;

        append(&*store, 5_001, MISSED).await;
        let engine = start(&store, &keys).await;
        let mut consumer = subscribe(&engine, &name).await;
        assert!(!consumer.is_caught_up());
        let mut seen = positions(&mut consumer, 50_000).await;
        // The live buffer overflows while the consumer is still behind.
        for n in 0..600 {
            switch(&engine, n % 2 == 1).await;
        }
        seen.extend(positions(&mut consumer, 5_001 + MISSED + 600).await);
        assert!(consumer.is_caught_up());
        assert!(seen.into_iter().eq(5_001..=5_001 + MISSED + 600), "every position once, in order");
        engine.stop().await;
    }
}

#[tokio::test]
async fn a_bookmark_beyond_the_end_of_the_log_is_ignored() {
    let folder = SqliteDir::new();
    let store: Arc<dyn Store> = Arc::new(folder.open().await.0);
    let keys = Arc::new(KeyFolder::open(&folder.0).unwrap());
    append(&*store, 0, 5_000).await;
    let engine = start(&store, &keys).await;
    let mut consumer = subscribe(&engine, "consumer").await;
    positions(&mut consumer, 5_000).await;
    consumer.save(1, String::new()).await;
    engine.stop().await;
    let shorter = SqliteDir::new();
    let shorter: Arc<dyn Store> = Arc::new(shorter.open().await.0);
    append(&*shorter, 0, 5_000).await;
    let bookmark = store.load_snapshot(&shop("demo"), "consumer").await.unwrap().unwrap();
    let beyond = engine::store::StoredSnapshot { position: 6_000, ..bookmark };
    shorter.writer().await.unwrap().save_snapshot(&shop("demo"), "consumer", &beyond).await.unwrap();
    let engine = start(&shorter, &keys).await;
    let model = engine.read_model(&shop("demo")).unwrap();
    assert!(Subscription::bookmark(&engine, &model, "consumer").await.unwrap().is_none());
    engine.stop().await;
}
