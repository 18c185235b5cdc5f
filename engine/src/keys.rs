//! The keys port: encryption of the names of orders with the keys of their shop.

use std::error::Error as StdError;
use std::sync::Arc;

use domain::ids::{OrderId, ShopId};

/// The keys of all shops.
pub trait Keys: Send + Sync {
    /// The cipher for a shop's names. Creates the shop's keys on first use; they are durable before this returns.
    ///
    /// # Errors
    /// The keys cannot be read or created.
    fn name_cipher(&self, shop: &ShopId) -> Result<Arc<dyn NameCipher>, KeyError>;
}

/// Encrypts and decrypts the names of one shop's orders.
pub trait NameCipher: Send + Sync {
    /// Encrypts a name and binds the ciphertext to its order.
    fn seal(&self, order: OrderId, name: &str) -> Vec<u8>;

    /// Decrypts the result of [`Self::seal`]. `None` when it is damaged or belongs to another key or order.
    fn open(&self, order: OrderId, sealed: &[u8]) -> Option<String>;
}

/// The keys of a shop cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct KeyError(Box<dyn StdError + Send + Sync>);

impl KeyError {
    /// Wraps the error of an adapter.
    pub fn new(error: impl StdError + Send + Sync + 'static) -> Self {
        Self(Box::new(error))
    }
}
