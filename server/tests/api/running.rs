//! Daily operation: opening hours, menu changes, sold-out items, walk-ins and stopping all orders.

use domain::access::Role;
use domain::event::Event;
use domain::order::Step;
use domain::view::barista::Barista;
use domain::view::display::Display;
use domain::view::ordering::Ordering;
use serde_json::{Value, json};

use crate::harness::request::TestResponse;
use crate::harness::{LivePage, TestServer, new_order};

fn body(response: &TestResponse) -> Value {
    serde_json::from_str(response.text()).unwrap()
}

fn set_clock(server: &TestServer, at: &str) {
    server.installation.clock.set(at.parse().unwrap());
}

/// Opening hours on two mornings in Berlin.
const MORNING_HOURS: [(&str, &str); 8] = [
    ("hours[zone]", "Europe/Berlin"),
    ("hours[last_orders_minutes]", "15"),
    ("hours[week][0][day]", "sat"),
    ("hours[week][0][from]", "08:00"),
    ("hours[week][0][to]", "12:00"),
    ("hours[week][1][day]", "sun"),
    ("hours[week][1][from]", "08:00"),
    ("hours[week][1][to]", "12:00"),
];

#[tokio::test]
async fn the_shop_follows_its_hours_and_calls_last_orders() {
    let server = TestServer::start().await;
    let manager = server.api_client("demo", Role::Manager).await;
    let mut tv: LivePage<Display> = LivePage::open(&server.display, "display").await;
    manager.command("store/hours", &MORNING_HOURS).await.expect_ok();
    // This is one minute before last orders in Berlin.
    let (phone, order) = (server.guest().await, new_order());
    set_clock(&server, "2026-11-21T10:44:00.000Z");
    phone.start(order, &server.qr_code().await).await.expect_ok();
    set_clock(&server, "2026-11-21T10:45:00.000Z");
    tv.wait_until(|view, _| view.closing.is_some_and(|at| at.to_string() == "2026-11-21T11:00:00.000Z")).await;
    let late = server.new_browser();
    late.scan(&server.qr_code().await).await;
    assert_eq!(late.start(new_order(), &server.qr_code().await).await.slug(), "shop_unavailable/closed");
    // An order that was started may still be submitted.
    phone.submit(order, "espresso", &[]).await.expect_ok();
    set_clock(&server, "2026-11-21T11:00:00.000Z");
    tv.wait_until(|view, _| !view.open).await;

    // The shop opens at its hours although the server did not run during the night.
    let installation = server.stop().await;
    installation.clock.set("2026-11-22T07:30:00.000Z".parse().unwrap());
    let server = installation.start().await;
    let mut tv: LivePage<Display> = LivePage::open(&server.display.with_addr(server.addr), "display").await;
    tv.wait_until(|view, _| view.open).await;
}

#[tokio::test]
async fn a_shop_takes_orders_from_its_first_to_its_last_day() {
    let server = TestServer::start().await;
    let manager = server.api_client("demo", Role::Manager).await;
    let days = [("hours[zone]", "UTC"), ("hours[first_day]", "2026-11-22"), ("hours[last_day]", "2026-11-23")];
    manager.command("store/hours", &days).await.expect_ok();
    for (day, refusal) in [
        ("2026-11-21", Some("shop_unavailable/not_started")),
        ("2026-11-22", None),
        ("2026-11-23", None),
        ("2026-11-24", Some("shop_unavailable/ended")),
    ] {
        set_clock(&server, &format!("{day}T12:00:00.000Z"));
        let (phone, order) = (server.guest().await, new_order());
        let started = phone.start(order, &server.qr_code().await).await;
        if let Some(slug) = refusal {
            assert_eq!((started.status.as_u16(), started.slug().as_str()), (409, slug), "{day}");
        } else {
            started.expect_ok();
            phone.submit(order, "espresso", &[]).await.expect_ok();
        }
    }
}

#[tokio::test]
async fn invalid_hours_are_refused_with_a_reason() {
    let server = TestServer::start().await;
    let manager = server.api_client("demo", Role::Manager).await;
    for (field, value, detail) in [
        ("hours[zone]", "Europe/Atlantis", "the zone must be an IANA name, as Europe/Berlin."),
        ("hours[last_orders_minutes]", "500", "last orders are called 0 to 240 minutes before closing."),
    ] {
        let refused = manager.command("store/hours", &[(field, value)]).await;
        assert_eq!((refused.slug().as_str(), body(&refused)["detail"].as_str()), ("hours_wrong", Some(detail)));
    }
    assert_eq!(manager.command("store/hours", &[("hours[cut_off]", "26:00")]).await.slug(), "malformed");
    assert_eq!(server.barista().await.command("store/hours", &MORNING_HOURS).await.slug(), "role_forbids");
}

#[tokio::test]
async fn a_menu_change_takes_effect_at_once() {
    let server = TestServer::start().await;
    let (manager, tablet) = (server.api_client("demo", Role::Manager).await, server.barista().await);
    let (phone, order) = (server.guest().await, new_order());
    phone.start(order, &server.qr_code().await).await.expect_ok();
    let mut mine: LivePage<Ordering> = LivePage::open(&phone, "ordering").await;
    manager.command("menu/currency", &[("currency", "EUR")]).await.expect_ok();
    let extras = [
        ("group[id]", "extras"),
        ("group[name]", "Extras"),
        ("group[least]", "0"),
        ("group[most]", "2"),
        ("group[options][0][id]", "cream"),
        ("group[options][0][name]", "Cream"),
        ("group[options][0][allergens][0]", "milk"),
        ("group[options][0][surcharge]", "50"),
        ("group[options][1][id]", "cocoa"),
        ("group[options][1][name]", "Cocoa"),
        ("group[options][2][id]", "nuts"),
        ("group[options][2][name]", "Nuts"),
    ];
    manager.command("menu/group", &extras).await.expect_ok();
    let affogato = [
        ("drink[id]", "affogato"),
        ("drink[name]", "Affogato"),
        ("drink[icon]", "espresso"),
        ("drink[price]", "450"),
        ("drink[seconds]", "75"),
        ("drink[groups][0]", "extras"),
        ("drink[ingredients][0]", "ice-cream"),
        ("drink[names][de]", "Affogato al caffè"),
    ];
    manager.command("menu/drink", &affogato).await.expect_ok();
    mine.wait_until(|view, _| view.bar.menu.drink("affogato").is_some()).await;

    let three = [("extras[extras][cream]", "on"), ("extras[extras][cocoa]", "on"), ("extras[extras][nuts]", "on")];
    let many = phone.submit(order, "affogato", &three).await;
    assert_eq!(
        (many.slug().as_str(), body(&many)["detail"].as_str()),
        ("count_wrong", Some("of Extras 0 to 2 must be taken."),)
    );
    tablet.command("menu/availability", &[("thing", "ingredient/ice-cream"), ("available", "false")]).await.expect_ok();
    mine.wait_until(|view, _| !view.bar.menu.is_drink_available(view.bar.menu.drink("affogato").unwrap())).await;
    let out = phone.submit(order, "affogato", &three[..2]).await;
    assert_eq!((out.slug().as_str(), body(&out)["title"].as_str()), ("sold_out", Some("Affogato is sold out")));
    tablet.command("menu/availability", &[("thing", "ingredient/ice-cream"), ("available", "true")]).await.expect_ok();
    phone.submit(order, "affogato", &three[..2]).await.expect_ok();
    mine.wait_until(|view, _| {
        view.current().and_then(|mine| mine.chosen.as_ref()).is_some_and(|chosen| chosen.price == 500)
    })
    .await;

    // The choice can be edited until a barista claims the order.
    phone.command("orders/edit", &[("order", &order.to_string()), ("drink", "espresso")]).await.expect_ok();
    tablet.step("claim", order).await.expect_ok();
    let late = phone.command("orders/edit", &[("order", &order.to_string()), ("drink", "mocha")]).await;
    assert_eq!(late.slug(), "step_illegal");
    assert_eq!(manager.command("menu/drink/remove", &[("drink", "unicorn")]).await.slug(), "menu_wrong");
    assert_eq!(tablet.command("menu/drink/remove", &[("drink", "affogato")]).await.slug(), "role_forbids");
}

#[tokio::test]
async fn a_walk_in_order_is_taken_by_the_barista() {
    let server = TestServer::start().await;
    let tablet = server.barista().await;
    let mut barista_page: LivePage<Barista> = LivePage::open(&tablet, "barista").await;
    let order = new_order();
    let fields = [("order", order.to_string()), ("drink", "latte".to_owned()), ("name", "Ada".to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let response = tablet.command("orders/walk_in", &fields).await;
    assert_eq!(body(&response), json!({ "order": order, "step": "waiting", "number": 1, "version": 1 }));
    // A retry returns the same order.
    assert_eq!(body(&tablet.command("orders/walk_in", &fields).await), body(&response));
    barista_page
        .wait_until(|view, ephemeral| {
            view.cards.len() == 1 && ephemeral.names.get(&order).is_some_and(|name| name == "Ada")
        })
        .await;
    for step in ["claim", "complete", "remind", "set_aside", "collect"] {
        tablet.step(step, order).await.expect_ok();
    }
    barista_page.wait_until(|view, _| view.cards.is_empty()).await;
    // The id of a finished order cannot be reused.
    let other = [("order", order.to_string()), ("drink", "mocha".to_owned())];
    let other = other.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(tablet.command("orders/walk_in", &other).await.slug(), "idempotency_key_reused");
    assert_eq!(server.guest().await.command("orders/walk_in", &other).await.slug(), "role_forbids");
}

#[tokio::test]
async fn the_manager_stops_all_orders_with_one_command() {
    let server = TestServer::start().await;
    let (manager, phone) = (server.api_client("demo", Role::Manager).await, server.guest().await);
    let mut barista_page: LivePage<Barista> = LivePage::open(&server.barista().await, "barista").await;
    let order = phone.order(&server.qr_code().await, "espresso").await;
    barista_page.wait_until(|view, _| view.cards.len() == 1).await;
    let mut mine: LivePage<Ordering> = LivePage::open(&phone, "ordering").await;
    manager.command("orders/stop", &[]).await.expect_ok();
    mine.wait_until(|view, _| view.current().is_some_and(|mine| mine.is_over() && mine.step == Step::Cancelled)).await;
    barista_page.wait_until(|view, _| view.cards.is_empty()).await;
    let log = server.stop().await.log().await;
    let mut of_order = log.iter().filter(|recorded| recorded.event.order() == Some(order));
    assert!(matches!(of_order.next_back().map(|last| &last.event), Some(Event::OrderFinished(_))));
}

#[tokio::test]
async fn a_cancellation_reason_is_shown_to_the_guest() {
    let server = TestServer::start().await;
    let (tablet, phone) = (server.barista().await, server.guest().await);
    let order = phone.order(&server.qr_code().await, "espresso").await.to_string();
    let cancel = async |reason: &[(&str, &str)]| {
        tablet.command("orders/cancel", &[&[("order", order.as_str())], reason].concat()).await
    };
    assert_eq!(cancel(&[("reason", "because")]).await.slug(), "malformed");
    for missing in [&[][..], &[("reason", "")], &[("reason", "stopped")]] {
        assert_eq!(cancel(missing).await.slug(), "reason_missing");
    }
    for (reason, phone_words, history_words) in [
        ("sold_out", "We ran out of something for your espresso. Sorry!", "something ran out"),
        ("broken", "A machine broke down, so we cannot make your espresso. Sorry!", "a machine was broken"),
        ("mistake", "The bar cancelled your espresso: it was ordered by mistake.", "it was ordered by mistake"),
        ("closing", "We are closing and did not get to your espresso. Sorry!", "it was about to close"),
        ("not_collected", "Nobody came for your espresso, so the bar cancelled it.", "nobody came for it"),
        ("other", "The bar had to cancel your order. Sorry!", "another reason"),
    ] {
        cancel(&[("reason", reason)]).await.expect_ok();
        phone.get("/s/demo").await.page().assert_text(phone_words);
        phone.get("/s/demo/history").await.page().assert_text(history_words);
        tablet.command("orders/recall", &[("order", &order)]).await.expect_ok();
    }
}

#[tokio::test]
async fn a_guest_who_is_called_again_reads_it_and_so_do_display_and_tablet() {
    let server = TestServer::start().await;
    let (tablet, phone) = (server.barista().await, server.guest().await);
    let order = phone.order(&server.qr_code().await, "espresso").await;
    for step in ["claim", "complete", "remind"] {
        tablet.step(step, order).await.expect_ok();
    }
    let read = async |words: &str| phone.get("/s/demo").await.page().assert_text(words);
    read("We called you twice: your espresso is ready. Come and get it!").await;
    server.display.get("/s/demo/display").await.page().assert_text("called again");
    tablet.get("/s/demo/barista").await.page().assert_text("called twice");
    tablet.step("remind", order).await.expect_ok();
    read("We called you 3 times: your espresso is ready. Come and get it!").await;
}
