//! Streams: snapshots, resumption by cursor, and what each role may see.

use app::frame::{Code, EphemeralValues, Heartbeat, Snapshot};
use domain::access::{Actor, Role};
use domain::ids::OrderId;
use domain::redact::Topic;
use domain::sorted_map::SortedMap;
use domain::view::View;
use domain::view::barista::Barista;
use domain::view::display::Display;
use domain::view::ordering::Ordering;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::watch;

use crate::harness::reader::{Frame, Frames};
use crate::harness::request::Sent;
use crate::harness::{Bar, Browser, Reader, new_order, position_of, soon};

/// Takes an order from start to collection.
async fn serve(phone: &Browser, tablet: &Browser, code: &str, name: &str) -> OrderId {
    let order = new_order();
    phone.start(order, code).await.granted();
    phone.submit(order, "flat-white", &[("options[milk]", "oat"), ("name", name)]).await.granted();
    for act in ["claim", "complete", "collect"] {
        tablet.step(act, order).await.granted();
    }
    order
}

/// Reads until the view shows the closed shop, which every view does.
async fn read_out<V: View + DeserializeOwned>(reader: &mut Reader<V>, closed: impl Fn(&V) -> bool) {
    reader.until(|view, _| closed(view)).await;
}

#[tokio::test]
async fn frames_of_a_topic_are_chained_and_each_is_a_cloud_event() {
    let bar = Bar::open().await;
    let (phone, tablet) = (bar.guest().await, bar.barista().await);
    let mut frames = Frames::open(&phone, "ordering", None).await;
    let snapshot: Snapshot<Ordering> = serde_json::from_str(&frames.news().await.data).unwrap();
    assert_eq!(snapshot.topics, SortedMap::from([(Topic::Public, 5)]));
    let order = serve(&phone, &tablet, &bar.code().await, "").await;
    let mut last = snapshot.topics;
    loop {
        let frame = frames.news().await;
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
    let bar = Bar::open().await;
    let mut frames = Frames::open(&bar.screen, "display", None).await;
    let first = frames.news().await;
    let aside = |frame: Frame| -> Code {
        assert_eq!((frame.name.as_str(), &frame.id, &frame.json()["key"]), ("ephemeral", &None, &Value::from("code")));
        serde_json::from_value(frame.json()["value"].clone()).unwrap()
    };
    let code = aside(frames.news().await);
    assert_eq!(first.name, "snapshot");
    assert_eq!((code.window, code.until), (bar.now(), bar.now().plus_seconds(300)));
    assert_eq!(code, bar.code_now().await);
    bar.later(299);
    assert_eq!(code, bar.code_now().await);
    bar.later(1);
    let next = aside(frames.news().await);
    assert_eq!((next.window, next.until), (code.until, code.until.plus_seconds(300)));
    assert!(next.url != code.url && next.typed != code.typed && next.path != code.path);
    // A clock that jumps leads to the right window as well.
    bar.later(3600);
    assert_eq!(aside(frames.news().await).window, bar.now());
    assert_eq!(bar.position().await, 5, "no code is written");
    bar.stranger().scan(&bar.code().await).await;
}

#[tokio::test]
async fn a_name_is_for_the_bar_and_its_own_phone() {
    let bar = Bar::open().await;
    let (phone, other, tablet) = (bar.guest().await, bar.guest().await, bar.barista().await);
    let mut tv: Reader<Display> = Reader::open(&bar.screen, "display").await;
    let mut mine: Reader<Ordering> = Reader::open(&phone, "ordering").await;
    let mut others: Reader<Ordering> = Reader::open(&other, "ordering").await;
    let mut bench: Reader<Barista> = Reader::open(&tablet, "barista").await;
    let order = new_order();
    phone.start(order, &bar.code().await).await.granted();
    phone.submit(order, "mocha", &[("name", "Ada")]).await.granted();
    let called = |asides: &EphemeralValues| asides.names.get(&order).is_some_and(|name| name == "Ada");
    mine.until(|_, asides| called(asides)).await;
    bench.until(|_, asides| called(asides)).await;
    // A client that connects later receives the name after its snapshot.
    let mut late: Reader<Barista> = Reader::open(&tablet, "barista").await;
    late.until(|_, asides| called(asides)).await;
    let mut again: Reader<Ordering> = Reader::open(&phone, "ordering").await;
    again.until(|_, asides| called(asides)).await;
    // The name is removed from every view when the order is over.
    tablet.step("cancel", order).await.granted();
    bar.later(10);
    bench.until(|_, asides| asides.names.is_empty()).await;
    mine.until(|_, asides| asides.names.is_empty()).await;
    let next = phone.order(&bar.code().await, "mocha").await;
    tablet.command("store/close", &[]).await.granted();
    read_out(&mut tv, |view| !view.open).await;
    read_out(&mut others, |view| !view.bar.open).await;
    assert!(tv.seen.iter().chain(&others.seen).all(|frame| !frame.data.contains("Ada")));
    assert!(tv.seen.iter().chain(&others.seen).any(|frame| frame.data.contains(&next.to_string())));
    assert!(mine.seen.iter().chain(&others.seen).all(|frame| !frame.data.contains("\"code\"")));
    bar.screen.get("/s/demo/display").await.page().says("Crema Demo");
}

#[tokio::test]
async fn the_room_learns_neither_who_orders_nor_who_serves() {
    let bar = Bar::open().await;
    let (phone, other, tablet) = (bar.guest().await, bar.guest().await, bar.barista().await);
    let mut tv: Reader<Display> = Reader::open(&bar.screen, "display").await;
    let mut mine: Reader<Ordering> = Reader::open(&phone, "ordering").await;
    let mut others: Reader<Ordering> = Reader::open(&other, "ordering").await;
    let mut bench: Reader<Barista> = Reader::open(&tablet, "barista").await;
    let order = serve(&phone, &tablet, &bar.code().await, "Ada").await;
    tablet.command("store/close", &[]).await.granted();
    read_out(&mut tv, |view| !view.open).await;
    read_out(&mut mine, |view| !view.bar.open).await;
    read_out(&mut others, |view| !view.bar.open).await;
    read_out(&mut bench, |view| !view.open).await;

    let ids: Vec<_> = bar
        .premises
        .log()
        .await
        .iter()
        .filter_map(|recorded| match recorded.actor? {
            Actor::Guest(id) => Some(id.to_string()),
            Actor::Credential(id, _) => Some(id.to_string()),
            Actor::System => None,
        })
        .collect();
    assert!(ids.iter().all(|id| bench.seen.iter().any(|frame| frame.data.contains(id))));
    for frame in tv.seen.iter().chain(&mine.seen).chain(&others.seen) {
        assert!(ids.iter().all(|id| !frame.data.contains(id)), "{frame:?}");
        assert!(!frame.data.contains("actor") && !frame.data.contains("\"barista\""), "{frame:?}");
    }
    // The public topic names the drink; its options are for the guest and the staff.
    let tells =
        |seen: &[Frame], word: &str| seen.iter().any(|frame| frame.name == "event" && frame.data.contains(word));
    assert!(!tells(&tv.seen, "oat") && !tells(&others.seen, "oat") && tells(&mine.seen, "oat"));
    let topics = |seen: &[Frame]| -> Vec<Topic> {
        let mut topics: Vec<_> =
            seen.iter().filter(|frame| frame.name == "event").map(|frame| frame.event().0).collect();
        topics.sort_unstable();
        topics.dedup();
        topics
    };
    assert_eq!(topics(&tv.seen), [Topic::Public]);
    assert_eq!(topics(&others.seen), [Topic::Public]);
    assert_eq!(topics(&mine.seen), [Topic::Public, Topic::Order(order)]);
    assert_eq!(topics(&bench.seen), [Topic::Staff]);
}

#[tokio::test]
async fn a_beat_says_where_the_log_is_and_which_build_this_is() {
    let bar = Bar::open().await;
    let phone = bar.guest().await;
    phone.order(&bar.code().await, "mocha").await;
    for (who, view) in [(&bar.screen, "display"), (&phone, "ordering"), (&bar.stranger(), "ordering")] {
        let frame = Frames::open(who, view, None).await.named("heartbeat").await;
        let beat: Heartbeat = serde_json::from_str(&frame.data).unwrap();
        assert_eq!((beat.position, beat.build), (10, bar.shown().await.build));
        assert_eq!(frame.id, Some(bar.shown().await.snapshot.cursor));
    }
}

#[tokio::test]
async fn a_stranger_follows_the_doors_the_menu_and_the_queue() {
    let bar = Bar::open().await;
    let (phone, tablet) = (bar.guest().await, bar.barista().await);
    let mut passer_by: Reader<Ordering> = Reader::open(&bar.stranger(), "ordering").await;
    assert_eq!(passer_by.view().bar.menu.drinks.len(), 9);
    let order = phone.order(&bar.code().await, "mocha").await;
    passer_by.until(|view, _| view.bar.queue == [order]).await;
    tablet.command("store/close", &[]).await.granted();
    passer_by.until(|view, _| !view.bar.open).await;
    assert_eq!(passer_by.view().orders, []);
}

#[tokio::test]
async fn who_comes_back_with_a_cursor_goes_on_from_there() {
    let bar = Bar::open().await;
    let (phone, tablet) = (bar.guest().await, bar.barista().await);
    let mut bench: Reader<Barista> = Reader::open(&tablet, "barista").await;
    let first = phone.order(&bar.code().await, "espresso").await;
    bench.until(|view, _| view.incoming().count() == 1).await;
    let cursor = bench.live.cursor().unwrap().to_owned();
    tablet.step("claim", first).await.granted();
    phone.order(&bar.code().await, "latte").await;

    // The cursor may be a query parameter or the `Last-Event-ID` header.
    let said = Sent::get("/s/demo/stream/barista").with("last-event-id", cursor.clone());
    let mut by_header = Frames::of(tablet.open(said).await);
    bench.frames = Frames::open(&tablet, "barista", Some(&cursor)).await;
    assert_eq!(by_header.news().await.event().2.event.kind(), "OrderManager.OrderClaimed");
    bench.until(|view, _| view.cards.len() == 2 && view.incoming().count() == 1).await;
    let snapshot = tablet.view::<Barista>("barista").await;
    assert_eq!((bench.view(), bench.live.cursor()), (&snapshot.view, Some(snapshot.cursor.as_str())));

    // A client at the head receives only pins and the code; the next event is the next frame.
    let mut at_head = Frames::open(&tablet, "barista", Some(&snapshot.cursor)).await;
    for key in ["pins", "code"] {
        assert_eq!(at_head.news().await.json()["key"], key);
    }
    tablet.step("complete", first).await.granted();
    let (_, prev, recorded) = at_head.news().await.event();
    assert_eq!((prev, recorded.position), (position_of(&snapshot.cursor), position_of(&snapshot.cursor) + 1));
}

#[tokio::test]
async fn a_phone_comes_back_to_its_own_order() {
    let bar = Bar::open().await;
    let (phone, tablet) = (bar.guest().await, bar.barista().await);
    let mut mine: Reader<Ordering> = Reader::open(&phone, "ordering").await;
    let order = phone.order(&bar.code().await, "espresso").await;
    mine.until(|view, _| view.current().is_some_and(|mine| mine.number == 1)).await;
    let cursor = mine.live.cursor().unwrap().to_owned();
    for act in ["claim", "complete", "collect"] {
        tablet.step(act, order).await.granted();
    }
    mine.frames = Frames::open(&phone, "ordering", Some(&cursor)).await;
    mine.until(|view, _| view.current().is_some_and(|mine| mine.over)).await;
    assert_eq!(mine.view().orders, phone.view::<Ordering>("ordering").await.view.orders);
}

#[tokio::test]
async fn a_cursor_of_another_story_is_thrown_away_with_all_that_was_shown() {
    let bar = Bar::open().await;
    let phone = bar.guest().await;
    phone.order(&bar.code().await, "espresso").await;
    let snapshot = bar.shown().await.snapshot;
    let [epoch, position, tag] = snapshot.cursor.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let other_tag = format!("{:04x}", u16::from_str_radix(tag, 16).unwrap() ^ 1);
    let strange = [
        format!("00000000.{position}.{tag}"),
        format!("{epoch}.{position}.{other_tag}"),
        format!("{epoch}.2.{other_tag}"),
        format!("{epoch}.1000.{tag}"),
        format!("{epoch}.0.0000"),
    ];
    for cursor in strange {
        let mut frames = Frames::open(&bar.screen, "display", Some(&cursor)).await;
        let reset = frames.news().await;
        assert_eq!((reset.name.as_str(), &reset.id), ("reset", &None), "{cursor}");
        let frame = frames.news().await;
        assert_eq!((frame.name.as_str(), frame.id.as_deref()), ("snapshot", Some(snapshot.cursor.as_str())));
    }
    for garbled in ["", "1", "a.b.c", "a.1.xyz", "..", "%F0%9F%A6%80", "x.18446744073709551616.0000"] {
        let mut frames = Frames::open(&bar.screen, "display", Some(garbled)).await;
        assert_eq!(frames.news().await.name, "snapshot", "{garbled}");
    }
}

#[tokio::test]
async fn who_joins_in_the_rush_misses_nothing() {
    const ORDERS: usize = 24;
    const READERS: usize = 20;
    let bar = Bar::open().await;
    let (phone, tablet) = (bar.guest().await, bar.barista().await);
    let robot = bar.script("demo", Role::Robot).await;
    let (progress, served) = watch::channel(0);
    let rush = async {
        for n in 0..ORDERS {
            let order = new_order();
            robot.command("orders/start", &[("order", &order.to_string())]).await.granted();
            robot.submit(order, "latte", &[("name", "R2")]).await.granted();
            for act in ["claim", "complete", "collect"].iter().take(n % 4) {
                robot.step(act, order).await.granted();
            }
            progress.send_replace(n + 1);
        }
        phone.order(&bar.code().await, "mocha").await;
        tablet.command("store/close", &[]).await.granted();
    };
    let joins = (0..READERS).map(|n| {
        let mut served = served.clone();
        let (screen, tablet, phone) = (&bar.screen, &tablet, &phone);
        async move {
            served.wait_for(|served| *served >= n).await.unwrap();
            match n % 3 {
                0 => same_in_the_end::<Display>(screen, "display", |view| !view.open).await,
                1 => same_in_the_end::<Barista>(tablet, "barista", |view| !view.open).await,
                _ => same_in_the_end::<Ordering>(phone, "ordering", |view| !view.bar.open).await,
            }
        }
    });
    soon("the rush and all who join it", futures_util::future::join(rush, futures_util::future::join_all(joins))).await;
}

/// Connects, reads until the rush is over and compares the view with a fresh snapshot.
async fn same_in_the_end<V>(who: &Browser, view: &str, over: impl Fn(&V) -> bool)
where
    V: View + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let mut reader: Reader<V> = Reader::open(who, view).await;
    read_out(&mut reader, over).await;
    let snapshot = who.view::<V>(view).await;
    assert_eq!(reader.view(), &snapshot.view);
    assert_eq!(reader.live.cursor(), Some(snapshot.cursor.as_str()));
}

#[tokio::test]
async fn a_stream_that_nobody_reads_holds_up_nobody() {
    let bar = Bar::open().await;
    let tablet = bar.barista().await;
    let asleep = Frames::open(&bar.screen, "display", None).await;
    for _ in 0..5 {
        serve(&bar.guest().await, &tablet, &bar.code().await, "").await;
    }
    drop(asleep);
    bar.guest().await.order(&bar.code().await, "mocha").await;
}
