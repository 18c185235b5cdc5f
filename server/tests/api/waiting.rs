//! Waits expire by the clock and survive a restart.

use std::fs::{self, File};

use domain::access::Role;
use domain::event::Event;
use domain::order::Step;
use domain::view::barista::Barista;
use domain::view::display::Display;
use domain::view::ordering::Ordering;

use crate::harness::request::TestRequest;
use crate::harness::{Browser, LivePage, TestInstallation, TestServer, new_order};
use crate::restart::program::ServerProcess;

/// Changes one limit as the manager's form does.
async fn set_limit(manager: &Browser, name: &str, value: &str) {
    manager.command("store/limits", &[(&format!("change[{name}]"), value)]).await.expect_ok();
}

#[tokio::test]
async fn an_expired_choice_releases_the_place_and_the_token() {
    let server = TestServer::start().await;
    let (phone, order) = (server.guest().await, new_order());
    let mut tv: LivePage<Display> = LivePage::open(&server.display, "display").await;
    phone.start(order, &server.qr_code().await).await.expect_ok();
    let mut mine: LivePage<Ordering> = LivePage::open(&phone, "ordering").await;
    let until = mine.view().current().unwrap().due.unwrap();
    assert_eq!(until.seconds_since(server.now()), 300);
    phone.step("extend", order).await.expect_ok();
    mine.wait_until(|view, _| view.current().is_some_and(|mine| mine.extended)).await;
    assert_eq!(phone.step("extend", order).await.slug(), "extended_already");
    server.advance_clock(419);
    assert_eq!(
        server.installation.log().await.last().map(|last| last.event.kind()),
        Some("OrderProcessor.WaitExtended")
    );
    server.advance_clock(1);
    mine.wait_until(|view, _| view.current().is_some_and(|mine| mine.step == Step::TimedOut)).await;
    let window = server.current_code().await.window;
    tv.wait_until(|view, _| view.tokens_left(window) == 11).await;
    phone.get("/s/demo").await.page().assert_text("Your time to choose is over.");
}

#[tokio::test]
async fn who_leaves_without_choosing_takes_no_number() {
    let server = TestServer::start().await;
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let (leaving, idle, ordering) = (server.guest().await, server.guest().await, server.guest().await);
        let (code, left, order) = (server.qr_code().await, new_order(), new_order());
        for (phone, order) in [(&leaving, left), (&idle, new_order()), (&ordering, order)] {
            phone.start(order, &code).await.expect_ok();
        }
        leaving.step("cancel", left).await.expect_ok();
        let submitted = ordering.submit(order, "espresso", &[]).await.expect_ok();
        numbers.push(submitted.number.unwrap());
        // A later change takes no further number.
        ordering.command("orders/edit", &[("order", &order.to_string()), ("drink", "chai")]).await.expect_ok();
        // The time of the idle guest to choose runs out.
        server.advance_clock(300);
    }
    assert_eq!(numbers, [1, 2]);
}

#[tokio::test]
async fn a_wait_survives_a_restart_and_ends_on_time() {
    let server = TestServer::start().await;
    let (phone, tablet) = (server.guest().await, server.barista().await);
    let order = phone.order(&server.qr_code().await, "espresso").await;
    server.advance_clock(600);
    let server = server.stop().await.start().await;
    let (phone, tablet) = (phone.with_addr(server.addr), tablet.with_addr(server.addr));
    let mut mine: LivePage<Ordering> = LivePage::open(&phone, "ordering").await;
    let mut barista_page: LivePage<Barista> = LivePage::open(&tablet, "barista").await;
    server.advance_clock(299);
    assert_eq!(barista_page.view().cards.len(), 1);
    server.advance_clock(1);
    barista_page.wait_until(|view, _| view.cards.is_empty()).await;
    mine.wait_until(|view, _| view.current().is_some_and(|mine| mine.step == Step::TimedOut)).await;
    assert_eq!(tablet.step("claim", order).await.slug(), "step_illegal");
    let log = server.stop().await.log().await;
    let ends = log.iter().filter(|recorded| matches!(recorded.event, Event::OrderFinished(_)));
    assert_eq!(ends.map(|recorded| recorded.at.seconds_since(log[0].at)).collect::<Vec<_>>(), [900]);
}

#[tokio::test]
async fn waits_due_while_the_server_was_down_end_at_its_start() {
    let server = TestServer::start().await;
    let phone = server.guest().await;
    phone.order(&server.qr_code().await, "espresso").await;
    let installation = server.stop().await;
    installation.clock.advance(std::time::Duration::from_hours(1));
    let server = installation.start().await;
    let mut mine: LivePage<Ordering> = LivePage::open(&phone.with_addr(server.addr), "ordering").await;
    mine.wait_until(|view, _| view.current().is_some_and(|mine| mine.step == Step::TimedOut)).await;
}

#[tokio::test]
async fn a_wait_that_a_clock_ahead_began_ends_a_whole_wait_after_the_start_of_an_idle_shop() {
    let server = TestServer::start().await;
    let morning = server.now();
    server.advance_clock(20 * 86_400);
    let phone = server.guest().await;
    phone.order(&server.qr_code().await, "espresso").await;
    let installation = server.stop().await;
    installation.clock.set(morning);
    let server = installation.start().await;
    let mut mine: LivePage<Ordering> = LivePage::open(&phone.with_addr(server.addr), "ordering").await;
    // The shop is open already: its task has run and has recorded nothing.
    let position = server.position().await;
    server.api_client("demo", Role::Manager).await.command("store/open", &[]).await.expect_ok();
    assert_eq!(server.position().await, position);
    server.advance_clock(900);
    mine.wait_until(|view, _| view.current().is_some_and(|mine| mine.step == Step::TimedOut)).await;
}

#[tokio::test]
async fn a_start_with_a_clock_behind_the_log_says_once_by_how_much() {
    let installation = TestInstallation::new();
    installation.clock.set("2100-01-01T00:00:00.000Z".parse().unwrap());
    installation.add_shops(&["demo", "south"]).await;
    let path = installation.folder.path().join("stderr");
    let log = File::create(&path).unwrap();
    let _program = ServerProcess::serve_with_log(installation.folder.path(), "warn", log).await;
    let text = fs::read_to_string(path).unwrap();
    assert_eq!(text.matches("log is ahead of the clock; check the clock of this machine").count(), 1, "{text}");
    assert!(text.contains("2100-01-01T00:00:00.000Z") && text.contains("seconds"), "{text}");
}

#[tokio::test]
async fn cancelled_and_ready_steps_can_be_undone_for_a_while() {
    let server = TestServer::start().await;
    let (phone, tablet) = (server.guest().await, server.barista().await);
    let order = phone.order(&server.qr_code().await, "espresso").await;
    tablet.step("cancel", order).await.expect_ok();
    assert_eq!(phone.step("recall", order).await.slug(), "role_forbids");
    assert_eq!(tablet.step("recall", order).await.expect_ok().step, Some(Step::Waiting));
    for (act, step) in [("claim", Step::Making), ("complete", Step::Ready), ("recall", Step::Making)] {
        assert_eq!(tablet.step(act, order).await.expect_ok().step, Some(step));
    }
    tablet.step("cancel", order).await.expect_ok();
    let mut barista_page: LivePage<Barista> = LivePage::open(&tablet, "barista").await;
    assert_eq!(barista_page.view().cancelled().count(), 1);
    server.advance_clock(10);
    barista_page.wait_until(|view, _| view.cards.is_empty()).await;
    assert_eq!(tablet.step("recall", order).await.slug(), "step_illegal");
}

#[tokio::test]
async fn a_full_or_paused_shop_refuses_without_taking_a_token() {
    let server = TestServer::start().await;
    let (manager, tablet) = (server.api_client("demo", Role::Manager).await, server.barista().await);
    set_limit(&manager, "room", "1").await;
    let (phone, other) = (server.guest().await, server.guest().await);
    phone.start(new_order(), &server.qr_code().await).await.expect_ok();
    let full = other.start(new_order(), &server.qr_code().await).await;
    assert_eq!((full.status.as_u16(), full.slug().as_str()), (409, "shop_unavailable/full"));
    assert_eq!(full.problem().retry_after, Some(30));
    assert_eq!(full.problem().detail, "All places are taken. The next one comes free within 5 min, often sooner.");
    set_limit(&manager, "room", "2").await;
    tablet.command("store/pause", &[("reason", "Milk is coming"), ("minutes", "5")]).await.expect_ok();
    assert_eq!(other.start(new_order(), &server.qr_code().await).await.slug(), "shop_unavailable/paused");
    server.advance_clock(300);
    let mut tv: LivePage<Display> = LivePage::open(&server.display, "display").await;
    tv.wait_until(|view, _| view.paused.is_none()).await;
    other.start(new_order(), &server.qr_code().await).await.expect_ok();
}

#[tokio::test]
async fn the_daily_limit_of_a_guest_is_enforced_by_the_server() {
    let server = TestServer::start().await;
    let phone = server.guest().await;
    for _ in 0..3 {
        phone.order(&server.qr_code().await, "espresso").await;
    }
    let refusal = phone.start(new_order(), &server.qr_code().await).await;
    assert_eq!((refusal.status.as_u16(), refusal.slug().as_str()), (409, "shop_unavailable/limit"));
    server.guest().await.order(&server.qr_code().await, "espresso").await;
}

#[tokio::test]
async fn only_the_manager_changes_limits_and_only_within_their_ranges() {
    let server = TestServer::start().await;
    let (manager, tablet) = (server.api_client("demo", Role::Manager).await, server.barista().await);
    assert_eq!(tablet.command("store/limits", &[("change[room]", "5")]).await.slug(), "role_forbids");
    let refusal = manager.command("store/limits", &[("change[room]", "0")]).await;
    assert_eq!((refusal.status.as_u16(), refusal.slug().as_str()), (422, "limit_out_of_range"));
    assert!(refusal.problem().detail.contains("room must be 1 to 10000"), "{}", refusal.problem().detail);
    let odd = TestRequest::post("/api/store/limits", &[("shop", "demo"), ("change[room]", "many")]);
    assert_eq!(manager.send(odd).await.status.as_u16(), 400);
}
