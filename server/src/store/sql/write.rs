//! The write statements of the store port. The caller begins and ends the transaction.

use domain::event::Recorded;
use domain::ids::ShopId;

use crate::store::sql::insert::{InsertBySize, statements};
use crate::store::sql::{Sql, Value, signed};
use crate::store::{Error, NameRow, OrderRow, Outcome, Receipt, ShopBatch, StoredSnapshot};

static INSERT_EVENTS: InsertBySize = InsertBySize::new(|numbered| {
    let head = "insert into event \
                (shop, position, id, kind, dataversion, subject, at, correlation, causation, actor, channel, data)";
    statements(numbered, head, 12, "")
});
static INSERT_RECEIPTS: InsertBySize = InsertBySize::new(|numbered| {
    statements(numbered, "insert into receipt (shop, key, body, answer, at)", 5, " on conflict do nothing")
});
static INSERT_NEW_ORDERS: InsertBySize =
    InsertBySize::new(|numbered| statements(numbered, INSERT_ORDER_HEAD, 6, " on conflict do nothing"));
static UPSERT_ORDERS: InsertBySize = InsertBySize::new(|numbered| {
    let tail = " on conflict (shop, id) do update set \
                number = case when excluded.number > orders.number then excluded.number else orders.number end, \
                step = excluded.step, position = excluded.position";
    statements(numbered, INSERT_ORDER_HEAD, 6, tail)
});
static INSERT_ENDED_ORDERS: InsertBySize =
    InsertBySize::new(|numbered| statements(numbered, "insert into ended (shop, day, position, id)", 4, ""));
const INSERT_ORDER_HEAD: &str = "insert into orders (shop, id, guest, number, step, position)";

/// Isolation of batches within one transaction, for a batch that meets an existing receipt or order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum SavepointMode {
    /// No savepoints. Such a batch makes the whole transaction fail.
    Off,
    /// A savepoint before each batch. Such a batch is rolled back alone.
    PerBatch,
}

/// Writes the batches and returns their outcomes in the same order; the caller then commits. `None` only without
/// savepoints, when a batch met an existing receipt or order: the caller rolls back and repeats with savepoints.
///
/// # Errors
/// [`Error::Unavailable`]: the caller rolls back.
pub(in crate::store) async fn write_batches(
    db: &mut dyn Sql,
    batches: &[ShopBatch],
    savepoints: SavepointMode,
) -> Result<Option<Vec<Outcome>>, Error> {
    let mut outcomes = vec![Outcome::Committed; batches.len()];
    for index in lock_order(batches) {
        let batch = &batches[index];
        if savepoints == SavepointMode::PerBatch {
            db.execute("savepoint unit", Vec::new()).await?;
        }
        if !advance_head(db, batch).await? {
            outcomes[index] = Outcome::Conflict;
        } else if !insert_rows(db, batch).await? {
            if savepoints == SavepointMode::Off {
                return Ok(None);
            }
            db.execute("rollback to savepoint unit", Vec::new()).await?;
            outcomes[index] = Outcome::Conflict;
        }
        if savepoints == SavepointMode::PerBatch {
            db.execute("release savepoint unit", Vec::new()).await?;
        }
    }
    Ok(Some(outcomes))
}

/// Indices of the batches, sorted by shop. All writers lock the head rows in this order, which prevents deadlocks.
pub(in crate::store) fn lock_order(batches: &[ShopBatch]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..batches.len()).collect();
    order.sort_by_key(|index| &batches[*index].shop);
    order
}

/// Inserts or replaces the snapshot of a name.
///
/// # Errors
/// [`Error::Unavailable`]: the previous snapshot remains.
pub(in crate::store) async fn save_snapshot(
    db: &mut dyn Sql,
    shop: &ShopId,
    name: &str,
    snapshot: &StoredSnapshot,
) -> Result<(), Error> {
    let text = "insert into snapshot (shop, of, version, position, state) values ($1, $2, $3, $4, $5) \
                on conflict (shop, of) do update set \
                version = excluded.version, position = excluded.position, state = excluded.state";
    let (version, position) = (i64::from(snapshot.version), signed(snapshot.position));
    let state = snapshot.state.as_str();
    let values = vec![shop.as_str().into(), name.into(), version.into(), position.into(), state.into()];
    db.execute(text, values).await?;
    Ok(())
}

/// Deletes up to 500 receipts older than `before` (milliseconds since 1970) and returns their number.
///
/// # Errors
/// [`Error::Unavailable`]: no receipt was deleted.
pub(in crate::store) async fn delete_receipts(db: &mut dyn Sql, before: i64) -> Result<u64, Error> {
    let text = "delete from receipt where (shop, key) in (select shop, key from receipt where at < $1 limit 500)";
    Ok(db.execute(text, vec![before.into()]).await?)
}

/// Inserts or updates the shop's head; `false` when another writer was first.
async fn advance_head(db: &mut dyn Sql, batch: &ShopBatch) -> Result<bool, Error> {
    let position = signed(batch.after + batch.events.len() as u64);
    let (text, last) = if batch.after == 0 {
        let begin = "insert into head (position, shop, epoch) values ($1, $2, $3) on conflict do nothing";
        (begin, batch.epoch.as_str().into())
    } else {
        ("update head set position = $1 where shop = $2 and position = $3", signed(batch.after).into())
    };
    Ok(db.execute(text, vec![position.into(), batch.shop.as_str().into(), last]).await? == 1)
}

/// Inserts the rows of a batch; `false` when a receipt or a new order exists already.
async fn insert_rows(db: &mut dyn Sql, batch: &ShopBatch) -> Result<bool, Error> {
    let shop = batch.shop.as_str();
    let (new, changed): (Vec<&OrderRow>, Vec<&OrderRow>) = batch.orders.iter().partition(|row| row.is_new);
    let receipts: Vec<&Receipt> = batch.receipts.iter().collect();
    if !insert(db, &INSERT_RECEIPTS, &receipts, |row| receipt_values(shop, row)).await?
        || !insert(db, &INSERT_NEW_ORDERS, &new, |row| order_values(shop, row)).await?
    {
        return Ok(false);
    }
    insert(db, &UPSERT_ORDERS, &changed, |row| order_values(shop, row)).await?;
    let ended: Vec<&OrderRow> = batch.orders.iter().filter(|row| row.ended.is_some()).collect();
    insert(db, &INSERT_ENDED_ORDERS, &ended, |row| ended_order_values(shop, row)).await?;
    let events: Vec<&Recorded> = batch.events.iter().collect();
    insert(db, &INSERT_EVENTS, &events, |row| event_values(shop, row)).await?;
    for row in &batch.names {
        write_name(db, shop, row).await?;
    }
    Ok(true)
}

/// Inserts rows; `false` when some of them exist already.
async fn insert<'q, R, const COLUMNS: usize>(
    db: &mut dyn Sql,
    statements: &'static InsertBySize,
    rows: &[&'q R],
    values: impl Fn(&'q R) -> [Value<'q>; COLUMNS] + Send,
) -> Result<bool, Error>
where
    R: Sync,
{
    for (text, chunk) in statements.chunks(db.has_numbered_parameters(), rows) {
        let values = chunk.iter().flat_map(|row| values(row)).collect();
        if db.execute(text, values).await? < chunk.len() as u64 {
            return Ok(false);
        }
    }
    Ok(true)
}

fn event_values<'q>(shop: &'q str, row: &'q Recorded) -> [Value<'q>; 12] {
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

fn receipt_values<'q>(shop: &'q str, row: &'q Receipt) -> [Value<'q>; 5] {
    [shop.into(), row.key.as_str().into(), Value::Bytes(&row.request_hash), row.answer.as_str().into(), row.at.into()]
}

fn order_values<'q>(shop: &'q str, row: &'q OrderRow) -> [Value<'q>; 6] {
    let (number, position) = (i64::from(row.number), signed(row.position));
    [shop.into(), row.id.0.into(), row.guest.0.into(), number.into(), row.step.as_str().into(), position.into()]
}

fn ended_order_values<'q>(shop: &'q str, row: &'q OrderRow) -> [Value<'q>; 4] {
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
