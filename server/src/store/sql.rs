//! SQL as both databases take it: values and rows, connections and pools of either, and the text of every statement.

pub(super) mod insert;
pub(super) mod read;
pub(super) mod write;

use std::borrow::Cow;

use futures_util::future::BoxFuture;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Decode, PgPool, Postgres, Row as _, Sqlite, SqlitePool, Transaction, Type};
use uuid::Uuid;

use crate::store::Error;

/// The database's own answer, in a while.
pub(crate) type SqlFuture<'a, T> = BoxFuture<'a, Result<T, sqlx::Error>>;

/// One value of a statement, or none of its kind.
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

/// A row of either database.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// What a column can be read as.
pub(crate) trait Column:
    for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

impl<T> Column for T where T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> {}

impl Row {
    pub(crate) fn get<T: Column>(&self, column: usize) -> Result<T, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }
}

/// Who takes a statement: a connection of either database.
pub(crate) trait Sql: Send {
    /// Whether parameters are numbered here. SQLite takes `$1` too, but looks each name up along all the others.
    fn numbers(&self) -> bool;

    /// Says how many rows were changed.
    fn execute<'a>(&'a mut self, text: &'static str, values: Vec<Value<'a>>) -> SqlFuture<'a, u64>;

    fn rows<'a>(&'a mut self, text: &'static str, values: Vec<Value<'a>>) -> SqlFuture<'a, Vec<Row>>;
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

macro_rules! takes_statements {
    ($connection:ty, $row:expr, $numbers:literal) => {
        impl Sql for $connection {
            fn numbers(&self) -> bool {
                $numbers
            }

            fn execute<'a>(&'a mut self, text: &'static str, values: Vec<Value<'a>>) -> SqlFuture<'a, u64> {
                Box::pin(async move { Ok(query!(text, values).execute(self).await?.rows_affected()) })
            }

            fn rows<'a>(&'a mut self, text: &'static str, values: Vec<Value<'a>>) -> SqlFuture<'a, Vec<Row>> {
                Box::pin(async move {
                    let rows = query!(text, values).fetch_all(self).await?;
                    Ok(rows.into_iter().map($row).collect())
                })
            }
        }
    };
}

takes_statements!(SqliteConnection, Row::Sqlite, false);
takes_statements!(PgConnection, Row::Postgres, true);

/// The connections that read, and write what is not the log.
#[derive(Clone, Debug)]
pub enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl From<SqlitePool> for Pool {
    fn from(pool: SqlitePool) -> Self {
        Self::Sqlite(pool)
    }
}

impl From<PgPool> for Pool {
    fn from(pool: PgPool) -> Self {
        Self::Postgres(pool)
    }
}

/// A transaction of either database; dropped, it is rolled back.
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Pool {
    pub(crate) async fn begin(&self) -> Result<Tx, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(pool) => Tx::Sqlite(pool.begin().await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Says how many rows were changed.
    pub(crate) async fn execute(&self, text: &'static str, values: Vec<Value<'_>>) -> Result<u64, sqlx::Error> {
        match self {
            Self::Sqlite(pool) => pool.acquire().await?.execute(text, values).await,
            Self::Postgres(pool) => pool.acquire().await?.execute(text, values).await,
        }
    }

    pub(crate) async fn rows(&self, text: &'static str, values: Vec<Value<'_>>) -> Result<Vec<Row>, sqlx::Error> {
        match self {
            Self::Sqlite(pool) => pool.acquire().await?.rows(text, values).await,
            Self::Postgres(pool) => pool.acquire().await?.rows(text, values).await,
        }
    }
}

impl Tx {
    pub(crate) fn sql(&mut self) -> &mut dyn Sql {
        match self {
            Self::Sqlite(tx) => &mut **tx,
            Self::Postgres(tx) => &mut **tx,
        }
    }

    pub(crate) async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Unavailable(error.into())
    }
}

/// Integers are signed in both; positions never come near their end.
pub(super) fn signed(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

fn unsigned(position: i64) -> u64 {
    u64::try_from(position).unwrap_or(0)
}

/// The port of a store that has its tables in `self.tables()`: every question is one of [`read`].
macro_rules! asked_by_sql {
    () => {
        fn heads(&self) -> $crate::store::StoreFuture<'_, Vec<$crate::store::Head>> {
            Box::pin($crate::store::sql::read::heads(self.tables()))
        }

        fn events_after<'a>(
            &'a self,
            shop: &'a ::domain::ids::ShopId,
            after: u64,
            most: u32,
        ) -> $crate::store::StoreFuture<'a, Vec<::domain::event::Recorded>> {
            Box::pin($crate::store::sql::read::events_after(self.tables(), shop, after, most))
        }

        fn events_of<'a>(
            &'a self,
            shop: &'a ::domain::ids::ShopId,
            order: ::domain::ids::OrderId,
        ) -> $crate::store::StoreFuture<'a, Vec<::domain::event::Recorded>> {
            Box::pin($crate::store::sql::read::events_of(self.tables(), shop, order))
        }

        fn receipt<'a>(
            &'a self,
            shop: &'a ::domain::ids::ShopId,
            key: &'a str,
        ) -> $crate::store::StoreFuture<'a, Option<$crate::store::Receipt>> {
            Box::pin($crate::store::sql::read::receipt(self.tables(), shop, key))
        }

        fn orders<'a>(
            &'a self,
            shop: &'a ::domain::ids::ShopId,
            which: $crate::store::OrderQuery,
            before: Option<u64>,
            most: u32,
        ) -> $crate::store::StoreFuture<'a, Vec<$crate::store::OrderPosition>> {
            Box::pin($crate::store::sql::read::orders(self.tables(), shop, which, before, most))
        }

        fn names<'a>(
            &'a self,
            shop: &'a ::domain::ids::ShopId,
        ) -> $crate::store::StoreFuture<'a, Vec<(::domain::ids::OrderId, Vec<u8>)>> {
            Box::pin($crate::store::sql::read::names(self.tables(), shop))
        }

        fn saved<'a>(
            &'a self,
            shop: &'a ::domain::ids::ShopId,
            of: &'a str,
        ) -> $crate::store::StoreFuture<'a, Option<$crate::store::Snapshot>> {
            Box::pin($crate::store::sql::read::saved(self.tables(), shop, of))
        }
    };
}
pub(super) use asked_by_sql;
