//! Store maintenance: deletion of receipts by age.

use std::sync::Arc;

use domain::time::Instant;

use crate::error_field;
use crate::store::{self, Writer};
use crate::{Engine, EngineDeps};

/// Appended events between two maintenance runs: about 8 MB of log.
const EVENTS_PER_MAINTENANCE: usize = 8_000;

/// Retention of receipts, in milliseconds: 48 hours.
const RECEIPT_RETENTION_MS: i64 = 48 * 3_600_000;

pub(super) struct Upkeep {
    deps: Arc<EngineDeps>,
    /// Events appended since the last maintenance run.
    events: usize,
}

impl Upkeep {
    pub(super) fn new(deps: &Arc<EngineDeps>) -> Self {
        Self { deps: Arc::clone(deps), events: 0 }
    }

    /// Counts the events of a commit and runs maintenance when enough have been appended. Runs between two commits.
    pub(super) async fn after_commit(&mut self, writer: &mut dyn Writer, events: usize) {
        self.events += events;
        if self.events < EVENTS_PER_MAINTENANCE {
            return;
        }
        self.events = 0;
        if let Err(error) = writer.maintain(expired_before(self.deps.clock.now())).await {
            tracing::warn!(error = error_field(&error), "receipt cleanup failed; will retry");
        }
    }
}

impl Engine {
    /// Deletes all receipts that are older than 48 hours at `now`, in batches between commits; returns how many.
    ///
    /// # Errors
    /// The store cannot be written; what was deleted before stays deleted.
    pub async fn delete_expired_receipts(&self, now: Instant) -> Result<u64, store::Error> {
        let appender = self.appender.read().clone();
        let Some(appender) = appender else { return Ok(0) };
        let mut deleted = 0;
        loop {
            match appender.maintain(expired_before(now)).await? {
                0 => return Ok(deleted),
                more => deleted += more,
            }
        }
    }
}

fn expired_before(now: Instant) -> i64 {
    now.0 - RECEIPT_RETENTION_MS
}
