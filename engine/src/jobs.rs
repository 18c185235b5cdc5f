//! Periodic background work, driven by the clock of the program.

use std::error::Error;
use std::sync::Arc;

use domain::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::error_field;

/// The runner of periodic jobs. Each job has a task of its own, so a slow job delays no other.
pub struct Jobs {
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Jobs {
    /// A runner without jobs, under this clock.
    pub fn new(clock: &Arc<dyn Clock>) -> Self {
        Self { clock: Arc::clone(clock), stop: CancellationToken::new(), tasks: TaskTracker::new() }
    }

    /// Runs `job` now and again `period_seconds` after the start of each run. The job gets the current time and returns
    /// how many rows it has changed. A failed run is logged; the next one tries again.
    pub fn every<J, R, E>(&self, name: &'static str, period_seconds: u32, job: J)
    where
        J: Fn(Instant) -> R + Send + 'static,
        R: Future<Output = Result<u64, E>> + Send,
        E: Error + 'static,
    {
        let (clock, stop) = (Arc::clone(&self.clock), self.stop.clone());
        self.tasks.spawn(stop.run_until_cancelled_owned(async move {
            loop {
                let started = clock.now();
                match job(started).await {
                    Ok(0) => {}
                    Ok(rows) => tracing::debug!(job = name, rows, "job finished"),
                    Err(error) => {
                        tracing::warn!(job = name, error = error_field(&error), "job failed; will retry");
                    }
                }
                clock.sleep_until(started.plus_seconds(period_seconds)).await;
            }
        }));
    }

    /// Cancels every job between two awaits and returns once all have ended.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
