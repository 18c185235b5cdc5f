//! The SQL layer that both databases share: values, rows, connections, pools and transactions. The submodules hold the
//! statements, one file a table.

pub(crate) mod batch;
pub(crate) mod event;
pub(crate) mod head;
mod insert;
pub(crate) mod key_fingerprint;
pub(crate) mod name;
pub(crate) mod orders;
pub mod pass;
pub(crate) mod receipt;
pub(crate) mod snapshot;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::str::FromStr;

use engine::store::Error;
use futures_util::future::BoxFuture;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Decode, PgPool, Postgres, Row as _, Sqlite, SqlitePool, Transaction, Type};
use uuid::Uuid;

use crate::sqlite::OpenFiles;

/// The boxed future of a database call.
pub(crate) type SqlFuture<'a, T> = BoxFuture<'a, Result<T, SqlError>>;

/// A failed call of the database driver. A caller that returns it has written nothing.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct SqlError(#[from] pub(crate) sqlx::Error);

impl From<SqlError> for Error {
    fn from(SqlError(error): SqlError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// A parameter of a statement. `None` is SQL NULL of that type.
pub(crate) enum Value<'v> {
    Text(Option<Cow<'v, str>>),
    Number(Option<i64>),
    Id(Option<Uuid>),
    Bytes(&'v [u8]),
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<Uuid> for Value<'_> {
    fn from(id: Uuid) -> Self {
        Self::Id(Some(id))
    }
}

/// A row from SQLite or PostgreSQL.
pub(crate) enum SqlRow {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A type that both databases can decode from a column.
pub(crate) trait SqlColumn:
    for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

impl<T> SqlColumn for T where
    T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

impl SqlRow {
    /// Decodes a column; the first has index 0.
    pub(crate) fn get<T: SqlColumn>(&self, column: usize) -> Result<T, SqlError> {
        match self {
            Self::Sqlite(row) => row.try_get(column).map_err(SqlError),
            Self::Postgres(row) => row.try_get(column).map_err(SqlError),
        }
    }

    /// Decodes a column of text and parses it; the first has index 0.
    pub(crate) fn parse<T>(&self, column: usize) -> Result<T, SqlError>
    where
        T: FromStr,
        T::Err: StdError + Send + Sync + 'static,
    {
        self.get::<String>(column)?.parse().map_err(|error| SqlError(sqlx::Error::Decode(Box::new(error))))
    }
}

/// A connection that executes statements.
pub(crate) trait Sql: Send {
    /// True when long statements should use `$1` instead of `?`. SQLite accepts both, but searches a list for each
    /// `$1`.
    fn has_numbered_parameters(&self) -> bool;

    /// Executes a statement and returns the number of changed rows.
    fn execute<'a>(&'a mut self, text: &'static str, values: Vec<Value<'a>>) -> SqlFuture<'a, u64>;

    /// Executes a query and returns all its rows.
    fn rows<'a>(&'a mut self, text: &'static str, values: Vec<Value<'a>>) -> SqlFuture<'a, Vec<SqlRow>>;
}

macro_rules! query {
    ($text:expr, $values:expr) => {
        $values.into_iter().fold(sqlx::query($text), |query, value| match value {
            Value::Text(text) => query.bind(text),
            Value::Number(number) => query.bind(number),
            Value::Id(id) => query.bind(id),
            Value::Bytes(bytes) => query.bind(bytes),
        })
    };
}

macro_rules! impl_sql {
    ($connection:ty, $row:expr, $numbered:literal) => {
        impl Sql for $connection {
            fn has_numbered_parameters(&self) -> bool {
                $numbered
            }

            fn execute<'a>(&'a mut self, text: &'static str, values: Vec<Value<'a>>) -> SqlFuture<'a, u64> {
                Box::pin(async move { Ok(query!(text, values).execute(self).await?.rows_affected()) })
            }

            fn rows<'a>(&'a mut self, text: &'static str, values: Vec<Value<'a>>) -> SqlFuture<'a, Vec<SqlRow>> {
                Box::pin(async move {
                    let rows = query!(text, values).fetch_all(self).await?;
                    Ok(rows.into_iter().map($row).collect())
                })
            }
        }
    };
}

impl_sql!(SqliteConnection, SqlRow::Sqlite, false);
impl_sql!(PgConnection, SqlRow::Postgres, true);

/// A connection pool of either database. It reads all tables, and writes those other than the log.
#[derive(Clone, Debug)]
pub enum Pool {
    /// Connections to a file, and its identity, which every call compares.
    Sqlite(SqlitePool, Option<OpenFiles>),
    /// Connections to a server.
    Postgres(PgPool),
}

impl From<SqlitePool> for Pool {
    fn from(pool: SqlitePool) -> Self {
        Self::Sqlite(pool, None)
    }
}

impl From<PgPool> for Pool {
    fn from(pool: PgPool) -> Self {
        Self::Postgres(pool)
    }
}

/// A transaction of either database. Dropping it rolls back.
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Pool {
    /// Begins a transaction.
    pub(crate) async fn begin(&self) -> Result<Tx, SqlError> {
        self.check_files()?;
        Ok(match self {
            Self::Sqlite(pool, _) => Tx::Sqlite(pool.begin().await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Executes a statement and returns the number of changed rows.
    pub(crate) async fn execute(&self, text: &'static str, values: Vec<Value<'_>>) -> Result<u64, SqlError> {
        self.check_files()?;
        match self {
            Self::Sqlite(pool, _) => pool.acquire().await?.execute(text, values).await,
            Self::Postgres(pool) => pool.acquire().await?.execute(text, values).await,
        }
    }

    /// Executes a query and returns all its rows.
    pub(crate) async fn rows(&self, text: &'static str, values: Vec<Value<'_>>) -> Result<Vec<SqlRow>, SqlError> {
        self.check_files()?;
        match self {
            Self::Sqlite(pool, _) => pool.acquire().await?.rows(text, values).await,
            Self::Postgres(pool) => pool.acquire().await?.rows(text, values).await,
        }
    }

    /// Checks that a file is still where it was opened. A new connection would open another one, or create it.
    fn check_files(&self) -> Result<(), SqlError> {
        match self {
            Self::Sqlite(_, Some(files)) => Ok(files.check()?),
            Self::Sqlite(_, None) | Self::Postgres(_) => Ok(()),
        }
    }
}

impl Tx {
    /// The connection of the transaction.
    pub(crate) fn sql(&mut self) -> &mut dyn Sql {
        match self {
            Self::Sqlite(tx) => &mut **tx,
            Self::Postgres(tx) => &mut **tx,
        }
    }

    pub(crate) async fn commit(self) -> Result<(), SqlError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await.map_err(SqlError),
            Self::Postgres(tx) => tx.commit().await.map_err(SqlError),
        }
    }
}

/// Converts a position to the signed integers of both databases. A position that does not fit is clamped.
pub(crate) fn signed(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

/// Converts a stored position back; a negative number becomes 0.
fn unsigned(position: i64) -> u64 {
    u64::try_from(position).unwrap_or(0)
}

/// Implements the reads of the store port on the pool that `self.tables()` returns.
macro_rules! impl_store_reads {
    () => {
        fn heads(&self) -> ::engine::store::StoreFuture<'_, Vec<::engine::store::Head>> {
            Box::pin($crate::sql::head::all(self.tables()))
        }

        fn events_after<'a>(
            &'a self,
            shop: &'a ::domain::ids::ShopId,
            after: u64,
            limit: u32,
        ) -> ::engine::store::StoreFuture<'a, Vec<::domain::event::Recorded>> {
            Box::pin($crate::sql::event::after(self.tables(), shop, after, limit))
        }

        fn event_id<'a>(
            &'a self,
            shop: &'a ::domain::ids::ShopId,
            position: u64,
        ) -> ::engine::store::StoreFuture<'a, Option<::domain::ids::EventId>> {
            Box::pin($crate::sql::event::id_at(self.tables(), shop, position))
        }

        fn first_missing<'a>(
            &'a self,
            shop: &'a ::domain::ids::ShopId,
            through: u64,
        ) -> ::engine::store::StoreFuture<'a, Option<u64>> {
            Box::pin($crate::sql::event::first_missing(self.tables(), shop, through))
        }

        fn events_of_order<'a>(
            &'a self,
            shop: &'a ::domain::ids::ShopId,
            order: ::domain::ids::OrderId,
        ) -> ::engine::store::StoreFuture<'a, Vec<::domain::event::Recorded>> {
            Box::pin($crate::sql::event::of_order(self.tables(), shop, order))
        }

        fn receipt<'a>(
            &'a self,
            shop: &'a ::domain::ids::ShopId,
            key: &'a str,
        ) -> ::engine::store::StoreFuture<'a, Option<::engine::store::Receipt>> {
            Box::pin($crate::sql::receipt::find(self.tables(), shop, key))
        }

        fn orders<'a>(
            &'a self,
            shop: &'a ::domain::ids::ShopId,
            query: ::engine::store::OrderQuery,
            before: Option<u64>,
            limit: u32,
        ) -> ::engine::store::StoreFuture<'a, Vec<::engine::store::OrderPosition>> {
            Box::pin($crate::sql::orders::find(self.tables(), shop, query, before, limit))
        }

        fn names<'a>(
            &'a self,
            shop: &'a ::domain::ids::ShopId,
        ) -> ::engine::store::StoreFuture<'a, Vec<(::domain::ids::OrderId, Vec<u8>)>> {
            Box::pin($crate::sql::name::all(self.tables(), shop))
        }

        fn load_snapshot<'a>(
            &'a self,
            shop: &'a ::domain::ids::ShopId,
            name: &'a str,
        ) -> ::engine::store::StoreFuture<'a, Option<::engine::store::StoredSnapshot>> {
            Box::pin($crate::sql::snapshot::load(self.tables(), shop, name))
        }
    };
}
pub(super) use impl_store_reads;
