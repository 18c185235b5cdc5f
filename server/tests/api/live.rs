//! Streams: snapshots, resumption by cursor, and what each role may see.

use domain::access::{Actor, Role};
use domain::ids::OrderId;
use domain::redact::Topic;
use domain::sorted_map::SortedMap;
use domain::view::View;
use domain::view::barista::Barista;
use domain::view::display::Display;
use domain::view::ordering::{GuestOrder, Ordering};
use protocol::frame::{Code, EphemeralValues, Heartbeat, Snapshot};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::watch;

use crate::harness::live_page::{Frame, Frames};
use crate::harness::request::TestRequest;
use crate::harness::{Browser, LivePage, TestServer, new_order, position_of, within_timeout};

/// Takes an order from start to collection.
async fn serve_order(phone: &Browser, tablet: &Browser, code: &str, name: &str) -> OrderId {
    let order = new_order();
    phone.start(order, code).await.expect_ok();
    phone.submit(order, "flat-white", &[("options[milk]", "oat"), ("name", name)]).await.expect_ok();
    for act in ["claim", "complete", "collect"] {
        tablet.step(act, order).await.expect_ok();
    }
    order
}

/// Reads until the view shows the closed shop, which every view does.
async fn read_until<V: View + DeserializeOwned>(reader: &mut LivePage<V>, closed: impl Fn(&V) -> bool) {
    reader.wait_until(|view, _| closed(view)).await;
}

#[tokio::test]
async fn frames_of_a_topic_are_chained_and_each_is_a_cloud_event() {
    let server = TestServer::start().await;
    let (phone, tablet) = (server.guest().await, server.barista().await);
    let mut frames = Frames::open(&phone, "ordering", None).await;
    let snapshot: Snapshot<Ordering> = serde_json::from_str(&frames.next_update().await.data).unwrap();
    assert_eq!(snapshot.topics, SortedMap::from([(Topic::Public, 5)]));
    let order = serve_order(&phone, &tablet, &server.qr_code().await, "").await;
    let mut last = snapshot.topics;
    loop {
        let frame = frames.next_update().await;
        let (topic, prev, recorded) = frame.event();
        assert_eq!(prev, last.get(&topic).copied().unwrap_or(0), "{frame:?}");
        assert!(recorded.position > prev);
        assert_eq!(position_of(frame.id.as_deref().unwrap()), recorded.position);
        last.insert(topic, recorded.position);
        let event = &frame.json()["event"];
        let text = |field: &str| event[field].as_str().unwrap_or_default().to_owned();
        assert_eq!((text("specversion"), text("source")), ("1.0".to_owned(), "/shops/demo".to_owned()));
        assert_eq!((text("type"), text("subject")), (recorded.event.kind().to_owned(), order.to_string()));
        assert_eq!((text("sequence"), text("dataversion")), (recorded.position.to_string(), "1".to_owned()));
        assert_eq!(text("dataschema"), format!("/schemas/{}/1", recorded.event.kind()));
        assert_eq!(text("datacontenttype"), "application/json");
        if topic == Topic::Order(order) && text("type") == "OrderProcessor.OrderFinished" {
            break;
        }
    }
    assert_eq!(last, SortedMap::from([(Topic::Public, 14), (Topic::Order(order), 14)]));
}

#[tokio::test]
async fn the_code_comes_after_the_snapshot_and_changes_with_its_window() {
    let server = TestServer::start().await;
    let mut frames = Frames::open(&server.display, "display", None).await;
    let first = frames.next_update().await;
    let code = parse_code(&frames.next_update().await);
    assert_eq!(first.name, "snapshot");
    assert_eq!((code.window, code.until), (server.now(), server.now().plus_seconds(300)));
    assert_eq!(code, server.current_code().await);
    server.advance_clock(299);
    assert_eq!(code, server.current_code().await);
    server.advance_clock(1);
    let next = parse_code(&frames.next_update().await);
    assert_eq!((next.window, next.until), (code.until, code.until.plus_seconds(300)));
    assert!(next.url != code.url && next.typed != code.typed && next.path != code.path);
    // A clock that jumps leads to the right window as well.
    server.advance_clock(3600);
    assert_eq!(parse_code(&frames.next_update().await).window, server.now());
    assert_eq!(server.position().await, 5, "codes are not logged");
    server.new_browser().scan(&server.qr_code().await).await;
}

/// The code of an ephemeral frame.
fn parse_code(frame: &Frame) -> Code {
    assert_eq!((frame.name.as_str(), &frame.id, &frame.json()["key"]), ("ephemeral", &None, &Value::from("code")));
    serde_json::from_value(frame.json()["value"].clone()).unwrap()
}

#[tokio::test]
async fn a_new_length_of_windows_is_on_every_screen_at_once_and_the_code_before_works_until_its_end() {
    let server = TestServer::start().await;
    let manager = server.staff(Role::Manager).await;
    let before = server.qr_code().await;
    let opened = server.new_browser();
    let mut screens =
        [Frames::open(&server.display, "display", None).await, Frames::open(&manager, "barista", None).await];
    for frames in &mut screens {
        while frames.next_update().await.json()["key"] != "code" {}
    }
    server.advance_clock(100);
    opened.scan(&before).await;
    manager.command("store/limits", &[("change[window_seconds]", "70")]).await.expect_ok();
    let code = server.current_code().await;
    assert!(!code.url.ends_with(&before) && code.until <= server.now().plus_seconds(70));
    for frames in &mut screens {
        assert_eq!(frames.next_update().await.name, "event");
        assert_eq!(parse_code(&frames.next_update().await), code);
    }
    // The window before ends after 300 s, its grace period after 360 s.
    server.advance_clock(259);
    let late = server.new_browser();
    late.scan(&before).await;
    for phone in [opened, late] {
        phone.start(new_order(), &before).await.expect_ok();
    }
    server.advance_clock(1);
    let refused = server.new_browser().get(&format!("/q/{before}")).await;
    assert_eq!(refused.status, 410);
}

#[tokio::test]
async fn a_guests_name_is_visible_to_staff_and_their_own_phone() {
    let server = TestServer::start().await;
    let (phone, other, tablet) = (server.guest().await, server.guest().await, server.barista().await);
    let mut tv: LivePage<Display> = LivePage::open(&server.display, "display").await;
    let mut mine: LivePage<Ordering> = LivePage::open(&phone, "ordering").await;
    let mut others: LivePage<Ordering> = LivePage::open(&other, "ordering").await;
    let mut barista_page: LivePage<Barista> = LivePage::open(&tablet, "barista").await;
    let order = new_order();
    phone.start(order, &server.qr_code().await).await.expect_ok();
    phone.submit(order, "mocha", &[("name", "Ada")]).await.expect_ok();
    let has_name = |ephemeral: &EphemeralValues| ephemeral.names.get(&order).is_some_and(|name| name == "Ada");
    mine.wait_until(|_, ephemeral| has_name(ephemeral)).await;
    barista_page.wait_until(|_, ephemeral| has_name(ephemeral)).await;
    // A client that connects later receives the name after its snapshot.
    let mut late: LivePage<Barista> = LivePage::open(&tablet, "barista").await;
    late.wait_until(|_, ephemeral| has_name(ephemeral)).await;
    let mut again: LivePage<Ordering> = LivePage::open(&phone, "ordering").await;
    again.wait_until(|_, ephemeral| has_name(ephemeral)).await;
    // The name is removed from every view when the order is over.
    tablet.step("cancel", order).await.expect_ok();
    server.advance_clock(10);
    barista_page.wait_until(|_, ephemeral| ephemeral.names.is_empty()).await;
    mine.wait_until(|_, ephemeral| ephemeral.names.is_empty()).await;
    let next = phone.order(&server.qr_code().await, "mocha").await;
    tablet.command("store/close", &[]).await.expect_ok();
    read_until(&mut tv, |view| !view.open).await;
    read_until(&mut others, |view| !view.bar.open).await;
    assert!(tv.received.iter().chain(&others.received).all(|frame| !frame.data.contains("Ada")));
    assert!(tv.received.iter().chain(&others.received).any(|frame| frame.data.contains(&next.to_string())));
    assert!(mine.received.iter().chain(&others.received).all(|frame| !frame.data.contains("\"code\"")));
    server.display.get("/s/demo/display").await.page().assert_text("Crema Demo");
}

#[tokio::test]
async fn public_streams_reveal_neither_guests_nor_baristas() {
    let server = TestServer::start().await;
    let (phone, other, tablet) = (server.guest().await, server.guest().await, server.barista().await);
    let mut tv: LivePage<Display> = LivePage::open(&server.display, "display").await;
    let mut mine: LivePage<Ordering> = LivePage::open(&phone, "ordering").await;
    let mut others: LivePage<Ordering> = LivePage::open(&other, "ordering").await;
    let mut barista_page: LivePage<Barista> = LivePage::open(&tablet, "barista").await;
    let order = serve_order(&phone, &tablet, &server.qr_code().await, "Ada").await;
    tablet.command("store/close", &[]).await.expect_ok();
    read_until(&mut tv, |view| !view.open).await;
    read_until(&mut mine, |view| !view.bar.open).await;
    read_until(&mut others, |view| !view.bar.open).await;
    read_until(&mut barista_page, |view| !view.open).await;

    let ids: Vec<_> = server
        .installation
        .log()
        .await
        .iter()
        .filter_map(|recorded| match recorded.actor? {
            Actor::Guest(id) => Some(id.to_string()),
            Actor::Credential(id, _) => Some(id.to_string()),
            Actor::System => None,
        })
        .collect();
    assert!(ids.iter().all(|id| barista_page.received.iter().any(|frame| frame.data.contains(id))));
    for frame in tv.received.iter().chain(&mine.received).chain(&others.received) {
        assert!(ids.iter().all(|id| !frame.data.contains(id)), "{frame:?}");
        assert!(!frame.data.contains("actor") && !frame.data.contains("\"barista\""), "{frame:?}");
    }
    // The public topic names the drink; its options are for the guest and the staff.
    let contains =
        |seen: &[Frame], word: &str| seen.iter().any(|frame| frame.name == "event" && frame.data.contains(word));
    assert!(!contains(&tv.received, "oat") && !contains(&others.received, "oat") && contains(&mine.received, "oat"));
    let topics = |seen: &[Frame]| -> Vec<Topic> {
        let mut topics: Vec<_> =
            seen.iter().filter(|frame| frame.name == "event").map(|frame| frame.event().0).collect();
        topics.sort_unstable();
        topics.dedup();
        topics
    };
    assert_eq!(topics(&tv.received), [Topic::Public]);
    assert_eq!(topics(&others.received), [Topic::Public]);
    assert_eq!(topics(&mine.received), [Topic::Public, Topic::Order(order)]);
    assert_eq!(topics(&barista_page.received), [Topic::Staff]);
}

#[tokio::test]
async fn a_heartbeat_has_the_position_and_the_build() {
    let server = TestServer::start().await;
    let phone = server.guest().await;
    phone.order(&server.qr_code().await, "mocha").await;
    for (client, view) in [(&server.display, "display"), (&phone, "ordering"), (&server.new_browser(), "ordering")] {
        let frame = Frames::open(client, view, None).await.next_named("heartbeat").await;
        let heartbeat: Heartbeat = serde_json::from_str(&frame.data).unwrap();
        assert_eq!((heartbeat.position, heartbeat.build), (10, server.display_page().await.build));
        assert_eq!(frame.id, Some(server.display_page().await.snapshot.cursor));
    }
}

#[tokio::test]
async fn a_stranger_follows_the_doors_the_menu_and_the_queue() {
    let server = TestServer::start().await;
    let (phone, tablet) = (server.guest().await, server.barista().await);
    let mut new_visitor: LivePage<Ordering> = LivePage::open(&server.new_browser(), "ordering").await;
    assert_eq!(new_visitor.view().bar.menu.drinks.len(), 9);
    let order = phone.order(&server.qr_code().await, "mocha").await;
    new_visitor.wait_until(|view, _| view.bar.queue == [order]).await;
    tablet.command("store/close", &[]).await.expect_ok();
    new_visitor.wait_until(|view, _| !view.bar.open).await;
    assert_eq!(new_visitor.view().orders, []);
}

#[tokio::test]
async fn a_stream_resumes_from_its_cursor() {
    let server = TestServer::start().await;
    let (phone, tablet) = (server.guest().await, server.barista().await);
    let mut barista_page: LivePage<Barista> = LivePage::open(&tablet, "barista").await;
    let first = phone.order(&server.qr_code().await, "espresso").await;
    barista_page.wait_until(|view, _| view.incoming().count() == 1).await;
    let cursor = barista_page.live.cursor().unwrap().to_owned();
    tablet.step("claim", first).await.expect_ok();
    phone.order(&server.qr_code().await, "latte").await;

    // The cursor may be a query parameter or the `Last-Event-ID` header.
    let request = TestRequest::get("/s/demo/stream/barista").with("last-event-id", cursor.clone());
    let mut by_header = Frames::from_response(tablet.open(request).await);
    barista_page.frames = Frames::open(&tablet, "barista", Some(&cursor)).await;
    assert_eq!(by_header.next_update().await.event().2.event.kind(), "OrderManager.OrderClaimed");
    barista_page.wait_until(|view, _| view.cards.len() == 2 && view.incoming().count() == 1).await;
    let snapshot = tablet.view::<Barista>("barista").await;
    assert_eq!((barista_page.view(), barista_page.live.cursor()), (&snapshot.view, Some(snapshot.cursor.as_str())));

    // A client at the head receives only pins and the code; the next event is the next frame.
    let mut at_head = Frames::open(&tablet, "barista", Some(&snapshot.cursor)).await;
    for key in ["pins", "code"] {
        assert_eq!(at_head.next_update().await.json()["key"], key);
    }
    tablet.step("complete", first).await.expect_ok();
    let (_, prev, recorded) = at_head.next_update().await.event();
    assert_eq!((prev, recorded.position), (position_of(&snapshot.cursor), position_of(&snapshot.cursor) + 1));
}

#[tokio::test]
async fn a_phone_resumes_the_stream_of_its_order() {
    let server = TestServer::start().await;
    let (phone, tablet) = (server.guest().await, server.barista().await);
    let mut mine: LivePage<Ordering> = LivePage::open(&phone, "ordering").await;
    let order = phone.order(&server.qr_code().await, "espresso").await;
    mine.wait_until(|view, _| view.current().is_some_and(|mine| mine.number == 1)).await;
    let cursor = mine.live.cursor().unwrap().to_owned();
    for act in ["claim", "complete", "collect"] {
        tablet.step(act, order).await.expect_ok();
    }
    mine.frames = Frames::open(&phone, "ordering", Some(&cursor)).await;
    mine.wait_until(|view, _| view.current().is_some_and(GuestOrder::is_over)).await;
    assert_eq!(mine.view().orders, phone.view::<Ordering>("ordering").await.view.orders);
}

#[tokio::test]
async fn a_foreign_cursor_resets_the_stream() {
    let server = TestServer::start().await;
    let phone = server.guest().await;
    phone.order(&server.qr_code().await, "espresso").await;
    let snapshot = server.display_page().await.snapshot;
    let [epoch, position, tag] = snapshot.cursor.split('.').collect::<Vec<_>>()[..] else {
        panic!("the cursor must have three parts")
    };
    let other_tag = format!("{:04x}", u16::from_str_radix(tag, 16).unwrap() ^ 1);
    let foreign = [
        format!("00000000.{position}.{tag}"),
        format!("{epoch}.{position}.{other_tag}"),
        format!("{epoch}.2.{other_tag}"),
        format!("{epoch}.1000.{tag}"),
        format!("{epoch}.0.0000"),
    ];
    for cursor in foreign {
        let mut frames = Frames::open(&server.display, "display", Some(&cursor)).await;
        let reset = frames.next_update().await;
        assert_eq!((reset.name.as_str(), &reset.id), ("reset", &None), "{cursor}");
        let frame = frames.next_update().await;
        assert_eq!((frame.name.as_str(), frame.id.as_deref()), ("snapshot", Some(snapshot.cursor.as_str())));
    }
    for garbled in ["", "1", "a.b.c", "a.1.xyz", "..", "%F0%9F%A6%80", "x.18446744073709551616.0000"] {
        let mut frames = Frames::open(&server.display, "display", Some(garbled)).await;
        assert_eq!(frames.next_update().await.name, "snapshot", "{garbled}");
    }
}

#[tokio::test]
async fn a_client_that_connects_under_load_misses_nothing() {
    const ORDERS: usize = 24;
    const READERS: usize = 20;
    let server = TestServer::start().await;
    let (phone, tablet) = (server.guest().await, server.barista().await);
    let robot = server.api_client("demo", Role::Robot).await;
    let (progress, answered) = watch::channel(0);
    let rush = async {
        for n in 0..ORDERS {
            let order = new_order();
            robot.command("orders/start", &[("order", &order.to_string())]).await.expect_ok();
            robot.submit(order, "latte", &[("name", "R2")]).await.expect_ok();
            for act in ["claim", "complete", "collect"].iter().take(n % 4) {
                robot.step(act, order).await.expect_ok();
            }
            progress.send_replace(n + 1);
        }
        phone.order(&server.qr_code().await, "mocha").await;
        tablet.command("store/close", &[]).await.expect_ok();
    };
    let joins = (0..READERS).map(|n| {
        let mut answered = answered.clone();
        let (screen, tablet, phone) = (&server.display, &tablet, &phone);
        async move {
            answered.wait_for(|answered| *answered >= n).await.unwrap();
            match n % 3 {
                0 => check_final_view::<Display>(screen, "display", |view| !view.open).await,
                1 => check_final_view::<Barista>(tablet, "barista", |view| !view.open).await,
                _ => check_final_view::<Ordering>(phone, "ordering", |view| !view.bar.open).await,
            }
        }
    });
    within_timeout("the rush and all readers", futures_util::future::join(rush, futures_util::future::join_all(joins)))
        .await;
}

/// Connects, reads until the rush is over and compares the view with a fresh snapshot.
async fn check_final_view<V>(client: &Browser, view: &str, over: impl Fn(&V) -> bool)
where
    V: View + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let mut reader: LivePage<V> = LivePage::open(client, view).await;
    read_until(&mut reader, over).await;
    let snapshot = client.view::<V>(view).await;
    assert_eq!(reader.view(), &snapshot.view);
    assert_eq!(reader.live.cursor(), Some(snapshot.cursor.as_str()));
}

#[tokio::test]
async fn an_unread_stream_blocks_nobody() {
    let server = TestServer::start().await;
    let tablet = server.barista().await;
    let unread = Frames::open(&server.display, "display", None).await;
    for _ in 0..5 {
        serve_order(&server.guest().await, &tablet, &server.qr_code().await, "").await;
    }
    drop(unread);
    server.guest().await.order(&server.qr_code().await, "mocha").await;
}
