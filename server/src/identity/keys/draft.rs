//! Keys of a shop that is yet to be: in memory until it is certain that there will be one.

use std::fs;
use std::io;
use std::sync::PoisonError;

use domain::ids::ShopId;

use super::{Error, Keys, SecretKey, ShopKeys, write_whole};

/// A shop's keys before there is the shop.
pub(crate) struct Draft {
    pub(crate) keys: ShopKeys,
    /// What their file will hold, if there is none.
    fresh: Option<[u8; 32]>,
}

impl Keys {
    /// The keys of a shop that is yet to be: those of its file, or new ones that are on no disk before [`Self::keep`].
    pub(crate) fn draft(&self, shop: &ShopId) -> Result<Draft, Error> {
        let path = self.file(shop);
        let (root, fresh) = match fs::read(&path) {
            Ok(bytes) => (bytes.try_into().map(SecretKey).map_err(|_| Error::Garbled { path })?, None),
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
                let root = crate::identity::random();
                (SecretKey(root), Some(root))
            }
            Err(source) => return Err(Error::Unusable { path, source }),
        };
        Ok(Draft { keys: ShopKeys::derive(shop.clone(), &root), fresh })
    }

    /// Puts a draft on the disk, unless keys of that shop have come there meanwhile.
    pub(crate) fn keep(&self, draft: &Draft) -> Result<(), Error> {
        // Held, so that nobody makes others between the look and the writing.
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (shop, Some(fresh)) = (&draft.keys.shop, &draft.fresh) else { return Ok(()) };
        let path = self.file(shop);
        let written = if known.contains_key(shop) || path.exists() {
            Err(io::ErrorKind::AlreadyExists.into())
        } else {
            write_whole(&self.folder, &path, fresh)
        };
        written.map_err(|source| Error::Unusable { path, source })
    }
}
