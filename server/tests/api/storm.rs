//! A storm of random commands against the program: no failure, every order ends once, and every view that was loaded on
//! the way equals the fold of the log up to its position.

#![expect(clippy::print_stdout, reason = "the seed of a failed run is in its output")]

mod client;
mod folds;

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::event::{Event, Recorded};
use domain::ids::OrderId;
use domain::view::display::Display;
use protocol::frame::Opening;
use tokio::task::JoinSet;

use self::client::{Client, Part, Random, Shared};
use crate::harness::{Browser, TempDir, read_demo_log};
use crate::restart::program::{ServerProcess, run_command};

const GUESTS: usize = 30;
const BARISTAS: usize = 3;

/// The seed of all random choices; `CREMA_STORM_SEED` repeats a run.
fn seed() -> u64 {
    let given = std::env::var("CREMA_STORM_SEED").ok().and_then(|seed| seed.parse().ok());
    given.unwrap_or_else(|| getrandom::u64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_commands_and_two_kills_leave_every_order_ended_once_and_every_view_true() {
    let seed = seed();
    println!("CREMA_STORM_SEED={seed}");
    let folder = TempDir::new();
    let program = ServerProcess::serve(folder.path()).await;
    let mut clients = clients(&folder, &program, seed).await;

    // The first kill is in the middle, with requests in flight.
    let half = clients.iter().map(|client| client.commands_left).sum::<usize>() / 2;
    clients = run(clients, Some((&program, half))).await;
    assert!(!program.wait_for_exit().await.success());
    let program = ServerProcess::serve(folder.path()).await;
    for client in &mut clients {
        client.move_to(program.addr);
    }
    // Requests without an answer are sent again; then the storm goes on to its last command.
    clients = run(clients, None).await;
    program.signal("KILL");
    assert!(!program.wait_for_exit().await.success());

    let program = ServerProcess::serve(folder.path()).await;
    for client in &mut clients {
        client.move_to(program.addr);
    }
    // An order that was given back has another minute, which this test does not wait for.
    let manager = staff(&folder, &program, "manager").await;
    manager.command("orders/stop", &[]).await.expect_ok();
    for client in &mut clients {
        assert_eq!(client.commands_left, 0, "a client was cut off");
        client.wait_until_orders_are_over().await;
        client.load_view().await;
    }
    program.signal("TERM");
    assert!(program.wait_for_exit().await.success());

    let log = read_demo_log(folder.path()).await;
    assert!(log.iter().map(|recorded| recorded.position).eq(1..=log.len() as u64), "positions have no gap");
    let ended = orders_that_ended(&log);
    assert_numbers_are_consecutive(&log);
    let acknowledged = clients[0].shared.acknowledged.lock().clone();
    let lost: Vec<_> = acknowledged.difference(&ended).collect();
    assert!(lost.is_empty(), "orders were acknowledged and are not in the log: {lost:?}");
    let compared: usize = clients.iter().map(|client| client.views.assert_equal_folds(&log)).sum();
    let counts = format!("{} events, {} orders, {compared} views", log.len(), ended.len());
    println!("{counts}");
    for ((action, outcome), count) in clients[0].shared.outcomes.lock().iter() {
        println!("{action} {outcome}: {count}");
    }
    assert!(acknowledged.len() >= 100 && compared >= 200, "the storm was a breeze: {counts}");
}

/// Thirty guests, three baristas and a manager, who has made the waits short.
async fn clients(folder: &TempDir, program: &ServerProcess, seed: u64) -> Vec<Client> {
    let manager = staff(folder, program, "manager").await;
    // A window keeps the drinks that it began with; the last command begins another.
    for (name, value) in [("drinks_per_code", "1000"), ("grace_seconds", "3600"), ("window_seconds", "49999")] {
        manager.command("store/limits", &[(&format!("change[{name}]"), value)]).await.expect_ok();
    }
    client::shorten_waits(&manager).await;
    let display: Opening<Display> = manager.get("/s/demo/display").await.page().opening();
    let url = display.asides.code.unwrap().url;
    let code = url.rsplit_once("/q/").unwrap().1.to_owned();
    let shared = Arc::new(Shared::new(code));
    let mut browsers = vec![(Part::Manager, manager)];
    for _ in 0..BARISTAS {
        browsers.push((Part::Barista, staff(folder, program, "barista").await));
    }
    for _ in 0..GUESTS {
        let phone = Browser::new(program.addr);
        phone.scan(&shared.code).await;
        browsers.push((Part::Guest, phone));
    }
    let client = |(n, (part, browser)): (usize, (Part, Browser))| {
        Client::new(part, browser, Random::new(seed, n as u64), Arc::clone(&shared))
    };
    browsers.into_iter().enumerate().map(client).collect()
}

async fn staff(folder: &TempDir, program: &ServerProcess, role: &str) -> Browser {
    let token = run_command(folder.path(), &["token", "--role", role]).await.unwrap();
    Browser::with_token(program.addr, token.trim().to_owned())
}

/// Runs all clients until they have sent their commands or lost the program, which is killed after `kill` answers.
async fn run(clients: Vec<Client>, kill: Option<(&ServerProcess, usize)>) -> Vec<Client> {
    let mut answered = clients[0].shared.answered.subscribe();
    let running: JoinSet<Client> = clients.into_iter().map(Client::run).collect();
    let mut ending = std::pin::pin!(running.join_all());
    if let Some((program, answers)) = kill {
        tokio::select! {
            reached = answered.wait_for(|count| *count >= answers) => assert!(reached.is_ok()),
            _ = &mut ending => panic!("the storm ended before the kill"),
        }
        program.signal("KILL");
    }
    ending.await
}

/// The orders of the log. Panics unless each ended once and last.
fn orders_that_ended(log: &[Recorded]) -> BTreeSet<OrderId> {
    let (mut open, mut ended) = (BTreeSet::new(), BTreeSet::new());
    for recorded in log {
        let Some(order) = recorded.event.order() else { continue };
        match &recorded.event {
            Event::NewOrder(_) => assert!(open.insert(order) && !ended.contains(&order), "{order} began twice"),
            Event::OrderFinished(_) => assert!(open.remove(&order) && ended.insert(order), "{order} ended twice"),
            other => assert!(open.contains(&order), "{order} is not open: {other:?}"),
        }
    }
    assert!(open.is_empty(), "orders without an end: {open:?}");
    ended
}

fn assert_numbers_are_consecutive(log: &[Recorded]) {
    let numbers: Vec<u32> = log
        .iter()
        .filter_map(|recorded| if let Event::NumberGiven(event) = &recorded.event { Some(event.number) } else { None })
        .collect();
    let count = u32::try_from(numbers.len()).unwrap();
    assert!(numbers.iter().copied().eq(1..=count), "numbers are consecutive: {numbers:?}");
}
