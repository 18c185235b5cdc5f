//! Table `head`: epoch and last position of each shop's log.

use engine::store::{Error, Head, ShopBatch};

use crate::sql::{Pool, Sql, SqlError, SqlRow, signed, unsigned};

/// Compares the position and the event there in one statement, because each statement is a round trip.
pub(super) const ADVANCE_AFTER_EVENT: &str = "update head set position = $1 where shop = $2 and position = $3 \
     and exists (select 1 from event where shop = $2 and position = $3 and id = $4)";

/// The heads of all shops, sorted by shop.
pub(crate) async fn all(pool: &Pool) -> Result<Vec<Head>, Error> {
    let rows = pool.rows("select shop, epoch, position from head order by shop", Vec::new()).await?;
    rows.iter().map(from_row).collect()
}

/// Gives every log of a SQLite database a new epoch.
pub(crate) async fn renew_epochs(pool: &Pool) -> Result<(), SqlError> {
    pool.execute("update head set epoch = lower(hex(randomblob(4)))", Vec::new()).await?;
    Ok(())
}

/// Inserts or updates the shop's head; `false` when another writer was first.
pub(crate) async fn advance(db: &mut dyn Sql, batch: &ShopBatch) -> Result<bool, SqlError> {
    let position = signed(batch.after + batch.events.len() as u64);
    let (text, last) = match (batch.after, batch.after_id) {
        (0, _) => {
            let begin = "insert into head (position, shop, epoch) values ($1, $2, $3) on conflict do nothing";
            (begin, vec![batch.epoch.as_str().into()])
        }
        (after, None) => {
            ("update head set position = $1 where shop = $2 and position = $3", vec![signed(after).into()])
        }
        (after, Some(id)) => (ADVANCE_AFTER_EVENT, vec![signed(after).into(), id.0.into()]),
    };
    let values = [position.into(), batch.shop.as_str().into()].into_iter().chain(last).collect();
    Ok(db.execute(text, values).await? == 1)
}

fn from_row(row: &SqlRow) -> Result<Head, Error> {
    Ok(Head { shop: row.parse(0)?, epoch: row.get(1)?, position: unsigned(row.get(2)?) })
}
