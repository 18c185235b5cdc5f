//! Interrupted commits: the store resolves the outcome, or the process exits if it cannot.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use domain::access::Actor;
use domain::command::{Command as ShopCommand, StoreCommand};
use domain::hours::Hours;
use domain::limits::Limits;
use domain::menu::Menu;
use engine::clock::ManualClock;
use engine::store::{Error, Outcome, Store};
use engine::{CommandRequest, Engine};
use server::identity::keys::KeyFolder;
use store::AnyStore;
use store::Postgres;
use store::StoreUrl;

use super::faulty_store::{Fault, FaultyStore};
use super::proxy::CommitProxy;
use super::{NOON, SqliteDir, database_url, positions, receipt, shop, shop_batch};

#[tokio::test]
async fn a_commit_with_a_lost_response_is_reported_as_committed() {
    let Some(url) = database_url().await else { return };
    let proxy = CommitProxy::to(&url).await;
    let store = Postgres::open(&proxy.url()).await.unwrap();
    let mut writer = store.writer().await.unwrap();
    writer.append(&[shop_batch("east", 0, 1), shop_batch("south", 0, 1)]).await.unwrap();
    let batch = [shop_batch("west", 0, 2), shop_batch("east", 1, 2), shop_batch("east", 2, 1)];
    proxy.drop_next_commit_response();
    let outcomes = writer.append(&batch).await.unwrap();
    assert_eq!(outcomes, [Outcome::Committed, Outcome::Committed, Outcome::Conflict]);
    assert_eq!(proxy.dropped_commits(), 1);
    assert_eq!((positions(&store, "east").await, positions(&store, "west").await), (vec![1, 2, 3], vec![1, 2]));
    // The writer remains usable.
    assert_eq!(writer.append(&[shop_batch("east", 3, 1)]).await.unwrap(), [Outcome::Committed]);
}

#[tokio::test]
async fn a_commit_that_never_arrived_is_reported_as_unavailable() {
    let Some(url) = database_url().await else { return };
    let proxy = CommitProxy::to(&url).await;
    let store = Postgres::open(&proxy.url()).await.unwrap();
    let mut writer = store.writer().await.unwrap();
    writer.append(&[shop_batch("east", 0, 1)]).await.unwrap();
    let mut batch = [shop_batch("west", 0, 2), shop_batch("east", 1, 2)];
    batch[0].receipts.push(receipt("key", 0));
    proxy.drop_next_commit();
    let error = writer.append(&batch).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    assert_eq!(proxy.dropped_commits(), 1);
    assert_eq!((positions(&store, "east").await, positions(&store, "west").await), (vec![1], vec![]));
    // A second attempt writes the events once.
    assert_eq!(writer.append(&batch).await.unwrap(), [Outcome::Committed; 2]);
    assert_eq!((positions(&store, "east").await, positions(&store, "west").await), (vec![1, 2, 3], vec![1, 2]));
}

#[tokio::test]
async fn a_lost_commit_of_receipts_alone_is_resolved() {
    for reaches_server in [true, false] {
        let Some(url) = database_url().await else { return };
        let proxy = CommitProxy::to(&url).await;
        let store = Postgres::open(&proxy.url()).await.unwrap();
        let mut writer = store.writer().await.unwrap();
        writer.append(&[shop_batch("east", 0, 1)]).await.unwrap();
        let mut batch = shop_batch("east", 1, 0);
        batch.receipts.push(receipt("key", 0));
        if reaches_server {
            proxy.drop_next_commit_response();
            assert_eq!(writer.append(&[batch]).await.unwrap(), [Outcome::Committed]);
        } else {
            proxy.drop_next_commit();
            let error = writer.append(&[batch]).await.unwrap_err();
            assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
        }
        assert_eq!(store.receipt(&shop("east"), "key").await.unwrap().is_some(), reaches_server);
        assert_eq!(positions(&store, "east").await, [1]);
    }
}

#[tokio::test]
async fn an_append_under_the_head_lock_resolves_lost_commits() {
    for reaches_server in [true, false] {
        let Some(url) = database_url().await else { return };
        let proxy = CommitProxy::to(&url).await;
        let store = Postgres::open(&proxy.url()).await.unwrap();
        store.writer().await.unwrap().append(&[shop_batch("east", 0, 1)]).await.unwrap();
        let lock = store.lock_head(&shop("east")).await.unwrap().unwrap();
        if reaches_server {
            proxy.drop_next_commit_response();
            assert_eq!(lock.append(&shop_batch("east", 1, 1)).await.unwrap(), Outcome::Committed);
        } else {
            proxy.drop_next_commit();
            let error = lock.append(&shop_batch("east", 1, 1)).await.unwrap_err();
            assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
        }
        assert_eq!(positions(&store, "east").await.len(), 1 + usize::from(reaches_server));
    }
}

/// Environment variables that select the mode of the child process.
const DATA_VAR: &str = "CREMA_TEST_UNKNOWN_DATA";
const URL_VAR: &str = "CREMA_TEST_UNKNOWN_URL";
const COMMITTED_VAR: &str = "CREMA_TEST_UNKNOWN_WRITTEN";

/// The child process runs this test again.
#[tokio::test]
async fn an_unknown_commit_outcome_exits_the_process() {
    if let Some(data) = std::env::var_os(DATA_VAR) {
        let url = std::env::var(URL_VAR).ok().map(StoreUrl::from);
        let fault = if std::env::var_os(COMMITTED_VAR).is_some() {
            Fault::UnknownCommitted
        } else {
            Fault::UnknownNotCommitted
        };
        create_shop(Path::new(&data), url.as_ref(), fault).await;
        unreachable!("the process must exit before it answers");
    }
    for is_committed in [true, false] {
        let own_name = "unknown::an_unknown_commit_outcome_exits_the_process";
        for url in std::iter::once(None).chain(database_url().await.map(Some)) {
            let file = SqliteDir::new();
            let mut program = Command::new(std::env::current_exe().unwrap());
            program.args(["--exact", own_name]).env(DATA_VAR, &file.0);
            if let Some(url) = &url {
                program.env(URL_VAR, url.reveal());
            }
            if is_committed {
                program.env(COMMITTED_VAR, "1");
            }
            let output = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
            assert_eq!(output.status.code(), Some(70), "{output:?}");
            let store = AnyStore::open(&file.0, url.as_ref()).await.unwrap();
            assert_eq!(!positions(&*store.port(), "demo").await.is_empty(), is_committed);
        }
    }
}

/// Creates a shop; the outcome of its commit is unknown.
async fn create_shop(data: &Path, url: Option<&StoreUrl>, fault: Fault) {
    let store = AnyStore::open(data, url).await.unwrap();
    let store = Arc::new(FaultyStore::new(store.port(), Some(fault)));
    let keys = Arc::new(KeyFolder::open(data).unwrap());
    let engine = Engine::start(store, Arc::new(ManualClock::new(NOON)), keys).await.unwrap();
    engine.open(&shop("demo"), None).await.unwrap();
    let (menu, limits, hours) = (Menu::default(), Limits::default(), Hours::default());
    let command: ShopCommand = StoreCommand::Create { name: "Bar".to_owned(), menu, limits, hours }.into();
    let request = CommandRequest { actor: Actor::System, command, idempotency_key: None, name: None };
    let _ = engine.execute(&shop("demo"), request).await;
}
