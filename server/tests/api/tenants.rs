//! Isolation of two shops in one server: codes, limits, orders, streams and settings.

use domain::access::Role;
use domain::event::{Event, Recorded};
use domain::extension::Manifest;
use domain::ids::OrderId;
use domain::limits::Limits;
use domain::menu::{Drink, Menu};
use domain::order::Step;
use domain::view::barista::Barista;
use domain::view::display::Display;
use domain::view::ordering::Ordering;
use engine::store::Store;
use protocol::frame::Opening;
use serde_json::Value;
use store::Sqlite;

use crate::harness::request::{TestRequest, TestResponse};
use crate::harness::{Browser, LivePage, TestInstallation, TestServer, new_order, within_timeout};

/// A shop with its slug and the commands that tests send to it.
#[derive(Clone, Copy)]
struct Shop(&'static str);

const NORTH: Shop = Shop("north");
const SOUTH: Shop = Shop("south");

impl Shop {
    async fn command(self, client: &Browser, action: &str, fields: &[(&str, &str)]) -> TestResponse {
        let fields = [&[("shop", self.0)], fields].concat();
        client.send(TestRequest::post(&format!("/api/{action}"), &fields)).await
    }

    async fn start(self, client: &Browser, order: OrderId, code: &str) -> TestResponse {
        self.command(client, "orders/start", &[("order", &order.to_string()), ("code", code)]).await
    }

    async fn submit(self, client: &Browser, order: OrderId, drink: &str) -> TestResponse {
        self.command(client, "orders/submit", &[("order", &order.to_string()), ("drink", drink)]).await
    }

    async fn act(self, client: &Browser, action: &str, order: OrderId) -> TestResponse {
        self.command(client, &format!("orders/{action}"), &[("order", &order.to_string())]).await
    }

    /// Loads a page of an extension until it has counted what the condition asks for.
    async fn wait_for_page(self, server: &TestServer, page: &str, is_counted: impl Fn(&Value) -> bool) -> Value {
        let tablet = server.api_client(self.0, Role::Barista).await;
        within_timeout(page, async {
            loop {
                let response = tablet.get(&format!("/s/{}/x/{page}", self.0)).await;
                let counted: Value = serde_json::from_str(response.text()).unwrap();
                if is_counted(&counted) {
                    return counted;
                }
                tokio::task::yield_now().await;
            }
        })
        .await
    }

    /// The current code, read from the display page with a display token.
    async fn code(self, server: &TestServer) -> String {
        let display = server.api_client(self.0, Role::Display).await;
        let shown: Opening<Display> = display.get(&format!("/s/{}/display", self.0)).await.page().opening();
        shown.asides.code.unwrap().url.rsplit_once("/q/").unwrap().1.to_owned()
    }

    async fn log(self, server: &TestServer) -> Vec<Recorded> {
        let store = Sqlite::open(&server.installation.folder.path().join("crema.db")).await.unwrap();
        let log = store.events_after(&self.0.parse().unwrap(), 0, 1000).await.unwrap();
        store.pool().close().await;
        log
    }
}

fn menu(drink: &str) -> Menu {
    let drink = Drink { id: drink.to_owned(), name: drink.to_owned(), icon: "cup".to_owned(), ..Drink::default() };
    Menu { drinks: vec![drink], ..Menu::default() }
}

/// Starts a server with two shops. North serves tea and has small limits; South serves cocoa.
async fn start_two_shops() -> TestServer {
    start_two_shops_with(Vec::new()).await
}

async fn start_two_shops_with(extensions: Vec<Manifest>) -> TestServer {
    let small = Limits { drinks_per_code: 2, window_seconds: 60, room: 2, orders_per_guest: 1, ..Limits::default() };
    let installation = TestInstallation::new();
    let large = Limits { drinks_per_code: 7, ..Limits::default() };
    let shops = [("north", menu("tea"), small), ("south", menu("cocoa"), large)];
    installation.add_shops_with(shops.into_iter().chain([("demo", Menu::default(), Limits::default())])).await;
    installation.start_with(extensions).await
}

async fn guest(server: &TestServer, code: &str) -> Browser {
    let phone = server.new_browser();
    phone.scan(code).await;
    phone
}

#[tokio::test]
async fn a_code_is_valid_in_its_own_shop_only() {
    let server = start_two_shops().await;
    let (north, south) = (NORTH.code(&server).await, SOUTH.code(&server).await);
    let phone = guest(&server, &north).await;
    assert_eq!(SOUTH.start(&phone, new_order(), &north).await.slug(), "code_unknown");
    assert_eq!(NORTH.start(&phone, new_order(), &south).await.slug(), "code_unknown");
    for _ in 0..2 {
        let phone = guest(&server, &north).await;
        let order = new_order();
        NORTH.start(&phone, order, &north).await.expect_ok();
        NORTH.act(&phone, "cancel", order).await.expect_ok();
        NORTH.start(&phone, new_order(), &north).await.expect_ok();
    }
    assert_eq!(NORTH.start(&phone, new_order(), &north).await.slug(), "code_used_up");
    SOUTH.start(&phone, new_order(), &south).await.expect_ok();
    // A window lasts five minutes in South and one minute in North.
    server.advance_clock(60);
    assert_eq!(SOUTH.code(&server).await, south);
    assert_ne!(NORTH.code(&server).await, north);
}

#[tokio::test]
async fn capacity_and_guest_limits_are_per_shop() {
    let server = start_two_shops().await;
    let (north, south) = (NORTH.code(&server).await, SOUTH.code(&server).await);
    let (phone, order) = (guest(&server, &north).await, new_order());
    NORTH.start(&phone, order, &north).await.expect_ok();
    NORTH.submit(&phone, order, "tea").await.expect_ok();
    assert_eq!(NORTH.start(&phone, new_order(), &north).await.slug(), "shop_unavailable/limit");
    let other = guest(&server, &north).await;
    NORTH.start(&other, new_order(), &north).await.expect_ok();
    server.advance_clock(60);
    let north = NORTH.code(&server).await;
    let third = guest(&server, &north).await;
    assert_eq!(NORTH.start(&third, new_order(), &north).await.slug(), "shop_unavailable/full");
    // The same guest may place two orders in the other shop.
    for number in 1..=2 {
        let order = new_order();
        SOUTH.start(&phone, order, &south).await.expect_ok();
        assert_eq!(SOUTH.submit(&phone, order, "tea").await.slug(), "not_on_the_menu");
        assert_eq!(SOUTH.submit(&phone, order, "cocoa").await.expect_ok().number, Some(number));
    }
}

#[tokio::test]
async fn numbers_and_orders_are_per_shop() {
    let server = start_two_shops().await;
    let (north, south) = (NORTH.code(&server).await, SOUTH.code(&server).await);
    let (phone, order) = (guest(&server, &north).await, new_order());
    // The same id names two different orders.
    for (shop, code, drink) in [(NORTH, &north, "tea"), (SOUTH, &south, "cocoa")] {
        shop.start(&phone, order, code).await.expect_ok();
        assert_eq!(shop.submit(&phone, order, drink).await.expect_ok().number, Some(1));
    }
    let (in_north, in_south) =
        (server.api_client("north", Role::Barista).await, server.api_client("south", Role::Barista).await);
    assert_eq!(SOUTH.act(&in_north, "claim", order).await.slug(), "role_forbids");
    assert_eq!(NORTH.command(&in_south, "store/close", &[]).await.slug(), "role_forbids");
    for act in ["claim", "complete", "collect"] {
        NORTH.act(&in_north, act, order).await.expect_ok();
    }
    let barista_page: protocol::frame::Snapshot<Barista> =
        serde_json::from_str(in_south.get("/s/south/view/barista").await.text()).unwrap();
    assert_eq!(barista_page.view.cards.iter().map(|manifest| manifest.step).collect::<Vec<_>>(), [Step::Waiting]);
    NORTH.command(&in_north, "store/close", &[]).await.expect_ok();
    let (logs, unknown) = ([NORTH.log(&server).await, SOUTH.log(&server).await], new_order());
    assert_eq!(logs.each_ref().map(|log| log.len() as u64), logs.each_ref().map(|log| log.last().unwrap().position));
    assert_eq!(SOUTH.act(&in_south, "claim", unknown).await.slug(), "order_unknown");
    // Guest ids differ between the shops.
    let [north_guests, south_guests] =
        logs.map(|log| log.iter().filter_map(|recorded| recorded.actor?.guest()).collect::<Vec<_>>());
    assert!(!north_guests.is_empty() && north_guests.iter().all(|guest| !south_guests.contains(guest)));
}

#[tokio::test]
async fn streams_contain_their_own_shop_only() {
    let server = start_two_shops().await;
    let (north, south) = (NORTH.code(&server).await, SOUTH.code(&server).await);
    let phone = guest(&server, &north).await;
    let staff = [server.api_client("north", Role::Barista).await, server.api_client("south", Role::Barista).await];
    let mut tv: LivePage<Display> =
        LivePage::open_in_shop(&server.api_client("south", Role::Display).await, "south", "display").await;
    let mut barista_page: LivePage<Barista> = LivePage::open_in_shop(&staff[1], "south", "barista").await;
    let mut mine: LivePage<Ordering> = LivePage::open_in_shop(&phone, "south", "ordering").await;
    let order = new_order();
    NORTH.start(&phone, order, &north).await.expect_ok();
    NORTH.submit(&phone, order, "tea").await.expect_ok();
    NORTH.act(&staff[0], "claim", order).await.expect_ok();
    NORTH.command(&staff[0], "store/close", &[]).await.expect_ok();
    let south_order = new_order();
    SOUTH.start(&phone, south_order, &south).await.expect_ok();
    SOUTH.submit(&phone, south_order, "cocoa").await.expect_ok();
    SOUTH.command(&staff[1], "store/pause", &[("reason", "Back soon")]).await.expect_ok();
    tv.wait_until(|view, _| view.paused.is_some()).await;
    barista_page.wait_until(|view, _| view.paused.is_some()).await;
    mine.wait_until(|view, _| view.bar.paused.is_some()).await;
    assert!(tv.view().open && mine.view().orders.iter().all(|mine| mine.order == south_order));
    for frame in tv.received.iter().chain(&barista_page.received).chain(&mine.received) {
        for foreign in [order.to_string().as_str(), "tea", "/shops/north", "north"] {
            assert!(!frame.data.contains(foreign), "{foreign} leaked into {frame:?}");
        }
    }
    let refused = staff[0].get("/s/south/stream/barista").await;
    assert_eq!(refused.slug(), "role_forbids");
}

#[tokio::test]
async fn one_tablet_works_in_both_shops_with_a_session_for_each() {
    let server = start_two_shops().await;
    let tablet = server.new_browser();
    for shop in [NORTH, SOUTH] {
        let link = server.link_to(shop.0, Role::Barista).await;
        assert_eq!(tablet.redeem_link(&link).await, format!("/s/{}/barista", shop.0));
    }
    NORTH.command(&tablet, "store/close", &[]).await.expect_ok();
    tablet.get("/s/north/barista").await.page().assert_text("The shop is closed");
    tablet.get("/s/south/barista").await.page().assert_text("The shop is open");
}

#[tokio::test]
async fn each_shop_has_its_own_day_boundary() {
    let server = start_two_shops().await;
    for (shop, zone) in [(NORTH, "Pacific/Auckland"), (SOUTH, "Europe/Lisbon")] {
        let manager = server.api_client(shop.0, Role::Manager).await;
        shop.command(&manager, "store/hours", &[("hours[zone]", zone)]).await.expect_ok();
    }
    let order = async |shop: Shop, drink: &str| {
        let tablet = server.api_client(shop.0, Role::Barista).await;
        let order = new_order().to_string();
        let answer = shop.command(&tablet, "orders/walk_in", &[("order", &order), ("drink", drink)]).await.expect_ok();
        answer.number.unwrap()
    };
    // It is 03:50 in Auckland and 14:50 in Lisbon.
    server.installation.clock.set("2026-11-21T14:50:00.000Z".parse().unwrap());
    assert_eq!((order(NORTH, "tea").await, order(SOUTH, "cocoa").await), (1, 1));
    assert_eq!((order(NORTH, "tea").await, order(SOUTH, "cocoa").await), (2, 2));
    // The day changes at 04:00 in Auckland; numbers that are still in use are skipped.
    server.installation.clock.set("2026-11-21T14:59:59.999Z".parse().unwrap());
    assert_eq!((order(NORTH, "tea").await, order(SOUTH, "cocoa").await), (3, 3));
    server.installation.clock.set("2026-11-21T15:00:00.000Z".parse().unwrap());
    assert_eq!((order(NORTH, "tea").await, order(SOUTH, "cocoa").await), (4, 4));
    let log = NORTH.log(&server).await;
    let day = |recorded: &Recorded| match &recorded.event {
        Event::NumberGiven(event) => Some(event.day.to_string()),
        _ => None,
    };
    let days: Vec<_> = log.iter().filter_map(day).collect();
    assert_eq!(days.last().map(String::as_str), Some("2026-11-22"));
}

#[tokio::test]
async fn average_waits_and_counts_are_per_shop() {
    let server = start_two_shops_with(extensions::all()).await;
    // Tea takes one minute in the north, cocoa ten in the south.
    for (shop, drink, seconds) in [(NORTH, "tea", 60_u32), (SOUTH, "cocoa", 600)] {
        let tablet = server.api_client(shop.0, Role::Barista).await;
        let order = new_order().to_string();
        shop.command(&tablet, "orders/walk_in", &[("order", &order), ("drink", drink)]).await.expect_ok();
        shop.command(&tablet, "orders/claim", &[("order", &order)]).await.expect_ok();
        server.advance_clock(seconds.into());
        shop.command(&tablet, "orders/complete", &[("order", &order)]).await.expect_ok();
    }
    for (shop, drink, seconds) in [(NORTH, "tea", 60), (SOUTH, "cocoa", 600)] {
        let waits = shop.wait_for_page(&server, "wait-times", |page| !page["drinks"][0].is_null()).await;
        assert_eq!((&waits["drinks"][0]["drink"], waits["drinks"].as_array().unwrap().len()), (&drink.into(), 1));
        assert_eq!((waits["all"]["seconds"].as_f64(), &waits["all"]["of"]), (Some(f64::from(seconds)), &1.into()));
        let counters = shop.wait_for_page(&server, "order-counters", |page| page["people"]["completed"] != 0).await;
        assert_eq!((&counters["people"]["started"], &counters["people"]["completed"]), (&1.into(), &1.into()));
        assert_eq!(counters["people"]["drinks"][0]["drink"], drink, "{counters}");
    }
}

#[tokio::test]
async fn sold_out_items_are_per_shop() {
    let server = start_two_shops().await;
    let tablet = server.api_client(NORTH.0, Role::Barista).await;
    NORTH.command(&tablet, "menu/availability", &[("thing", "drink/tea"), ("available", "false")]).await.expect_ok();
    let in_south =
        SOUTH.command(&tablet, "menu/availability", &[("thing", "drink/cocoa"), ("available", "false")]).await;
    assert_eq!(in_south.slug(), "role_forbids");
    let phone = server.new_browser();
    let menu = phone.get("/s/south/view/ordering").await;
    assert!(!menu.text().contains("\"out\""), "{}", menu.text());
    assert!(phone.get("/s/north/view/ordering").await.text().contains("\"out\":[\"drink/tea\"]"));
}
