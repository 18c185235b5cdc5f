//! The tie between the key files and the log: each shop of the log has its key, and each key its shop.
//!
//! A key is written before its shop's first commit, so that no log exists without it, and its file is `pending` until
//! that commit. A `key` file without a shop therefore means that the log is not the one that it belongs to.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use domain::ids::ShopId;
use store::KeyFingerprints;

use super::{Error, KeyFolder};

impl KeyFolder {
    /// Checks that each shop of the log has a key file, and each key file a shop. A new key could not decrypt names or
    /// recognize guests, and a shop does not leave the log.
    ///
    /// # Errors
    /// [`Error::Missing`] or [`Error::Orphaned`] for the first file that is missing or has no shop.
    pub fn check_shops(&self, shops: &BTreeSet<ShopId>) -> Result<(), Error> {
        let has_none = |shop: &&ShopId| !self.file(shop).exists() && !self.pending_file(shop).exists();
        if let Some(shop) = shops.iter().find(has_none) {
            return Err(Error::Missing { shop: shop.clone(), path: self.file(shop) });
        }
        match self.shops()?.difference(shops).next() {
            Some(shop) => Err(Error::Orphaned { shop: shop.clone(), path: self.file(shop) }),
            None => Ok(()),
        }
    }

    /// Compares the key of a shop of the log with the fingerprint beside its head, or stores that if there is none yet.
    /// The key file is no longer pending then.
    ///
    /// # Errors
    /// [`Error::Wrong`] for another key; the fingerprint or the file cannot be read or written.
    pub async fn bind(&self, fingerprints: &KeyFingerprints, shop: &ShopId) -> Result<(), crate::Error> {
        let (file, pending) = (self.file(shop), self.pending_file(shop));
        let is_pending = !file.exists();
        if !fingerprints.claim(shop, self.shop(shop)?.fingerprint()).await? {
            let path = if is_pending { pending } else { file };
            return Err(Error::Wrong { shop: shop.clone(), path }.into());
        }
        if is_pending {
            let renamed = fs::rename(&pending, &file).and_then(|()| File::open(&self.folder)?.sync_all());
            renamed.map_err(|source| Error::Inaccessible { path: file, source })?;
        }
        Ok(())
    }

    /// The shops with a key that is not pending: those of the log that the keys belong to.
    ///
    /// # Errors
    /// [`Error::Inaccessible`] if the folder cannot be read.
    pub(crate) fn shops(&self) -> Result<BTreeSet<ShopId>, Error> {
        self.shops_with_key().map_err(|source| Error::Inaccessible { path: self.folder.clone(), source })
    }

    fn shops_with_key(&self) -> io::Result<BTreeSet<ShopId>> {
        let names = fs::read_dir(&self.folder)?.map(|entry| Ok(entry?.file_name()));
        let shop = |name: &Path| name.to_str()?.strip_prefix("shop-")?.strip_suffix(".key")?.parse().ok();
        names.filter_map(|name| name.map(|name| shop(Path::new(&name))).transpose()).collect()
    }
}
