//! Results of slow steps, kept in the target folder under the hash of what went in.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use crate::error::Error;

/// Long enough for branches to be switched back and forth, short enough not to grow for ever.
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

    /// What `work` makes of `input`; `step` names everything else that the result depends on.
    ///
    /// `work` is given a path beside the cache that it may write scratch files under.
    pub(crate) fn get(
        &self,
        step: &str,
        input: &[u8],
        work: impl FnOnce(&Path) -> Result<Vec<u8>, Error>,
    ) -> Result<Vec<u8>, Error> {
        let key = hash(&[step.as_bytes(), b"\0", input]);
        let path = self.folder.join(&key);
        if let Ok(cached) = fs::read(&path) {
            // Its age counts from the last use. A cache that cannot be touched only loses an entry early.
            let _ = File::options().append(true).open(&path).and_then(|file| file.set_modified(SystemTime::now()));
            return Ok(cached);
        }
        let scratch = self.folder.join(format!("{key}.{}", std::process::id()));
        let result = work(&scratch)?;
        // Renamed into place: a build that is killed half-way must not leave half a result under the full key.
        fs::write(&scratch, &result).map_err(Error::file("write", &scratch))?;
        fs::rename(&scratch, &path).map_err(Error::file("write", &path))?;
        Ok(result)
    }

    /// Best effort: an entry that stays costs only room.
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

/// SHA-256 in hex, of all the parts one after the other.
pub(crate) fn hash(parts: &[&[u8]]) -> String {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update(part);
    }
    sha.finalize().iter().fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}"))
}
