//! A store wrapper for tests: it records attempted appends and injects a fault.

use std::sync::{Arc, Mutex};

use domain::event::Recorded;
use domain::ids::{EventId, OrderId, ShopId};
use engine::store::{
    Error, HeadLock, Hints, OrderPosition, OrderQuery, Outcome, Receipt, ShopBatch, Store, StoreFuture, StoredSnapshot,
    Writer,
};

use super::shop_batch;

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
    AlwaysConflict,
    /// Every append conflicts, and the log has no new event.
    ConflictWithoutNews,
    /// The batch is committed and the outcome is reported as unknown.
    UnknownCommitted,
    /// The batch is not committed and the outcome is reported as unknown.
    UnknownNotCommitted,
}

/// The faults that a suite of any store has to detect, with their names.
pub(crate) const PLANTED_FAULTS: [(&str, Fault); 4] = [
    ("lost-conflict", Fault::LostConflict),
    ("gap", Fault::Gap),
    ("reorder", Fault::Reorder),
    ("half-written", Fault::HalfWritten),
];

#[derive(Clone, Debug)]
pub(crate) struct FaultyStore {
    inner: Arc<dyn Store>,
    fault: Option<Fault>,
    attempts: Arc<Mutex<Vec<ShopBatch>>>,
}

impl FaultyStore {
    pub(crate) fn new(inner: Arc<dyn Store>, fault: Option<Fault>) -> Self {
        Self { inner, fault, attempts: Arc::default() }
    }

    /// All attempted batches in order, including retries.
    pub(crate) fn attempts(&self) -> Vec<ShopBatch> {
        self.attempts.lock().unwrap().clone()
    }

    fn record_and_corrupt(&self, shop_batches: &[ShopBatch]) -> Vec<ShopBatch> {
        self.attempts.lock().unwrap().extend_from_slice(shop_batches);
        shop_batches
            .iter()
            .map(|shop_batch| self.fault.map_or_else(|| shop_batch.clone(), |fault| fault.corrupt(shop_batch.clone())))
            .collect()
    }

    /// Appends an event to the shops of these batches first.
    async fn append_first(&self, shop_batches: &[ShopBatch]) -> Result<(), Error> {
        let mut writer = self.inner.writer().await?;
        for head in self.inner.heads().await? {
            if shop_batches.iter().any(|shop_batch| shop_batch.shop == head.shop) {
                writer.append(&[shop_batch(head.shop.as_str(), head.position, 1)]).await?;
            }
        }
        Ok(())
    }

    fn corrupt_outcomes(&self, outcomes: Vec<Outcome>) -> Result<Vec<Outcome>, Error> {
        match self.fault {
            Some(Fault::LostConflict) => Ok(vec![Outcome::Committed; outcomes.len()]),
            Some(Fault::UnknownCommitted) => Err(Error::Unknown("cut off".into())),
            _ => Ok(outcomes),
        }
    }
}

impl Fault {
    fn corrupt(self, mut shop_batch: ShopBatch) -> ShopBatch {
        let last = shop_batch.events.len().saturating_sub(1);
        match self {
            Self::Gap => shop_batch.events[last].position += 1,
            Self::Reorder => {
                let (first, second) = (shop_batch.events[0].position, shop_batch.events[last].position);
                shop_batch.events.swap(0, last);
                (shop_batch.events[0].position, shop_batch.events[last].position) = (first, second);
            }
            Self::HalfWritten => {
                shop_batch.events.truncate(shop_batch.events.len().div_ceil(2));
                shop_batch.receipts.clear();
            }
            Self::LostConflict
            | Self::AlwaysConflict
            | Self::ConflictWithoutNews
            | Self::UnknownCommitted
            | Self::UnknownNotCommitted => {}
        }
        shop_batch
    }
}

impl Store for FaultyStore {
    fn writer(&self) -> StoreFuture<'_, Box<dyn Writer>> {
        Box::pin(async {
            let inner = self.inner.writer().await?;
            Ok(Box::new(FaultyWriter { inner, store: self.clone() }) as Box<dyn Writer>)
        })
    }

    fn lock_head<'a>(&'a self, shop: &'a ShopId) -> StoreFuture<'a, Option<Box<dyn HeadLock>>> {
        Box::pin(async {
            let lock = self.inner.lock_head(shop).await?;
            Ok(lock.map(|inner| Box::new(FaultyHeadLock { inner, store: self.clone() }) as Box<dyn HeadLock>))
        })
    }

    fn hints(&self) -> Option<Hints> {
        self.inner.hints()
    }

    fn heads(&self) -> StoreFuture<'_, Vec<engine::store::Head>> {
        self.inner.heads()
    }

    fn events_after<'a>(&'a self, shop: &'a ShopId, after: u64, most: u32) -> StoreFuture<'a, Vec<Recorded>> {
        self.inner.events_after(shop, after, most)
    }

    fn event_id<'a>(&'a self, shop: &'a ShopId, position: u64) -> StoreFuture<'a, Option<EventId>> {
        self.inner.event_id(shop, position)
    }

    fn first_missing<'a>(&'a self, shop: &'a ShopId, through: u64) -> StoreFuture<'a, Option<u64>> {
        self.inner.first_missing(shop, through)
    }

    fn events_of_order<'a>(&'a self, shop: &'a ShopId, order: OrderId) -> StoreFuture<'a, Vec<Recorded>> {
        self.inner.events_of_order(shop, order)
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

    fn load_snapshot<'a>(&'a self, shop: &'a ShopId, of: &'a str) -> StoreFuture<'a, Option<StoredSnapshot>> {
        self.inner.load_snapshot(shop, of)
    }
}

#[derive(Debug)]
struct FaultyWriter {
    inner: Box<dyn Writer>,
    store: FaultyStore,
}

impl Writer for FaultyWriter {
    fn append<'a>(&'a mut self, shop_batches: &'a [ShopBatch]) -> StoreFuture<'a, Vec<Outcome>> {
        Box::pin(async {
            let shop_batches = self.store.record_and_corrupt(shop_batches);
            match self.store.fault {
                Some(Fault::UnknownNotCommitted) => return Err(Error::Unknown("cut off".into())),
                Some(Fault::ConflictWithoutNews) => return Ok(vec![Outcome::Conflict; shop_batches.len()]),
                Some(Fault::AlwaysConflict) => self.store.append_first(&shop_batches).await?,
                _ => {}
            }
            self.store.corrupt_outcomes(self.inner.append(&shop_batches).await?)
        })
    }

    fn save_snapshot<'a>(
        &'a mut self,
        shop: &'a ShopId,
        of: &'a str,
        saved: &'a StoredSnapshot,
    ) -> StoreFuture<'a, ()> {
        self.inner.save_snapshot(shop, of, saved)
    }

    fn maintain(&mut self, before: i64) -> StoreFuture<'_, u64> {
        self.inner.maintain(before)
    }
}

#[derive(Debug)]
struct FaultyHeadLock {
    inner: Box<dyn HeadLock>,
    store: FaultyStore,
}

impl HeadLock for FaultyHeadLock {
    fn append<'a>(self: Box<Self>, shop_batch: &'a ShopBatch) -> StoreFuture<'a, Outcome>
    where
        Self: 'a,
    {
        Box::pin(async move {
            let shop_batch = self.store.record_and_corrupt(std::slice::from_ref(shop_batch)).remove(0);
            if self.store.fault == Some(Fault::ConflictWithoutNews) {
                return Ok(Outcome::Conflict);
            }
            Ok(self.store.corrupt_outcomes(vec![self.inner.append(&shop_batch).await?])?[0])
        })
    }
}
