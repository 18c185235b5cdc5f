//! Robots against a real server: every order ends across restarts, and the log folds to the views.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use domain::access::Role;
use domain::event::{Event, Recorded};
use domain::extension::Manifest;
use domain::ids::ShopId;
use domain::order::Step;
use domain::redact::{Topic, redact};
use domain::view::View;
use domain::view::barista::Barista;
use domain::view::display::Display;
use domain::view::ordering::Ordering;
use engine::clock::{Clock, ManualClock};
use engine::store::Store;
use protocol::frame::Snapshot;
use robot::{Error, Robots, Summary};
use serde::de::DeserializeOwned;
use server::Server;
use server::cli::{RobotArgs, RobotAuth};
use server::config::Settings;
use server::control::{PassKind, PassRequest};
use server::identity::secret::Secret;
use store::Sqlite;
use store::StoreUrl;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

#[path = "postgres/cluster.rs"]
mod cluster;
#[path = "robot/crash.rs"]
mod crash;
#[path = "robot/extensions.rs"]
mod extensions;
#[path = "api/harness/test_extensions.rs"]
#[expect(dead_code, reason = "the API tests use the other extensions")]
mod test_extensions;

/// Start time of the test clock. A code window begins at this instant.
const MORNING: &str = "2026-11-21T10:00:00.000Z";

/// A server that can be stopped and started again at the same address.
struct TestServer {
    data: PathBuf,
    /// URL of the store if the log is not in the data folder.
    store: Option<StoreUrl>,
    clock: Arc<ManualClock>,
    addr: SocketAddr,
    running: Option<(CancellationToken, JoinHandle<Result<(), server::Error>>)>,
}

impl TestServer {
    async fn start() -> Self {
        Self::start_with(Vec::new()).await
    }

    /// Starts a server with these extensions.
    async fn start_with(extensions: Vec<Manifest>) -> Self {
        // The executor is global: another test of this process may have set it already.
        let _ = any_spawner::Executor::init_tokio();
        let mut server = Self::with_addr(([127, 0, 0, 1], 0).into());
        server.serve_with(extensions).await;
        server
    }

    /// Uses a new data folder and this address, without starting a server.
    fn with_addr(addr: SocketAddr) -> Self {
        let data = std::env::temp_dir().join(format!("crema-robot-{}", Uuid::now_v7()));
        let clock = Arc::new(ManualClock::new(MORNING.parse().unwrap()));
        Self { data, store: None, clock, addr, running: None }
    }

    fn settings(&self) -> Settings {
        Settings { addr: self.addr, data: self.data.clone(), store: self.store.clone(), ..Settings::default() }
    }

    async fn serve(&mut self) {
        self.serve_with(Vec::new()).await;
    }

    async fn serve_with(&mut self, extensions: Vec<Manifest>) {
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let app = Server::open(&self.settings(), clock, extensions).await.unwrap();
        let listener = TcpListener::bind(self.addr).await.unwrap();
        self.addr = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        self.running = Some((stop.clone(), tokio::spawn(app.serve(listener, stop))));
    }

    async fn stop(&mut self) {
        let (stop, task) = self.running.take().unwrap();
        stop.cancel();
        task.await.unwrap().unwrap();
    }

    async fn token(&self, role: Role) -> Secret {
        let request = PassRequest { make: PassKind::Token, shop: demo(), role };
        server::issue_pass(&self.settings(), &request, &*self.clock).await.unwrap().secret
    }

    /// Arguments for robots that issue their token from the data folder.
    fn robots(&self, orders: u32) -> RobotArgs {
        let server = format!("http://{}", self.addr).parse().unwrap();
        let auth = RobotAuth { token: None, data: Some(self.data.clone()) };
        RobotArgs { server, auth, shop: demo(), orders, rate: 0.0, linger: 0.0, as_guests: false }
    }

    fn guests(&self, orders: u32) -> RobotArgs {
        RobotArgs { as_guests: true, ..self.robots(orders) }
    }

    async fn view<V: DeserializeOwned>(&self, view: &str, token: &Secret) -> V {
        let line = format!("GET /s/demo/view/{view}");
        let snapshot: Snapshot<V> = serde_json::from_str(&self.request(&line, token, "").await.1).unwrap();
        snapshot.view
    }

    /// Sends a request and returns status and body.
    async fn request(&self, line: &str, token: &Secret, form: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.addr).await.unwrap();
        let request = format!(
            "{line} HTTP/1.0\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\n\r\n{form}",
            token.reveal(),
            form.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// Stops the server and reads its log.
    async fn log(&mut self) -> Vec<Recorded> {
        self.stop().await;
        let store = Sqlite::open(&self.data.join("crema.db")).await.unwrap();
        let log = store.events_after(&demo(), 0, 10_000).await.unwrap();
        store.close().await.unwrap();
        log
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.data);
    }
}

fn demo() -> ShopId {
    "demo".parse().unwrap()
}

async fn run_robots(args: &RobotArgs) -> (Summary, Result<(), Error>) {
    let robots = Arc::new(server::robot_command::connect(args).await.unwrap());
    robots.work(&CancellationToken::new()).await
}

/// Waits until this many orders have been collected.
async fn wait_until_finished(robots: &Robots, finished: u64) {
    let counting = async {
        while robots.finished() < finished {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), counting).await.expect("timed out waiting for finished orders");
}

fn assert_all_finished(orders: u64, (summary, outcome): (Summary, Result<(), Error>)) -> Summary {
    assert!(outcome.is_ok(), "{outcome:?}\n{summary}");
    assert_eq!((summary.finished, summary.started), (orders, orders), "{summary}");
    summary
}

/// Counts the orders of the log and checks that each was claimed once and collected once.
fn count_collected(log: &[Recorded]) -> usize {
    let of = |kind: fn(&Event) -> bool| {
        let mut orders: Vec<_> = log.iter().filter(|r| kind(&r.event)).filter_map(|r| r.event.order()).collect();
        orders.sort_unstable();
        orders
    };
    let started = of(|event| matches!(event, Event::NewOrder(_)));
    assert!(started.windows(2).all(|two| two[0] != two[1]));
    assert_eq!(started, of(|event| matches!(event, Event::OrderClaimed(_))));
    assert_eq!(started, of(|event| matches!(event, Event::OrderFinished(end) if end.outcome == Step::Collected)));
    started.len()
}

/// The views of the three screens. The phone is that of a guest without orders.
#[derive(Debug, Default, PartialEq)]
struct Views {
    display: Display,
    barista: Barista,
    ordering: Ordering,
}

impl Views {
    /// Loads the views from the server.
    async fn load(server: &TestServer, staff: &Secret) -> Self {
        Self {
            display: server.view("display", staff).await,
            barista: server.view("barista", staff).await,
            ordering: server.view("ordering", staff).await,
        }
    }

    /// Folds a log into the views.
    fn fold(log: &[Recorded]) -> Self {
        let mut views = Self::default();
        for recorded in log {
            views.barista.apply(Topic::Staff, recorded);
            if let Some(seen) = redact(recorded, Topic::Public.audience()) {
                views.display.apply(Topic::Public, &seen);
                views.ordering.apply(Topic::Public, &seen);
            }
        }
        views
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_and_guests_complete_all_orders_and_the_log_folds_to_the_views() {
    let mut server = TestServer::start().await;
    let robots = assert_all_finished(40, run_robots(&server.robots(40)).await);
    assert_eq!((robots.numbers.range, robots.retries), (Some((1, 40)), 0));
    let guests = assert_all_finished(8, run_robots(&server.guests(8)).await);
    assert_eq!(guests.numbers.range, Some((41, 48)));
    let staff = server.token(Role::Manager).await;
    let views = Views::load(&server, &staff).await;
    assert!(views.display.rows.is_empty() && views.barista.cards.is_empty() && views.ordering.bar.queue.is_empty());
    assert_eq!(views.display.tokens_left(MORNING.parse().unwrap()), 2);

    let log = server.log().await;
    assert_eq!(count_collected(&log), 48);
    assert_eq!(Views::fold(&log), views);
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_wait_for_the_next_code_when_all_drinks_of_one_are_taken() {
    let mut server = TestServer::start().await;
    let robots = Arc::new(server::robot_command::connect(&server.guests(12)).await.unwrap());
    let stop = CancellationToken::new();
    let (done, ()) = tokio::join!(robots.work(&stop), async {
        wait_until_finished(&robots, 10).await;
        server.clock.advance(Duration::from_mins(5));
    });
    assert_all_finished(12, done);
    assert_eq!(count_collected(&server.log().await), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_carry_on_when_the_server_comes_back() {
    let mut server = TestServer::start().await;
    let args = RobotArgs { rate: 100.0, ..server.robots(100) };
    let robots = Arc::new(server::robot_command::connect(&args).await.unwrap());
    let worker = Arc::clone(&robots);
    let work = tokio::spawn(async move { worker.work(&CancellationToken::new()).await });
    wait_until_finished(&robots, 10).await;
    server.stop().await;
    assert!(!work.is_finished());
    server.serve().await;
    assert_all_finished(100, work.await.unwrap());
    assert_eq!(count_collected(&server.log().await), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_role_is_refused() {
    let server = TestServer::start().await;
    for (args, given) in [(server.robots(3), Role::Display), (server.robots(3), Role::Barista)]
        .into_iter()
        .chain([(server.guests(3), Role::Display), (server.guests(3), Role::Robot)])
    {
        let auth = RobotAuth { token: Some(server.token(given).await), data: None };
        let (summary, outcome) = run_robots(&RobotArgs { auth, ..args }).await;
        assert!(matches!(outcome, Err(Error::WrongRole { .. })), "{given}: {outcome:?}");
        assert_eq!(summary.finished, 0);
    }
    let auth = RobotAuth { token: Some("ct_AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap()), data: None };
    let (_, outcome) = run_robots(&RobotArgs { auth, ..server.robots(1) }).await;
    assert!(matches!(outcome, Err(Error::TokenInvalid { .. })), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_with_a_closed_stdout_end_without_an_error() {
    let mut server = TestServer::start().await;
    let gone = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    // The rate is low enough that progress is written to stderr at least once.
    for (rate, stderr) in [("0", Stdio::piped()), ("1.5", gone())] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crema"));
        command.args(["robot", "--server", &format!("http://{}", server.addr), "--orders", "3", "--rate", rate]);
        command.arg("--data").arg(&server.data).stdout(gone()).stderr(stderr);
        let robot = command.spawn().unwrap();
        let output = tokio::task::spawn_blocking(|| robot.wait_with_output().unwrap()).await.unwrap();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    }
    assert_eq!(count_collected(&server.log().await), 6);
}
