//! Why a SQLite file cannot be opened: every text names the file and the way out.

use std::error::Error as StdError;
use std::path::{Path, PathBuf};

use engine::store::{Cause, Error};
use libsqlite3_sys as code;
use sqlx::migrate::MigrateError;

use crate::sql::SqlError;

/// The file cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SqliteOpenError {
    /// There is no file, and the caller must not create one.
    #[error("there is no {}: give the --data folder of a bar; `crema serve` creates a new one", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file, or one beside it, cannot be read or written.
    #[error("{} cannot be opened: it must be a file that this user may read and write, in a folder that it may write",
            path.display())]
    Inaccessible {
        /// The file.
        path: PathBuf,
        /// Error of the system or of SQLite.
        source: Cause,
    },
    /// Pages of the file are damaged, or it was never a database.
    #[error("{} is damaged or not a SQLite database: restore it from a backup, or move it away to begin a new bar",
            path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Error of SQLite; `None` when the header is wrong.
        source: Option<Cause>,
    },
    /// Another program made the database.
    #[error("{} is a database of another program: give another --data, or move the file away to begin a new bar",
            path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The tables have a migration that this version does not know.
    #[error("{} was written by a later version of crema: start that version, or restore the backup from before its \
             first start", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The unknown migration.
        source: Box<MigrateError>,
    },
    /// A migration failed.
    #[error("the tables of {} cannot be migrated", path.display())]
    Migration {
        /// The file.
        path: PathBuf,
        /// The failed migration.
        source: Box<MigrateError>,
    },
    /// The linked SQLite can corrupt the file.
    #[error("SQLite {found} has the WAL-reset bug: version {needed} or later is required")]
    TooOld {
        /// Linked version.
        found: String,
        /// Oldest supported version.
        needed: &'static str,
    },
    /// The file cannot be read or written now.
    #[error("{} cannot be used now", path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// Error of SQLite.
        source: Error,
    },
}

impl SqliteOpenError {
    /// A closure that names the file in an error of the system.
    pub(super) fn inaccessible(path: &Path) -> impl Fn(std::io::Error) -> Self {
        move |error| Self::Inaccessible { path: path.to_owned(), source: error.into() }
    }

    /// A closure that names the file in an error of SQLite.
    pub(super) fn at(path: &Path) -> impl Fn(sqlx::Error) -> Self {
        move |error| {
            let path = path.to_owned();
            match result_code(&error) {
                Some(code::SQLITE_CORRUPT | code::SQLITE_NOTADB) => Self::Damaged { path, source: Some(error.into()) },
                Some(
                    code::SQLITE_CANTOPEN
                    | code::SQLITE_READONLY
                    | code::SQLITE_PERM
                    | code::SQLITE_AUTH
                    | code::SQLITE_IOERR,
                ) => Self::Inaccessible { path, source: error.into() },
                _ => Self::Store { path, source: SqlError(error).into() },
            }
        }
    }

    /// A closure that names the file in an error of a migration.
    pub(super) fn in_migration(path: &Path) -> impl Fn(MigrateError) -> Self {
        move |error| match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Self::at(path)(error),
            MigrateError::VersionMissing(_) => Self::Newer { path: path.to_owned(), source: Box::new(error) },
            _ => Self::Migration { path: path.to_owned(), source: Box::new(error) },
        }
    }
}

/// True for an error that a damaged file causes, at any depth.
pub fn is_damage(error: &(dyn StdError + 'static)) -> bool {
    let own = error.downcast_ref::<sqlx::Error>().and_then(result_code);
    matches!(own, Some(code::SQLITE_CORRUPT | code::SQLITE_NOTADB)) || error.source().is_some_and(is_damage)
}

/// The primary result code of SQLite.
fn result_code(error: &sqlx::Error) -> Option<i32> {
    let extended: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xff)
}
