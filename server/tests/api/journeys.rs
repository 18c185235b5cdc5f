//! Extension pages without JavaScript: the journey of an order and its shared link, a guest's orders, the manager's
//! switches.

use axum::http::StatusCode;
use domain::access::Role;
use domain::extension::Manifest;
use domain::ids::OrderId;

use crate::forms::pressed;
use crate::harness::page::Page;
use crate::harness::trial;
use crate::harness::{Bar, Browser, Premises, soon};

const HISTORY: &str = "/s/demo/history";
const SWITCHES: &str = "/s/demo/office/extensions";

async fn open() -> Bar {
    open_with(vec![extensions::order_journey::manifest()]).await
}

async fn open_with(extensions: Vec<Manifest>) -> Bar {
    Premises::new().open_with(extensions).await
}

/// Waits for the journey page of an order.
async fn journey(who: &Browser, order: OrderId) -> Page {
    soon("the journey", async {
        loop {
            let answered = who.get(&format!("/s/demo/x/order-journey/{order}")).await;
            if answered.status == StatusCode::OK {
                return answered.page();
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

/// The path of the shared link on a journey page.
fn share(page: &Page) -> Option<String> {
    let input = page.html.split("<input ").find(|tag| tag.contains("type=\"url\""))?;
    let address = input.split_once("value=\"")?.1.split_once('"')?.0;
    Some(address[address.find("/s/")?..].to_owned())
}

#[tokio::test]
async fn a_guest_reads_the_journey_of_an_order_and_passes_it_on_to_somebody_who_sees_nothing_else() {
    let bar = open().await;
    let (phone, tablet) = (bar.guest().await, bar.barista().await);
    let order = phone.order(&bar.code().await, "flat-white").await;
    for act in ["claim", "complete", "collect"] {
        tablet.step(act, order).await.granted();
    }
    let page = journey(&phone.plain(), order).await;
    for words in ["Journey of order 1", "What happened", "Scanned", "Being made", "Collected", "The end"] {
        page.says(words);
    }
    assert!(page.html.contains("href=\"/s/demo\""), "the way back");
    assert!(!page.html.contains("<script"), "{}", page.html);
    // Times are shown in the shop's time zone and carry the instant as an attribute.
    assert!(page.html.contains("<time datetime=\"2026-"), "{}", page.html);

    let shared = share(&page).unwrap();
    let friend = bar.stranger().plain();
    let seen = friend.get(&shared).await.page();
    seen.says("Journey of order 1");
    assert_eq!((share(&seen), seen.html.contains("href=\"/s/demo\"")), (None, false));
    // The shared page names neither the barista nor the guest.
    assert!(!seen.html.contains("actor") && !seen.html.contains("&quot;guest&quot;"), "{}", seen.html);
    friend.get(&format!("/s/demo/x/order-journey/{order}")).await.page_with(StatusCode::UNAUTHORIZED);
    friend.get(&format!("{shared}x")).await.page_with(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_bar_reads_the_journey_of_an_order_that_was_cancelled_and_finds_its_way_back() {
    let bar = open().await;
    let (phone, tablet) = (bar.guest().await, bar.barista().await);
    let order = phone.order(&bar.code().await, "espresso").await;
    tablet.step("cancel", order).await.granted();
    let page = journey(&tablet.plain(), order).await;
    page.says("Espresso, cancelled by the bar after");
    assert!(page.html.contains("href=\"/s/demo/barista\""), "{}", page.html);
    assert!(page.html.contains("actor"), "the bar sees who");
}

#[tokio::test]
async fn what_people_typed_is_words_in_a_journey_and_never_html() {
    let bar = open().await;
    let (phone, manager) = (bar.guest().await, bar.script("demo", Role::Manager).await);
    let bold = [("drink[id]", "bold"), ("drink[name]", "<b>Bold</b>"), ("drink[icon]", "mug")];
    manager.command("menu/drink", &bold).await.granted();
    let order = phone.order(&bar.code().await, "bold").await;
    let page = journey(&phone.plain(), order).await;
    assert!(page.html.contains("&lt;b&gt;Bold&lt;/b&gt;, in the queue") && !page.html.contains("<b>"), "{}", page.html);
}

#[tokio::test]
async fn a_guest_finds_all_own_orders_the_newest_first_and_their_journeys() {
    let bar = open().await;
    let (phone, other, tablet) = (bar.guest().await, bar.guest().await, bar.barista().await);
    let first = phone.order(&bar.code().await, "flat-white").await;
    other.order(&bar.code().await, "filter").await;
    for act in ["claim", "complete", "collect"] {
        tablet.step(act, first).await.granted();
    }
    let second = phone.order(&bar.code().await, "espresso").await;
    journey(&phone.plain(), first).await;
    let page = soon("the pins", async {
        loop {
            let page = phone.plain().get(HISTORY).await.page();
            if page.html.contains("order-link") {
                return page;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    let words = page.words();
    let place = |text: &str| words.find(text).unwrap_or_else(|| panic!("{text} is not in {words}"));
    assert!(place("Espresso Number 3") < place("Flat white Number 1"), "{words}");
    for words in ["In the queue", "Collected"] {
        page.says(words);
    }
    assert!(!words.contains("Filter"), "somebody else’s");
    for order in [first, second] {
        assert!(page.html.contains(&format!("href=\"/s/demo/x/order-journey/{order}\"")), "{}", page.html);
    }
}

#[tokio::test]
async fn a_long_history_has_pages() {
    let bar = Bar::open().await;
    let (phone, manager) = (bar.guest().await, bar.script("demo", Role::Manager).await);
    let more = [("change[orders_per_guest]", "50"), ("change[drinks_per_code]", "50"), ("change[room]", "50")];
    manager.command("store/limits", &more).await.granted();
    let code = bar.code().await;
    for _ in 0..23 {
        phone.order(&code, "espresso").await;
    }
    let phone = phone.plain();
    let rows = |page: &Page| page.html.matches("<h2>Espresso</h2>").count();
    let page = phone.get(HISTORY).await.page();
    assert_eq!(rows(&page), 20);
    let earlier = page.html.split("href=\"").find_map(|rest| rest.split('"').next().filter(|to| to.contains("after=")));
    let last = phone.get(earlier.unwrap()).await.page();
    assert_eq!((rows(&last), last.html.contains("after=")), (3, false));
}

#[tokio::test]
async fn a_phone_that_never_ordered_reads_how_one_does() {
    let bar = Bar::open().await;
    let page = bar.stranger().plain().get(HISTORY).await.page();
    page.says("This phone has not ordered here yet. Scan the code on the screen above the bar");
    bar.stranger().plain().get("/s/nowhere/history").await.page_with(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_manager_switches_an_extension_off_and_on_by_a_form() {
    let bar = open_with(vec![trial::tally(), extensions::order_journey::manifest()]).await;
    let manager = bar.staff(Role::Manager).await.plain();
    let page = manager.get(SWITCHES).await.page();
    page.says("Order journey Tells what happened to an order");
    page.says("It is on, well .");
    let off = page.form("/api/store/extension", ("extension", "OrderJourney"));
    assert_eq!(off.field("on"), Some("false"));
    let page = pressed(&manager, SWITCHES, &off).await;
    page.says("It is off . Switch on: Order journey");
    let on = page.form("/api/store/extension", ("extension", "OrderJourney"));
    assert_eq!(on.field("on"), Some("true"));
    assert!(!page.html.contains("href=\"/s/demo/x/order-journey\""), "it has no page of its own");
    assert!(page.html.contains("href=\"/s/demo/x/tally\""), "{}", page.html);
    pressed(&manager, SWITCHES, &on).await.says("Switch off: Order journey");
    bar.barista().await.plain().get(SWITCHES).await.page_with(StatusCode::FORBIDDEN);
}
