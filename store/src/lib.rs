//! The stores: adapters of the engine's store port for SQLite, PostgreSQL and memory, the table of passes, and the
//! fingerprints of keys. The only crate that uses SQL.

#![warn(missing_docs, clippy::missing_errors_doc)]

mod any_store;
mod memory;
pub mod postgres;
mod sql;
pub mod sqlite;
mod store_url;

pub use self::any_store::{AnyStore, OpenError};
pub use self::memory::MemoryStore;
pub use self::postgres::Postgres;
pub use self::sql::Pool;
pub use self::sql::key_fingerprint::KeyFingerprints;
pub use self::sql::pass;
pub use self::sqlite::Sqlite;
pub use self::store_url::StoreUrl;
