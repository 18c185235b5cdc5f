//! SQLite behind the port.

use domain::ids::ShopId;

use crate::store::sql::asked_by_sql;
use crate::store::sqlite::{Sqlite, Writer};
use crate::store::{self, Outcome, ShopBatch, Snapshot, Store, StoreFuture};

impl Store for Sqlite {
    fn writer(&self) -> StoreFuture<'_, Box<dyn store::Writer>> {
        Box::pin(async { Ok(Box::new(Self::writer(self).await?) as Box<dyn store::Writer>) })
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
