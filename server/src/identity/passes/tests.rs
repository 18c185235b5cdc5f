//! What passes promise, on a real file.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};

use super::*;
use crate::scratch::Scratch;

const NOW: Instant = Instant(1_795_257_600_000);

struct Bar {
    passes: Passes,
    pool: SqlitePool,
    shop: ShopId,
    _scratch: Scratch,
}

async fn bar() -> Bar {
    let scratch = Scratch::new();
    let options = SqliteConnectOptions::new()
        .filename(scratch.path().join("crema.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal);
    let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await.unwrap();
    sqlx::raw_sql(include_str!("../../../migrations/sqlite/0002_pass.sql")).execute(&pool).await.unwrap();
    Bar { passes: Passes::new(pool.clone()), pool, shop: "demo".parse().unwrap(), _scratch: scratch }
}

impl Bar {
    async fn rows(&self) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM pass").fetch_one(&self.pool).await.unwrap()
    }
}

#[tokio::test]
async fn a_link_becomes_a_session_of_its_role_in_its_shop() {
    let Bar { passes, shop, .. } = &bar().await;
    let link = passes.make_link(shop, Role::Display, NOW).await.unwrap();
    let invitation = passes.peek_link(&link, NOW).await.unwrap();
    assert_eq!(invitation, Invitation { shop: shop.clone(), role: Role::Display });
    let session = passes.redeem_link(&link, NOW).await.unwrap();
    assert_eq!(passes.find(&session.secret, NOW).await.unwrap(), Some(session.pass.clone()));
    assert_eq!((session.pass.kind, &session.pass.shop, session.pass.role), (Kind::Session, shop, Role::Display));
}

#[tokio::test]
async fn a_link_opens_once() {
    let Bar { passes, shop, .. } = &bar().await;
    let link = passes.make_link(shop, Role::Barista, NOW).await.unwrap();
    passes.redeem_link(&link, NOW).await.unwrap();
    assert!(matches!(passes.redeem_link(&link, NOW).await, Err(LinkError::Used)));
    assert!(matches!(passes.peek_link(&link, NOW).await, Err(LinkError::Used)));
}

#[tokio::test]
async fn of_many_who_redeem_at_the_same_time_one_gets_in() {
    let bar = bar().await;
    let link = bar.passes.make_link(&bar.shop, Role::Barista, NOW).await.unwrap();
    let all = futures_util::future::join_all((0..16).map(|_| bar.passes.redeem_link(&link, NOW))).await;
    assert_eq!(all.iter().filter(|one| one.is_ok()).count(), 1);
    assert_eq!(all.iter().filter(|one| matches!(one, Err(LinkError::Used))).count(), 15);
    assert_eq!(bar.rows().await, 2);
}

#[tokio::test]
async fn a_link_is_over_after_ten_minutes() {
    let Bar { passes, shop, .. } = &bar().await;
    let link = passes.make_link(shop, Role::Barista, NOW).await.unwrap();
    assert!(passes.peek_link(&link, NOW.plus_seconds(599)).await.is_ok());
    let late = NOW.plus_seconds(600);
    assert!(matches!(passes.peek_link(&link, late).await, Err(LinkError::Expired)));
    assert!(matches!(passes.redeem_link(&link, late).await, Err(LinkError::Expired)));
}

#[tokio::test]
async fn a_link_never_made_is_unknown() {
    let Bar { passes, .. } = &bar().await;
    let link = Secret::fresh(Kind::Link);
    assert!(matches!(passes.peek_link(&link, NOW).await, Err(LinkError::Unknown)));
    assert!(matches!(passes.redeem_link(&link, NOW).await, Err(LinkError::Unknown)));
}

#[tokio::test]
async fn a_token_is_no_link_and_a_link_no_pass() {
    let Bar { passes, shop, .. } = &bar().await;
    let token = passes.make_token(shop, Role::Robot, NOW).await.unwrap();
    let link = passes.make_link(shop, Role::Robot, NOW).await.unwrap();
    assert!(matches!(passes.redeem_link(&token, NOW).await, Err(LinkError::Unknown)));
    assert!(matches!(passes.peek_link(&token, NOW).await, Err(LinkError::Unknown)));
    assert_eq!(passes.find(&link, NOW).await.unwrap(), None);
}

#[tokio::test]
async fn a_session_lasts_thirty_days_and_a_token_until_it_is_revoked() {
    let Bar { passes, shop, .. } = &bar().await;
    let link = passes.make_link(shop, Role::Barista, NOW).await.unwrap();
    let session = passes.redeem_link(&link, NOW).await.unwrap().secret;
    let token = passes.make_token(shop, Role::Robot, NOW).await.unwrap();
    assert!(passes.find(&session, NOW.plus_seconds(SESSION_S - 1)).await.unwrap().is_some());
    let later = NOW.plus_seconds(SESSION_S);
    assert_eq!(passes.find(&session, later).await.unwrap(), None);
    let pass = passes.find(&token, later).await.unwrap().unwrap();
    assert!(passes.revoke(shop, pass.holder).await.unwrap());
    assert_eq!(passes.find(&token, later).await.unwrap(), None);
    assert!(!passes.revoke(shop, pass.holder).await.unwrap());
}

#[tokio::test]
async fn a_pass_found_once_costs_no_second_query() {
    let bar = bar().await;
    let token = bar.passes.make_token(&bar.shop, Role::Manager, NOW).await.unwrap();
    let pass = bar.passes.find(&token, NOW).await.unwrap();
    bar.pool.close().await;
    assert_eq!(bar.passes.find(&token, NOW).await.unwrap(), pass);
    assert!(bar.passes.find(&token, NOW.plus_seconds(60)).await.is_err());
}

#[tokio::test]
async fn the_holder_of_another_shop_cannot_be_revoked_from_here() {
    let Bar { passes, shop, .. } = &bar().await;
    let token = passes.make_token(shop, Role::Barista, NOW).await.unwrap();
    let holder = passes.find(&token, NOW).await.unwrap().unwrap().holder;
    assert!(!passes.revoke(&"other".parse().unwrap(), holder).await.unwrap());
    assert!(passes.find(&token, NOW).await.unwrap().is_some());
}

#[tokio::test]
async fn the_table_holds_no_secret() {
    let bar = bar().await;
    let token = bar.passes.make_token(&bar.shop, Role::Barista, NOW).await.unwrap();
    let hash: Vec<u8> = sqlx::query_scalar("SELECT hash FROM pass").fetch_one(&bar.pool).await.unwrap();
    assert_eq!(hash, token.hash());
}

#[tokio::test]
async fn what_has_been_over_for_a_day_is_swept_away() {
    let bar = bar().await;
    bar.passes.make_link(&bar.shop, Role::Barista, NOW).await.unwrap();
    bar.passes.make_token(&bar.shop, Role::Robot, NOW).await.unwrap();
    assert_eq!(bar.passes.sweep(NOW.plus_seconds(86_400)).await.unwrap(), 0);
    assert_eq!(bar.passes.sweep(NOW.plus_seconds(86_400 + 600)).await.unwrap(), 1);
    assert_eq!(bar.rows().await, 1);
}
