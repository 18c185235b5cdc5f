//! Reading: heads, runs of the log, one order's events, lists of orders, answers given, names.

use domain::event::{Event, Recorded};
use domain::ids::{EventId, OrderId, ShopId};
use domain::time::Instant;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use crate::store::sqlite::Sqlite;
use crate::store::sqlite::append::signed;
use crate::store::{Error, Head, Place, Receipt, Saved, Which};

macro_rules! events {
    ($rest:literal) => {
        concat!("select position, id, kind, at, correlation, causation, actor, channel, data from event ", $rest)
    };
}

const AFTER: &str = events!("where shop = ? and position > ? order by position limit ?");
/// Told which index: left alone, the planner walks the shop's whole log to have the order for nothing.
const OF_ORDER: &str = events!("indexed by event_of_subject where shop = ? and subject = ? order by position");

const OF_GUEST: &str =
    "select id, position from orders where shop = ? and guest = ? and position < ? order by position desc limit ?";
const ENDED_ON: &str =
    "select id, position from ended where shop = ? and day = ? and position < ? order by position desc limit ?";

impl Sqlite {
    /// Every shop there is.
    ///
    /// # Errors
    /// The store cannot be reached; so for every question below.
    pub async fn heads(&self) -> Result<Vec<Head>, Error> {
        let rows = sqlx::query("select shop, epoch, position from head order by shop").fetch_all(self.pool()).await?;
        rows.iter().map(head).collect()
    }

    /// Where a shop's log stands.
    pub async fn head(&self, shop: &ShopId) -> Result<Option<Head>, Error> {
        let query = sqlx::query("select shop, epoch, position from head where shop = ?").bind(shop.as_str());
        query.fetch_optional(self.pool()).await?.as_ref().map(head).transpose()
    }

    /// At most `most` events after a position, in order.
    ///
    /// # Errors
    /// Also [`Error::Corrupt`] when a row does not read as an event of this version.
    pub async fn events_after(&self, shop: &ShopId, after: u64, most: u32) -> Result<Vec<Recorded>, Error> {
        let query = sqlx::query(AFTER);
        let rows = query.bind(shop.as_str()).bind(signed(after)).bind(most).fetch_all(self.pool()).await?;
        rows.iter().map(|row| recorded(shop, row)).collect()
    }

    /// All events of one order, in order.
    ///
    /// # Errors
    /// As [`Self::events_after`].
    pub async fn events_of(&self, shop: &ShopId, order: OrderId) -> Result<Vec<Recorded>, Error> {
        let query = sqlx::query(OF_ORDER);
        let rows = query.bind(shop.as_str()).bind(order.0).fetch_all(self.pool()).await?;
        rows.iter().map(|row| recorded(shop, row)).collect()
    }

    /// The answer a key was given.
    pub async fn receipt(&self, shop: &ShopId, key: &str) -> Result<Option<Receipt>, Error> {
        let query = sqlx::query("select body, answer, at from receipt where shop = ? and key = ?");
        let Some(row) = query.bind(shop.as_str()).bind(key).fetch_optional(self.pool()).await? else {
            return Ok(None);
        };
        let body: Vec<u8> = row.try_get(0)?;
        let body = body.try_into().unwrap_or_default();
        Ok(Some(Receipt { key: key.to_owned(), body, answer: row.try_get(1)?, at: row.try_get(2)? }))
    }

    /// At most `most` of these orders before a position, the newest first, each with the position of its last event.
    pub async fn orders(
        &self,
        shop: &ShopId,
        which: Which,
        before: Option<u64>,
        most: u32,
    ) -> Result<Vec<Place>, Error> {
        let query = match which {
            Which::Of(guest) => sqlx::query(OF_GUEST).bind(shop.as_str()).bind(guest.0),
            Which::EndedOn(day) => sqlx::query(ENDED_ON).bind(shop.as_str()).bind(day.0),
        };
        let rows = query.bind(signed(before.unwrap_or(u64::MAX))).bind(most).fetch_all(self.pool()).await?;
        rows.iter().map(|row| Ok((OrderId(row.try_get(0)?), unsigned(row.try_get(1)?)))).collect()
    }

    /// The sealed names of the orders that are not over.
    pub async fn names(&self, shop: &ShopId) -> Result<Vec<(OrderId, Vec<u8>)>, Error> {
        let query = sqlx::query("select id, sealed from name where shop = ?").bind(shop.as_str());
        let rows = query.fetch_all(self.pool()).await?;
        rows.iter().map(|row| Ok((OrderId(row.try_get(0)?), row.try_get(1)?))).collect()
    }

    /// The state written down last: the shop's own, or an extension's by its name.
    pub async fn saved(&self, shop: &ShopId, of: &str) -> Result<Option<Saved>, Error> {
        let query = sqlx::query("select version, position, state from snapshot where shop = ? and of = ?");
        let Some(row) = query.bind(shop.as_str()).bind(of).fetch_optional(self.pool()).await? else {
            return Ok(None);
        };
        Ok(Some(Saved { version: row.try_get(0)?, position: unsigned(row.try_get(1)?), state: row.try_get(2)? }))
    }
}

fn head(row: &SqliteRow) -> Result<Head, Error> {
    let shop: String = row.try_get(0)?;
    let shop = ShopId::try_from(shop).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    Ok(Head { shop, epoch: row.try_get(1)?, position: unsigned(row.try_get(2)?) })
}

fn recorded(shop: &ShopId, row: &SqliteRow) -> Result<Recorded, Error> {
    let position = unsigned(row.try_get(0)?);
    let corrupt = || Error::Corrupt { shop: shop.clone(), position };
    let (kind, data): (String, String) = (row.try_get(2)?, row.try_get(8)?);
    let event = Event::decode(&kind, &mut serde_json::Deserializer::from_str(&data));
    let causation: Option<Uuid> = row.try_get(5)?;
    let actor: Option<String> = row.try_get(6)?;
    let channel: Option<String> = row.try_get(7)?;
    Ok(Recorded {
        id: EventId(row.try_get(1)?),
        position,
        at: Instant(row.try_get(3)?),
        correlation: EventId(row.try_get(4)?),
        causation: causation.map(EventId),
        actor: actor.map(|text| text.parse()).transpose().map_err(|_| corrupt())?,
        channel: channel.map(|text| text.parse()).transpose().map_err(|_| corrupt())?,
        // An event this program does not know was written by a later one: going back is not safe.
        event: event.ok().flatten().ok_or_else(corrupt)?,
    })
}

fn unsigned(position: i64) -> u64 {
    u64::try_from(position).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use crate::scratch::Scratch;

    use super::*;

    /// What the backfill of the migration does, too: it runs once, on a log of any length.
    const BACKFILL: &str = include_str!("../../../migrations/sqlite/0003_ended.sql");

    #[tokio::test]
    async fn no_question_looks_at_more_than_it_shows() {
        let folder = Scratch::new();
        let store = Sqlite::open(&folder.path().join("crema.db")).await.unwrap();
        let backfill = &BACKFILL[BACKFILL.find("insert into ended").unwrap()..];
        let plans: [(&str, &[&str]); 5] = [
            (AFTER, &["SEARCH event USING PRIMARY KEY (shop=? AND position>?)"]),
            (OF_ORDER, &["SEARCH event USING INDEX event_of_subject (shop=? AND subject=?)"]),
            (OF_GUEST, &["SEARCH orders USING COVERING INDEX orders_of_guest (shop=? AND guest=? AND position<?)"]),
            (ENDED_ON, &["SEARCH ended USING PRIMARY KEY (shop=? AND day=? AND position<?)"]),
            // Each shop has one head.
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
