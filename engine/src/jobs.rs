//! Periodic background work, driven by the clock of the program.

use std::error::Error;
use std::sync::Arc;

use domain::time::{CLOCK_TOLERANCE_SECONDS, Instant};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::error_field;

/// Time for which the clock must go on steadily before anything is deleted by it, in seconds: a clock that is wrong after
/// a start is corrected within that time, and what it has deleted does not come back.
const STEADY_SECONDS: u32 = 3600;

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

    /// Runs a job that deletes expired rows, `period_seconds` after the start of each run. The job gets the current time
    /// and returns how many rows it has deleted. A failed run is logged; the next one tries again.
    ///
    /// Runs begin when the clock has gone on steadily for an hour, and stop for an hour when it leaps.
    pub fn delete_every<J, R, E>(&self, name: &'static str, period_seconds: u32, job: J)
    where
        J: Fn(Instant) -> R + Send + 'static,
        R: Future<Output = Result<u64, E>> + Send,
        E: Error + 'static,
    {
        let (clock, stop) = (Arc::clone(&self.clock), self.stop.clone());
        let mut steadiness = Steadiness::from(clock.now());
        self.tasks.spawn(stop.run_until_cancelled_owned(async move {
            loop {
                let started = clock.now();
                if steadiness.observe(started, period_seconds) {
                    match job(started).await {
                        Ok(0) => {}
                        Ok(rows) => tracing::debug!(job = name, rows, "job finished"),
                        Err(error) => {
                            tracing::warn!(job = name, error = error_field(&error), "job failed; will retry");
                        }
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

/// Whether the clock goes on steadily, seen from the times of the runs of one job.
#[derive(Debug)]
struct Steadiness {
    since: Instant,
    last: Instant,
}

impl From<Instant> for Steadiness {
    fn from(now: Instant) -> Self {
        Self { since: now, last: now }
    }
}

impl Steadiness {
    /// Takes the time of a run that was due `period_seconds` after the last one. Returns whether the clock has been steady
    /// for [`STEADY_SECONDS`].
    fn observe(&mut self, now: Instant, period_seconds: u32) -> bool {
        let latest = self.last.plus_seconds(period_seconds).plus_seconds(CLOCK_TOLERANCE_SECONDS);
        if now < self.last || now > latest {
            tracing::warn!(from = %self.last, to = %now, "clock leapt; nothing is deleted by time for an hour");
            self.since = now;
        }
        self.last = now;
        now >= self.since.plus_seconds(STEADY_SECONDS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u32 = 60;

    fn second(n: u32) -> Instant {
        Instant(0).plus_seconds(n)
    }

    /// The times of runs, one a minute, of which the last lets a job delete.
    fn first_deletion(runs: impl IntoIterator<Item = u32>) -> Option<u32> {
        let mut steadiness = Steadiness::from(second(0));
        runs.into_iter().find(|run| steadiness.observe(second(*run), MINUTE))
    }

    #[test]
    fn nothing_is_deleted_within_an_hour_after_the_start() {
        assert_eq!(first_deletion((0..100).map(|n| n * MINUTE)), Some(3600));
    }

    #[test]
    fn nothing_is_deleted_within_an_hour_after_the_clock_leapt() {
        const DAYS: u32 = 30 * 86_400;
        let ahead = (0..50).chain(0..100).enumerate().map(|(run, n)| n * MINUTE + if run < 50 { 0 } else { DAYS });
        assert_eq!(first_deletion(ahead), Some(DAYS + 3600));
        let back = (0..50).map(|n| DAYS + n * MINUTE).chain((0..100).map(|n| n * MINUTE));
        assert_eq!(first_deletion(back), Some(3600));
    }

    #[test]
    fn small_corrections_of_the_clock_delay_nothing() {
        let corrected = (0..100).map(|n| n * MINUTE + if n < 30 { 0 } else { CLOCK_TOLERANCE_SECONDS });
        assert_eq!(first_deletion(corrected), Some(3600));
    }
}
