//! The store that the settings select: a SQLite file in the data folder, or a PostgreSQL database.

use std::path::Path;
use std::sync::Arc;

use engine::store::{Error, Store};

use crate::StoreUrl;
use crate::postgres::{self, Postgres};
use crate::sql::Pool;
use crate::sqlite::{self, Sqlite};

/// An open store of either kind. Clones share one pool.
#[derive(Clone, Debug)]
pub enum AnyStore {
    /// A file in the data folder.
    Sqlite(Sqlite),
    /// A database on a server.
    Postgres(Postgres),
}

/// The selected store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be used.
    #[error(transparent)]
    Sqlite(#[from] sqlite::SqliteOpenError),
    /// The database cannot be used.
    #[error(transparent)]
    Postgres(#[from] postgres::PostgresOpenError),
}

impl AnyStore {
    /// Opens the database at `url`, or without one `crema.db` in the data folder, and migrates the tables.
    ///
    /// # Errors
    /// The store cannot be reached, is not usable, or has tables of a later version. The text states what to do.
    pub async fn open(data: &Path, url: Option<&StoreUrl>) -> Result<Self, OpenError> {
        Ok(match url {
            Some(url) => Self::Postgres(Postgres::open(url).await?),
            None => Self::Sqlite(Sqlite::open(&data.join("crema.db")).await?),
        })
    }

    /// The store port for the engine.
    pub fn port(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(store) => Arc::new(store.clone()),
            Self::Postgres(store) => Arc::new(store.clone()),
        }
    }

    /// The connection pool, for the table of passes in the same database.
    pub fn pool(&self) -> Pool {
        match self {
            Self::Sqlite(store) => store.pool().clone().into(),
            Self::Postgres(store) => store.pool().clone().into(),
        }
    }

    /// Closes the pool. SQLite first checkpoints and truncates its write-ahead log.
    ///
    /// # Errors
    /// SQLite cannot checkpoint. Nothing is lost: the next start reads the write-ahead log.
    pub async fn close(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(store) => {
                store.close().await;
                Ok(())
            }
        }
    }
}
