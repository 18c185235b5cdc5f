//! Table `head`: epoch and last position of each shop's log.

use engine::store::{Error, Head, ShopBatch};

use crate::sql::{Pool, Sql, SqlError, SqlRow, signed, unsigned};

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
    let (text, last) = if batch.after == 0 {
        let begin = "insert into head (position, shop, epoch) values ($1, $2, $3) on conflict do nothing";
        (begin, batch.epoch.as_str().into())
    } else {
        ("update head set position = $1 where shop = $2 and position = $3", signed(batch.after).into())
    };
    Ok(db.execute(text, vec![position.into(), batch.shop.as_str().into(), last]).await? == 1)
}

fn from_row(row: &SqlRow) -> Result<Head, Error> {
    Ok(Head { shop: row.parse(0)?, epoch: row.get(1)?, position: unsigned(row.get(2)?) })
}
