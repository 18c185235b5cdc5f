//! The end and what comes after it: a stop in good order, a crash, and the commands beside a running server.

pub(crate) mod program;

use domain::access::Role;
use domain::event::Event;
use domain::ids::OrderId;
use domain::view::barista::Barista;
use domain::view::display::Display;
use domain::view::ordering::Ordering;
use server::store::sqlite::Sqlite;

use self::program::Program;
use crate::harness::browser::command;
use crate::harness::reader::Frames;
use crate::harness::request::Sent;
use crate::harness::{Bar, Browser, Folder, Reader, new_order};

#[tokio::test]
async fn the_next_morning_everything_is_where_it_was() {
    let bar = Bar::open().await;
    let (phone, tablet, order) = (bar.guest().await, bar.barista().await, new_order());
    let code = bar.code().await;
    phone.start(order, &code).await.granted();
    let submit =
        command("orders/submit", &[("order", &order.to_string()), ("drink", "mocha"), ("name", "Ada"), ("key", "k")]);
    let answer = phone.send(submit.clone()).await;
    let script = bar.script("demo", Role::Barista).await;
    let mut bench: Reader<Barista> = Reader::open(&tablet, "barista").await;
    let mut tv: Reader<Display> = Reader::open(&bar.screen, "display").await;
    let (mine, screen) = (phone.view::<Ordering>("ordering").await, bar.screen.clone());

    let bar = bar.close().await.open().await;
    let at = |browser: &Browser| browser.at(bar.addr);
    let (phone, tablet, script, screen) = (at(&phone), at(&tablet), at(&script), at(&screen));
    assert_eq!(phone.view::<Ordering>("ordering").await, mine);
    assert_eq!(phone.send(submit).await.text(), answer.text());
    tablet.get("/s/demo/barista").await.page().says("for Ada");
    phone.get("/s/demo").await.page().says("Ada");
    // Where they were, the streams go on: same epoch, and no snapshot between.
    bench.frames = Frames::open(&tablet, "barista", bench.live.cursor()).await;
    tv.frames = Frames::open(&screen, "display", tv.live.cursor()).await;
    script.step("claim", order).await.granted();
    bench.until(|view, _| view.cards[0].version == 2).await;
    tv.until(|view, _| view.rows[0].version == 2).await;
    // Numbers and tokens are counted on.
    let second = new_order();
    assert_eq!(phone.start(second, &code).await.granted().version, Some(0));
    assert_eq!(phone.submit(second, "chai", &[]).await.granted().number, Some(2));
    assert_eq!(bar.shown().await.snapshot.view.left_in(bar.code_now().await.window), 8);
}

#[tokio::test]
async fn who_slept_through_the_night_gets_a_snapshot() {
    let bar = Bar::open().await;
    let phone = bar.guest().await;
    let old = bar.shown().await.snapshot.cursor;
    phone.order(&bar.code().await, "mocha").await;
    let bar = bar.close().await.open().await;
    let mut frames = Frames::open(&bar.screen, "display", Some(&old)).await;
    assert_eq!([frames.news().await.name, frames.news().await.name], ["reset", "snapshot"]);
}

#[tokio::test]
async fn a_new_day_counts_from_one_past_the_numbers_still_held() {
    let bar = Bar::open().await;
    let phone = bar.guest().await;
    for _ in 0..2 {
        phone.order(&bar.code().await, "espresso").await;
    }
    // One minute before the day ends, nobody waits for these any more, but for a new one somebody does.
    bar.later(17 * 3600 + 59 * 60);
    bar.guest().await.order(&bar.code().await, "espresso").await;
    let bar = bar.close().await.open().await;
    bar.later(2 * 60);
    let phone = phone.at(bar.addr);
    let mut numbers = Vec::new();
    for _ in 0..3 {
        let order = new_order();
        phone.start(order, &bar.code().await).await.granted();
        numbers.push(phone.submit(order, "espresso", &[]).await.granted().number.unwrap());
    }
    assert_eq!(numbers, [1, 2, 4]);
}

#[tokio::test]
async fn a_stop_says_goodbye_to_every_stream() {
    let bar = Bar::open().await;
    let (phone, tablet) = (bar.guest().await, bar.barista().await);
    let mut streams = Vec::new();
    for (who, view) in [(&bar.screen, "display"), (&phone, "ordering"), (&tablet, "barista")] {
        streams.push(Frames::open(who, view, None).await);
    }
    bar.close().await;
    for mut stream in streams {
        let bye = stream.named("reconnect").await;
        assert!(bye.json().as_u64().unwrap() < 2_000, "{bye:?}");
        assert_eq!(stream.next().await, None);
    }
}

#[tokio::test]
async fn the_program_opens_the_bar_and_a_signal_closes_it() {
    let folder = Folder::new();
    let program = Program::serve(folder.path()).await;
    let (screen, tablet) = (Browser::new(program.addr), Browser::new(program.addr));
    assert_eq!(screen.enter(program.link("display")).await, "/s/demo/display");
    assert_eq!(tablet.enter(program.link("barista")).await, "/s/demo/barista");
    let mut stream = Frames::open(&screen, "display", None).await;
    let mut bench = Frames::open(&tablet, "barista", None).await;
    assert_eq!(stream.news().await.name, "snapshot");
    program.signal("TERM");
    stream.named("reconnect").await;
    bench.named("reconnect").await;
    assert!(program.ended().await.success());
}

#[tokio::test]
async fn passes_are_made_beside_a_running_server_and_without_one() {
    let folder = Folder::new();
    let program = Program::serve(folder.path()).await;
    let local_commands = program::said(folder.path(), &["token", "--role", "barista"]).await.unwrap();
    let link = program::said(folder.path(), &["link", "--role", "display"]).await.unwrap();
    let nowhere = program::said(folder.path(), &["token", "--role", "robot", "--shop", "nowhere"]).await.unwrap_err();
    assert!(nowhere.contains("unknown shop nowhere"), "{nowhere}");
    let (_, link) = link.trim().rsplit_once("/enter/").unwrap();
    assert_eq!(Browser::new(program.addr).enter(link).await, "/s/demo/display");
    Browser::with_key(program.addr, local_commands.trim().to_owned()).command("store/close", &[]).await.granted();
    program.signal("TERM");
    program.ended().await;

    let alone = program::said(folder.path(), &["token", "--role", "barista"]).await.unwrap();
    let nowhere = program::said(folder.path(), &["link", "--role", "display", "--shop", "nowhere"]).await.unwrap_err();
    assert!(nowhere.contains("unknown shop nowhere"), "{nowhere}");
    let program = Program::serve(folder.path()).await;
    for token in [local_commands, alone] {
        let script = Browser::with_key(program.addr, token.trim().to_owned());
        assert_eq!(script.get("/s/demo/view/barista").await.status.as_u16(), 200);
    }
}

#[tokio::test]
async fn a_folder_in_use_is_not_shared_and_its_holder_is_named() {
    let folder = Folder::new();
    let program = Program::serve(folder.path()).await;
    let refused = program::said(folder.path(), &["serve", "--addr", "127.0.0.1:0"]).await.unwrap_err();
    let expected = format!("is in use by process {}; stop it first or give another --data", program.pid());
    assert!(refused.contains(&expected), "{refused}");
    assert_eq!(Browser::new(program.addr).get("/s/demo").await.status.as_u16(), 200);
}

#[tokio::test]
async fn a_crash_loses_nothing_that_was_answered_and_a_retry_doubles_nothing() {
    const ENOUGH: usize = 40;
    let folder = Folder::new();
    let program = Program::serve(folder.path()).await;
    let token = program::said(folder.path(), &["token", "--role", "robot"]).await.unwrap();
    let robot = Browser::with_key(program.addr, token.trim().to_owned());
    let (report, mut reports) = tokio::sync::mpsc::unbounded_channel();
    let robots: Vec<_> = (0..4).map(|_| tokio::spawn(order_until_it_ends(robot.clone(), report.clone()))).collect();
    drop(report);
    // In the middle of the rush, with requests on their way.
    let mut answered = Vec::new();
    while answered.len() < ENOUGH {
        answered.push(reports.recv().await.unwrap());
    }
    program.signal("KILL");
    assert!(!program.ended().await.success());
    while let Some(order) = reports.recv().await {
        answered.push(order);
    }
    let mut unanswered = Vec::new();
    for robot in robots {
        unanswered.push(robot.await.unwrap());
    }

    let program = Program::serve(folder.path()).await;
    let robot = robot.at(program.addr);
    for order in unanswered {
        for asked in [start(order), submit(order)] {
            robot.send(asked).await.granted();
        }
        answered.push(order);
    }
    let token = program::said(folder.path(), &["token", "--role", "barista"]).await.unwrap();
    let bench = Browser::with_key(program.addr, token.trim().to_owned()).view::<Barista>("barista").await;
    let mut waiting: Vec<_> = bench.view.incoming().map(|manifest| manifest.order).collect();
    waiting.sort_unstable();
    answered.sort_unstable();
    assert_eq!(waiting, answered);
    let mut numbers: Vec<_> = bench.view.incoming().map(|manifest| manifest.number).collect();
    numbers.sort_unstable();
    assert!(numbers.iter().copied().eq(1..=u32::try_from(answered.len()).unwrap()));
    program.signal("TERM");
    program.ended().await;
    let log = crate::harness::log_in(folder.path()).await;
    let begun = log.iter().filter(|recorded| matches!(recorded.event, Event::NewOrder(_))).count();
    assert_eq!(begun, answered.len());
    assert!(log.iter().map(|recorded| recorded.position).eq(1..=log.len() as u64));
}

fn start(order: OrderId) -> Sent {
    command("orders/start", &[("order", &order.to_string())])
}

fn submit(order: OrderId) -> Sent {
    command("orders/submit", &[("order", &order.to_string()), ("drink", "mocha"), ("key", &order.to_string())])
}

/// Reports every order that was answered; gives back the one that was not.
async fn order_until_it_ends(robot: Browser, report: tokio::sync::mpsc::UnboundedSender<OrderId>) -> OrderId {
    loop {
        let order = new_order();
        for asked in [start(order), submit(order)] {
            let Ok(answered) = robot.try_send(asked).await else { return order };
            answered.granted();
        }
        report.send(order).unwrap();
    }
}

#[tokio::test]
async fn a_database_that_is_busy_for_a_while_is_tried_again_and_the_order_goes_on() {
    let bar = Bar::open().await;
    let (phone, code) = (bar.guest().await, bar.code().await);
    // Somebody else writes to the file and takes their time.
    let other = Sqlite::open(&bar.premises.folder.path().join("crema.db")).await.unwrap();
    let mut held = other.pool().acquire().await.unwrap();
    sqlx::query("begin immediate").execute(&mut *held).await.unwrap();
    let order = new_order();
    let mut starting = std::pin::pin!(phone.start(order, &code));
    assert!(futures_util::poll!(&mut starting).is_pending());
    sqlx::query("commit").execute(&mut *held).await.unwrap();
    starting.await.granted();
    phone.submit(order, "espresso", &[]).await.granted();
    drop(held);
    other.pool().close().await;
}
