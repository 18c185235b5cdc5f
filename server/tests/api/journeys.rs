//! Extension pages without JavaScript: the journey of an order and its shared link, a guest's orders, the manager's
//! switches.

use axum::http::StatusCode;
use domain::access::Role;
use domain::extension::Manifest;
use domain::ids::OrderId;

use crate::forms::submit_and_reload;
use crate::harness::page::Page;
use crate::harness::test_extensions;
use crate::harness::{Browser, TestInstallation, TestServer, within_timeout};

const HISTORY_PAGE: &str = "/s/demo/history";
const EXTENSIONS_PAGE: &str = "/s/demo/office/extensions";

async fn start_server() -> TestServer {
    start_server_with(vec![extensions::order_journey::manifest()]).await
}

async fn start_server_with(extensions: Vec<Manifest>) -> TestServer {
    TestInstallation::new().start_with(extensions).await
}

/// Waits for the journey page of an order.
async fn wait_for_journey(client: &Browser, order: OrderId) -> Page {
    within_timeout("the journey page", async {
        loop {
            let response = client.get(&format!("/s/demo/x/order-journey/{order}")).await;
            if response.status == StatusCode::OK {
                return response.page();
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

/// The path of the shared link on a journey page.
fn shared_path(page: &Page) -> Option<String> {
    let input = page.html.split("<input ").find(|tag| tag.contains("type=\"url\""))?;
    let address = input.split_once("value=\"")?.1.split_once('"')?.0;
    Some(address[address.find("/s/")?..].to_owned())
}

#[tokio::test]
async fn a_guest_shares_the_journey_of_an_order_without_further_access() {
    let server = start_server().await;
    let (phone, tablet) = (server.guest().await, server.barista().await);
    let order = phone.order(&server.qr_code().await, "flat-white").await;
    for act in ["claim", "complete", "collect"] {
        tablet.step(act, order).await.expect_ok();
    }
    let page = wait_for_journey(&phone.without_scripts(), order).await;
    for words in ["Journey of order 1", "What happened", "Scanned", "Being made", "Collected", "The end"] {
        page.assert_text(words);
    }
    assert!(page.html.contains("href=\"/s/demo\""), "link back to the order");
    assert!(!page.html.contains("<script"), "{}", page.html);
    // Times are shown in the shop's time zone and carry the instant as an attribute.
    assert!(page.html.contains("<time datetime=\"2026-"), "{}", page.html);

    let shared = shared_path(&page).unwrap();
    let friend = server.new_browser().without_scripts();
    let seen = friend.get(&shared).await.page();
    seen.assert_text("Journey of order 1");
    assert_eq!((shared_path(&seen), seen.html.contains("href=\"/s/demo\"")), (None, false));
    // The shared page names neither the barista nor the guest.
    assert!(!seen.html.contains("actor") && !seen.html.contains("&quot;guest&quot;"), "{}", seen.html);
    friend.get(&format!("/s/demo/x/order-journey/{order}")).await.page_with(StatusCode::UNAUTHORIZED);
    friend.get(&format!("{shared}x")).await.page_with(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn staff_read_the_journey_of_a_cancelled_order() {
    let server = start_server().await;
    let (phone, tablet) = (server.guest().await, server.barista().await);
    let order = phone.order(&server.qr_code().await, "espresso").await;
    tablet.step("cancel", order).await.expect_ok();
    let page = wait_for_journey(&tablet.without_scripts(), order).await;
    page.assert_text("Espresso, cancelled by the bar after");
    assert!(page.html.contains("href=\"/s/demo/barista\""), "{}", page.html);
    assert!(page.html.contains("actor"), "staff see the actor");
}

#[tokio::test]
async fn typed_text_is_escaped_in_a_journey() {
    let server = start_server().await;
    let (phone, manager) = (server.guest().await, server.api_client("demo", Role::Manager).await);
    let bold = [("drink[id]", "bold"), ("drink[name]", "<b>Bold</b>"), ("drink[icon]", "mug")];
    manager.command("menu/drink", &bold).await.expect_ok();
    let order = phone.order(&server.qr_code().await, "bold").await;
    let page = wait_for_journey(&phone.without_scripts(), order).await;
    assert!(page.html.contains("&lt;b&gt;Bold&lt;/b&gt;, in the queue") && !page.html.contains("<b>"), "{}", page.html);
}

#[tokio::test]
async fn the_history_lists_a_guests_orders_newest_first_with_journeys() {
    let server = start_server().await;
    let (phone, other, tablet) = (server.guest().await, server.guest().await, server.barista().await);
    let first = phone.order(&server.qr_code().await, "flat-white").await;
    other.order(&server.qr_code().await, "filter").await;
    for act in ["claim", "complete", "collect"] {
        tablet.step(act, first).await.expect_ok();
    }
    let second = phone.order(&server.qr_code().await, "espresso").await;
    wait_for_journey(&phone.without_scripts(), first).await;
    let page = within_timeout("the pinned links", async {
        loop {
            let page = phone.without_scripts().get(HISTORY_PAGE).await.page();
            if page.html.contains("order-link") {
                return page;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    let words = page.visible_text();
    let offset = |text: &str| words.find(text).unwrap_or_else(|| panic!("{text} is missing in {words}"));
    assert!(offset("Espresso Number 3") < offset("Flat white Number 1"), "{words}");
    for words in ["In the queue", "Collected"] {
        page.assert_text(words);
    }
    assert!(!words.contains("Filter"), "the page lists another guest's order");
    for order in [first, second] {
        assert!(page.html.contains(&format!("href=\"/s/demo/x/order-journey/{order}\"")), "{}", page.html);
    }
}

#[tokio::test]
async fn a_long_history_has_pages() {
    let server = TestServer::start().await;
    let (phone, manager) = (server.guest().await, server.api_client("demo", Role::Manager).await);
    let more = [("change[orders_per_guest]", "50"), ("change[drinks_per_code]", "50"), ("change[room]", "50")];
    manager.command("store/limits", &more).await.expect_ok();
    // The number of drinks changes with the next code.
    server.advance_clock(300);
    let code = server.qr_code().await;
    for _ in 0..23 {
        phone.order(&code, "espresso").await;
    }
    let phone = phone.without_scripts();
    let rows = |page: &Page| page.html.matches(">Espresso</h2>").count();
    let page = phone.get(HISTORY_PAGE).await.page();
    assert_eq!(rows(&page), 20);
    let earlier = page.html.split("href=\"").find_map(|rest| rest.split('"').next().filter(|to| to.contains("after=")));
    let last = phone.get(earlier.unwrap()).await.page();
    assert_eq!((rows(&last), last.html.contains("after=")), (3, false));
}

#[tokio::test]
async fn the_empty_history_explains_how_to_order() {
    let server = TestServer::start().await;
    let page = server.new_browser().without_scripts().get(HISTORY_PAGE).await.page();
    page.assert_text("No orders yet. Scan the code on the screen above the bar.");
    server.new_browser().without_scripts().get("/s/nowhere/history").await.page_with(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_manager_switches_an_extension_off_and_on_by_a_form() {
    let server = start_server_with(vec![test_extensions::counter(), extensions::order_journey::manifest()]).await;
    let manager = server.staff(Role::Manager).await.without_scripts();
    let page = manager.get(EXTENSIONS_PAGE).await.page();
    page.assert_text("Order journey Tells what happened to an order");
    page.assert_text("It is on, well .");
    let off = page.form("/api/store/extension", ("extension", "OrderJourney"));
    assert_eq!(off.field("on"), Some("false"));
    let page = submit_and_reload(&manager, EXTENSIONS_PAGE, &off).await;
    page.assert_text("It is off . Switch on: Order journey");
    let on = page.form("/api/store/extension", ("extension", "OrderJourney"));
    assert_eq!(on.field("on"), Some("true"));
    assert!(!page.html.contains("href=\"/s/demo/x/order-journey\""), "the extension has no start page to link to");
    assert!(page.html.contains("href=\"/s/demo/x/counter\""), "{}", page.html);
    submit_and_reload(&manager, EXTENSIONS_PAGE, &on).await.assert_text("Switch off: Order journey");
    server.barista().await.without_scripts().get(EXTENSIONS_PAGE).await.page_with(StatusCode::FORBIDDEN);
}
