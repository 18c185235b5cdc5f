//! Where extensions stand in a shop's log, and what they had made of it by then.

use domain::ids::ShopId;

use crate::engine::Engine;
use crate::store::{self, Snapshot};
use std::sync::{Arc, PoisonError};

impl Engine {
    /// What an extension saved last.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn bookmark(&self, shop: &ShopId, extension: &str) -> Result<Option<Snapshot>, store::Error> {
        self.deps.store.saved(shop, extension).await
    }

    /// Writes a bookmark down soon: the log has everything, so nobody waits for it.
    pub async fn keep_bookmark(&self, shop: &ShopId, extension: Arc<str>, saved: Snapshot) {
        let appender = self.appender.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(appender) = appender {
            appender.save(shop.clone(), extension, saved).await;
        }
    }
}
