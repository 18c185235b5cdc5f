//! Exclusive lock on the data folder: one process at a time uses its files.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Holds the lock on the data folder until it is dropped or the process ends.
#[derive(Debug)]
pub struct DataLock {
    data: PathBuf,
    // The kernel releases the lock with this descriptor. The file is never removed: otherwise one process could lock a
    // new file while another still waits for the old one.
    _file: File,
}

/// Why the data folder cannot be locked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{} is in use by {}; stop it first or give another --data", data.display(), holder(*pid))]
    InUse {
        data: PathBuf,
        /// `None` if the other process has not written its id yet.
        pid: Option<u32>,
    },
    #[error("cannot use {}: make the data folder writable or give another --data", path.display())]
    Unusable { path: PathBuf, source: io::Error },
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}

/// Locks the data folder, and creates it (mode 0700) if it does not exist. Does not wait.
///
/// # Errors
/// [`Error::InUse`] if another process holds the lock; [`Error::Unusable`] if the folder cannot be written.
pub fn acquire(data: &Path) -> Result<DataLock, Error> {
    let path = data.join("lock");
    let unusable = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Unusable { path, source }
    };
    DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(unusable(data))?;
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(unusable(&path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            let pid = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
            return Err(Error::InUse { data: data.to_owned(), pid });
        }
        Err(TryLockError::Error(source)) => return Err(Error::Unusable { path, source }),
    }
    // The number only helps others to name the holder, and a full disk must not keep the program from starting.
    let _ = write_pid(&mut file);
    Ok(DataLock { data: data.to_owned(), _file: file })
}

/// True when a process has ever held the lock of this folder.
pub fn was_acquired(data: &Path) -> bool {
    data.join("lock").exists()
}

fn write_pid(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    writeln!(file, "{}", std::process::id())
}

impl DataLock {
    /// The locked folder.
    pub fn data(&self) -> &Path {
        &self.data
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn the_data_folder_is_created_with_owner_permissions() {
        let scratch = Scratch::new();
        let data = scratch.path().join("deep/data");
        let lock = acquire(&data).unwrap();
        assert_eq!(lock.data(), data);
        assert_eq!(std::fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_second_process_is_told_the_holder_of_the_lock_and_the_remedy() {
        let scratch = Scratch::new();
        let _first = acquire(scratch.path()).unwrap();
        let second = acquire(scratch.path()).unwrap_err();
        let (data, pid) = (scratch.path().display(), std::process::id());
        assert_eq!(
            second.to_string(),
            format!("{data} is in use by process {pid}; stop it first or give another --data")
        );
    }

    #[test]
    fn a_stale_lock_note_does_not_block() {
        let scratch = Scratch::new();
        std::fs::write(scratch.path().join("lock"), "4294967295 and more\n").unwrap();
        let lock = acquire(scratch.path()).unwrap();
        assert_eq!(std::fs::read_to_string(scratch.path().join("lock")).unwrap(), format!("{}\n", std::process::id()));
        drop(lock);
        assert!(acquire(scratch.path()).is_ok());
    }

    #[test]
    fn a_data_path_that_is_not_a_folder_is_reported() {
        let scratch = Scratch::new();
        let file = scratch.path().join("file");
        std::fs::write(&file, "").unwrap();
        let Err(Error::Unusable { path, .. }) = acquire(&file) else { panic!("locking a file must fail") };
        assert_eq!(path, file);
    }
}
