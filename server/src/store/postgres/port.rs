//! PostgreSQL behind the port.

use domain::ids::ShopId;

use crate::store::postgres::{Postgres, Writer};
use crate::store::sql::asked_by_sql;
use crate::store::{self, HeadLock, Hints, Outcome, ShopBatch, Snapshot, Store, StoreFuture};

impl Store for Postgres {
    fn writer(&self) -> StoreFuture<'_, Box<dyn store::Writer>> {
        Box::pin(async { Ok(Box::new(Self::writer(self).await?) as Box<dyn store::Writer>) })
    }

    fn hold<'a>(&'a self, shop: &'a ShopId) -> StoreFuture<'a, Option<Box<dyn HeadLock>>> {
        Box::pin(async { Ok(self.held(shop).await?.map(|held| Box::new(held) as Box<dyn HeadLock>)) })
    }

    fn hints(&self) -> Option<Hints> {
        Some(self.listen())
    }

    asked_by_sql!();
}

impl store::Writer for Writer {
    fn append<'a>(&'a mut self, units: &'a [ShopBatch]) -> StoreFuture<'a, Vec<Outcome>> {
        Box::pin(Self::append(self, units))
    }

    fn save<'a>(&'a mut self, shop: &'a ShopId, of: &'a str, saved: &'a Snapshot) -> StoreFuture<'a, ()> {
        Box::pin(Self::save(self, shop, of, saved))
    }

    fn sweep(&mut self, before: i64) -> StoreFuture<'_, u64> {
        Box::pin(Self::sweep(self, before))
    }
}
