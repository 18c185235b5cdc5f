//! Waits that are open when the program is killed end at their time, once, under the next program.

use std::time::SystemTime;

use domain::event::{Event, Recorded};
use domain::ids::OrderId;
use domain::order::Step;
use domain::time::Instant;
use domain::view::display::Display;
use domain::view::ordering::{GuestOrder, Ordering};
use futures_util::future::join_all;
use protocol::frame::Opening;

use crate::harness::{Browser, LivePage, TempDir, new_order, read_demo_log};
use crate::restart::program::{ServerProcess, run_command};

/// Time to choose and time to make, long enough to start the program again before they are over.
const WAIT_SECONDS: u32 = 15;

/// The time of this machine, which is that of the program.
fn now() -> Instant {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Instant(i64::try_from(since_epoch.as_millis()).unwrap())
}

/// The outcome of each end that the log has of this order.
fn outcomes(log: &[Recorded], order: OrderId) -> Vec<Step> {
    let end = |recorded: &Recorded| match &recorded.event {
        Event::OrderFinished(end) if end.order == order => Some(end.outcome),
        _ => None,
    };
    log.iter().filter_map(end).collect()
}

fn at_of(log: &[Recorded], wanted: impl Fn(&Event) -> bool) -> Instant {
    log.iter().find(|recorded| wanted(&recorded.event)).unwrap().at
}

#[tokio::test(flavor = "multi_thread")]
async fn waits_open_at_a_kill_end_within_a_second_of_their_time_and_once() {
    let folder = TempDir::new();
    let program = ServerProcess::serve(folder.path()).await;
    let token = run_command(folder.path(), &["token", "--role", "manager"]).await.unwrap();
    let manager = Browser::with_token(program.addr, token.trim().to_owned());
    for wait in ["choose", "make"] {
        let change = (format!("change[{wait}_seconds]"), WAIT_SECONDS.to_string());
        manager.command("store/limits", &[(&change.0, &change.1)]).await.expect_ok();
    }
    let display: Opening<Display> = manager.get("/s/demo/display").await.page().opening();
    let url = display.asides.code.unwrap().url;
    let (_, code) = url.rsplit_once("/q/").unwrap();
    let phones = [Browser::new(program.addr), Browser::new(program.addr), Browser::new(program.addr)];
    for phone in &phones {
        phone.scan(code).await;
    }
    // One guest chooses, one waits for the bar, and the drink of the third is being made.
    let choosing = new_order();
    phones[0].start(choosing, code).await.expect_ok();
    let waiting = phones[1].order(code, "mocha").await;
    let making = phones[2].order(code, "chai").await;
    manager.step("claim", making).await.expect_ok();
    let orders = [(&phones[0], choosing), (&phones[1], waiting), (&phones[2], making)];
    let mut program = program;
    for _ in 0..2 {
        program.signal("KILL");
        assert!(!program.wait_for_exit().await.success());
        program = ServerProcess::serve(folder.path()).await;
        for ((phone, order), step) in orders.iter().zip([Step::Choosing, Step::Waiting, Step::Making]) {
            let page = phone.with_addr(program.addr).view::<Ordering>("ordering").await.view;
            assert_eq!(page.order(*order).map(|mine| mine.step), Some(step), "the wait of {order} is open");
        }
    }

    let addr = program.addr;
    let ends = join_all(orders.map(|(phone, order)| async move {
        let mut page: LivePage<Ordering> = LivePage::open(&phone.with_addr(addr), "ordering").await;
        page.wait_until(|view, _| view.order(order).is_some_and(GuestOrder::is_over)).await;
        now()
    }))
    .await;
    program.signal("TERM");
    assert!(program.wait_for_exit().await.success());
    let log = read_demo_log(folder.path()).await;
    let began = [
        at_of(&log, |event| matches!(event, Event::NewOrder(event) if event.order == choosing)),
        at_of(&log, |event| matches!(event, Event::OrderSubmitted(event) if event.order == waiting)),
        at_of(&log, |event| matches!(event, Event::OrderClaimed(event) if event.order == making)),
    ];
    for (((_, order), began), shown) in orders.iter().zip(began).zip(ends) {
        let due = began.plus_seconds(WAIT_SECONDS);
        assert_eq!(outcomes(&log, *order), [Step::TimedOut], "the order ends once");
        let ended = at_of(&log, |event| matches!(event, Event::OrderFinished(event) if event.order == *order));
        assert!(ended >= due && ended <= due.plus_seconds(1), "{order} was due {due} and ended {ended}");
        assert!(shown <= due.plus_seconds(1), "{order} was due {due}, and its phone showed it {shown}");
    }
}
