//! Key files and the log that they belong to: wrong keys, keys without a shop, and data from before fingerprints.

use std::fs;
use std::path::PathBuf;

use domain::view::display::Display;
use protocol::frame::Opening;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use store::AnyStore;

use crate::cluster::Cluster;
use crate::harness::{TempDir, TestInstallation};
use crate::restart::program::{ServerProcess, run_command};

fn key(installation: &TestInstallation, shop: &str) -> PathBuf {
    installation.folder.path().join(format!("keys/shop-{shop}.key"))
}

/// The error of a start; panics if it succeeds.
async fn start_error(installation: &TestInstallation) -> String {
    let opened = server::Server::open(&installation.settings(), installation.clock.clone(), Vec::new()).await;
    opened.err().expect("the start must be refused").to_string()
}

async fn execute(installation: &TestInstallation, text: &str) {
    let file = installation.folder.path().join("crema.db");
    let mut database = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(text.to_owned())).execute(&mut database).await.unwrap();
    database.close().await.unwrap();
}

#[tokio::test]
async fn a_start_with_a_random_or_another_shops_key_names_file_and_shop() {
    let installation = TestInstallation::new();
    installation.add_shops(&["demo", "south"]).await;
    let installation = installation.start().await.stop().await;
    let right = fs::read(key(&installation, "demo")).unwrap();
    let another = fs::read(key(&installation, "south")).unwrap();
    for wrong in [vec![7; 32], another, vec![7; 31], Vec::new()] {
        fs::write(key(&installation, "demo"), &wrong).unwrap();
        let error = start_error(&installation).await;
        let expected = format!("{} is not the key of shop demo", key(&installation, "demo").display());
        assert!(error.contains(&expected) && error.contains("restore it from the key backup"), "{error}");
        let added = run_command(installation.folder.path(), &["shop", "add", "--shop", "west", "--name", "West"]).await;
        assert!(added.unwrap_err().contains(&expected), "a local command checks the keys too");
        assert_eq!(fs::read(key(&installation, "demo")).unwrap(), wrong, "a wrong key is not replaced");
    }
    fs::write(key(&installation, "demo"), right).unwrap();
    installation.start().await.stop().await;
}

#[tokio::test]
async fn data_without_fingerprints_is_adopted_at_the_next_start() {
    let installation = TestInstallation::new().start().await.stop().await;
    execute(&installation, "update head set key_fingerprint = null").await;
    let installation = installation.start().await.stop().await;
    fs::write(key(&installation, "demo"), [7; 32]).unwrap();
    assert!(start_error(&installation).await.contains("is not the key of shop demo"));
}

#[tokio::test]
async fn a_second_node_with_another_key_does_not_start() {
    let Some(cluster) = Cluster::find() else { return };
    let url = cluster.database().await;
    let first = TestInstallation::with_store(url.clone()).start().await;
    let second = TestInstallation::with_store(url);
    fs::create_dir(second.folder.path().join("keys")).unwrap();
    fs::write(key(&second, "demo"), [7; 32]).unwrap();
    assert!(start_error(&second).await.contains("is not the key of shop demo"));
    // With the key of the first node, a code of one is served by the other.
    fs::copy(key(&first.installation, "demo"), key(&second, "demo")).unwrap();
    let second = second.start().await;
    let code = first.qr_code().await;
    assert!(second.new_browser().get(&format!("/q/{code}")).await.status.is_success());
    let shown: Opening<Display> = second.display.get("/s/demo/display").await.page().opening();
    assert!(shown.asides.code.is_some());
    second.stop().await;
    first.stop().await;
}

#[tokio::test]
async fn a_key_without_its_shop_in_the_log_refuses_the_start() {
    let folder = TempDir::new();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    let program = ServerProcess::serve(&data).await;
    program.signal("KILL");
    program.wait_for_exit().await;
    // The events are still in the write-ahead log, which is not copied.
    fs::create_dir_all(copy.join("keys")).unwrap();
    fs::copy(data.join("keys/shop-demo.key"), copy.join("keys/shop-demo.key")).unwrap();
    fs::copy(data.join("crema.db"), copy.join("crema.db")).unwrap();
    let serve = ["serve", "--addr", "127.0.0.1:0"];
    let error = run_command(&copy, &serve).await.unwrap_err();
    let file = copy.join("keys/shop-demo.key").display().to_string();
    assert!(error.contains(&format!("{file} is the key of shop demo, which is not in the log")), "{error}");
    fs::remove_file(copy.join("crema.db")).unwrap();
    assert!(run_command(&copy, &serve).await.unwrap_err().contains("which is not in the log"));
    // With its write-ahead log the copy is complete.
    fs::copy(data.join("crema.db"), copy.join("crema.db")).unwrap();
    fs::copy(data.join("crema.db-wal"), copy.join("crema.db-wal")).unwrap();
    drop(ServerProcess::serve(&copy).await);
}

#[tokio::test]
async fn a_shop_whose_creation_was_interrupted_does_not_prevent_a_start() {
    let installation = TestInstallation::new();
    // Killed between the key and the first commit.
    let keys = server::identity::keys::KeyFolder::open(installation.folder.path()).unwrap();
    keys.shop(&"demo".parse().unwrap()).unwrap();
    let installation = installation.start().await.stop().await;
    assert!(key(&installation, "demo").exists());
    // Killed between the first commit and the end of the creation.
    fs::rename(key(&installation, "demo"), key(&installation, "demo").with_extension("pending")).unwrap();
    let installation = installation.start().await.stop().await;
    assert!(key(&installation, "demo").exists());
    // A refused creation leaves no key that would prevent the next start.
    let refused = ["shop", "add", "--shop", "west", "--name", " "];
    run_command(installation.folder.path(), &refused).await.unwrap_err();
    let installation = installation.start().await.stop().await;
    AnyStore::open(installation.folder.path(), None).await.unwrap().close().await.unwrap();
}
