//! Keys of a shop that is being created, in memory until they are persisted.

use std::io;

use domain::ids::ShopId;

use super::{Error, KeyFolder, SecretKey, ShopKeys, write_atomically};

/// Keys of a shop that does not exist yet.
pub(crate) struct DraftKeys {
    pub(crate) keys: ShopKeys,
    /// Content of the new key file. `None` if the file exists already.
    new_key: Option<[u8; 32]>,
}

impl KeyFolder {
    /// Reads the shop's key file, or generates a key that [`Self::persist`] writes to disk.
    ///
    /// # Errors
    /// The key file is inaccessible or malformed.
    pub(crate) fn draft(&self, shop: &ShopId) -> Result<DraftKeys, Error> {
        let stored = self.read(shop)?;
        let new_key = if stored.is_none() { Some(crate::identity::random()) } else { None };
        let root = stored.or(new_key.map(SecretKey)).expect("a key without a file is new");
        Ok(DraftKeys { keys: ShopKeys::derive(shop.clone(), &root), new_key })
    }

    /// Writes a draft's new key to disk. Does nothing if the draft was read from a file.
    ///
    /// # Errors
    /// [`Error::Inaccessible`] if the file cannot be written or was created meanwhile.
    pub(crate) fn persist(&self, draft: &DraftKeys) -> Result<(), Error> {
        // The lock prevents another thread from creating the key between the check and the write.
        let cache = self.cache.lock();
        let (shop, Some(new_key)) = (&draft.keys.shop, &draft.new_key) else { return Ok(()) };
        let path = self.pending_file(shop);
        let written = if cache.contains_key(shop) || path.exists() || self.file(shop).exists() {
            Err(io::ErrorKind::AlreadyExists.into())
        } else {
            write_atomically(&self.folder, &path, new_key)
        };
        written.map_err(|source| Error::Inaccessible { path, source })
    }
}
