//! The contract of passes, in both databases.

use domain::access::Role;
use domain::ids::ShopId;
use server::identity::passes::{LinkError, LinkGrant, Passes, SESSION_SECONDS, Secret, SecretKind, Visit};
use sha2::{Digest, Sha256};
use store::Pool;
use store::Sqlite;

use super::{NOON as NOW, SqliteDir, postgres, shop};

struct PassStore {
    passes: Passes,
    pool: Pool,
    shop: ShopId,
}

/// Runs a check in each database.
async fn for_each_database(check: impl AsyncFn(&PassStore)) {
    let file = SqliteDir::new();
    let sqlite = Sqlite::open(&file.0.join("crema.db")).await.unwrap();
    let postgres = postgres().await.map(|store| Pool::from(store.pool().clone()));
    for pool in [Some(Pool::from(sqlite.pool().clone())), postgres].into_iter().flatten() {
        // The output names the database when a test fails.
        eprintln!("{pool:?}");
        check(&PassStore { passes: Passes::new(pool.clone()), pool, shop: shop("demo") }).await;
    }
}

/// Queries one value from either database.
macro_rules! query_value {
    ($fixture:expr, $text:literal) => {
        match &$fixture.pool {
            Pool::Sqlite(pool, _) => sqlx::query_scalar($text).fetch_one(pool).await.unwrap(),
            Pool::Postgres(pool) => sqlx::query_scalar($text).fetch_one(pool).await.unwrap(),
        }
    };
}

impl PassStore {
    async fn rows(&self) -> i64 {
        query_value!(self, "SELECT count(*) FROM pass")
    }

    async fn close(&self) {
        match &self.pool {
            Pool::Sqlite(pool, _) => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

#[tokio::test]
async fn a_link_becomes_a_session_of_its_role_in_its_shop() {
    for_each_database(async |fixture| {
        let PassStore { passes, shop, .. } = fixture;
        let link = passes.make_link(shop, Role::Display, NOW).await.unwrap();
        let invitation = passes.peek_link(&link, NOW).await.unwrap();
        assert_eq!(invitation, LinkGrant { shop: shop.clone(), role: Role::Display });
        let session = passes.redeem_link(&link, &Visit::generate(), NOW).await.unwrap();
        assert_eq!(passes.find(&session.secret, NOW).await.unwrap(), Some(session.pass.clone()));
        assert_eq!(
            (session.pass.kind, &session.pass.shop, session.pass.role),
            (SecretKind::Session, shop, Role::Display)
        );
    })
    .await;
}

#[tokio::test]
async fn a_link_can_be_redeemed_once() {
    for_each_database(async |fixture| {
        let PassStore { passes, shop, .. } = fixture;
        let link = passes.make_link(shop, Role::Barista, NOW).await.unwrap();
        passes.redeem_link(&link, &Visit::generate(), NOW).await.unwrap();
        assert!(matches!(passes.redeem_link(&link, &Visit::generate(), NOW).await, Err(LinkError::Used)));
        assert!(matches!(passes.peek_link(&link, NOW).await, Err(LinkError::Used)));
    })
    .await;
}

#[tokio::test]
async fn concurrent_redemptions_of_a_link_create_one_session() {
    for_each_database(async |fixture| {
        let link = fixture.passes.make_link(&fixture.shop, Role::Barista, NOW).await.unwrap();
        let redeem = async |_| fixture.passes.redeem_link(&link, &Visit::generate(), NOW).await;
        let all = futures_util::future::join_all((0..16).map(redeem)).await;
        assert_eq!(all.iter().filter(|one| one.is_ok()).count(), 1);
        assert_eq!(all.iter().filter(|one| matches!(one, Err(LinkError::Used))).count(), 15);
        assert_eq!(fixture.rows().await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_visit_that_redeems_a_link_again_gets_its_session_again() {
    for_each_database(async |fixture| {
        let PassStore { passes, shop, .. } = fixture;
        let (link, visit) = (passes.make_link(shop, Role::Barista, NOW).await.unwrap(), Visit::generate());
        let redeem = async |_| passes.redeem_link(&link, &visit, NOW).await.unwrap().secret;
        let secrets = futures_util::future::join_all((0..8).map(redeem)).await;
        assert!(secrets.iter().all(|secret| *secret == secrets[0]));
        assert_eq!(fixture.rows().await, 2, "the link and one session");
        let late = passes.redeem_link(&link, &visit, NOW.plus_seconds(600)).await;
        assert!(matches!(late, Err(LinkError::Used)));
    })
    .await;
}

#[tokio::test]
async fn a_link_expires_after_ten_minutes() {
    for_each_database(async |fixture| {
        let PassStore { passes, shop, .. } = fixture;
        let link = passes.make_link(shop, Role::Barista, NOW).await.unwrap();
        assert!(passes.peek_link(&link, NOW.plus_seconds(599)).await.is_ok());
        let late = NOW.plus_seconds(600);
        assert!(matches!(passes.peek_link(&link, late).await, Err(LinkError::Expired)));
        assert!(matches!(passes.redeem_link(&link, &Visit::generate(), late).await, Err(LinkError::Expired)));
    })
    .await;
}

#[tokio::test]
async fn a_link_that_was_never_issued_is_unknown() {
    for_each_database(async |fixture| {
        let PassStore { passes, .. } = fixture;
        let link: Secret = "cl_AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap();
        assert!(matches!(passes.peek_link(&link, NOW).await, Err(LinkError::Unknown)));
        assert!(matches!(passes.redeem_link(&link, &Visit::generate(), NOW).await, Err(LinkError::Unknown)));
    })
    .await;
}

#[tokio::test]
async fn tokens_and_links_are_not_interchangeable() {
    for_each_database(async |fixture| {
        let PassStore { passes, shop, .. } = fixture;
        let token = passes.make_token(shop, Role::Robot, NOW).await.unwrap();
        let link = passes.make_link(shop, Role::Robot, NOW).await.unwrap();
        assert!(matches!(passes.redeem_link(&token, &Visit::generate(), NOW).await, Err(LinkError::Unknown)));
        assert!(matches!(passes.peek_link(&token, NOW).await, Err(LinkError::Unknown)));
        assert_eq!(passes.find(&link, NOW).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_session_lasts_thirty_days_and_a_token_until_it_is_revoked() {
    for_each_database(async |fixture| {
        let PassStore { passes, shop, .. } = fixture;
        let link = passes.make_link(shop, Role::Barista, NOW).await.unwrap();
        let session = passes.redeem_link(&link, &Visit::generate(), NOW).await.unwrap().secret;
        let token = passes.make_token(shop, Role::Robot, NOW).await.unwrap();
        assert!(passes.find(&session, NOW.plus_seconds(SESSION_SECONDS - 1)).await.unwrap().is_some());
        let later = NOW.plus_seconds(SESSION_SECONDS);
        assert_eq!(passes.find(&session, later).await.unwrap(), None);
        let pass = passes.find(&token, later).await.unwrap().unwrap();
        assert!(passes.revoke(shop, pass.holder).await.unwrap());
        assert_eq!(passes.find(&token, later).await.unwrap(), None);
        assert!(!passes.revoke(shop, pass.holder).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_cached_pass_needs_no_second_query() {
    for_each_database(async |fixture| {
        let token = fixture.passes.make_token(&fixture.shop, Role::Manager, NOW).await.unwrap();
        let pass = fixture.passes.find(&token, NOW).await.unwrap();
        fixture.close().await;
        assert_eq!(fixture.passes.find(&token, NOW).await.unwrap(), pass);
        assert!(fixture.passes.find(&token, NOW.plus_seconds(60)).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_pass_of_another_shop_cannot_be_revoked() {
    for_each_database(async |fixture| {
        let PassStore { passes, shop, .. } = fixture;
        let token = passes.make_token(shop, Role::Barista, NOW).await.unwrap();
        let holder = passes.find(&token, NOW).await.unwrap().unwrap().holder;
        assert!(!passes.revoke(&"other".parse().unwrap(), holder).await.unwrap());
        assert!(passes.find(&token, NOW).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn the_table_holds_no_secret() {
    for_each_database(async |fixture| {
        let token = fixture.passes.make_token(&fixture.shop, Role::Barista, NOW).await.unwrap();
        let hash: Vec<u8> = query_value!(fixture, "SELECT hash FROM pass");
        assert_eq!(hash, Sha256::digest(token.reveal()).as_slice());
    })
    .await;
}

#[tokio::test]
async fn passes_expired_for_a_day_are_deleted() {
    for_each_database(async |fixture| {
        fixture.passes.make_link(&fixture.shop, Role::Barista, NOW).await.unwrap();
        fixture.passes.make_token(&fixture.shop, Role::Robot, NOW).await.unwrap();
        assert_eq!(fixture.passes.sweep(NOW.plus_seconds(86_400)).await.unwrap(), 0);
        assert_eq!(fixture.passes.sweep(NOW.plus_seconds(86_400 + 600)).await.unwrap(), 1);
        assert_eq!(fixture.rows().await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_expired_session_is_deleted_at_once() {
    for_each_database(async |bar| {
        let link = bar.passes.make_link(&bar.shop, Role::Barista, NOW).await.unwrap();
        bar.passes.redeem_link(&link, &Visit::generate(), NOW).await.unwrap();
        let later = NOW.plus_seconds(SESSION_SECONDS);
        assert_eq!(bar.passes.sweep(NOW.plus_seconds(86_400)).await.unwrap(), 0, "the used link expires later");
        assert!(bar.passes.sweep(later).await.unwrap() > 0);
        assert_eq!(bar.rows().await, 0);
    })
    .await;
}
