//! Waits expire by the clock and survive a restart.

use domain::access::Role;
use domain::event::Event;
use domain::order::Step;
use domain::view::barista::Barista;
use domain::view::display::Display;
use domain::view::ordering::Ordering;

use crate::harness::request::Sent;
use crate::harness::{Bar, Browser, Reader, new_order};

/// Changes one limit as the manager's form does.
async fn limit(manager: &Browser, name: &str, value: &str) {
    manager.command("store/limits", &[(&format!("change[{name}]"), value)]).await.granted();
}

#[tokio::test]
async fn a_guest_who_does_not_choose_loses_the_place_and_the_token_is_back_on_the_tv() {
    let bar = Bar::open().await;
    let (phone, order) = (bar.guest().await, new_order());
    let mut tv: Reader<Display> = Reader::open(&bar.screen, "display").await;
    phone.start(order, &bar.code().await).await.granted();
    let mut mine: Reader<Ordering> = Reader::open(&phone, "ordering").await;
    let until = mine.view().current().unwrap().due.unwrap();
    assert_eq!(until.seconds_since(bar.now()), 300);
    phone.step("extend", order).await.granted();
    mine.until(|view, _| view.current().is_some_and(|mine| mine.extended)).await;
    assert_eq!(phone.step("extend", order).await.slug(), "extended_already");
    bar.later(419);
    assert_eq!(bar.premises.log().await.last().map(|last| last.event.kind()), Some("OrderProcessor.WaitExtended"));
    bar.later(1);
    mine.until(|view, _| view.current().is_some_and(|mine| mine.step == Step::TimedOut)).await;
    let window = bar.code_now().await.window;
    tv.until(|view, _| view.left_in(window) == 11).await;
    phone.get("/s/demo").await.page().says("Your time to choose is over.");
}

#[tokio::test]
async fn a_wait_goes_on_over_a_restart_and_ends_at_its_hour() {
    let bar = Bar::open().await;
    let (phone, tablet) = (bar.guest().await, bar.barista().await);
    let order = phone.order(&bar.code().await, "espresso").await;
    bar.later(600);
    let bar = bar.close().await.open().await;
    let (phone, tablet) = (phone.at(bar.addr), tablet.at(bar.addr));
    let mut mine: Reader<Ordering> = Reader::open(&phone, "ordering").await;
    let mut bench: Reader<Barista> = Reader::open(&tablet, "barista").await;
    bar.later(299);
    assert_eq!(bench.view().cards.len(), 1);
    bar.later(1);
    bench.until(|view, _| view.cards.is_empty()).await;
    mine.until(|view, _| view.current().is_some_and(|mine| mine.step == Step::TimedOut)).await;
    assert_eq!(tablet.step("claim", order).await.slug(), "step_illegal");
    let log = bar.close().await.log().await;
    let ends = log.iter().filter(|recorded| matches!(recorded.event, Event::OrderFinished(_)));
    assert_eq!(ends.map(|recorded| recorded.at.seconds_since(log[0].at)).collect::<Vec<_>>(), [900]);
}

#[tokio::test]
async fn what_was_due_while_the_bar_was_shut_ends_when_it_opens() {
    let bar = Bar::open().await;
    let phone = bar.guest().await;
    phone.order(&bar.code().await, "espresso").await;
    let premises = bar.close().await;
    premises.clock.advance(std::time::Duration::from_hours(1));
    let bar = premises.open().await;
    let mut mine: Reader<Ordering> = Reader::open(&phone.at(bar.addr), "ordering").await;
    mine.until(|view, _| view.current().is_some_and(|mine| mine.step == Step::TimedOut)).await;
}

#[tokio::test]
async fn a_cancellation_can_be_taken_back_for_a_while_and_a_drink_called_ready_too() {
    let bar = Bar::open().await;
    let (phone, tablet) = (bar.guest().await, bar.barista().await);
    let order = phone.order(&bar.code().await, "espresso").await;
    tablet.step("cancel", order).await.granted();
    assert_eq!(phone.step("recall", order).await.slug(), "role_forbids");
    assert_eq!(tablet.step("recall", order).await.granted().step, Some(Step::Waiting));
    for (act, step) in [("claim", Step::Making), ("complete", Step::Ready), ("recall", Step::Making)] {
        assert_eq!(tablet.step(act, order).await.granted().step, Some(step));
    }
    tablet.step("cancel", order).await.granted();
    let mut bench: Reader<Barista> = Reader::open(&tablet, "barista").await;
    assert_eq!(bench.view().cancelled().count(), 1);
    bar.later(10);
    bench.until(|view, _| view.cards.is_empty()).await;
    assert_eq!(tablet.step("recall", order).await.slug(), "step_illegal");
}

#[tokio::test]
async fn a_full_bar_says_so_and_a_break_too_and_neither_costs_a_token() {
    let bar = Bar::open().await;
    let (manager, tablet) = (bar.script("demo", Role::Manager).await, bar.barista().await);
    limit(&manager, "room", "1").await;
    let (phone, other) = (bar.guest().await, bar.guest().await);
    phone.start(new_order(), &bar.code().await).await.granted();
    let full = other.start(new_order(), &bar.code().await).await;
    assert_eq!((full.status.as_u16(), full.slug().as_str()), (409, "shop_unavailable/full"));
    assert_eq!(full.problem().retry_after, Some(30));
    assert_eq!(full.problem().detail, "A place comes free within 5 minutes, or sooner: try again.");
    limit(&manager, "room", "2").await;
    tablet.command("store/pause", &[("reason", "Milk is coming"), ("minutes", "5")]).await.granted();
    assert_eq!(other.start(new_order(), &bar.code().await).await.slug(), "shop_unavailable/paused");
    bar.later(300);
    let mut tv: Reader<Display> = Reader::open(&bar.screen, "display").await;
    tv.until(|view, _| view.paused.is_none()).await;
    other.start(new_order(), &bar.code().await).await.granted();
}

#[tokio::test]
async fn a_guest_has_so_many_drinks_a_day_whatever_the_phone_says() {
    let bar = Bar::open().await;
    let phone = bar.guest().await;
    for _ in 0..3 {
        phone.order(&bar.code().await, "espresso").await;
    }
    let no = phone.start(new_order(), &bar.code().await).await;
    assert_eq!((no.status.as_u16(), no.slug().as_str()), (409, "shop_unavailable/limit"));
    bar.guest().await.order(&bar.code().await, "espresso").await;
}

#[tokio::test]
async fn only_the_manager_changes_limits_and_only_within_reason() {
    let bar = Bar::open().await;
    let (manager, tablet) = (bar.script("demo", Role::Manager).await, bar.barista().await);
    assert_eq!(tablet.command("store/limits", &[("change[room]", "5")]).await.slug(), "role_forbids");
    let no = manager.command("store/limits", &[("change[room]", "0")]).await;
    assert_eq!((no.status.as_u16(), no.slug().as_str()), (422, "limit_out_of_range"));
    assert!(no.problem().detail.contains("room must be 1 to 10000"), "{}", no.problem().detail);
    let odd = Sent::post("/api/store/limits", &[("shop", "demo"), ("change[room]", "many")]);
    assert_eq!(manager.send(odd).await.status.as_u16(), 400);
}
