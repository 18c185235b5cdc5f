//! Temporary folder for one test, removed on drop.

use std::path::{Path, PathBuf};

pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        let name = u64::from_be_bytes(crate::identity::random());
        let folder = std::env::temp_dir().join(format!("crema-{name:016x}"));
        std::fs::create_dir(&folder).expect("the name is new and the temporary folder is writable");
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Best effort: the system clears its temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
