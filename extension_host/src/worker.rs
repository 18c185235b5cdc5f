//! Worker thread of one extension. Runs jobs one at a time; callers wait with a timeout.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use domain::extension::Extension;
use domain::ids::ShopId;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// Capacity of the job channel.
const JOB_QUEUE_CAPACITY: usize = 32;

/// Timeout of a call, including its time in the queue. A worker that exceeds it counts as hanging.
const CALL_TIMEOUT: Duration = Duration::from_secs(2);

/// The extension instances by shop.
type Instances = HashMap<ShopId, Box<dyn Extension>>;

type WorkerJob = Box<dyn FnOnce(&mut Instances) + Send>;

/// Handle of a worker thread. The thread ends when the last handle is dropped, unless it hangs.
#[derive(Debug)]
pub(super) struct Worker(mpsc::Sender<WorkerJob>);

/// Why a job did not complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WorkerError {
    /// The job panicked and the shop's instance was dropped. It can restart from its bookmark.
    Panicked,
    /// The thread hangs or has ended. The instances of all shops on it are lost.
    TimedOut,
}

/// Access to the instance of one shop.
pub(super) struct InstanceSlot<'a> {
    instances: &'a mut Instances,
    shop: &'a ShopId,
}

impl InstanceSlot<'_> {
    /// The instance, if there is one.
    pub(super) fn get(&mut self) -> Option<&mut dyn Extension> {
        self.instances.get_mut(self.shop).map(|instance| &mut **instance as &mut dyn Extension)
    }

    /// Replaces the instance, or removes it for `None`.
    pub(super) fn put(&mut self, extension: Option<Box<dyn Extension>>) {
        match extension {
            Some(extension) => self.instances.insert(self.shop.clone(), extension),
            None => self.instances.remove(self.shop),
        };
    }
}

impl Worker {
    /// Starts a worker thread with this name.
    ///
    /// # Errors
    /// The operating system cannot start a thread.
    pub(super) fn start(name: &str) -> std::io::Result<Self> {
        let (jobs, mut queue) = mpsc::channel::<WorkerJob>(JOB_QUEUE_CAPACITY);
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            let mut instances = Instances::new();
            while let Some(job) = queue.blocking_recv() {
                job(&mut instances);
            }
        })?;
        Ok(Self(jobs))
    }

    /// Runs a job with the instance of a shop and returns its result.
    ///
    /// # Errors
    /// The job panicked, or did not complete within [`CALL_TIMEOUT`].
    pub(super) async fn call<T: Send + 'static>(
        &self,
        shop: &ShopId,
        job: impl FnOnce(&mut InstanceSlot<'_>) -> T + Send + 'static,
    ) -> Result<T, WorkerError> {
        let (job, reply) = job_with_reply(shop, job);
        let result = timeout(CALL_TIMEOUT, async {
            self.0.send(job).await.map_err(|_| WorkerError::TimedOut)?;
            reply.await.map_err(|_| WorkerError::TimedOut)?
        });
        result.await.unwrap_or(Err(WorkerError::TimedOut))
    }

    /// Like [`Self::call`], but returns `None` on failure or at once if the queue is full. Page requests use it so that
    /// they never delay events.
    pub(super) async fn try_call<T: Send + 'static>(
        &self,
        shop: &ShopId,
        job: impl FnOnce(&mut InstanceSlot<'_>) -> T + Send + 'static,
    ) -> Option<T> {
        let (job, reply) = job_with_reply(shop, job);
        self.0.try_send(job).ok()?;
        timeout(CALL_TIMEOUT, reply).await.ok()?.ok()?.ok()
    }
}

/// Wraps a job for the worker and returns the receiver of its result.
fn job_with_reply<T: Send + 'static>(
    shop: &ShopId,
    job: impl FnOnce(&mut InstanceSlot<'_>) -> T + Send + 'static,
) -> (WorkerJob, oneshot::Receiver<Result<T, WorkerError>>) {
    let (sender, reply) = oneshot::channel();
    let shop = shop.clone();
    let job: WorkerJob = Box::new(move |instances| {
        // Unwind safety: a panic drops the instance.
        let result = catch_unwind(AssertUnwindSafe(|| job(&mut InstanceSlot { instances, shop: &shop })));
        if result.is_err() {
            // The instance's `drop` may panic, too.
            let _ = catch_unwind(AssertUnwindSafe(|| instances.remove(&shop)));
        }
        // The receiver is gone if the caller timed out.
        let _ = sender.send(result.map_err(|_| WorkerError::Panicked));
    });
    (job, reply)
}
