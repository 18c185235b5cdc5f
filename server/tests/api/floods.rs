//! Rate limits: one order, device, address or shop that sends too much is slowed down, and nobody else is.

use axum::http::StatusCode;
use domain::ids::OrderId;
use domain::view::ordering::Ordering;
use futures_util::future::join_all;

use crate::harness::browser::command;
use crate::harness::request::{TestRequest, TestResponse};
use crate::harness::{Browser, TestInstallation, TestServer, new_order, within_timeout};

/// Changes of one order that a guest may send in a minute.
const CHANGES_PER_ORDER: usize = 30;

async fn edit(phone: &Browser, order: OrderId, n: usize) -> TestResponse {
    let (order, drink) = (order.to_string(), ["mocha", "espresso"][n % 2]);
    phone.command("orders/edit", &[("order", &order), ("drink", drink)]).await
}

/// The same request from another address, as a proxy on this machine reports it.
fn from(address: &str, request: TestRequest) -> TestRequest {
    request.with("x-forwarded-for", address)
}

/// Asserts that the request was refused until later and returns the seconds to wait.
fn expect_slow_down(response: &TestResponse) -> u32 {
    assert_eq!((response.status, response.slug().as_str()), (StatusCode::TOO_MANY_REQUESTS, "slow_down"));
    response.problem().retry_after.unwrap()
}

#[tokio::test]
async fn a_guest_who_changes_an_order_without_end_is_slowed_down() {
    let server = TestServer::start().await;
    let (phone, other, tablet) = (server.guest().await, server.guest().await, server.barista().await);
    let code = server.qr_code().await;
    let (order, others) = (phone.order(&code, "mocha").await, other.order(&code, "mocha").await);
    let before = server.position().await;
    let answers = join_all((0..500).map(|n| edit(&phone, order, n))).await;
    let (accepted, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status.is_success());
    // The start and the first choice count too.
    assert_eq!(accepted.len(), CHANGES_PER_ORDER - 2);
    assert!(refused.iter().all(|answer| expect_slow_down(answer) == 60));
    assert!(server.position().await <= before + 2 * CHANGES_PER_ORDER as u64);
    // Neither other guests nor the staff are limited, and the guest is not after a minute.
    edit(&other, others, 1).await.expect_ok();
    server.advance_clock(60);
    edit(&phone, order, 1).await.expect_ok();
    tablet.step("claim", order).await.expect_ok();
}

#[tokio::test]
async fn a_device_that_begins_and_cancels_orders_without_end_is_slowed_down() {
    let server = TestServer::start().await;
    let (phone, code) = (server.guest().await, server.qr_code().await);
    let mut commands = 0;
    let refused = loop {
        let order = new_order();
        let started = phone.start(order, &code).await;
        let cancelled = phone.step("cancel", order).await;
        commands += 2;
        if let Some(refused) = [started, cancelled].into_iter().find(|answer| answer.status == 429) {
            break refused;
        }
        assert!(commands < 1_000, "nothing limits the device");
    };
    assert!(expect_slow_down(&refused) > 0);
    server.guest().await.order(&code, "mocha").await;
}

#[tokio::test]
async fn a_forged_device_cookie_is_no_guest() {
    let server = TestServer::start().await;
    let (code, tablet) = (server.qr_code().await, server.barista().await);
    let genuine = server.guest().await.cookie("crema_device").unwrap();
    tablet.command("store/close", &[]).await.expect_ok();
    let before = server.position().await;
    let (_, proof) = genuine.split_once('.').unwrap();
    for first in 'A'..='Z' {
        let secret = format!("{first}AAAAAAAAAAAAAAAAAAAAA");
        for cookie in [secret.clone(), format!("{secret}.{proof}"), format!("{secret}.nowhere.{secret}")] {
            let forged = server.new_browser();
            forged.set_cookie("crema_device", &cookie);
            assert_eq!(forged.start(new_order(), &code).await.slug(), "device_unknown", "{cookie}");
        }
    }
    assert_eq!(server.position().await, before);
}

#[tokio::test]
async fn a_device_cookie_of_an_earlier_version_keeps_its_order() {
    let server = TestServer::start().await;
    let (phone, code) = (server.guest().await, server.qr_code().await);
    let order = phone.order(&code, "mocha").await;
    // Earlier versions set the secret alone.
    let cookie = phone.cookie("crema_device").unwrap();
    let old = server.new_browser();
    old.set_cookie("crema_device", cookie.split('.').next().unwrap());
    assert_eq!(old.view::<Ordering>("ordering").await.view.orders[0].order, order);
    edit(&old, order, 1).await.expect_ok();
    // The page gives the phone its proof, and the guest stays the same.
    let upgraded = old.without_scripts();
    upgraded.get("/s/demo").await.page().assert_text("Your espresso");
    assert_eq!(upgraded.cookie("crema_device"), Some(cookie.clone()));
    phone.step("cancel", order).await.expect_ok();
    // Without an open order the phone scans again, and its history is there. A cancelled order is open for its undo.
    old.set_cookie("crema_device", cookie.split('.').next().unwrap());
    server.advance_clock(700);
    let forgotten = async {
        while old.get("/s/demo/orders/mine").await.status.is_success() {
            tokio::task::yield_now().await;
        }
    };
    within_timeout("the end of the undo", forgotten).await;
    assert_eq!(old.get("/s/demo/orders/mine").await.slug(), "device_unknown");
    old.scan(&server.qr_code().await).await;
    assert!(old.get("/s/demo/orders/mine").await.text().contains(&order.to_string()));
}

#[tokio::test]
async fn starts_that_are_turned_away_are_bounded_per_address() {
    let server = TestServer::start().await;
    let (code, tablet) = (server.qr_code().await, server.barista().await);
    let start = || command("orders/start", &[("order", &new_order().to_string()), ("code", &code)]);
    let phones = join_all((0..41).map(|_| server.guest())).await;
    tablet.command("store/close", &[]).await.expect_ok();
    for phone in &phones[..40] {
        for _ in 0..3 {
            assert_eq!(phone.send(from("203.0.113.7", start())).await.slug(), "shop_unavailable/closed");
        }
    }
    let before = server.position().await;
    expect_slow_down(&phones[40].send(from("203.0.113.7", start())).await);
    assert_eq!(server.position().await, before);
    assert_eq!(phones[40].send(from("203.0.113.8", start())).await.slug(), "shop_unavailable/closed");
}

#[tokio::test]
async fn wrong_typed_codes_in_one_shop_lock_typing_for_that_shop_only() {
    let installation = TestInstallation::new();
    installation.add_shops(&["demo", "other"]).await;
    let server = installation.start().await;
    let display = server.new_browser();
    display.redeem_link(&server.link_to("other", domain::access::Role::Display).await).await;
    let page = display.get("/s/other/display").await.page();
    let others = page.opening::<protocol::frame::Opening<domain::view::display::Display>>().asides.code.unwrap().typed;
    let start = |shop: &str, code: &str| {
        TestRequest::post("/api/orders/start", &[("shop", shop), ("order", &new_order().to_string()), ("code", code)])
    };
    for phone in join_all((0..60).map(|_| server.guest())).await {
        for n in 0..10 {
            assert_eq!(phone.send(start("demo", &format!("0000000{n}"))).await.slug(), "code_unknown");
        }
    }
    let (phone, typed) = (server.guest().await, server.current_code().await.typed);
    expect_slow_down(&phone.send(start("demo", &typed)).await);
    phone.send(start("other", &others)).await.expect_ok();
    // The code in the QR has no limit.
    phone.start(new_order(), &server.qr_code().await).await.expect_ok();
}

#[tokio::test]
async fn wrong_typed_codes_from_one_address_lock_typing_for_that_address_only() {
    let server = TestServer::start().await;
    let typed = server.current_code().await.typed;
    let get = async |address: &str, code: &str| {
        server.new_browser().send(from(address, TestRequest::get(&format!("/q/{code}")))).await.status.as_u16()
    };
    for n in 0..600 {
        assert_eq!(get("203.0.113.7", &format!("00000{n:03}")).await, 404);
    }
    assert_eq!(get("203.0.113.7", &typed).await, 429);
    assert_eq!((get("203.0.113.8", &typed).await, get("2001:db8::1", &typed).await), (200, 200));
    // The proxy itself, and a phone that has scanned before, are not limited by it.
    server.new_browser().get(&format!("/q/{typed}")).await.page();
    let phone = server.guest().await;
    assert_eq!(phone.send(from("203.0.113.7", TestRequest::get(&format!("/q/{typed}")))).await.status, 200);
}

#[tokio::test]
async fn new_devices_are_bounded_per_address() {
    let server = TestServer::start().await;
    let path = format!("/q/{}", server.qr_code().await);
    let phone = server.new_browser();
    let scan = async |phone: &Browser, address: &str| phone.send(from(address, TestRequest::get(&path))).await.status;
    assert_eq!(scan(&phone, "203.0.113.7").await, 200);
    for _ in 1..600 {
        assert_eq!(scan(&server.new_browser(), "203.0.113.7").await, 200);
    }
    assert_eq!(scan(&server.new_browser(), "203.0.113.7").await, 429);
    assert_eq!((scan(&phone, "203.0.113.7").await, scan(&server.new_browser(), "203.0.113.8").await), OK_TWICE);
}

const OK_TWICE: (StatusCode, StatusCode) = (StatusCode::OK, StatusCode::OK);
