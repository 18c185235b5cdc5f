//! The store port: the traits that the engine uses, the rows of an append, and the errors.

use std::fmt::Debug;

use domain::event::Recorded;
use domain::ids::{EventId, GuestId, OrderId, ShopId};
use domain::order::Step;
use domain::time::Day;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

/// Name of the snapshot that holds the shop's own state. Any other name belongs to a subscription.
pub const SHOP_SNAPSHOT: &str = "Shop";

/// The boxed future of every call of the port.
pub type StoreFuture<'a, T> = BoxFuture<'a, Result<T, Error>>;

/// The read side of a store. All clones and handles of one store see the same data.
///
/// A read returns committed data only, including every commit that this node has acknowledged. Positions count from 1
/// without gaps within a shop; 0 is the position before the first event. A shop that does not exist reads as empty.
///
/// # Errors
/// Every call can fail with [`Error::Unavailable`]; it may be repeated. No read fails with [`Error::Unknown`].
pub trait Store: Debug + Send + Sync {
    /// Opens a writer. Several may coexist, here and on other nodes: the loser of a race for a position gets
    /// [`Outcome::Conflict`].
    fn writer(&self) -> StoreFuture<'_, Box<dyn Writer>>;

    /// The heads of all shops that have at least one event, sorted by shop.
    fn heads(&self) -> StoreFuture<'_, Vec<Head>>;

    /// At most `limit` events whose position is greater than `after`, in ascending order of position.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when a stored event cannot be decoded.
    fn events_after<'a>(&'a self, shop: &'a ShopId, after: u64, limit: u32) -> StoreFuture<'a, Vec<Recorded>>;

    /// The id of the event at a position; `None` when the log has no such event. It tells a log that continues from one
    /// that went back: no two events have the same id.
    fn event_id<'a>(&'a self, shop: &'a ShopId, position: u64) -> StoreFuture<'a, Option<EventId>>;

    /// The first position up to `through` at which the log has no event; `None` when it has all of them.
    fn first_missing<'a>(&'a self, shop: &'a ShopId, through: u64) -> StoreFuture<'a, Option<u64>>;

    /// All events of one order, in ascending order of position; empty for an unknown order.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when a stored event cannot be decoded.
    fn events_of_order<'a>(&'a self, shop: &'a ShopId, order: OrderId) -> StoreFuture<'a, Vec<Recorded>>;

    /// The receipt of an idempotency key. `None` when the key is unused or its receipt has been deleted.
    fn receipt<'a>(&'a self, shop: &'a ShopId, key: &'a str) -> StoreFuture<'a, Option<Receipt>>;

    /// At most `limit` orders that match the query, in descending order of their last position. With `before`, only
    /// orders whose last position is smaller.
    fn orders<'a>(
        &'a self,
        shop: &'a ShopId,
        query: OrderQuery,
        before: Option<u64>,
        limit: u32,
    ) -> StoreFuture<'a, Vec<OrderPosition>>;

    /// The encrypted names of the orders that have not ended, in no particular order.
    fn names<'a>(&'a self, shop: &'a ShopId) -> StoreFuture<'a, Vec<(OrderId, Vec<u8>)>>;

    /// Locks the shop's head row; other writers of the shop block until the guard is consumed or dropped. Waits for a
    /// writer that holds the row. `None` when the store has no locks or the shop does not exist.
    ///
    /// # Errors
    /// [`Error::Unavailable`] also when the lock is not granted in time. Nothing is locked then.
    fn lock_head<'a>(&'a self, shop: &'a ShopId) -> StoreFuture<'a, Option<Box<dyn HeadLock>>> {
        let _ = shop;
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Subscribes to [`Hints`]. `None` when no other node can write to this store.
    fn hints(&self) -> Option<Hints> {
        None
    }

    /// The last saved snapshot of a name: [`SHOP_SNAPSHOT`] or the name of a subscription. It may be older than the
    /// log; its position never exceeds that of the log it was taken from.
    fn load_snapshot<'a>(&'a self, shop: &'a ShopId, name: &'a str) -> StoreFuture<'a, Option<StoredSnapshot>>;
}

/// The write side of a store. One appender uses it, one call at a time.
pub trait Writer: Debug + Send {
    /// Writes batches of different shops in one commit and returns their outcomes, in the order of `batches`.
    ///
    /// Atomicity: a batch is written completely or not at all. A batch that conflicts does not affect the others.
    /// Ordering: a batch is written only when the shop's last position equals its `after`, and the event there has the
    /// id `after_id`. Durability: a returned
    /// [`Outcome::Committed`] survives a crash of the program and a power failure; the memory store is the exception.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: no batch was written. [`Error::Unknown`]: all batches that would have been committed
    /// were written, or none; the caller must not write again before it has read the log.
    fn append<'a>(&'a mut self, batches: &'a [ShopBatch]) -> StoreFuture<'a, Vec<Outcome>>;

    /// Replaces the snapshot of a name; `name` as in [`Store::load_snapshot`]. Independent of [`Self::append`].
    ///
    /// # Errors
    /// The previous snapshot remains. The log has everything, so nothing is lost.
    fn save_snapshot<'a>(
        &'a mut self,
        shop: &'a ShopId,
        name: &'a str,
        snapshot: &'a StoredSnapshot,
    ) -> StoreFuture<'a, ()>;

    /// Runs maintenance between two commits: deletes up to 500 receipts whose `at` is less than `before` (milliseconds
    /// since 1970), and lets the adapter limit its files. Returns the number of deleted receipts.
    ///
    /// # Errors
    /// No receipt was deleted.
    fn maintain(&mut self, before: i64) -> StoreFuture<'_, u64>;
}

/// Exclusive write access to one shop's head. Dropping it releases the lock without writing.
pub trait HeadLock: Debug + Send {
    /// Writes one batch as [`Writer::append`] does and releases the lock, also after an error.
    ///
    /// # Errors
    /// Those of [`Writer::append`].
    fn append<'a>(self: Box<Self>, batch: &'a ShopBatch) -> StoreFuture<'a, Outcome>
    where
        Self: 'a;
}

/// Notifications of new log positions from other nodes: a shop and a position that its log has reached. Own writes may
/// be included, positions may arrive out of order. Lossy: a notification may be missing for seconds.
pub type Hints = mpsc::UnboundedReceiver<(ShopId, u64)>;

/// A selection of orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderQuery {
    /// The orders of this guest, open and ended.
    OfGuest(GuestId),
    /// The orders that ended on this shop day.
    EndedOn(Day),
}

/// An order and the position of its last event.
pub type OrderPosition = (OrderId, u64);

/// One shop's part of a commit. It is written completely or not at all.
#[derive(Clone, Debug)]
pub struct ShopBatch {
    /// The shop that all rows belong to.
    pub shop: ShopId,
    /// Epoch of the log. Only the batch that begins the log writes it.
    pub epoch: String,
    /// Position that precedes the first event; 0 begins the log. Any other last position in the store is a conflict.
    pub after: u64,
    /// Id of the event at `after`. Another event there is a conflict: the log went back and has grown again. `None` is
    /// not compared.
    pub after_id: Option<EventId>,
    /// Events with consecutive positions from `after` + 1. Without any, the batch only stores receipts.
    pub events: Vec<Recorded>,
    /// Answers of the commands of this batch that have an idempotency key.
    pub receipts: Vec<Receipt>,
    /// Index rows of the orders that the events change, each order once.
    pub orders: Vec<OrderRow>,
    /// Names that are set or deleted.
    pub names: Vec<NameRow>,
}

/// The stored answer of an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The idempotency key.
    pub key: String,
    /// SHA-256 of the request. The same key with another hash is refused.
    pub request_hash: [u8; 32],
    /// The answer as JSON.
    pub answer: String,
    /// Time of the commit's decision, in milliseconds since 1970.
    pub at: i64,
}

/// The index row of an order after a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    /// The order.
    pub id: OrderId,
    /// The guest who ordered; never changes.
    pub guest: GuestId,
    /// Order number; 0 while the order has none. A stored number is never replaced by a smaller one.
    pub number: u32,
    /// Step after the batch.
    pub step: Step,
    /// Position of the order's last event.
    pub position: u64,
    /// Shop day on which the order ended; `None` while it is open.
    pub ended: Option<Day>,
    /// The order begins in this batch: a stored order with this id is a conflict.
    pub is_new: bool,
}

/// The encrypted name of an order. `None` deletes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameRow {
    /// The order that has the name.
    pub order: OrderId,
    /// Ciphertext of [`crate::keys::NameCipher::seal`].
    pub sealed: Option<Vec<u8>>,
}

/// The end of a shop's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The shop whose log it is.
    pub shop: ShopId,
    /// Random text that identifies this log.
    pub epoch: String,
    /// Position of the last event.
    pub position: u64,
}

/// A stored state, so that a start need not read the whole log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSnapshot {
    /// Version of the state's format. Each name has versions of its own.
    pub version: u32,
    /// Position of the last event that the state includes.
    pub position: u64,
    /// The state as JSON.
    pub state: String,
}

/// The result of writing one [`ShopBatch`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All rows of the batch are durable.
    Committed,
    /// Another writer was first: the log has other events at these positions, a key has a receipt, or a new order
    /// exists. Nothing of the batch was written.
    Conflict,
}

/// Why a call of the store failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing was written; the call may be repeated.
    #[error("store unavailable")]
    Unavailable(#[source] Cause),
    /// The commit may or may not have been applied. Only a start from the log resolves it.
    #[error("commit outcome unknown")]
    Unknown(#[source] Cause),
    /// A stored event cannot be decoded, for example because a later version wrote it.
    #[error("event {position} of shop {shop} cannot be read")]
    Corrupt {
        /// The shop whose log contains it.
        shop: ShopId,
        /// Its position.
        position: u64,
    },
    /// The log continues behind a position, or its head says so, and has no event there.
    #[error("event {position} of shop {shop} is missing from the log")]
    Missing {
        /// The shop whose log has the hole.
        shop: ShopId,
        /// The first missing position.
        position: u64,
    },
}

/// The driver's error, for the logs. No decision depends on it.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;
