//! The pages without JavaScript: forms, redirects and links.

use axum::http::StatusCode;
use domain::access::Role;
use domain::order::Step;
use domain::view::ordering::Ordering;

use crate::harness::browser::command;
use crate::harness::page::{Form, Page};
use crate::harness::request::{Answered, Sent};
use crate::harness::{Bar, Browser};

/// Submits a form of the page `from`.
pub(crate) async fn press(who: &Browser, from: &str, form: &Form) -> Answered {
    who.send(Sent::post(&form.action, &form.fields()).with("referer", format!("http://bar.example{from}"))).await
}

/// Submits a form, expects a redirect back to the page `from` and loads that page.
pub(crate) async fn pressed(who: &Browser, from: &str, form: &Form) -> Page {
    assert_eq!(press(who, from, form).await.leads_to(), from);
    who.get(from).await.page()
}

/// Scans the code and submits the start form; returns the menu page.
async fn menu(bar: &Bar, phone: &Browser) -> Page {
    let scanned = phone.scan(&bar.code().await).await.page();
    scanned.says("Welcome!");
    let start = &scanned.forms()[0];
    assert_eq!((start.action.as_str(), scanned.forms().len()), ("/api/orders/start", 1));
    pressed(phone, "/s/demo", start).await
}

#[tokio::test]
async fn the_whole_order_works_without_script() {
    const BENCH: &str = "/s/demo/barista";
    let bar = Bar::open().await;
    let (phone, tablet) = (bar.stranger().plain(), bar.barista().await.plain());
    assert_eq!(phone.get("/").await.leads_to(), "/s/demo");
    phone.get("/s/demo").await.page().says("Scan the code on the screen above the bar to order.");

    let page = menu(&bar, &phone).await;
    page.says("What would you like?");
    assert!(!page.html.contains("http-equiv=\"refresh\""), "nobody's half-filled form is loaded away");
    let form = page.form("/api/orders/submit", ("drink", "flat-white"));
    let page = pressed(&phone, "/s/demo", &form.fill("options[milk]", "soy").fill("name", "Ada")).await;
    page.says("Your flat white is in the queue.");
    page.says("Flat white, Medium, Soya");
    page.says("Your number 1");
    page.says("You are next.");
    page.says("Ada");
    assert!(page.html.contains("http-equiv=\"refresh\""));
    bar.screen.get("/s/demo/display").await.page().says("Flat white");

    let page = tablet.get(BENCH).await.page();
    page.says("The shop is open");
    page.says("Flat white Medium, Soya for Ada Contains soya.");
    let page = pressed(&tablet, BENCH, &page.form("/api/orders/claim", ("version", "1"))).await;
    phone.get("/s/demo").await.page().says("Your flat white is being made.");
    let page = pressed(&tablet, BENCH, &page.form("/api/orders/release", ("version", "2"))).await;
    let page = pressed(&tablet, BENCH, &page.form("/api/orders/claim", ("version", "3"))).await;
    let page = pressed(&tablet, BENCH, &page.form("/api/orders/complete", ("version", "4"))).await;
    phone.get("/s/demo").await.page().says("Come and get it!");
    let page = pressed(&tablet, BENCH, &page.form("/api/orders/collect", ("version", "5"))).await;
    page.says("Nothing waits to be collected.");
    phone.get("/s/demo").await.page().says("Enjoy your flat white!");
}

#[tokio::test]
async fn a_form_sent_twice_is_sent_once() {
    let bar = Bar::open().await;
    let (phone, tablet) = (bar.stranger().plain(), bar.barista().await.plain());
    let form = menu(&bar, &phone).await.form("/api/orders/submit", ("drink", "espresso"));
    pressed(&phone, "/s/demo", &form).await;
    let position = bar.position().await;
    pressed(&phone, "/s/demo", &form).await.says("Your number 1");
    let claim = tablet.get("/s/demo/barista").await.page().form("/api/orders/claim", ("version", "1"));
    for _ in 0..2 {
        pressed(&tablet, "/s/demo/barista", &claim).await;
    }
    assert_eq!(bar.position().await, position + 1);
    // The same key with another choice is another request.
    let changed = press(&phone, "/s/demo", &form.fill("options[shots]", "double")).await;
    changed.page_with(StatusCode::UNPROCESSABLE_ENTITY).says("This key was used for something else");
}

#[tokio::test]
async fn both_sides_cancel_and_each_stays_on_its_page() {
    let bar = Bar::open().await;
    let (phone, tablet) = (bar.stranger().plain(), bar.barista().await.plain());
    let cancel = menu(&bar, &phone).await.form("/api/orders/cancel", ("version", "0"));
    pressed(&phone, "/s/demo", &cancel).await.says("Your order is cancelled.");

    let form = menu(&bar, &phone).await.form("/api/orders/submit", ("drink", "mocha"));
    pressed(&phone, "/s/demo", &form).await;
    let cancel = tablet.get("/s/demo/barista").await.page().form("/api/orders/cancel", ("version", "1"));
    let cancelled = pressed(&tablet, "/s/demo/barista", &cancel.fill("reason", "other")).await;
    cancelled.says("cancelled Contains soya and milk.");
    phone.get("/s/demo").await.page().says("The bar had to cancel your order. Sorry!");
    let undo = cancelled.form("/api/orders/recall", ("version", "2"));
    pressed(&tablet, "/s/demo/barista", &undo).await.says("Make");
    phone.get("/s/demo").await.page().says("Your mocha is in the queue.");
}

#[tokio::test]
async fn a_no_is_a_page_with_a_way_back_and_the_choice_can_be_sent_again() {
    const BENCH: &str = "/s/demo/barista";
    let bar = Bar::open().await;
    let (phone, tablet) = (bar.stranger().plain(), bar.barista().await.plain());
    let form = menu(&bar, &phone).await.form("/api/orders/submit", ("drink", "chai"));
    let close = &tablet.get(BENCH).await.page().forms()[0];
    assert_eq!(close.action, "/api/store/close");
    let closed = pressed(&tablet, BENCH, close).await;
    closed.says("The shop is closed");
    bar.screen.get("/s/demo/display").await.page().says("We are closed");

    let no = press(&phone, "/s/demo", &form).await;
    let page = no.page_with(StatusCode::CONFLICT);
    page.says("The shop has closed meanwhile");
    assert!(page.html.contains("href=\"/s/demo\""), "{}", page.html);
    phone.get("/s/demo").await.page().says("The shop has closed meanwhile.");
    let scanned = bar.stranger().plain();
    let start = scanned.scan(&bar.code().await).await.page().forms().remove(0);
    let page = press(&scanned, "/q/code", &start).await.page_with(StatusCode::CONFLICT);
    page.says("The shop is closed");
    page.says("Try again in 60 seconds.");
    scanned.get("/s/demo").await.page().says("Your order could not begin");

    pressed(&tablet, BENCH, &closed.forms()[0]).await.says("The shop is open");
    pressed(&phone, "/s/demo", &form).await.says("Your chai latte is in the queue.");
}

#[tokio::test]
async fn what_people_type_is_shown_and_never_run() {
    let bar = Bar::open().await;
    let (phone, tablet) = (bar.stranger().plain(), bar.barista().await.plain());
    let form = menu(&bar, &phone).await.form("/api/orders/submit", ("drink", "latte"));
    let form = form.fill("name", "</script><b id=x>&\"'");
    for page in [pressed(&phone, "/s/demo", &form).await, tablet.get("/s/demo/barista").await.page()] {
        assert!(!page.html.contains("<b id=x>") && !page.html.contains("</script><b"), "{}", page.html);
        page.says("&lt;/script&gt;&lt;b id=x&gt;&amp;");
    }
}

#[tokio::test]
async fn a_page_is_opened_with_just_what_its_stream_goes_on_from() {
    let bar = Bar::open().await;
    let phone = bar.guest().await;
    let order = phone.order(&bar.code().await, "espresso").await;
    let opening: app::frame::Opening<Ordering> = phone.get("/s/demo").await.page().opening();
    let snapshot = phone.view::<Ordering>("ordering").await;
    assert_eq!(opening.snapshot, snapshot);
    assert_eq!((opening.shop.as_str(), opening.me), ("demo", None));
    let mine = snapshot.view.current().unwrap();
    assert_eq!((mine.order, mine.step, mine.number), (order, Step::Waiting, 1));
    // A finished order stays the current order of the phone.
    phone.step("cancel", order).await.granted();
    let over = phone.view::<Ordering>("ordering").await;
    assert_eq!(over.view.current().unwrap().step, Step::Cancelled);
    assert_eq!(over.topics.len(), 2);
}

#[tokio::test]
async fn a_link_leads_each_role_to_its_own_page() {
    let bar = Bar::open().await;
    let pages = [(Role::Display, "/s/demo/display"), (Role::Barista, "/s/demo/barista")];
    for (role, path) in pages.into_iter().chain([(Role::Manager, "/s/demo/office"), (Role::Robot, "/s/demo")]) {
        let (visitor, link) = (bar.stranger().plain(), bar.link(role).await);
        let page = visitor.get(&format!("/enter/{link}")).await.page();
        let button = &page.forms()[0];
        assert_eq!(button.action, format!("/enter/{link}"));
        assert_eq!(press(&visitor, "/enter", button).await.leads_to(), path);
        visitor.get(path).await.page().says("Crema Demo");
    }
    // A manager's session also grants what a barista's grants.
    let manager = bar.staff(Role::Manager).await;
    manager.send(command("store/close", &[])).await.granted();
}

#[tokio::test]
async fn a_guest_changes_the_drink_on_a_page_of_its_own() {
    let bar = Bar::open().await;
    let phone = bar.stranger().plain();
    assert_eq!(phone.get("/s/demo/change").await.leads_to(), "/s/demo", "there is nothing to change");
    let page = menu(&bar, &phone).await;
    let soy = page.form("/api/orders/submit", ("drink", "flat-white")).fill("options[milk]", "soy");
    pressed(&phone, "/s/demo", &soy).await;
    let page = phone.get("/s/demo/change").await.page();
    page.says("Now: Flat white, Medium, Soya.");
    // The edit form is preset with the ordered options, not with the defaults of the menu.
    let again = page.form("/api/orders/edit", ("drink", "flat-white"));
    assert!(again.fields().contains(&("options[milk]", "soy")), "{:?}", again.fields());
    let form = page.form("/api/orders/edit", ("drink", "espresso")).fill("name", "Grace");
    assert_eq!(press(&phone, "/s/demo/change", &form).await.leads_to(), "/s/demo");
    let page = phone.get("/s/demo").await.page();
    page.says("Your espresso is in the queue.");
    page.says("Your number 1");
    page.says("We will call “Grace”.");
}

#[tokio::test]
async fn whatever_a_guest_asks_leads_back_to_the_guests_page() {
    let bar = Bar::open().await;
    let phone = bar.stranger().plain();
    let page = menu(&bar, &phone).await;
    let page = pressed(&phone, "/s/demo", &page.form("/api/orders/extend", ("shop", "demo"))).await;
    let page = pressed(&phone, "/s/demo", &page.form("/api/orders/submit", ("drink", "espresso"))).await;
    let page = pressed(&phone, "/s/demo", &page.form("/api/orders/cancel", ("version", "1"))).await;
    pressed(&phone, "/s/demo", &page.form("/api/orders/recall", ("version", "2"))).await;
}

#[tokio::test]
async fn the_counter_takes_walk_ins_and_says_what_ran_out() {
    const COUNTER: &str = "/s/demo/counter";
    let bar = Bar::open().await;
    let tablet = bar.barista().await.plain();
    assert_eq!(bar.stranger().get(COUNTER).await.status, StatusCode::UNAUTHORIZED);
    let page = tablet.get(COUNTER).await.page();
    let form = page.form("/api/orders/walk_in", ("drink", "latte")).fill("options[milk]", "oat").fill("name", "Ada");
    let page = pressed(&tablet, COUNTER, &form).await;
    page.says("1 Caffè latte, Medium, Oat");
    tablet.get("/s/demo/barista").await.page().says("for Ada");

    let out = page.form("/api/menu/availability", ("thing", "option/milk/oat"));
    let page = pressed(&tablet, COUNTER, &out).await;
    page.says("Oat is out There again: Oat");
    let phone = bar.stranger().plain();
    let choosing = menu(&bar, &phone).await;
    choosing.says("Oat sold out");
    let oat = choosing.form("/api/orders/submit", ("drink", "latte")).fill("options[milk]", "oat");
    press(&phone, "/s/demo", &oat).await.page_with(StatusCode::CONFLICT).says("Oat is sold out");
    pressed(&tablet, COUNTER, &page.form("/api/menu/availability", ("thing", "option/milk/oat"))).await;
    pressed(&phone, "/s/demo", &oat).await.says("Your caffè latte is in the queue.");
}

#[tokio::test]
async fn who_cannot_scan_types_the_short_code() {
    let bar = Bar::open().await;
    let phone = bar.stranger().plain();
    phone.get("/q").await.page().says("The eight signs under the picture on the screen above the bar.");
    let typed = bar.code_now().await.typed.to_uppercase();
    let as_typed = format!("/q?code={}+-{}", &typed[..4], &typed[4..]);
    let scan = phone.get(&as_typed).await.leads_to().to_owned();
    assert_eq!(scan, format!("/q/{typed}"));
    phone.get(&scan).await.page().says("Welcome!");
    assert_eq!(phone.get("/q?code=..%2F..%2Fenter").await.leads_to(), "/q/enter");
}
