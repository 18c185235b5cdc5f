//! Bookmarks of subscriptions: a position in a shop's log with the consumer's state.

use std::sync::Arc;

use domain::ids::ShopId;

use crate::Engine;
use crate::store::{self, StoredSnapshot};

impl Engine {
    /// The last bookmark that was saved under a name.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn bookmark(&self, shop: &ShopId, name: &str) -> Result<Option<StoredSnapshot>, store::Error> {
        self.deps.store.load_snapshot(shop, name).await
    }

    /// Queues a bookmark and does not wait for the write: a lost bookmark only repeats the events since the previous
    /// one.
    pub async fn save_bookmark(&self, shop: &ShopId, name: Arc<str>, bookmark: StoredSnapshot) {
        let appender = self.appender.read().clone();
        if let Some(appender) = appender {
            appender.save(shop.clone(), name, bookmark).await;
        }
    }
}
