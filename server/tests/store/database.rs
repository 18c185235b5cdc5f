//! Behaviour of PostgreSQL alone: connection settings, errors when it cannot be opened, and lock waits.

use std::time::Duration;

use engine::store::{Error, Outcome, Store};
use sqlx::{Connection, PgConnection, Row};
use store::StoreUrl;
use store::postgres::{Postgres, PostgresOpenError};

use super::cluster::Cluster;
use super::{cluster, database_url, positions, postgres, recorded, shop, shop_batch};

/// Expects that opening this URL fails and returns the error.
async fn open_error(url: StoreUrl) -> PostgresOpenError {
    Postgres::open(&url).await.unwrap_err()
}

fn replace_in_url(url: &StoreUrl, from: &str, to: &str) -> StoreUrl {
    assert!(url.reveal().contains(from));
    url.reveal().replace(from, to).into()
}

async fn setting(store: &Postgres, name: &'static str) -> String {
    sqlx::query_scalar("select current_setting($1)").bind(name).fetch_one(store.pool()).await.unwrap()
}

#[tokio::test]
async fn postgres_commits_are_durable_despite_server_defaults() {
    let Some(url) = database_url().await else { return };
    let name = url.reveal().split(['/', '?']).find(|part| part.starts_with("crema_")).unwrap();
    for default in ["synchronous_commit = off", "default_transaction_isolation = 'serializable'"] {
        cluster().unwrap().execute_sql(&format!("alter database {name} set {default}")).await;
    }
    let store = Postgres::open(&url).await.unwrap();
    assert_eq!(setting(&store, "synchronous_commit").await, "on");
    assert_eq!(setting(&store, "default_transaction_isolation").await, "read committed");
    assert_eq!(setting(&store, "fsync").await, "on");
    for bound in ["lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"] {
        assert_ne!(setting(&store, bound).await, "0", "{bound}");
    }
}

#[tokio::test]
async fn open_errors_name_the_database_and_the_remedy_without_the_password() {
    let Some(cluster) = cluster() else { return };
    cluster.execute_sql("create role poor login password 'secret'").await;
    let url = cluster.database().await;
    let unprivileged_url = replace_in_url(&url, "postgres@", "poor:secret@");
    let empty = format!("empty_{}", uuid::Uuid::now_v7().simple());
    cluster.execute_sql(&format!("create database {empty} template template0")).await;
    cluster
        .execute_sql(&format!("create database latin_{empty} template template0 encoding 'LATIN1' locale 'C'"))
        .await;
    cluster.execute_sql("create role locked login password 'right'").await;
    let nowhere = "postgres://poor:secret@127.0.0.1:1/crema";
    let expected: [(PostgresOpenError, &[&str]); 8] = [
        (open_error(nowhere.into()).await, &["database crema at 127.0.0.1:1 cannot be reached"]),
        (
            open_error(replace_in_url(&url, "localhost/crema_", "localhost/none_")).await,
            &["there is no database none_", "createdb -O"],
        ),
        (
            open_error(replace_in_url(&cluster.url(&empty), "postgres@", "poor:secret@")).await,
            &["poor may not create tables", "owner to"],
        ),
        (open_error(cluster.url(&format!("latin_{empty}"))).await, &["LATIN1", "createdb -E UTF8"]),
        (open_error(replace_in_url(&url, "postgres@", "nobody:secret@")).await, &["rejects user nobody"]),
        (open_error(replace_in_url(&url, "postgres@", "locked:secret@")).await, &["refuses the password of locked"]),
        (
            open_error(format!("{}&sslmode=require", unprivileged_url.reveal()).into()).await,
            &["TLS", "private network"],
        ),
        (open_error("postgres://poor:secret@[/crema".into()).await, &["postgres://USER@HOST/DATABASE"]),
    ];
    for (error, words) in expected {
        let text = error.to_string();
        for word in words {
            assert!(text.contains(word), "{text}");
        }
        assert!(!format!("{text} {error:?}").contains("secret"), "{error:?}");
    }
}

#[tokio::test]
async fn a_postgres_server_without_fsync_is_refused() {
    let Some(cluster) = Cluster::find() else { return };
    let url = cluster.database().await;
    for statement in ["alter system set fsync = off", "select pg_reload_conf()"] {
        cluster.execute_sql(statement).await;
    }
    let refused = async { while !matches!(Postgres::open(&url).await, Err(PostgresOpenError::NotDurable(_))) {} };
    tokio::time::timeout(Duration::from_secs(10), refused).await.expect("a server without fsync was accepted");
}

#[tokio::test]
async fn a_schema_of_a_later_version_is_refused() {
    let Some(url) = database_url().await else { return };
    let store = Postgres::open(&url).await.unwrap();
    let later = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
                 values (9999, 'later', true, '\\x00', 0)";
    sqlx::query(later).execute(store.pool()).await.unwrap();
    let error = open_error(url).await;
    assert!(matches!(&error, PostgresOpenError::NewerSchema(..)), "{error}");
}

#[tokio::test]
async fn debug_output_names_the_database_without_the_password() {
    let Some(url) = database_url().await else { return };
    let url = replace_in_url(&url, "postgres@", "postgres:secret@");
    let store = Postgres::open(&url).await.unwrap();
    let shown = format!("{store:?} {:?} {url:?}", store.writer().await.unwrap());
    assert!(shown.contains("Postgres(database crema_") && !shown.contains("secret"), "{shown}");
}

/// The isolation level `read committed` relies on this.
#[tokio::test]
async fn a_second_append_waits_for_the_head_and_sees_the_first() {
    let Some(url) = database_url().await else { return };
    let store = Postgres::open(&url).await.unwrap();
    let mut writer = store.writer().await.unwrap();
    writer.append(&[shop_batch("east", 0, 1)]).await.unwrap();
    for commits in [true, false] {
        let after = positions(&store, "east").await.len() as u64;
        let mut first = PgConnection::connect(url.reveal()).await.unwrap();
        let mut tx = first.begin().await.unwrap();
        sqlx::query("update head set position = position + 1 where shop = 'east'").execute(&mut *tx).await.unwrap();
        let batch = [shop_batch("east", after, 1), shop_batch("west", 0, 1)];
        let mut second = store.writer().await.unwrap();
        let waiting = tokio::spawn(async move { second.append(&batch).await.unwrap() });
        wait_for_lock_wait(&store).await;
        assert!(!waiting.is_finished());
        if commits {
            sqlx::query(
                "insert into event select shop, position + 1, id, kind, dataversion, subject, at, correlation, \
                         causation, actor, channel, data from event where shop = 'east'",
            )
            .execute(&mut *tx)
            .await
            .unwrap();
            tx.commit().await.unwrap();
            assert_eq!(waiting.await.unwrap(), [Outcome::Conflict, Outcome::Committed]);
        } else {
            tx.rollback().await.unwrap();
            assert_eq!(waiting.await.unwrap(), [Outcome::Committed, Outcome::Conflict]);
        }
    }
    assert_eq!(positions(&store, "east").await, [1, 2, 3]);
}

#[tokio::test]
async fn a_head_lock_blocks_other_writers_of_its_shop_only() {
    let Some(store) = postgres().await else { return };
    let mut writer = store.writer().await.unwrap();
    writer.append(&[shop_batch("east", 0, 1), shop_batch("west", 0, 1)]).await.unwrap();
    assert!(store.lock_head(&shop("south")).await.unwrap().is_none());
    let lock = store.lock_head(&shop("east")).await.unwrap().unwrap();
    let mut other = store.writer().await.unwrap();
    let late = tokio::spawn(async move { other.append(&[shop_batch("east", 1, 1)]).await.unwrap() });
    wait_for_lock_wait(&store).await;
    assert_eq!(writer.append(&[shop_batch("west", 1, 1)]).await.unwrap(), [Outcome::Committed]);
    assert_eq!(lock.append(&shop_batch("east", 1, 2)).await.unwrap(), Outcome::Committed);
    assert_eq!(late.await.unwrap(), [Outcome::Conflict]);
    // Dropping the lock without an append releases it.
    drop(store.lock_head(&shop("east")).await.unwrap().unwrap());
    assert_eq!(writer.append(&[shop_batch("east", 3, 1)]).await.unwrap(), [Outcome::Committed]);
}

async fn wait_for_lock_wait(store: &Postgres) {
    let text = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    let waiting = async {
        while sqlx::query_scalar::<_, i64>(text).fetch_one(store.pool()).await.unwrap() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(4), waiting).await.expect("no session waits for the lock");
}

#[tokio::test]
async fn appends_fail_during_an_outage_and_succeed_after_it() {
    let Some(cluster) = Cluster::find() else { return };
    let store = Postgres::open(&cluster.database().await).await.unwrap();
    let mut writer = store.writer().await.unwrap();
    writer.append(&[shop_batch("east", 0, 1)]).await.unwrap();
    cluster.kill();
    for _ in 0..2 {
        let error = writer.append(&[shop_batch("east", 1, 1)]).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
        assert!(store.lock_head(&shop("east")).await.is_err());
    }
    cluster.start();
    assert_eq!(writer.append(&[shop_batch("east", 1, 1)]).await.unwrap(), [Outcome::Committed]);
    assert_eq!(positions(&store, "east").await, [1, 2]);
}

#[tokio::test]
async fn appends_are_announced_to_other_nodes() {
    let Some(url) = database_url().await else { return };
    let (here, there) = (Postgres::open(&url).await.unwrap(), Postgres::open(&url).await.unwrap());
    let mut writer = there.writer().await.unwrap();
    writer.append(&[shop_batch("east", 0, 2)]).await.unwrap();
    // A new subscriber receives the positions of all logs, then every further step.
    let mut hints = here.hints().unwrap();
    for position in [2, 5] {
        if position == 5 {
            writer.append(&[shop_batch("east", 2, 3)]).await.unwrap();
        }
        let receiving = async { while hints.recv().await != Some((shop("east"), position)) {} };
        tokio::time::timeout(Duration::from_secs(4), receiving).await.expect("no notification arrived");
    }
}

#[tokio::test]
async fn a_lost_notification_connection_falls_back_to_polling() {
    let Some(store) = postgres().await else { return };
    let mut writer = store.writer().await.unwrap();
    writer.append(&[shop_batch("east", 0, 1)]).await.unwrap();
    let mut hints = store.hints().unwrap();
    assert_eq!(hints.recv().await, Some((shop("east"), 1)));
    let disconnect = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
                where datname = current_database() and query ilike 'listen %'";
    assert_eq!(sqlx::query_scalar::<_, i64>(disconnect).fetch_one(store.pool()).await.unwrap(), 1);
    writer.append(&[shop_batch("east", 1, 1)]).await.unwrap();
    let receiving = async { while hints.recv().await != Some((shop("east"), 2)) {} };
    tokio::time::timeout(Duration::from_secs(10), receiving).await.expect("the new position was never polled");
}

#[tokio::test]
async fn queries_use_an_index() {
    let Some(store) = postgres().await else { return };
    let mut writer = store.writer().await.unwrap();
    let mut long = shop_batch("east", 0, 0);
    long.events = (1..=5000)
        .map(|n| recorded(n, domain::event::WorkflowStarted { order: super::order(n.into()), due: None }))
        .collect();
    long.orders = (1..=5000)
        .map(|n| super::OrderRow {
            ended: Some(super::Day(i32::try_from(n / 100).unwrap())),
            ..super::row(n.into(), n, true)
        })
        .collect();
    long.receipts = (0..5000).map(|n| super::receipt(&format!("key-{n}"), n)).collect();
    writer.append(&[long]).await.unwrap();
    sqlx::raw_sql("analyze").execute(store.pool()).await.unwrap();
    let mut db = store.pool().acquire().await.unwrap();
    let plans = [
        ("select * from event where shop = 'east' and position > 4000 order by position limit 10", "event_pkey"),
        (
            "select * from event where shop = 'east' and subject = '00000000-0000-0000-0000-000000000007' order by position",
            "event_of_subject",
        ),
        (
            "select id, position from orders where shop = 'east' and guest = '00000000-0000-0000-0000-000000000007' and position < 4000 order by position desc limit 4",
            "orders_of_guest",
        ),
        (
            "select id, position from ended where shop = 'east' and day = 7 and position < 4000 order by position desc limit 4",
            "ended_pkey",
        ),
        ("select body, answer, at from receipt where shop = 'east' and key = 'a'", "receipt_pkey"),
    ];
    for (text, index) in plans {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("explain {text}"))).fetch_all(&mut *db).await.unwrap();
        let plan: String = rows.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>().join("\n");
        assert!(plan.contains(index) && !plan.contains("Seq Scan") && !plan.contains("Sort"), "{text}\n{plan}");
    }
}
