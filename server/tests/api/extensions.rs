//! Extensions: complete and ordered delivery, emitted events, pins, pages, and isolation of failures.

use app::frame::EphemeralValues;
use app::problem::Kind;
use axum::http::StatusCode;
use domain::access::{Actor, Role};
use domain::event::{Event, Fact, MAX_HOPS, Recorded};
use domain::extension::Manifest;
use domain::view::display::Display;
use domain::view::ordering::Ordering;
use serde_json::Value;
use server::shop_creation;

use crate::harness::reader::Frames;
use crate::harness::trial::{self, Sleeper};
use crate::harness::{Bar, Browser, Premises, Reader, soon};

async fn open(extensions: Vec<Manifest>) -> Bar {
    Premises::new().open_with(extensions).await
}

/// Returns the positions that the extension received once it has received `last`.
async fn heard(browser: &Browser, extension: &str, last: u64) -> Vec<u64> {
    heard_in(browser, ("demo", extension), last).await
}

async fn heard_in(browser: &Browser, (shop, extension): (&str, &str), last: u64) -> Vec<u64> {
    soon("an extension that has heard it all", async {
        loop {
            let answered = browser.get(&format!("/s/{shop}/x/{extension}")).await;
            let heard: Vec<u64> = serde_json::from_str(answered.text()).unwrap_or_default();
            if heard.last() >= Some(&last) {
                return heard;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

async fn switch(manager: &Browser, extension: &str, on: bool) {
    let on = on.to_string();
    manager.command("store/extension", &[("extension", extension), ("on", &on)]).await.granted();
}

/// Orders, claims, completes and hands over a drink.
async fn serve(bar: &Bar, tablet: &Browser) {
    let order = bar.guest().await.order(&bar.code().await, "espresso").await;
    for act in ["claim", "complete", "collect"] {
        tablet.step(act, order).await.granted();
    }
}

/// Splits a log into the positions of core events and the events that extensions emitted.
fn apart(log: &[Recorded]) -> (Vec<u64>, Vec<&Recorded>) {
    let (of_extensions, of_the_house): (Vec<&Recorded>, Vec<&Recorded>) =
        log.iter().partition(|recorded| matches!(recorded.event, Event::Emitted(_)));
    (of_the_house.iter().map(|recorded| recorded.position).collect(), of_extensions)
}

#[tokio::test]
async fn it_hears_every_event_once_and_in_order_whatever_was_stopped_or_switched_meanwhile() {
    let bar = open(vec![trial::tally()]).await;
    let (tablet, manager) = (bar.barista().await, bar.staff(Role::Manager).await);
    serve(&bar, &tablet).await;
    let position = bar.position().await;
    heard(&tablet, "tally", position - 1).await;
    // The extension catches up from the log after it is switched on again.
    switch(&manager, "Tally", false).await;
    serve(&bar, &tablet).await;
    switch(&manager, "Tally", true).await;
    serve(&bar, &tablet).await;
    let bar = bar.close().await.open_with(vec![trial::tally()]).await;
    let tablet = tablet.at(bar.addr);
    serve(&bar, &tablet).await;
    let position = bar.position().await;
    let heard = heard(&tablet, "tally", position - 1).await;
    let premises = bar.close().await;
    let log = premises.log().await;
    let (of_the_house, of_extensions) = apart(&log);
    assert!(of_the_house.starts_with(&heard), "{heard:?} of {of_the_house:?}");
    // The extension emits `Begun` at its first start and when it is switched on, but not after a restart of the server.
    let begun = of_extensions.iter().filter(|recorded| recorded.event.kind() == "Tally.Begun");
    assert_eq!(begun.count(), 2);
}

#[tokio::test]
async fn each_shop_has_its_own_and_so_has_one_that_is_founded_while_it_runs() {
    let bar = open(vec![trial::tally()]).await;
    for shop in ["south", "north"] {
        let request = shop_creation::Request { shop: shop.parse().unwrap(), name: shop.to_owned(), like: None };
        server::add_shop(&bar.premises.settings(), &request, &*bar.premises.clock).await.unwrap();
    }
    serve(&bar, &bar.barista().await).await;
    let (tv, demo) = (bar.stranger(), bar.position().await);
    heard_in(&tv, ("demo", "tally"), demo).await;
    for shop in ["south", "north"] {
        assert_eq!(heard_in(&tv, (shop, "tally"), 5).await, [1, 2, 3, 4, 5], "{shop}");
    }
    let south = bar.script("south", Role::Manager).await;
    let fields = [("shop", "south"), ("extension", "Tally"), ("on", "false")];
    south.post("/api/store/extension", &fields).await.granted();
    assert_eq!(tv.get("/s/south/x/tally").await.slug(), Kind::PageUnknown.slug());
    heard_in(&tv, ("north", "tally"), 5).await;
}

#[tokio::test]
async fn one_that_begins_now_leaves_the_past_alone_and_from_then_on_misses_nothing() {
    let bar = open(Vec::new()).await;
    let tablet = bar.barista().await;
    serve(&bar, &tablet).await;
    let came_at = bar.position().await;
    let bar = bar.close().await.open_with(vec![trial::latecomer()]).await;
    let tablet = tablet.at(bar.addr);
    // The extension has started once it serves a page.
    soon("the latecomer", async {
        while tablet.get("/s/demo/x/latecomer").await.status != StatusCode::OK {
            tokio::task::yield_now().await;
        }
    })
    .await;
    serve(&bar, &tablet).await;
    let bar = bar.close().await.open_with(vec![trial::latecomer()]).await;
    let tablet = tablet.at(bar.addr);
    serve(&bar, &tablet).await;
    let position = bar.position().await;
    let heard = heard(&tablet, "latecomer", position - 1).await;
    let log = bar.close().await.log().await;
    assert!(apart(&log).0.into_iter().filter(|position| *position > came_at).zip(&heard).all(|(a, b)| a == *b));
    assert!(heard.first() > Some(&came_at));
}

#[tokio::test]
async fn what_it_says_is_an_event_and_what_it_pins_is_shown_until_it_is_switched_off() {
    let bar = open(vec![trial::tally()]).await;
    let manager = bar.staff(Role::Manager).await;
    let mut tv: Reader<Display> = Reader::open(&bar.screen, "display").await;
    let shows = |asides: &EphemeralValues| asides.pins.get(&"tally/head".to_owned()).cloned();
    tv.until(|_, asides| shows(asides).is_some()).await;
    let pin = shows(&tv.asides).unwrap();
    assert_eq!((pin.label.as_str(), pin.link), ("Heard", None));
    assert_eq!(bar.shown().await.asides.pins.len(), 1, "the page has it from the first");
    let mut phone: Reader<Ordering> = Reader::open(&bar.guest().await, "ordering").await;
    let link = |asides: &EphemeralValues| asides.pins.get(&"tally/order".to_owned()).and_then(|pin| pin.link.clone());
    phone.until(|_, asides| link(asides).is_some()).await;
    assert_eq!(link(&phone.asides).as_deref(), Some("/s/demo/x/tally/{order}"));
    assert_eq!(phone.asides.pins.len(), 1, "what is for the TV is on the TV");

    switch(&manager, "Tally", false).await;
    tv.until(|_, asides| asides.pins.is_empty()).await;
    phone.until(|_, asides| asides.pins.is_empty()).await;
    assert!(bar.shown().await.asides.pins.is_empty());
    // A client that reconnects receives the empty set of pins.
    let mut back = Frames::open(&bar.screen, "display", tv.live.cursor()).await;
    let aside = back.named("ephemeral").await.json();
    assert_eq!((aside["key"].as_str(), aside["value"].to_string()), (Some("pins"), "{}".to_owned()));
    switch(&manager, "Tally", true).await;
    bar.later(1);
    tv.until(|_, asides| shows(asides).is_some()).await;

    let log = bar.close().await.log().await;
    let (_, said) = apart(&log);
    let Some(Event::Emitted(counted)) = said.iter().map(|said| &said.event).find(|said| said.kind() == "Tally.Counted")
    else {
        panic!("it said nothing: {said:?}")
    };
    assert_eq!((counted.hops, counted.facts.get(&"count".to_owned())), (1, Some(&pin.value.unwrap())));
    assert!(said.iter().all(|recorded| recorded.actor == Some(Actor::System) && recorded.event.order().is_none()));
}

#[tokio::test]
async fn switched_off_and_on_in_one_breath_it_begins_again() {
    let bar = open(vec![trial::tally()]).await;
    let manager = bar.staff(Role::Manager).await;
    let last = |log: &[Recorded], is: &str| log.iter().rposition(|recorded| recorded.event.kind() == is);
    for _ in 0..10 {
        switch(&manager, "Tally", false).await;
        switch(&manager, "Tally", true).await;
        soon("a new beginning", async {
            loop {
                let log = bar.premises.log().await;
                // Pins are removed when the extension is switched off.
                if last(&log, "Tally.Begun") > last(&log, "ConfigService.ExtensionSwitched") {
                    break;
                }
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
    bar.close().await;
}

#[tokio::test]
async fn it_speaks_once_a_second_at_most() {
    let bar = open(vec![trial::tally()]).await;
    let (tablet, mut tv) = (bar.barista().await, Reader::<Display>::open(&bar.screen, "display").await);
    tv.until(|_, asides| !asides.pins.is_empty()).await;
    for _ in 0..3 {
        serve(&bar, &tablet).await;
    }
    let position = bar.position().await;
    let heard = heard(&tablet, "tally", position).await;
    bar.later(1);
    let count = Fact::Number(i64::try_from(heard.len()).unwrap());
    tv.until(|_, asides| asides.pins.get(&"tally/head".to_owned()).and_then(|pin| pin.value.as_ref()) == Some(&count))
        .await;
    let log = bar.close().await.log().await;
    let counted = log.iter().filter(|recorded| recorded.event.kind() == "Tally.Counted");
    assert_eq!(counted.count(), 2);
}

#[tokio::test]
async fn two_that_answer_each_other_come_to_an_end() {
    let bar = open(trial::echoes()).await;
    let tablet = bar.barista().await;
    serve(&bar, &tablet).await;
    let is_last = |recorded: &Recorded| matches!(&recorded.event, Event::Emitted(event) if event.hops == MAX_HOPS);
    soon("the last hop", async {
        while !bar.premises.log().await.iter().any(is_last) {
            bar.later(1);
            tokio::task::yield_now().await;
        }
    })
    .await;
    let log = bar.close().await.log().await;
    assert!(log.iter().all(|recorded| !matches!(&recorded.event, Event::Emitted(event) if event.hops > MAX_HOPS)));
    let first = log.iter().find_map(|recorded| match &recorded.event {
        Event::Emitted(event) => Some(event.hops),
        _ => None,
    });
    assert_eq!(first, Some(1));
}

#[tokio::test]
async fn one_that_panics_begins_again_and_goes_on_without_what_it_falls_over() {
    let bar = open(vec![trial::stumbler(), trial::tally()]).await;
    let tablet = bar.barista().await;
    serve(&bar, &tablet).await;
    let position = bar.position().await;
    let upright = heard(&tablet, "tally", position).await;
    let stumbled = heard(&tablet, "stumbler", position).await;
    let log = bar.close().await.log().await;
    let claimed = log.iter().find(|recorded| matches!(recorded.event, Event::OrderClaimed(_))).unwrap().position;
    let missed: Vec<u64> = upright.into_iter().filter(|position| !stumbled.contains(position)).collect();
    assert_eq!(missed, [claimed]);
}

#[tokio::test]
async fn one_that_hangs_holds_up_nobody_and_is_given_up_in_the_end() {
    let sleeper = Sleeper::new();
    let bar = open(vec![sleeper.manifest(), trial::tally()]).await;
    let (tablet, manager) = (bar.barista().await, bar.staff(Role::Manager).await);
    serve(&bar, &tablet).await;
    serve(&bar, &tablet).await;
    let position = bar.position().await;
    heard(&tablet, "tally", position).await;
    // A page request times out and is refused as busy.
    assert_eq!(tablet.get("/s/demo/x/sleeper").await.slug(), Kind::Busy.slug());
    switch(&manager, "Sleeper", false).await;
    serve(&bar, &tablet).await;
    bar.close().await;
}

#[tokio::test]
async fn a_page_that_breaks_breaks_alone() {
    let bar = open(vec![trial::tally()]).await;
    let phone = bar.guest().await;
    heard(&phone, "tally", 5).await;
    for _ in 0..4 {
        assert_eq!(phone.get("/s/demo/x/tally/broken").await.slug(), Kind::Busy.slug());
    }
    heard(&phone, "tally", 5).await;
}

#[tokio::test]
async fn each_sees_the_pages_that_are_for_them_and_the_guest_passes_theirs_on() {
    let bar = open(vec![trial::tally()]).await;
    let (phone, other, tablet) = (bar.guest().await, bar.guest().await, bar.barista().await);
    let order = phone.order(&bar.code().await, "espresso").await;
    tablet.step("claim", order).await.granted();
    heard(&phone, "tally", bar.position().await).await;
    let (mine, staff) = (format!("/s/demo/x/tally/{order}"), "/s/demo/x/tally/staff");
    let events = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["events"].as_u64();
    let actors = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["actors"].as_u64();
    let (own, bars) = (phone.get(&mine).await, tablet.get(&mine).await);
    assert_eq!((events(own.text()), actors(own.text())), (Some(6), Some(0)));
    assert_eq!((events(bars.text()), actors(bars.text())), (Some(6), Some(6)));
    let refused = [
        (other.get(&mine).await, Kind::OrderAnothers),
        (bar.stranger().get(&mine).await, Kind::DeviceUnknown),
        (phone.get(staff).await, Kind::RoleForbids),
        (bar.stranger().get(staff).await, Kind::SignedOut),
        (tablet.get("/s/demo/x/tally/nothing").await, Kind::PageUnknown),
        (tablet.get("/s/demo/x/nobody").await, Kind::PageUnknown),
        (phone.get("/s/nowhere/x/tally").await, Kind::ShopUnknown),
        (bar.stranger().get("/s/demo/x/tally/shared/AAAA").await, Kind::PageUnknown),
    ];
    for (answered, kind) in refused {
        assert_eq!(answered.slug(), kind.slug());
    }
    assert_eq!(tablet.get(staff).await.status, StatusCode::OK);
}

#[tokio::test]
async fn only_a_manager_switches_and_only_what_there_is() {
    let bar = open(vec![trial::tally()]).await;
    let (tablet, manager) = (bar.barista().await, bar.staff(Role::Manager).await);
    let fields = [("extension", "Tally"), ("on", "false")];
    assert_eq!(tablet.command("store/extension", &fields).await.slug(), Kind::RoleForbids.slug());
    let unknown = [("extension", "Nobody"), ("on", "false")];
    assert_eq!(manager.command("store/extension", &unknown).await.slug(), Kind::Malformed.slug());
    switch(&manager, "Tally", false).await;
    assert_eq!(tablet.get("/s/demo/x/tally").await.slug(), Kind::PageUnknown.slug());
}

#[tokio::test]
async fn the_figures_of_a_day_are_read_by_the_bar_and_the_waits_by_anybody() {
    let bar = open(extensions::all()).await;
    let (tablet, phone) = (bar.barista().await, bar.guest().await);
    serve(&bar, &tablet).await;
    let given_up = phone.order(&bar.code().await, "latte").await;
    phone.step("cancel", given_up).await.granted();
    bar.later(60);
    let counted = soon("the figures of both", async {
        loop {
            let answered = tablet.get("/s/demo/x/order-counters/2026-11-21").await;
            let counted: Value = serde_json::from_str(answered.text()).unwrap();
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
    let page = tablet.plain().get("/s/demo/x/order-counters").await.page();
    page.says("Orders of 2026-11-21");
    assert!(page.html.contains("href=\"/s/demo/x/order-counters/days\""), "{}", page.html);
    assert_eq!(phone.get("/s/demo/x/order-counters").await.slug(), Kind::RoleForbids.slug());

    let waits = bar.stranger().get("/s/demo/x/wait-times").await;
    let waits: Value = serde_json::from_str(waits.text()).unwrap();
    assert_eq!((&waits["drinks"][0]["drink"], &waits["drinks"][0]["of"]), (&"espresso".into(), &1.into()));
}
