//! A store wrapper for tests: it records attempted appends and injects a fault.

use std::sync::{Arc, Mutex};

use domain::event::Recorded;
use domain::ids::{OrderId, ShopId};
use server::store::{
    Error, HeadLock, Hints, OrderPosition, OrderQuery, Outcome, Receipt, ShopBatch, Snapshot, Store, StoreFuture,
    Writer,
};

use super::unit;

/// The fault to inject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A conflict is reported as committed.
    LostConflict,
    /// The last event of each batch is moved one position up.
    Gap,
    /// The first and the last event of a batch are swapped.
    Reorder,
    /// Only the first half of a batch's events is written, without its receipts.
    HalfWritten,
    /// Another writer appends first, except under the head lock.
    AlwaysLate,
    /// The batch is committed and the outcome is reported as unknown.
    UnknownWritten,
    /// The batch is not committed and the outcome is reported as unknown.
    UnknownUnwritten,
}

/// The faults that a suite of any store has to detect, with their names.
pub(crate) const PLANTED: [(&str, Fault); 4] = [
    ("lost-conflict", Fault::LostConflict),
    ("gap", Fault::Gap),
    ("reorder", Fault::Reorder),
    ("half-written", Fault::HalfWritten),
];

#[derive(Clone, Debug)]
pub(crate) struct Wrapped {
    inner: Arc<dyn Store>,
    fault: Option<Fault>,
    asked: Arc<Mutex<Vec<ShopBatch>>>,
}

impl Wrapped {
    pub(crate) fn new(inner: Arc<dyn Store>, fault: Option<Fault>) -> Self {
        Self { inner, fault, asked: Arc::default() }
    }

    /// All attempted batches in order, including retries.
    pub(crate) fn asked(&self) -> Vec<ShopBatch> {
        self.asked.lock().unwrap().clone()
    }

    fn take(&self, units: &[ShopBatch]) -> Vec<ShopBatch> {
        self.asked.lock().unwrap().extend_from_slice(units);
        units.iter().map(|unit| self.fault.map_or_else(|| unit.clone(), |fault| fault.of(unit.clone()))).collect()
    }

    /// Appends an event to the shops of these batches first.
    async fn come_before(&self, units: &[ShopBatch]) -> Result<(), Error> {
        let mut writer = self.inner.writer().await?;
        for head in self.inner.heads().await? {
            if units.iter().any(|unit| unit.shop == head.shop) {
                writer.append(&[unit(head.shop.as_str(), head.position, 1)]).await?;
            }
        }
        Ok(())
    }

    fn answer(&self, outcomes: Vec<Outcome>) -> Result<Vec<Outcome>, Error> {
        match self.fault {
            Some(Fault::LostConflict) => Ok(vec![Outcome::Committed; outcomes.len()]),
            Some(Fault::UnknownWritten) => Err(Error::Unknown("cut off".into())),
            _ => Ok(outcomes),
        }
    }
}

impl Fault {
    fn of(self, mut unit: ShopBatch) -> ShopBatch {
        let last = unit.events.len().saturating_sub(1);
        match self {
            Self::Gap => unit.events[last].position += 1,
            Self::Reorder => {
                let (first, second) = (unit.events[0].position, unit.events[last].position);
                unit.events.swap(0, last);
                (unit.events[0].position, unit.events[last].position) = (first, second);
            }
            Self::HalfWritten => {
                unit.events.truncate(unit.events.len().div_ceil(2));
                unit.receipts.clear();
            }
            Self::LostConflict | Self::AlwaysLate | Self::UnknownWritten | Self::UnknownUnwritten => {}
        }
        unit
    }
}

impl Store for Wrapped {
    fn writer(&self) -> StoreFuture<'_, Box<dyn Writer>> {
        Box::pin(async {
            let inner = self.inner.writer().await?;
            Ok(Box::new(WrappedWriter { inner, of: self.clone() }) as Box<dyn Writer>)
        })
    }

    fn hold<'a>(&'a self, shop: &'a ShopId) -> StoreFuture<'a, Option<Box<dyn HeadLock>>> {
        Box::pin(async {
            let held = self.inner.hold(shop).await?;
            Ok(held.map(|inner| Box::new(WrappedHeld { inner, of: self.clone() }) as Box<dyn HeadLock>))
        })
    }

    fn hints(&self) -> Option<Hints> {
        self.inner.hints()
    }

    fn heads(&self) -> StoreFuture<'_, Vec<server::store::Head>> {
        self.inner.heads()
    }

    fn events_after<'a>(&'a self, shop: &'a ShopId, after: u64, most: u32) -> StoreFuture<'a, Vec<Recorded>> {
        self.inner.events_after(shop, after, most)
    }

    fn events_of<'a>(&'a self, shop: &'a ShopId, order: OrderId) -> StoreFuture<'a, Vec<Recorded>> {
        self.inner.events_of(shop, order)
    }

    fn receipt<'a>(&'a self, shop: &'a ShopId, key: &'a str) -> StoreFuture<'a, Option<Receipt>> {
        self.inner.receipt(shop, key)
    }

    fn orders<'a>(
        &'a self,
        shop: &'a ShopId,
        which: OrderQuery,
        before: Option<u64>,
        most: u32,
    ) -> StoreFuture<'a, Vec<OrderPosition>> {
        self.inner.orders(shop, which, before, most)
    }

    fn names<'a>(&'a self, shop: &'a ShopId) -> StoreFuture<'a, Vec<(OrderId, Vec<u8>)>> {
        self.inner.names(shop)
    }

    fn saved<'a>(&'a self, shop: &'a ShopId, of: &'a str) -> StoreFuture<'a, Option<Snapshot>> {
        self.inner.saved(shop, of)
    }
}

#[derive(Debug)]
struct WrappedWriter {
    inner: Box<dyn Writer>,
    of: Wrapped,
}

impl Writer for WrappedWriter {
    fn append<'a>(&'a mut self, units: &'a [ShopBatch]) -> StoreFuture<'a, Vec<Outcome>> {
        Box::pin(async {
            let units = self.of.take(units);
            match self.of.fault {
                Some(Fault::UnknownUnwritten) => return Err(Error::Unknown("cut off".into())),
                Some(Fault::AlwaysLate) => self.of.come_before(&units).await?,
                _ => {}
            }
            self.of.answer(self.inner.append(&units).await?)
        })
    }

    fn save<'a>(&'a mut self, shop: &'a ShopId, of: &'a str, saved: &'a Snapshot) -> StoreFuture<'a, ()> {
        self.inner.save(shop, of, saved)
    }

    fn sweep(&mut self, before: i64) -> StoreFuture<'_, u64> {
        self.inner.sweep(before)
    }
}

#[derive(Debug)]
struct WrappedHeld {
    inner: Box<dyn HeadLock>,
    of: Wrapped,
}

impl HeadLock for WrappedHeld {
    fn append<'a>(self: Box<Self>, unit: &'a ShopBatch) -> StoreFuture<'a, Outcome>
    where
        Self: 'a,
    {
        Box::pin(async move {
            let unit = self.of.take(std::slice::from_ref(unit)).remove(0);
            Ok(self.of.answer(vec![self.inner.append(&unit).await?])?[0])
        })
    }
}
