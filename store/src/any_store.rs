//! The store that the settings select: a SQLite file in the data folder, or a PostgreSQL database.

use std::error::Error as StdError;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::store::{Error, Store};

use crate::StoreUrl;
use crate::postgres::{self, Postgres};
use crate::sql::Pool;
use crate::sqlite::{BackupError, LostFileError, Sqlite, SqliteOpenError, is_damage};

/// May the file or the tables be created?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IfMissing {
    /// A new file, or an empty database, is a new bar.
    Create,
    /// Without a file or tables there is no bar.
    Refuse,
}

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
    Sqlite(#[from] SqliteOpenError),
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
        Self::open_or(data, url, IfMissing::Create).await
    }

    /// As [`Self::open`], but creates neither `crema.db` nor tables in an empty database.
    ///
    /// # Errors
    /// Those of [`Self::open`], and a missing file or missing tables.
    pub async fn open_existing(data: &Path, url: Option<&StoreUrl>) -> Result<Self, OpenError> {
        Self::open_or(data, url, IfMissing::Refuse).await
    }

    async fn open_or(data: &Path, url: Option<&StoreUrl>, if_missing: IfMissing) -> Result<Self, OpenError> {
        Ok(match url {
            Some(url) => Self::Postgres(Postgres::open_or(url, if_missing).await?),
            None => Self::Sqlite(Sqlite::open_or(&database_file(data), if_missing).await?),
        })
    }

    /// Checks that the selected store has a bar, without creating anything, not even the data folder.
    ///
    /// # Errors
    /// There is no file, or the database has no tables or cannot be reached.
    pub async fn ensure_exists(data: &Path, url: Option<&StoreUrl>) -> Result<(), OpenError> {
        let path = database_file(data);
        match url {
            Some(url) => Ok(Postgres::ensure_exists(url).await?),
            None if path.exists() => Ok(()),
            None => Err(SqliteOpenError::Missing { path }.into()),
        }
    }

    /// Completes when the database file was found to be moved, deleted or replaced. Nothing is written afterwards.
    pub async fn lost(&self) -> LostFileError {
        match self {
            Self::Sqlite(store) => store.lost().await,
            Self::Postgres(_) => std::future::pending().await,
        }
    }

    /// The error of a start that names the damaged file and the way out.
    ///
    /// # Errors
    /// The same error, if no damage causes it.
    pub fn name_damage<E: StdError + Send + Sync + 'static>(&self, error: E) -> Result<OpenError, E> {
        match self {
            Self::Sqlite(store) if is_damage(&error) => {
                let (path, source) = (store.path().to_owned(), Some(error.into()));
                Ok(SqliteOpenError::Damaged { path, source }.into())
            }
            _ => Err(error),
        }
    }

    /// Writes a consistent copy of the database to `crema.db` in a folder and returns its path. Commits go on meanwhile.
    ///
    /// # Errors
    /// No copy was made. A database on a server has its own tools.
    pub async fn back_up(&self, folder: &Path) -> Result<PathBuf, BackupError> {
        match self {
            Self::Sqlite(store) => store.back_up(folder).await,
            Self::Postgres(_) => Err(BackupError::OnServer),
        }
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
            Self::Sqlite(store) => store.tables().clone(),
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

fn database_file(data: &Path) -> PathBuf {
    data.join("crema.db")
}
