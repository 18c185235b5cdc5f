//! Shop keys: one root key file per shop under `DATA/keys`, and the keys derived from it for each purpose.

use std::collections::HashMap;
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use domain::ids::{OrderId, ShopId};
use engine::keys::{KeyError, NameCipher};
use hmac::{Hmac, Mac};
use parking_lot::Mutex;
use sha2::Sha256;

mod binding;
mod draft;

pub(crate) use self::draft::DraftKeys;

/// Secret key of 32 bytes. `Debug` hides them.
#[derive(Clone)]
pub struct SecretKey([u8; 32]);

impl From<[u8; 32]> for SecretKey {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl SecretKey {
    /// HMAC-SHA-256 of the concatenated parts.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0).expect("HMAC accepts keys of any length");
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// Derived keys of one shop. Without its key file all encrypted text of the shop is lost.
#[derive(Debug)]
pub struct ShopKeys {
    shop: ShopId,
    codes: SecretKey,
    guests: SecretKey,
    names: SecretKey,
    shares: SecretKey,
    fingerprint: SecretKey,
}

/// The ciphertext is damaged or belongs to another key, shop or order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text cannot be decrypted with this shop's key")]
pub struct DecryptError;

/// Algorithm identifier, the first byte of each ciphertext.
const XCHACHA20_POLY1305: u8 = 1;
/// Nonce length in bytes.
const NONCE_BYTES: usize = 24;

impl ShopKeys {
    fn derive(shop: ShopId, root: &SecretKey) -> Self {
        let key = |purpose: &[u8]| SecretKey(root.mac(&[purpose]));
        let [codes, guests, names, shares] = [b"codes".as_slice(), b"guests", b"names", b"shares"].map(key);
        Self { shop, codes, guests, names, shares, fingerprint: key(b"fingerprint") }
    }

    /// Key for [`super::codes`].
    pub fn codes(&self) -> &SecretKey {
        &self.codes
    }

    /// Key for [`super::device::Device::guest`].
    pub fn guests(&self) -> &SecretKey {
        &self.guests
    }

    /// Key for [`super::shares`].
    pub fn shares(&self) -> &SecretKey {
        &self.shares
    }

    /// Identifies the root key and reveals nothing of it.
    pub fn fingerprint(&self) -> &[u8] {
        &self.fingerprint.0
    }

    /// Encrypts personal text and binds the ciphertext to its shop and order. The database alone does not reveal it.
    pub fn seal(&self, order: OrderId, text: &str) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = super::random();
        [&[XCHACHA20_POLY1305], nonce.as_slice(), &self.encrypt(nonce, order, text)].concat()
    }

    /// Decrypts the result of [`Self::seal`].
    ///
    /// # Errors
    /// The ciphertext is damaged or belongs to another key, shop or order.
    pub fn open(&self, order: OrderId, sealed: &[u8]) -> Result<String, DecryptError> {
        let rest = sealed.strip_prefix(&[XCHACHA20_POLY1305]).ok_or(DecryptError)?;
        let (nonce, msg) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(DecryptError)?;
        let payload = Payload { msg, aad: &self.associated_data(order) };
        let text = self.cipher().decrypt(&XNonce::from(*nonce), payload).map_err(|_| DecryptError)?;
        String::from_utf8(text).map_err(|_| DecryptError)
    }

    fn encrypt(&self, nonce: [u8; NONCE_BYTES], order: OrderId, text: &str) -> Vec<u8> {
        let payload = Payload { msg: text.as_bytes(), aad: &self.associated_data(order) };
        self.cipher().encrypt(&XNonce::from(nonce), payload).expect("encryption fails only above 256 GiB")
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.names.0.into())
    }

    fn associated_data(&self, order: OrderId) -> Vec<u8> {
        // Slugs contain no zero byte, so the encoding is unambiguous.
        [self.shop.as_str().as_bytes(), &[0], order.0.as_bytes()].concat()
    }
}

/// Why the shop keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot access the keys at {}: make them readable and writable for this user", path.display())]
    Inaccessible { path: PathBuf, source: io::Error },
    #[error("the log contains shop {shop}, but its key file {} is missing: restore it from the key backup, or pass the \
             --data folder that belongs to this log", path.display())]
    Missing { shop: ShopId, path: PathBuf },
    #[error("{} is not the key of shop {shop}: restore it from the key backup, or pass the --data folder that belongs to \
             this log", path.display())]
    Wrong { shop: ShopId, path: PathBuf },
    #[error("{} is the key of shop {shop}, which is not in the log: restore the database with its -wal file, or from a \
             backup, or pass the --data folder or --store that belongs to this key; remove the file only if nobody needs \
             the shop", path.display())]
    Orphaned { shop: ShopId, path: PathBuf },
}

/// The key folder. Only the process that holds the data lock may open it.
#[derive(Debug)]
pub struct KeyFolder {
    folder: PathBuf,
    cache: Mutex<HashMap<ShopId, Arc<ShopKeys>>>,
}

impl KeyFolder {
    /// Opens `DATA/keys`. Creates it if necessary and sets its mode to 0700.
    ///
    /// # Errors
    /// [`Error::Inaccessible`] if the folder cannot be created or its mode cannot be set.
    pub fn open(data: &Path) -> Result<Self, Error> {
        let folder = data.join("keys");
        let prepared = DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .and_then(|()| fs::set_permissions(&folder, Permissions::from_mode(0o700)));
        match prepared {
            Ok(()) => Ok(Self { folder, cache: Mutex::default() }),
            Err(source) => Err(Error::Inaccessible { path: folder, source }),
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// The keys of a shop. Creates the key file on first use and syncs it to disk before returning.
    ///
    /// # Errors
    /// The key file is inaccessible or malformed.
    pub fn shop(&self, shop: &ShopId) -> Result<Arc<ShopKeys>, Error> {
        let mut cache = self.cache.lock();
        if let Some(keys) = cache.get(shop) {
            return Ok(Arc::clone(keys));
        }
        let root = match self.read(shop)? {
            Some(root) => root,
            None => self.create(shop)?,
        };
        let keys = Arc::new(ShopKeys::derive(shop.clone(), &root));
        cache.insert(shop.clone(), Arc::clone(&keys));
        Ok(keys)
    }

    /// The key file of a shop whose log exists.
    fn file(&self, shop: &ShopId) -> PathBuf {
        self.folder.join(format!("shop-{shop}.key"))
    }

    /// The key file of a shop whose log may not exist yet.
    fn pending_file(&self, shop: &ShopId) -> PathBuf {
        self.folder.join(format!("shop-{shop}.pending"))
    }

    /// The root key of a shop; `None` if it has none.
    fn read(&self, shop: &ShopId) -> Result<Option<SecretKey>, Error> {
        for path in [self.file(shop), self.pending_file(shop)] {
            match fs::read(&path) {
                Ok(bytes) => {
                    let wrong = |_| Error::Wrong { shop: shop.clone(), path };
                    return bytes.try_into().map(|key| Some(SecretKey(key))).map_err(wrong);
                }
                Err(missing) if missing.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(Error::Inaccessible { path, source }),
            }
        }
        Ok(None)
    }

    fn create(&self, shop: &ShopId) -> Result<SecretKey, Error> {
        let (path, key) = (self.pending_file(shop), super::random());
        match write_atomically(&self.folder, &path, &key) {
            Ok(()) => Ok(SecretKey(key)),
            Err(source) => Err(Error::Inaccessible { path, source }),
        }
    }
}

impl engine::keys::Keys for KeyFolder {
    fn name_cipher(&self, shop: &ShopId) -> Result<Arc<dyn NameCipher>, KeyError> {
        Ok(self.shop(shop).map_err(KeyError::new)?)
    }
}

impl NameCipher for ShopKeys {
    fn seal(&self, order: OrderId, name: &str) -> Vec<u8> {
        Self::seal(self, order, name)
    }

    fn open(&self, order: OrderId, sealed: &[u8]) -> Option<String> {
        Self::open(self, order, sealed).ok()
    }
}

/// Writes a file atomically and durably, by rename and sync.
fn write_atomically(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use uuid::Uuid;

    use super::*;
    use crate::scratch::Scratch;

    const ORDER: OrderId = OrderId(Uuid::from_u128(1));

    fn shop(slug: &str) -> ShopId {
        slug.parse().unwrap()
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_secret_key_is_created_once_with_owner_permissions() {
        let scratch = Scratch::new();
        let first = KeyFolder::open(scratch.path()).unwrap().shop(&shop("demo")).unwrap();
        let file = scratch.path().join("keys/shop-demo.pending");
        assert_eq!(fs::read(&file).unwrap().len(), 32);
        assert_eq!((mode(&file), mode(&scratch.path().join("keys"))), (0o600, 0o700));
        let again = KeyFolder::open(scratch.path()).unwrap().shop(&shop("demo")).unwrap();
        assert_eq!(first.codes.0, again.codes.0);
        assert_eq!(fs::read_dir(scratch.path().join("keys")).unwrap().count(), 1);
    }

    #[test]
    fn a_key_folder_readable_by_others_is_restricted() {
        let scratch = Scratch::new();
        let folder = scratch.path().join("keys");
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        KeyFolder::open(scratch.path()).unwrap();
        assert_eq!(mode(&folder), 0o700);
    }

    #[test]
    fn every_shop_and_every_purpose_has_its_own_key() {
        let scratch = Scratch::new();
        let keys = KeyFolder::open(scratch.path()).unwrap();
        let (one, two) = (keys.shop(&shop("one")).unwrap(), keys.shop(&shop("two")).unwrap());
        let all = [&one.codes, &one.guests, &one.names, &two.codes, &two.guests, &two.names].map(|key| key.0);
        for (n, key) in all.iter().enumerate() {
            assert!(!all[..n].contains(key));
        }
    }

    #[test]
    fn a_damaged_key_is_reported_and_not_replaced() {
        let scratch = Scratch::new();
        let keys = KeyFolder::open(scratch.path()).unwrap();
        let file = scratch.path().join("keys/shop-demo.key");
        fs::write(&file, "short").unwrap();
        assert!(matches!(keys.shop(&shop("demo")), Err(Error::Wrong { path, .. }) if path == file));
        assert_eq!(fs::read(&file).unwrap(), b"short");
    }

    #[test]
    fn an_unfinished_key_file_is_written_again() {
        let scratch = Scratch::new();
        let keys = KeyFolder::open(scratch.path()).unwrap();
        fs::write(scratch.path().join("keys/shop-demo.new"), "half").unwrap();
        keys.shop(&shop("demo")).unwrap();
        assert_eq!(fs::read(scratch.path().join("keys/shop-demo.pending")).unwrap().len(), 32);
    }

    #[test]
    fn an_encrypted_name_decrypts_only_for_its_order_and_shop() {
        let keys = ShopKeys::derive(shop("one"), &SecretKey([1; 32]));
        let sealed = keys.seal(ORDER, "Zoë");
        assert_eq!(keys.open(ORDER, &sealed).as_deref(), Ok("Zoë"));
        assert_eq!(keys.open(OrderId(Uuid::from_u128(2)), &sealed), Err(DecryptError));
        assert_eq!(ShopKeys::derive(shop("two"), &SecretKey([1; 32])).open(ORDER, &sealed), Err(DecryptError));
        assert_eq!(ShopKeys::derive(shop("one"), &SecretKey([2; 32])).open(ORDER, &sealed), Err(DecryptError));
    }

    #[test]
    fn sealing_a_name_twice_gives_different_ciphertexts() {
        let keys = ShopKeys::derive(shop("one"), &SecretKey([1; 32]));
        assert_ne!(keys.seal(ORDER, "Zoë"), keys.seal(ORDER, "Zoë"));
    }

    #[test]
    fn damaged_or_truncated_ciphertext_is_rejected() {
        let keys = ShopKeys::derive(shop("one"), &SecretKey([1; 32]));
        let sealed = keys.seal(ORDER, "Zoë");
        for index in 0..sealed.len() {
            assert_eq!(keys.open(ORDER, &sealed[..index]), Err(DecryptError));
            let mut damaged = sealed.clone();
            damaged[index] ^= 1;
            assert_eq!(keys.open(ORDER, &damaged), Err(DecryptError));
        }
    }

    #[test]
    fn no_key_is_ever_printed() {
        let printed = format!("{:?}", ShopKeys::derive(shop("one"), &SecretKey([0xAB; 32])));
        assert_eq!(
            printed,
            r#"ShopKeys { shop: ShopId("one"), codes: Key(…), guests: Key(…), names: Key(…), shares: Key(…), fingerprint: Key(…) }"#
        );
    }
}
