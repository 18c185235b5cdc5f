//! The pages without JavaScript: forms, redirects and links.

use axum::http::StatusCode;
use domain::access::Role;
use domain::order::Step;
use domain::view::ordering::Ordering;

use crate::harness::browser::command;
use crate::harness::page::{Form, Page};
use crate::harness::request::{TestRequest, TestResponse};
use crate::harness::{Browser, TestServer};

/// Submits a form of the page `from`.
pub(crate) async fn submit_form(client: &Browser, from: &str, form: &Form) -> TestResponse {
    client
        .send(TestRequest::post(&form.action, &form.fields()).with("referer", format!("http://bar.example{from}")))
        .await
}

/// Submits a form, expects a redirect back to the page `from` and loads that page.
pub(crate) async fn submit_and_reload(client: &Browser, from: &str, form: &Form) -> Page {
    assert_eq!(submit_form(client, from, form).await.redirect_target(), from);
    client.get(from).await.page()
}

/// Scans the code and submits the start form; returns the menu page.
async fn open_menu(server: &TestServer, phone: &Browser) -> Page {
    let scanned = phone.scan(&server.qr_code().await).await.page();
    scanned.assert_text("One moment");
    let start = &scanned.forms()[0];
    assert_eq!((start.action.as_str(), scanned.forms().len()), ("/api/orders/start", 1));
    submit_and_reload(phone, "/s/demo", start).await
}

#[tokio::test]
async fn a_page_in_an_unknown_language_is_in_english() {
    let server = TestServer::start().await;
    // The pseudo-locale is known only with its setting.
    for tag in ["x-pseudo", "tlh", ""] {
        let page = server.new_browser().get(&format!("/s/demo?lang={tag}")).await.page();
        assert!(page.html.contains("<html lang=\"en\""), "{tag}");
        page.assert_text("My orders");
    }
}

#[tokio::test]
async fn the_whole_order_works_without_script() {
    const BARISTA_PAGE: &str = "/s/demo/barista";
    let server = TestServer::start().await;
    let (phone, tablet) = (server.new_browser().without_scripts(), server.barista().await.without_scripts());
    assert_eq!(phone.get("/").await.redirect_target(), "/s/demo");
    phone.get("/s/demo").await.page().assert_text("Scan the code on the screen above the bar to order.");

    let page = open_menu(&server, &phone).await;
    page.assert_text("What would you like?");
    assert!(!page.html.contains("http-equiv=\"refresh\""), "a page with an open form must not refresh");
    let form = page.form("/api/orders/submit", ("drink", "flat-white"));
    let page = submit_and_reload(&phone, "/s/demo", &form.fill("options[milk]", "soy").fill("name", "Ada")).await;
    page.assert_text("Your flat white is in the queue.");
    page.assert_text("Flat white, Medium, Soya");
    page.assert_text("Your number 1");
    page.assert_text("You are next.");
    page.assert_text("Ada");
    assert!(page.html.contains("http-equiv=\"refresh\""));
    server.display.get("/s/demo/display").await.page().assert_text("Flat white");

    let page = tablet.get(BARISTA_PAGE).await.page();
    page.assert_text("The shop is open");
    page.assert_text("Flat white Medium, Soya for Ada Contains soya.");
    let page = submit_and_reload(&tablet, BARISTA_PAGE, &page.form("/api/orders/claim", ("version", "1"))).await;
    phone.get("/s/demo").await.page().assert_text("Your flat white is being made.");
    let page = submit_and_reload(&tablet, BARISTA_PAGE, &page.form("/api/orders/release", ("version", "2"))).await;
    let page = submit_and_reload(&tablet, BARISTA_PAGE, &page.form("/api/orders/claim", ("version", "3"))).await;
    let page = submit_and_reload(&tablet, BARISTA_PAGE, &page.form("/api/orders/complete", ("version", "4"))).await;
    phone.get("/s/demo").await.page().assert_text("Come and get it!");
    let page = submit_and_reload(&tablet, BARISTA_PAGE, &page.form("/api/orders/collect", ("version", "5"))).await;
    page.assert_text("Nothing waits to be collected.");
    phone.get("/s/demo").await.page().assert_text("Enjoy your flat white!");
}

#[tokio::test]
async fn a_form_sent_twice_is_sent_once() {
    let server = TestServer::start().await;
    let (phone, tablet) = (server.new_browser().without_scripts(), server.barista().await.without_scripts());
    let form = open_menu(&server, &phone).await.form("/api/orders/submit", ("drink", "espresso"));
    submit_and_reload(&phone, "/s/demo", &form).await;
    let position = server.position().await;
    submit_and_reload(&phone, "/s/demo", &form).await.assert_text("Your number 1");
    let claim = tablet.get("/s/demo/barista").await.page().form("/api/orders/claim", ("version", "1"));
    for _ in 0..2 {
        submit_and_reload(&tablet, "/s/demo/barista", &claim).await;
    }
    assert_eq!(server.position().await, position + 1);
    // The same key with another choice is another request.
    let changed = submit_form(&phone, "/s/demo", &form.fill("options[shots]", "double")).await;
    changed.page_with(StatusCode::UNPROCESSABLE_ENTITY).assert_text("Idempotency key reused for a different request");
}

#[tokio::test]
async fn both_sides_cancel_and_each_stays_on_its_page() {
    let server = TestServer::start().await;
    let (phone, tablet) = (server.new_browser().without_scripts(), server.barista().await.without_scripts());
    let cancel = open_menu(&server, &phone).await.form("/api/orders/cancel", ("version", "0"));
    submit_and_reload(&phone, "/s/demo", &cancel).await.assert_text("Your order is cancelled.");

    let form = open_menu(&server, &phone).await.form("/api/orders/submit", ("drink", "mocha"));
    submit_and_reload(&phone, "/s/demo", &form).await;
    let cancel = tablet.get("/s/demo/barista").await.page().form("/api/orders/cancel", ("version", "1"));
    let cancelled = submit_and_reload(&tablet, "/s/demo/barista", &cancel.fill("reason", "other")).await;
    cancelled.assert_text("cancelled Contains soya and milk.");
    phone.get("/s/demo").await.page().assert_text("The bar had to cancel your order. Sorry!");
    let undo = cancelled.form("/api/orders/recall", ("version", "2"));
    submit_and_reload(&tablet, "/s/demo/barista", &undo).await.assert_text("Make");
    phone.get("/s/demo").await.page().assert_text("Your mocha is in the queue.");
}

#[tokio::test]
async fn a_refusal_is_a_page_with_a_link_back_and_the_form_can_be_resent() {
    const BARISTA_PAGE: &str = "/s/demo/barista";
    let server = TestServer::start().await;
    let (phone, tablet) = (server.new_browser().without_scripts(), server.barista().await.without_scripts());
    let form = open_menu(&server, &phone).await.form("/api/orders/submit", ("drink", "chai"));
    let close = &tablet.get(BARISTA_PAGE).await.page().forms()[0];
    assert_eq!(close.action, "/api/store/close");
    let closed = submit_and_reload(&tablet, BARISTA_PAGE, close).await;
    closed.assert_text("The shop is closed");
    server.display.get("/s/demo/display").await.page().assert_text("We are closed");

    let refusal = submit_form(&phone, "/s/demo", &form).await;
    let page = refusal.page_with(StatusCode::CONFLICT);
    page.assert_text("The shop has closed meanwhile");
    assert!(page.html.contains("href=\"/s/demo\""), "{}", page.html);
    phone.get("/s/demo").await.page().assert_text("The shop has closed meanwhile.");
    let scanned = server.new_browser().without_scripts();
    let page = scanned.scan(&server.qr_code().await).await.page_with(StatusCode::CONFLICT);
    page.assert_text("The shop is closed");

    submit_and_reload(&tablet, BARISTA_PAGE, &closed.forms()[0]).await.assert_text("The shop is open");
    submit_and_reload(&phone, "/s/demo", &form).await.assert_text("Your chai latte is in the queue.");
}

#[tokio::test]
async fn typed_text_is_escaped_on_every_page() {
    let server = TestServer::start().await;
    let (phone, tablet) = (server.new_browser().without_scripts(), server.barista().await.without_scripts());
    let form = open_menu(&server, &phone).await.form("/api/orders/submit", ("drink", "latte"));
    let form = form.fill("name", "</script><b id=x>&\"'");
    for page in [submit_and_reload(&phone, "/s/demo", &form).await, tablet.get("/s/demo/barista").await.page()] {
        assert!(!page.html.contains("<b id=x>") && !page.html.contains("</script><b"), "{}", page.html);
        page.assert_text("&lt;/script&gt;&lt;b id=x&gt;&amp;");
    }
}

#[tokio::test]
async fn a_page_embeds_the_snapshot_its_stream_continues_from() {
    let server = TestServer::start().await;
    let phone = server.guest().await;
    let order = phone.order(&server.qr_code().await, "espresso").await;
    let opening: protocol::frame::Opening<Ordering> = phone.get("/s/demo").await.page().opening();
    let snapshot = phone.view::<Ordering>("ordering").await;
    assert_eq!(opening.snapshot, snapshot);
    assert_eq!((opening.shop.as_str(), opening.me), ("demo", None));
    let mine = snapshot.view.current().unwrap();
    assert_eq!((mine.order, mine.step, mine.number), (order, Step::Waiting, 1));
    // A finished order stays the current order of the phone.
    phone.step("cancel", order).await.expect_ok();
    let over = phone.view::<Ordering>("ordering").await;
    assert_eq!(over.view.current().unwrap().step, Step::Cancelled);
    assert_eq!(over.topics.len(), 2);
}

#[tokio::test]
async fn a_link_leads_each_role_to_its_own_page() {
    let server = TestServer::start().await;
    let pages = [(Role::Display, "/s/demo/display"), (Role::Barista, "/s/demo/barista")];
    for (role, path) in pages.into_iter().chain([(Role::Manager, "/s/demo/office")]) {
        let (visitor, link) = (server.new_browser().without_scripts(), server.link(role).await);
        let page = visitor.get(&format!("/enter/{link}")).await.page();
        let button = &page.forms()[0];
        assert_eq!(button.action, format!("/enter/{link}"));
        assert_eq!(submit_form(&visitor, "/enter", button).await.redirect_target(), path);
        visitor.get(path).await.page().assert_text("Crema Demo");
    }
    // A manager's session also grants what a barista's grants.
    let manager = server.staff(Role::Manager).await;
    manager.send(command("store/close", &[])).await.expect_ok();
}

#[tokio::test]
async fn a_guest_changes_the_drink_on_a_page_of_its_own() {
    let server = TestServer::start().await;
    let phone = server.new_browser().without_scripts();
    assert_eq!(phone.get("/s/demo/change").await.redirect_target(), "/s/demo", "no order can be edited yet");
    let page = open_menu(&server, &phone).await;
    let soy = page.form("/api/orders/submit", ("drink", "flat-white")).fill("options[milk]", "soy");
    submit_and_reload(&phone, "/s/demo", &soy).await;
    let page = phone.get("/s/demo/change").await.page();
    page.assert_text("Now: Flat white, Medium, Soya.");
    // The edit form is preset with the ordered options, not with the defaults of the menu.
    let again = page.form("/api/orders/edit", ("drink", "flat-white"));
    assert!(again.fields().contains(&("options[milk]", "soy")), "{:?}", again.fields());
    let form = page.form("/api/orders/edit", ("drink", "espresso")).fill("name", "Grace");
    assert_eq!(submit_form(&phone, "/s/demo/change", &form).await.redirect_target(), "/s/demo");
    let page = phone.get("/s/demo").await.page();
    page.assert_text("Your espresso is in the queue.");
    page.assert_text("Your number 1");
    page.assert_text("We will call “Grace”.");
    // The name is preset, too, and an emptied field removes it.
    let page = phone.get("/s/demo/change").await.page();
    let form = page.form("/api/orders/edit", ("drink", "espresso"));
    assert!(form.fields().contains(&("name", "Grace")), "{:?}", form.fields());
    submit_form(&phone, "/s/demo/change", &page.form("/api/orders/edit", ("drink", "latte")).fill("name", "")).await;
    let text = phone.get("/s/demo").await.page().visible_text();
    assert!(text.contains("Your caffè latte is in the queue.") && !text.contains("Grace"), "{text}");
}

#[tokio::test]
async fn every_guest_form_redirects_to_the_guests_page() {
    let server = TestServer::start().await;
    let phone = server.new_browser().without_scripts();
    let page = open_menu(&server, &phone).await;
    let page = submit_and_reload(&phone, "/s/demo", &page.form("/api/orders/extend", ("shop", "demo"))).await;
    let page = submit_and_reload(&phone, "/s/demo", &page.form("/api/orders/submit", ("drink", "espresso"))).await;
    let page = submit_and_reload(&phone, "/s/demo", &page.form("/api/orders/cancel", ("version", "1"))).await;
    submit_and_reload(&phone, "/s/demo", &page.form("/api/orders/recall", ("version", "2"))).await;
}

#[tokio::test]
async fn the_counter_takes_walk_ins_and_says_what_ran_out() {
    const COUNTER_PAGE: &str = "/s/demo/counter";
    let server = TestServer::start().await;
    let tablet = server.barista().await.without_scripts();
    assert_eq!(server.new_browser().get(COUNTER_PAGE).await.status, StatusCode::UNAUTHORIZED);
    let page = tablet.get(COUNTER_PAGE).await.page();
    let form = page.form("/api/orders/walk_in", ("drink", "latte")).fill("options[milk]", "oat").fill("name", "Ada");
    let page = submit_and_reload(&tablet, COUNTER_PAGE, &form).await;
    page.assert_text("1 Caffè latte, Medium, Oat");
    tablet.get("/s/demo/barista").await.page().assert_text("for Ada");

    let out = page.form("/api/menu/availability", ("thing", "option/milk/oat"));
    let page = submit_and_reload(&tablet, COUNTER_PAGE, &out).await;
    page.assert_text("Oat is out There again: Oat");
    let phone = server.new_browser().without_scripts();
    let choosing = open_menu(&server, &phone).await;
    choosing.assert_text("Oat sold out");
    let oat = choosing.form("/api/orders/submit", ("drink", "latte")).fill("options[milk]", "oat");
    submit_form(&phone, "/s/demo", &oat).await.page_with(StatusCode::CONFLICT).assert_text("Oat is sold out");
    submit_and_reload(&tablet, COUNTER_PAGE, &page.form("/api/menu/availability", ("thing", "option/milk/oat"))).await;
    submit_and_reload(&phone, "/s/demo", &oat).await.assert_text("Your caffè latte is in the queue.");
}

#[tokio::test]
async fn the_short_code_can_be_typed_instead_of_scanned() {
    let server = TestServer::start().await;
    let phone = server.new_browser().without_scripts();
    phone.get("/q").await.page().assert_text("The 8 letters and digits below the QR code on the screen above the bar.");
    let typed = server.current_code().await.typed.to_uppercase();
    let as_typed = format!("/q?code={}+-{}", &typed[..4], &typed[4..]);
    let scan = phone.get(&as_typed).await.redirect_target().to_owned();
    assert_eq!(scan, format!("/q/{typed}"));
    phone.get(&scan).await.page().assert_text("One moment");
    assert_eq!(phone.get("/q?code=..%2F..%2Fenter").await.redirect_target(), "/q/enter");
}
