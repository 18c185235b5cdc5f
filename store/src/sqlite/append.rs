//! The SQLite writer: batches of many shops in one commit.

use domain::ids::ShopId;
use engine::store::{Error, Outcome, ShopBatch, StoredSnapshot};
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use crate::sql::batch::{self, SavepointMode};
use crate::sql::{SqlError, snapshot as snapshots};
use crate::sqlite::high_water_mark::HighWaterMark;
use crate::sqlite::wal_checkpoint::WalCheckpoints;
use crate::sqlite::{OpenFiles, Sqlite};

/// The connection that writes the log.
#[derive(Debug)]
pub struct SqliteWriter {
    pub(super) db: SqliteConnection,
    /// True after a failed append. SQLite may have rolled back by itself, which the driver does not notice: it would
    /// refuse every further transaction of the connection.
    needs_new_connection: bool,
    options: SqliteConnectOptions,
    wal: WalCheckpoints,
    pub(super) files: OpenFiles,
    mark: HighWaterMark,
}

impl Sqlite {
    /// Opens the writing connection. One appender holds it; a second one waits up to 10 seconds while the first
    /// commits.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub async fn writer(&self) -> Result<SqliteWriter, Error> {
        let db = SqliteConnection::connect_with(&self.options).await.map_err(SqlError)?;
        let mark = HighWaterMark::open(&self.path, &self.tables).await?;
        let (options, files, wal) = (self.options.clone(), self.files.clone(), WalCheckpoints::start(self));
        Ok(SqliteWriter { db, needs_new_connection: false, options, wal, files, mark })
    }
}

/// Primary result code of a full disk, which every extended code contains.
const FULL: i32 = libsqlite3_sys::SQLITE_FULL;

/// Maps a failed commit. A commit ends with the write of its last page and the flush of the write-ahead log. Without
/// that page SQLite has rolled back; after a failed flush, the next start may find the commit in the log or not.
fn commit_error(error: sqlx::Error) -> Error {
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<i32>().ok());
    match code {
        Some(code) if code & 0xff == FULL || code == libsqlite3_sys::SQLITE_IOERR_WRITE => SqlError(error).into(),
        _ => Error::Unknown(error.into()),
    }
}

impl SqliteWriter {
    /// Writes the batches in one commit and returns their outcomes in the same order.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: nothing was written. [`Error::Unknown`]: the commit may or may not have been applied.
    pub async fn append(&mut self, batches: &[ShopBatch]) -> Result<Vec<Outcome>, Error> {
        if self.needs_new_connection {
            self.db = SqliteConnection::connect_with(&self.options).await.map_err(SqlError)?;
        }
        let outcomes = self.write(batches).await;
        self.needs_new_connection = outcomes.is_err();
        if let Ok(outcomes) = &outcomes {
            let committed = batches.iter().zip(outcomes).filter(|(_, outcome)| **outcome == Outcome::Committed);
            self.mark.add(committed.map(|(batch, _)| batch.events.len()).sum());
            self.wal.after_commit(&mut self.db).await;
        }
        outcomes
    }

    async fn write(&mut self, batches: &[ShopBatch]) -> Result<Vec<Outcome>, Error> {
        if let Some(outcomes) = self.commit(batches, SavepointMode::Off).await? {
            return Ok(outcomes);
        }
        let outcomes = self.commit(batches, SavepointMode::PerBatch).await?;
        // Savepoints always give outcomes. Without them the transaction was rolled back, so all batches conflict.
        Ok(outcomes.unwrap_or_else(|| vec![Outcome::Conflict; batches.len()]))
    }

    async fn commit(
        &mut self,
        batches: &[ShopBatch],
        savepoints: SavepointMode,
    ) -> Result<Option<Vec<Outcome>>, Error> {
        self.files.check().map_err(SqlError::from)?;
        let mut tx = self.db.begin_with("begin immediate").await.map_err(SqlError)?;
        let outcomes = batch::write_batches(&mut *tx, batches, savepoints).await?;
        if outcomes.is_some() {
            tx.commit().await.map_err(commit_error)?;
        } else {
            tx.rollback().await.map_err(SqlError)?;
        }
        Ok(outcomes)
    }

    /// Replaces the snapshot of a name.
    ///
    /// # Errors
    /// The previous snapshot remains.
    pub async fn save_snapshot(&mut self, shop: &ShopId, name: &str, snapshot: &StoredSnapshot) -> Result<(), Error> {
        self.files.check().map_err(SqlError::from)?;
        snapshots::save(&mut self.db, shop, name, snapshot).await
    }
}
