//! Refusals: status, problem slug, no secrets in the response, and no effect on the log.

use app::problem::Kind;
use axum::http::{Method, StatusCode};
use domain::access::Role;
use domain::event::Event;
use domain::order::Step;
use domain::refusal::Unavailable;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::browser::command;
use crate::harness::request::{Answered, Sent};
use crate::harness::{Bar, Browser, Premises, new_order, soon};

/// Sends a request and checks that it is refused with this status and slug and changes nothing.
async fn refused(bar: &Bar, who: &Browser, asked: Sent, (status, slug): (u16, &str)) -> Answered {
    let before = bar.position().await;
    let answered = who.send(asked.clone()).await;
    assert_eq!((answered.status.as_u16(), answered.slug().as_str()), (status, slug), "{asked:?}");
    tells_no_secret(who, &answered);
    assert_eq!(bar.position().await, before, "{asked:?}");
    answered
}

/// The same check for a refusal that is shown as a page.
async fn refused_page(bar: &Bar, who: &Browser, asked: Sent, (status, words): (u16, &str)) {
    let before = bar.position().await;
    let answered = who.send(asked.with("accept", "text/html")).await;
    answered.page_with(StatusCode::from_u16(status).unwrap()).says(words);
    tells_no_secret(who, &answered);
    assert_eq!(bar.position().await, before);
}

fn tells_no_secret(who: &Browser, answered: &Answered) {
    for secret in who.secrets().iter().map(String::as_str).chain(["Ada", "sesame-open"]) {
        assert!(!answered.text().contains(secret), "{secret} is in {}", answered.text());
    }
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let bar = Bar::open().await;
    let (phone, order, code) = (bar.guest().await, new_order().to_string(), bar.code().await);
    let tablet = bar.barista().await;
    let nowhere = Sent::post("/api/orders/start", &[("shop", "nowhere"), ("order", &order), ("code", &code)]);
    refused(&bar, &phone, nowhere, (404, "shop_unknown")).await;
    refused(&bar, &phone, Sent::get("/s/nowhere/view/ordering"), (404, "shop_unknown")).await;
    refused(&bar, &phone, Sent::get("/s/No-Slug/stream/ordering"), (404, "shop_unknown")).await;
    refused_page(&bar, &phone, Sent::get("/s/nowhere"), (404, "There is no such shop")).await;
    refused(&bar, &phone, Sent::get("/s/demo/view/kitchen"), (404, "page_unknown")).await;
    refused(&bar, &phone, Sent::get("/s/demo/stream/kitchen"), (404, "page_unknown")).await;
    for path in ["/nothing", "/api/nothing", "/s/demo/display/nothing", "/.env", "/enter"] {
        refused(&bar, &phone, Sent::get(path), (404, "page_unknown")).await;
        refused_page(&bar, &phone, Sent::get(path), (404, "There is nothing here")).await;
    }
    let unknown = command("orders/submit", &[("order", &order), ("drink", "mocha"), ("name", "Ada")]);
    refused(&bar, &phone, unknown, (404, "order_unknown")).await;
    refused(&bar, &tablet, command("orders/claim", &[("order", &order)]), (404, "order_unknown")).await;
}

#[tokio::test]
async fn a_code_is_refused_when_it_is_garbled_or_over() {
    let bar = Bar::open().await;
    let (phone, code) = (bar.guest().await, bar.code().await);
    let start = |code: &str| command("orders/start", &[("order", &new_order().to_string()), ("code", code)]);
    for garbled in ["sesame-open", "aaaaaaaaaaaaaaaa", "🦀", &code[..15], &format!("{code}0"), &"z".repeat(5000)] {
        refused(&bar, &phone, start(garbled), (404, "code_unknown")).await;
    }
    refused_page(&bar, &phone, Sent::get("/q/sesame-open"), (404, "never shown here")).await;
    // A window lasts five minutes and its code is valid for one more minute, so that a loaded page can still be posted.
    bar.later(359);
    phone.send(start(&code)).await.granted();
    bar.later(1);
    let late = bar.guest().await;
    refused(&bar, &late, start(&code), (410, "code_over")).await;
    refused_page(&bar, &late, start(&code), (410, "no longer good")).await;
    refused_page(&bar, &phone, Sent::get(&format!("/q/{code}")), (410, "no longer good")).await;
    phone.send(start(&bar.code().await)).await.granted();
}

#[tokio::test]
async fn the_eleventh_drink_of_a_code_waits_for_the_next() {
    let bar = Bar::open().await;
    let (phone, code) = (bar.guest().await, bar.code().await);
    let start = || command("orders/start", &[("order", &new_order().to_string()), ("code", &code)]);
    let guests = futures_util::future::join_all((0..12).map(|_| bar.guest())).await;
    let answers = futures_util::future::join_all(guests.iter().map(|guest| guest.send(start()))).await;
    let granted = || guests.iter().zip(&answers).filter(|(_, answered)| answered.status.is_success());
    assert_eq!(granted().count(), 10);
    for (guest, answered) in granted() {
        guest.submit(answered.granted().order.unwrap(), "espresso", &[]).await.granted();
    }
    bar.later(100);
    let answered = refused(&bar, &phone, start(), (409, "code_used_up")).await;
    assert_eq!(answered.problem().retry_after, Some(200));
    refused_page(&bar, &phone, start(), (409, "Try again in 200 seconds")).await;
    bar.later(200);
    // During the extra minute the old code remains used up, and the next code is valid.
    let answered = refused(&bar, &phone, start(), (409, "code_used_up")).await;
    assert_eq!(answered.problem().retry_after, Some(1));
    phone.start(new_order(), &bar.code().await).await.granted();
}

#[tokio::test]
async fn a_start_at_a_closed_door_is_recorded_and_its_token_comes_back() {
    let bar = Bar::open().await;
    let (phone, tablet, order) = (bar.guest().await, bar.barista().await, new_order());
    let code = bar.code().await;
    tablet.command("store/close", &[]).await.granted();
    let answered = phone.start(order, &code).await;
    let problem = answered.problem();
    assert_eq!((answered.status.as_u16(), answered.slug().as_str()), (409, "shop_unavailable/closed"));
    assert_eq!((problem.order, problem.retry_after), (Some(order), Some(60)));
    tells_no_secret(&phone, &answered);
    // Retries get the same answer and write one record.
    let position = bar.position().await;
    tablet.command("store/open", &[]).await.granted();
    assert_eq!(phone.start(order, &code).await.text(), answered.text());
    assert_eq!(bar.position().await, position + 1);
    phone.start(new_order(), &code).await.granted();

    let log = bar.close().await.log().await;
    let recorded: Vec<_> = log.iter().filter(|recorded| recorded.event.order() == Some(order)).collect();
    assert!(matches!(&recorded[0].event, Event::NewOrder(event) if event.left == Some(9)));
    assert!(matches!(&recorded[1].event, Event::ShopUnavailable(event) if event.reason == Unavailable::Closed));
    assert!(matches!(&recorded[2].event, Event::TokenReturned(event) if event.left == 10));
    assert!(matches!(&recorded[3].event, Event::OrderFinished(event) if event.outcome == Step::Unavailable));
    assert_eq!(recorded.len(), 4);
}

#[tokio::test]
async fn a_shop_that_closes_meanwhile_takes_no_submission() {
    let bar = Bar::open().await;
    let (phone, tablet, order) = (bar.guest().await, bar.barista().await, new_order());
    phone.start(order, &bar.code().await).await.granted();
    tablet.command("store/close", &[]).await.granted();
    let order = order.to_string();
    let submit = command("orders/submit", &[("order", &order), ("drink", "mocha"), ("name", "Ada")]);
    refused(&bar, &phone, submit.clone(), (409, "shop_closed")).await;
    refused_page(&bar, &phone, submit.clone(), (409, "The shop has closed meanwhile")).await;
    tablet.command("store/open", &[]).await.granted();
    phone.send(submit).await.granted();
}

#[tokio::test]
async fn what_is_not_on_the_menu_is_not_made() {
    let bar = Bar::open().await;
    let (phone, order) = (bar.guest().await, new_order());
    phone.start(order, &bar.code().await).await.granted();
    let order = order.to_string();
    let choices: [&[(&str, &str)]; 4] = [
        &[("drink", "sesame-open")],
        &[("drink", "espresso"), ("options[milk]", "oat")],
        &[("drink", "flat-white"), ("options[milk]", "sesame-open")],
        &[("drink", "flat-white"), ("options[sesame-open]", "oat")],
    ];
    for choice in choices {
        let submit = command("orders/submit", &[&[("order", order.as_str())], choice].concat());
        refused(&bar, &phone, submit, (422, "not_on_the_menu")).await;
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_told_what_is_wrong_with_it() {
    let bar = Bar::open().await;
    let (phone, order) = (bar.guest().await, new_order().to_string());
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
        let answered = refused(&bar, &phone, command("orders/submit", fields), malformed).await;
        assert!(answered.problem().detail.contains(names), "{}", answered.text());
    }
    let submit = command("orders/submit", &[("order", &order), ("drink", "mocha"), ("key", &"k".repeat(101))]);
    refused(&bar, &phone, submit.clone(), malformed).await;
    let shopless = Sent::post("/api/orders/submit", &[("order", &order), ("drink", "mocha")]);
    assert!(refused(&bar, &phone, shopless, malformed).await.problem().detail.contains("shop"));
    for kind in ["application/json", "multipart/form-data; boundary=x", "text/plain"] {
        let answered = refused(&bar, &phone, submit.clone().with("content-type", kind), malformed).await;
        assert!(answered.problem().detail.contains("application/x-www-form-urlencoded"));
    }
    refused_page(&bar, &phone, command("orders/submit", &[]), (400, "The request cannot be read")).await;
    let version = command("orders/cancel", &[("order", &order), ("version", "sesame-open")]);
    refused(&bar, &phone, version, malformed).await;
}

#[tokio::test]
async fn an_address_that_cannot_be_read_is_a_problem_too() {
    let bar = Bar::open().await;
    let phone = bar.guest().await;
    for path in ["/s/%ff/view/ordering", "/s/demo/stream/%ff", "/s/demo/stream/ordering?after=1&after=2"] {
        refused(&bar, &phone, Sent::get(path), (400, "malformed")).await;
    }
    for path in ["/s/%ff", "/q/%ff", "/enter/%ff", "/s/%ff/display"] {
        refused_page(&bar, &phone, Sent::get(path), (400, "The request cannot be read")).await;
    }
}

#[tokio::test]
async fn a_method_that_an_address_does_not_know_is_told_which_it_does() {
    let bar = Bar::open().await;
    let tablet = bar.barista().await;
    let claim = command("orders/claim", &[("order", &new_order().to_string())]);
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH] {
        let answered = refused(&bar, &tablet, claim.clone().by(method), (405, "method_wrong")).await;
        assert_eq!(answered.header("allow"), "POST");
    }
    for (path, allow) in [("/s/demo", "GET,HEAD"), ("/s/demo/stream/barista", "GET,HEAD"), ("/q/x", "GET,HEAD")] {
        let answered = refused(&bar, &tablet, Sent::post(path, &[]), (405, "method_wrong")).await;
        assert_eq!(answered.header("allow"), allow);
    }
    let answered = refused(&bar, &tablet, Sent::get("/enter/x").by(Method::DELETE), (405, "method_wrong")).await;
    assert_eq!(answered.header("allow"), "GET,HEAD,POST");
}

#[tokio::test]
async fn a_request_of_ten_megabytes_is_too_large() {
    const SIZE: usize = 10_000_000;
    let bar = Bar::open().await;
    let before = bar.position().await;
    let stream = TcpStream::connect(bar.addr).await.unwrap();
    let (mut from, mut to) = stream.into_split();
    let head = format!(
        "POST /api/orders/submit HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {SIZE}\r\n\r\nshop=demo&name=",
        bar.addr
    );
    let writing = tokio::spawn(async move {
        // The server responds before the body is complete and does not read the rest.
        let _ = to.write_all(head.as_bytes()).await;
        let _ = to.write_all(&vec![b'a'; SIZE]).await;
        to
    });
    let mut answer = Vec::new();
    let _ = soon("the answer", from.read_to_end(&mut answer)).await;
    drop(soon("the end of writing", writing).await.unwrap());
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("content-type: application/problem+json\r\n") && answer.contains("/body_too_large\""));
    assert_eq!(bar.position().await, before);

    // One byte above the limit is refused even without a `Content-Length`.
    let phone = bar.guest().await;
    let mut asked = command("orders/submit", &[("name", &"a".repeat(65_536 - "shop=demo&name=".len()))]);
    assert_eq!(asked.body.len(), 65_536);
    refused(&bar, &phone, asked.clone(), (400, "malformed")).await;
    asked.body.push('a');
    refused(&bar, &phone, asked.clone(), (413, "body_too_large")).await;
    refused_page(&bar, &phone, asked, (413, "too large")).await;
}

#[tokio::test]
async fn a_stranger_is_told_to_scan_or_to_ask_for_a_link() {
    let bar = Bar::open().await;
    let (stranger, order) = (bar.stranger(), new_order().to_string());
    let code = bar.code().await;
    let of_order = [("order", order.as_str()), ("drink", "mocha"), ("code", code.as_str())];
    for action in ["orders/start", "orders/submit", "orders/cancel"] {
        refused(&bar, &stranger, command(action, &of_order), (401, "device_unknown")).await;
    }
    for action in ["orders/claim", "orders/release", "orders/complete", "orders/collect", "store/open", "store/close"] {
        refused(&bar, &stranger, command(action, &of_order), (401, "signed_out")).await;
    }
    for view in ["display", "barista"] {
        refused(&bar, &stranger, Sent::get(&format!("/s/demo/view/{view}")), (401, "signed_out")).await;
        refused(&bar, &stranger, Sent::get(&format!("/s/demo/stream/{view}")), (401, "signed_out")).await;
        let page = Sent::get(&format!("/s/demo/{view}"));
        refused_page(&bar, &stranger, page, (401, "for the people behind the bar")).await;
    }
    // Forged cookies count as no cookies.
    stranger.carry("crema_device", "sesame-open");
    stranger.carry("crema_demo_barista", "cs_sesame-open");
    refused(&bar, &stranger, command("orders/start", &of_order), (401, "device_unknown")).await;
    refused(&bar, &stranger, command("orders/claim", &of_order), (401, "signed_out")).await;
}

#[tokio::test]
async fn neither_a_guest_nor_a_screen_gets_behind_the_bar() {
    let bar = Bar::open().await;
    let (phone, tablet) = (bar.guest().await, bar.barista().await);
    let order = phone.order(&bar.code().await, "mocha").await.to_string();
    let screens = [phone.clone(), bar.screen.clone(), bar.script("demo", Role::Display).await];
    let forbidden = (403, "role_forbids");
    for who in &screens {
        for action in
            ["orders/claim", "orders/release", "orders/complete", "orders/collect", "store/open", "store/close"]
        {
            refused(&bar, who, command(action, &[("order", &order)]), forbidden).await;
        }
    }
    for view in ["display", "barista"] {
        refused(&bar, &phone, Sent::get(&format!("/s/demo/view/{view}")), forbidden).await;
        refused(&bar, &phone, Sent::get(&format!("/s/demo/stream/{view}")), forbidden).await;
        refused_page(&bar, &phone, Sent::get(&format!("/s/demo/{view}")), (403, "Your role does not")).await;
    }
    // The display has a session, but not one that grants this page.
    refused(&bar, &bar.screen, Sent::get("/s/demo/view/barista"), (401, "signed_out")).await;
    refused(&bar, &screens[2], Sent::get("/s/demo/stream/barista"), forbidden).await;
    // Staff may read the public view too.
    assert_eq!(tablet.get("/s/demo/view/display").await.status, StatusCode::OK);
    // A guest may not change another guest's order.
    let other = bar.guest().await;
    let submit = command("orders/submit", &[("order", &order), ("drink", "mocha")]);
    refused(&bar, &other, submit, (403, "order_anothers")).await;
    refused(&bar, &other, command("orders/cancel", &[("order", &order)]), (403, "order_anothers")).await;
}

#[tokio::test]
async fn a_drink_in_one_baristas_hands_is_not_anothers() {
    let bar = Bar::open().await;
    let (phone, tablet, other) = (bar.guest().await, bar.barista().await, bar.barista().await);
    let id = phone.order(&bar.code().await, "mocha").await;
    let order = id.to_string();
    let seen = [("order", order.as_str()), ("version", "7")];
    refused(&bar, &tablet, command("orders/claim", &seen), (409, "order_moved_on")).await;
    tablet.step("claim", id).await.granted();
    for action in ["orders/release", "orders/complete"] {
        refused(&bar, &other, command(action, &[("order", &order)]), (403, "order_anothers")).await;
    }
    refused(&bar, &other, command("orders/claim", &[("order", &order)]), (409, "step_illegal")).await;
    refused(&bar, &other, command("orders/collect", &[("order", &order)]), (409, "step_illegal")).await;
    // A finished order is refused differently from an unknown one.
    tablet.step("cancel", id).await.granted();
    refused(&bar, &tablet, command("orders/claim", &[("order", &order)]), (409, "step_illegal")).await;
}

#[tokio::test]
async fn a_key_opens_its_own_shop_only() {
    let premises = Premises::new();
    premises.found(&["demo", "other"]).await;
    let bar = premises.open().await;
    let (mine, others) = (bar.script("demo", Role::Barista).await, bar.script("other", Role::Barista).await);
    mine.command("store/close", &[]).await.granted();
    refused(&bar, &others, command("store/open", &[]), (403, "role_forbids")).await;
    refused(&bar, &others, Sent::get("/s/demo/view/barista"), (403, "role_forbids")).await;
    refused(&bar, &others, Sent::get("/s/demo/stream/barista"), (403, "role_forbids")).await;
    let forged = Browser::with_key(bar.addr, "ct_AAAAAAAAAAAAAAAAAAAAAA".to_owned());
    let garbled = Browser::with_key(bar.addr, "sesame-open".to_owned());
    // Links and sessions are not bearer tokens.
    let link = Browser::with_key(bar.addr, bar.link(Role::Barista).await);
    let tablet = bar.barista().await;
    let session = Browser::with_key(bar.addr, tablet.cookie("crema_demo_barista").unwrap());
    for who in [&forged, &garbled, &link, &session] {
        refused(&bar, who, command("store/open", &[]), (401, "token_invalid")).await;
    }
    // A bearer token is not a session cookie.
    let disguised = bar.stranger();
    disguised.carry("crema_demo_barista", mine.key().unwrap());
    refused(&bar, &disguised, command("store/open", &[]), (401, "signed_out")).await;
    // A session cookie of one shop is not accepted under another shop's name.
    let smuggler = bar.stranger();
    smuggler.carry("crema_other_barista", &tablet.cookie("crema_demo_barista").unwrap());
    let open = Sent::post("/api/store/open", &[("shop", "other")]);
    refused(&bar, &smuggler, open, (401, "signed_out")).await;
    bar.stranger().plain().get("/").await.page().says("other");
}

#[tokio::test]
async fn a_post_from_another_site_is_refused_whatever_cookies_it_brings() {
    let bar = Bar::open().await;
    let (phone, tablet) = (bar.guest().await, bar.barista().await);
    let order = phone.order(&bar.code().await, "mocha").await.to_string();
    let (own, link) = (bar.addr.to_string(), bar.link(Role::Barista).await);
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
        let dress = |asked: Sent| headers.iter().fold(asked, |asked, (name, value)| asked.with(name, *value));
        refused(&bar, &tablet, dress(command("orders/claim", &[("order", &order)])), foreign).await;
        refused(&bar, &phone, dress(command("orders/cancel", &[("order", &order)])), foreign).await;
        let enter = dress(Sent::post(&format!("/enter/{link}"), &[]));
        refused_page(&bar, &bar.stranger(), enter, (403, "came from another site")).await;
    }
    // Same-origin requests and requests with a bearer token are accepted.
    let claim = command("orders/claim", &[("order", &order)]);
    tablet.send(claim.with("sec-fetch-site", "same-origin")).await.granted();
    let release = command("orders/release", &[("order", &order)]);
    tablet.send(release.with("origin", format!("http://{own}"))).await.granted();
    let script = bar.script("demo", Role::Barista).await;
    script.send(command("orders/claim", &[("order", &order)]).with("sec-fetch-site", "cross-site")).await.granted();
    bar.stranger().enter(&link).await;
}

#[tokio::test]
async fn a_link_works_once_and_for_ten_minutes() {
    let bar = Bar::open().await;
    let (link, late) = (bar.link(Role::Barista).await, bar.link(Role::Display).await);
    let (get, post) =
        (|link: &str| Sent::get(&format!("/enter/{link}")), |link: &str| Sent::post(&format!("/enter/{link}"), &[]));
    let visitor = bar.stranger();
    // GET does not redeem a link: chat programs preview every link.
    for _ in 0..2 {
        visitor.plain().send(get(&link)).await.page().says("Use this device");
    }
    assert_eq!(visitor.enter(&link).await, "/s/demo/barista");
    assert_eq!(visitor.get("/s/demo/barista").await.status, StatusCode::OK);
    let second = bar.stranger();
    for asked in [get(&link), post(&link)] {
        refused_page(&bar, &second, asked, (410, "This link has been used")).await;
    }
    bar.later(601);
    for asked in [get(&late), post(&late)] {
        refused_page(&bar, &second, asked, (410, "This link is too old")).await;
    }
    for garbled in ["sesame-open", "cl_AAAAAAAAAAAAAAAAAAAAAA", "cs_AAAAAAAAAAAAAAAAAAAAAA", "%00"] {
        for asked in [get(garbled), post(garbled)] {
            refused_page(&bar, &second, asked, (404, "This link does not exist")).await;
        }
    }
    assert_eq!(second.secrets(), Vec::<String>::new());
}

#[tokio::test]
async fn of_two_who_press_the_button_of_one_link_one_gets_in() {
    let bar = Bar::open().await;
    let link = format!("/enter/{}", bar.link(Role::Barista).await);
    let presses = (0..6).map(|_| async { bar.stranger().post(&link, &[]).await.status.as_u16() });
    let mut statuses = futures_util::future::join_all(presses).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 410, 410, 410, 410, 410]);
}

#[tokio::test]
async fn a_file_that_is_not_there_is_a_problem_like_any_other() {
    let bar = Bar::open().await;
    for path in ["/assets/nothing.js", "/assets/nothing-0123456789abcdef.js"] {
        refused(&bar, &bar.stranger(), Sent::get(path), (404, "page_unknown")).await;
    }
}

#[tokio::test]
async fn the_type_of_a_problem_leads_to_its_words() {
    let bar = Bar::open().await;
    let phone = bar.guest().await;
    for slug in ["code_used_up", "shop_unavailable/full"] {
        let page = phone.get(&format!("/problems/{slug}")).await;
        assert_eq!(page.status.as_u16(), 200);
        let kind = Kind::ALL.iter().find(|kind| kind.slug() == slug).unwrap();
        page.page().says(kind.advice());
    }
    assert_eq!(phone.get("/problems/too_hot").await.status.as_u16(), 404);
}

#[tokio::test]
async fn whoever_is_turned_away_thrice_in_a_minute_waits_and_the_log_with_them() {
    let bar = Bar::open().await;
    let (phone, tablet) = (bar.guest().await, bar.barista().await);
    let code = bar.code().await;
    tablet.command("store/close", &[]).await.granted();
    let first = new_order();
    for order in [first, new_order(), new_order()] {
        assert_eq!(phone.start(order, &code).await.slug(), "shop_unavailable/closed");
    }
    let before = bar.position().await;
    let fourth = phone.start(new_order(), &code).await;
    assert_eq!((fourth.slug().as_str(), fourth.problem().retry_after), ("slow_down", Some(60)));
    assert_eq!(bar.position().await, before);
    // Retries of one start get the same answer, and other guests are not limited.
    assert_eq!(phone.start(first, &code).await.slug(), "shop_unavailable/closed");
    assert_eq!(bar.guest().await.start(new_order(), &code).await.slug(), "shop_unavailable/closed");
    bar.later(60);
    assert_eq!(phone.start(new_order(), &bar.code().await).await.slug(), "shop_unavailable/closed");
}

#[tokio::test]
async fn a_short_code_is_typed_a_few_times_wrong_and_not_guessed() {
    let bar = Bar::open().await;
    let phone = bar.guest().await;
    let typed = bar.code_now().await.typed;
    for n in 0..10 {
        assert_eq!(phone.start(new_order(), &format!("0000000{n}")).await.slug(), "code_unknown");
    }
    assert_eq!(phone.start(new_order(), "00000010").await.slug(), "slow_down");
    // A limited guest cannot learn whether a code is right.
    assert_eq!(phone.start(new_order(), &typed).await.slug(), "slow_down");
    assert_eq!(phone.get(&format!("/q/{typed}")).await.status, 429);
    // Long codes are not limited, and neither is the next phone.
    phone.start(new_order(), &bar.code().await).await.granted();
    bar.guest().await.start(new_order(), &typed).await.granted();
    bar.later(60);
    phone.get(&format!("/q/{}", bar.code_now().await.typed)).await.page();
}

#[tokio::test]
async fn whoever_throws_the_cookie_away_guesses_with_all_others() {
    let bar = Bar::open().await;
    for n in 0..600 {
        assert_eq!(bar.stranger().get(&format!("/q/00000{n:03}")).await.status, 404);
    }
    assert_eq!(bar.stranger().get("/q/00000600").await.status, 429);
    bar.later(60);
    assert_eq!(bar.stranger().get("/q/00000600").await.status, 404);
}

#[tokio::test]
async fn every_way_a_start_can_miss_its_code_has_a_status_and_a_reason_of_its_own() {
    let bar = Bar::open().await;
    let phone = bar.guest().await;
    let code = bar.code().await;
    let start = async |shop: &str, code: Option<&str>| {
        let order = new_order().to_string();
        let fields: Vec<_> =
            [("shop", shop), ("order", &order)].into_iter().chain(code.map(|code| ("code", code))).collect();
        let refused = phone.send(Sent::post("/api/orders/start", &fields)).await;
        (refused.status.as_u16(), refused.slug())
    };
    let no = |status: u16, slug: &str| (status, slug.to_owned());
    assert_eq!(start("demo", None).await, no(400, "malformed"));
    assert_eq!(start("nowhere", Some(&code)).await, no(404, "shop_unknown"));
    assert_eq!(start("demo", Some("wrong")).await, no(404, "code_unknown"));
    for _ in 0..10 {
        bar.guest().await.start(new_order(), &code).await.granted();
    }
    assert_eq!(start("demo", Some(&code)).await, no(409, "code_used_up"));
    bar.later(360);
    assert_eq!(start("demo", Some(&code)).await, no(410, "code_over"));
}
