//! The SQLite store: one file, a writing connection and a pool of reading ones.

mod append;
mod backup;
mod database_file;
mod high_water_mark;
mod open_error;
mod open_files;
mod port;
#[cfg(test)]
mod tests;
mod wal_checkpoint;

use std::path::{Path, PathBuf};
use std::time::Duration;

use engine::store::Error;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqlitePool};

use crate::any_store::IfMissing;
use crate::sql::Pool;

/// First SQLite without the WAL-reset bug, which can corrupt the file with two connections (sqlite.org, release 3.51.3
/// of 2026-03-13). Version number and its text.
const MIN_VERSION: (u32, &str) = (3_051_003, "3.51.3");

/// Longest wait for another writer.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

pub use append::SqliteWriter;
pub use backup::BackupError;
pub use open_error::{SqliteOpenError, is_damage};
pub use open_files::{LostFileError, OpenFiles};

/// A SQLite file that holds the log. Clones share one pool.
#[derive(Clone, Debug)]
pub struct Sqlite {
    path: PathBuf,
    files: OpenFiles,
    pool: SqlitePool,
    tables: Pool,
    options: SqliteConnectOptions,
}

impl Sqlite {
    /// Opens or creates the file, migrates its tables and checkpoints its write-ahead log.
    ///
    /// # Errors
    /// The file cannot be opened, is not ours, its tables belong to a later version, or the linked SQLite has the
    /// WAL-reset bug. The text names the file and the way out.
    pub async fn open(file: &Path) -> Result<Self, SqliteOpenError> {
        Self::open_or(file, IfMissing::Create).await
    }

    pub(crate) async fn open_or(file: &Path, if_missing: IfMissing) -> Result<Self, SqliteOpenError> {
        database_file::prepare(file, if_missing).await?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .journal_mode(SqliteJournalMode::Wal)
            // Screens, webhooks and printers act on commits: a power failure must not undo one.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("mmap_size", "268435456")
            // Checkpoints run beside the writer, not inside a commit.
            .pragma("wal_autocheckpoint", "0");
        // SQLite deletes the write-ahead log with its last connection, so one stays open as long as the pool.
        let pool = SqlitePoolOptions::new().min_connections(1).max_connections(4).max_lifetime(None);
        // After a failed commit, the driver's idea of the transaction may differ from SQLite's.
        let pool = pool.after_release(|db, _| Box::pin(async { Ok(!db.is_in_transaction()) }));
        let pool = pool.connect_with(options.clone()).await.map_err(SqliteOpenError::at(file))?;
        assert_version(&pool, file).await?;
        sqlx::migrate!("migrations/sqlite").run(&pool).await.map_err(SqliteOpenError::in_migration(file))?;
        let files = OpenFiles::of(file).map_err(SqliteOpenError::inaccessible(file))?;
        let tables = Pool::Sqlite(pool.clone(), Some(files.clone()));
        let store = Self { path: file.to_owned(), files, tables, pool, options };
        let checked = high_water_mark::check(file, &store.tables).await;
        checked.map_err(|source| SqliteOpenError::Store { path: file.to_owned(), source })?;
        // A program that always ends by a crash would otherwise never checkpoint, and the log would grow without limit.
        if let Err(error) = store.checkpoint().await {
            // A full disk does not keep the log from being read.
            tracing::warn!(error = engine::error_field(&error), "WAL checkpoint failed; will retry");
        }
        Ok(store)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Completes when the file was found to be moved, deleted or replaced. Nothing is written afterwards.
    pub async fn lost(&self) -> LostFileError {
        self.files.lost().await
    }

    /// The pool of reading connections.
    pub fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// The same pool for the tables that are not part of the port.
    pub fn tables(&self) -> &Pool {
        &self.tables
    }

    /// Checkpoints the write-ahead log as far as no reader is in the way, then closes the pool.
    ///
    /// # Errors
    /// The checkpoint failed and the pool stays open. Nothing is lost: the next start reads the write-ahead log.
    pub async fn close(&self) -> Result<(), Error> {
        self.checkpoint().await?;
        self.pool.close().await;
        Ok(())
    }
}

async fn assert_version(pool: &SqlitePool, file: &Path) -> Result<(), SqliteOpenError> {
    let found: String =
        sqlx::query_scalar("select sqlite_version()").fetch_one(pool).await.map_err(SqliteOpenError::at(file))?;
    let mut parts = found.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    let number = next() * 1_000_000 + next() * 1000 + next();
    if number < MIN_VERSION.0 { Err(SqliteOpenError::TooOld { found, needed: MIN_VERSION.1 }) } else { Ok(()) }
}
