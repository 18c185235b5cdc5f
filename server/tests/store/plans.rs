//! On a long log PostgreSQL answers every query of a reader from an index.

use domain::ids::GuestId;
use domain::time::Day;
use engine::store::{OrderQuery, Store};
use sqlx::{Connection, PgConnection, Row};
use store::Postgres;
use uuid::Uuid;

use super::cluster::Cluster;
use super::{order, shop};

/// Events, orders and ended orders of the log.
const ROWS: u32 = 50_000;

/// Fills the tables without the engine. The guest and the day of row `n` are `n % 1000`.
const FILL: [&str; 4] = [
    "insert into event select 'demo', n, lpad(n::text, 32, '0')::uuid, 'ConfigService.StoreOpened', '1', \
     lpad((n % 10000)::text, 32, '0')::uuid, 1795257600000 + n, lpad(n::text, 32, '0')::uuid, null, 'house', null, \
     '{\"held\":false}' from generate_series(1, 50000) n",
    "insert into orders select 'demo', lpad(n::text, 32, '0')::uuid, lpad((n % 1000)::text, 32, '0')::uuid, n, \
     'collected', n from generate_series(1, 50000) n",
    "insert into ended select 'demo', n % 1000, n, lpad(n::text, 32, '0')::uuid from generate_series(1, 50000) n",
    "vacuum analyze",
];

/// Sequential scans and index scans of the tables so far.
async fn scans(db: &mut PgConnection) -> (i64, i64) {
    let counts = "select sum(seq_scan)::bigint, sum(idx_scan)::bigint from pg_stat_user_tables \
                  where relname in ('event', 'orders', 'ended')";
    let row = sqlx::query(counts).fetch_one(db).await.unwrap();
    (row.get(0), row.get(1))
}

#[tokio::test]
async fn queries_use_an_index_on_postgresql() {
    let Some(cluster) = Cluster::find() else { return };
    let url = cluster.database().await;
    let mut db = PgConnection::connect(url.reveal()).await.unwrap();
    for statement in FILL {
        sqlx::query(statement).execute(&mut db).await.unwrap();
    }
    // The counts of a connection are complete once it has ended.
    db.close().await.unwrap();
    let mut db = PgConnection::connect(url.reveal()).await.unwrap();
    let before = scans(&mut db).await;

    let store = Postgres::open(&url).await.unwrap();
    let (demo, guest) = (shop("demo"), GuestId(Uuid::from_u128(0x7)));
    assert_eq!(store.events_after(&demo, u64::from(ROWS) - 20, 100).await.unwrap().len(), 20);
    assert_eq!(store.events_of_order(&demo, order(0x7)).await.unwrap().len(), 5);
    let of_guest = store.orders(&demo, OrderQuery::OfGuest(guest), None, 20).await.unwrap();
    let of_day = store.orders(&demo, OrderQuery::EndedOn(Day(7)), Some(40_000), 20).await.unwrap();
    assert_eq!((of_guest.len(), of_day.len()), (20, 20));
    store.close().await;

    let counted = async {
        loop {
            let now = scans(&mut db).await;
            if now.1 >= before.1 + 4 {
                return now;
            }
            tokio::task::yield_now().await;
        }
    };
    let after = tokio::time::timeout(std::time::Duration::from_secs(10), counted).await.expect("four index scans");
    assert_eq!(after.0, before.0, "a query has scanned a whole table");
}
