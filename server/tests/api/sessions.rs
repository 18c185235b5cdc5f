//! Sessions of one browser: several of one shop, and links that are redeemed twice.

use std::sync::Arc;

use axum::http::StatusCode;
use domain::access::Role;
use domain::ids::OrderId;
use server::control::{PassKind, PassRequest};
use store::Sqlite;

use crate::harness::{Browser, TestInstallation, TestServer, new_order};

const GONE: StatusCode = StatusCode::GONE;

/// A browser with a barista's and a manager's session, and an order that another barista makes.
async fn abandoned() -> (TestServer, Browser, OrderId) {
    let server = TestServer::start().await;
    let browser = server.barista().await;
    browser.redeem_link(&server.link(Role::Manager).await).await;
    let (other, order) = (server.barista().await, new_order());
    other.command("orders/walk_in", &[("order", &order.to_string()), ("drink", "espresso")]).await.expect_ok();
    other.step("claim", order).await.expect_ok();
    (server, browser, order)
}

#[tokio::test]
async fn a_browser_with_two_sessions_acts_as_the_strongest_that_may_issue_the_command() {
    let (server, browser, order) = abandoned().await;
    browser.step("release", order).await.expect_ok();
    let log = server.stop().await.log().await;
    let actor = log.last().and_then(|recorded| recorded.actor).unwrap();
    assert!(actor.is_manager(), "{actor} released the order");
}

#[tokio::test]
async fn a_barista_alone_cannot_release_the_order_of_another() {
    let (server, _, order) = abandoned().await;
    let barista = server.barista().await;
    assert_eq!(barista.step("release", order).await.slug(), "order_anothers");
}

#[tokio::test]
async fn the_board_shows_orders_as_own_that_the_browser_has_claimed() {
    let (server, browser, _) = abandoned().await;
    let order = new_order();
    browser.command("orders/walk_in", &[("order", &order.to_string()), ("drink", "espresso")]).await.expect_ok();
    browser.step("claim", order).await.expect_ok();
    let page = browser.get("/s/demo/barista").await.page();
    page.form("/api/orders/complete", ("order", &order.to_string()));
    server.stop().await;
}

#[tokio::test]
async fn a_double_click_on_a_link_signs_the_device_in() {
    let server = TestServer::start().await;
    let (tablet, path) = (server.new_browser(), format!("/enter/{}", server.link(Role::Barista).await));
    tablet.get(&path).await.page();
    // Both requests leave before the first response arrives, so neither has the session's cookie.
    let clicks = futures_util::future::join_all([(); 2].map(|()| tablet.post(&path, &[]))).await;
    for click in &clicks {
        assert_eq!(click.redirect_target(), "/s/demo/barista");
    }
    assert_eq!(clicks[0].header("set-cookie"), clicks[1].header("set-cookie"), "both clicks have one session");
    tablet.get("/s/demo/barista").await.page();
    // The link leads the same device on, and no other one.
    assert_eq!(tablet.get(&path).await.redirect_target(), "/s/demo/barista");
    let other = server.new_browser();
    assert_eq!((other.get(&path).await.status, other.post(&path, &[]).await.status), (GONE, GONE));
    assert_eq!(count_sessions(server.stop().await).await, 2, "the barista's and the display's");
}

#[tokio::test]
async fn a_session_that_a_new_link_replaces_ends() {
    let server = TestServer::start().await;
    let (tablet, first) = (server.barista().await, server.new_browser());
    first.set_cookie("crema_demo_barista", &tablet.cookie("crema_demo_barista").unwrap());
    tablet.redeem_link(&server.link(Role::Barista).await).await;
    assert_eq!(first.get("/s/demo/view/barista").await.slug(), "signed_out");
    tablet.get("/s/demo/barista").await.page();
    // Sessions of other roles and shops remain.
    tablet.redeem_link(&server.link(Role::Manager).await).await;
    tablet.get("/s/demo/barista").await.page();
    assert_eq!(count_sessions(server.stop().await).await, 3);
}

#[tokio::test]
async fn a_link_for_a_robot_is_refused_with_the_command_for_a_token() {
    let server = TestServer::start().await;
    let request = PassRequest { make: PassKind::Link, shop: "demo".parse().unwrap(), role: Role::Robot };
    let settings = server.installation.settings();
    let refusal = "no page is for robots: make a bearer token with `crema token --role robot`";
    let clock = Arc::clone(&server.installation.clock);
    let running = server::issue_pass(&settings, &request, &*clock).await.unwrap_err();
    assert_eq!(running.to_string(), refusal);
    let _stopped = server.stop().await;
    let alone = server::issue_pass(&settings, &request, &*clock).await.unwrap_err();
    assert_eq!(alone.to_string(), refusal);
}

/// The number of sessions in the table.
async fn count_sessions(installation: TestInstallation) -> i64 {
    let store = Sqlite::open(&installation.folder.path().join("crema.db")).await.unwrap();
    let pool = store.pool().clone();
    let count = sqlx::query_scalar("SELECT count(*) FROM pass WHERE kind = 'session'").fetch_one(&pool).await.unwrap();
    store.close().await.unwrap();
    count
}
