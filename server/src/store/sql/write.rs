//! Writing: what becomes of each unit between the beginning of a transaction and its commit.

use domain::event::Recorded;
use domain::ids::ShopId;

use crate::store::sql::insert::{InsertBySize, statements};
use crate::store::sql::{Sql, Value, signed};
use crate::store::{Error, NameRow, OrderRow, Outcome, Receipt, ShopBatch, Snapshot};

static EVENTS: InsertBySize = InsertBySize::new(|numbered| {
    let head = "insert into event \
                (shop, position, id, kind, dataversion, subject, at, correlation, causation, actor, channel, data)";
    statements(numbered, head, 12, "")
});
static RECEIPTS: InsertBySize = InsertBySize::new(|numbered| {
    statements(numbered, "insert into receipt (shop, key, body, answer, at)", 5, " on conflict do nothing")
});
static NEW_ORDERS: InsertBySize =
    InsertBySize::new(|numbered| statements(numbered, ORDER_HEAD, 6, " on conflict do nothing"));
static ORDERS: InsertBySize = InsertBySize::new(|numbered| {
    let tail = " on conflict (shop, id) do update set \
                number = case when excluded.number > orders.number then excluded.number else orders.number end, \
                step = excluded.step, position = excluded.position";
    statements(numbered, ORDER_HEAD, 6, tail)
});
static ENDED: InsertBySize =
    InsertBySize::new(|numbered| statements(numbered, "insert into ended (shop, day, position, id)", 4, ""));
const ORDER_HEAD: &str = "insert into orders (shop, id, guest, number, step, position)";

/// How units are kept apart that meet a key or an order which exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Pace {
    /// Not at all: then nothing can be told of any.
    Together,
    /// Each from a point to come back to.
    EachAlone,
}

/// Writes the units, which a commit is to follow, and tells what becomes of each, in their order. `None` when they go
/// together and one met a key or an order that exists: a rollback is to follow, and another try with each alone.
pub(in crate::store) async fn units(
    db: &mut dyn Sql,
    units: &[ShopBatch],
    pace: Pace,
) -> Result<Option<Vec<Outcome>>, Error> {
    let mut outcomes = vec![Outcome::Committed; units.len()];
    for index in in_order(units) {
        let unit = &units[index];
        if pace == Pace::EachAlone {
            db.execute("savepoint unit", Vec::new()).await?;
        }
        if !advance(db, unit).await? {
            outcomes[index] = Outcome::Conflict;
        } else if !follow(db, unit).await? {
            if pace == Pace::Together {
                return Ok(None);
            }
            db.execute("rollback to savepoint unit", Vec::new()).await?;
            outcomes[index] = Outcome::Conflict;
        }
        if pace == Pace::EachAlone {
            db.execute("release savepoint unit", Vec::new()).await?;
        }
    }
    Ok(Some(outcomes))
}

/// Sorted by shop, so that two who write take the heads in the same order and never wait for each other in a ring.
pub(in crate::store) fn in_order(units: &[ShopBatch]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by_key(|index| &units[*index].shop);
    order
}

/// Writes a state down for the next start.
pub(in crate::store) async fn save(db: &mut dyn Sql, shop: &ShopId, of: &str, saved: &Snapshot) -> Result<(), Error> {
    let text = "insert into snapshot (shop, of, version, position, state) values ($1, $2, $3, $4, $5) \
                on conflict (shop, of) do update set \
                version = excluded.version, position = excluded.position, state = excluded.state";
    let (version, position) = (i64::from(saved.version), signed(saved.position));
    let values = vec![shop.as_str().into(), of.into(), version.into(), position.into(), saved.state.as_str().into()];
    db.execute(text, values).await?;
    Ok(())
}

/// Forgets up to 500 answers of keys older than `before` (milliseconds since 1970) and says how many.
pub(in crate::store) async fn forget(db: &mut dyn Sql, before: i64) -> Result<u64, Error> {
    let old = "delete from receipt where (shop, key) in (select shop, key from receipt where at < $1 limit 500)";
    Ok(db.execute(old, vec![before.into()]).await?)
}

/// Moves the shop's head on; `false` when somebody was first.
async fn advance(db: &mut dyn Sql, unit: &ShopBatch) -> Result<bool, Error> {
    let position = signed(unit.after + unit.events.len() as u64);
    let (text, last) = if unit.after == 0 {
        let begin = "insert into head (position, shop, epoch) values ($1, $2, $3) on conflict do nothing";
        (begin, unit.epoch.as_str().into())
    } else {
        ("update head set position = $1 where shop = $2 and position = $3", signed(unit.after).into())
    };
    Ok(db.execute(text, vec![position.into(), unit.shop.as_str().into(), last]).await? == 1)
}

/// Writes all that follows the head; `false` when a key or an order is there already.
async fn follow(db: &mut dyn Sql, unit: &ShopBatch) -> Result<bool, Error> {
    let shop = unit.shop.as_str();
    let (new, changed): (Vec<&OrderRow>, Vec<&OrderRow>) = unit.orders.iter().partition(|row| row.is_new);
    let receipts: Vec<&Receipt> = unit.receipts.iter().collect();
    if !insert(db, &RECEIPTS, &receipts, |row| receipt(shop, row)).await?
        || !insert(db, &NEW_ORDERS, &new, |row| order(shop, row)).await?
    {
        return Ok(false);
    }
    insert(db, &ORDERS, &changed, |row| order(shop, row)).await?;
    let over: Vec<&OrderRow> = unit.orders.iter().filter(|row| row.ended.is_some()).collect();
    insert(db, &ENDED, &over, |row| ended(shop, row)).await?;
    let events: Vec<&Recorded> = unit.events.iter().collect();
    insert(db, &EVENTS, &events, |row| event(shop, row)).await?;
    for row in &unit.names {
        write_name(db, shop, row).await?;
    }
    Ok(true)
}

/// Inserts the rows; `false` when some were there already.
async fn insert<'q, R, const COLUMNS: usize>(
    db: &mut dyn Sql,
    ladder: &'static InsertBySize,
    rows: &[&'q R],
    values: impl Fn(&'q R) -> [Value<'q>; COLUMNS] + Send,
) -> Result<bool, Error>
where
    R: Sync,
{
    for (text, run) in ladder.runs(db.numbers(), rows) {
        let values = run.iter().flat_map(|row| values(row)).collect();
        if db.execute(text, values).await? < run.len() as u64 {
            return Ok(false);
        }
    }
    Ok(true)
}

fn event<'q>(shop: &'q str, row: &'q Recorded) -> [Value<'q>; 12] {
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
        Value::Text(row.actor.map(|who| who.to_string().into())),
        Value::Text(row.channel.map(|channel| channel.as_str().into())),
        serde_json::to_string(&row.event).expect("events have text keys only").into(),
    ]
}

fn receipt<'q>(shop: &'q str, row: &'q Receipt) -> [Value<'q>; 5] {
    [shop.into(), row.key.as_str().into(), Value::Bytes(&row.body), row.answer.as_str().into(), row.at.into()]
}

fn order<'q>(shop: &'q str, row: &'q OrderRow) -> [Value<'q>; 6] {
    let (number, position) = (i64::from(row.number), signed(row.position));
    [shop.into(), row.id.0.into(), row.guest.0.into(), number.into(), row.step.as_str().into(), position.into()]
}

fn ended<'q>(shop: &'q str, row: &'q OrderRow) -> [Value<'q>; 4] {
    let day = row.ended.map(|day| i64::from(day.0));
    [shop.into(), Value::Number(day), signed(row.position).into(), row.id.0.into()]
}

async fn write_name(db: &mut dyn Sql, shop: &str, row: &NameRow) -> Result<(), Error> {
    let mut values = vec![shop.into(), row.order.0.into()];
    let text = if let Some(sealed) = &row.sealed {
        values.push(Value::Bytes(sealed));
        "insert into name (shop, id, sealed) values ($1, $2, $3) \
         on conflict (shop, id) do update set sealed = excluded.sealed"
    } else {
        "delete from name where shop = $1 and id = $2"
    };
    db.execute(text, values).await?;
    Ok(())
}
