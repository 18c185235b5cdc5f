//! One hosted extension: its manifest, its current worker and its status per shop.

use std::collections::HashMap;
use std::sync::Arc;

use domain::extension::Manifest;
use domain::ids::ShopId;
use parking_lot::Mutex;

use crate::worker::Worker;

/// Maximum hanging workers per extension. A hanging thread cannot be stopped, so it is never reclaimed.
const MAX_LOST_WORKERS: u32 = 3;

/// An extension with the state shared by its feeds.
pub(super) struct HostedExtension {
    pub(super) manifest: Manifest,
    worker_state: Mutex<WorkerState>,
    statuses: Mutex<HashMap<ShopId, ExtensionStatus>>,
}

struct WorkerState {
    worker: Option<Arc<Worker>>,
    lost_workers: u32,
}

/// Status of an extension in a shop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExtensionStatus {
    /// Log position of the last delivered event.
    pub position: u64,
    /// Number of events skipped after repeated failures.
    pub skipped: u64,
    /// Number of emissions dropped because they exceeded a limit.
    pub dropped: u64,
    /// The last run failed and no event has been delivered since.
    pub failing: bool,
    /// Stopped after repeated failures. Restarts only when switched off and on.
    pub stopped: bool,
}

impl HostedExtension {
    /// Starts the worker.
    ///
    /// # Errors
    /// The operating system cannot start a thread.
    pub(super) fn new(manifest: Manifest) -> std::io::Result<Self> {
        let worker = Some(Arc::new(Worker::start(manifest.name)?));
        Ok(Self {
            manifest,
            worker_state: Mutex::new(WorkerState { worker, lost_workers: 0 }),
            statuses: Mutex::default(),
        })
    }

    /// The current worker. `None` after too many hanging workers or if a replacement could not be started.
    pub(super) fn worker(&self) -> Option<Arc<Worker>> {
        self.worker_state.lock().worker.clone()
    }

    /// Replaces a hanging worker. Does nothing if another feed has replaced it already.
    pub(super) fn replace_worker(&self, hanging: &Arc<Worker>) {
        let mut worker_state = self.worker_state.lock();
        if !worker_state.worker.as_ref().is_some_and(|worker| Arc::ptr_eq(worker, hanging)) {
            return;
        }
        worker_state.lost_workers += 1;
        let (extension, lost_workers) = (self.manifest.name, worker_state.lost_workers);
        tracing::error!(extension, lost_workers, "extension worker timed out; abandoning its thread");
        worker_state.worker =
            (lost_workers < MAX_LOST_WORKERS).then(|| Worker::start(extension).ok().map(Arc::new)).flatten();
    }

    /// The status in a shop. All zero before the first run.
    pub(super) fn status(&self, shop: &ShopId) -> ExtensionStatus {
        self.statuses.lock().get(shop).copied().unwrap_or_default()
    }

    /// Changes the status in a shop under the lock.
    pub(super) fn update_status(&self, shop: &ShopId, update: impl FnOnce(&mut ExtensionStatus)) {
        update(self.statuses.lock().entry(shop.clone()).or_default());
    }
}
