//! Temporary folder for one measurement, removed on drop.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::BenchResult;

#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> BenchResult<Self> {
        let folder = std::env::temp_dir().join(format!("crema-bench-{}", Uuid::now_v7()));
        fs::create_dir(&folder).map_err(|error| format!("cannot create the folder {}: {error}", folder.display()))?;
        Ok(Self(folder))
    }

    /// Copies the folder and syncs the copy, so that pending writes do not affect the next measurement.
    pub(crate) fn copy(&self) -> BenchResult<Self> {
        let copy = Self::new()?;
        copy_into(&self.0, &copy.0)?;
        Ok(copy)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("crema.db")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Best effort: the system clears its temporary folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy_into(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, target) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            fs::create_dir(&target)?;
            copy_into(&entry.path(), &target)?;
        } else if kind.is_file() {
            // The control socket of a killed server is skipped.
            fs::copy(entry.path(), &target)?;
            File::open(&target)?.sync_all()?;
        }
    }
    Ok(())
}
