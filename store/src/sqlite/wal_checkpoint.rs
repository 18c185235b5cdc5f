//! Checkpoints of the write-ahead log: by its pages, by time, and at a stop. None waits for a reader.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use engine::error_field;
use engine::store::Error;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use tokio::task::AbortHandle;

use crate::sql::{SqlError, receipt};
use crate::sqlite::{Sqlite, SqliteWriter};

/// Commits between two measurements of the write-ahead log.
const COMMITS_PER_MEASUREMENT: u32 = 32;

/// Pages (4 KiB each) of write-ahead log between two checkpoints: 8 MiB.
const CHECKPOINT_PAGES: u32 = 2_048;

/// Pages above which the writer pauses for a checkpoint: 32 MiB. A passive checkpoint beside a writer without pauses
/// copies the pages back, but never lets the log begin again.
const MAX_WAL_PAGES: u32 = 8_192;

/// Pages above which an operator should look for the reader that prevents checkpoints: 256 MiB.
const ALARMING_WAL_PAGES: u32 = 65_536;

/// Pause between two checkpoints by time.
const CHECKPOINT_PERIOD: Duration = Duration::from_secs(5);

/// What a checkpoint may do beyond copying pages back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Nothing: the next commits reuse the file only if all pages were copied.
    Passive,
    /// The next commit begins the log again, unless a reader still needs it.
    Restart,
    /// The file becomes empty, unless a reader or a writer is active.
    Truncate,
}

/// Measures the write-ahead log of a writer and starts checkpoints. Dropping it ends those by time.
#[derive(Debug)]
pub(super) struct WalCheckpoints {
    store: Sqlite,
    /// Commits since the last measurement.
    commits: u32,
    /// Pages at the last measurement.
    pages: u32,
    /// Pages that cause the next checkpoint.
    next_checkpoint: u32,
    /// True after a commit, until a checkpoint by time.
    has_commits: Arc<AtomicBool>,
    by_time: AbortHandle,
}

impl WalCheckpoints {
    pub(super) fn start(store: &Sqlite) -> Self {
        let has_commits = Arc::<AtomicBool>::default();
        let by_time = tokio::spawn(checkpoint_by_time(store.clone(), Arc::clone(&has_commits))).abort_handle();
        let (commits, pages, next_checkpoint) = (0, 0, CHECKPOINT_PAGES);
        Self { store: store.clone(), commits, pages, next_checkpoint, has_commits, by_time }
    }

    /// Counts a commit of the connection; now and then measures the log and starts a checkpoint.
    pub(super) async fn after_commit(&mut self, db: &mut SqliteConnection) {
        self.has_commits.store(true, Ordering::Relaxed);
        self.commits += 1;
        if self.commits < COMMITS_PER_MEASUREMENT {
            return;
        }
        self.commits = 0;
        let Some(measured) = log_checkpoint_error(run(db, "pragma wal_checkpoint(noop)").await) else { return };
        if measured.pages < self.pages {
            self.next_checkpoint = CHECKPOINT_PAGES;
        }
        self.pages = measured.pages;
        if self.pages < self.next_checkpoint {
            return;
        }
        self.next_checkpoint = self.pages + CHECKPOINT_PAGES;
        let pages = self.pages;
        if pages > MAX_WAL_PAGES {
            // All shops wait here for some tens of milliseconds. It happens rarely, and only under full load.
            log_checkpoint_error(self.store.checkpoint_as(Mode::Restart).await);
        } else {
            // A checkpoint inside a commit would add milliseconds to it, so this one runs on another connection.
            let store = self.store.clone();
            tokio::spawn(async move { log_checkpoint_error(store.checkpoint_as(Mode::Passive).await) });
        }
        if pages > ALARMING_WAL_PAGES {
            tracing::warn!(pages, "a reader prevents checkpoints; the write-ahead log grows");
        }
    }
}

impl Drop for WalCheckpoints {
    fn drop(&mut self) {
        self.by_time.abort();
    }
}

/// Empties the write-ahead log some seconds after the last commit, and limits it between commits. Ends when the file was
/// moved, which it notices without a command.
async fn checkpoint_by_time(store: Sqlite, has_commits: Arc<AtomicBool>) {
    while store.files.check().is_ok() {
        tokio::time::sleep(CHECKPOINT_PERIOD).await;
        if has_commits.swap(false, Ordering::Relaxed) {
            let truncated = log_checkpoint_error(store.checkpoint_as(Mode::Truncate).await);
            if truncated.is_none_or(|wal| wal.pages > 0) {
                has_commits.store(true, Ordering::Relaxed);
            }
        }
    }
}

/// The write-ahead log after a checkpoint.
#[derive(Clone, Copy, Debug)]
struct Wal {
    pages: u32,
    is_copied: bool,
}

impl Sqlite {
    /// Copies the pages of the write-ahead log back and empties it, as far as no reader or writer is in the way. Waits
    /// for none of them.
    ///
    /// # Errors
    /// The file cannot be read or written, or was moved. The call may be repeated.
    pub async fn checkpoint(&self) -> Result<(), Error> {
        self.checkpoint_as(Mode::Truncate).await?;
        Ok(())
    }

    async fn checkpoint_as(&self, mode: Mode) -> Result<Wal, SqlError> {
        self.files.check()?;
        // SQLite's own wait for readers would hold the write lock meanwhile.
        let options = self.options.clone().busy_timeout(Duration::ZERO);
        let mut db = SqliteConnection::connect_with(&options).await?;
        let mut wal = run(&mut db, "pragma wal_checkpoint(passive)").await?;
        // Most pages are copied now, without a lock. What is left takes a moment.
        let rest = match mode {
            Mode::Restart => Some("pragma wal_checkpoint(restart)"),
            Mode::Truncate if wal.is_copied => Some("pragma wal_checkpoint(truncate)"),
            Mode::Passive | Mode::Truncate => None,
        };
        if let Some(rest) = rest {
            wal = run(&mut db, rest).await?;
        }
        db.close().await?;
        Ok(wal)
    }
}

/// Runs a checkpoint. A reader or writer in the way is not an error.
async fn run(db: &mut SqliteConnection, text: &'static str) -> Result<Wal, SqlError> {
    let (busy, pages, copied): (i64, i64, i64) = sqlx::query_as(text).fetch_one(db).await?;
    let pages = u32::try_from(pages).unwrap_or(0);
    Ok(Wal { pages, is_copied: busy == 0 && i64::from(pages) == copied.max(0) })
}

impl SqliteWriter {
    /// Deletes up to 500 receipts older than `before` (milliseconds since 1970). Returns the number of deleted receipts.
    ///
    /// # Errors
    /// No receipt was deleted.
    pub async fn maintain(&mut self, before: i64) -> Result<u64, Error> {
        self.files.check().map_err(SqlError::from)?;
        receipt::delete_before(&mut self.db, before).await
    }
}

/// Logs a failed checkpoint. A later one repeats it.
fn log_checkpoint_error<T>(outcome: Result<T, SqlError>) -> Option<T> {
    let warn = |error: &SqlError| tracing::warn!(error = error_field(error), "WAL checkpoint failed; will retry");
    outcome.inspect_err(warn).ok()
}
