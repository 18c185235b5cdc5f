//! Build cache in the target folder, keyed by the hash of the inputs.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use crate::error::Error;

/// Unused entries are removed after this time.
const MAX_ENTRY_AGE: Duration = Duration::from_hours(14 * 24);

pub(crate) struct Cache {
    folder: PathBuf,
}

impl Cache {
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
        let cache = Self { folder: folder.to_owned() };
        cache.remove_expired();
        Ok(cache)
    }

    /// Returns the cached result for `step` and `input`, or runs `work` and caches its result.
    ///
    /// `step` must identify every other dependency of the result. `work` receives a path prefix for scratch files.
    pub(crate) fn get(
        &self,
        step: &str,
        input: &[u8],
        work: impl FnOnce(&Path) -> Result<Vec<u8>, Error>,
    ) -> Result<Vec<u8>, Error> {
        let key = hash(&[step.as_bytes(), b"\0", input]);
        let path = self.folder.join(&key);
        if let Ok(cached) = fs::read(&path) {
            // The age counts from the last use. If the touch fails, the entry only expires early.
            let _ = File::options().append(true).open(&path).and_then(|file| file.set_modified(SystemTime::now()));
            return Ok(cached);
        }
        let scratch = self.folder.join(format!("{key}.{}", std::process::id()));
        let result = work(&scratch)?;
        // Renamed into place, so that a killed build leaves no partial entry.
        fs::write(&scratch, &result).map_err(Error::file("write", &scratch))?;
        fs::rename(&scratch, &path).map_err(Error::file("write", &path))?;
        Ok(result)
    }

    /// Removes expired entries. Best effort: failures are ignored.
    fn remove_expired(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten() {
            let is_expired = entry
                .metadata()
                .and_then(|metadata| metadata.modified())
                .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > MAX_ENTRY_AGE));
            if is_expired {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Returns the hex SHA-256 of the concatenated parts.
pub(crate) fn hash(parts: &[&[u8]]) -> String {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update(part);
    }
    sha.finalize().iter().fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}"))
}
