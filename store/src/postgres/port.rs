//! Implements the store port for PostgreSQL.

use domain::ids::ShopId;
use engine::store::{self, HeadLock, Hints, Outcome, ShopBatch, Store, StoreFuture, StoredSnapshot};

use crate::postgres::{Postgres, PostgresWriter};
use crate::sql::impl_store_reads;

impl Store for Postgres {
    fn writer(&self) -> StoreFuture<'_, Box<dyn store::Writer>> {
        Box::pin(async { Ok(Box::new(Self::writer(self).await?) as Box<dyn store::Writer>) })
    }

    fn lock_head<'a>(&'a self, shop: &'a ShopId) -> StoreFuture<'a, Option<Box<dyn HeadLock>>> {
        Box::pin(async { Ok(self.acquire_head_lock(shop).await?.map(|lock| Box::new(lock) as Box<dyn HeadLock>)) })
    }

    fn hints(&self) -> Option<Hints> {
        Some(self.listen())
    }

    impl_store_reads!();
}

impl store::Writer for PostgresWriter {
    fn append<'a>(&'a mut self, batches: &'a [ShopBatch]) -> StoreFuture<'a, Vec<Outcome>> {
        Box::pin(Self::append(self, batches))
    }

    fn save_snapshot<'a>(
        &'a mut self,
        shop: &'a ShopId,
        name: &'a str,
        snapshot: &'a StoredSnapshot,
    ) -> StoreFuture<'a, ()> {
        Box::pin(Self::save_snapshot(self, shop, name, snapshot))
    }

    fn maintain(&mut self, before: i64) -> StoreFuture<'_, u64> {
        Box::pin(Self::maintain(self, before))
    }
}
