//! What keeps the store from growing: now and then, between two commits, it is swept.

use std::sync::Arc;

use crate::engine::EngineDeps;
use crate::store::Writer;

/// Appended events after which there is something to sweep: about 8 MB of log.
const EVENTS: usize = 8_000;

/// How long a key's answer is kept.
const RECEIPTS_KEPT_MS: i64 = 48 * 3_600_000;

pub(super) struct Upkeep {
    deps: Arc<EngineDeps>,
    /// Appended since the last sweep.
    events: usize,
}

impl Upkeep {
    pub(super) fn new(deps: &Arc<EngineDeps>) -> Self {
        Self { deps: Arc::clone(deps), events: 0 }
    }

    /// To be called between commits, with the events of the last.
    pub(super) async fn after(&mut self, writer: &mut dyn Writer, events: usize) {
        self.events += events;
        if self.events < EVENTS {
            return;
        }
        self.events = 0;
        let now = self.deps.clock.now().0;
        if let Err(error) = writer.sweep(now - RECEIPTS_KEPT_MS).await {
            // The next sweep tries again.
            tracing::warn!(error = &error as &dyn std::error::Error, "old answers stay for now");
        }
    }
}
