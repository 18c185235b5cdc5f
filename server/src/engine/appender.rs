//! The appender: one task per node writes the units of all shops, many in one commit.

use std::sync::Arc;
use std::time::Duration;

use domain::ids::ShopId;
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

use crate::engine::EngineDeps;
use crate::engine::upkeep::Upkeep;
use crate::store::{Error, Outcome, ShopBatch, Snapshot, Writer};

/// Units taken into one commit.
const MAX_COMMIT_UNITS: usize = 64;

/// How the shops reach the appender. It works until the last of these is gone.
#[derive(Clone)]
pub(super) struct Appender {
    jobs: mpsc::Sender<Job>,
}

enum Job {
    Append { unit: ShopBatch, done: oneshot::Sender<Result<Outcome, AppendError>> },
    Save { shop: ShopId, of: Arc<str>, saved: Snapshot },
    Sweep { before: i64, done: oneshot::Sender<Result<u64, Error>> },
}

/// Nothing was written; the shop decides again.
#[derive(Clone, Copy, Debug)]
pub(super) struct AppendError;

impl Appender {
    pub(super) async fn start(deps: &Arc<EngineDeps>, tasks: &TaskTracker) -> Result<Self, Error> {
        let writer = deps.store.writer().await?;
        let (jobs, queue) = mpsc::channel(MAX_COMMIT_UNITS);
        tasks.spawn(work(Upkeep::new(deps), writer, queue));
        Ok(Self { jobs })
    }

    /// Writes a unit; resolves when it is durable or certainly not written.
    pub(super) async fn append(&self, unit: ShopBatch) -> Result<Outcome, AppendError> {
        let (done, outcome) = oneshot::channel();
        self.jobs.send(Job::Append { unit, done }).await.map_err(|_| AppendError)?;
        outcome.await.map_err(|_| AppendError)?
    }

    /// Deletes up to 500 receipts older than `before` (milliseconds since 1970) between two commits; returns how many.
    pub(super) async fn sweep(&self, before: i64) -> Result<u64, Error> {
        let (done, swept) = oneshot::channel();
        // An appender that is gone deletes nothing; the next start does.
        if self.jobs.send(Job::Sweep { before, done }).await.is_err() {
            return Ok(0);
        }
        swept.await.unwrap_or(Ok(0))
    }

    /// Writes a state down soon, the shop's own or an extension's; the log has everything, so nobody waits for it.
    pub(super) async fn save(&self, shop: ShopId, of: Arc<str>, saved: Snapshot) {
        // An appender that is gone has said why.
        let _ = self.jobs.send(Job::Save { shop, of, saved }).await;
    }
}

async fn work(mut upkeep: Upkeep, mut writer: Box<dyn Writer>, mut queue: mpsc::Receiver<Job>) {
    let mut jobs = Vec::with_capacity(MAX_COMMIT_UNITS);
    while queue.recv_many(&mut jobs, MAX_COMMIT_UNITS).await > 0 {
        let (mut units, mut dones) = (Vec::new(), Vec::new());
        for job in jobs.drain(..) {
            match job {
                Job::Append { unit, done } => {
                    units.push(unit);
                    dones.push(done);
                }
                Job::Save { shop, of, saved } => save(&mut *writer, &shop, &of, &saved).await,
                Job::Sweep { before, done } => {
                    let _ = done.send(writer.sweep(before).await);
                }
            }
        }
        if units.is_empty() {
            continue;
        }
        let outcomes = append(&mut *writer, &units).await;
        for (index, done) in dones.into_iter().enumerate() {
            let _ = done.send(outcomes.as_ref().map(|outcomes| outcomes[index]).map_err(|failed| *failed));
        }
        upkeep.after(&mut *writer, units.iter().map(|unit| unit.events.len()).sum()).await;
    }
}

async fn append(writer: &mut dyn Writer, units: &[ShopBatch]) -> Result<Vec<Outcome>, AppendError> {
    resolve_append(writer.append(units).await).await
}

/// What is left to decide of an append that failed: nothing, or to decide again.
pub(super) async fn resolve_append<T>(appended: Result<T, Error>) -> Result<T, AppendError> {
    match appended {
        Ok(outcome) => Ok(outcome),
        Err(Error::Unknown(error)) => {
            // Written or not? Only a start from the log can tell, and nobody was answered.
            tracing::error!(error = &*error as &dyn std::error::Error, "a commit ended in the unknown: stopping");
            #[expect(clippy::disallowed_methods, reason = "nothing in memory may be trusted or written any more")]
            std::process::exit(70);
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "nothing could be written");
            // A full disk does not empty itself in a millisecond: do not spin on it.
            tokio::time::sleep(Duration::from_millis(100)).await;
            Err(AppendError)
        }
    }
}

async fn save(writer: &mut dyn Writer, shop: &ShopId, of: &str, saved: &Snapshot) {
    if let Err(error) = writer.save(shop, of, saved).await {
        tracing::warn!(%shop, of, error = &error as &dyn std::error::Error, "the state was not written down");
    }
}
