//! Writing: many shops' units in one commit, each whole or not at all, and a new connection after a lost one.
//!
//! `read committed` is enough. A unit begins with the row of its shop's head, which it changes or adds; whoever else
//! writes to that shop waits for that row until the commit, and then sees another position than it looked for. So a
//! shop's writers come one after the other, and whatever else a unit touches is its shop's.

use std::time::Duration;

use domain::ids::ShopId;
use sqlx::postgres::PgConnection;

use crate::store::postgres::Postgres;
use crate::store::sql::write::{self, Pace};
use crate::store::{Error, Outcome, ShopBatch, Snapshot};

/// When a server that says nothing is no longer waited for. It has given up itself by then: its own bounds are shorter.
pub(super) const COMMIT_TIMEOUT: Duration = Duration::from_secs(15);

/// The one connection that writes the log.
#[derive(Debug)]
pub struct Writer {
    store: Postgres,
    /// None once it was lost: the next who needs it connects again.
    db: Option<PgConnection>,
}

impl Postgres {
    /// The writing connection. One appender holds it; a second one waits at the heads while the first commits.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub async fn writer(&self) -> Result<Writer, Error> {
        Ok(Writer { db: Some(self.connect().await?), store: self.clone() })
    }

    /// Commits what these units have come to, and tells those who write elsewhere. Gives the connection back, unless
    /// it was lost.
    pub(super) async fn commit(
        &self,
        mut db: PgConnection,
        units: &[ShopBatch],
        outcomes: &[Outcome],
    ) -> Result<Option<PgConnection>, Error> {
        let db = match in_time(say(&mut db, "commit")).await {
            Ok(()) => Some(db),
            Err(error) => {
                drop(db);
                tracing::warn!(error = &error as &dyn std::error::Error, "a commit was cut off: finding out");
                self.find_out(units, outcomes, error).await?;
                None
            }
        };
        for (unit, outcome) in units.iter().zip(outcomes) {
            if *outcome == Outcome::Committed {
                let position = unit.after + unit.events.len() as u64;
                // Nobody listens any more once the store is closed.
                let _ = self.written.send((unit.shop.clone(), position));
            }
        }
        Ok(db)
    }
}

impl Writer {
    /// Writes the units in one commit and tells what became of each, in their order.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: nothing is written. [`Error::Unknown`]: nobody can tell.
    pub async fn append(&mut self, units: &[ShopBatch]) -> Result<Vec<Outcome>, Error> {
        if let Some(outcomes) = self.write(units, Pace::Together).await? {
            return Ok(outcomes);
        }
        let outcomes = self.write(units, Pace::EachAlone).await?;
        // Alone, each tells for itself; where none did, none is written.
        Ok(outcomes.unwrap_or_else(|| vec![Outcome::Conflict; units.len()]))
    }

    async fn write(&mut self, units: &[ShopBatch], pace: Pace) -> Result<Option<Vec<Outcome>>, Error> {
        // What fails keeps the connection, and the server takes everything back.
        let mut db = self.connection().await?;
        let written = in_time(async {
            say(&mut db, "begin").await?;
            write::units(&mut db, units, pace).await
        });
        let outcomes = written.await?;
        self.db = if let Some(outcomes) = &outcomes {
            self.store.commit(db, units, outcomes).await?
        } else {
            in_time(say(&mut db, "rollback")).await?;
            Some(db)
        };
        Ok(outcomes)
    }

    /// Writes a state down for the next start.
    ///
    /// # Errors
    /// Nothing is written then; the log still has everything.
    pub async fn save(&mut self, shop: &ShopId, of: &str, saved: &Snapshot) -> Result<(), Error> {
        let mut db = self.connection().await?;
        in_time(write::save(&mut db, shop, of, saved)).await?;
        self.db = Some(db);
        Ok(())
    }

    /// Forgets up to 500 answers of keys older than `before` (milliseconds since 1970).
    ///
    /// # Errors
    /// Nothing is forgotten then.
    pub async fn sweep(&mut self, before: i64) -> Result<u64, Error> {
        let mut db = self.connection().await?;
        let gone = in_time(write::forget(&mut db, before)).await?;
        self.db = Some(db);
        Ok(gone)
    }

    async fn connection(&mut self) -> Result<PgConnection, Error> {
        match self.db.take() {
            Some(db) => Ok(db),
            None => Ok(self.store.connect().await?),
        }
    }
}

/// What has neither values nor rows.
pub(super) async fn say(db: &mut PgConnection, text: &'static str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(text).execute(db).await.map(|_| ())
}

/// A server that says nothing for long is one that is lost.
pub(super) async fn in_time<T, E: From<sqlx::Error>>(said: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let silent = || sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
    tokio::time::timeout(COMMIT_TIMEOUT, said).await.unwrap_or_else(|_| Err(silent().into()))
}
