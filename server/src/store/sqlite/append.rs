//! Writing: many shops' units in one commit, each whole or not at all.

use domain::ids::ShopId;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;

use crate::store::sql::write::{self, Pace};
use crate::store::sqlite::Sqlite;
use crate::store::sqlite::wal_checkpoint::WalStats;
use crate::store::{Error, Outcome, ShopBatch, Snapshot};

/// The one connection that writes the log.
#[derive(Debug)]
pub struct Writer {
    pub(super) db: SqliteConnection,
    pub(super) tide: WalStats,
}

impl Sqlite {
    /// The writing connection. One appender holds it; a second one waits while the first commits.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub async fn writer(&self) -> Result<Writer, Error> {
        let db = SqliteConnection::connect_with(&self.options).await?;
        Ok(Writer { db, tide: WalStats::of(self) })
    }
}

impl Writer {
    /// Writes the units in one commit and tells what became of each, in their order.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: nothing is written. [`Error::Unknown`]: nobody can tell.
    pub async fn append(&mut self, units: &[ShopBatch]) -> Result<Vec<Outcome>, Error> {
        if let Some(outcomes) = self.commit(units, Pace::Together).await? {
            return Ok(outcomes);
        }
        let outcomes = self.commit(units, Pace::EachAlone).await?;
        // Alone, each tells for itself; where none did, none is written.
        Ok(outcomes.unwrap_or_else(|| vec![Outcome::Conflict; units.len()]))
    }

    async fn commit(&mut self, units: &[ShopBatch], pace: Pace) -> Result<Option<Vec<Outcome>>, Error> {
        let mut tx = self.db.begin_with("begin immediate").await?;
        let outcomes = write::units(&mut *tx, units, pace).await?;
        if outcomes.is_some() {
            tx.commit().await.map_err(|error| Error::Unknown(error.into()))?;
        } else {
            tx.rollback().await?;
        }
        Ok(outcomes)
    }

    /// Writes a state down for the next start.
    ///
    /// # Errors
    /// Nothing is written then; the log still has everything.
    pub async fn save(&mut self, shop: &ShopId, of: &str, saved: &Snapshot) -> Result<(), Error> {
        write::save(&mut self.db, shop, of, saved).await
    }
}
