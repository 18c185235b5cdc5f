//! The SQLite writer: batches of many shops in one commit.

use domain::ids::ShopId;
use engine::store::{Error, Outcome, ShopBatch, StoredSnapshot};
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;

use crate::sql::batch::{self, SavepointMode};
use crate::sql::{SqlError, snapshot as snapshots};
use crate::sqlite::wal_checkpoint::WalStats;
use crate::sqlite::{OpenFiles, Sqlite};

/// The connection that writes the log.
#[derive(Debug)]
pub struct SqliteWriter {
    pub(super) db: SqliteConnection,
    pub(super) wal: WalStats,
    files: OpenFiles,
}

impl Sqlite {
    /// Opens the writing connection. One appender holds it; a second one waits up to 10 seconds while the first
    /// commits.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub async fn writer(&self) -> Result<SqliteWriter, Error> {
        let db = SqliteConnection::connect_with(&self.options).await.map_err(SqlError)?;
        Ok(SqliteWriter { db, wal: WalStats::new(self), files: self.files.clone() })
    }
}

impl SqliteWriter {
    /// Writes the batches in one commit and returns their outcomes in the same order.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: nothing was written. [`Error::Unknown`]: the commit may or may not have been applied.
    pub async fn append(&mut self, batches: &[ShopBatch]) -> Result<Vec<Outcome>, Error> {
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
            tx.commit().await.map_err(|error| Error::Unknown(error.into()))?;
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
