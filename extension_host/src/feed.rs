//! Feed of one extension in one shop: starts and restarts its runs and limits failures.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use engine::read_model::Update;

use crate::feed_context::{FeedContext, RestartReason};
use crate::run::ExtensionRun;
use crate::worker::{Worker, WorkerError};

/// Consecutive failures after which an event is skipped or, outside of event handling, the extension is stopped.
const MAX_FAILURES: u32 = 3;

/// Base delay before a restart. Multiplied by the number of consecutive failures plus one.
const RESTART_DELAY: Duration = Duration::from_millis(200);

/// Why a feed stopped.
enum StopReason {
    SwitchedOff,
    Shutdown,
}

/// Consecutive failures and skipped events of a feed.
#[derive(Default)]
struct FailureCounter {
    /// Position of the event that failed last, or 0 for a failure outside of event handling.
    at: u64,
    count: u32,
    skipped: Vec<u64>,
}

impl FeedContext {
    /// Runs the extension whenever it is switched on, until shutdown.
    pub(super) async fn run(self) {
        loop {
            tokio::select! {
                () = self.wait_until_switched(true) => {}
                () = self.stop.cancelled() => return,
            }
            self.hosted_extension.update_status(self.read_model.shop(), |status| status.stopped = false);
            match self.run_with_restarts().await {
                StopReason::SwitchedOff => {}
                StopReason::Shutdown => return,
            }
        }
    }

    /// Returns once the extension's on/off state equals `on`.
    async fn wait_until_switched(&self, on: bool) {
        loop {
            let (currently_on, mut updates) = self
                .read_model
                .subscribe(|read_state| read_state.state.shop.is_extension_on(self.hosted_extension.manifest.name));
            if currently_on == on {
                return;
            }
            while matches!(updates.recv().await, Ok(Update::Name { .. })) {}
        }
    }

    /// Restarts failed runs until the extension is switched off or the server shuts down.
    async fn run_with_restarts(&self) -> StopReason {
        let (shop, manifest) = (self.read_model.shop(), &self.hosted_extension.manifest);
        let mut failures = FailureCounter::default();
        loop {
            let Some(worker) = self.hosted_extension.worker() else { return self.stop_after_failures().await };
            let current_event = Arc::new(AtomicU64::new(0));
            let start_position = self.hosted_extension.status(shop).position;
            let error = match self.run_once(&worker, &current_event, &failures.skipped).await {
                Ok(reason) => return reason,
                Err(RestartReason::LogUnavailable) => None,
                Err(RestartReason::WorkerFailed(error)) => Some(error),
            };
            if let Some(error) = error {
                let at = current_event.load(Ordering::Relaxed);
                if error == WorkerError::TimedOut {
                    self.hosted_extension.replace_worker(&worker);
                }
                self.hosted_extension.update_status(shop, |status| status.failing = true);
                let position = self.hosted_extension.status(shop).position;
                failures.record_failure(at, position > start_position);
                let (extension, count) = (manifest.name, failures.count);
                tracing::error!(extension, %shop, at, failures = count, ?error, "extension worker failed");
                if failures.count >= MAX_FAILURES && at == 0 {
                    return self.stop_after_failures().await;
                }
                if failures.count >= MAX_FAILURES {
                    failures.skipped.push(at);
                    failures.count = 0;
                    self.hosted_extension.update_status(shop, |status| status.skipped += 1);
                }
            }
            tokio::select! {
                () = tokio::time::sleep(RESTART_DELAY * (failures.count + 1)) => {}
                () = self.stop.cancelled() => return StopReason::Shutdown,
            }
        }
    }

    /// Waits until the stopped extension is switched off or the server shuts down.
    async fn stop_after_failures(&self) -> StopReason {
        let (shop, extension) = (self.read_model.shop(), self.hosted_extension.manifest.name);
        tracing::error!(extension, %shop, "extension stopped after repeated failures; switch it off and on to restart");
        self.hosted_extension.update_status(shop, |status| status.stopped = true);
        tokio::select! {
            () = self.wait_until_switched(false) => StopReason::SwitchedOff,
            () = self.stop.cancelled() => StopReason::Shutdown,
        }
    }

    /// One run from the bookmark until the extension is switched off or the server shuts down.
    async fn run_once(
        &self,
        worker: &Arc<Worker>,
        current_event: &Arc<AtomicU64>,
        skipped: &[u64],
    ) -> Result<StopReason, RestartReason> {
        let mut run = ExtensionRun::begin(self, worker, current_event).await?;
        run.run(skipped).await?;
        run.save().await?;
        worker.call(self.read_model.shop(), |slot| slot.put(None)).await?;
        Ok(if self.stop.is_cancelled() { StopReason::Shutdown } else { StopReason::SwitchedOff })
    }
}

impl FailureCounter {
    /// Counts a failure at an event position, or at 0 outside of event handling. Progress or another position resets
    /// the count.
    fn record_failure(&mut self, at: u64, has_moved: bool) {
        self.count = if self.at == at && !has_moved { self.count + 1 } else { 1 };
        self.at = at;
    }
}
