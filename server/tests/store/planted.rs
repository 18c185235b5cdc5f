//! Mutation test of the store suite: it runs again over stores with a planted fault and has to fail.

use std::process::Command;
use std::sync::Arc;

use engine::store::Store;

use super::cluster::Cluster;
use super::faulty_store::{FaultyStore, PLANTED_FAULTS};

/// Names the fault to plant in this run.
const FAULT_VAR: &str = "CREMA_TEST_FAULT";

/// Names the only store to test in this run.
const STORE_VAR: &str = "CREMA_TEST_STORE";

/// Returns whether this run tests the store.
pub(crate) fn is_selected(name: &str) -> bool {
    std::env::var(STORE_VAR).is_ok_and(|only| only == name) || std::env::var_os(STORE_VAR).is_none()
}

/// Plants the fault of this run in a store.
pub(crate) fn with_fault(store: Arc<dyn Store>) -> Arc<dyn Store> {
    let Ok(planted) = std::env::var(FAULT_VAR) else { return store };
    let (_, fault) = PLANTED_FAULTS.into_iter().find(|(name, _)| *name == planted).unwrap();
    Arc::new(FaultyStore::new(store, Some(fault)))
}

#[test]
fn each_planted_fault_fails_the_store_suite() {
    if std::env::var_os(FAULT_VAR).is_some() {
        return;
    }
    let stores: &[&str] = if Cluster::is_available() { &["sqlite", "postgres"] } else { &["sqlite"] };
    std::thread::scope(|all| {
        for store in stores {
            all.spawn(move || PLANTED_FAULTS.iter().for_each(|(fault, _)| assert_suite_fails(fault, store)));
        }
    });
}

fn assert_suite_fails(fault: &str, store: &str) {
    let mut suite = Command::new(std::env::current_exe().unwrap());
    // These modules do not test every store, so no fault is planted in them.
    suite.args(["--skip", "file::", "--skip", "database::", "--skip", "nodes::", "--skip", "written::"]);
    suite
        .args(["--skip", "passes::", "--skip", "schema::", "--skip", "subscription::", "--skip", "unknown::"])
        .env(FAULT_VAR, fault)
        .env(STORE_VAR, store);
    let output = suite.output().unwrap();
    let output_text = String::from_utf8_lossy(&output.stdout);
    assert!(
        !output.status.success() && output_text.contains("test result: FAILED"),
        "{fault} over {store}: {output_text}"
    );
    // A test that the fault does not concern still passes, so the failures come from the fault.
    let untouched = "test the_latest_snapshot_is_read ... ok";
    assert!(output_text.contains(untouched), "{fault} over {store}: {output_text}");
}
