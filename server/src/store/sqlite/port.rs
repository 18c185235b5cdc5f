//! SQLite behind the port: every question goes to the method of the same name.

use domain::event::Recorded;
use domain::ids::{OrderId, ShopId};

use crate::store::sqlite::{Sqlite, Writer};
use crate::store::{self, Head, Outcome, Place, Receipt, Saved, Soon, Store, Unit, Which};

impl Store for Sqlite {
    fn writer(&self) -> Soon<'_, Box<dyn store::Writer>> {
        Box::pin(async { Ok(Box::new(Self::writer(self).await?) as Box<dyn store::Writer>) })
    }

    fn heads(&self) -> Soon<'_, Vec<Head>> {
        Box::pin(Self::heads(self))
    }

    fn events_after<'a>(&'a self, shop: &'a ShopId, after: u64, most: u32) -> Soon<'a, Vec<Recorded>> {
        Box::pin(Self::events_after(self, shop, after, most))
    }

    fn events_of<'a>(&'a self, shop: &'a ShopId, order: OrderId) -> Soon<'a, Vec<Recorded>> {
        Box::pin(Self::events_of(self, shop, order))
    }

    fn receipt<'a>(&'a self, shop: &'a ShopId, key: &'a str) -> Soon<'a, Option<Receipt>> {
        Box::pin(Self::receipt(self, shop, key))
    }

    fn orders<'a>(&'a self, shop: &'a ShopId, which: Which, before: Option<u64>, most: u32) -> Soon<'a, Vec<Place>> {
        Box::pin(Self::orders(self, shop, which, before, most))
    }

    fn names<'a>(&'a self, shop: &'a ShopId) -> Soon<'a, Vec<(OrderId, Vec<u8>)>> {
        Box::pin(Self::names(self, shop))
    }

    fn saved<'a>(&'a self, shop: &'a ShopId, of: &'a str) -> Soon<'a, Option<Saved>> {
        Box::pin(Self::saved(self, shop, of))
    }
}

impl store::Writer for Writer {
    fn append<'a>(&'a mut self, units: &'a [Unit]) -> Soon<'a, Vec<Outcome>> {
        Box::pin(Self::append(self, units))
    }

    fn save<'a>(&'a mut self, shop: &'a ShopId, of: &'a str, saved: &'a Saved) -> Soon<'a, ()> {
        Box::pin(Self::save(self, shop, of, saved))
    }

    fn sweep(&mut self, before: i64) -> Soon<'_, u64> {
        Box::pin(Self::sweep(self, before))
    }
}
