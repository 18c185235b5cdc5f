//! Whether the suite would notice: it is run again over stores in which a fault is planted, and has to be red.

use std::process::Command;
use std::sync::Arc;

use server::store::Store;

use super::wrapped::{PLANTED, Wrapped};

/// Which fault is planted here.
const FAULT: &str = "CREMA_TEST_FAULT";

/// Which store alone is tried.
const STORE: &str = "CREMA_TEST_STORE";

/// Whether this run is about that store.
pub(crate) fn is_tried(name: &str) -> bool {
    std::env::var(STORE).is_ok_and(|only| only == name) || std::env::var_os(STORE).is_none()
}

/// The store, with the fault in it that this run is about.
pub(crate) fn with_fault(store: Arc<dyn Store>) -> Arc<dyn Store> {
    let Ok(planted) = std::env::var(FAULT) else { return store };
    let (_, fault) = PLANTED.into_iter().find(|(name, _)| *name == planted).unwrap();
    Arc::new(Wrapped::new(store, Some(fault)))
}

#[test]
fn each_planted_fault_turns_the_suite_red() {
    if std::env::var_os(FAULT).is_some() {
        return;
    }
    std::thread::scope(|all| {
        for store in ["sqlite", "postgres"] {
            all.spawn(move || PLANTED.iter().for_each(|(fault, _)| turns_red(fault, store)));
        }
    });
}

fn turns_red(fault: &str, store: &str) {
    let mut suite = Command::new(std::env::current_exe().unwrap());
    // What is not about every store sees no fault.
    suite.args(["--skip", "file::", "--skip", "database::", "--skip", "nodes::", "--skip", "written::"]);
    suite
        .args(["--skip", "passes::", "--skip", "schema::", "--skip", "subscription::", "--skip", "unknown::"])
        .env(FAULT, fault)
        .env(STORE, store);
    let output = suite.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success() && said.contains("test result: FAILED"), "{fault} over {store}: {said}");
    // It is red for that: a test that asks for nothing the fault breaks holds.
    let untouched = "test the_state_written_down_last_is_the_one_that_is_read ... ok";
    assert!(said.contains(untouched), "{fault} over {store}: {said}");
}
