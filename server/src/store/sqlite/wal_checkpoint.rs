//! What keeps the file from growing: the write-ahead log is folded back, old answers are forgotten.

use std::error::Error as StdError;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::store::Error;
use crate::store::sql::write;
use crate::store::sqlite::{Sqlite, Writer};

/// Pages (4 KiB) of write-ahead log that are too many: beside a writer that never rests it is folded back, and never
/// begun anew.
const PAGES_TOO_MANY: u32 = 16_384;

/// How high the write-ahead log stood when it was folded back last.
#[derive(Debug)]
pub(super) struct WalStats {
    store: Sqlite,
    pages: Arc<AtomicU32>,
}

impl WalStats {
    pub(super) fn of(store: &Sqlite) -> Self {
        Self { store: store.clone(), pages: Arc::default() }
    }
}

impl Writer {
    /// Folds the write-ahead log back, beside the writer as long as that is enough, and forgets up to 500 answers of
    /// keys older than `before` (milliseconds since 1970).
    ///
    /// # Errors
    /// Nothing is forgotten then.
    pub async fn sweep(&mut self, before: i64) -> Result<u64, Error> {
        let WalStats { store, pages } = &self.tide;
        if pages.swap(0, Ordering::Relaxed) > PAGES_TOO_MANY {
            // Here the shops wait, some tens of milliseconds: rarely, and only under full load.
            let restart = sqlx::query("pragma wal_checkpoint(restart)").execute(&mut self.db).await;
            said(restart);
        } else {
            // Off the writer's path: inside a commit it would cost its callers milliseconds.
            let (store, pages) = (store.clone(), Arc::clone(pages));
            tokio::spawn(async move {
                if let Some(found) = said(store.checkpoint().await) {
                    pages.store(found, Ordering::Relaxed);
                }
            });
        }
        write::forget(&mut self.db, before).await
    }
}

/// What fails here is tried again at the next sweep: it is worth a line, and no more.
fn said<T, E: StdError + 'static>(outcome: Result<T, E>) -> Option<T> {
    let warn = |error: &E| tracing::warn!(error = error as &dyn StdError, "the write-ahead log grows on");
    outcome.inspect_err(warn).ok()
}
