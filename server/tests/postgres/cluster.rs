//! A PostgreSQL of the tests' own, started by `tools/postgres.sh`: a database for each test, gone when the tests end.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use server::config::StoreUrl;
use server::store::postgres::Postgres;
use sqlx::{Connection, PgConnection};
use tokio::sync::OnceCell;
use uuid::Uuid;

/// As long as this lives, and this process, whatever ends it.
pub(crate) struct Cluster {
    /// Of its socket.
    folder: String,
    /// What it is told, and what it answers.
    line: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    /// A database with all tables and nothing in them.
    template: OnceCell<()>,
    _child: Child,
}

impl Cluster {
    pub(crate) fn new() -> Self {
        let tool = concat!(env!("CARGO_MANIFEST_DIR"), "/../tools/postgres.sh");
        let mut command = Command::new(tool);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let Some(folder) = said(&mut line.1) else {
            let output = child.wait_with_output().unwrap();
            panic!("PostgreSQL did not start: {}", String::from_utf8_lossy(&output.stderr));
        };
        Self { folder, line: Mutex::new(line), template: OnceCell::new(), _child: child }
    }

    /// The power goes: nothing is finished, nothing is said.
    pub(crate) fn kill(&self) {
        self.tell("kill");
    }

    /// It comes back on the same data.
    pub(crate) fn start(&self) {
        self.tell("start");
    }

    fn tell(&self, word: &str) {
        let (to, from) = &mut *self.line.lock().unwrap();
        writeln!(to, "{word}").unwrap();
        assert_eq!(said(from).as_deref(), Some("done"));
    }

    /// Of a database that is there or not.
    pub(crate) fn url(&self, database: &str) -> StoreUrl {
        format!("postgres://postgres@localhost/{database}?host={}", self.folder).into()
    }

    /// An empty database, with the tables in it, and its address.
    pub(crate) async fn database(&self) -> StoreUrl {
        let template = async {
            self.say("create database template_of_crema").await;
            Postgres::open(&self.url("template_of_crema")).await.unwrap().close().await;
        };
        self.template.get_or_init(|| template).await;
        let name = format!("crema_{}", Uuid::now_v7().simple());
        self.say(&format!("create database {name} template template_of_crema")).await;
        self.url(&name)
    }

    /// Has a statement done by whoever may do anything.
    pub(crate) async fn say(&self, statement: &str) {
        let mut db = PgConnection::connect(self.url("postgres").reveal()).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut db).await.unwrap();
    }
}

fn said(from: &mut BufReader<ChildStdout>) -> Option<String> {
    let mut line = String::new();
    (from.read_line(&mut line).unwrap() > 0).then(|| line.trim_end().to_owned())
}
