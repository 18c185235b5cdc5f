//! Regression tests for defects of the original coffee bar that concern transport and screens.

use std::collections::BTreeSet;
use std::fs::File;

use domain::access::Role;
use domain::event::Event;
use domain::order::Step;
use domain::redact::Topic;
use domain::view::barista::Barista;
use domain::view::display::Display;
use domain::view::ordering::Ordering;
use protocol::frame::EphemeralValues;

use crate::harness::live_page::Frame;
use crate::harness::request::TestRequest;
use crate::harness::{Browser, LivePage, TempDir, TestServer, new_order};
use crate::restart::program::{ServerProcess, run_command};

/// The long code of the QR address and the short code for typing.
fn codes_of(ephemeral: &EphemeralValues) -> Option<[String; 2]> {
    let code = ephemeral.code.as_ref()?;
    Some([code.url.rsplit_once("/q/")?.1.to_owned(), code.typed.clone()])
}

#[tokio::test]
async fn a_window_has_one_code_for_all_displays() {
    let server = TestServer::start().await;
    for _ in 0..2 {
        let mut shown = BTreeSet::new();
        // Screens connect together, and again later in the same window.
        for _ in 0..2 {
            let screens = futures_util::future::join_all((0..4).map(|_| server.staff(Role::Display))).await;
            let readers = screens.iter().map(|screen| async {
                let mut tv: LivePage<Display> = LivePage::open(screen, "display").await;
                tv.wait_until(|_, ephemeral| ephemeral.code.is_some()).await;
                codes_of(&tv.ephemeral_values)
            });
            shown.extend(futures_util::future::join_all(readers).await);
            shown.insert(codes_of(&server.display_page().await.asides));
            server.advance_clock(100);
        }
        assert_eq!(shown.len(), 1, "{shown:?}");
        let code = shown.into_iter().next().flatten().unwrap();
        server.new_browser().scan(&code[0]).await;
        server.advance_clock(100);
    }
}

#[tokio::test]
async fn no_stream_reveals_secrets_codes_or_foreign_orders() {
    let server = TestServer::start().await;
    let (phone, other, tablet) = (server.guest().await, server.guest().await, server.barista().await);
    let script = server.api_client("demo", Role::Barista).await;
    let stranger = server.new_browser();
    let mut tv: LivePage<Display> = LivePage::open(&server.display, "display").await;
    let mut barista_page: LivePage<Barista> = LivePage::open(&tablet, "barista").await;
    let mut mine: LivePage<Ordering> = LivePage::open(&phone, "ordering").await;
    let mut others: LivePage<Ordering> = LivePage::open(&other, "ordering").await;
    let mut new_visitor: LivePage<Ordering> = LivePage::open(&stranger, "ordering").await;
    tv.wait_until(|_, ephemeral| ephemeral.code.is_some()).await;
    let codes = codes_of(&tv.ephemeral_values).unwrap();
    let order = new_order();
    phone.start(order, &codes[0]).await.expect_ok();
    phone.submit(order, "mocha", &[("name", "Ada"), ("options[milk]", "oat")]).await.expect_ok();
    for act in ["claim", "complete", "collect"] {
        script.step(act, order).await.expect_ok();
    }
    tablet.command("store/close", &[]).await.expect_ok();
    tv.wait_until(|view, _| !view.open).await;
    barista_page.wait_until(|view, _| !view.open).await;
    for reader in [&mut mine, &mut others, &mut new_visitor] {
        reader.wait_until(|view, _| !view.bar.open).await;
    }
    let holders = [&phone, &other, &tablet, &script, &server.display];
    let secrets: Vec<String> = holders.iter().flat_map(|holder| holder.secrets()).collect();
    assert_eq!(secrets.len(), 5);
    let holds = |seen: &[Frame], text: &str| seen.iter().any(|frame| frame.data.contains(text));
    let all = [&tv.received, &barista_page.received, &mine.received, &others.received, &new_visitor.received];
    for seen in all {
        assert!(secrets.iter().all(|secret| !holds(seen, secret)));
    }
    // The code is sent to the display only, never to a phone.
    for seen in &all[2..] {
        assert!(codes.iter().all(|code| !holds(seen, code)));
    }
    // A stream address names a view and never a topic, so a guest cannot subscribe to foreign orders.
    let requests = ["ordering?topic=staff", "ordering?after=&topic=order/1", "staff", "order", "public", "topic"];
    for path in &requests[2..] {
        assert_eq!(other.get(&format!("/s/demo/stream/{path}")).await.slug(), "page_unknown");
    }
    for path in &requests[..2] {
        let page: LivePage<Ordering> = LivePage::open_in_shop(&other, "demo", path).await;
        assert_eq!(page.view().orders, []);
    }
    assert!(
        holds(&mine.received, "oat")
            && !others.received.iter().any(|frame| frame.name == "event" && frame.data.contains("oat"))
    );
}

#[tokio::test]
async fn the_tablet_receives_every_event_on_a_named_topic() {
    let server = TestServer::start().await;
    let (tablet, robot) = (server.barista().await, server.api_client("demo", Role::Robot).await);
    let manager = server.api_client("demo", Role::Manager).await;
    let mut barista_page: LivePage<Barista> = LivePage::open(&tablet, "barista").await;
    let order = new_order();
    robot.command("orders/start", &[("order", &order.to_string())]).await.expect_ok();
    robot.submit(order, "espresso", &[]).await.expect_ok();
    manager.command("store/limits", &[("change[room]", "7")]).await.expect_ok();
    tablet.command("store/close", &[]).await.expect_ok();
    barista_page.wait_until(|view, _| !view.open).await;
    let events = barista_page.received.iter().filter(|frame| frame.name == "event").map(Frame::event);
    let received: Vec<_> = events.map(|(topic, _, recorded)| (topic, recorded.position)).collect();
    let log = server.installation.log().await;
    let expected: Vec<_> = log[5..].iter().map(|recorded| (Topic::Staff, recorded.position)).collect();
    assert_eq!((received.len(), received), (7, expected));
}

#[tokio::test]
async fn two_windows_of_one_browser_both_stay_connected() {
    let server = TestServer::start().await;
    let tablet = server.barista().await;
    let mut windows: Vec<LivePage<Barista>> = Vec::new();
    for _ in 0..4 {
        windows.push(LivePage::open(&tablet, "barista").await);
    }
    let order = server.guest().await.order(&server.qr_code().await, "mocha").await;
    for window in &mut windows {
        window
            .wait_until(|view, _| view.cards.iter().any(|manifest| manifest.order == order && manifest.number == 1))
            .await;
    }
}

#[tokio::test]
async fn a_used_up_code_is_removed_from_the_display() {
    let server = TestServer::start().await;
    let mut tv: LivePage<Display> = LivePage::open(&server.display, "display").await;
    let (code, window) = (server.qr_code().await, server.current_code().await.window);
    for _ in 0..9 {
        server.guest().await.order(&code, "espresso").await;
    }
    server.display.get("/s/demo/display").await.page().assert_text("1 of 10 left");
    server.guest().await.order(&code, "espresso").await;
    tv.wait_until(|view, _| view.tokens_left(window) == 0).await;
    let page = server.display.get("/s/demo/display").await.page();
    page.assert_text("All taken");
    page.assert_text("0 of 10 left");
    assert!(!page.visible_text().contains("Scan to order"), "{}", page.visible_text());
}

#[tokio::test]
async fn a_full_display_says_which_part_of_the_orders_it_shows() {
    let server = TestServer::start().await;
    let robot = server.api_client("demo", Role::Robot).await;
    let mut orders = Vec::new();
    for _ in 0..100 {
        let order = new_order();
        robot.command("orders/start", &[("order", &order.to_string())]).await.expect_ok();
        robot.submit(order, "espresso", &[]).await.expect_ok();
        orders.push(order);
    }
    server.display.get("/s/demo/display").await.page().assert_text("1 of 3");
    for order in &orders {
        robot.step("cancel", *order).await.expect_ok();
    }
    server.advance_clock(10);
    let mut tv: LivePage<Display> = LivePage::open(&server.display, "display").await;
    // Orders beyond the visible rows are removed from the view as well.
    tv.wait_until(|view, _| view.rows.is_empty()).await;
}

#[tokio::test]
async fn events_of_one_millisecond_are_kept_in_order() {
    // The test clock stands still until a test advances it.
    let server = TestServer::start().await;
    let (phone, tablet) = (server.guest().await, server.barista().await);
    let order = phone.order(&server.qr_code().await, "espresso").await;
    for act in ["claim", "complete", "collect"] {
        tablet.step(act, order).await.expect_ok();
    }
    let log = server.installation.log().await;
    let order_events: Vec<_> = log.iter().filter(|recorded| recorded.event.order() == Some(order)).collect();
    assert!(order_events.iter().all(|recorded| recorded.at == order_events[0].at));
    assert_eq!(order_events.len(), 9);
    let steps: Vec<_> =
        order_events.iter().filter_map(|recorded| recorded.event.step()).map(|(step, _)| step).collect();
    assert_eq!(steps, [Step::Choosing, Step::Waiting, Step::Making, Step::Ready, Step::Collected]);
    assert!(matches!(order_events[8].event, Event::OrderFinished(_)));
}

#[tokio::test]
async fn parameters_are_never_interpreted() {
    const INJECTIONS: [&str; 6] = [
        "\",\"action\":\"complete",
        "demo'; drop table event; --",
        "$context.authorizer.claims.sub",
        "demo\r\nset-cookie: crema_demo_barista=1",
        "../../barista",
        "{region}",
    ];
    let server = TestServer::start().await;
    let (phone, code) = (server.guest().await, server.qr_code().await);
    let order = phone.order(&code, "mocha").await.to_string();
    let before = server.installation.log().await;
    for injection in INJECTIONS {
        let fields = [("shop", "demo"), ("order", &order), ("drink", "mocha"), ("version", "1"), ("code", &code)];
        let requests = [
            ("orders/start", ["shop", "order", "code"]),
            ("orders/submit", ["shop", "order", "drink"]),
            ("orders/cancel", ["shop", "order", "version"]),
        ];
        for (action, name) in requests.into_iter().flat_map(|(action, names)| names.map(|name| (action, name))) {
            let changed = fields.map(|(field, value)| (field, if field == name { injection } else { value }));
            let response = phone.send(TestRequest::post(&format!("/api/{action}"), &changed)).await;
            assert!(response.status.is_client_error(), "{action} with {name} {injection:?}: {}", response.text());
            response.problem();
        }
        let address = injection.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat();
        for path in [format!("/s/{address}"), format!("/q/{address}"), format!("/enter/{address}")] {
            let response = phone.get(&path).await;
            assert!(response.status.is_client_error(), "{path}");
        }
    }
    assert_eq!(server.installation.log().await, before);
}

#[tokio::test]
async fn pages_link_and_post_to_their_own_host_only() {
    let server = TestServer::start().await;
    let (phone, tablet) = (server.guest().await, server.barista().await.without_scripts());
    let code = server.qr_code().await;
    let scan = phone.scan(&code).await.page();
    let start = &scan.forms()[0];
    assert!(
        start.fields.contains(&("code".to_owned(), code.clone()))
            && start.fields.contains(&("shop".to_owned(), "demo".to_owned()))
    );
    // The page has no start form without a code.
    let unscanned = server.new_browser().get("/s/demo").await.page();
    assert!(unscanned.forms().iter().all(|form| form.action != "/api/orders/start"));
    phone.order(&code, "mocha").await;
    let pages = [
        scan,
        unscanned,
        phone.without_scripts().get("/s/demo").await.page(),
        tablet.get("/s/demo/barista").await.page(),
        server.display.get("/s/demo/display").await.page(),
    ];
    let ours = format!("http://{}/", server.addr);
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
async fn program_logs_contain_no_secret_even_at_trace_level() {
    let folder = TempDir::new();
    let path = folder.path().join("server.log");
    let program = ServerProcess::serve_with_log(folder.path(), "trace", File::create(&path).unwrap()).await;
    let visitor = || Browser::new(program.addr);
    let token = run_command(folder.path(), &["token", "--role", "barista"]).await.unwrap();
    let link = program.link("barista").to_owned();
    let tv = program.link("display").to_owned();
    let (tablet, screen) = (visitor(), visitor());
    tablet.redeem_link(&link).await;
    screen.redeem_link(&tv).await;
    let shown: protocol::frame::Opening<Display> = screen.get("/s/demo/display").await.page().opening();
    let codes = codes_of(&shown.asides).unwrap();
    let phone = visitor();
    phone.scan(&codes[0]).await;
    let order = new_order();
    phone.start(order, &codes[0]).await.expect_ok();
    phone.submit(order, "mocha", &[("name", "Ada Lovelace")]).await.expect_ok();
    let script = Browser::with_token(program.addr, token.trim().to_owned());
    script.step("claim", order).await.expect_ok();
    // Refused requests may be logged too.
    assert_eq!(script.step("claim", order).await.slug(), "step_illegal");
    phone.get("/q/sesame-open").await;
    program.signal("TERM");
    program.wait_for_exit().await;
    let log = std::fs::read_to_string(path).unwrap();
    assert!(log.lines().count() > 20, "too few log lines: {log}");
    let secrets = [&phone, &tablet, &screen].into_iter().flat_map(Browser::secrets);
    for secret in secrets.chain([token.trim().to_owned(), link, tv, "Ada Lovelace".to_owned()]).chain(codes) {
        let leak = log.lines().find(|line| line.contains(&secret));
        assert_eq!(leak, None, "the log contains {secret}");
    }
}
