//! Periodic jobs of a running server: expired rows disappear without a restart.

use domain::access::Role;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, query_scalar};

use crate::harness::{TestServer, within_timeout};

const DAY_SECONDS: u64 = 24 * 3_600;

async fn database(server: &TestServer) -> SqliteConnection {
    let file = server.installation.folder.path().join("crema.db");
    SqliteConnectOptions::new().filename(file).read_only(true).connect().await.unwrap()
}

async fn count(database: &mut SqliteConnection, rows: &str) -> i64 {
    query_scalar(AssertSqlSafe(format!("select count(*) from {rows}"))).fetch_one(database).await.unwrap()
}

async fn until_gone(database: &mut SqliteConnection, rows: &str) {
    let gone = async {
        while count(database, rows).await > 0 {
            tokio::task::yield_now().await;
        }
    };
    within_timeout("the rows to be deleted", gone).await;
}

#[tokio::test]
async fn an_expired_session_is_deleted_within_a_minute() {
    let server = TestServer::start().await;
    server.staff(Role::Barista).await;
    let mut database = database(&server).await;
    let sessions = "pass where kind = 'session'";
    server.advance_clock(30 * DAY_SECONDS - 120);
    assert!(count(&mut database, sessions).await > 0, "a session lasts thirty days");
    server.advance_clock(120 + 60);
    until_gone(&mut database, sessions).await;
    server.stop().await;
}

#[tokio::test]
async fn a_receipt_is_deleted_within_a_minute_after_48_hours() {
    let server = TestServer::start().await;
    server.guest().await.order(&server.qr_code().await, "espresso").await;
    let mut database = database(&server).await;
    assert!(count(&mut database, "receipt").await > 0, "a command with an idempotency key has a receipt");
    server.advance_clock(2 * DAY_SECONDS - 60);
    assert!(count(&mut database, "receipt").await > 0, "a receipt is kept for 48 hours");
    server.advance_clock(60 + 61);
    until_gone(&mut database, "receipt").await;
    server.stop().await;
}
