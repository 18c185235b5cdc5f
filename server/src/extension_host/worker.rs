//! The thread of one extension: it does one job after the other, and whoever gave it one waits only so long.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use domain::extension::Extension;
use domain::ids::ShopId;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// Jobs that may wait for the thread.
const JOB_QUEUE_CAPACITY: usize = 32;

/// How long a job may take, its wait for the thread with it, before the thread is taken for lost.
const CALL_TIMEOUT: Duration = Duration::from_secs(2);

/// The extension as it is in each shop.
type Instances = HashMap<ShopId, Box<dyn Extension>>;

type Job = Box<dyn FnOnce(&mut Instances) + Send>;

/// A handle. The thread ends with the last of them, unless it hangs: nothing ends that.
#[derive(Debug)]
pub(super) struct Worker(mpsc::Sender<Job>);

/// Why a job was not done to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WorkerError {
    /// What it was in that shop is gone; it can begin again from its bookmark.
    Panicked,
    /// The thread is lost, with the extension of every shop on it.
    Hangs,
}

/// The slot of one shop, with the extension in it while it is there.
pub(super) struct Slot<'a> {
    instances: &'a mut Instances,
    shop: &'a ShopId,
}

impl Slot<'_> {
    pub(super) fn get(&mut self) -> Option<&mut dyn Extension> {
        self.instances.get_mut(self.shop).map(|it| &mut **it as &mut dyn Extension)
    }

    pub(super) fn put(&mut self, extension: Option<Box<dyn Extension>>) {
        match extension {
            Some(extension) => self.instances.insert(self.shop.clone(), extension),
            None => self.instances.remove(self.shop),
        };
    }
}

impl Worker {
    /// # Errors
    /// The system has no thread to give.
    pub(super) fn start(name: &str) -> std::io::Result<Self> {
        let (jobs, mut queue) = mpsc::channel::<Job>(JOB_QUEUE_CAPACITY);
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            let mut instances = Instances::new();
            while let Some(job) = queue.blocking_recv() {
                job(&mut instances);
            }
        })?;
        Ok(Self(jobs))
    }

    /// Has the thread do something with the extension of a shop.
    ///
    /// # Errors
    /// It panicked, and what it was there is gone; or the thread did not come to the end of it in time.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        shop: &ShopId,
        job: impl FnOnce(&mut Slot<'_>) -> T + Send + 'static,
    ) -> Result<T, WorkerError> {
        let (job, answer) = packed(shop, job);
        let waited = timeout(CALL_TIMEOUT, async {
            self.0.send(job).await.map_err(|_| WorkerError::Hangs)?;
            answer.await.map_err(|_| WorkerError::Hangs)?
        });
        waited.await.unwrap_or(Err(WorkerError::Hangs))
    }

    /// The same where nothing depends on it: while the thread has its hands full it is not done at all, so that
    /// whoever asks for a page a thousand times keeps no event waiting.
    pub(super) async fn spare<T: Send + 'static>(
        &self,
        shop: &ShopId,
        job: impl FnOnce(&mut Slot<'_>) -> T + Send + 'static,
    ) -> Option<T> {
        let (job, answer) = packed(shop, job);
        self.0.try_send(job).ok()?;
        timeout(CALL_TIMEOUT, answer).await.ok()?.ok()?.ok()
    }
}

/// A job for the thread, and where its result will be.
fn packed<T: Send + 'static>(
    shop: &ShopId,
    job: impl FnOnce(&mut Slot<'_>) -> T + Send + 'static,
) -> (Job, oneshot::Receiver<Result<T, WorkerError>>) {
    let (done, answer) = oneshot::channel();
    let shop = shop.clone();
    let job: Job = Box::new(move |instances| {
        // Whatever it left half done is thrown away with it.
        let result = catch_unwind(AssertUnwindSafe(|| job(&mut Slot { instances, shop: &shop })));
        if result.is_err() {
            // Its own end may panic as well.
            let _ = catch_unwind(AssertUnwindSafe(|| instances.remove(&shop)));
        }
        // Nobody waits for it any more: then it came too late.
        let _ = done.send(result.map_err(|_| WorkerError::Panicked));
    });
    (job, answer)
}
