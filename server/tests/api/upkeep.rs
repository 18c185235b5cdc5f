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

/// Lets the clock go on in steps of minutes until the rows are gone.
async fn until_gone(server: &TestServer, database: &mut SqliteConnection, rows: &str) {
    let gone = async {
        while count(database, rows).await > 0 {
            server.advance_clock(300);
            tokio::task::yield_now().await;
        }
    };
    within_timeout("the rows to be deleted", gone).await;
}

#[tokio::test]
async fn an_expired_session_is_deleted_when_the_clock_has_been_steady() {
    let server = TestServer::start().await;
    server.staff(Role::Barista).await;
    let mut database = database(&server).await;
    let sessions = "pass where kind = 'session'";
    server.advance_clock(30 * DAY_SECONDS - 120);
    assert!(count(&mut database, sessions).await > 0, "a session lasts thirty days");
    server.advance_clock(120 + 60);
    until_gone(&server, &mut database, sessions).await;
    server.stop().await;
}

#[tokio::test]
async fn a_receipt_is_deleted_after_48_hours_when_the_clock_has_been_steady() {
    let server = TestServer::start().await;
    server.guest().await.order(&server.qr_code().await, "espresso").await;
    let mut database = database(&server).await;
    assert!(count(&mut database, "receipt").await > 0, "a command with an idempotency key has a receipt");
    server.advance_clock(2 * DAY_SECONDS - 60);
    assert!(count(&mut database, "receipt").await > 0, "a receipt is kept for 48 hours");
    server.advance_clock(60 + 61);
    until_gone(&server, &mut database, "receipt").await;
    server.stop().await;
}

#[tokio::test]
async fn a_start_with_a_clock_that_is_a_year_ahead_signs_no_tablet_out_for_good() {
    let server = TestServer::start().await;
    let tablet = server.barista().await;
    let right = server.now();
    let installation = server.stop().await;
    installation.clock.set(right.plus_seconds(365 * 86_400));
    let server = installation.start().await;
    let tablet = tablet.with_addr(server.addr);
    assert_eq!(tablet.command("store/close", &[]).await.slug(), "signed_out");
    // Half an hour goes by until the clock is set right.
    for _ in 0..6 {
        server.advance_clock(300);
        tokio::task::yield_now().await;
    }
    server.installation.clock.set(right.plus_seconds(1800));
    tablet.command("store/close", &[]).await.expect_ok();
}
