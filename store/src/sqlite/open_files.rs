//! The identity of the open database files: device and inode, compared with the named paths before each use.

use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::watch;

use crate::sql::SqlError;

/// The database was moved, deleted or replaced. What is written to the open file would be lost.
#[derive(Clone, Debug, thiserror::Error)]
#[error(
    "{} was moved, deleted or replaced while the program ran: put its folder back, or give the --data folder that it is \
     in now, and start again", path.display()
)]
pub struct LostFileError {
    /// The database, as it was opened.
    path: PathBuf,
}

impl From<LostFileError> for SqlError {
    fn from(error: LostFileError) -> Self {
        Self(sqlx::Error::Io(std::io::Error::other(error)))
    }
}

/// The files of an open database. Clones share their state.
#[derive(Clone, Debug)]
pub struct OpenFiles(Arc<Files>);

#[derive(Debug)]
struct Files {
    database: PathBuf,
    opened: [(PathBuf, FileId); 3],
    is_lost: watch::Sender<bool>,
}

/// Device and inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileId(u64, u64);

impl FileId {
    fn find(path: &Path) -> std::io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        Ok(Self(metadata.dev(), metadata.ino()))
    }
}

impl OpenFiles {
    /// Remembers the files of a database that was just opened.
    ///
    /// # Errors
    /// One of the files does not exist.
    pub(super) fn of(database: &Path) -> std::io::Result<Self> {
        let opened = |path: PathBuf| FileId::find(&path).map(|id| (path, id));
        let opened = match paths(database) {
            [database, wal, shm] => [opened(database)?, opened(wal)?, opened(shm)?],
        };
        Ok(Self(Arc::new(Files { database: database.to_owned(), opened, is_lost: watch::Sender::new(false) })))
    }

    /// Checks that the paths still name the open files. Takes some microseconds and touches no file.
    ///
    /// # Errors
    /// They do not, or once did not: nothing may be written any more.
    pub(crate) fn check(&self) -> Result<(), LostFileError> {
        let is_same = |(path, id): &(PathBuf, FileId)| FileId::find(path).is_ok_and(|found| found == *id);
        if *self.0.is_lost.borrow() || !self.0.opened.iter().all(is_same) {
            self.0.is_lost.send_replace(true);
            return Err(self.error());
        }
        Ok(())
    }

    /// Completes when [`Self::check`] has failed.
    pub(super) async fn lost(&self) -> LostFileError {
        // The sender lives as long as this handle.
        let _ = self.0.is_lost.subscribe().wait_for(|is_lost| *is_lost).await;
        self.error()
    }

    fn error(&self) -> LostFileError {
        LostFileError { path: self.0.database.clone() }
    }
}

/// The database, its write-ahead log and the index of that log.
pub(super) fn paths(database: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|suffix| {
        let mut path = OsString::from(database);
        path.push(suffix);
        path.into()
    })
}
