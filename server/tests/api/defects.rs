//! Regression tests for defects of the original coffee bar that concern transport and screens.

use std::collections::BTreeSet;
use std::fs::File;

use app::frame::EphemeralValues;
use domain::access::Role;
use domain::event::Event;
use domain::order::Step;
use domain::redact::Topic;
use domain::view::barista::Barista;
use domain::view::display::Display;
use domain::view::ordering::Ordering;

use crate::harness::reader::Frame;
use crate::harness::request::Sent;
use crate::harness::{Bar, Browser, Folder, Reader, new_order};
use crate::restart::program::{Program, said};

/// The long code of the QR address and the short code for typing.
fn codes_of(asides: &EphemeralValues) -> Option<[String; 2]> {
    let code = asides.code.as_ref()?;
    Some([code.url.rsplit_once("/q/")?.1.to_owned(), code.typed.clone()])
}

#[tokio::test]
async fn however_many_screens_ask_a_window_has_one_code() {
    let bar = Bar::open().await;
    for _ in 0..2 {
        let mut shown = BTreeSet::new();
        // Screens connect together, and again later in the same window.
        for _ in 0..2 {
            let screens = futures_util::future::join_all((0..4).map(|_| bar.staff(Role::Display))).await;
            let readers = screens.iter().map(|screen| async {
                let mut tv: Reader<Display> = Reader::open(screen, "display").await;
                tv.until(|_, asides| asides.code.is_some()).await;
                codes_of(&tv.asides)
            });
            shown.extend(futures_util::future::join_all(readers).await);
            shown.insert(codes_of(&bar.shown().await.asides));
            bar.later(100);
        }
        assert_eq!(shown.len(), 1, "{shown:?}");
        let code = shown.into_iter().next().flatten().unwrap();
        bar.stranger().scan(&code[0]).await;
        bar.later(100);
    }
}

#[tokio::test]
async fn no_stream_gives_away_a_secret_a_code_or_whose_order_it_is() {
    let bar = Bar::open().await;
    let (phone, other, tablet) = (bar.guest().await, bar.guest().await, bar.barista().await);
    let script = bar.script("demo", Role::Barista).await;
    let stranger = bar.stranger();
    let mut tv: Reader<Display> = Reader::open(&bar.screen, "display").await;
    let mut bench: Reader<Barista> = Reader::open(&tablet, "barista").await;
    let mut mine: Reader<Ordering> = Reader::open(&phone, "ordering").await;
    let mut others: Reader<Ordering> = Reader::open(&other, "ordering").await;
    let mut passer_by: Reader<Ordering> = Reader::open(&stranger, "ordering").await;
    tv.until(|_, asides| asides.code.is_some()).await;
    let codes = codes_of(&tv.asides).unwrap();
    let order = new_order();
    phone.start(order, &codes[0]).await.granted();
    phone.submit(order, "mocha", &[("name", "Ada"), ("options[milk]", "oat")]).await.granted();
    for act in ["claim", "complete", "collect"] {
        script.step(act, order).await.granted();
    }
    tablet.command("store/close", &[]).await.granted();
    tv.until(|view, _| !view.open).await;
    bench.until(|view, _| !view.open).await;
    for reader in [&mut mine, &mut others, &mut passer_by] {
        reader.until(|view, _| !view.bar.open).await;
    }
    let holders = [&phone, &other, &tablet, &script, &bar.screen];
    let secrets: Vec<String> = holders.iter().flat_map(|holder| holder.secrets()).collect();
    assert_eq!(secrets.len(), 5);
    let holds = |seen: &[Frame], text: &str| seen.iter().any(|frame| frame.data.contains(text));
    let all = [&tv.seen, &bench.seen, &mine.seen, &others.seen, &passer_by.seen];
    for seen in all {
        assert!(secrets.iter().all(|secret| !holds(seen, secret)));
    }
    // The code is sent to the display only, never to a phone.
    for seen in &all[2..] {
        assert!(codes.iter().all(|code| !holds(seen, code)));
    }
    // A stream address names a view and never a topic, so a guest cannot subscribe to foreign orders.
    let asks = ["ordering?topic=staff", "ordering?after=&topic=order/1", "staff", "order", "public", "topic"];
    for ask in &asks[2..] {
        assert_eq!(other.get(&format!("/s/demo/stream/{ask}")).await.slug(), "page_unknown");
    }
    for ask in &asks[..2] {
        let asked: Reader<Ordering> = Reader::at(&other, "demo", ask).await;
        assert_eq!(asked.view().orders, []);
    }
    assert!(
        holds(&mine.seen, "oat")
            && !others.seen.iter().any(|frame| frame.name == "event" && frame.data.contains("oat"))
    );
}

#[tokio::test]
async fn the_tablet_hears_every_event_of_the_log_on_a_topic_that_has_a_name() {
    let bar = Bar::open().await;
    let (tablet, robot) = (bar.barista().await, bar.script("demo", Role::Robot).await);
    let manager = bar.script("demo", Role::Manager).await;
    let mut bench: Reader<Barista> = Reader::open(&tablet, "barista").await;
    let order = new_order();
    robot.command("orders/start", &[("order", &order.to_string())]).await.granted();
    robot.submit(order, "espresso", &[]).await.granted();
    manager.command("store/limits", &[("change[room]", "7")]).await.granted();
    tablet.command("store/close", &[]).await.granted();
    bench.until(|view, _| !view.open).await;
    let events = bench.seen.iter().filter(|frame| frame.name == "event").map(Frame::event);
    let heard: Vec<_> = events.map(|(topic, _, recorded)| (topic, recorded.position)).collect();
    let log = bar.premises.log().await;
    let expected: Vec<_> = log[5..].iter().map(|recorded| (Topic::Staff, recorded.position)).collect();
    assert_eq!((heard.len(), heard), (7, expected));
}

#[tokio::test]
async fn two_windows_of_one_browser_both_stay_connected() {
    let bar = Bar::open().await;
    let tablet = bar.barista().await;
    let mut windows: Vec<Reader<Barista>> = Vec::new();
    for _ in 0..4 {
        windows.push(Reader::open(&tablet, "barista").await);
    }
    let order = bar.guest().await.order(&bar.code().await, "mocha").await;
    for window in &mut windows {
        window.until(|view, _| view.cards.iter().any(|manifest| manifest.order == order && manifest.number == 1)).await;
    }
}

#[tokio::test]
async fn a_code_that_is_used_up_is_gone_from_the_tv_and_none_left_is_none() {
    let bar = Bar::open().await;
    let mut tv: Reader<Display> = Reader::open(&bar.screen, "display").await;
    let (code, window) = (bar.code().await, bar.code_now().await.window);
    for _ in 0..9 {
        bar.guest().await.order(&code, "espresso").await;
    }
    bar.screen.get("/s/demo/display").await.page().says("1 of 10 left");
    bar.guest().await.order(&code, "espresso").await;
    tv.until(|view, _| view.left_in(window) == 0).await;
    let page = bar.screen.get("/s/demo/display").await.page();
    page.says("All taken");
    page.says("0 of 10 left");
    assert!(!page.words().contains("Scan to order"), "{}", page.words());
}

#[tokio::test]
async fn a_tv_with_more_orders_than_rows_says_how_many_more() {
    let bar = Bar::open().await;
    let robot = bar.script("demo", Role::Robot).await;
    let mut orders = Vec::new();
    for _ in 0..15 {
        let order = new_order();
        robot.command("orders/start", &[("order", &order.to_string())]).await.granted();
        robot.submit(order, "espresso", &[]).await.granted();
        orders.push(order);
    }
    bar.screen.get("/s/demo/display").await.page().says("+3 more");
    for order in &orders {
        robot.step("cancel", *order).await.granted();
    }
    bar.later(10);
    let mut tv: Reader<Display> = Reader::open(&bar.screen, "display").await;
    // Orders beyond the visible rows are removed from the view as well.
    tv.until(|view, _| view.rows.is_empty()).await;
}

#[tokio::test]
async fn what_happens_in_one_and_the_same_millisecond_is_all_kept_and_stays_in_order() {
    // The test clock stands still until a test advances it.
    let bar = Bar::open().await;
    let (phone, tablet) = (bar.guest().await, bar.barista().await);
    let order = phone.order(&bar.code().await, "espresso").await;
    for act in ["claim", "complete", "collect"] {
        tablet.step(act, order).await.granted();
    }
    let log = bar.premises.log().await;
    let story: Vec<_> = log.iter().filter(|recorded| recorded.event.order() == Some(order)).collect();
    assert!(story.iter().all(|recorded| recorded.at == story[0].at));
    assert_eq!(story.len(), 9);
    let steps: Vec<_> = story.iter().filter_map(|recorded| recorded.event.step()).map(|(step, _)| step).collect();
    assert_eq!(steps, [Step::Choosing, Step::Waiting, Step::Making, Step::Ready, Step::Collected]);
    assert!(matches!(story[8].event, Event::OrderFinished(_)));
}

#[tokio::test]
async fn what_stands_in_a_parameter_is_never_more_than_text() {
    const TRICKS: [&str; 6] = [
        "\",\"action\":\"complete",
        "demo'; drop table event; --",
        "$context.authorizer.claims.sub",
        "demo\r\nset-cookie: crema_demo_barista=1",
        "../../barista",
        "{region}",
    ];
    let bar = Bar::open().await;
    let (phone, code) = (bar.guest().await, bar.code().await);
    let order = phone.order(&code, "mocha").await.to_string();
    let before = bar.premises.log().await;
    for trick in TRICKS {
        let fields = [("shop", "demo"), ("order", &order), ("drink", "mocha"), ("version", "1"), ("code", &code)];
        let asks = [
            ("orders/start", ["shop", "order", "code"]),
            ("orders/submit", ["shop", "order", "drink"]),
            ("orders/cancel", ["shop", "order", "version"]),
        ];
        for (action, name) in asks.into_iter().flat_map(|(action, names)| names.map(|name| (action, name))) {
            let twisted = fields.map(|(field, value)| (field, if field == name { trick } else { value }));
            let answered = phone.send(Sent::post(&format!("/api/{action}"), &twisted)).await;
            assert!(answered.status.is_client_error(), "{action} with {name} {trick:?}: {}", answered.text());
            answered.problem();
        }
        let address = trick.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat();
        for path in [format!("/s/{address}"), format!("/q/{address}"), format!("/enter/{address}")] {
            let answered = phone.get(&path).await;
            assert!(answered.status.is_client_error(), "{path}");
        }
    }
    assert_eq!(bar.premises.log().await, before);
}

#[tokio::test]
async fn no_page_leads_or_posts_to_any_host_but_its_own() {
    let bar = Bar::open().await;
    let (phone, tablet) = (bar.guest().await, bar.barista().await.plain());
    let code = bar.code().await;
    let scan = phone.scan(&code).await.page();
    let start = &scan.forms()[0];
    assert!(
        start.fields.contains(&("code".to_owned(), code.clone()))
            && start.fields.contains(&("shop".to_owned(), "demo".to_owned()))
    );
    // The page has no start form without a code.
    let unscanned = bar.stranger().get("/s/demo").await.page();
    assert!(unscanned.forms().iter().all(|form| form.action != "/api/orders/start"));
    phone.order(&code, "mocha").await;
    let pages = [
        scan,
        unscanned,
        phone.plain().get("/s/demo").await.page(),
        tablet.get("/s/demo/barista").await.page(),
        bar.screen.get("/s/demo/display").await.page(),
    ];
    let ours = format!("http://{}/", bar.addr);
    for page in pages {
        assert!(page.forms().iter().all(|form| form.action.starts_with("/api/")), "{:?}", page.forms());
        let hosts = page.html.split("http").skip(1).filter(|rest| rest.starts_with("://") || rest.starts_with("s://"));
        for rest in hosts {
            let address = format!("http{rest}");
            assert!(address.starts_with(&ours) || address.starts_with("http://www.w3.org/"), "{}", &address[..80]);
        }
    }
}

#[tokio::test]
async fn the_log_of_the_program_holds_no_secret_however_much_it_says() {
    let folder = Folder::new();
    let path = folder.path().join("told");
    let program = Program::serve_and_tell(folder.path(), "trace", File::create(&path).unwrap()).await;
    let visitor = || Browser::new(program.addr);
    let token = said(folder.path(), &["token", "--role", "barista"]).await.unwrap();
    let link = program.link("barista").to_owned();
    let tv = program.link("display").to_owned();
    let (tablet, screen) = (visitor(), visitor());
    tablet.enter(&link).await;
    screen.enter(&tv).await;
    let shown: app::frame::Opening<Display> = screen.get("/s/demo/display").await.page().opening();
    let codes = codes_of(&shown.asides).unwrap();
    let phone = visitor();
    phone.scan(&codes[0]).await;
    let order = new_order();
    phone.start(order, &codes[0]).await.granted();
    phone.submit(order, "mocha", &[("name", "Ada Lovelace")]).await.granted();
    let script = Browser::with_key(program.addr, token.trim().to_owned());
    script.step("claim", order).await.granted();
    // Refused requests may be logged too.
    assert_eq!(script.step("claim", order).await.slug(), "step_illegal");
    phone.get("/q/sesame-open").await;
    program.signal("TERM");
    program.ended().await;
    let log = std::fs::read_to_string(path).unwrap();
    assert!(log.lines().count() > 20, "it was to say a lot: {log}");
    let secrets = [&phone, &tablet, &screen].into_iter().flat_map(Browser::secrets);
    for secret in secrets.chain([token.trim().to_owned(), link, tv, "Ada Lovelace".to_owned()]).chain(codes) {
        let found = log.lines().find(|line| line.contains(&secret));
        assert_eq!(found, None, "{secret} was logged");
    }
}
