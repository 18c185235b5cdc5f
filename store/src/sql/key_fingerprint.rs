//! Column `key_fingerprint` of table `head`: the key that a shop's codes, guests and names depend on.

use domain::ids::ShopId;
use engine::store::Error;

use crate::sql::{Pool, SqlError, Value};

/// The fingerprints of all shops. Clones share one pool.
#[derive(Clone, Debug)]
pub struct KeyFingerprints {
    pool: Pool,
}

impl KeyFingerprints {
    /// Uses the pool's database, which must have been migrated.
    pub fn new(pool: impl Into<Pool>) -> Self {
        Self { pool: pool.into() }
    }

    /// Stores the fingerprint of a shop that has none. Returns whether the shop then has this one; false for a shop
    /// without a log.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: nothing was written.
    pub async fn claim(&self, shop: &ShopId, fingerprint: &[u8]) -> Result<bool, Error> {
        if let Some(stored) = self.find(shop).await? {
            return Ok(stored == fingerprint);
        }
        let text = "update head set key_fingerprint = $1 where shop = $2 and key_fingerprint is null";
        self.pool.execute(text, vec![Value::Bytes(fingerprint), shop.as_str().into()]).await?;
        Ok(self.find(shop).await?.is_some_and(|stored| stored == fingerprint))
    }

    async fn find(&self, shop: &ShopId) -> Result<Option<Vec<u8>>, SqlError> {
        let text = "select key_fingerprint from head where shop = $1";
        let rows = self.pool.rows(text, vec![shop.as_str().into()]).await?;
        rows.first().map_or(Ok(None), |row| row.get(0))
    }
}
