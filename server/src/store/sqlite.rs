//! The log in one SQLite file: one writing connection, a few reading ones.

mod append;
mod port;
mod wal_checkpoint;

use std::path::Path;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::migrate::MigrateError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::store::Error;
use crate::store::sql::Pool;

/// The first SQLite without the WAL-reset corruption, which takes just our two connections to happen
/// (sqlite.org, release 3.51.3 of 2026-03-13).
const OLDEST: (u32, &str) = (3_051_003, "3.51.3");

pub use append::Writer;

/// The store as everybody but the appender knows it.
#[derive(Clone, Debug)]
pub struct Sqlite {
    pool: SqlitePool,
    tables: Pool,
    options: SqliteConnectOptions,
}

/// Why a file does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Store(#[from] Error),
    #[error("SQLite {found} is older than {needed}, the first without the WAL-reset corruption")]
    TooOld { found: String, needed: &'static str },
    #[error("the tables could not be brought up to date")]
    Migration(#[source] MigrateError),
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Sqlite {
    /// Opens or makes the file and brings its tables up to date.
    ///
    /// # Errors
    /// A file that cannot be opened, tables of a later version, or a SQLite with the WAL-reset fault.
    pub async fn open(file: &Path) -> Result<Self, OpenError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // Screens, webhooks and printers act on what is committed: a power cut may not take it back.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
            .pragma("mmap_size", "268435456")
            // Checkpoints run beside the writer, not inside a commit.
            .pragma("wal_autocheckpoint", "0");
        let pool = SqlitePoolOptions::new().min_connections(1).max_connections(4).connect_with(options.clone()).await?;
        assert_version(&pool).await?;
        sqlx::migrate!("migrations/sqlite").run(&pool).await.map_err(OpenError::Migration)?;
        let store = Self { tables: Pool::from(pool.clone()), pool, options };
        // What a crash left: a program that only ever crashes would never fold it back, and it would grow for ever.
        store.checkpoint().await?;
        Ok(store)
    }

    pub fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    fn tables(&self) -> &Pool {
        &self.tables
    }

    /// Folds the write-ahead log back into the file; never waits for readers or the writer. Says how many pages the
    /// log has.
    ///
    /// # Errors
    /// The store cannot be reached; the next call tries again.
    pub async fn checkpoint(&self) -> Result<u32, Error> {
        let query = sqlx::query_as("pragma wal_checkpoint(passive)");
        let (_busy, pages, _folded): (i64, i64, i64) = query.fetch_one(&self.pool).await?;
        Ok(u32::try_from(pages).unwrap_or(0))
    }

    /// Folds everything back and empties the write-ahead log: for a clean stop.
    ///
    /// # Errors
    /// The store cannot be reached; nothing is lost, the next start reads the write-ahead log.
    pub async fn close(&self) -> Result<(), Error> {
        sqlx::query("pragma wal_checkpoint(truncate)").execute(&self.pool).await?;
        self.pool.close().await;
        Ok(())
    }
}

async fn assert_version(pool: &SqlitePool) -> Result<(), OpenError> {
    let found: String = sqlx::query_scalar("select sqlite_version()").fetch_one(pool).await?;
    let mut parts = found.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    let number = next() * 1_000_000 + next() * 1000 + next();
    if number < OLDEST.0 { Err(OpenError::TooOld { found, needed: OLDEST.1 }) } else { Ok(()) }
}
