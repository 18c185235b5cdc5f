//! A PostgreSQL server for tests, started by `tools/postgres.sh`, with one database for each test.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock};

use sqlx::{Connection, PgConnection};
use store::Postgres;
use store::StoreUrl;
use tokio::sync::OnceCell;
use uuid::Uuid;

/// With this variable, a test fails where PostgreSQL is missing.
const REQUIRED_VAR: &str = "CREMA_TEST_POSTGRES";

/// Runs until this value is dropped or this process ends.
pub(crate) struct Cluster {
    /// The folder of the server's socket.
    folder: String,
    /// Stdin and stdout of the script: commands and their results.
    control: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    /// Set once the template database with all tables exists.
    template: OnceCell<()>,
    _child: Child,
}

impl Cluster {
    /// True if PostgreSQL is installed. Otherwise the calling test has nothing to check, and names itself in the output,
    /// past the capture. `make test` installs PostgreSQL and sets [`REQUIRED_VAR`].
    #[expect(clippy::explicit_write, reason = "`eprintln!` is captured and shown for failed tests only")]
    pub(crate) fn is_available() -> bool {
        static IS_INSTALLED: OnceLock<bool> = OnceLock::new();
        let is_required = std::env::var_os(REQUIRED_VAR).is_some();
        if is_required || *IS_INSTALLED.get_or_init(|| run_tool(&["--find"]).wait().unwrap().success()) {
            return true;
        }
        let thread = std::thread::current();
        let test = thread.name().unwrap_or("a test");
        writeln!(std::io::stderr(), "{test}: left to `make test`, because it needs PostgreSQL").unwrap();
        false
    }

    /// Starts a server of its own; `None` if PostgreSQL is not available.
    pub(crate) fn find() -> Option<Self> {
        Self::is_available().then(Self::new)
    }

    pub(crate) fn new() -> Self {
        let mut child = run_tool(&[]);
        let mut control = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let Some(folder) = read_line(&mut control.1) else {
            let output = child.wait_with_output().unwrap();
            panic!("PostgreSQL did not start: {}", String::from_utf8_lossy(&output.stderr));
        };
        Self { folder, control: Mutex::new(control), template: OnceCell::new(), _child: child }
    }

    /// Kills the server without a shutdown, as a power failure does.
    pub(crate) fn kill(&self) {
        self.send_command("kill");
    }

    /// Starts the server again on the same data.
    pub(crate) fn start(&self) {
        self.send_command("start");
    }

    fn send_command(&self, word: &str) {
        let (to, from) = &mut *self.control.lock().unwrap();
        writeln!(to, "{word}").unwrap();
        assert_eq!(read_line(from).as_deref(), Some("done"));
    }

    /// The URL of a database, which need not exist.
    pub(crate) fn url(&self, database: &str) -> StoreUrl {
        format!("postgres://postgres@localhost/{database}?host={}", self.folder).into()
    }

    /// Creates an empty database with all tables and returns its URL.
    pub(crate) async fn database(&self) -> StoreUrl {
        let template = async {
            self.execute_sql("create database template_of_crema").await;
            Postgres::open(&self.url("template_of_crema")).await.unwrap().close().await;
        };
        self.template.get_or_init(|| template).await;
        let name = format!("crema_{}", Uuid::now_v7().simple());
        self.execute_sql(&format!("create database {name} template template_of_crema")).await;
        self.url(&name)
    }

    /// Executes a statement as superuser.
    pub(crate) async fn execute_sql(&self, statement: &str) {
        let mut db = PgConnection::connect(self.url("postgres").reveal()).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut db).await.unwrap();
    }
}

fn run_tool(arguments: &[&str]) -> Child {
    let mut tool = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tools/postgres.sh"));
    tool.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn read_line(from: &mut BufReader<ChildStdout>) -> Option<String> {
    let mut line = String::new();
    (from.read_line(&mut line).unwrap() > 0).then(|| line.trim_end().to_owned())
}
