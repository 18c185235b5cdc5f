//! SQLite baseline of the store: a plain loop that writes and reads the same rows.

use std::path::Path;

use domain::event::{Event, Recorded};
use domain::order::Channel;
use engine::read_model::state::STATE_VERSION;
use engine::store::{OrderRow, Receipt, ShopBatch};
use rusqlite::{Connection, Result, Statement, params};
use uuid::Uuid;

const EVENT: &str = "insert into event (shop, position, id, kind, dataversion, subject, at, correlation, causation, \
                     actor, channel, data) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const RECEIPT: &str = "insert into receipt (shop, key, body, answer, at) values (?, ?, ?, ?, ?) on conflict do nothing";
const NEW_ORDER: &str = "insert into orders (shop, id, guest, number, step, position) values (?, ?, ?, ?, ?, ?) \
                         on conflict do nothing";
const ORDER: &str = "insert into orders (shop, id, guest, number, step, position) values (?, ?, ?, ?, ?, ?) \
                     on conflict (shop, id) do update set \
                     number = excluded.number, step = excluded.step, position = excluded.position";
const ENDED: &str = "insert into ended (shop, day, position, id) values (?, ?, ?, ?)";
const LOG: &str = "select position, id, kind, at, correlation, causation, actor, channel, data from event \
                   where shop = ? order by position";

/// One commit with encoded rows.
#[derive(Debug)]
pub(crate) struct EncodedBatch {
    shop: String,
    epoch: String,
    after: i64,
    position: i64,
    events: Vec<EventRow>,
    receipts: Vec<Receipt>,
    orders: Vec<OrderRow>,
}

#[derive(Debug)]
struct EventRow {
    position: i64,
    id: Uuid,
    kind: String,
    dataversion: &'static str,
    subject: Option<Uuid>,
    at: i64,
    correlation: Uuid,
    causation: Option<Uuid>,
    actor: Option<String>,
    channel: Option<&'static str>,
    data: String,
}

impl EncodedBatch {
    pub(crate) fn of(batch: &ShopBatch) -> Self {
        let events: Vec<EventRow> = batch.events.iter().map(row).collect();
        Self {
            shop: batch.shop.to_string(),
            epoch: batch.epoch.clone(),
            after: batch.after.cast_signed(),
            position: events.last().map_or(0, |row| row.position),
            events,
            receipts: batch.receipts.clone(),
            orders: batch.orders.clone(),
        }
    }
}

fn row(recorded: &Recorded) -> EventRow {
    EventRow {
        position: recorded.position.cast_signed(),
        id: recorded.id.0,
        kind: recorded.event.kind().to_owned(),
        dataversion: recorded.event.dataversion(),
        subject: recorded.event.order().map(|order| order.0),
        at: recorded.at.0,
        correlation: recorded.correlation.0,
        causation: recorded.causation.map(|cause| cause.0),
        actor: recorded.actor.map(|who| who.to_string()),
        channel: recorded.channel.map(Channel::as_str),
        data: serde_json::to_string(&recorded.event).expect("events have string keys only"),
    }
}

/// Opens a connection with the durability settings of `store/src/sqlite.rs`.
pub(crate) fn open(file: &Path) -> Result<Connection> {
    let db = Connection::open(file)?;
    db.execute_batch(
        "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; \
         pragma mmap_size = 268435456; pragma wal_autocheckpoint = 0; pragma busy_timeout = 10000;",
    )?;
    Ok(db)
}

/// Writes batches with statements that are prepared once.
pub(crate) struct PlainWriter<'c> {
    begin: Statement<'c>,
    commit: Statement<'c>,
    insert_head: Statement<'c>,
    advance_head: Statement<'c>,
    receipts: Statement<'c>,
    new_orders: Statement<'c>,
    orders: Statement<'c>,
    ended: Statement<'c>,
    events: Statement<'c>,
}

impl<'c> PlainWriter<'c> {
    pub(crate) fn new(db: &'c Connection) -> Result<Self> {
        Ok(Self {
            begin: db.prepare("begin immediate")?,
            commit: db.prepare("commit")?,
            insert_head: db.prepare("insert into head (position, shop, epoch) values (?, ?, ?)")?,
            advance_head: db.prepare("update head set position = ? where shop = ? and position = ?")?,
            receipts: db.prepare(RECEIPT)?,
            new_orders: db.prepare(NEW_ORDER)?,
            orders: db.prepare(ORDER)?,
            ended: db.prepare(ENDED)?,
            events: db.prepare(EVENT)?,
        })
    }

    /// Writes a batch in one commit.
    pub(crate) fn append(&mut self, batch: &EncodedBatch) -> Result<()> {
        let EncodedBatch { shop, epoch, after, position, .. } = batch;
        self.begin.execute([])?;
        if *after == 0 {
            self.insert_head.execute(params![position, shop, epoch])?;
        } else {
            self.advance_head.execute(params![position, shop, after])?;
        }
        for row in &batch.receipts {
            self.receipts.execute(params![shop, row.key, row.request_hash, row.answer, row.at])?;
        }
        for row in &batch.orders {
            let statement = if row.is_new { &mut self.new_orders } else { &mut self.orders };
            let (id, guest) = (row.id.0.as_bytes(), row.guest.0.as_bytes());
            let position = row.position.cast_signed();
            statement.execute(params![shop, id, guest, row.number, row.step.as_str(), position])?;
            if let Some(day) = row.ended {
                self.ended.execute(params![shop, day.0, position, id])?;
            }
        }
        for row in &batch.events {
            self.events.execute(params![
                shop,
                row.position,
                row.id.as_bytes(),
                row.kind,
                row.dataversion,
                row.subject.as_ref().map(Uuid::as_bytes),
                row.at,
                row.correlation.as_bytes(),
                row.causation.as_ref().map(Uuid::as_bytes),
                row.actor,
                row.channel,
                row.data
            ])?;
        }
        self.commit.execute([])?;
        Ok(())
    }
}

/// Reads and parses every event of the log. Returns their number.
pub(crate) fn read(db: &Connection, shop: &str) -> Result<usize> {
    let mut log = db.prepare(LOG)?;
    let mut rows = log.query([shop])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let (kind, data) = (row.get_ref(2)?.as_str()?, row.get_ref(8)?.as_str()?);
        let event = Event::decode(kind, &mut serde_json::Deserializer::from_str(data));
        std::hint::black_box((row.get_ref(1)?, row.get_ref(4)?, row.get_ref(5)?, row.get_ref(6)?, row.get_ref(7)?));
        std::hint::black_box((row.get::<_, i64>(0)?, row.get::<_, i64>(3)?));
        count += usize::from(matches!(event, Ok(Some(_))));
    }
    Ok(count)
}

/// Deletes the snapshots, so that a start replays the whole log.
pub(crate) fn delete_snapshots(file: &Path) -> Result<()> {
    let db = open(file)?;
    db.execute("delete from snapshot", [])?;
    db.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))
}

/// Restores the schema before the table `ended` and before named snapshots.
const DOWNGRADE: &str = "
    drop table if exists ended;
    create table aged (shop text primary key, version integer not null, position integer not null, state text not null)
        strict, without rowid;
    insert into aged select shop, version, position, state from snapshot where of = 'Shop';
    drop table snapshot;
    alter table aged rename to snapshot;
    delete from _sqlx_migrations where version >= 3;
";

/// Downgrades a database to that schema and to the previous snapshot version.
pub(crate) fn downgrade(file: &Path) -> Result<()> {
    let db = open(file)?;
    db.execute_batch(DOWNGRADE)?;
    db.execute("update snapshot set version = ?", [STATE_VERSION - 1])?;
    db.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))
}
