//! Crash tests: processes are killed at random times under load, and the log stays complete.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use domain::access::Role;
use domain::event::{Event, Recorded};
use domain::view::barista::Barista;
use domain::view::display::Display;
use server::config::StoreUrl;
use server::identity::secret::Secret;
use server::robot::{Error, Robots, Summary};
use server::store::opened::Opened;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::cluster::Cluster;
use super::{House, all_finished, collected, demo, folded, until};

/// Number of kills. `CREMA_KILLS=200` selects the long form.
fn kills() -> u32 {
    std::env::var("CREMA_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(20)
}

/// Maximum number of orders between two kills.
const FURTHER: u32 = 50;

/// `crema serve` as a separate process.
struct Program {
    child: Child,
    /// Keeps stdout open: the process exits when it cannot write.
    _out: BufReader<ChildStdout>,
}

impl Program {
    fn serve(house: &House) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crema"));
        command.args(["serve", "--log", "off", "--addr", &house.addr.to_string()]).arg("--data").arg(&house.data);
        if let Some(store) = &house.store {
            command.env("CREMA_STORE", store.reveal());
        }
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("Links work once") {
            line.clear();
            assert!(out.read_line(&mut line).unwrap() > 0, "the bar did not open");
        }
        Self { child, _out: out }
    }

    /// Sends SIGKILL.
    fn kill(self) {
        drop(self);
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // A failed test leaves no process behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bar_killed_again_and_again_under_robots_loses_nothing_and_doubles_nothing() {
    let mut night = Night::begin(None, orders(kills())).await;
    for _ in 0..kills() {
        night.go_on().await;
        night.kill();
        night.serve();
    }
    night.end().await.check(orders(kills())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bar_and_its_database_killed_in_turn_and_together_lose_nothing_and_double_nothing() {
    let cluster = Cluster::new();
    let mut night = Night::begin(Some(cluster.database().await), orders(kills())).await;
    for n in 0..kills() {
        night.go_on().await;
        match n % 3 {
            0 => {
                night.kill();
                night.serve();
            }
            // The server stays up and answers commands with a retry time.
            1 => {
                cluster.kill();
                cluster.start();
            }
            _ => {
                cluster.kill();
                night.kill();
                cluster.start();
                night.serve();
            }
        }
    }
    night.end().await.check(orders(kills())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_three_programs_on_one_database_any_is_killed_and_nothing_is_lost_or_doubled() {
    let cluster = Cluster::new();
    let url = cluster.database().await;
    // Three nodes run three times the robots, so half of the kills are enough.
    let (kills, orders) = (kills().div_ceil(2), orders(kills().div_ceil(6)));
    let mut nights = vec![Night::begin(Some(url.clone()), orders).await];
    let manager = nights[0].house.token(Role::Manager).await;
    let (status, answer) = nights[0].house.ask("POST /api/store/limits", &manager, "shop=demo&change[room]=1000").await;
    assert_eq!(status, 200, "{answer}");
    for _ in 0..2 {
        let house = Night::house(Some(url.clone())).await;
        std::fs::create_dir_all(house.data.join("keys")).unwrap();
        std::fs::copy(nights[0].house.data.join("keys/shop-demo.key"), house.data.join("keys/shop-demo.key")).unwrap();
        nights.push(Night::at(house, orders).await);
    }
    for _ in 0..kills {
        let any = usize::try_from(getrandom::u32().unwrap() % 3).unwrap();
        let other = &nights[(any + 1) % 3];
        if !other.working.is_finished() {
            other.go_on().await;
        }
        nights[any].kill();
        nights[any].serve();
    }
    let mut mornings = Vec::new();
    for night in nights {
        mornings.push(night.end().await);
    }
    // All robots are done; each node has to catch up with the events of the others.
    let log = whole_log(&mornings[0].house).await;
    for morning in &mornings {
        let agreed = async { while morning.shown().await != folded(&log) {} };
        tokio::time::timeout(Duration::from_secs(10), agreed).await.expect("it never heard the others");
    }
    mornings.remove(0).check(3 * orders).await;
}

/// Robots that work against a server while tests kill it.
struct Night {
    house: House,
    program: Option<Program>,
    robots: Arc<Robots>,
    orders: u32,
    working: JoinHandle<(Summary, Result<(), Error>)>,
}

impl Night {
    async fn begin(store: Option<StoreUrl>, orders: u32) -> Self {
        Self::at(Self::house(store).await, orders).await
    }

    /// Reserves an address without starting a server.
    async fn house(store: Option<StoreUrl>) -> House {
        let addr = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap();
        let mut house = House::at(addr);
        house.store = store;
        house
    }

    async fn at(house: House, orders: u32) -> Self {
        let program = Some(Program::serve(&house));
        let robots = Arc::new(Robots::connect(&house.robots(orders)).await.unwrap());
        let at_work = Arc::clone(&robots);
        let working = tokio::spawn(async move { at_work.work(&CancellationToken::new()).await });
        Self { house, program, robots, orders, working }
    }

    /// Waits until a random number of further orders is finished.
    async fn go_on(&self) {
        let further = u64::from(1 + getrandom::u32().unwrap() % FURTHER);
        until(&self.robots, (self.robots.finished() + further).min(self.orders.into())).await;
    }

    fn kill(&mut self) {
        self.program.take().unwrap().kill();
    }

    fn serve(&mut self) {
        self.program = Some(Program::serve(&self.house));
    }

    /// Waits until all orders are collected.
    async fn end(self) -> Morning {
        all_finished(u64::from(self.orders), self.working.await.unwrap());
        let staff = self.house.token(Role::Manager).await;
        Morning { house: self.house, program: self.program.unwrap(), staff }
    }
}

/// A running server after all robots are done.
struct Morning {
    house: House,
    program: Program,
    staff: Secret,
}

impl Morning {
    /// Loads the display and barista views.
    async fn shown(&self) -> (Display, Barista) {
        (self.house.see("display", &self.staff).await, self.house.see("barista", &self.staff).await)
    }

    /// Checks that the log has every order once with its own number and folds to the views.
    async fn check(self, orders: u32) {
        let shown = self.shown().await;
        self.program.kill();
        let log = whole_log(&self.house).await;
        assert!(log.iter().map(|recorded| recorded.position).eq(1..=log.len() as u64));
        assert_eq!(collected(&log), usize::try_from(orders).unwrap());
        let mut numbers: Vec<u32> = log.iter().filter_map(|recorded| number(&recorded.event)).collect();
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(1..=orders), "each number once");
        assert_eq!(folded(&log), shown);
    }
}

fn orders(kills: u32) -> u32 {
    kills * (FURTHER + 10)
}

fn number(event: &Event) -> Option<u32> {
    if let Event::NumberGiven(event) = event { Some(event.number) } else { None }
}

async fn whole_log(house: &House) -> Vec<Recorded> {
    let store = Opened::open(&house.data, house.store.as_ref()).await.unwrap().port();
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
