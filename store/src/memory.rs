//! The in-memory store, for tests and for measurements without a disk. It is lost with the process.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::future::ready;
use std::sync::Arc;

use domain::event::Recorded;
use domain::ids::{EventId, GuestId, OrderId, ShopId};
use domain::time::Day;
use engine::store::{
    Head, Hints, OrderPosition, OrderQuery, Outcome, Receipt, ShopBatch, Store, StoreFuture, StoredSnapshot, Writer,
};
use parking_lot::Mutex;
use tokio::sync::mpsc::{self, UnboundedSender};

/// Receipts that one call deletes at most.
const MAX_DELETED_RECEIPTS: u64 = 500;

/// A handle to an in-memory store. Clones share its data.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Arc<Mutex<Logs>>);

#[derive(Debug, Default)]
struct Logs {
    shops: BTreeMap<ShopId, Log>,
    /// Receivers of hints.
    listeners: Vec<UnboundedSender<(ShopId, u64)>>,
}

/// The data of one shop. It may exist without events, after a snapshot or a conflict.
#[derive(Debug, Default)]
struct Log {
    epoch: String,
    events: Vec<Recorded>,
    receipts: HashMap<String, Receipt>,
    orders: HashMap<OrderId, StoredOrder>,
    names: BTreeMap<OrderId, Vec<u8>>,
    /// Snapshots by name.
    snapshots: BTreeMap<String, StoredSnapshot>,
}

#[derive(Debug)]
struct StoredOrder {
    guest: GuestId,
    /// Position of the order's last event.
    position: u64,
    ended: Option<Day>,
}

impl MemoryStore {
    fn read_log<T: Default>(&self, shop: &ShopId, read: impl FnOnce(&Log) -> T) -> T {
        self.0.lock().shops.get(shop).map(read).unwrap_or_default()
    }
}

impl Logs {
    fn append(&mut self, batch: &ShopBatch) -> Outcome {
        let log = self.shops.entry(batch.shop.clone()).or_default();
        let (outcome, position) = (log.append(batch), log.position());
        if outcome == Outcome::Committed {
            self.listeners.retain(|listener| listener.send((batch.shop.clone(), position)).is_ok());
        }
        outcome
    }
}

impl Log {
    fn position(&self) -> u64 {
        self.events.last().map_or(0, |recorded| recorded.position)
    }

    fn append(&mut self, batch: &ShopBatch) -> Outcome {
        let is_other = batch.after_id.is_some_and(|id| self.events.last().map(|last| last.id) != Some(id));
        if batch.after != self.position() || is_other || self.has_duplicates(batch) {
            return Outcome::Conflict;
        }
        if self.events.is_empty() {
            self.epoch.clone_from(&batch.epoch);
        }
        self.events.extend_from_slice(&batch.events);
        self.receipts.extend(batch.receipts.iter().map(|receipt| (receipt.key.clone(), receipt.clone())));
        for row in &batch.orders {
            // The guest of an order never changes.
            let new = StoredOrder { guest: row.guest, position: 0, ended: None };
            let order = self.orders.entry(row.id).or_insert(new);
            (order.position, order.ended) = (row.position, row.ended);
        }
        for row in &batch.names {
            match &row.sealed {
                Some(sealed) => self.names.insert(row.order, sealed.clone()),
                None => self.names.remove(&row.order),
            };
        }
        Outcome::Committed
    }

    /// True when a receipt or a new order of the batch is stored already, or occurs twice in the batch.
    fn has_duplicates(&self, batch: &ShopBatch) -> bool {
        let (mut keys, mut orders) = (HashSet::new(), HashSet::new());
        let mut new = batch.orders.iter().filter(|row| row.is_new);
        batch.receipts.iter().any(|row| self.receipts.contains_key(&row.key) || !keys.insert(&row.key))
            || new.any(|row| self.orders.contains_key(&row.id) || !orders.insert(row.id))
    }
}

impl Store for MemoryStore {
    fn writer(&self) -> StoreFuture<'_, Box<dyn Writer>> {
        ready_ok(Box::new(self.clone()))
    }

    fn hints(&self) -> Option<Hints> {
        let (listener, hints) = mpsc::unbounded_channel();
        self.0.lock().listeners.push(listener);
        Some(hints)
    }

    fn heads(&self) -> StoreFuture<'_, Vec<Head>> {
        let logs = self.0.lock();
        let non_empty = logs.shops.iter().filter(|(_, log)| !log.events.is_empty());
        let head = |(shop, log): (&ShopId, &Log)| Head {
            shop: shop.clone(),
            epoch: log.epoch.clone(),
            position: log.position(),
        };
        ready_ok(non_empty.map(head).collect())
    }

    fn events_after<'a>(&'a self, shop: &'a ShopId, after: u64, limit: u32) -> StoreFuture<'a, Vec<Recorded>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        ready_ok(self.read_log(shop, |log| {
            let start = log.events.partition_point(|recorded| recorded.position <= after);
            log.events.iter().skip(start).take(limit).cloned().collect()
        }))
    }

    fn event_id<'a>(&'a self, shop: &'a ShopId, position: u64) -> StoreFuture<'a, Option<EventId>> {
        ready_ok(self.read_log(shop, |log| {
            let index = log.events.binary_search_by_key(&position, |recorded| recorded.position);
            index.ok().map(|index| log.events[index].id)
        }))
    }

    fn first_missing<'a>(&'a self, shop: &'a ShopId, through: u64) -> StoreFuture<'a, Option<u64>> {
        let positions: Vec<u64> = self.read_log(shop, |log| log.events.iter().map(|event| event.position).collect());
        let mut positions = positions.into_iter();
        ready_ok((1..=through).find(|expected| positions.next() != Some(*expected)))
    }

    fn events_of_order<'a>(&'a self, shop: &'a ShopId, order: OrderId) -> StoreFuture<'a, Vec<Recorded>> {
        let has_order = |recorded: &&Recorded| recorded.event.order() == Some(order);
        ready_ok(self.read_log(shop, |log| log.events.iter().filter(has_order).cloned().collect()))
    }

    fn receipt<'a>(&'a self, shop: &'a ShopId, key: &'a str) -> StoreFuture<'a, Option<Receipt>> {
        ready_ok(self.read_log(shop, |log| log.receipts.get(key).cloned()))
    }

    fn orders<'a>(
        &'a self,
        shop: &'a ShopId,
        query: OrderQuery,
        before: Option<u64>,
        limit: u32,
    ) -> StoreFuture<'a, Vec<OrderPosition>> {
        let matches = |order: &StoredOrder| match query {
            OrderQuery::OfGuest(guest) => order.guest == guest,
            OrderQuery::EndedOn(day) => order.ended == Some(day),
        };
        ready_ok(self.read_log(shop, |log| {
            let orders = log.orders.iter().filter(|(_, order)| matches(order));
            let mut orders: Vec<OrderPosition> = orders.map(|(id, order)| (*id, order.position)).collect();
            orders.retain(|(_, position)| before.is_none_or(|before| *position < before));
            orders.sort_unstable_by_key(|(_, position)| std::cmp::Reverse(*position));
            orders.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            orders
        }))
    }

    fn names<'a>(&'a self, shop: &'a ShopId) -> StoreFuture<'a, Vec<(OrderId, Vec<u8>)>> {
        ready_ok(self.read_log(shop, |log| log.names.iter().map(|(order, sealed)| (*order, sealed.clone())).collect()))
    }

    fn load_snapshot<'a>(&'a self, shop: &'a ShopId, name: &'a str) -> StoreFuture<'a, Option<StoredSnapshot>> {
        ready_ok(self.read_log(shop, |log| log.snapshots.get(name).cloned()))
    }
}

impl Writer for MemoryStore {
    fn append<'a>(&'a mut self, batches: &'a [ShopBatch]) -> StoreFuture<'a, Vec<Outcome>> {
        let mut logs = self.0.lock();
        ready_ok(batches.iter().map(|batch| logs.append(batch)).collect())
    }

    fn save_snapshot<'a>(
        &'a mut self,
        shop: &'a ShopId,
        name: &'a str,
        snapshot: &'a StoredSnapshot,
    ) -> StoreFuture<'a, ()> {
        let mut logs = self.0.lock();
        logs.shops.entry(shop.clone()).or_default().snapshots.insert(name.to_owned(), snapshot.clone());
        ready_ok(())
    }

    fn maintain(&mut self, before: i64) -> StoreFuture<'_, u64> {
        let mut deleted = 0;
        for log in self.0.lock().shops.values_mut() {
            log.receipts.retain(|_, receipt| {
                let is_deleted = receipt.at < before && deleted < MAX_DELETED_RECEIPTS;
                deleted += u64::from(is_deleted);
                !is_deleted
            });
        }
        ready_ok(deleted)
    }
}

/// A future that is ready and cannot fail.
fn ready_ok<'a, T: Send + 'a>(value: T) -> StoreFuture<'a, T> {
    Box::pin(ready(Ok(value)))
}
