//! A lock on a shop's head row. A batch that is decided under it cannot conflict.

use domain::ids::ShopId;
use engine::store::{self, Error, Outcome, ShopBatch, StoreFuture};
use sqlx::postgres::PgConnection;

use crate::postgres::Postgres;
use crate::postgres::append::{execute_raw, with_timeout};
use crate::sql::Sql;
use crate::sql::batch::{self, SavepointMode};

/// Holds one row lock and waits for no other. A writer that waits for this row while it holds the heads of other shops
/// can therefore not cause a deadlock.
#[derive(Debug)]
pub(super) struct HeadRowLock {
    store: Postgres,
    /// Connection with the open transaction that will write. Dropping it releases the lock.
    db: PgConnection,
}

impl Postgres {
    /// Locks the head row of a shop; `None` when the shop does not exist.
    pub(super) async fn acquire_head_lock(&self, shop: &ShopId) -> Result<Option<HeadRowLock>, Error> {
        let mut db = self.connect().await?;
        let rows = with_timeout(async {
            execute_raw(&mut db, "begin").await?;
            db.rows("select position from head where shop = $1 for update", vec![shop.as_str().into()]).await
        });
        let has_head = !rows.await?.is_empty();
        Ok(has_head.then(|| HeadRowLock { store: self.clone(), db }))
    }
}

impl store::HeadLock for HeadRowLock {
    fn append<'a>(mut self: Box<Self>, batch: &'a ShopBatch) -> StoreFuture<'a, Outcome>
    where
        Self: 'a,
    {
        Box::pin(async move {
            let batches = std::slice::from_ref(batch);
            let written = with_timeout(batch::write_batches(&mut self.db, batches, SavepointMode::Off)).await?;
            let Some(outcomes) = written else { return Ok(Outcome::Conflict) };
            self.store.commit(self.db, batches, &outcomes).await?;
            Ok(outcomes[0])
        })
    }
}
