//! Batches of several shops in one transaction. The caller begins and ends it.

use engine::store::{Error, Outcome, ShopBatch};

use crate::sql::{Sql, event, head, name, orders, receipt};

/// Isolation of batches within one transaction, for a batch that meets an existing receipt or order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SavepointMode {
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
pub(crate) async fn write_batches(
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
        if !head::advance(db, batch).await? {
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
pub(crate) fn lock_order(batches: &[ShopBatch]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..batches.len()).collect();
    order.sort_by_key(|index| &batches[*index].shop);
    order
}

/// Inserts the rows of a batch; `false` when a receipt or a new order exists already.
async fn insert_rows(db: &mut dyn Sql, batch: &ShopBatch) -> Result<bool, Error> {
    let shop = batch.shop.as_str();
    if !receipt::insert_new(db, shop, &batch.receipts).await? || !orders::write(db, shop, &batch.orders).await? {
        return Ok(false);
    }
    event::append(db, shop, &batch.events).await?;
    for row in &batch.names {
        name::write(db, shop, row).await?;
    }
    Ok(true)
}
