//! Scenarios and tests of other coffee bar projects that need the whole server: four of the nine workshop scenarios,
//! six of the fifteen tests of the durable successor, and its restart demonstration. The others are domain tests.

use domain::access::Role;
use domain::event::Event;
use domain::order::Step;
use domain::view::barista::Barista;
use domain::view::display::Display;
use domain::view::ordering::Ordering;

use crate::harness::request::TestRequest;
use crate::harness::{LivePage, TestServer, new_order};

// Workshop scenarios.

#[tokio::test]
async fn a_fresh_bar_has_a_configuration_and_a_menu() {
    let server = TestServer::start().await;
    let limits = server.display_page().await.snapshot.view.limits;
    let waits = limits.waits;
    assert_eq!(
        (limits.drinks_per_code, limits.window_seconds, waits.choose_seconds, waits.make_seconds),
        (10, 300, 300, 900)
    );
    assert_eq!(server.new_browser().view::<Ordering>("ordering").await.view.bar.menu.drinks.len(), 9);
}

/// The original adds an account to a group by hand. Here a link creates the session.
#[tokio::test]
async fn a_redeemed_link_grants_staff_permissions() {
    let server = TestServer::start().await;
    let stranger = server.new_browser();
    assert_eq!(stranger.command("store/close", &[]).await.slug(), "signed_out");
    stranger.redeem_link(&server.link(Role::Barista).await).await;
    stranger.command("store/close", &[]).await.expect_ok();
    assert!(!server.display_page().await.snapshot.view.open);
}

#[tokio::test]
async fn an_order_becomes_ready_by_requests_alone() {
    let server = TestServer::start().await;
    let (phone, tablet, order) = (server.guest().await, server.barista().await, new_order());
    phone.start(order, &server.qr_code().await).await.expect_ok();
    phone.submit(order, "flat-white", &[]).await.expect_ok();
    tablet.step("claim", order).await.expect_ok();
    tablet.step("complete", order).await.expect_ok();
    let mine = phone.view::<Ordering>("ordering").await.view;
    assert_eq!(mine.current().map(|mine| (mine.order, mine.step)), Some((order, Step::Ready)));
}

#[tokio::test]
async fn closing_and_opening_reach_every_phone_as_two_events() {
    let server = TestServer::start().await;
    let (phone, tablet) = (server.new_browser(), server.barista().await);
    let mut page: LivePage<Ordering> = LivePage::open(&phone, "ordering").await;
    tablet.command("store/close", &[]).await.expect_ok();
    tablet.command("store/open", &[]).await.expect_ok();
    page.wait_until(|view, _| !view.bar.open).await;
    page.wait_until(|view, _| view.bar.open).await;
    let events = page.received.iter().filter(|frame| frame.name == "event");
    let kinds: Vec<_> = events.map(|frame| frame.event().2.event.kind().to_owned()).collect();
    assert_eq!(kinds, ["ConfigService.StoreClosed", "ConfigService.StoreOpened"]);
}

// Tests of the durable successor.

#[tokio::test]
async fn the_configuration_is_public() {
    let server = TestServer::start().await;
    let read = server.new_browser().view::<Ordering>("ordering").await.view.bar;
    assert_eq!((read.name.as_str(), read.open), ("Crema Demo", true));
    assert!(read.menu.drinks.iter().any(|drink| drink.id == "flat-white"));
}

/// The successor answers 202 and the client polls for the result. Here the response has the result and the number.
#[tokio::test]
async fn placing_an_order_returns_its_step_and_number() {
    let server = TestServer::start().await;
    let (phone, order) = (server.guest().await, new_order());
    let started = phone.start(order, &server.qr_code().await).await.expect_ok();
    assert_eq!((started.order, started.step), (Some(order), Some(Step::Choosing)));
    let placed = phone.submit(order, "espresso", &[]).await.expect_ok();
    assert_eq!((placed.step, placed.number), (Some(Step::Waiting), Some(1)));
    assert!(server.installation.log().await.iter().any(|recorded| matches!(recorded.event, Event::NumberGiven(_))));
}

/// The successor reports an unknown shop as closed.
#[tokio::test]
async fn an_unknown_shop_is_not_reported_as_closed() {
    let server = TestServer::start().await;
    let (phone, order, code) = (server.guest().await, new_order().to_string(), server.qr_code().await);
    let start = TestRequest::post("/api/orders/start", &[("shop", "nowhere"), ("order", &order), ("code", &code)]);
    let response = phone.send(start).await;
    assert_eq!((response.status.as_u16(), response.slug().as_str()), (404, "shop_unknown"));
}

/// The successor always reports zero orders. Here the phone counts the orders ahead, and the staff view lists all.
#[tokio::test]
async fn the_bar_lists_all_open_orders_and_the_phone_counts_those_before_it() {
    let server = TestServer::start().await;
    let (tablet, code) = (server.barista().await, server.qr_code().await);
    let mut orders = Vec::new();
    for _ in 0..3 {
        orders.push(server.guest().await.order(&code, "mocha").await);
    }
    let (last, order) = (server.guest().await, new_order());
    last.start(order, &code).await.expect_ok();
    last.submit(order, "mocha", &[]).await.expect_ok();
    let listed: Vec<_> =
        tablet.view::<Barista>("barista").await.view.cards.iter().map(|manifest| manifest.order).collect();
    assert_eq!(listed, [&orders[..], &[order]].concat());
    assert_eq!(last.view::<Ordering>("ordering").await.view.orders_ahead_of(order), 3);
    tablet.step("cancel", orders[0]).await.expect_ok();
    assert_eq!(last.view::<Ordering>("ordering").await.view.orders_ahead_of(order), 2);
}

/// The successor shows one history for the whole event. Here a phone has its own open orders and its last finished one.
#[tokio::test]
async fn a_guest_sees_only_their_own_orders() {
    let server = TestServer::start().await;
    let (phone, other, tablet, code) =
        (server.guest().await, server.guest().await, server.barista().await, server.qr_code().await);
    let first = phone.order(&code, "mocha").await;
    other.order(&code, "espresso").await;
    for act in ["claim", "complete", "collect"] {
        tablet.step(act, first).await.expect_ok();
    }
    let mine = phone.view::<Ordering>("ordering").await.view.orders;
    assert_eq!(mine.iter().map(|mine| (mine.order, mine.step)).collect::<Vec<_>>(), [(first, Step::Collected)]);
    let second = phone.order(&code, "latte").await;
    let mine = phone.view::<Ordering>("ordering").await.view.orders;
    assert_eq!(mine.iter().map(|mine| (mine.order, mine.step)).collect::<Vec<_>>(), [(second, Step::Waiting)]);
}

#[tokio::test]
async fn order_events_reach_guest_staff_and_display_live() {
    let server = TestServer::start().await;
    let (phone, tablet) = (server.guest().await, server.barista().await);
    let order = phone.order(&server.qr_code().await, "mocha").await;
    let mut mine: LivePage<Ordering> = LivePage::open(&phone, "ordering").await;
    let mut barista_page: LivePage<Barista> = LivePage::open(&tablet, "barista").await;
    let mut tv: LivePage<Display> = LivePage::open(&server.display, "display").await;
    for (act, step) in [("claim", Step::Making), ("complete", Step::Ready)] {
        tablet.step(act, order).await.expect_ok();
        mine.wait_until(|view, _| view.current().is_some_and(|mine| mine.step == step)).await;
        barista_page.wait_until(|view, _| view.cards[0].step == step).await;
        tv.wait_until(|view, _| view.rows[0].step == step).await;
    }
}

#[tokio::test]
async fn a_waiting_order_survives_a_restart_and_no_step_is_done_again() {
    let server = TestServer::start().await;
    let (phone, tablet) = (server.guest().await, server.barista().await);
    let order = phone.order(&server.qr_code().await, "mocha").await;
    let before = server.installation.log().await;
    let server = server.stop().await.start().await;
    assert_eq!(server.installation.log().await, before);
    let tablet = tablet.with_addr(server.addr);
    for act in ["claim", "complete", "collect"] {
        tablet.step(act, order).await.expect_ok();
    }
    let log = server.installation.log().await;
    let of_order = log.iter().filter(|recorded| recorded.event.order() == Some(order));
    let mut kinds: Vec<_> = of_order.map(|recorded| recorded.event.kind()).collect();
    let all = kinds.len();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!((all, kinds.len()), (9, 9), "a step was recorded twice");
}
