//! Writing: many shops' units in one commit, each whole or not at all.

use domain::command::Channel;
use domain::event::Recorded;
use domain::ids::ShopId;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{Connection, Sqlite as Db};

use crate::store::insert::{Ladder, statements};
use crate::store::sqlite::Sqlite;
use crate::store::sqlite::sweep::Tide;
use crate::store::{Error, NameRow, OrderRow, Outcome, Receipt, Saved, Unit};

static EVENTS: Ladder = Ladder::new(|| {
    let columns = "shop, position, id, kind, dataversion, subject, at, correlation, causation, actor, channel, data";
    statements(&format!("insert into event ({columns})"), 12, "")
});
static RECEIPTS: Ladder =
    Ladder::new(|| statements("insert into receipt (shop, key, body, answer, at)", 5, " on conflict do nothing"));
static NEW_ORDERS: Ladder = Ladder::new(|| statements(ORDER_HEAD, 6, " on conflict do nothing"));
static ORDERS: Ladder = Ladder::new(|| {
    let tail = " on conflict (shop, id) do update set \
                number = max(number, excluded.number), step = excluded.step, position = excluded.position";
    statements(ORDER_HEAD, 6, tail)
});
static ENDED: Ladder = Ladder::new(|| statements("insert into ended (shop, day, position, id)", 4, ""));
const ORDER_HEAD: &str = "insert into orders (shop, id, guest, number, step, position)";

type Bound<'q> = Query<'q, Db, SqliteArguments>;

/// The one connection that writes the log.
#[derive(Debug)]
pub struct Writer {
    pub(super) db: SqliteConnection,
    pub(super) tide: Tide,
}

impl Sqlite {
    /// The writing connection. One appender holds it; a second one waits while the first commits.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub async fn writer(&self) -> Result<Writer, Error> {
        let db = SqliteConnection::connect_with(&self.options).await?;
        Ok(Writer { db, tide: Tide::of(self) })
    }
}

impl Writer {
    /// Writes the units in one commit and tells what became of each, in their order.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: nothing is written. [`Error::Unknown`]: nobody can tell.
    pub async fn append(&mut self, units: &[Unit]) -> Result<Vec<Outcome>, Error> {
        if let Some(outcomes) = self.together(units).await? {
            return Ok(outcomes);
        }
        // Some unit met a key or an order that is there already. Alone, each tells for itself.
        let mut outcomes = Vec::with_capacity(units.len());
        for unit in units {
            let alone = self.together(std::slice::from_ref(unit)).await?;
            outcomes.push(alone.map_or(Outcome::Conflict, |outcomes| outcomes[0]));
        }
        Ok(outcomes)
    }

    /// `None` when a unit met a key or an order that exists: then nothing is written at all.
    async fn together(&mut self, units: &[Unit]) -> Result<Option<Vec<Outcome>>, Error> {
        let mut tx = self.db.begin_with("begin immediate").await?;
        // Sorted, so that two nodes lock heads in the same order.
        let mut order: Vec<usize> = (0..units.len()).collect();
        order.sort_unstable_by_key(|index| &units[*index].shop);
        let mut outcomes = vec![Outcome::Written; units.len()];
        for index in order {
            let unit = &units[index];
            if !advance(&mut tx, unit).await? {
                outcomes[index] = Outcome::Conflict;
            } else if !follow(&mut tx, unit).await? {
                tx.rollback().await?;
                return Ok(None);
            }
        }
        tx.commit().await.map_err(|error| Error::Unknown(error.into()))?;
        Ok(Some(outcomes))
    }

    /// Writes a state down for the next start.
    ///
    /// # Errors
    /// Nothing is written then; the log still has everything.
    pub async fn save(&mut self, shop: &ShopId, of: &str, saved: &Saved) -> Result<(), Error> {
        sqlx::query("insert or replace into snapshot (shop, of, version, position, state) values (?, ?, ?, ?, ?)")
            .bind(shop.as_str())
            .bind(of)
            .bind(saved.version)
            .bind(signed(saved.position))
            .bind(&saved.state)
            .execute(&mut self.db)
            .await?;
        Ok(())
    }
}

/// Moves the shop's head on; `false` when somebody was first.
async fn advance(db: &mut SqliteConnection, unit: &Unit) -> Result<bool, Error> {
    let position = signed(unit.after + unit.events.len() as u64);
    let query = if unit.after == 0 {
        let begin = "insert into head (position, shop, epoch) values (?, ?, ?) on conflict do nothing";
        sqlx::query(begin).bind(position).bind(unit.shop.as_str()).bind(&unit.epoch)
    } else {
        let moved = "update head set position = ? where shop = ? and position = ?";
        sqlx::query(moved).bind(position).bind(unit.shop.as_str()).bind(signed(unit.after))
    };
    Ok(query.execute(db).await?.rows_affected() == 1)
}

/// Writes all that follows the head; `false` when a key or an order is there already.
async fn follow(db: &mut SqliteConnection, unit: &Unit) -> Result<bool, Error> {
    let shop = unit.shop.as_str();
    let (new, changed): (Vec<&OrderRow>, Vec<&OrderRow>) = unit.orders.iter().partition(|row| row.is_new);
    let receipts: Vec<&Receipt> = unit.receipts.iter().collect();
    if !insert(db, &RECEIPTS, &receipts, |query, row| bind_receipt(query, shop, row)).await?
        || !insert(db, &NEW_ORDERS, &new, |query, row| bind_order(query, shop, row)).await?
    {
        return Ok(false);
    }
    insert(db, &ORDERS, &changed, |query, row| bind_order(query, shop, row)).await?;
    let ended: Vec<&OrderRow> = unit.orders.iter().filter(|row| row.ended.is_some()).collect();
    insert(db, &ENDED, &ended, |query, row| bind_ended(query, shop, row)).await?;
    let events: Vec<&Recorded> = unit.events.iter().collect();
    insert(db, &EVENTS, &events, |query, row| bind_event(query, shop, row)).await?;
    for row in &unit.names {
        write_name(db, shop, row).await?;
    }
    Ok(true)
}

/// Inserts the rows; `false` when some were there already.
async fn insert<'q, R>(
    db: &mut SqliteConnection,
    ladder: &'static Ladder,
    rows: &[&'q R],
    bind: impl Fn(Bound<'q>, &'q R) -> Bound<'q>,
) -> Result<bool, Error> {
    for (text, run) in ladder.runs(rows) {
        let query = run.iter().fold(sqlx::query(text), |query, row| bind(query, row));
        if query.execute(&mut *db).await?.rows_affected() < run.len() as u64 {
            return Ok(false);
        }
    }
    Ok(true)
}

fn bind_event<'q>(query: Bound<'q>, shop: &'q str, row: &'q Recorded) -> Bound<'q> {
    query
        .bind(shop)
        .bind(signed(row.position))
        .bind(row.id.0)
        .bind(row.event.kind())
        .bind(row.event.dataversion())
        .bind(row.event.order().map(|order| order.0))
        .bind(row.at.0)
        .bind(row.correlation.0)
        .bind(row.causation.map(|cause| cause.0))
        .bind(row.actor.map(|who| who.to_string()))
        .bind(row.channel.map(Channel::as_str))
        .bind(serde_json::to_string(&row.event).expect("events have text keys only"))
}

fn bind_receipt<'q>(query: Bound<'q>, shop: &'q str, row: &'q Receipt) -> Bound<'q> {
    query.bind(shop).bind(&row.key).bind(row.body.as_slice()).bind(&row.answer).bind(row.at)
}

fn bind_order<'q>(query: Bound<'q>, shop: &'q str, row: &'q OrderRow) -> Bound<'q> {
    let query = query.bind(shop).bind(row.id.0).bind(row.guest.0);
    query.bind(row.number).bind(row.step.as_str()).bind(signed(row.position))
}

fn bind_ended<'q>(query: Bound<'q>, shop: &'q str, row: &'q OrderRow) -> Bound<'q> {
    query.bind(shop).bind(row.ended.map(|day| day.0)).bind(signed(row.position)).bind(row.id.0)
}

async fn write_name(db: &mut SqliteConnection, shop: &str, row: &NameRow) -> Result<(), Error> {
    let query = match &row.sealed {
        Some(sealed) => sqlx::query("insert or replace into name (sealed, shop, id) values (?, ?, ?)").bind(sealed),
        None => sqlx::query("delete from name where shop = ? and id = ?"),
    };
    query.bind(shop).bind(row.order.0).execute(db).await?;
    Ok(())
}

/// SQLite's integers are signed; positions never come near their end.
pub(super) fn signed(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}
