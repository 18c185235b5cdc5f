//! A shop's head, held for whoever was late twice: what is decided on the log as it stands then cannot be late again.

use domain::ids::ShopId;
use sqlx::postgres::PgConnection;

use crate::store::postgres::Postgres;
use crate::store::postgres::append::{in_time, say};
use crate::store::sql::Sql;
use crate::store::sql::write::{self, Pace};
use crate::store::{self, Error, Outcome, ShopBatch, StoreFuture};

/// One row is held and nothing else is waited for: whoever waits for it in a batch, with other heads in hand, does not
/// hold up this one.
#[derive(Debug)]
pub(super) struct HeadLock {
    store: Postgres,
    /// In the transaction that will write. Gone, it lets go.
    db: PgConnection,
}

impl Postgres {
    pub(super) async fn held(&self, shop: &ShopId) -> Result<Option<HeadLock>, Error> {
        let mut db = self.connect().await?;
        let rows = in_time(async {
            say(&mut db, "begin").await?;
            db.rows("select position from head where shop = $1 for update", vec![shop.as_str().into()]).await
        });
        let is_there = !rows.await?.is_empty();
        Ok(is_there.then(|| HeadLock { store: self.clone(), db }))
    }
}

impl store::HeadLock for HeadLock {
    fn append<'a>(mut self: Box<Self>, unit: &'a ShopBatch) -> StoreFuture<'a, Outcome>
    where
        Self: 'a,
    {
        Box::pin(async move {
            let units = std::slice::from_ref(unit);
            let written = in_time(write::units(&mut self.db, units, Pace::Together)).await?;
            let Some(outcomes) = written else { return Ok(Outcome::Conflict) };
            self.store.commit(self.db, units, &outcomes).await?;
            Ok(outcomes[0])
        })
    }
}
