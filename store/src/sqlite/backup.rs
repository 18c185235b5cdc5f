//! Copies of the database that are consistent while it is in use.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;

use crate::sql::SqlError;
use crate::sqlite::{LostFileError, Sqlite};

/// No copy was made.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A backup is never overwritten.
    #[error("{} exists already: give a new folder", path.display())]
    Exists {
        /// The copy that would be overwritten.
        path: PathBuf,
    },
    /// The folder cannot be used.
    #[error("cannot write {}: give a folder that this user may write, on a disk with room", path.display())]
    Unwritable {
        /// The copy.
        path: PathBuf,
        /// Error of the system.
        source: io::Error,
    },
    /// The database cannot be copied.
    #[error("cannot copy the database to {}", path.display())]
    Database {
        /// The copy.
        path: PathBuf,
        /// Error of SQLite.
        source: engine::store::Error,
    },
    /// The log is in PostgreSQL.
    #[error("the log is in PostgreSQL: copy it with `pg_dump`, and the keys folder apart from it")]
    OnServer,
    /// The database is no longer where it was.
    #[error(transparent)]
    Lost(#[from] LostFileError),
}

impl Sqlite {
    /// Writes a copy of the database as of now to `crema.db` in `folder`, which is created if necessary. Commits go on
    /// meanwhile. The copy is one file and durable when this returns. Returns its path.
    ///
    /// # Errors
    /// No copy was made.
    pub async fn back_up(&self, folder: &Path) -> Result<PathBuf, BackupError> {
        self.files.check()?;
        let path = folder.join("crema.db");
        // Renamed when it is complete, so that an interrupted backup is none.
        let unfinished = folder.join("crema.db.unfinished");
        let unwritable = |source| BackupError::Unwritable { path: path.clone(), source };
        fs::create_dir_all(folder).map_err(unwritable)?;
        if path.try_exists().map_err(unwritable)? {
            return Err(BackupError::Exists { path });
        }
        let new = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished);
        new.map_err(unwritable)?;
        let failed = |error: SqlError| BackupError::Database { path: path.clone(), source: error.into() };
        self.vacuum_into(&unfinished).await.map_err(failed)?;
        let finish = || {
            File::open(&unfinished)?.sync_all()?;
            fs::rename(&unfinished, &path)?;
            File::open(folder)?.sync_all()
        };
        finish().map_err(unwritable)?;
        Ok(path)
    }

    async fn vacuum_into(&self, file: &Path) -> Result<(), SqlError> {
        let mut db = SqliteConnection::connect_with(&self.options).await?;
        sqlx::query("vacuum into ?").bind(file.to_string_lossy()).execute(&mut db).await?;
        Ok(db.close().await?)
    }
}
