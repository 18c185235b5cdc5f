//! What brings one extension the events of one shop, and takes back what it says.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::engine::Engine;
use crate::extension_host::hosted_extension::HostedExtension;
use crate::extension_host::run::ExtensionRun;
use crate::extension_host::worker::{Worker, WorkerError};
use crate::push::{ReadModel, Update};

/// Falls over one event before it is put aside, or at one place before the extension is given up.
const MAX_FAILURES: u32 = 3;

/// After a fall, times the falls so far.
const RESTART_DELAY: Duration = Duration::from_millis(200);

pub(super) struct Feed {
    pub(super) hosted_extension: Arc<HostedExtension>,
    pub(super) room: Arc<ReadModel>,
    pub(super) engine: Arc<Engine>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) stop: CancellationToken,
}

/// Why an extension is heard no longer.
enum StopReason {
    SwitchedOff,
    Stopped,
}

/// Why it has to begin anew.
pub(super) enum RestartReason {
    Fell(WorkerError),
    /// The log cannot be read just now.
    Unread,
}

impl From<WorkerError> for RestartReason {
    fn from(fallen: WorkerError) -> Self {
        Self::Fell(fallen)
    }
}

/// What it fell over, and how often.
#[derive(Default)]
struct FailureCounter {
    at: u64,
    count: u32,
    skipped: Vec<u64>,
}

impl Feed {
    pub(super) async fn follow(self) {
        loop {
            tokio::select! {
                () = self.switched(true) => {}
                () = self.stop.cancelled() => return,
            }
            self.hosted_extension.note(self.room.shop(), |standing| standing.given_up = false);
            match self.live_on().await {
                StopReason::SwitchedOff => {}
                StopReason::Stopped => return,
            }
        }
    }

    /// Whether it is switched off, or the program stops.
    pub(super) fn is_over(&self) -> bool {
        self.stop.is_cancelled() || !self.room.seen().state.shop.hears(self.hosted_extension.manifest.name)
    }

    /// Comes back when it is, or is no longer, on here.
    async fn switched(&self, on: bool) {
        loop {
            let (is_on, mut news) = self.room.join(|seen| seen.state.shop.hears(self.hosted_extension.manifest.name));
            if is_on == on {
                return;
            }
            while matches!(news.recv().await, Ok(Update::Name { .. })) {}
        }
    }

    /// One life after the other, until it is switched off or the program stops.
    async fn live_on(&self) -> StopReason {
        let (shop, manifest) = (self.room.shop(), &self.hosted_extension.manifest);
        let mut falls = FailureCounter::default();
        loop {
            let Some(worker) = self.hosted_extension.worker() else { return self.give_up().await };
            let hearing = Arc::new(AtomicU64::new(0));
            let begun_at = self.hosted_extension.standing(shop).heard;
            let fallen = match self.live(&worker, &hearing, &falls.skipped).await {
                Ok(left) => return left,
                Err(RestartReason::Unread) => None,
                Err(RestartReason::Fell(fallen)) => Some(fallen),
            };
            if let Some(fallen) = fallen {
                let at = hearing.load(Ordering::Relaxed);
                if fallen == WorkerError::Hangs {
                    self.hosted_extension.lose(&worker);
                }
                self.hosted_extension.note(shop, |standing| standing.fallen = true);
                let heard = self.hosted_extension.standing(shop).heard;
                falls.fell(at, heard > begun_at);
                tracing::error!(extension = manifest.name, %shop, at, falls = falls.count, ?fallen, "an extension fell");
                if falls.count >= MAX_FAILURES && at == 0 {
                    return self.give_up().await;
                }
                if falls.count >= MAX_FAILURES {
                    falls.skipped.push(at);
                    falls.count = 0;
                    self.hosted_extension.note(shop, |standing| standing.skipped += 1);
                }
            }
            tokio::select! {
                () = tokio::time::sleep(RESTART_DELAY * (falls.count + 1)) => {}
                () = self.stop.cancelled() => return StopReason::Stopped,
            }
        }
    }

    async fn give_up(&self) -> StopReason {
        let (shop, extension) = (self.room.shop(), self.hosted_extension.manifest.name);
        tracing::error!(extension, %shop, "an extension is given up; switch it off and on to try again");
        self.hosted_extension.note(shop, |standing| standing.given_up = true);
        tokio::select! {
            () = self.switched(false) => StopReason::SwitchedOff,
            () = self.stop.cancelled() => StopReason::Stopped,
        }
    }

    async fn live(
        &self,
        worker: &Arc<Worker>,
        hearing: &Arc<AtomicU64>,
        aside: &[u64],
    ) -> Result<StopReason, RestartReason> {
        let mut run = ExtensionRun::begin(self, worker, hearing).await?;
        run.run(aside).await?;
        run.save().await?;
        worker.work(self.room.shop(), |slot| slot.put(None)).await?;
        Ok(if self.stop.is_cancelled() { StopReason::Stopped } else { StopReason::SwitchedOff })
    }
}

impl FailureCounter {
    /// It fell again: over this event, or, at 0, over none.
    fn fell(&mut self, at: u64, has_moved: bool) {
        self.count = if self.at == at && !has_moved { self.count + 1 } else { 1 };
        self.at = at;
    }
}
