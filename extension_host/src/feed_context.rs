//! The parts that an extension in one shop works with, and why its run has to be restarted.

use std::sync::Arc;

use engine::Engine;
use engine::clock::Clock;
use engine::read_model::ReadModel;
use tokio_util::sync::CancellationToken;

use crate::hosted_extension::HostedExtension;
use crate::worker::WorkerError;

/// One extension in one shop.
pub(super) struct FeedContext {
    pub(super) hosted_extension: Arc<HostedExtension>,
    pub(super) read_model: Arc<ReadModel>,
    pub(super) engine: Arc<Engine>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) stop: CancellationToken,
}

impl FeedContext {
    /// Whether the extension is switched off or the server is shutting down.
    pub(super) fn should_stop(&self) -> bool {
        self.stop.is_cancelled()
            || !self.read_model.read().state.shop.is_extension_on(self.hosted_extension.manifest.name)
    }
}

/// Why a run has to be restarted.
pub(super) enum RestartReason {
    WorkerFailed(WorkerError),
    /// The log or the bookmark cannot be read.
    LogUnavailable,
}

impl From<WorkerError> for RestartReason {
    fn from(error: WorkerError) -> Self {
        Self::WorkerFailed(error)
    }
}
