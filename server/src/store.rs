//! What the log is kept in: the rows of one append, what reading gives back, and how either can fail.

mod insert;
pub mod sqlite;

use domain::event::Recorded;
use domain::ids::{GuestId, OrderId, ShopId};
use domain::order::Step;

/// One shop's part of a commit: all of it is written, or none.
#[derive(Clone, Debug)]
pub struct Unit {
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
pub struct Saved {
    pub version: u32,
    pub position: u64,
    /// As JSON.
    pub state: String,
}

/// What became of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Written,
    /// Somebody wrote first: the log moved on, a key was given its answer, or the order exists.
    Conflict,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the store cannot be reached or written")]
    Unavailable(#[source] sqlx::Error),
    /// Written or not, nobody can tell: only a start from the log can.
    #[error("a commit ended in the unknown")]
    Unknown(#[source] sqlx::Error),
    #[error("event {position} of shop {shop} cannot be read")]
    Corrupt { shop: ShopId, position: u64 },
    #[error("SQLite {found} is older than {needed}, the first without the WAL-reset corruption")]
    TooOld { found: String, needed: &'static str },
    #[error("the tables could not be brought up to date")]
    Migration(#[source] sqlx::migrate::MigrateError),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Unavailable(error)
    }
}
