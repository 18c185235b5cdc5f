//! Extensions: complete and ordered delivery, emitted events, pins, pages, and isolation of failures.

use axum::http::StatusCode;
use domain::access::{Actor, Role};
use domain::command::StoreCommand;
use domain::event::{Event, Fact, MAX_HOPS, Recorded};
use domain::extension::Manifest;
use domain::view::display::Display;
use domain::view::ordering::Ordering;
use protocol::frame::{EphemeralValues, Opening};
use protocol::problem::Kind;
use serde_json::{Value, json};
use server::shop_creation;

use crate::harness::live_page::Frames;
use crate::harness::test_extensions::{self, HangingExtension};
use crate::harness::{Browser, LivePage, TestInstallation, TestServer, demo, within_timeout};

async fn start_server(extensions: Vec<Manifest>) -> TestServer {
    TestInstallation::new().start_with(extensions).await
}

/// Returns the positions that the extension received once it has received `last`.
async fn wait_for_events(browser: &Browser, extension: &str, last: u64) -> Vec<u64> {
    wait_for_events_in_shop(browser, ("demo", extension), last).await
}

async fn wait_for_events_in_shop(browser: &Browser, (shop, extension): (&str, &str), last: u64) -> Vec<u64> {
    within_timeout("events at the extension", async {
        loop {
            let response = browser.get(&format!("/s/{shop}/x/{extension}")).await;
            let received: Vec<u64> = serde_json::from_str(response.text()).unwrap_or_default();
            if received.last() >= Some(&last) {
                return received;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

async fn switch(manager: &Browser, extension: &str, on: bool) {
    let on = on.to_string();
    manager.command("store/extension", &[("extension", extension), ("on", &on)]).await.expect_ok();
}

/// Orders, claims, completes and hands over a drink.
async fn serve_order(server: &TestServer, tablet: &Browser) {
    let order = server.guest().await.order(&server.qr_code().await, "espresso").await;
    for act in ["claim", "complete", "collect"] {
        tablet.step(act, order).await.expect_ok();
    }
}

/// Splits a log into the positions of core events and the events that extensions emitted.
fn split_by_source(log: &[Recorded]) -> (Vec<u64>, Vec<&Recorded>) {
    let (from_extensions, from_core): (Vec<&Recorded>, Vec<&Recorded>) =
        log.iter().partition(|recorded| matches!(recorded.event, Event::Emitted(_)));
    (from_core.iter().map(|recorded| recorded.position).collect(), from_extensions)
}

#[tokio::test]
async fn an_extension_receives_every_event_once_and_in_order() {
    let server = start_server(vec![test_extensions::counter()]).await;
    let (tablet, manager) = (server.barista().await, server.staff(Role::Manager).await);
    serve_order(&server, &tablet).await;
    let position = server.position().await;
    wait_for_events(&tablet, "counter", position - 1).await;
    // The extension catches up from the log after it is switched on again.
    switch(&manager, "Counter", false).await;
    serve_order(&server, &tablet).await;
    switch(&manager, "Counter", true).await;
    serve_order(&server, &tablet).await;
    let server = server.stop().await.start_with(vec![test_extensions::counter()]).await;
    let tablet = tablet.with_addr(server.addr);
    serve_order(&server, &tablet).await;
    let position = server.position().await;
    let received = wait_for_events(&tablet, "counter", position - 1).await;
    let installation = server.stop().await;
    let log = installation.log().await;
    let (from_core, from_extensions) = split_by_source(&log);
    assert!(from_core.starts_with(&received), "{received:?} of {from_core:?}");
    // The extension emits `Started` at its first start and when it is switched on, not when the server restarts.
    let started = from_extensions.iter().filter(|recorded| recorded.event.kind() == "Counter.Started");
    assert_eq!(started.count(), 2);
}

#[tokio::test]
async fn every_shop_has_its_own_extension_instances() {
    let server = start_server(vec![test_extensions::counter()]).await;
    for shop in ["south", "north"] {
        let request = shop_creation::NewShop { shop: shop.parse().unwrap(), name: shop.to_owned(), like: None };
        server::add_shop(&server.installation.settings(), &request, &*server.installation.clock).await.unwrap();
    }
    serve_order(&server, &server.barista().await).await;
    let (tv, demo) = (server.new_browser(), server.position().await);
    wait_for_events_in_shop(&tv, ("demo", "counter"), demo).await;
    for shop in ["south", "north"] {
        assert_eq!(wait_for_events_in_shop(&tv, (shop, "counter"), 5).await, [1, 2, 3, 4, 5], "{shop}");
    }
    let south = server.api_client("south", Role::Manager).await;
    let fields = [("shop", "south"), ("extension", "Counter"), ("on", "false")];
    south.post("/api/store/extension", &fields).await.expect_ok();
    assert_eq!(tv.get("/s/south/x/counter").await.slug(), Kind::PageUnknown.slug());
    wait_for_events_in_shop(&tv, ("north", "counter"), 5).await;
}

#[tokio::test]
async fn an_extension_that_starts_now_receives_later_events_only() {
    let server = start_server(Vec::new()).await;
    let tablet = server.barista().await;
    serve_order(&server, &tablet).await;
    let installed_at = server.position().await;
    let server = server.stop().await.start_with(vec![test_extensions::counter_from_now()]).await;
    let tablet = tablet.with_addr(server.addr);
    // The extension has started once it serves a page.
    within_timeout("the late counter", async {
        while tablet.get("/s/demo/x/late-counter").await.status != StatusCode::OK {
            tokio::task::yield_now().await;
        }
    })
    .await;
    serve_order(&server, &tablet).await;
    let server = server.stop().await.start_with(vec![test_extensions::counter_from_now()]).await;
    let tablet = tablet.with_addr(server.addr);
    serve_order(&server, &tablet).await;
    let position = server.position().await;
    let received = wait_for_events(&tablet, "late-counter", position - 1).await;
    let log = server.stop().await.log().await;
    assert!(
        split_by_source(&log)
            .0
            .into_iter()
            .filter(|position| *position > installed_at)
            .zip(&received)
            .all(|(a, b)| a == *b)
    );
    assert!(received.first() > Some(&installed_at));
}

#[tokio::test]
async fn emissions_are_logged_and_pins_are_shown_until_the_extension_is_off() {
    let server = start_server(vec![test_extensions::counter()]).await;
    let manager = server.staff(Role::Manager).await;
    let mut tv: LivePage<Display> = LivePage::open(&server.display, "display").await;
    let head_pin = |ephemeral: &EphemeralValues| ephemeral.pins.get(&"counter/head".to_owned()).cloned();
    tv.wait_until(|_, ephemeral| head_pin(ephemeral).is_some()).await;
    let pin = head_pin(&tv.ephemeral_values).unwrap();
    assert_eq!((pin.label.as_str(), pin.link), ("Received", None));
    assert_eq!(server.display_page().await.asides.pins.len(), 1, "the page embeds the pin");
    let mut phone: LivePage<Ordering> = LivePage::open(&server.guest().await, "ordering").await;
    let link =
        |ephemeral: &EphemeralValues| ephemeral.pins.get(&"counter/order".to_owned()).and_then(|pin| pin.link.clone());
    phone.wait_until(|_, ephemeral| link(ephemeral).is_some()).await;
    assert_eq!(link(&phone.ephemeral_values).as_deref(), Some("/s/demo/x/counter/{order}"));
    assert_eq!(phone.ephemeral_values.pins.len(), 1, "the display's pin is not sent to the phone");

    switch(&manager, "Counter", false).await;
    tv.wait_until(|_, ephemeral| ephemeral.pins.is_empty()).await;
    phone.wait_until(|_, ephemeral| ephemeral.pins.is_empty()).await;
    assert!(server.display_page().await.asides.pins.is_empty());
    // A client that reconnects receives the empty set of pins.
    let mut back = Frames::open(&server.display, "display", tv.live.cursor()).await;
    let ephemeral = back.next_named("ephemeral").await.json();
    assert_eq!((ephemeral["key"].as_str(), ephemeral["value"].to_string()), (Some("pins"), "{}".to_owned()));
    switch(&manager, "Counter", true).await;
    server.advance_clock(1);
    tv.wait_until(|_, ephemeral| head_pin(ephemeral).is_some()).await;

    let log = server.stop().await.log().await;
    let (_, emitted) = split_by_source(&log);
    let Some(Event::Emitted(counted)) =
        emitted.iter().map(|emitted| &emitted.event).find(|emitted| emitted.kind() == "Counter.Counted")
    else {
        panic!("no Counted event: {emitted:?}")
    };
    assert_eq!((counted.hops, counted.facts.get(&"count".to_owned())), (1, Some(&pin.value.unwrap())));
    assert!(emitted.iter().all(|recorded| recorded.actor == Some(Actor::System) && recorded.event.order().is_none()));
}

#[tokio::test]
async fn a_pin_from_before_labels_had_keys_is_shown_as_before() {
    let installation = TestInstallation::with_pseudo_locale().start().await.stop().await;
    let emitted = |kind: &str, label: &str| {
        let pin = json!({ "screen": "display", "slot": "head", "label": label, "value": 7 });
        let data = json!({ "hops": 1, "pins": [pin] });
        let Some(Event::Emitted(emitted)) = Event::decode(kind, data).unwrap() else { panic!("{kind}") };
        emitted
    };
    let early = vec![emitted("WaitTimes.AverageTime", "Wait now"), emitted("Removed.Counted", "Received so far")];
    installation.execute([(demo(), StoreCommand::Emit(early))]).await;
    let server = installation.start_with(extensions::all()).await;
    let pins = server.display_page().await.asides.pins;
    let label = |pin: &str| pins.get(&pin.to_owned()).map(|pin| pin.label.as_str());
    assert_eq!(label("wait-times/head"), Some("Wait now"));
    assert_eq!(label("removed/head"), Some("Received so far"), "labels of unknown extensions are shown verbatim");

    let page: Opening<Display> = server.display.get("/s/demo/display?lang=x-pseudo").await.page().opening();
    let mut tv: LivePage<Display> = LivePage::open_in_shop(&server.display, "demo", "display?lang=x-pseudo").await;
    tv.wait_until(|_, ephemeral| !ephemeral.pins.is_empty()).await;
    for pins in [&page.asides.pins, &tv.ephemeral_values.pins] {
        let labels = ["wait-times/head", "removed/head"].map(|pin| pins.get(&pin.to_owned()).unwrap().label.as_str());
        assert_eq!(labels, ["⟦Wait now⟧", "Received so far"]);
    }
}

#[tokio::test]
async fn pages_of_extensions_are_in_the_language_of_the_request() {
    let server = TestInstallation::with_pseudo_locale().start_with(extensions::all()).await;
    let manager = server.staff(Role::Manager).await.without_scripts();
    for (path, text) in [
        ("/s/demo/x/order-counters", "Orders of 2026-11-21"),
        ("/s/demo/office/extensions", "Counts the orders of each day, their ends, their drinks and their options."),
    ] {
        let english = manager.get(path).await.page().visible_text();
        let pseudo = manager.get(&format!("{path}?lang=x-pseudo")).await.page().visible_text();
        assert!(english.contains(text) && !english.contains('⟦'), "{english}");
        assert!(pseudo.contains(&format!("⟦{text}⟧")), "{pseudo}");
    }
}

#[tokio::test]
async fn an_extension_switched_off_and_on_at_once_starts_again() {
    let server = start_server(vec![test_extensions::counter()]).await;
    let manager = server.staff(Role::Manager).await;
    let last = |log: &[Recorded], is: &str| log.iter().rposition(|recorded| recorded.event.kind() == is);
    for _ in 0..10 {
        switch(&manager, "Counter", false).await;
        switch(&manager, "Counter", true).await;
        within_timeout("a restart of the extension", async {
            loop {
                let log = server.installation.log().await;
                // Pins are removed when the extension is switched off.
                if last(&log, "Counter.Started") > last(&log, "ConfigService.ExtensionSwitched") {
                    break;
                }
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
    server.stop().await;
}

#[tokio::test]
async fn an_extension_emits_at_most_once_a_second() {
    let server = start_server(vec![test_extensions::counter()]).await;
    let (tablet, mut tv) = (server.barista().await, LivePage::<Display>::open(&server.display, "display").await);
    tv.wait_until(|_, ephemeral| !ephemeral.pins.is_empty()).await;
    for _ in 0..3 {
        serve_order(&server, &tablet).await;
    }
    let position = server.position().await;
    let received = wait_for_events(&tablet, "counter", position).await;
    server.advance_clock(1);
    let count = Fact::Number(i64::try_from(received.len()).unwrap());
    tv.wait_until(|_, ephemeral| {
        ephemeral.pins.get(&"counter/head".to_owned()).and_then(|pin| pin.value.as_ref()) == Some(&count)
    })
    .await;
    let log = server.stop().await.log().await;
    let counted = log.iter().filter(|recorded| recorded.event.kind() == "Counter.Counted");
    assert_eq!(counted.count(), 2);
}

#[tokio::test]
async fn an_event_loop_between_extensions_ends_at_the_hop_limit() {
    let server = start_server(test_extensions::echo_pair()).await;
    let tablet = server.barista().await;
    serve_order(&server, &tablet).await;
    let is_last = |recorded: &Recorded| matches!(&recorded.event, Event::Emitted(event) if event.hops == MAX_HOPS);
    within_timeout("the event with the maximum hops", async {
        while !server.installation.log().await.iter().any(is_last) {
            server.advance_clock(1);
            tokio::task::yield_now().await;
        }
    })
    .await;
    let log = server.stop().await.log().await;
    assert!(log.iter().all(|recorded| !matches!(&recorded.event, Event::Emitted(event) if event.hops > MAX_HOPS)));
    let first = log.iter().find_map(|recorded| match &recorded.event {
        Event::Emitted(event) => Some(event.hops),
        _ => None,
    });
    assert_eq!(first, Some(1));
}

#[tokio::test]
async fn a_panicking_extension_restarts_and_skips_the_poison_event() {
    let server = start_server(vec![test_extensions::panicking(), test_extensions::counter()]).await;
    let tablet = server.barista().await;
    serve_order(&server, &tablet).await;
    let position = server.position().await;
    let complete = wait_for_events(&tablet, "counter", position).await;
    let panicking = wait_for_events(&tablet, "panicking", position).await;
    let log = server.stop().await.log().await;
    let claimed = log.iter().find(|recorded| matches!(recorded.event, Event::OrderClaimed(_))).unwrap().position;
    let missed: Vec<u64> = complete.into_iter().filter(|position| !panicking.contains(position)).collect();
    assert_eq!(missed, [claimed]);
}

#[tokio::test]
async fn a_hanging_extension_blocks_nobody_and_is_abandoned() {
    let hanging = HangingExtension::new();
    let server = start_server(vec![hanging.manifest(), test_extensions::counter()]).await;
    let (tablet, manager) = (server.barista().await, server.staff(Role::Manager).await);
    serve_order(&server, &tablet).await;
    serve_order(&server, &tablet).await;
    let position = server.position().await;
    wait_for_events(&tablet, "counter", position).await;
    // A page request times out and is refused as busy.
    assert_eq!(tablet.get("/s/demo/x/hanging").await.slug(), Kind::Busy.slug());
    switch(&manager, "Hanging", false).await;
    serve_order(&server, &tablet).await;
    server.stop().await;
}

#[tokio::test]
async fn a_panicking_extension_page_affects_no_other_page() {
    let server = start_server(vec![test_extensions::counter()]).await;
    let phone = server.guest().await;
    wait_for_events(&phone, "counter", 5).await;
    for _ in 0..4 {
        assert_eq!(phone.get("/s/demo/x/counter/broken").await.slug(), Kind::Busy.slug());
    }
    wait_for_events(&phone, "counter", 5).await;
}

#[tokio::test]
async fn extension_pages_enforce_their_access_rules() {
    let server = start_server(vec![test_extensions::counter()]).await;
    let (phone, other, tablet) = (server.guest().await, server.guest().await, server.barista().await);
    let order = phone.order(&server.qr_code().await, "espresso").await;
    tablet.step("claim", order).await.expect_ok();
    wait_for_events(&phone, "counter", server.position().await).await;
    let (mine, staff) = (format!("/s/demo/x/counter/{order}"), "/s/demo/x/counter/staff");
    let events = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["events"].as_u64();
    let actors = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["actors"].as_u64();
    let (own, staff_view) = (phone.get(&mine).await, tablet.get(&mine).await);
    assert_eq!((events(own.text()), actors(own.text())), (Some(6), Some(0)));
    assert_eq!((events(staff_view.text()), actors(staff_view.text())), (Some(6), Some(6)));
    let refused = [
        (other.get(&mine).await, Kind::OrderAnothers),
        (server.new_browser().get(&mine).await, Kind::DeviceUnknown),
        (phone.get(staff).await, Kind::RoleNotAllowed),
        (server.new_browser().get(staff).await, Kind::SignedOut),
        (tablet.get("/s/demo/x/counter/nothing").await, Kind::PageUnknown),
        (tablet.get("/s/demo/x/nobody").await, Kind::PageUnknown),
        (phone.get("/s/nowhere/x/counter").await, Kind::ShopUnknown),
        (server.new_browser().get("/s/demo/x/counter/shared/AAAA").await, Kind::PageUnknown),
    ];
    for (response, kind) in refused {
        assert_eq!(response.slug(), kind.slug());
    }
    assert_eq!(tablet.get(staff).await.status, StatusCode::OK);
}

#[tokio::test]
async fn only_a_manager_switches_known_extensions() {
    let server = start_server(vec![test_extensions::counter()]).await;
    let (tablet, manager) = (server.barista().await, server.staff(Role::Manager).await);
    let fields = [("extension", "Counter"), ("on", "false")];
    assert_eq!(tablet.command("store/extension", &fields).await.slug(), Kind::RoleNotAllowed.slug());
    let unknown = [("extension", "Nobody"), ("on", "false")];
    assert_eq!(manager.command("store/extension", &unknown).await.slug(), Kind::Malformed.slug());
    switch(&manager, "Counter", false).await;
    assert_eq!(tablet.get("/s/demo/x/counter").await.slug(), Kind::PageUnknown.slug());
}

#[tokio::test]
async fn counters_are_for_staff_and_wait_times_are_public() {
    let server = start_server(extensions::all()).await;
    let (tablet, phone) = (server.barista().await, server.guest().await);
    serve_order(&server, &tablet).await;
    let given_up = phone.order(&server.qr_code().await, "latte").await;
    phone.step("cancel", given_up).await.expect_ok();
    server.advance_clock(60);
    let counted = within_timeout("the counters of both orders", async {
        loop {
            let response = tablet.get("/s/demo/x/order-counters/2026-11-21").await;
            let counted: Value = serde_json::from_str(response.text()).unwrap();
            if counted["people"]["cancelled"] == 1 {
                return counted;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    let people = &counted["people"];
    assert_eq!(
        (&counted["day"], &people["started"], &people["collected"]),
        (&"2026-11-21".into(), &2.into(), &1.into())
    );
    let drinks: Vec<_> = people["drinks"].as_array().unwrap().iter().map(|drink| &drink["drink"]).collect();
    assert_eq!(drinks, ["espresso", "latte"]);
    let page = tablet.without_scripts().get("/s/demo/x/order-counters").await.page();
    page.assert_text("Orders of 2026-11-21");
    for figures in ["Espresso 1 1", "Caffè latte 1 0"] {
        page.assert_text(figures);
    }
    assert!(page.html.contains("href=\"/s/demo/x/order-counters/days\""), "{}", page.html);
    assert_eq!(phone.get("/s/demo/x/order-counters").await.slug(), Kind::RoleNotAllowed.slug());

    let waits = server.new_browser().get("/s/demo/x/wait-times").await;
    let waits: Value = serde_json::from_str(waits.text()).unwrap();
    assert_eq!((&waits["drinks"][0]["drink"], &waits["drinks"][0]["of"]), (&"espresso".into(), &1.into()));
}
