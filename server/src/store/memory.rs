//! The log in memory: for tests, and for measuring what is not the disk. It ends with the program.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::event::Recorded;
use domain::ids::{GuestId, OrderId, ShopId};
use domain::time::Day;
use tokio::sync::mpsc::{self, UnboundedSender};

use crate::store::{
    Head, Hints, OrderPosition, OrderQuery, Outcome, Receipt, ShopBatch, Snapshot, Store, StoreFuture, Writer,
};

/// As many old answers as are forgotten at a time.
const FORGOTTEN_AT_ONCE: u64 = 500;

/// A handle; all its clones are one store.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Logs>>);

#[derive(Debug, Default)]
struct Logs {
    of: BTreeMap<ShopId, Log>,
    /// Who wants to hear where they have come to.
    listeners: Vec<UnboundedSender<(ShopId, u64)>>,
}

/// All there is of one shop. It exists once something was written.
#[derive(Debug, Default)]
struct Log {
    epoch: String,
    events: Vec<Recorded>,
    receipts: HashMap<String, Receipt>,
    orders: HashMap<OrderId, Order>,
    names: BTreeMap<OrderId, Vec<u8>>,
    /// By whose it is.
    saved: BTreeMap<String, Snapshot>,
}

#[derive(Debug)]
struct Order {
    guest: GuestId,
    /// Of its last event.
    position: u64,
    ended: Option<Day>,
}

impl Memory {
    fn logs(&self) -> MutexGuard<'_, Logs> {
        // Nothing in here panics between two changes that belong together.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of<T: Default>(&self, shop: &ShopId, read: impl FnOnce(&Log) -> T) -> T {
        self.logs().of.get(shop).map(read).unwrap_or_default()
    }
}

impl Logs {
    fn take(&mut self, unit: &ShopBatch) -> Outcome {
        let log = self.of.entry(unit.shop.clone()).or_default();
        let (outcome, position) = (log.take(unit), log.position());
        if outcome == Outcome::Committed {
            self.listeners.retain(|listener| listener.send((unit.shop.clone(), position)).is_ok());
        }
        outcome
    }
}

impl Log {
    fn position(&self) -> u64 {
        self.events.last().map_or(0, |recorded| recorded.position)
    }

    fn take(&mut self, unit: &ShopBatch) -> Outcome {
        if unit.after != self.position() || self.meets(unit) {
            return Outcome::Conflict;
        }
        if self.events.is_empty() {
            self.epoch.clone_from(&unit.epoch);
        }
        self.events.extend_from_slice(&unit.events);
        self.receipts.extend(unit.receipts.iter().map(|receipt| (receipt.key.clone(), receipt.clone())));
        for row in &unit.orders {
            // Whose it is does not change after its beginning.
            let order = self.orders.entry(row.id).or_insert(Order { guest: row.guest, position: 0, ended: None });
            (order.position, order.ended) = (row.position, row.ended);
        }
        for row in &unit.names {
            match &row.sealed {
                Some(sealed) => self.names.insert(row.order, sealed.clone()),
                None => self.names.remove(&row.order),
            };
        }
        Outcome::Committed
    }

    /// Whether a key of the unit was given its answer, or an order that begins in it exists: here, or twice in the unit.
    fn meets(&self, unit: &ShopBatch) -> bool {
        let (mut keys, mut orders) = (HashSet::new(), HashSet::new());
        let mut new = unit.orders.iter().filter(|row| row.is_new);
        unit.receipts.iter().any(|row| self.receipts.contains_key(&row.key) || !keys.insert(&row.key))
            || new.any(|row| self.orders.contains_key(&row.id) || !orders.insert(row.id))
    }
}

impl Store for Memory {
    fn writer(&self) -> StoreFuture<'_, Box<dyn Writer>> {
        soon(Box::new(self.clone()))
    }

    fn hints(&self) -> Option<Hints> {
        let (listener, hints) = mpsc::unbounded_channel();
        self.logs().listeners.push(listener);
        Some(hints)
    }

    fn heads(&self) -> StoreFuture<'_, Vec<Head>> {
        let logs = self.logs();
        let written = logs.of.iter().filter(|(_, log)| !log.events.is_empty());
        let head = |(shop, log): (&ShopId, &Log)| Head {
            shop: shop.clone(),
            epoch: log.epoch.clone(),
            position: log.position(),
        };
        soon(written.map(head).collect())
    }

    fn events_after<'a>(&'a self, shop: &'a ShopId, after: u64, most: u32) -> StoreFuture<'a, Vec<Recorded>> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        soon(self.of(shop, |log| {
            let start = log.events.partition_point(|recorded| recorded.position <= after);
            log.events.iter().skip(start).take(most).cloned().collect()
        }))
    }

    fn events_of<'a>(&'a self, shop: &'a ShopId, order: OrderId) -> StoreFuture<'a, Vec<Recorded>> {
        let is_its = |recorded: &&Recorded| recorded.event.order() == Some(order);
        soon(self.of(shop, |log| log.events.iter().filter(is_its).cloned().collect()))
    }

    fn receipt<'a>(&'a self, shop: &'a ShopId, key: &'a str) -> StoreFuture<'a, Option<Receipt>> {
        soon(self.of(shop, |log| log.receipts.get(key).cloned()))
    }

    fn orders<'a>(
        &'a self,
        shop: &'a ShopId,
        which: OrderQuery,
        before: Option<u64>,
        most: u32,
    ) -> StoreFuture<'a, Vec<OrderPosition>> {
        let is_asked_for = |order: &Order| match which {
            OrderQuery::Of(guest) => order.guest == guest,
            OrderQuery::EndedOn(day) => order.ended == Some(day),
        };
        soon(self.of(shop, |log| {
            let found = log.orders.iter().filter(|(_, order)| is_asked_for(order));
            let mut found: Vec<OrderPosition> = found.map(|(id, order)| (*id, order.position)).collect();
            found.retain(|(_, position)| before.is_none_or(|before| *position < before));
            found.sort_unstable_by_key(|(_, position)| std::cmp::Reverse(*position));
            found.truncate(usize::try_from(most).unwrap_or(usize::MAX));
            found
        }))
    }

    fn names<'a>(&'a self, shop: &'a ShopId) -> StoreFuture<'a, Vec<(OrderId, Vec<u8>)>> {
        soon(self.of(shop, |log| log.names.iter().map(|(order, sealed)| (*order, sealed.clone())).collect()))
    }

    fn saved<'a>(&'a self, shop: &'a ShopId, of: &'a str) -> StoreFuture<'a, Option<Snapshot>> {
        soon(self.of(shop, |log| log.saved.get(of).cloned()))
    }
}

impl Writer for Memory {
    fn append<'a>(&'a mut self, units: &'a [ShopBatch]) -> StoreFuture<'a, Vec<Outcome>> {
        let mut logs = self.logs();
        soon(units.iter().map(|unit| logs.take(unit)).collect())
    }

    fn save<'a>(&'a mut self, shop: &'a ShopId, of: &'a str, saved: &'a Snapshot) -> StoreFuture<'a, ()> {
        self.logs().of.entry(shop.clone()).or_default().saved.insert(of.to_owned(), saved.clone());
        soon(())
    }

    fn sweep(&mut self, before: i64) -> StoreFuture<'_, u64> {
        let mut gone = 0;
        for log in self.logs().of.values_mut() {
            log.receipts.retain(|_, receipt| {
                let goes = receipt.at < before && gone < FORGOTTEN_AT_ONCE;
                gone += u64::from(goes);
                !goes
            });
        }
        soon(gone)
    }
}

/// Memory is always there.
fn soon<'a, T: Send + 'a>(answer: T) -> StoreFuture<'a, T> {
    Box::pin(ready(Ok(answer)))
}
