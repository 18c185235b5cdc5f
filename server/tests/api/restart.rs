//! Graceful stop, crash and restart, and the local commands beside a running server.

pub(crate) mod program;

use domain::access::Role;
use domain::event::Event;
use domain::ids::OrderId;
use domain::view::barista::Barista;
use domain::view::display::Display;
use domain::view::ordering::Ordering;
use store::Sqlite;

use self::program::ServerProcess;
use crate::harness::browser::command;
use crate::harness::live_page::Frames;
use crate::harness::request::TestRequest;
use crate::harness::{Browser, LivePage, TempDir, TestServer, new_order};

#[tokio::test]
async fn a_restart_preserves_sessions_orders_and_streams() {
    let server = TestServer::start().await;
    let (phone, tablet, order) = (server.guest().await, server.barista().await, new_order());
    let code = server.qr_code().await;
    phone.start(order, &code).await.expect_ok();
    let submit =
        command("orders/submit", &[("order", &order.to_string()), ("drink", "mocha"), ("name", "Ada"), ("key", "k")]);
    let answer = phone.send(submit.clone()).await;
    let script = server.api_client("demo", Role::Barista).await;
    let mut barista_page: LivePage<Barista> = LivePage::open(&tablet, "barista").await;
    let mut tv: LivePage<Display> = LivePage::open(&server.display, "display").await;
    let (mine, screen) = (phone.view::<Ordering>("ordering").await, server.display.clone());

    let server = server.stop().await.start().await;
    let at = |browser: &Browser| browser.with_addr(server.addr);
    let (phone, tablet, script, screen) = (at(&phone), at(&tablet), at(&script), at(&screen));
    assert_eq!(phone.view::<Ordering>("ordering").await, mine);
    assert_eq!(phone.send(submit).await.text(), answer.text());
    tablet.get("/s/demo/barista").await.page().assert_text("for Ada");
    phone.get("/s/demo").await.page().assert_text("Ada");
    // The streams continue from their cursors: same epoch, no snapshot.
    barista_page.frames = Frames::open(&tablet, "barista", barista_page.live.cursor()).await;
    tv.frames = Frames::open(&screen, "display", tv.live.cursor()).await;
    script.step("claim", order).await.expect_ok();
    barista_page.wait_until(|view, _| view.cards[0].version == 2).await;
    tv.wait_until(|view, _| view.rows[0].version == 2).await;
    // Order numbers and tokens continue to count.
    let second = new_order();
    assert_eq!(phone.start(second, &code).await.expect_ok().version, Some(0));
    assert_eq!(phone.submit(second, "chai", &[]).await.expect_ok().number, Some(2));
    assert_eq!(server.display_page().await.snapshot.view.tokens_left(server.current_code().await.window), 8);
}

#[tokio::test]
async fn an_old_cursor_after_a_restart_gets_a_snapshot() {
    let server = TestServer::start().await;
    let phone = server.guest().await;
    let old = server.display_page().await.snapshot.cursor;
    phone.order(&server.qr_code().await, "mocha").await;
    let server = server.stop().await.start().await;
    let mut frames = Frames::open(&server.display, "display", Some(&old)).await;
    assert_eq!([frames.next_update().await.name, frames.next_update().await.name], ["reset", "snapshot"]);
}

#[tokio::test]
async fn a_new_day_counts_from_one_past_the_numbers_still_held() {
    let server = TestServer::start().await;
    let phone = server.guest().await;
    for _ in 0..2 {
        phone.order(&server.qr_code().await, "espresso").await;
    }
    // The first two waits expire one minute before the day ends; the third order is still open.
    server.advance_clock(17 * 3600 + 59 * 60);
    server.guest().await.order(&server.qr_code().await, "espresso").await;
    let server = server.stop().await.start().await;
    server.advance_clock(2 * 60);
    let phone = phone.with_addr(server.addr);
    let mut numbers = Vec::new();
    for _ in 0..3 {
        let order = new_order();
        phone.start(order, &server.qr_code().await).await.expect_ok();
        numbers.push(phone.submit(order, "espresso", &[]).await.expect_ok().number.unwrap());
    }
    assert_eq!(numbers, [1, 2, 4]);
}

#[tokio::test]
async fn a_graceful_stop_sends_reconnect_to_every_stream() {
    let server = TestServer::start().await;
    let (phone, tablet) = (server.guest().await, server.barista().await);
    let mut streams = Vec::new();
    for (client, view) in [(&server.display, "display"), (&phone, "ordering"), (&tablet, "barista")] {
        streams.push(Frames::open(client, view, None).await);
    }
    server.stop().await;
    for mut stream in streams {
        let reconnect = stream.next_named("reconnect").await;
        assert!(reconnect.json().as_u64().unwrap() < 2_000, "{reconnect:?}");
        assert_eq!(stream.next().await, None);
    }
}

#[tokio::test]
async fn the_program_serves_until_a_signal_stops_it() {
    let folder = TempDir::new();
    let program = ServerProcess::serve(folder.path()).await;
    let (screen, tablet) = (Browser::new(program.addr), Browser::new(program.addr));
    assert_eq!(screen.redeem_link(program.link("display")).await, "/s/demo/display");
    assert_eq!(tablet.redeem_link(program.link("barista")).await, "/s/demo/barista");
    let mut stream = Frames::open(&screen, "display", None).await;
    let mut barista_page = Frames::open(&tablet, "barista", None).await;
    assert_eq!(stream.next_update().await.name, "snapshot");
    program.signal("TERM");
    stream.next_named("reconnect").await;
    barista_page.next_named("reconnect").await;
    assert!(program.wait_for_exit().await.success());
}

#[tokio::test]
async fn passes_are_made_beside_a_running_server_and_without_one() {
    let folder = TempDir::new();
    let program = ServerProcess::serve(folder.path()).await;
    let token = program::run_command(folder.path(), &["token", "--role", "barista"]).await.unwrap();
    let link = program::run_command(folder.path(), &["link", "--role", "display"]).await.unwrap();
    let nowhere =
        program::run_command(folder.path(), &["token", "--role", "robot", "--shop", "nowhere"]).await.unwrap_err();
    assert!(nowhere.contains("unknown shop nowhere"), "{nowhere}");
    let (_, link) = link.trim().rsplit_once("/enter/").unwrap();
    assert_eq!(Browser::new(program.addr).redeem_link(link).await, "/s/demo/display");
    Browser::with_token(program.addr, token.trim().to_owned()).command("store/close", &[]).await.expect_ok();
    program.signal("TERM");
    program.wait_for_exit().await;

    let offline_token = program::run_command(folder.path(), &["token", "--role", "barista"]).await.unwrap();
    let nowhere =
        program::run_command(folder.path(), &["link", "--role", "display", "--shop", "nowhere"]).await.unwrap_err();
    assert!(nowhere.contains("unknown shop nowhere"), "{nowhere}");
    let program = ServerProcess::serve(folder.path()).await;
    for token in [token, offline_token] {
        let script = Browser::with_token(program.addr, token.trim().to_owned());
        assert_eq!(script.get("/s/demo/view/barista").await.status.as_u16(), 200);
    }
}

#[tokio::test]
async fn a_data_folder_in_use_is_refused_with_the_pid_of_its_holder() {
    let folder = TempDir::new();
    let program = ServerProcess::serve(folder.path()).await;
    let refused = program::run_command(folder.path(), &["serve", "--addr", "127.0.0.1:0"]).await.unwrap_err();
    let expected = format!("is in use by process {}; stop it first or give another --data", program.pid());
    assert!(refused.contains(&expected), "{refused}");
    assert_eq!(Browser::new(program.addr).get("/s/demo").await.status.as_u16(), 200);
}

#[tokio::test]
async fn a_crash_loses_no_acknowledged_order_and_a_retry_adds_no_duplicate() {
    const ORDERS_BEFORE_KILL: usize = 40;
    let folder = TempDir::new();
    let program = ServerProcess::serve(folder.path()).await;
    let token = program::run_command(folder.path(), &["token", "--role", "robot"]).await.unwrap();
    let robot = Browser::with_token(program.addr, token.trim().to_owned());
    let (report, mut reports) = tokio::sync::mpsc::unbounded_channel();
    let robots: Vec<_> =
        (0..4).map(|_| tokio::spawn(order_until_disconnected(robot.clone(), report.clone()))).collect();
    drop(report);
    // The process is killed while requests are in flight.
    let mut acknowledged = Vec::new();
    while acknowledged.len() < ORDERS_BEFORE_KILL {
        acknowledged.push(reports.recv().await.unwrap());
    }
    program.signal("KILL");
    assert!(!program.wait_for_exit().await.success());
    while let Some(order) = reports.recv().await {
        acknowledged.push(order);
    }
    let mut unacknowledged = Vec::new();
    for robot in robots {
        unacknowledged.push(robot.await.unwrap());
    }

    let program = ServerProcess::serve(folder.path()).await;
    let robot = robot.with_addr(program.addr);
    for order in unacknowledged {
        for request in [start(order), submit(order)] {
            robot.send(request).await.expect_ok();
        }
        acknowledged.push(order);
    }
    let token = program::run_command(folder.path(), &["token", "--role", "barista"]).await.unwrap();
    let barista_page = Browser::with_token(program.addr, token.trim().to_owned()).view::<Barista>("barista").await;
    let mut waiting: Vec<_> = barista_page.view.incoming().map(|manifest| manifest.order).collect();
    waiting.sort_unstable();
    acknowledged.sort_unstable();
    assert_eq!(waiting, acknowledged);
    let mut numbers: Vec<_> = barista_page.view.incoming().map(|manifest| manifest.number).collect();
    numbers.sort_unstable();
    assert!(numbers.iter().copied().eq(1..=u32::try_from(acknowledged.len()).unwrap()));
    program.signal("TERM");
    program.wait_for_exit().await;
    let log = crate::harness::read_demo_log(folder.path()).await;
    let started = log.iter().filter(|recorded| matches!(recorded.event, Event::NewOrder(_))).count();
    assert_eq!(started, acknowledged.len());
    assert!(log.iter().map(|recorded| recorded.position).eq(1..=log.len() as u64));
}

fn start(order: OrderId) -> TestRequest {
    command("orders/start", &[("order", &order.to_string())])
}

fn submit(order: OrderId) -> TestRequest {
    command("orders/submit", &[("order", &order.to_string()), ("drink", "mocha"), ("key", &order.to_string())])
}

/// Reports every acknowledged order; returns the order that was not acknowledged.
async fn order_until_disconnected(robot: Browser, report: tokio::sync::mpsc::UnboundedSender<OrderId>) -> OrderId {
    loop {
        let order = new_order();
        for request in [start(order), submit(order)] {
            let Ok(response) = robot.try_send(request).await else { return order };
            response.expect_ok();
        }
        report.send(order).unwrap();
    }
}

#[tokio::test]
async fn a_busy_database_is_retried_until_it_is_free() {
    let server = TestServer::start().await;
    let (phone, code) = (server.guest().await, server.qr_code().await);
    // Another connection holds the write lock of the file.
    let other = Sqlite::open(&server.installation.folder.path().join("crema.db")).await.unwrap();
    let mut held = other.pool().acquire().await.unwrap();
    sqlx::query("begin immediate").execute(&mut *held).await.unwrap();
    let order = new_order();
    let mut starting = std::pin::pin!(phone.start(order, &code));
    assert!(futures_util::poll!(&mut starting).is_pending());
    sqlx::query("commit").execute(&mut *held).await.unwrap();
    starting.await.expect_ok();
    phone.submit(order, "espresso", &[]).await.expect_ok();
    drop(held);
    other.pool().close().await;
}
