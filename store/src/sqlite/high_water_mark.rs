//! The number of acknowledged events, in a small file beside the database.
//!
//! SQLite ends its write-ahead log silently at the first damaged page. The mark shows at the next start that
//! acknowledged events are missing then. It is written after each commit and not flushed: it is never ahead of the log,
//! and after a power failure it may be behind.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use engine::store::Error;

use crate::sql::{Pool, head};

/// Length of the number with its line end. It never changes, so that a write needs no space on the disk.
const WIDTH: usize = 20;

/// The open file, and the number of events in all logs.
#[derive(Debug)]
pub(super) struct HighWaterMark {
    /// `None` when the file cannot be written: losses go unnoticed then.
    file: Option<File>,
    events: u64,
}

impl HighWaterMark {
    /// Opens the file for a writer.
    ///
    /// # Errors
    /// The heads cannot be read.
    pub(super) async fn open(database: &Path, tables: &Pool) -> Result<Self, Error> {
        let file = OpenOptions::new().write(true).open(path(database));
        Ok(Self { file: file.ok(), events: count(tables).await? })
    }

    /// Adds the events of a commit.
    pub(super) fn add(&mut self, events: usize) {
        self.events += events as u64;
        if let Some(file) = &self.file {
            // A mark that is behind only hides a loss.
            let _ = file.write_all_at(&line(self.events), 0);
        }
    }
}

/// Compares the mark with the log. After a loss, and after a restored backup, which has no mark, every log gets a new
/// epoch: it does not continue what readers saw. A loss is logged.
///
/// # Errors
/// The heads cannot be read.
pub(super) async fn check(database: &Path, tables: &Pool) -> Result<(), Error> {
    let path = path(database);
    // The mark comes first: a running writer may add events meanwhile.
    let mark = read(&path);
    let found = count(tables).await?;
    let continues = match mark {
        Ok(Some(acknowledged)) if acknowledged > found => {
            let (database, lost) = (database.display(), acknowledged - found);
            tracing::error!(
                %database, lost, found,
                "acknowledged events are missing at the end of the log: its -wal file was damaged or removed, or an \
                 older database was put in its place; going on without them"
            );
            false
        }
        Ok(Some(_)) => true,
        Ok(None) => found == 0,
        Err(_) => return Ok(()),
    };
    if !continues {
        head::renew_epochs(tables).await?;
    }
    if !continues || matches!(mark, Ok(None)) {
        let new = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
        if let Err(error) = new.and_then(|file| file.write_all_at(&line(found), 0)) {
            tracing::warn!(
                error = engine::error_field(&error),
                "the number of events cannot be noted beside the database"
            );
        }
    }
    Ok(())
}

/// The events of all shops.
async fn count(tables: &Pool) -> Result<u64, Error> {
    Ok(head::all(tables).await?.iter().map(|head| head.position).sum())
}

/// `None` without a file. An unreadable number counts as zero.
fn read(path: &Path) -> io::Result<Option<u64>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.trim().parse().unwrap_or(0))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn line(events: u64) -> Vec<u8> {
    format!("{events:>width$}\n", width = WIDTH - 1).into_bytes()
}

fn path(database: &Path) -> PathBuf {
    let mut path = OsString::from(database);
    path.push("-mark");
    path.into()
}
