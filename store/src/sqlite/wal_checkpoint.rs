//! Maintenance of the SQLite file: WAL checkpoints and deletion of old receipts.

use std::error::Error as StdError;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use engine::error_field;
use engine::store::Error;

use crate::sql::receipt;
use crate::sqlite::{Sqlite, SqliteWriter};

/// Pages (4 KiB each) of write-ahead log above which a checkpoint restarts the log. A passive checkpoint beside a
/// writer without pauses copies the pages back, but never lets the log begin again.
const MAX_WAL_PAGES: u32 = 16_384;

/// Size of the write-ahead log at the last passive checkpoint, in pages.
#[derive(Debug)]
pub(super) struct WalStats {
    store: Sqlite,
    pages: Arc<AtomicU32>,
}

impl WalStats {
    pub(super) fn new(store: &Sqlite) -> Self {
        Self { store: store.clone(), pages: Arc::default() }
    }
}

impl SqliteWriter {
    /// Checkpoints the write-ahead log, in the background unless it has grown beyond `MAX_WAL_PAGES`, and deletes up
    /// to 500 receipts older than `before` (milliseconds since 1970). Returns the number of deleted receipts.
    ///
    /// # Errors
    /// No receipt was deleted. A failed checkpoint is logged and is not an error.
    pub async fn maintain(&mut self, before: i64) -> Result<u64, Error> {
        let WalStats { store, pages } = &self.wal;
        if pages.swap(0, Ordering::Relaxed) > MAX_WAL_PAGES {
            // All shops wait here for some tens of milliseconds. It happens rarely, and only under full load.
            let restart = sqlx::query("pragma wal_checkpoint(restart)").execute(&mut self.db).await;
            log_checkpoint_error(restart);
        } else {
            // A checkpoint inside a commit would add milliseconds to it, so this one runs on another connection.
            let (store, pages) = (store.clone(), Arc::clone(pages));
            tokio::spawn(async move {
                if let Some(wal_pages) = log_checkpoint_error(store.checkpoint().await) {
                    pages.store(wal_pages, Ordering::Relaxed);
                }
            });
        }
        receipt::delete_before(&mut self.db, before).await
    }
}

/// Logs a failed checkpoint. The next maintenance run repeats it.
fn log_checkpoint_error<T, E: StdError + 'static>(outcome: Result<T, E>) -> Option<T> {
    let warn = |error: &E| tracing::warn!(error = error_field(error), "WAL checkpoint failed; will retry");
    outcome.inspect_err(warn).ok()
}
