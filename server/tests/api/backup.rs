//! `crema backup`, its restoration, and a write-ahead log that has lost acknowledged events.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use domain::view::barista::Barista;

use crate::harness::{Browser, TempDir, new_order};
use crate::restart::program::{ServerProcess, run_command};

async fn walk_in(script: &Browser, name: &str) {
    let order = new_order().to_string();
    script.command("orders/walk_in", &[("order", &order), ("drink", "mocha"), ("name", name)]).await.expect_ok();
}

async fn script(data: &Path, program: &ServerProcess) -> Browser {
    let token = run_command(data, &["token", "--role", "barista"]).await.unwrap();
    Browser::with_token(program.addr, token.trim().to_owned())
}

async fn orders(script: &Browser) -> usize {
    script.view::<Barista>("barista").await.view.incoming().count()
}

fn copy_keys(from: &Path, to: &Path) {
    fs::create_dir_all(to.join("keys")).unwrap();
    fs::copy(from.join("keys/shop-demo.key"), to.join("keys/shop-demo.key")).unwrap();
}

#[tokio::test]
async fn a_backup_of_a_running_bar_is_restored_with_its_keys() {
    let folder = TempDir::new();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    let program = ServerProcess::serve(&data).await;
    let bar = script(&data, &program).await;
    walk_in(&bar, "Ada").await;
    let output = run_command(&data, &["backup", copy.to_str().unwrap()]).await.unwrap();
    assert!(output.starts_with(copy.join("crema.db").to_str().unwrap()), "{output}");
    assert!(output.contains(data.join("keys").to_str().unwrap()), "{output}");
    let files: Vec<_> = fs::read_dir(&copy).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["crema.db"], "one file, without keys");
    assert_eq!(fs::metadata(copy.join("crema.db")).unwrap().permissions().mode() & 0o777, 0o600);
    let again = run_command(&data, &["backup", copy.to_str().unwrap()]).await.unwrap_err();
    assert!(again.contains("exists already: give a new folder"), "{again}");
    walk_in(&bar, "Grace").await;
    assert_eq!(orders(&bar).await, 2, "the bar goes on");
    program.signal("TERM");
    program.wait_for_exit().await;

    let offline = folder.path().join("offline");
    run_command(&data, &["backup", offline.to_str().unwrap()]).await.unwrap();
    for (restored, expected) in [(&copy, 1), (&offline, 2)] {
        let serve = ["serve", "--addr", "127.0.0.1:0"];
        let refused = run_command(restored, &serve).await.unwrap_err();
        assert!(refused.contains("its key file"), "{refused}");
        copy_keys(&data, restored);
        let program = ServerProcess::serve(restored).await;
        let bar = bar.with_addr(program.addr);
        assert_eq!(orders(&bar).await, expected);
        bar.get("/s/demo/barista").await.page().assert_text("for Ada");
        walk_in(&bar, "Lin").await;
    }
}

#[tokio::test]
async fn a_backup_without_a_database_creates_nothing() {
    let folder = TempDir::new();
    let data = folder.path().join("absent");
    let copy = folder.path().join("copy");
    let refused = run_command(&data, &["backup", copy.to_str().unwrap()]).await.unwrap_err();
    assert!(refused.contains("there is no"), "{refused}");
    assert!(!data.exists() && !copy.exists());
}

#[tokio::test]
async fn a_start_says_that_a_damaged_write_ahead_log_has_lost_events_and_goes_on() {
    let folder = TempDir::new();
    let data = folder.path().join("data");
    let stderr = folder.path().join("stderr");
    let start = async || {
        let log = fs::File::create(&stderr).unwrap();
        ServerProcess::serve_with_log(&data, "error", log).await
    };
    let program = start().await;
    program.signal("TERM");
    program.wait_for_exit().await;
    let program = start().await;
    let bar = script(&data, &program).await;
    for name in ["Ada", "Grace", "Lin"] {
        walk_in(&bar, name).await;
    }
    let cursor = bar.view::<Barista>("barista").await.cursor;
    program.signal("KILL");
    program.wait_for_exit().await;
    // Only the last commits are damaged.
    let wal = data.join("crema.db-wal");
    let length = fs::metadata(&wal).unwrap().len();
    fs::OpenOptions::new().write(true).open(&wal).unwrap().set_len(length - 4096).unwrap();

    let program = start().await;
    let said = fs::read_to_string(&stderr).unwrap();
    assert!(said.contains("acknowledged events are missing at the end of the log"), "{said}");
    assert!(said.contains(data.join("crema.db").to_str().unwrap()), "{said}");
    let bar = bar.with_addr(program.addr);
    assert_eq!(orders(&bar).await, 2);
    // The log does not continue what screens saw.
    let epoch = |cursor: &str| cursor.split('.').next().unwrap().to_owned();
    assert_ne!(epoch(&bar.view::<Barista>("barista").await.cursor), epoch(&cursor));
    walk_in(&bar, "Zoe").await;
    program.signal("KILL");
    program.wait_for_exit().await;
    // An undamaged log is not complained of, also after a kill.
    drop(start().await);
    assert_eq!(fs::read_to_string(&stderr).unwrap(), "");
}
