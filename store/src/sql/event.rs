//! Table `event`: the logs of all shops.

use domain::event::{Event, Recorded};
use domain::ids::{EventId, OrderId, ShopId};
use domain::time::Instant;
use engine::store::Error;
use uuid::Uuid;

use crate::sql::insert::{InsertBySize, insert, statements};
use crate::sql::{Pool, Sql, SqlError, SqlRow, Value, signed, unsigned};

macro_rules! events {
    ($rest:literal) => {
        concat!("select position, id, kind, at, correlation, causation, actor, channel, data from event ", $rest)
    };
}

pub(super) const EVENTS_AFTER: &str = events!("where shop = $1 and position > $2 order by position limit $3");
const EVENTS_OF_ORDER: &str = events!("where shop = $1 and subject = $2 order by position");
/// The query names the index: SQLite would otherwise scan the shop's whole log, because that gives the order for free.
pub(super) const EVENTS_OF_ORDER_SQLITE: &str =
    events!("indexed by event_of_subject where shop = $1 and subject = $2 order by position");

/// Positions that one statement counts at most, so that none reaches the statement timeout.
const COUNTED_POSITIONS: u64 = 500_000;
pub(super) const COUNT_EVENTS: &str = "select count(*) from event where shop = $1 and position > $2 and position <= $3";
const FIRST_UNEXPECTED: &str = "select min(expected) from (select position, $2 + row_number() over \
     (order by position) as expected from event where shop = $1 and position > $2 and position <= $3) as numbered \
     where position <> expected";

static INSERT_EVENTS: InsertBySize = InsertBySize::new(|numbered| {
    let head = "insert into event \
                (shop, position, id, kind, dataversion, subject, at, correlation, causation, actor, channel, data)";
    statements(numbered, head, 12, "")
});

/// At most `limit` events after a position, in ascending order.
///
/// # Errors
/// [`Error::Corrupt`] when a row cannot be decoded as an event of this version; [`Error::Unavailable`].
pub(crate) async fn after(pool: &Pool, shop: &ShopId, after: u64, limit: u32) -> Result<Vec<Recorded>, Error> {
    let rows =
        pool.rows(EVENTS_AFTER, vec![shop.as_str().into(), signed(after).into(), i64::from(limit).into()]).await?;
    rows.iter().map(|row| from_row(shop, row)).collect()
}

/// The id of the event at a position.
///
/// # Errors
/// [`Error::Unavailable`].
pub(crate) async fn id_at(pool: &Pool, shop: &ShopId, position: u64) -> Result<Option<EventId>, Error> {
    let text = "select id from event where shop = $1 and position = $2";
    let rows = pool.rows(text, vec![shop.as_str().into(), signed(position).into()]).await?;
    Ok(rows.first().map(|row| row.get(0)).transpose()?.map(EventId))
}

/// The first position up to `through` without an event. Counts the events, without decoding them.
///
/// # Errors
/// [`Error::Unavailable`].
pub(crate) async fn first_missing(pool: &Pool, shop: &ShopId, through: u64) -> Result<Option<u64>, Error> {
    let mut after = 0;
    while after < through {
        let end = through.min(after + COUNTED_POSITIONS);
        let number = async |text: &'static str| -> Result<Option<i64>, SqlError> {
            let values = vec![shop.as_str().into(), signed(after).into(), signed(end).into()];
            pool.rows(text, values).await?.first().map_or(Ok(None), |row| row.get(0))
        };
        let count = unsigned(number(COUNT_EVENTS).await?.unwrap_or(0));
        if count < end - after {
            // Without an unexpected position, only the last ones are missing.
            let unexpected = number(FIRST_UNEXPECTED).await?.map(unsigned);
            return Ok(Some(unexpected.unwrap_or(after + count + 1)));
        }
        after = end;
    }
    Ok(None)
}

/// All events of one order, in ascending order of position.
///
/// # Errors
/// Those of [`after`].
pub(crate) async fn of_order(pool: &Pool, shop: &ShopId, order: OrderId) -> Result<Vec<Recorded>, Error> {
    let text = if let Pool::Sqlite(..) = pool { EVENTS_OF_ORDER_SQLITE } else { EVENTS_OF_ORDER };
    let rows = pool.rows(text, vec![shop.as_str().into(), order.0.into()]).await?;
    rows.iter().map(|row| from_row(shop, row)).collect()
}

/// Appends events to a shop's log.
pub(crate) async fn append(db: &mut dyn Sql, shop: &str, events: &[Recorded]) -> Result<(), SqlError> {
    let events: Vec<&Recorded> = events.iter().collect();
    insert(db, &INSERT_EVENTS, &events, |row| values(shop, row)).await.map(|_| ())
}

fn from_row(shop: &ShopId, row: &SqlRow) -> Result<Recorded, Error> {
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

fn values<'q>(shop: &'q str, row: &'q Recorded) -> [Value<'q>; 12] {
    [
        shop.into(),
        signed(row.position).into(),
        row.id.0.into(),
        row.event.kind().into(),
        row.event.dataversion().into(),
        Value::Id(row.event.order().map(|order| order.0)),
        row.at.0.into(),
        row.correlation.0.into(),
        Value::Id(row.causation.map(|cause| cause.0)),
        Value::Text(row.actor.map(|actor| actor.to_string().into())),
        Value::Text(row.channel.map(|channel| channel.as_str().into())),
        serde_json::to_string(&row.event).expect("event maps have string keys").into(),
    ]
}
