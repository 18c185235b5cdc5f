//! The lock on the data folder: one process at a time owns the files in it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Proof that this process owns the data folder, until it is dropped or the process ends in whatever way.
#[derive(Debug)]
pub struct DataLock {
    data: PathBuf,
    // The kernel's lock lives as long as this descriptor; the file itself stays, for removing it would let a third
    // process lock a new file while a second one still waits for the old.
    _file: File,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{} is in use by {}; stop it first or give another --data", data.display(), holder(*pid))]
    InUse {
        data: PathBuf,
        /// None in the moment between the other process's lock and its note.
        pid: Option<u32>,
    },
    #[error("cannot use {}: make the data folder writable or give another --data", path.display())]
    Unusable { path: PathBuf, source: io::Error },
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}

/// Takes the data folder for this process, making it (0700) when there is none. Does not wait.
pub fn take(data: &Path) -> Result<DataLock, Error> {
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
            let mut note = String::new();
            let pid = file.read_to_string(&mut note).ok().and_then(|_| note.trim().parse().ok());
            return Err(Error::InUse { data: data.to_owned(), pid });
        }
        Err(TryLockError::Error(source)) => return Err(Error::Unusable { path, source }),
    }
    leave_note(&mut file).map_err(unusable(&path))?;
    Ok(DataLock { data: data.to_owned(), _file: file })
}

fn leave_note(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    writeln!(file, "{}", std::process::id())
}

impl DataLock {
    /// The folder this lock is on.
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
    fn the_folder_is_made_for_its_owner_alone() {
        let scratch = Scratch::new();
        let data = scratch.path().join("deep/data");
        let lock = take(&data).unwrap();
        assert_eq!(lock.data(), data);
        assert_eq!(std::fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn the_second_to_come_is_told_who_was_first_and_what_to_do() {
        let scratch = Scratch::new();
        let _first = take(scratch.path()).unwrap();
        let second = take(scratch.path()).unwrap_err();
        let (data, pid) = (scratch.path().display(), std::process::id());
        assert_eq!(
            second.to_string(),
            format!("{data} is in use by process {pid}; stop it first or give another --data")
        );
    }

    #[test]
    fn a_note_left_by_the_dead_keeps_nobody_out() {
        let scratch = Scratch::new();
        std::fs::write(scratch.path().join("lock"), "4294967295 and more\n").unwrap();
        let lock = take(scratch.path()).unwrap();
        assert_eq!(std::fs::read_to_string(scratch.path().join("lock")).unwrap(), format!("{}\n", std::process::id()));
        drop(lock);
        assert!(take(scratch.path()).is_ok());
    }

    #[test]
    fn a_path_that_is_no_folder_is_named() {
        let scratch = Scratch::new();
        let file = scratch.path().join("file");
        std::fs::write(&file, "").unwrap();
        let Err(Error::Unusable { path, .. }) = take(&file) else { panic!("a file is no folder") };
        assert_eq!(path, file);
    }
}
