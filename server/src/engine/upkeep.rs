//! What keeps the files from growing: the write-ahead log is folded back, old receipts are forgotten.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::engine::Tools;
use crate::store::Writer;

/// Appended events after which there is something to do: about 8 MB of write-ahead log.
const EVENTS: usize = 8_000;

/// Pages (4 KiB) of write-ahead log that are too many: beside a writer that never rests it is folded back, and never
/// begun anew.
const PAGES_TOO_MANY: u32 = 16_384;

/// How long a key's answer is kept.
const RECEIPTS_KEPT_MS: i64 = 48 * 3_600_000;

pub(super) struct Upkeep {
    tools: Arc<Tools>,
    events: usize,
    /// Of the write-ahead log, when it was folded back last.
    pages: Arc<AtomicU32>,
}

impl Upkeep {
    pub(super) fn new(tools: &Arc<Tools>) -> Self {
        Self { tools: Arc::clone(tools), events: 0, pages: Arc::default() }
    }

    /// To be called between commits, with the events of the last.
    pub(super) async fn after(&mut self, writer: &mut dyn Writer, events: usize) {
        self.events += events;
        if self.events < EVENTS {
            return;
        }
        self.events = 0;
        if self.pages.swap(0, Ordering::Relaxed) > PAGES_TOO_MANY {
            // Here the shops wait, some tens of milliseconds: rarely, and only under full load.
            said(writer.begin_anew().await, "the write-ahead log grows on");
        } else {
            // Off the writer's path: inside a commit it would cost its callers milliseconds.
            let (tools, pages) = (Arc::clone(&self.tools), Arc::clone(&self.pages));
            tokio::spawn(async move {
                if let Some(found) = said(tools.store.checkpoint().await, "the write-ahead log grows on") {
                    pages.store(found, Ordering::Relaxed);
                }
            });
        }
        let now = self.tools.clock.now().at.0;
        said(writer.forget_receipts(now - RECEIPTS_KEPT_MS).await, "old receipts stay for now");
    }
}

/// What fails here is tried again later: it is worth a line, and no more.
fn said<T, E: Error + 'static>(outcome: Result<T, E>, consequence: &str) -> Option<T> {
    outcome.inspect_err(|error| tracing::warn!(error = error as &dyn Error, "{consequence}")).ok()
}
