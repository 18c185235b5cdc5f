//! What the log is kept in: the port, the rows of one append, what reading gives back, and how either can fail.

pub mod memory;
pub mod opened;
pub mod postgres;
pub mod sql;
pub mod sqlite;

use std::fmt::Debug;

use domain::event::Recorded;
use domain::ids::{GuestId, OrderId, ShopId};
use domain::order::Step;
use domain::time::Day;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

/// Whose state it is when it is the shop's own.
pub const SHOP_SNAPSHOT: &str = "Shop";

/// What a store answers, in a while.
pub type StoreFuture<'a, T> = BoxFuture<'a, Result<T, Error>>;

/// The store as everybody but the appender knows it. Every question can fail with [`Error::Unavailable`].
pub trait Store: Debug + Send + Sync {
    /// One who writes. A second one may write beside it: who comes second to a position meets a conflict.
    fn writer(&self) -> StoreFuture<'_, Box<dyn Writer>>;

    /// Every shop there is, by name.
    fn heads(&self) -> StoreFuture<'_, Vec<Head>>;

    /// At most `most` events after a position, in order; [`Error::Corrupt`] when one cannot be read.
    fn events_after<'a>(&'a self, shop: &'a ShopId, after: u64, most: u32) -> StoreFuture<'a, Vec<Recorded>>;

    /// All events of one order, in order; fails as [`Self::events_after`].
    fn events_of<'a>(&'a self, shop: &'a ShopId, order: OrderId) -> StoreFuture<'a, Vec<Recorded>>;

    /// The answer a key was given.
    fn receipt<'a>(&'a self, shop: &'a ShopId, key: &'a str) -> StoreFuture<'a, Option<Receipt>>;

    /// At most `most` of these orders, each with the position of its last event: the newest by that position first, and
    /// only those before `before`.
    fn orders<'a>(
        &'a self,
        shop: &'a ShopId,
        which: OrderQuery,
        before: Option<u64>,
        most: u32,
    ) -> StoreFuture<'a, Vec<OrderPosition>>;

    /// The sealed names of the orders that are not over.
    fn names<'a>(&'a self, shop: &'a ShopId) -> StoreFuture<'a, Vec<(OrderId, Vec<u8>)>>;

    /// The shop's log for whoever was late twice: until it is dropped nobody else writes to it. `None` where there is
    /// no such thing, or no such shop.
    fn hold<'a>(&'a self, shop: &'a ShopId) -> StoreFuture<'a, Option<Box<dyn HeadLock>>> {
        let _ = shop;
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Where logs have come to, told of those that others write, and perhaps of one's own. Only hints: one may be
    /// missing for seconds. `None` where nobody else writes.
    fn hints(&self) -> Option<Hints> {
        None
    }

    /// The state written down last: [`SHOP_SNAPSHOT`]'s own, or an extension's by its name.
    fn saved<'a>(&'a self, shop: &'a ShopId, of: &'a str) -> StoreFuture<'a, Option<Snapshot>>;
}

/// The store as the appender knows it.
pub trait Writer: Debug + Send {
    /// Writes the units in one commit and tells what became of each, in their order: a unit is written whole or not at
    /// all, and one that meets a conflict holds up no other.
    ///
    /// After [`Error::Unavailable`] nothing is written; after [`Error::Unknown`] nobody can tell.
    fn append<'a>(&'a mut self, units: &'a [ShopBatch]) -> StoreFuture<'a, Vec<Outcome>>;

    /// Writes a state down for the next start; `of` as in [`Store::saved`].
    fn save<'a>(&'a mut self, shop: &'a ShopId, of: &'a str, saved: &'a Snapshot) -> StoreFuture<'a, ()>;

    /// Forgets up to 500 answers of keys older than `before` (milliseconds since 1970) and says how many. The time, now
    /// and then between two commits, for whatever else keeps the store from growing.
    fn sweep(&mut self, before: i64) -> StoreFuture<'_, u64>;
}

/// One shop's log, held: it moves by this holder alone.
pub trait HeadLock: Debug + Send {
    /// Writes the unit and lets go, as [`Writer::append`].
    fn append<'a>(self: Box<Self>, unit: &'a ShopBatch) -> StoreFuture<'a, Outcome>
    where
        Self: 'a;
}

/// A shop, and a position that its log has reached.
pub type Hints = mpsc::UnboundedReceiver<(ShopId, u64)>;

/// Which orders are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderQuery {
    /// All of this guest, over or not.
    Of(GuestId),
    /// Those that were over on this shop day.
    EndedOn(Day),
}

/// An order, and the position of its last event.
pub type OrderPosition = (OrderId, u64);

/// One shop's part of a commit: all of it is written, or none.
#[derive(Clone, Debug)]
pub struct ShopBatch {
    pub shop: ShopId,
    /// Of this log; written when the unit begins it.
    pub epoch: String,
    /// The position this continues from; another one in the log is a conflict.
    pub after: u64,
    pub events: Vec<Recorded>,
    pub receipts: Vec<Receipt>,
    pub orders: Vec<OrderRow>,
    pub names: Vec<NameRow>,
}

/// The answer a key was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub key: String,
    /// Hash of the request: the same key with another one is refused.
    pub body: [u8; 32],
    /// As JSON.
    pub answer: String,
    /// Milliseconds since 1970.
    pub at: i64,
}

/// Where an order stood after the unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    pub id: OrderId,
    pub guest: GuestId,
    pub number: u32,
    pub step: Step,
    pub position: u64,
    /// The shop day on which it was over, once it is.
    pub ended: Option<Day>,
    /// It begins here: an order of that id already written is a conflict.
    pub is_new: bool,
}

/// The sealed name of an order, or that it is to be forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameRow {
    pub order: OrderId,
    pub sealed: Option<Vec<u8>>,
}

/// A shop's log as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub shop: ShopId,
    pub epoch: String,
    pub position: u64,
}

/// A state written down so that a start need not read the whole log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub version: u32,
    pub position: u64,
    /// As JSON.
    pub state: String,
}

/// What became of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Committed,
    /// Somebody wrote first: the log moved on, a key was given its answer, or the order exists.
    Conflict,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the store cannot be reached or written")]
    Unavailable(#[source] Cause),
    /// Written or not, nobody can tell: only a start from the log can.
    #[error("a commit ended in the unknown")]
    Unknown(#[source] Cause),
    #[error("event {position} of shop {shop} cannot be read")]
    Corrupt { shop: ShopId, position: u64 },
}

/// What the database itself says: for the log of the program, nobody decides by it.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;
