//! Behaviour of the SQLite file alone: durability, recovery after a crash, and files of later versions.

use domain::event::{OrderFinished, Recorded};
use domain::hours::Hours;
use domain::order::Step;
use domain::time::{Day, Instant};
use engine::clock::Calendar;
use engine::store::{Error, Head, OrderQuery, Outcome, SHOP_SNAPSHOT, ShopBatch, Store, StoredSnapshot};
use jiff::tz::TimeZone;
use store::sqlite::{Sqlite, SqliteOpenError};

use super::{NOON, SqliteDir, order, position, positions, recorded, shop, shop_batch};

#[tokio::test]
async fn the_bundled_sqlite_has_the_wal_reset_fix() {
    let file = SqliteDir::new();
    let (store, _) = file.open().await;
    let version: String = sqlx::query_scalar("select sqlite_version()").fetch_one(store.pool()).await.unwrap();
    let number = libsqlite3_sys::SQLITE_VERSION_NUMBER;
    assert!(number >= 3_051_003, "{number}");
    assert_eq!(version, libsqlite3_sys::SQLITE_VERSION.to_str().unwrap());
}

#[tokio::test]
async fn sqlite_commits_are_durable_before_they_are_acknowledged() {
    let file = SqliteDir::new();
    let (store, _) = file.open().await;
    let mode: String = sqlx::query_scalar("pragma journal_mode").fetch_one(store.pool()).await.unwrap();
    let synchronous: i64 = sqlx::query_scalar("pragma synchronous").fetch_one(store.pool()).await.unwrap();
    // 2 is FULL.
    assert_eq!((mode.as_str(), synchronous), ("wal", 2));
}

#[tokio::test]
async fn a_reopened_file_continues_its_log() {
    let file = SqliteDir::new();
    let (store, mut writer) = file.open().await;
    let large_batch = shop_batch("demo", 0, 171);
    writer.append(std::slice::from_ref(&large_batch)).await.unwrap();
    assert_eq!(positions(&store, "demo").await.len(), 171);
    drop(writer);
    store.close().await.unwrap();

    let (store, mut writer) = file.open().await;
    let head = Head { shop: shop("demo"), epoch: "of-demo".to_owned(), position: 171 };
    assert_eq!(store.heads().await.unwrap(), [head]);
    assert_eq!(store.events_after(&shop("demo"), 0, 1000).await.unwrap(), large_batch.events);
    // The epoch is fixed by the first batch; later batches do not change it.
    let later = ShopBatch { epoch: "another".to_owned(), ..shop_batch("demo", 171, 1) };
    assert_eq!(writer.append(&[later]).await.unwrap(), [Outcome::Committed]);
    assert_eq!(store.heads().await.unwrap()[0].epoch, "of-demo");
}

#[tokio::test]
async fn an_event_of_a_later_version_is_an_error() {
    let file = SqliteDir::new();
    let (store, mut writer) = file.open().await;
    writer.append(&[shop_batch("demo", 0, 3)]).await.unwrap();
    sqlx::query("update event set kind = 'Later.ThingHappened' where position = 2")
        .execute(store.pool())
        .await
        .unwrap();
    let error = store.events_after(&shop("demo"), 0, 10).await.unwrap_err();
    assert!(matches!(&error, Error::Corrupt { position: 2, .. }), "{error}");
    assert_eq!(error.to_string(), "event 2 of shop demo cannot be read");
}

#[tokio::test]
async fn a_schema_of_a_later_version_is_refused() {
    let file = SqliteDir::new();
    let (store, _) = file.open().await;
    let later = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
                 values (9999, 'later', true, x'00', 0)";
    sqlx::query(later).execute(store.pool()).await.unwrap();
    store.close().await.unwrap();
    let error = Sqlite::open(&file.0.join("crema.db")).await.unwrap_err();
    assert!(matches!(error, SqliteOpenError::Newer { .. }), "{error}");
}

#[tokio::test]
async fn a_checkpoint_loses_no_events() {
    let file = SqliteDir::new();
    let (store, mut writer) = file.open().await;
    writer.append(&[shop_batch("demo", 0, 500)]).await.unwrap();
    store.checkpoint().await.unwrap();
    writer.append(&[shop_batch("demo", 500, 1)]).await.unwrap();
    assert_eq!(positions(&store, "demo").await.len(), 501);
    drop(writer);
    store.close().await.unwrap();
    assert!(
        !file.0.join("crema.db-wal").exists() || std::fs::metadata(file.0.join("crema.db-wal")).unwrap().len() == 0
    );
}

#[tokio::test]
async fn a_start_checkpoints_the_wal_left_by_a_crash() {
    let file = SqliteDir::new();
    let wal = file.0.join("crema.db-wal");
    let length = || std::fs::metadata(&wal).unwrap().len();
    let (_crashed, mut writer) = file.open().await;
    writer.append(&[shop_batch("demo", 0, 500)]).await.unwrap();
    let left = length();
    let (store, mut writer) = file.open().await;
    assert_eq!(length(), 0);
    writer.append(&[shop_batch("demo", 500, 100)]).await.unwrap();
    assert!(length() < left);
    assert_eq!(positions(&store, "demo").await.len(), 600);
}

#[tokio::test]
async fn snapshots_from_before_extension_snapshots_belong_to_the_shop() {
    let file = SqliteDir::new();
    let (store, mut writer) = file.open().await;
    let saved = StoredSnapshot { version: 3, position: 7, state: "{}".to_owned() };
    writer.save_snapshot(&shop("demo"), SHOP_SNAPSHOT, &saved).await.unwrap();
    // Restores the schema of the previous version.
    let before = "create table before (shop text primary key, version integer not null, position integer not null, \
                  state text not null) strict, without rowid; \
                  insert into before select shop, version, position, state from snapshot; \
                  drop table snapshot; alter table before rename to snapshot; \
                  alter table head drop column key_fingerprint; delete from _sqlx_migrations where version >= 4";
    sqlx::raw_sql(before).execute(store.pool()).await.unwrap();
    drop(writer);
    store.close().await.unwrap();

    let (store, _) = file.open().await;
    assert_eq!(store.load_snapshot(&shop("demo"), SHOP_SNAPSHOT).await.unwrap(), Some(saved));
}

#[tokio::test]
async fn the_upgrade_lists_orders_that_ended_before_it() {
    const HOUR: i64 = 3_600_000;
    let file = SqliteDir::new();
    let (store, mut writer) = file.open().await;
    // One order ends in every hour of two days, and one ended before them.
    let hours: Vec<Instant> = (0..48).map(|hour| Instant(NOON.0 + hour * HOUR)).collect();
    let mut log = shop_batch("demo", 0, 50_000);
    let end =
        |n, at| Recorded { at, ..recorded(n, OrderFinished { order: order(n.into()), outcome: Step::Collected }) };
    log.events[0] = end(1, NOON);
    for (n, at) in (49_001..).zip(&hours) {
        log.events[usize::try_from(n - 1).unwrap()] = end(n, *at);
    }
    log.events.push(end(50_001, hours[0]));
    writer.append(&[log]).await.unwrap();
    // Restores the schema of the previous version.
    for text in [
        "drop table ended",
        "alter table head drop column key_fingerprint",
        "delete from _sqlx_migrations where version >= 3",
    ] {
        sqlx::query(text).execute(store.pool()).await.unwrap();
    }
    drop(writer);
    store.close().await.unwrap();

    let (store, _) = file.open().await;
    let calendar = Calendar::new(&Hours::default(), TimeZone::system());
    let mut found = 0;
    let first = calendar.day(NOON).0;
    for day in (first - 1..first + 4).map(Day) {
        let listed = store.orders(&shop("demo"), OrderQuery::EndedOn(day), None, 1000).await.unwrap();
        for (id, position) in &listed {
            let n = usize::try_from(*position).unwrap();
            let at = if n == 50_001 { hours[0] } else { hours[n - 49_001] };
            assert_eq!((*id, day), (order(u128::from(*position)), calendar.day(at)), "{at}");
        }
        found += listed.len();
    }
    assert_eq!(found, 49);
}

/// The length of the write-ahead log, in bytes.
fn wal_bytes(file: &SqliteDir) -> u64 {
    std::fs::metadata(file.0.join("crema.db-wal")).unwrap().len()
}

#[tokio::test]
async fn the_wal_is_bounded_by_its_pages_and_emptied_when_the_bar_is_quiet() {
    const MAX_BYTES: u64 = 48 << 20;
    let file = SqliteDir::new();
    let (store, mut writer) = file.open().await;
    let mut largest = 0;
    for after in 0..6_000 {
        writer.append(&[shop_batch("demo", after, 1)]).await.unwrap();
        largest = largest.max(wal_bytes(&file));
    }
    assert!(largest < MAX_BYTES, "{largest} bytes");
    let emptied = async {
        while wal_bytes(&file) > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), emptied).await.expect("the WAL is emptied");
    assert_eq!(position(&store, "demo").await, 6_000);
}

#[tokio::test]
async fn a_long_reader_delays_no_commit_and_the_wal_shrinks_after_it() {
    let file = SqliteDir::new();
    let (store, mut writer) = file.open().await;
    writer.append(&[shop_batch("demo", 0, 1)]).await.unwrap();
    let mut reader = store.pool().begin().await.unwrap();
    let read = "select position from head";
    assert_eq!(sqlx::query_scalar::<_, i64>(read).fetch_one(&mut *reader).await.unwrap(), 1);
    let mut slowest = std::time::Duration::ZERO;
    // Large batches, so that the log passes every limit while the reader holds its beginning.
    for n in 0..400 {
        let commit = std::time::Instant::now();
        writer.append(&[shop_batch("demo", 1 + n * 1_000, 1_000)]).await.unwrap();
        slowest = slowest.max(commit.elapsed());
    }
    store.checkpoint().await.unwrap();
    assert!(slowest < std::time::Duration::from_secs(5), "{slowest:?}");
    assert_eq!(sqlx::query_scalar::<_, i64>(read).fetch_one(&mut *reader).await.unwrap(), 1);
    assert!(wal_bytes(&file) > 32 << 20, "the reader still needs the log");
    reader.rollback().await.unwrap();
    store.checkpoint().await.unwrap();
    assert_eq!(wal_bytes(&file), 0);
}
