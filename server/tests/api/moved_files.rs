//! The database under a running program: moved, deleted or replaced, and commands that must not create one.

use std::fs;
use std::path::Path;

use axum::http::StatusCode;
use domain::event::Event;

use crate::harness::{Browser, TempDir, read_demo_log};
use crate::restart::program::{ServerProcess, run_command};

/// What happens to the files of a running program.
#[derive(Clone, Copy, Debug)]
enum Accident {
    FolderMoved,
    FolderDeleted,
    DatabaseReplaced,
    LogDeleted,
}

impl Accident {
    const ALL: [Self; 4] = [Self::FolderMoved, Self::FolderDeleted, Self::DatabaseReplaced, Self::LogDeleted];

    fn happen(self, data: &Path) {
        match self {
            Self::FolderMoved => fs::rename(data, data.with_extension("moved")).unwrap(),
            Self::FolderDeleted => fs::remove_dir_all(data).unwrap(),
            Self::DatabaseReplaced => {
                let copy = data.join("copy.db");
                fs::copy(data.join("crema.db"), &copy).unwrap();
                fs::rename(copy, data.join("crema.db")).unwrap();
            }
            Self::LogDeleted => fs::remove_file(data.join("crema.db-wal")).unwrap(),
        }
    }
}

/// A running program with a manager and a link that nobody has redeemed.
async fn start(folder: &TempDir) -> (ServerProcess, Browser, String) {
    let data = folder.path().join("data");
    let log = fs::File::create(folder.path().join("stderr")).unwrap();
    let program = ServerProcess::serve_with_log(&data, "error", log).await;
    let manager = Browser::new(program.addr);
    manager.redeem_link(program.link("office")).await;
    let link = program.link("display").to_owned();
    (program, manager, link)
}

fn stderr(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join("stderr")).unwrap()
}

#[tokio::test]
async fn a_command_after_the_files_were_moved_or_deleted_is_refused_and_the_program_ends() {
    for accident in Accident::ALL {
        let folder = TempDir::new();
        let (program, manager, _) = start(&folder).await;
        manager.command("store/close", &[]).await.expect_ok();
        accident.happen(&folder.path().join("data"));
        let refused = manager.command("store/open", &[]).await;
        assert_eq!(
            (refused.status, refused.slug().as_str()),
            (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            "{accident:?}"
        );
        assert!(!program.wait_for_exit().await.success(), "{accident:?}");
        let stderr = stderr(&folder);
        assert!(stderr.contains("was moved, deleted or replaced while the program ran"), "{accident:?}: {stderr}");
        assert!(stderr.contains(folder.path().join("data/crema.db").to_str().unwrap()), "{accident:?}: {stderr}");
    }
}

#[tokio::test]
async fn a_link_is_not_redeemed_after_the_files_were_moved() {
    let folder = TempDir::new();
    let (program, _, link) = start(&folder).await;
    Accident::FolderMoved.happen(&folder.path().join("data"));
    let refused = Browser::new(program.addr).post(&format!("/enter/{link}"), &[]).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!program.wait_for_exit().await.success());
    assert!(!folder.path().join("data").exists(), "nothing is created at the old place");
}

#[tokio::test]
async fn a_moved_folder_has_everything_that_was_answered() {
    let folder = TempDir::new();
    let (program, manager, _) = start(&folder).await;
    manager.command("store/close", &[]).await.expect_ok();
    let data = folder.path().join("data");
    Accident::FolderMoved.happen(&data);
    manager.command("store/open", &[]).await;
    assert!(!program.wait_for_exit().await.success());

    let log = read_demo_log(&data.with_extension("moved")).await;
    assert!(matches!(log.last().unwrap().event, Event::StoreClosed(_)), "only the answered command is in the log");
}

#[tokio::test]
async fn token_and_link_create_neither_a_database_nor_its_folder() {
    let folder = TempDir::new();
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    for data in [empty.clone(), folder.path().join("absent")] {
        for command in ["token", "link"] {
            let refused = run_command(&data, &[command, "--role", "barista"]).await.unwrap_err();
            let database = data.join("crema.db").display().to_string();
            assert!(refused.contains(&format!("there is no {database}")), "{refused}");
            assert!(refused.contains("--data"), "{refused}");
        }
    }
    assert_eq!(fs::read_dir(&empty).unwrap().count(), 0);
    assert!(!folder.path().join("absent").exists());
    // A folder that had a bar is not a new bar.
    let data = folder.path().join("data");
    ServerProcess::serve(&data).await.signal("KILL");
    for name in ["crema.db", "crema.db-wal", "crema.db-shm"] {
        fs::remove_file(data.join(name)).unwrap();
    }
    let refused = run_command(&data, &["token", "--role", "barista"]).await.unwrap_err();
    assert!(refused.contains("there is no"), "{refused}");
    assert!(!data.join("crema.db").exists());
}
