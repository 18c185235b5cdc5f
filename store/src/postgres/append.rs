//! The PostgreSQL writer: batches of many shops in one commit, and a new connection after a lost one.
//!
//! The isolation level `read committed` is sufficient. A batch first updates or inserts its shop's head row; another
//! writer of that shop waits for the row until the commit and then finds another position than it expects. The writers
//! of a shop are therefore serialised, and a batch touches only rows of its shop.

use std::time::Duration;

use domain::ids::ShopId;
use engine::error_field;
use engine::store::{Error, Outcome, ShopBatch, StoredSnapshot};
use sqlx::postgres::PgConnection;

use crate::postgres::Postgres;
use crate::sql::batch::{self, SavepointMode};
use crate::sql::{SqlError, receipt, snapshot as snapshots};

/// Longest wait for the server's response. The server's own timeouts are shorter, so it has given up by then.
pub(super) const COMMIT_TIMEOUT: Duration = Duration::from_secs(15);

/// The connection that writes the log.
#[derive(Debug)]
pub struct PostgresWriter {
    store: Postgres,
    /// `None` after the connection was lost: the next call reconnects.
    db: Option<PgConnection>,
}

impl Postgres {
    /// Opens the writing connection. One appender holds it; a second one waits at the head rows while the first
    /// commits.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub async fn writer(&self) -> Result<PostgresWriter, Error> {
        Ok(PostgresWriter { db: Some(self.connect().await?), store: self.clone() })
    }

    /// Commits the open transaction and notifies other nodes of its committed batches. Returns the connection, unless
    /// it was lost.
    pub(super) async fn commit(
        &self,
        mut db: PgConnection,
        batches: &[ShopBatch],
        outcomes: &[Outcome],
    ) -> Result<Option<PgConnection>, Error> {
        let db = match with_timeout(execute_raw(&mut db, "commit")).await {
            Ok(()) => Some(db),
            Err(error) => {
                drop(db);
                tracing::warn!(error = error_field(&error), "commit interrupted; resolving its outcome");
                self.resolve_commit(batches, outcomes, error).await?;
                None
            }
        };
        for (batch, outcome) in batches.iter().zip(outcomes) {
            if *outcome == Outcome::Committed {
                let position = batch.after + batch.events.len() as u64;
                // A send fails only after the store was closed.
                let _ = self.notifier.send((batch.shop.clone(), position));
            }
        }
        Ok(db)
    }
}

impl PostgresWriter {
    /// Writes the batches in one commit and returns their outcomes in the same order.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: nothing was written. [`Error::Unknown`]: the commit may or may not have been applied.
    pub async fn append(&mut self, batches: &[ShopBatch]) -> Result<Vec<Outcome>, Error> {
        if let Some(outcomes) = self.write(batches, SavepointMode::Off).await? {
            return Ok(outcomes);
        }
        let outcomes = self.write(batches, SavepointMode::PerBatch).await?;
        // Savepoints always give outcomes. Without them the transaction was rolled back, so all batches conflict.
        Ok(outcomes.unwrap_or_else(|| vec![Outcome::Conflict; batches.len()]))
    }

    async fn write(&mut self, batches: &[ShopBatch], savepoints: SavepointMode) -> Result<Option<Vec<Outcome>>, Error> {
        // An error drops the connection, so that the server rolls back.
        let mut db = self.connection("begin").await?;
        let outcomes = with_timeout(batch::write_batches(&mut db, batches, savepoints)).await?;
        self.db = if let Some(outcomes) = &outcomes {
            self.store.commit(db, batches, outcomes).await?
        } else {
            with_timeout(execute_raw(&mut db, "rollback")).await?;
            Some(db)
        };
        Ok(outcomes)
    }

    /// Replaces the snapshot of a name.
    ///
    /// # Errors
    /// The previous snapshot remains.
    pub async fn save_snapshot(&mut self, shop: &ShopId, name: &str, snapshot: &StoredSnapshot) -> Result<(), Error> {
        let mut db = self.connection("").await?;
        with_timeout(snapshots::save(&mut db, shop, name, snapshot)).await?;
        self.db = Some(db);
        Ok(())
    }

    /// Deletes up to 500 receipts older than `before` (milliseconds since 1970). Returns the number of deleted
    /// receipts.
    ///
    /// # Errors
    /// No receipt was deleted.
    pub async fn maintain(&mut self, before: i64) -> Result<u64, Error> {
        let mut db = self.connection("").await?;
        let deleted = with_timeout(receipt::delete_before(&mut db, before)).await?;
        self.db = Some(db);
        Ok(deleted)
    }

    /// The connection after its first statement; `""` only tests it. The server may have closed the connection while it
    /// was idle; a new one replaces it then, because nothing was written.
    async fn connection(&mut self, first: &'static str) -> Result<PgConnection, Error> {
        if let Some(mut db) = self.db.take() {
            match with_timeout(execute_raw(&mut db, first)).await {
                Ok(()) => return Ok(db),
                Err(error) => tracing::info!(error = error_field(&error), "idle connection lost; replacing it"),
            }
        }
        let mut db = self.store.connect().await?;
        with_timeout(execute_raw(&mut db, first)).await?;
        Ok(db)
    }
}

/// Runs a statement that has neither parameters nor rows.
pub(super) async fn execute_raw(db: &mut PgConnection, text: &'static str) -> Result<(), SqlError> {
    sqlx::raw_sql(text).execute(db).await?;
    Ok(())
}

/// Fails with an I/O timeout after [`COMMIT_TIMEOUT`].
pub(super) async fn with_timeout<T, E: From<SqlError>>(response: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let timed_out = || SqlError(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()));
    tokio::time::timeout(COMMIT_TIMEOUT, response).await.unwrap_or_else(|_| Err(timed_out().into()))
}
