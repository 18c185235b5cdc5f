//! Connections to PostgreSQL: their settings behind a pooler, their number, and their loss.

use engine::store::{Outcome, SHOP_SNAPSHOT, Store, StoredSnapshot};
use store::StoreUrl;
use store::postgres::Postgres;

use super::pooler::{Pooler, Pooling};
use super::{cluster, database_url, positions, shop, shop_batch};

/// Enough connections for one node.
const POOL_SIZE: usize = 20;

async fn set_default(url: &StoreUrl, setting: &str) {
    let name = url.reveal().split(['/', '?']).find(|part| part.starts_with("crema_")).unwrap();
    cluster().unwrap().execute_sql(&format!("alter database {name} set {setting}")).await;
}

/// Expects that opening this URL fails, and returns the text of the error and that of its cause.
async fn open_error(url: &StoreUrl) -> (String, String) {
    let error = Postgres::open(url).await.expect_err("the store was opened");
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    (error.to_string(), cause.unwrap_or_default())
}

#[tokio::test]
async fn every_connection_has_its_settings_behind_a_pooler_that_drops_startup_options() {
    let Some(url) = database_url().await else { return };
    for default in
        ["synchronous_commit = off", "default_transaction_isolation = 'serializable'", "idle_session_timeout = '5s'"]
    {
        set_default(&url, default).await;
    }
    let pooler = Pooler::start(&url, Pooling::Session, POOL_SIZE).await;
    let store = Postgres::open(&pooler).await.unwrap();
    let expected = [
        ("synchronous_commit", "on"),
        ("transaction_isolation", "read committed"),
        ("lock_timeout", "5s"),
        ("statement_timeout", "10s"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("idle_session_timeout", "0"),
    ];
    for (name, value) in expected {
        let found: String =
            sqlx::query_scalar("select current_setting($1)").bind(name).fetch_one(store.pool()).await.unwrap();
        assert_eq!(found, value, "{name}");
    }
}

#[tokio::test]
async fn a_database_that_is_read_only_by_default_is_written() {
    let Some(url) = database_url().await else { return };
    set_default(&url, "default_transaction_read_only = on").await;
    let store = Postgres::open(&url).await.unwrap();
    let mut writer = store.writer().await.unwrap();
    assert_eq!(writer.append(&[shop_batch("east", 0, 1)]).await.unwrap(), [Outcome::Committed]);
    let lock = store.lock_head(&shop("east")).await.unwrap().unwrap();
    assert_eq!(lock.append(&shop_batch("east", 1, 1)).await.unwrap(), Outcome::Committed);
}

#[tokio::test]
async fn a_pooler_that_shares_connections_between_transactions_is_refused_by_name() {
    let Some(url) = database_url().await else { return };
    set_default(&url, "synchronous_commit = off").await;
    let (shared, _) = open_error(&Pooler::start(&url, Pooling::TransactionStack, POOL_SIZE).await).await;
    assert!(shared.contains("shares connections between transactions"), "{shared}");
    let (statements, _) = open_error(&Pooler::start(&url, Pooling::Statement, POOL_SIZE).await).await;
    assert_eq!(statements.split_once("is behind").unwrap().1, shared.split_once("is behind").unwrap().1);
    let (ignored, cause) = open_error(&Pooler::start(&url, Pooling::TransactionQueue, POOL_SIZE).await).await;
    assert!(cause.contains("`synchronous_commit` is off instead of on"), "{ignored}: {cause}");
    for text in [shared, ignored] {
        assert!(text.contains("pooler") && text.contains("session pooling"), "{text}");
    }
}

#[tokio::test]
async fn a_refused_connection_names_the_database_and_the_cause() {
    let Some(url) = database_url().await else { return };
    let name = url.reveal().split(['/', '?']).find(|part| part.starts_with("crema_")).unwrap();
    cluster().unwrap().execute_sql(&format!("alter database {name} allow_connections false")).await;
    let (text, cause) = open_error(&url).await;
    assert!(text.contains(&format!("database {name} at")) && text.contains("refuses the connection"), "{text}");
    assert!(cause.contains("not currently accepting connections"), "{cause}");
}

#[tokio::test]
async fn a_server_or_a_pooler_with_too_few_connections_is_refused_by_name() {
    let Some(url) = database_url().await else { return };
    cluster().unwrap().execute_sql("create role few login password 'secret' connection limit 3").await;
    let limited = url.reveal().replace("postgres@", "few:secret@").into();
    for url in [limited, Pooler::start(&url, Pooling::Session, 3).await] {
        let (text, _) = open_error(&url).await;
        assert!(text.contains("7 connections") && text.contains("raise max_connections"), "{text}");
    }
}

#[tokio::test]
async fn a_connection_that_the_server_closed_while_idle_is_replaced_before_the_next_call() {
    let Some(url) = database_url().await else { return };
    let store = Postgres::open(&url).await.unwrap();
    let mut writer = store.writer().await.unwrap();
    let name = url.reveal().split(['/', '?']).find(|part| part.starts_with("crema_")).unwrap();
    let close =
        format!("select count(pg_terminate_backend(pid, 10000)) from pg_stat_activity where datname = '{name}'");
    let snapshot = StoredSnapshot { version: 1, position: 1, state: "{}".to_owned() };
    for after in 0..3 {
        cluster().unwrap().execute_sql(&close).await;
        assert_eq!(writer.append(&[shop_batch("east", after, 1)]).await.unwrap(), [Outcome::Committed]);
        cluster().unwrap().execute_sql(&close).await;
        writer.save_snapshot(&shop("east"), SHOP_SNAPSHOT, &snapshot).await.unwrap();
        cluster().unwrap().execute_sql(&close).await;
        writer.maintain(0).await.unwrap();
        assert_eq!(positions(&store, "east").await.len() as u64, after + 1);
    }
}
