//! Refusals: status, problem slug, no secrets in the response, and no effect on the log.

use app::words::Words;
use axum::http::{Method, StatusCode};
use domain::access::Role;
use domain::event::Event;
use domain::order::Step;
use domain::refusal::Unavailable;
use protocol::problem::Kind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::browser::command;
use crate::harness::request::{TestRequest, TestResponse};
use crate::harness::{Browser, TestInstallation, TestServer, new_order, within_timeout};

/// Sends a request and checks that it is refused with this status and slug and changes nothing.
async fn assert_refused(
    server: &TestServer,
    client: &Browser,
    request: TestRequest,
    (status, slug): (u16, &str),
) -> TestResponse {
    let before = server.position().await;
    let response = client.send(request.clone()).await;
    assert_eq!((response.status.as_u16(), response.slug().as_str()), (status, slug), "{request:?}");
    assert_no_secrets(client, &response);
    assert_eq!(server.position().await, before, "{request:?}");
    response
}

/// The same check for a refusal that is shown as a page.
async fn assert_refused_page(
    server: &TestServer,
    client: &Browser,
    request: TestRequest,
    (status, words): (u16, &str),
) {
    let before = server.position().await;
    let response = client.send(request.with("accept", "text/html")).await;
    response.page_with(StatusCode::from_u16(status).unwrap()).assert_text(words);
    assert_no_secrets(client, &response);
    assert_eq!(server.position().await, before);
}

fn assert_no_secrets(client: &Browser, response: &TestResponse) {
    for secret in client.secrets().iter().map(String::as_str).chain(["Ada", "sesame-open"]) {
        assert!(!response.text().contains(secret), "the response contains {secret}: {}", response.text());
    }
}

/// Builds a command with those of the fields that it has.
fn command_with(action: &str, fields: &[(&str, &str)]) -> TestRequest {
    let row = protocol::command::row(action).unwrap();
    let is_field = |(name, _): &(&str, &str)| row.required.iter().chain(row.optional).any(|field| field == name);
    command(action, &fields.iter().copied().filter(is_field).collect::<Vec<_>>())
}

#[tokio::test]
async fn unknown_shops_pages_and_orders_are_not_found() {
    let server = TestServer::start().await;
    let (phone, order, code) = (server.guest().await, new_order().to_string(), server.qr_code().await);
    let tablet = server.barista().await;
    let nowhere = TestRequest::post("/api/orders/start", &[("shop", "nowhere"), ("order", &order), ("code", &code)]);
    assert_refused(&server, &phone, nowhere, (404, "shop_unknown")).await;
    assert_refused(&server, &phone, TestRequest::get("/s/nowhere/view/ordering"), (404, "shop_unknown")).await;
    assert_refused(&server, &phone, TestRequest::get("/s/No-Slug/stream/ordering"), (404, "shop_unknown")).await;
    assert_refused_page(&server, &phone, TestRequest::get("/s/nowhere"), (404, "There is no such shop")).await;
    assert_refused(&server, &phone, TestRequest::get("/s/demo/view/kitchen"), (404, "page_unknown")).await;
    assert_refused(&server, &phone, TestRequest::get("/s/demo/stream/kitchen"), (404, "page_unknown")).await;
    for path in ["/nothing", "/api/nothing", "/s/demo/display/nothing", "/.env", "/enter"] {
        assert_refused(&server, &phone, TestRequest::get(path), (404, "page_unknown")).await;
        assert_refused_page(&server, &phone, TestRequest::get(path), (404, "This page does not exist")).await;
    }
    let unknown = command("orders/submit", &[("order", &order), ("drink", "mocha"), ("name", "Ada")]);
    assert_refused(&server, &phone, unknown, (404, "order_unknown")).await;
    assert_refused(&server, &tablet, command("orders/claim", &[("order", &order)]), (404, "order_unknown")).await;
}

#[tokio::test]
async fn garbled_and_expired_codes_are_refused() {
    let server = TestServer::start().await;
    let (phone, code) = (server.guest().await, server.qr_code().await);
    let start = |code: &str| command("orders/start", &[("order", &new_order().to_string()), ("code", code)]);
    for garbled in ["sesame-open", "aaaaaaaaaaaaaaaa", "🦀", &code[..15], &format!("{code}0"), &"z".repeat(5000)] {
        assert_refused(&server, &phone, start(garbled), (404, "code_unknown")).await;
    }
    assert_refused_page(&server, &phone, TestRequest::get("/q/sesame-open"), (404, "That code is not right")).await;
    // A window lasts five minutes and its code is valid for one more minute, so that a loaded page can still be posted.
    server.advance_clock(359);
    phone.send(start(&code)).await.expect_ok();
    server.advance_clock(1);
    let late = server.guest().await;
    assert_refused(&server, &late, start(&code), (410, "code_over")).await;
    assert_refused_page(&server, &late, start(&code), (410, "no longer good")).await;
    assert_refused_page(&server, &late, TestRequest::get(&format!("/q/{code}")), (410, "no longer good")).await;
    phone.send(start(&server.qr_code().await)).await.expect_ok();
}

#[tokio::test]
async fn a_photograph_of_an_old_code_is_told_that_it_is_expired_however_long_the_windows_are_now() {
    let server = TestServer::start().await;
    let (phone, manager) = (server.guest().await, server.api_client("demo", Role::Manager).await);
    let code = server.current_code().await;
    let scanned = code.url.rsplit_once("/q/").unwrap().1;
    let start = |code: &str| command("orders/start", &[("order", &new_order().to_string()), ("code", code)]);
    manager.command("store/limits", &[("change[window_seconds]", "420")]).await.expect_ok();
    for days in [1, 13] {
        server.advance_clock(days * 86_400);
        for old in [scanned, &code.typed] {
            let page = TestRequest::get(&format!("/q/{old}"));
            assert_refused_page(&server, &phone, page, (410, "no longer good")).await;
            assert_refused(&server, &phone, start(old), (410, "code_over")).await;
        }
    }
    // Too many codes that may be old are not searched for, and the answer claims no more than is known.
    for n in 0..70 {
        phone.get(&format!("/q/{n:016}")).await;
    }
    let page = TestRequest::get(&format!("/q/{scanned}"));
    assert_refused_page(&server, &phone, page, (404, "That code is not right")).await;
    phone.send(start(&server.qr_code().await)).await.expect_ok();
}

#[tokio::test]
async fn the_eleventh_order_of_a_code_is_refused_until_the_next() {
    let server = TestServer::start().await;
    let (phone, code) = (server.guest().await, server.qr_code().await);
    let start = || command("orders/start", &[("order", &new_order().to_string()), ("code", &code)]);
    let guests = futures_util::future::join_all((0..12).map(|_| server.guest())).await;
    let answers = futures_util::future::join_all(guests.iter().map(|guest| guest.send(start()))).await;
    let granted = || guests.iter().zip(&answers).filter(|(_, response)| response.status.is_success());
    assert_eq!(granted().count(), 10);
    for (guest, response) in granted() {
        guest.submit(response.expect_ok().order.unwrap(), "espresso", &[]).await.expect_ok();
    }
    server.advance_clock(100);
    let response = assert_refused(&server, &phone, start(), (409, "code_used_up")).await;
    assert_eq!(response.problem().retry_after, Some(200));
    assert_refused_page(&server, &phone, start(), (409, "Next code in 3:20")).await;
    server.advance_clock(200);
    // During the extra minute the old code remains used up, and the next code is valid.
    let response = assert_refused(&server, &phone, start(), (409, "code_used_up")).await;
    assert_eq!(response.problem().retry_after, Some(1));
    phone.start(new_order(), &server.qr_code().await).await.expect_ok();
}

#[tokio::test]
async fn a_start_at_a_closed_shop_is_recorded_and_returns_its_token() {
    let server = TestServer::start().await;
    let (phone, tablet, order) = (server.guest().await, server.barista().await, new_order());
    let code = server.qr_code().await;
    tablet.command("store/close", &[]).await.expect_ok();
    let response = phone.start(order, &code).await;
    let problem = response.problem();
    assert_eq!((response.status.as_u16(), response.slug().as_str()), (409, "shop_unavailable/closed"));
    assert_eq!((problem.order, problem.retry_after), (Some(order), Some(60)));
    assert_no_secrets(&phone, &response);
    // Retries get the same answer and write one record.
    let position = server.position().await;
    tablet.command("store/open", &[]).await.expect_ok();
    assert_eq!(phone.start(order, &code).await.text(), response.text());
    assert_eq!(server.position().await, position + 1);
    phone.start(new_order(), &code).await.expect_ok();

    let log = server.stop().await.log().await;
    let recorded: Vec<_> = log.iter().filter(|recorded| recorded.event.order() == Some(order)).collect();
    assert!(matches!(&recorded[0].event, Event::NewOrder(event) if event.left == Some(9)));
    assert!(matches!(&recorded[1].event, Event::ShopUnavailable(event) if event.reason == Unavailable::Closed));
    assert!(matches!(&recorded[2].event, Event::TokenReturned(event) if event.left == 10));
    assert!(matches!(&recorded[3].event, Event::OrderFinished(event) if event.outcome == Step::Unavailable));
    assert_eq!(recorded.len(), 4);
}

#[tokio::test]
async fn a_closed_shop_refuses_submissions() {
    let server = TestServer::start().await;
    let (phone, tablet, order) = (server.guest().await, server.barista().await, new_order());
    phone.start(order, &server.qr_code().await).await.expect_ok();
    tablet.command("store/close", &[]).await.expect_ok();
    let order = order.to_string();
    let submit = command("orders/submit", &[("order", &order), ("drink", "mocha"), ("name", "Ada")]);
    assert_refused(&server, &phone, submit.clone(), (409, "shop_closed")).await;
    assert_refused_page(&server, &phone, submit.clone(), (409, "The shop has closed meanwhile")).await;
    tablet.command("store/open", &[]).await.expect_ok();
    phone.send(submit).await.expect_ok();
}

#[tokio::test]
async fn choices_that_are_not_on_the_menu_are_refused() {
    let server = TestServer::start().await;
    let (phone, order) = (server.guest().await, new_order());
    phone.start(order, &server.qr_code().await).await.expect_ok();
    let order = order.to_string();
    let choices: [&[(&str, &str)]; 4] = [
        &[("drink", "sesame-open")],
        &[("drink", "espresso"), ("options[milk]", "oat")],
        &[("drink", "flat-white"), ("options[milk]", "sesame-open")],
        &[("drink", "flat-white"), ("options[sesame-open]", "oat")],
    ];
    for choice in choices {
        let submit = command("orders/submit", &[&[("order", order.as_str())], choice].concat());
        assert_refused(&server, &phone, submit, (422, "not_on_the_menu")).await;
    }
}

#[tokio::test]
async fn a_malformed_request_is_refused_with_a_reason() {
    let server = TestServer::start().await;
    let (phone, order) = (server.guest().await, new_order().to_string());
    let malformed = (400, "malformed");
    let fields: [(&[(&str, &str)], &str); 6] = [
        (&[], "order"),
        (&[("drink", "mocha")], "order"),
        (&[("order", &order)], "drink"),
        (&[("order", "sesame-open"), ("drink", "mocha")], ""),
        (&[("order", &order), ("drink", "mocha"), ("name", "Ada who has rather too long a name")], "name"),
        (&[("order", &order), ("drink", "mocha"), ("name", "A\u{7}da")], "name"),
    ];
    for (fields, names) in fields {
        let response = assert_refused(&server, &phone, command("orders/submit", fields), malformed).await;
        assert!(response.problem().detail.contains(names), "{}", response.text());
    }
    let submit = command("orders/submit", &[("order", &order), ("drink", "mocha"), ("key", &"k".repeat(101))]);
    assert_refused(&server, &phone, submit.clone(), malformed).await;
    let shopless = TestRequest::post("/api/orders/submit", &[("order", &order), ("drink", "mocha")]);
    assert!(assert_refused(&server, &phone, shopless, malformed).await.problem().detail.contains("shop"));
    for kind in ["application/json", "multipart/form-data; boundary=x", "text/plain"] {
        let response = assert_refused(&server, &phone, submit.clone().with("content-type", kind), malformed).await;
        assert!(response.problem().detail.contains("application/x-www-form-urlencoded"));
    }
    assert_refused_page(&server, &phone, command("orders/submit", &[]), (400, "The request cannot be read")).await;
    let version = command("orders/cancel", &[("order", &order), ("version", "sesame-open")]);
    assert_refused(&server, &phone, version, malformed).await;
}

#[tokio::test]
async fn a_malformed_address_is_refused_as_a_problem() {
    let server = TestServer::start().await;
    let phone = server.guest().await;
    for path in ["/s/%ff/view/ordering", "/s/demo/stream/%ff", "/s/demo/stream/ordering?after=1&after=2"] {
        assert_refused(&server, &phone, TestRequest::get(path), (400, "malformed")).await;
    }
    for path in ["/s/%ff", "/q/%ff", "/enter/%ff", "/s/%ff/display"] {
        assert_refused_page(&server, &phone, TestRequest::get(path), (400, "The request cannot be read")).await;
    }
}

#[tokio::test]
async fn a_wrong_method_is_refused_with_the_allowed_methods() {
    let server = TestServer::start().await;
    let tablet = server.barista().await;
    let claim = command("orders/claim", &[("order", &new_order().to_string())]);
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH] {
        let response = assert_refused(&server, &tablet, claim.clone().with_method(method), (405, "method_wrong")).await;
        assert_eq!(response.header("allow"), "POST");
    }
    for (path, allow) in [("/s/demo", "GET,HEAD"), ("/s/demo/stream/barista", "GET,HEAD"), ("/q/x", "GET,HEAD")] {
        let response = assert_refused(&server, &tablet, TestRequest::post(path, &[]), (405, "method_wrong")).await;
        assert_eq!(response.header("allow"), allow);
    }
    let response = assert_refused(
        &server,
        &tablet,
        TestRequest::get("/enter/x").with_method(Method::DELETE),
        (405, "method_wrong"),
    )
    .await;
    assert_eq!(response.header("allow"), "GET,HEAD,POST");
}

#[tokio::test]
async fn a_request_of_ten_megabytes_is_too_large() {
    const SIZE: usize = 10_000_000;
    let server = TestServer::start().await;
    let before = server.position().await;
    let stream = TcpStream::connect(server.addr).await.unwrap();
    let (mut from, mut to) = stream.into_split();
    let head = format!(
        "POST /api/orders/submit HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {SIZE}\r\n\r\nshop=demo&name=",
        server.addr
    );
    let writing = tokio::spawn(async move {
        // The server responds before the body is complete and does not read the rest.
        let _ = to.write_all(head.as_bytes()).await;
        let _ = to.write_all(&vec![b'a'; SIZE]).await;
        to
    });
    let mut answer = Vec::new();
    let _ = within_timeout("the response", from.read_to_end(&mut answer)).await;
    drop(within_timeout("the end of the upload", writing).await.unwrap());
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("content-type: application/problem+json\r\n") && answer.contains("/body_too_large\""));
    assert_eq!(server.position().await, before);

    // One byte above the limit is refused even without a `Content-Length`.
    let phone = server.guest().await;
    let mut request = command("orders/submit", &[("name", &"a".repeat(65_536 - "shop=demo&name=".len()))]);
    assert_eq!(request.body.len(), 65_536);
    assert_refused(&server, &phone, request.clone(), (400, "malformed")).await;
    request.body.push('a');
    assert_refused(&server, &phone, request.clone(), (413, "body_too_large")).await;
    assert_refused_page(&server, &phone, request, (413, "too large")).await;
}

#[tokio::test]
async fn a_stranger_is_told_to_scan_or_to_ask_for_a_link() {
    let server = TestServer::start().await;
    let (stranger, order) = (server.new_browser(), new_order().to_string());
    let code = server.qr_code().await;
    let of_order = [("order", order.as_str()), ("drink", "mocha"), ("code", code.as_str())];
    for action in ["orders/start", "orders/submit", "orders/cancel"] {
        assert_refused(&server, &stranger, command_with(action, &of_order), (401, "device_unknown")).await;
    }
    for action in ["orders/claim", "orders/release", "orders/complete", "orders/collect", "store/open", "store/close"] {
        assert_refused(&server, &stranger, command_with(action, &of_order), (401, "signed_out")).await;
    }
    for view in ["display", "barista"] {
        assert_refused(&server, &stranger, TestRequest::get(&format!("/s/demo/view/{view}")), (401, "signed_out"))
            .await;
        assert_refused(&server, &stranger, TestRequest::get(&format!("/s/demo/stream/{view}")), (401, "signed_out"))
            .await;
        let page = TestRequest::get(&format!("/s/demo/{view}"));
        assert_refused_page(&server, &stranger, page, (401, "for the people behind the bar")).await;
    }
    // Forged cookies count as no cookies.
    stranger.set_cookie("crema_device", "sesame-open");
    stranger.set_cookie("crema_demo_barista", "cs_sesame-open");
    assert_refused(&server, &stranger, command_with("orders/start", &of_order), (401, "device_unknown")).await;
    assert_refused(&server, &stranger, command_with("orders/claim", &of_order), (401, "signed_out")).await;
}

#[tokio::test]
async fn guests_and_displays_have_no_staff_permissions() {
    let server = TestServer::start().await;
    let (phone, tablet) = (server.guest().await, server.barista().await);
    let order = phone.order(&server.qr_code().await, "mocha").await.to_string();
    let screens = [phone.clone(), server.display.clone(), server.api_client("demo", Role::Display).await];
    let forbidden = (403, "role_forbids");
    for client in &screens {
        for action in
            ["orders/claim", "orders/release", "orders/complete", "orders/collect", "store/open", "store/close"]
        {
            assert_refused(&server, client, command_with(action, &[("order", &order)]), forbidden).await;
        }
    }
    for view in ["display", "barista"] {
        assert_refused(&server, &phone, TestRequest::get(&format!("/s/demo/view/{view}")), forbidden).await;
        assert_refused(&server, &phone, TestRequest::get(&format!("/s/demo/stream/{view}")), forbidden).await;
        assert_refused_page(&server, &phone, TestRequest::get(&format!("/s/demo/{view}")), (403, "Your role does not"))
            .await;
    }
    // The display has a session, but not one that grants this page.
    assert_refused(&server, &server.display, TestRequest::get("/s/demo/view/barista"), (401, "signed_out")).await;
    assert_refused(&server, &screens[2], TestRequest::get("/s/demo/stream/barista"), forbidden).await;
    // Staff may read the public view too.
    assert_eq!(tablet.get("/s/demo/view/display").await.status, StatusCode::OK);
    // A guest may not change another guest's order.
    let other = server.guest().await;
    let submit = command("orders/submit", &[("order", &order), ("drink", "mocha")]);
    assert_refused(&server, &other, submit, (403, "order_anothers")).await;
    assert_refused(&server, &other, command("orders/cancel", &[("order", &order)]), (403, "order_anothers")).await;
}

#[tokio::test]
async fn a_claimed_order_is_reserved_for_its_barista() {
    let server = TestServer::start().await;
    let (phone, tablet, other) = (server.guest().await, server.barista().await, server.barista().await);
    let id = phone.order(&server.qr_code().await, "mocha").await;
    let order = id.to_string();
    let seen = [("order", order.as_str()), ("version", "7")];
    assert_refused(&server, &tablet, command("orders/claim", &seen), (409, "order_moved_on")).await;
    tablet.step("claim", id).await.expect_ok();
    for action in ["orders/release", "orders/complete"] {
        assert_refused(&server, &other, command(action, &[("order", &order)]), (403, "order_anothers")).await;
    }
    assert_refused(&server, &other, command("orders/claim", &[("order", &order)]), (409, "step_illegal")).await;
    assert_refused(&server, &other, command("orders/collect", &[("order", &order)]), (409, "step_illegal")).await;
    // A finished order is refused differently from an unknown one.
    tablet.step("cancel", id).await.expect_ok();
    assert_refused(&server, &tablet, command("orders/claim", &[("order", &order)]), (409, "step_illegal")).await;
}

#[tokio::test]
async fn a_token_is_valid_in_its_own_shop_only() {
    let installation = TestInstallation::new();
    installation.add_shops(&["demo", "other"]).await;
    let server = installation.start().await;
    let (mine, others) =
        (server.api_client("demo", Role::Barista).await, server.api_client("other", Role::Barista).await);
    mine.command("store/close", &[]).await.expect_ok();
    assert_refused(&server, &others, command("store/open", &[]), (403, "role_forbids")).await;
    assert_refused(&server, &others, TestRequest::get("/s/demo/view/barista"), (403, "role_forbids")).await;
    assert_refused(&server, &others, TestRequest::get("/s/demo/stream/barista"), (403, "role_forbids")).await;
    let forged = Browser::with_token(server.addr, "ct_AAAAAAAAAAAAAAAAAAAAAA".to_owned());
    let garbled = Browser::with_token(server.addr, "sesame-open".to_owned());
    // Links and sessions are not bearer tokens.
    let link = Browser::with_token(server.addr, server.link(Role::Barista).await);
    let tablet = server.barista().await;
    let session = Browser::with_token(server.addr, tablet.cookie("crema_demo_barista").unwrap());
    for client in [&forged, &garbled, &link, &session] {
        assert_refused(&server, client, command("store/open", &[]), (401, "token_invalid")).await;
    }
    // A bearer token is not a session cookie.
    let disguised = server.new_browser();
    disguised.set_cookie("crema_demo_barista", mine.token().unwrap());
    assert_refused(&server, &disguised, command("store/open", &[]), (401, "signed_out")).await;
    // A session cookie of one shop is not accepted under another shop's name.
    let smuggler = server.new_browser();
    smuggler.set_cookie("crema_other_barista", &tablet.cookie("crema_demo_barista").unwrap());
    let open = TestRequest::post("/api/store/open", &[("shop", "other")]);
    assert_refused(&server, &smuggler, open, (401, "signed_out")).await;
    server.new_browser().without_scripts().get("/").await.page().assert_text("other");
}

#[tokio::test]
async fn a_cross_site_post_is_refused_with_any_cookies() {
    let server = TestServer::start().await;
    let (phone, tablet) = (server.guest().await, server.barista().await);
    let order = phone.order(&server.qr_code().await, "mocha").await.to_string();
    let (own, link) = (server.addr.to_string(), server.link(Role::Barista).await);
    let foreign = (403, "foreign_post");
    let disguises: [&[(&'static str, &str)]; 6] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site"), ("origin", &format!("http://{own}"))],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", "http://127.0.0.1:1")],
    ];
    for headers in disguises {
        let dress =
            |request: TestRequest| headers.iter().fold(request, |request, (name, value)| request.with(name, *value));
        assert_refused(&server, &tablet, dress(command("orders/claim", &[("order", &order)])), foreign).await;
        assert_refused(&server, &phone, dress(command("orders/cancel", &[("order", &order)])), foreign).await;
        let enter = dress(TestRequest::post(&format!("/enter/{link}"), &[]));
        assert_refused_page(&server, &server.new_browser(), enter, (403, "came from another site")).await;
    }
    // Same-origin requests and requests with a bearer token are accepted.
    let claim = command("orders/claim", &[("order", &order)]);
    tablet.send(claim.with("sec-fetch-site", "same-origin")).await.expect_ok();
    let release = command("orders/release", &[("order", &order)]);
    tablet.send(release.with("origin", format!("http://{own}"))).await.expect_ok();
    let script = server.api_client("demo", Role::Barista).await;
    script.send(command("orders/claim", &[("order", &order)]).with("sec-fetch-site", "cross-site")).await.expect_ok();
    server.new_browser().redeem_link(&link).await;
}

#[tokio::test]
async fn a_link_works_once_and_for_ten_minutes() {
    let server = TestServer::start().await;
    let (link, late) = (server.link(Role::Barista).await, server.link(Role::Display).await);
    let (get, post) = (
        |link: &str| TestRequest::get(&format!("/enter/{link}")),
        |link: &str| TestRequest::post(&format!("/enter/{link}"), &[]),
    );
    let visitor = server.new_browser();
    // GET does not redeem a link: chat programs preview every link.
    for _ in 0..2 {
        visitor.without_scripts().send(get(&link)).await.page().assert_text("Use this device");
    }
    assert_eq!(visitor.redeem_link(&link).await, "/s/demo/barista");
    assert_eq!(visitor.get("/s/demo/barista").await.status, StatusCode::OK);
    let second = server.new_browser();
    for request in [get(&link), post(&link)] {
        assert_refused_page(&server, &second, request, (410, "This link has been used")).await;
    }
    server.advance_clock(601);
    for request in [get(&late), post(&late)] {
        assert_refused_page(&server, &second, request, (410, "This link is too old")).await;
    }
    for garbled in ["sesame-open", "cl_AAAAAAAAAAAAAAAAAAAAAA", "cs_AAAAAAAAAAAAAAAAAAAAAA", "%00"] {
        for request in [get(garbled), post(garbled)] {
            assert_refused_page(&server, &second, request, (404, "This link does not exist")).await;
        }
    }
    assert_eq!(second.secrets(), Vec::<String>::new());
}

#[tokio::test]
async fn concurrent_uses_of_a_link_create_one_session() {
    let server = TestServer::start().await;
    let link = format!("/enter/{}", server.link(Role::Barista).await);
    let presses = (0..6).map(|_| async { server.new_browser().post(&link, &[]).await.status.as_u16() });
    let mut statuses = futures_util::future::join_all(presses).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 410, 410, 410, 410, 410]);
}

#[tokio::test]
async fn a_missing_asset_is_refused_as_a_problem() {
    let server = TestServer::start().await;
    for path in ["/assets/nothing.js", "/assets/nothing-0123456789abcdef.js"] {
        assert_refused(&server, &server.new_browser(), TestRequest::get(path), (404, "page_unknown")).await;
    }
}

#[tokio::test]
async fn the_type_of_a_problem_links_to_its_explanation() {
    let server = TestServer::start().await;
    let phone = server.guest().await;
    for slug in ["code_used_up", "shop_unavailable/full"] {
        let page = phone.get(&format!("/problems/{slug}")).await;
        assert_eq!(page.status.as_u16(), 200);
        let kind = Kind::ALL.iter().find(|kind| kind.slug() == slug).unwrap();
        page.page().assert_text(&Words::default().problem(&(*kind).into()).detail);
    }
    assert_eq!(phone.get("/problems/too_hot").await.status.as_u16(), 404);
}

#[tokio::test]
async fn a_refusal_is_in_the_language_of_the_request() {
    let server = TestInstallation::with_pseudo_locale().start().await;
    let phone = server.guest().await;
    let page = phone.get("/problems/sold_out?lang=x-pseudo").await;
    page.page().assert_text("⟦That is sold out⟧");
    let document = phone.post("/api/store/close?lang=x-pseudo", &[("shop", "demo")]).await.problem();
    assert_eq!(document.title, "⟦Your role does not include that⟧");
    let page = phone.without_scripts().get("/s/nowhere?lang=x-pseudo").await;
    page.page_with(StatusCode::NOT_FOUND).assert_text("⟦There is no such shop⟧");
}

#[tokio::test]
async fn repeated_starts_at_a_closed_shop_are_rate_limited() {
    let server = TestServer::start().await;
    let (phone, tablet) = (server.guest().await, server.barista().await);
    let code = server.qr_code().await;
    tablet.command("store/close", &[]).await.expect_ok();
    let first = new_order();
    for order in [first, new_order(), new_order()] {
        assert_eq!(phone.start(order, &code).await.slug(), "shop_unavailable/closed");
    }
    let before = server.position().await;
    let fourth = phone.start(new_order(), &code).await;
    assert_eq!((fourth.slug().as_str(), fourth.problem().retry_after), ("slow_down", Some(60)));
    assert_eq!(server.position().await, before);
    // Retries of one start get the same answer, and other guests are not limited.
    assert_eq!(phone.start(first, &code).await.slug(), "shop_unavailable/closed");
    assert_eq!(server.guest().await.start(new_order(), &code).await.slug(), "shop_unavailable/closed");
    server.advance_clock(60);
    assert_eq!(phone.start(new_order(), &server.qr_code().await).await.slug(), "shop_unavailable/closed");
}

#[tokio::test]
async fn short_code_guesses_are_rate_limited() {
    let server = TestServer::start().await;
    let phone = server.guest().await;
    let typed = server.current_code().await.typed;
    for n in 0..10 {
        assert_eq!(phone.start(new_order(), &format!("0000000{n}")).await.slug(), "code_unknown");
    }
    assert_eq!(phone.start(new_order(), "00000010").await.slug(), "slow_down");
    // A limited guest cannot learn whether a code is right.
    assert_eq!(phone.start(new_order(), &typed).await.slug(), "slow_down");
    assert_eq!(phone.get(&format!("/q/{typed}")).await.status, 429);
    // Long codes are not limited, and neither is the next phone.
    phone.start(new_order(), &server.qr_code().await).await.expect_ok();
    server.guest().await.start(new_order(), &typed).await.expect_ok();
    server.advance_clock(60);
    phone.get(&format!("/q/{}", server.current_code().await.typed)).await.page();
}

#[tokio::test]
async fn guesses_without_a_cookie_share_one_rate_limit() {
    let server = TestServer::start().await;
    for n in 0..600 {
        assert_eq!(server.new_browser().get(&format!("/q/00000{n:03}")).await.status, 404);
    }
    assert_eq!(server.new_browser().get("/q/00000600").await.status, 429);
    server.advance_clock(60);
    assert_eq!(server.new_browser().get("/q/00000600").await.status, 404);
}

#[tokio::test]
async fn each_code_refusal_has_its_own_status_and_slug() {
    let server = TestServer::start().await;
    let phone = server.guest().await;
    let code = server.qr_code().await;
    let start = async |shop: &str, code: Option<&str>| {
        let order = new_order().to_string();
        let fields: Vec<_> =
            [("shop", shop), ("order", &order)].into_iter().chain(code.map(|code| ("code", code))).collect();
        let refused = phone.send(TestRequest::post("/api/orders/start", &fields)).await;
        (refused.status.as_u16(), refused.slug())
    };
    let expected = |status: u16, slug: &str| (status, slug.to_owned());
    assert_eq!(start("demo", None).await, expected(400, "malformed"));
    assert_eq!(start("nowhere", Some(&code)).await, expected(404, "shop_unknown"));
    assert_eq!(start("demo", Some("wrong")).await, expected(404, "code_unknown"));
    for _ in 0..10 {
        server.guest().await.start(new_order(), &code).await.expect_ok();
    }
    assert_eq!(start("demo", Some(&code)).await, expected(409, "code_used_up"));
    server.advance_clock(360);
    assert_eq!(start("demo", Some(&code)).await, expected(410, "code_over"));
}
