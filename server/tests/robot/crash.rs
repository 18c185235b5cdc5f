//! Crash tests: processes are killed at random times under load, and the log stays complete.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use domain::access::Role;
use domain::event::{Event, Recorded};
use robot::{Error, Robots, Summary};
use server::identity::secret::Secret;
use store::AnyStore;
use store::StoreUrl;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::cluster::Cluster;
use super::{TestServer, Views, assert_all_finished, count_collected, demo, wait_until_finished};

/// Number of kills. `CREMA_KILLS=200` selects the long form.
fn kill_count() -> u32 {
    std::env::var("CREMA_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(20)
}

/// Maximum number of orders between two kills.
const MAX_ORDERS_BETWEEN_KILLS: u32 = 50;

/// `crema serve` as a separate process.
struct ServerProcess {
    child: Child,
    /// Keeps stdout open: the process exits when it cannot write.
    _out: BufReader<ChildStdout>,
}

impl ServerProcess {
    fn serve(server: &TestServer) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crema"));
        command.args(["serve", "--log", "off", "--addr", &server.addr.to_string()]).arg("--data").arg(&server.data);
        if let Some(store) = &server.store {
            command.env("CREMA_STORE", store.reveal());
        }
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("Links work once") {
            line.clear();
            assert!(out.read_line(&mut line).unwrap() > 0, "the server did not start");
        }
        Self { child, _out: out }
    }

    /// Sends SIGKILL.
    fn kill(self) {
        drop(self);
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // A failed test leaves no process behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_repeatedly_under_load_loses_and_duplicates_nothing() {
    let mut run = RobotRun::start(None, order_count(kill_count())).await;
    for _ in 0..kill_count() {
        run.wait_for_more_orders().await;
        run.kill();
        run.serve();
    }
    run.finish().await.check(order_count(kill_count())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_and_its_database_killed_repeatedly_lose_and_duplicate_nothing() {
    let Some(cluster) = Cluster::find() else { return };
    let mut run = RobotRun::start(Some(cluster.database().await), order_count(kill_count())).await;
    for n in 0..kill_count() {
        run.wait_for_more_orders().await;
        match n % 3 {
            0 => {
                run.kill();
                run.serve();
            }
            // The server stays up and answers commands with a retry time.
            1 => {
                cluster.kill();
                cluster.start();
            }
            _ => {
                cluster.kill();
                run.kill();
                cluster.start();
                run.serve();
            }
        }
    }
    run.finish().await.check(order_count(kill_count())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_nodes_on_one_database_survive_random_kills_without_loss_or_duplicates() {
    let Some(cluster) = Cluster::find() else { return };
    let url = cluster.database().await;
    // Three nodes run three times the robots, so half of the kills are enough.
    let (kills, orders) = (kill_count().div_ceil(2), order_count(kill_count().div_ceil(6)));
    let mut runs = vec![RobotRun::start(Some(url.clone()), orders).await];
    let manager = runs[0].server.token(Role::Manager).await;
    let (status, answer) =
        runs[0].server.request("POST /api/store/limits", &manager, "shop=demo&change[room]=1000").await;
    assert_eq!(status, 200, "{answer}");
    for _ in 0..2 {
        let server = RobotRun::new_server(Some(url.clone())).await;
        std::fs::create_dir_all(server.data.join("keys")).unwrap();
        std::fs::copy(runs[0].server.data.join("keys/shop-demo.key"), server.data.join("keys/shop-demo.key")).unwrap();
        runs.push(RobotRun::start_on(server, orders).await);
    }
    for _ in 0..kills {
        let any = usize::try_from(getrandom::u32().unwrap() % 3).unwrap();
        let other = &runs[(any + 1) % 3];
        if !other.work.is_finished() {
            other.wait_for_more_orders().await;
        }
        runs[any].kill();
        runs[any].serve();
    }
    let mut finished_runs = Vec::new();
    for run in runs {
        finished_runs.push(run.finish().await);
    }
    // All robots are done; each node has to catch up with the events of the others.
    let log = read_whole_log(&finished_runs[0].server).await;
    for finished_run in &finished_runs {
        let agreed = async { while finished_run.views().await != Views::fold(&log) {} };
        tokio::time::timeout(Duration::from_secs(10), agreed)
            .await
            .expect("timed out waiting for the other nodes' events");
    }
    finished_runs.remove(0).check(3 * orders).await;
}

/// Robots that work against a server while tests kill it.
struct RobotRun {
    server: TestServer,
    program: Option<ServerProcess>,
    robots: Arc<Robots>,
    orders: u32,
    work: JoinHandle<(Summary, Result<(), Error>)>,
}

impl RobotRun {
    async fn start(store: Option<StoreUrl>, orders: u32) -> Self {
        Self::start_on(Self::new_server(store).await, orders).await
    }

    /// Reserves an address without starting a server.
    async fn new_server(store: Option<StoreUrl>) -> TestServer {
        let addr = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap();
        let mut server = TestServer::with_addr(addr);
        server.store = store;
        server
    }

    async fn start_on(server: TestServer, orders: u32) -> Self {
        let program = Some(ServerProcess::serve(&server));
        let robots = Arc::new(server::robot_command::connect(&server.robots(orders)).await.unwrap());
        let worker = Arc::clone(&robots);
        let work = tokio::spawn(async move { worker.work(&CancellationToken::new()).await });
        Self { server, program, robots, orders, work }
    }

    /// Waits until a random number of further orders is finished.
    async fn wait_for_more_orders(&self) {
        let more = u64::from(1 + getrandom::u32().unwrap() % MAX_ORDERS_BETWEEN_KILLS);
        wait_until_finished(&self.robots, (self.robots.finished() + more).min(self.orders.into())).await;
    }

    fn kill(&mut self) {
        self.program.take().unwrap().kill();
    }

    fn serve(&mut self) {
        self.program = Some(ServerProcess::serve(&self.server));
    }

    /// Waits until all orders are collected.
    async fn finish(self) -> FinishedRun {
        assert_all_finished(u64::from(self.orders), self.work.await.unwrap());
        let staff = self.server.token(Role::Manager).await;
        FinishedRun { server: self.server, program: self.program.unwrap(), staff }
    }
}

/// A running server after all robots are done.
struct FinishedRun {
    server: TestServer,
    program: ServerProcess,
    staff: Secret,
}

impl FinishedRun {
    /// Loads the views of all screens.
    async fn views(&self) -> Views {
        Views::load(&self.server, &self.staff).await
    }

    /// Checks that the log has every order once with its own number and folds to the views.
    async fn check(self, orders: u32) {
        let views = self.views().await;
        self.program.kill();
        let log = read_whole_log(&self.server).await;
        assert!(log.iter().map(|recorded| recorded.position).eq(1..=log.len() as u64));
        assert_eq!(count_collected(&log), usize::try_from(orders).unwrap());
        let mut numbers: Vec<u32> = log.iter().filter_map(|recorded| number(&recorded.event)).collect();
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(1..=orders), "numbers must be consecutive and unique");
        assert_eq!(Views::fold(&log), views);
    }
}

fn order_count(kills: u32) -> u32 {
    kills * (MAX_ORDERS_BETWEEN_KILLS + 10)
}

fn number(event: &Event) -> Option<u32> {
    if let Event::NumberGiven(event) = event { Some(event.number) } else { None }
}

async fn read_whole_log(server: &TestServer) -> Vec<Recorded> {
    let store = AnyStore::open(&server.data, server.store.as_ref()).await.unwrap().port();
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
