//! A database that may not grow.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use domain::event::{Recorded, StoreOpened};
use domain::ids::EventId;
use domain::time::Instant;
use engine::store::{Error, Outcome, ShopBatch, Store};
use uuid::Uuid;

use super::Sqlite;

fn batch(after: u64, events: u64) -> ShopBatch {
    let event = |position| {
        let id = EventId(Uuid::now_v7());
        let event = StoreOpened { held: false }.into();
        Recorded { id, position, at: Instant(0), correlation: id, causation: None, actor: None, channel: None, event }
    };
    ShopBatch {
        shop: "demo".parse().unwrap(),
        epoch: "e".to_owned(),
        after,
        after_id: None,
        events: (after + 1..=after + events).map(event).collect(),
        receipts: Vec::new(),
        orders: Vec::new(),
        names: Vec::new(),
    }
}

#[tokio::test]
async fn an_append_to_a_full_database_writes_nothing_and_the_next_one_succeeds_when_there_is_room() {
    let folder = std::env::temp_dir().join(format!("crema-full-{}", Uuid::now_v7()));
    std::fs::create_dir(&folder).unwrap();
    let store = Sqlite::open(&folder.join("crema.db")).await.unwrap();
    let mut writer = store.writer().await.unwrap();
    assert_eq!(writer.append(&[batch(0, 1)]).await.unwrap(), [Outcome::Committed]);
    for size in [1, 500] {
        // The limit is one of this connection; the next append has another.
        sqlx::query("pragma max_page_count = 1").execute(&mut writer.db).await.unwrap();
        let full = loop {
            let after = store.heads().await.unwrap()[0].position;
            match writer.append(&[batch(after, size)]).await {
                // The last page has room for a few events.
                Ok(outcomes) => assert_eq!(outcomes, [Outcome::Committed]),
                Err(error) => break error,
            }
        };
        assert!(matches!(full, Error::Unavailable(_)), "{full:?}");
        let head = store.heads().await.unwrap()[0].position;
        let log = store.events_after(&"demo".parse().unwrap(), 0, 10_000).await.unwrap();
        assert!(log.iter().map(|recorded| recorded.position).eq(1..=head));
        assert_eq!(writer.append(&[batch(head, size)]).await.unwrap(), [Outcome::Committed]);
    }
    std::fs::remove_dir_all(folder).unwrap();
}
