//! Power cuts: the program is killed under robots at points nobody chose, again and again, and its log comes out whole.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use domain::access::Role;
use domain::event::{Event, Recorded};
use domain::view::barista::Barista;
use domain::view::display::Display;
use server::robot::Robots;
use server::store::Store;
use server::store::sqlite::Sqlite;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{House, all_finished, collected, demo, folded, until};

/// How often it is killed; `CREMA_KILLS=200` is the long form.
fn kills() -> u32 {
    std::env::var("CREMA_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(20)
}

/// Drinks between two kills, at most.
const FURTHER: u32 = 50;

/// `crema serve` as a process of its own.
struct Program {
    child: Child,
    /// Held open: a program that cannot speak does not live.
    _out: BufReader<ChildStdout>,
}

impl Program {
    fn serve(data: &Path, addr: SocketAddr) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crema"));
        command.args(["serve", "--log", "off", "--addr", &addr.to_string()]).arg("--data").arg(data);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("Links work once") {
            line.clear();
            assert!(out.read_line(&mut line).unwrap() > 0, "the bar did not open");
        }
        Self { child, _out: out }
    }

    /// SIGKILL: nothing is finished, nothing is said.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bar_killed_again_and_again_under_robots_loses_nothing_and_doubles_nothing() {
    let kills = kills();
    let orders = kills * (FURTHER + 10);
    let addr = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap();
    let house = House::at(addr);
    let mut program = Program::serve(&house.data, addr);
    let robots = Arc::new(Robots::hire(&house.robots(orders)).await.unwrap());
    let at_work = Arc::clone(&robots);
    let working = tokio::spawn(async move { at_work.work(&CancellationToken::new()).await });
    for _ in 0..kills {
        until(&robots, robots.finished() + u64::from(1 + getrandom::u32().unwrap() % FURTHER)).await;
        program.kill();
        program = Program::serve(&house.data, addr);
    }
    all_finished(u64::from(orders), working.await.unwrap());

    let staff = house.token(Role::Manager).await;
    let shown: (Display, Barista) = (house.see("display", &staff).await, house.see("barista", &staff).await);
    program.kill();
    let log = whole_log(&house.data).await;
    assert!(log.iter().map(|recorded| recorded.position).eq(1..=log.len() as u64));
    assert_eq!(collected(&log), usize::try_from(orders).unwrap());
    let mut numbers: Vec<u32> = log.iter().filter_map(|recorded| number(&recorded.event)).collect();
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(1..=orders), "each number once");
    assert_eq!(folded(&log), shown);
}

fn number(event: &Event) -> Option<u32> {
    if let Event::NumberGiven(event) = event { Some(event.number) } else { None }
}

async fn whole_log(data: &Path) -> Vec<Recorded> {
    let store = Sqlite::open(&data.join("crema.db")).await.unwrap();
    let mut log: Vec<Recorded> = Vec::new();
    loop {
        let after = log.last().map_or(0, |recorded| recorded.position);
        let page = store.events_after(&demo(), after, 10_000).await.unwrap();
        if page.is_empty() {
            return log;
        }
        log.extend(page);
    }
}
