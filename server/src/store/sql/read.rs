//! The read statements of the store port.

use domain::event::{Event, Recorded};
use domain::ids::{EventId, OrderId, ShopId};
use domain::time::Instant;
use uuid::Uuid;

use crate::store::sql::{Pool, SqlRow, signed, unsigned};
use crate::store::{Error, Head, OrderPosition, OrderQuery, Receipt, StoredSnapshot};

macro_rules! events {
    ($rest:literal) => {
        concat!("select position, id, kind, at, correlation, causation, actor, channel, data from event ", $rest)
    };
}

const EVENTS_AFTER: &str = events!("where shop = $1 and position > $2 order by position limit $3");
const EVENTS_OF_ORDER: &str = events!("where shop = $1 and subject = $2 order by position");
/// The query names the index: SQLite would otherwise scan the shop's whole log, because that gives the order for free.
const EVENTS_OF_ORDER_SQLITE: &str =
    events!("indexed by event_of_subject where shop = $1 and subject = $2 order by position");

const ORDERS_OF_GUEST: &str = "select id, position from orders where shop = $1 and guest = $2 and position < $3 \
                        order by position desc limit $4";
const ORDERS_ENDED_ON: &str =
    "select id, position from ended where shop = $1 and day = $2 and position < $3 order by position desc limit $4";

/// The heads of all shops, sorted by shop.
pub(in crate::store) async fn heads(pool: &Pool) -> Result<Vec<Head>, Error> {
    let rows = pool.rows("select shop, epoch, position from head order by shop", Vec::new()).await?;
    rows.iter().map(head).collect()
}

/// At most `limit` events after a position, in ascending order.
///
/// # Errors
/// [`Error::Corrupt`] when a row cannot be decoded as an event of this version; [`Error::Unavailable`].
pub(in crate::store) async fn events_after(
    pool: &Pool,
    shop: &ShopId,
    after: u64,
    limit: u32,
) -> Result<Vec<Recorded>, Error> {
    let rows =
        pool.rows(EVENTS_AFTER, vec![shop.as_str().into(), signed(after).into(), i64::from(limit).into()]).await?;
    rows.iter().map(|row| recorded(shop, row)).collect()
}

/// All events of one order, in ascending order of position.
///
/// # Errors
/// Those of [`events_after`].
pub(in crate::store) async fn events_of_order(
    pool: &Pool,
    shop: &ShopId,
    order: OrderId,
) -> Result<Vec<Recorded>, Error> {
    let text = if let Pool::Sqlite(_) = pool { EVENTS_OF_ORDER_SQLITE } else { EVENTS_OF_ORDER };
    let rows = pool.rows(text, vec![shop.as_str().into(), order.0.into()]).await?;
    rows.iter().map(|row| recorded(shop, row)).collect()
}

/// The receipt of an idempotency key.
pub(in crate::store) async fn receipt(pool: &Pool, shop: &ShopId, key: &str) -> Result<Option<Receipt>, Error> {
    let text = "select body, answer, at from receipt where shop = $1 and key = $2";
    let rows = pool.rows(text, vec![shop.as_str().into(), key.into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let request_hash: Vec<u8> = row.get(0)?;
    let request_hash = request_hash.try_into().unwrap_or_default();
    Ok(Some(Receipt { key: key.to_owned(), request_hash, answer: row.get(1)?, at: row.get(2)? }))
}

/// At most `limit` orders that match the query, in descending order of last position and below `before`.
pub(in crate::store) async fn orders(
    pool: &Pool,
    shop: &ShopId,
    query: OrderQuery,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<OrderPosition>, Error> {
    let (text, key) = match query {
        OrderQuery::OfGuest(guest) => (ORDERS_OF_GUEST, guest.0.into()),
        OrderQuery::EndedOn(day) => (ORDERS_ENDED_ON, i64::from(day.0).into()),
    };
    let before = signed(before.unwrap_or(u64::MAX));
    let rows = pool.rows(text, vec![shop.as_str().into(), key, before.into(), i64::from(limit).into()]).await?;
    rows.iter().map(|row| Ok((OrderId(row.get(0)?), unsigned(row.get(1)?)))).collect()
}

/// The encrypted names of the orders that have not ended.
pub(in crate::store) async fn names(pool: &Pool, shop: &ShopId) -> Result<Vec<(OrderId, Vec<u8>)>, Error> {
    let rows = pool.rows("select id, sealed from name where shop = $1", vec![shop.as_str().into()]).await?;
    rows.iter().map(|row| Ok((OrderId(row.get(0)?), row.get(1)?))).collect()
}

/// The last saved snapshot of a name.
pub(in crate::store) async fn load_snapshot(
    pool: &Pool,
    shop: &ShopId,
    name: &str,
) -> Result<Option<StoredSnapshot>, Error> {
    let text = "select version, position, state from snapshot where shop = $1 and of = $2";
    let rows = pool.rows(text, vec![shop.as_str().into(), name.into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    // A number out of range becomes 0, which matches no version: the log is read instead.
    let version = u32::try_from(row.get::<i64>(0)?).unwrap_or(0);
    Ok(Some(StoredSnapshot { version, position: unsigned(row.get(1)?), state: row.get(2)? }))
}

fn head(row: &SqlRow) -> Result<Head, Error> {
    let shop: String = row.get(0)?;
    let shop = ShopId::try_from(shop).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    Ok(Head { shop, epoch: row.get(1)?, position: unsigned(row.get(2)?) })
}

fn recorded(shop: &ShopId, row: &SqlRow) -> Result<Recorded, Error> {
    let position = unsigned(row.get(0)?);
    let corrupt = || Error::Corrupt { shop: shop.clone(), position };
    let (kind, data): (String, String) = (row.get(2)?, row.get(8)?);
    let event = Event::decode(&kind, &mut serde_json::Deserializer::from_str(&data));
    let causation: Option<Uuid> = row.get(5)?;
    let actor: Option<String> = row.get(6)?;
    let channel: Option<String> = row.get(7)?;
    Ok(Recorded {
        id: EventId(row.get(1)?),
        position,
        at: Instant(row.get(3)?),
        correlation: EventId(row.get(4)?),
        causation: causation.map(EventId),
        actor: actor.map(|text| text.parse()).transpose().map_err(|_| corrupt())?,
        channel: channel.map(|text| text.parse()).transpose().map_err(|_| corrupt())?,
        // An unknown event was written by a later version, so running this version is not safe.
        event: event.ok().flatten().ok_or_else(corrupt)?,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use sqlx::Row as _;

    use crate::scratch::Scratch;
    use crate::store::sqlite::Sqlite;

    use super::*;

    /// The migration with a backfill, which runs once on a log of any length.
    const BACKFILL: &str = include_str!("../../../migrations/sqlite/0003_ended.sql");

    #[tokio::test]
    async fn queries_use_an_index() {
        let folder = Scratch::new();
        let store = Sqlite::open(&folder.path().join("crema.db")).await.unwrap();
        let backfill = &BACKFILL[BACKFILL.find("insert into ended").unwrap()..];
        let plans: [(&str, &[&str]); 5] = [
            (EVENTS_AFTER, &["SEARCH event USING PRIMARY KEY (shop=? AND position>?)"]),
            (EVENTS_OF_ORDER_SQLITE, &["SEARCH event USING INDEX event_of_subject (shop=? AND subject=?)"]),
            (
                ORDERS_OF_GUEST,
                &["SEARCH orders USING COVERING INDEX orders_of_guest (shop=? AND guest=? AND position<?)"],
            ),
            (ORDERS_ENDED_ON, &["SEARCH ended USING PRIMARY KEY (shop=? AND day=? AND position<?)"]),
            // The head table has one row per shop, so a scan is cheap.
            (backfill, &["SCAN head", "SEARCH event USING PRIMARY KEY (shop=? AND position>?)"]),
        ];
        for (text, plan) in plans {
            let explain = sqlx::query(sqlx::AssertSqlSafe(format!("explain query plan {text}")));
            let rows = explain.fetch_all(store.pool()).await.unwrap();
            let steps: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
            assert_eq!(steps, plan, "{text}");
        }
    }
}
