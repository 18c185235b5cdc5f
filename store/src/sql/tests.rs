//! The plans of the queries on a long log.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use sqlx::Row as _;
use uuid::Uuid;

use super::{event, orders};
use crate::sqlite::Sqlite;

/// The migration with a backfill, which runs once on a log of any length.
const BACKFILL: &str = include_str!("../../migrations/sqlite/0003_ended.sql");

#[tokio::test]
async fn queries_use_an_index() {
    let folder = std::env::temp_dir().join(format!("crema-plans-{}", Uuid::now_v7()));
    std::fs::create_dir(&folder).unwrap();
    let store = Sqlite::open(&folder.join("crema.db")).await.unwrap();
    let backfill = &BACKFILL[BACKFILL.find("insert into ended").unwrap()..];
    let plans: [(&str, &[&str]); 6] = [
        (event::EVENTS_AFTER, &["SEARCH event USING PRIMARY KEY (shop=? AND position>?)"]),
        (event::COUNT_EVENTS, &["SEARCH event USING PRIMARY KEY (shop=? AND position>? AND position<?)"]),
        (event::EVENTS_OF_ORDER_SQLITE, &["SEARCH event USING INDEX event_of_subject (shop=? AND subject=?)"]),
        (
            orders::ORDERS_OF_GUEST,
            &["SEARCH orders USING COVERING INDEX orders_of_guest (shop=? AND guest=? AND position<?)"],
        ),
        (orders::ORDERS_ENDED_ON, &["SEARCH ended USING PRIMARY KEY (shop=? AND day=? AND position<?)"]),
        // The head table has one row per shop, so a scan is cheap.
        (backfill, &["SCAN head", "SEARCH event USING PRIMARY KEY (shop=? AND position>?)"]),
    ];
    for (text, plan) in plans {
        let explain = sqlx::query(sqlx::AssertSqlSafe(format!("explain query plan {text}")));
        let rows = explain.fetch_all(store.pool()).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        assert_eq!(steps, plan, "{text}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
