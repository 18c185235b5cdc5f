//! What a start says about a database that it cannot use, and what it leaves alone.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use crate::harness::{TempDir, TestInstallation};
use crate::restart::program::run_command;

async fn connect(file: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(file).create_if_missing(true).connect().await.unwrap()
}

async fn execute(file: &Path, text: &str) {
    let mut database = connect(file).await;
    sqlx::raw_sql(AssertSqlSafe(text.to_owned())).execute(&mut database).await.unwrap();
    database.close().await.unwrap();
}

/// Starts the program on the folder and returns its error.
async fn start_error(data: &Path) -> String {
    run_command(data, &["serve", "--addr", "127.0.0.1:0", "--log", "error"]).await.unwrap_err()
}

/// An installation that has run and was stopped.
async fn used_installation() -> TestInstallation {
    TestInstallation::new().start().await.stop().await
}

fn assert_names_file_and_remedy(error: &str, file: &Path, words: &str) {
    assert!(error.contains(file.to_str().unwrap()), "{error}");
    assert!(error.contains(words), "{error}");
}

#[tokio::test]
async fn a_database_that_is_not_sqlite_is_named_with_the_way_out() {
    for content in ["no database at all\n".repeat(300), "short".to_owned()] {
        let folder = TempDir::new();
        let file = folder.path().join("crema.db");
        fs::write(&file, &content).unwrap();
        let error = start_error(folder.path()).await;
        assert_names_file_and_remedy(&error, &file, "is damaged or not a SQLite database: restore it from a backup");
        assert_eq!(fs::read_to_string(&file).unwrap(), content);
    }
}

#[tokio::test]
async fn a_damaged_database_is_named_with_the_way_out() {
    let installation = used_installation().await;
    let file = installation.folder.path().join("crema.db");
    let mut bytes = fs::read(&file).unwrap();
    // The header stays as it is, so the damage is found when pages are read.
    bytes[100..].fill(0xAA);
    fs::write(&file, &bytes).unwrap();
    let error = start_error(installation.folder.path()).await;
    assert_names_file_and_remedy(&error, &file, "restore it from a backup");
    assert_eq!(fs::read(&file).unwrap(), bytes);
}

#[tokio::test]
async fn a_database_with_a_damaged_log_table_is_named_with_the_way_out() {
    let installation = used_installation().await;
    let file = installation.folder.path().join("crema.db");
    let mut database = connect(&file).await;
    let root: i64 = sqlx::query_scalar("select rootpage from sqlite_master where name = 'snapshot'")
        .fetch_one(&mut database)
        .await
        .unwrap();
    database.close().await.unwrap();
    let mut bytes = fs::read(&file).unwrap();
    let page = usize::try_from(root - 1).unwrap() * 4096;
    bytes[page..page + 4096].fill(0xAA);
    fs::write(&file, bytes).unwrap();
    let error = start_error(installation.folder.path()).await;
    assert_names_file_and_remedy(&error, &file, "restore it from a backup");
}

#[tokio::test]
async fn an_unreadable_database_is_named_with_the_way_out() {
    let folder = TempDir::new();
    let file = folder.path().join("crema.db");
    fs::create_dir(&file).unwrap();
    let error = start_error(folder.path()).await;
    assert_names_file_and_remedy(
        &error,
        &file,
        "cannot be opened: it must be a file that this user may read and write",
    );
}

#[tokio::test]
async fn a_database_of_a_later_version_is_named_with_the_way_out() {
    let installation = used_installation().await;
    let file = installation.folder.path().join("crema.db");
    let later = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
                 values (9999, 'later', true, x'00', 0)";
    execute(&file, later).await;
    let error = start_error(installation.folder.path()).await;
    assert_names_file_and_remedy(&error, &file, "was written by a later version of crema: start that version");
}

#[tokio::test]
async fn a_foreign_sqlite_database_is_neither_used_nor_changed() {
    // A program with the names of our tables, one with other tables, and one that has marked its file.
    let foreign = [
        "create table head (id integer); create table event (id integer); create table _sqlx_migrations (version integer)",
        "create table bookmark (url text)",
        "pragma application_id = 252006674",
        "pragma application_id = 252006674; create table head (shop text, epoch text, position integer)",
    ];
    for text in foreign {
        let folder = TempDir::new();
        let file = folder.path().join("crema.db");
        execute(&file, &format!("{text}; pragma user_version = 7")).await;
        let before = fs::read(&file).unwrap();
        for command in [&["serve", "--addr", "127.0.0.1:0"][..], &["token", "--role", "barista"]] {
            let error = run_command(folder.path(), command).await.unwrap_err();
            assert_names_file_and_remedy(&error, &file, "is a database of another program");
            assert_eq!(fs::read(&file).unwrap(), before, "{text}");
        }
    }
}

#[tokio::test]
async fn a_database_from_before_the_application_id_is_adopted() {
    let installation = used_installation().await;
    let file = installation.folder.path().join("crema.db");
    let application_id = async || -> i64 {
        let mut database = connect(&file).await;
        sqlx::query_scalar("pragma application_id").fetch_one(&mut database).await.unwrap()
    };
    assert_eq!(application_id().await, 0x4352_4D41, "CRMA marks a new database");
    execute(&file, "pragma application_id = 0").await;
    let installation = installation.start().await.stop().await;
    assert_eq!(application_id().await, 0x4352_4D41);
    assert!(!installation.log().await.is_empty());
}

#[tokio::test]
async fn the_database_and_its_write_ahead_log_are_readable_by_the_owner_alone() {
    let server = TestInstallation::new().start().await;
    let data = server.installation.folder.path().to_owned();
    let modes = || {
        ["crema.db", "crema.db-wal", "crema.db-shm"]
            .map(|name| fs::metadata(data.join(name)).unwrap().permissions().mode() & 0o777)
    };
    assert_eq!(modes(), [0o600; 3]);
    // Files that were made readable for others are restricted at the next start.
    let installation = server.stop().await;
    fs::set_permissions(data.join("crema.db"), fs::Permissions::from_mode(0o644)).unwrap();
    let mut left = SqliteConnectOptions::new()
        .filename(data.join("crema.db"))
        .journal_mode(SqliteJournalMode::Wal)
        .connect()
        .await
        .unwrap();
    sqlx::query("select count(*) from head").execute(&mut left).await.unwrap();
    let server = installation.start().await;
    assert_eq!(modes(), [0o600; 3]);
    left.close().await.unwrap();
    server.stop().await;
}
