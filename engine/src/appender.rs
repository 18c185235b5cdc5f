//! The appender: one task per node that writes the batches of all shops in common commits.

use std::sync::Arc;
use std::time::Duration;

use domain::ids::ShopId;
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

use crate::EngineDeps;
use crate::error_field;
use crate::store::{Error, Outcome, ShopBatch, StoredSnapshot, Writer};
use crate::upkeep::Upkeep;

/// Largest number of batches in one commit, and capacity of the queue.
const MAX_COMMIT_BATCHES: usize = 64;

/// Pause after a failed write. A full disk does not recover at once, so an immediate retry would spin.
pub(super) const WRITE_RETRY_DELAY: Duration = Duration::from_millis(100);

/// A handle to the appender's task, which ends when the last handle is dropped.
#[derive(Clone)]
pub(super) struct Appender {
    jobs: mpsc::Sender<Job>,
}

enum Job {
    Append { batch: ShopBatch, done: oneshot::Sender<Result<Outcome, AppendError>> },
    Save { shop: ShopId, name: Arc<str>, snapshot: StoredSnapshot },
    Maintain { before: i64, done: oneshot::Sender<Result<u64, Error>> },
}

/// Nothing was written; the shop decides again.
#[derive(Clone, Copy, Debug)]
pub(super) struct AppendError;

impl Appender {
    /// Opens the writer and starts the task.
    ///
    /// # Errors
    /// The store cannot be reached.
    pub(super) async fn start(deps: &Arc<EngineDeps>, tasks: &TaskTracker) -> Result<Self, Error> {
        let writer = deps.store.writer().await?;
        let (jobs, queue) = mpsc::channel(MAX_COMMIT_BATCHES);
        tasks.spawn(run(Upkeep::new(deps), writer, queue));
        Ok(Self { jobs })
    }

    /// Writes a batch. Returns when it is durable, or certainly not written.
    ///
    /// # Errors
    /// Nothing was written.
    pub(super) async fn append(&self, batch: ShopBatch) -> Result<Outcome, AppendError> {
        let (done, outcome) = oneshot::channel();
        self.jobs.send(Job::Append { batch, done }).await.map_err(|_| AppendError)?;
        outcome.await.map_err(|_| AppendError)?
    }

    /// Deletes up to 500 receipts older than `before` (milliseconds since 1970) between two commits. Returns their
    /// number.
    ///
    /// # Errors
    /// The store cannot be written; no receipt was deleted.
    pub(super) async fn maintain(&self, before: i64) -> Result<u64, Error> {
        let (done, deleted) = oneshot::channel();
        // A stopped appender deletes nothing; the next start does.
        if self.jobs.send(Job::Maintain { before, done }).await.is_err() {
            return Ok(0);
        }
        deleted.await.unwrap_or(Ok(0))
    }

    /// Queues a snapshot and does not wait for the write: the log has everything, so a lost snapshot costs only time.
    pub(super) async fn save(&self, shop: ShopId, name: Arc<str>, snapshot: StoredSnapshot) {
        // A send fails only after the appender has stopped and logged the reason.
        let _ = self.jobs.send(Job::Save { shop, name, snapshot }).await;
    }
}

async fn run(mut upkeep: Upkeep, mut writer: Box<dyn Writer>, mut queue: mpsc::Receiver<Job>) {
    let mut jobs = Vec::with_capacity(MAX_COMMIT_BATCHES);
    while queue.recv_many(&mut jobs, MAX_COMMIT_BATCHES).await > 0 {
        let (mut batches, mut replies) = (Vec::new(), Vec::new());
        for job in jobs.drain(..) {
            match job {
                Job::Append { batch, done } => {
                    batches.push(batch);
                    replies.push(done);
                }
                Job::Save { shop, name, snapshot } => save(&mut *writer, &shop, &name, &snapshot).await,
                Job::Maintain { before, done } => {
                    let _ = done.send(writer.maintain(before).await);
                }
            }
        }
        if batches.is_empty() {
            continue;
        }
        let outcomes = map_append_error(writer.append(&batches).await).await;
        for (index, done) in replies.into_iter().enumerate() {
            let _ = done.send(outcomes.as_ref().map(|outcomes| outcomes[index]).map_err(|error| *error));
        }
        upkeep.after_commit(&mut *writer, batches.iter().map(|batch| batch.events.len()).sum()).await;
    }
}

/// Logs a failed append and delays the retry. Exits the process when the outcome of the commit is unknown.
pub(super) async fn map_append_error<T>(result: Result<T, Error>) -> Result<T, AppendError> {
    match result {
        Ok(outcome) => Ok(outcome),
        Err(Error::Unknown(error)) => {
            // Only a start from the log resolves the outcome. No request of the batch has been answered.
            tracing::error!(error = &*error as &dyn std::error::Error, "commit outcome unknown; exiting");
            #[expect(clippy::disallowed_methods, reason = "the state in memory may contradict the log")]
            std::process::exit(70);
        }
        Err(error) => {
            tracing::error!(error = error_field(&error), "append failed; will decide again");
            tokio::time::sleep(WRITE_RETRY_DELAY).await;
            Err(AppendError)
        }
    }
}

async fn save(writer: &mut dyn Writer, shop: &ShopId, name: &str, snapshot: &StoredSnapshot) {
    if let Err(error) = writer.save_snapshot(shop, name, snapshot).await {
        tracing::warn!(%shop, name, error = error_field(&error), "snapshot write failed");
    }
}
