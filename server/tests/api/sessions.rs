//! A browser that holds several sessions of one shop.

use domain::access::Role;
use domain::ids::OrderId;

use crate::harness::{Browser, TestServer, new_order};

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
