//! Request headers that other applications and proxies add, repeat and write in their own way.

use axum::http::StatusCode;
use domain::access::Role;
use domain::view::ordering::Ordering;

use crate::harness::browser::command;
use crate::harness::request::TestRequest;
use crate::harness::{Browser, TestServer, new_order};

#[tokio::test]
async fn a_cookie_of_another_application_locks_nobody_out() {
    let server = TestServer::start().await;
    let (phone, tablet) = (server.guest().await, server.barista().await);
    let order = phone.order(&server.qr_code().await, "mocha").await;
    for browser in [&phone, &tablet, &server.display] {
        browser.set_cookie("a_theme", "größe");
        browser.set_cookie("z_theme", "größe");
    }
    assert_eq!(phone.view::<Ordering>("ordering").await.view.orders[0].order, order);
    tablet.step("claim", order).await.expect_ok();
    server.display_page().await;
}

#[tokio::test]
async fn all_cookie_lines_are_read() {
    let server = TestServer::start().await;
    let (phone, order) = (server.guest().await, new_order());
    phone.start(order, &server.qr_code().await).await.expect_ok();
    // The client sends its own cookies in a further line, as HTTP/2 allows.
    let view = phone.send(TestRequest::get("/s/demo/view/ordering").with("cookie", "theme=größe; lang=de")).await;
    assert!(view.text().contains(&order.to_string()), "{}", view.text());
}

#[tokio::test]
async fn bytes_that_are_not_utf_8_are_skipped_in_every_header() {
    let server = TestServer::start().await;
    let (phone, order) = (server.guest().await, new_order());
    phone.start(order, &server.qr_code().await).await.expect_ok();
    let device = phone.cookie("crema_device").unwrap();
    let mut request = b"GET /s/demo/view/ordering HTTP/1.1\r\nconnection: close\r\n".to_vec();
    request.extend(format!("host: {}\r\n", server.addr).into_bytes());
    for name in ["accept", "authorization", "cookie", "last-event-id", "origin", "referer", "sec-fetch-site", "x-other"]
    {
        request.extend([name.as_bytes(), b": theme=\xff\xfe\r\n"].concat());
    }
    request.extend(format!("cookie: crema_device={device}\r\n\r\n").into_bytes());
    let answer = server.send_raw(&request).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains(&order.to_string()), "{answer}");
}

#[tokio::test]
async fn an_older_cookie_of_the_same_name_does_not_hide_the_valid_one() {
    let server = TestServer::start().await;
    let tablet = server.barista().await;
    let stale = "crema_demo_barista=cs_AAAAAAAAAAAAAAAAAAAAAA; crema_demo_barista=garbled";
    let request = TestRequest::get("/s/demo/view/barista").with("cookie", stale);
    assert_eq!(tablet.send(request).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_authorization_that_is_not_a_bearer_token_is_ignored() {
    let server = TestServer::start().await;
    let (phone, tablet) = (server.guest().await, server.barista().await);
    let order = phone.order(&server.qr_code().await, "mocha").await.to_string();
    for proxy in ["Basic dXNlcjpwYXNzd29yZA==", "Negotiate YII=", "Basic größe", "Bearer", ""] {
        let with = |request: TestRequest| request.with("authorization", proxy);
        let page = tablet.send(with(TestRequest::get("/s/demo/barista"))).await;
        assert_eq!(page.status, StatusCode::OK, "{proxy}");
        tablet.send(with(command("orders/claim", &[("order", &order)]))).await.expect_ok();
        tablet.send(with(command("orders/release", &[("order", &order)]))).await.expect_ok();
        assert!(phone.send(with(TestRequest::get("/s/demo/orders/mine"))).await.text().contains(&order), "{proxy}");
        // It is no proof against forms of other sites either: browsers add it by themselves.
        let foreign = with(command("orders/claim", &[("order", &order)])).with("sec-fetch-site", "cross-site");
        assert_eq!(tablet.send(foreign).await.slug(), "foreign_post", "{proxy}");
    }
}

#[tokio::test]
async fn a_bearer_token_is_found_beside_the_authorization_of_a_proxy() {
    let server = TestServer::start().await;
    let script = server.api_client("demo", Role::Manager).await;
    let request = |proxy: &str| command("store/close", &[]).with("authorization", proxy);
    script.send(request("Basic dXNlcjpwYXNzd29yZA==")).await.expect_ok();
    let token = script.token().unwrap();
    for spelling in [format!("bearer {token}"), format!("BEARER   {token} ")] {
        server.new_browser().send(request(&spelling)).await.expect_ok();
    }
}

#[tokio::test]
async fn header_values_are_compared_without_case() {
    let server = TestServer::start().await;
    let tablet = server.barista().await;
    let form = |kind: &str| command("store/pause", &[("reason", "beans")]).with("content-type", kind);
    for kind in ["Application/X-WWW-Form-URLEncoded; Charset=UTF-8", "application/x-www-form-urlencoded ;charset=utf-8"]
    {
        tablet.send(form(kind)).await.expect_ok();
    }
    assert_eq!(tablet.send(form("application/x-www-form-urlencoded-too")).await.slug(), "malformed");
    tablet.send(command("store/resume", &[]).with("sec-fetch-site", "Same-Origin")).await.expect_ok();
    for accept in ["Text/HTML", "application/xhtml+xml,TEXT/HTML;q=0.9", "größe, text/html"] {
        let refused = server.new_browser().send(TestRequest::get("/nothing").with("accept", accept)).await;
        refused.page_with(StatusCode::NOT_FOUND);
    }
    for accept in ["text/html;q=0", "text/html-too", "application/json"] {
        let refused = server.new_browser().send(TestRequest::get("/nothing").with("accept", accept)).await;
        assert_eq!(refused.slug(), "page_unknown", "{accept}");
    }
}

#[tokio::test]
async fn a_page_address_with_other_letters_is_kept_as_the_page_of_a_form() {
    let server = TestServer::start().await;
    let office: Browser = server.staff(Role::Manager).await.without_scripts();
    let currency = command("menu/currency", &[("currency", "EUR")]);
    let referrer = "http://bar.example/s/demo/office/drink?name=größe";
    assert_eq!(office.send(currency.with("referer", referrer)).await.redirect_target(), "/s/demo/office/menu");
}
