//! Implements the store port for SQLite.

use domain::ids::ShopId;
use engine::store::{self, Outcome, ShopBatch, Store, StoreFuture, StoredSnapshot};

use crate::sql::impl_store_reads;
use crate::sqlite::{Sqlite, SqliteWriter};

impl Store for Sqlite {
    fn writer(&self) -> StoreFuture<'_, Box<dyn store::Writer>> {
        Box::pin(async { Ok(Box::new(Self::writer(self).await?) as Box<dyn store::Writer>) })
    }

    impl_store_reads!();
}

impl store::Writer for SqliteWriter {
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
