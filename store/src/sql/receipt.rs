//! Table `receipt`: answers by idempotency key.

use domain::ids::ShopId;
use engine::store::{Error, Receipt};

use crate::sql::insert::{InsertBySize, insert, statements};
use crate::sql::{Pool, Sql, SqlError, Value};

static INSERT_RECEIPTS: InsertBySize = InsertBySize::new(|numbered| {
    statements(numbered, "insert into receipt (shop, key, body, answer, at)", 5, " on conflict do nothing")
});

/// The receipt of an idempotency key.
pub(crate) async fn find(pool: &Pool, shop: &ShopId, key: &str) -> Result<Option<Receipt>, Error> {
    let text = "select body, answer, at from receipt where shop = $1 and key = $2";
    let rows = pool.rows(text, vec![shop.as_str().into(), key.into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let request_hash: Vec<u8> = row.get(0)?;
    let request_hash = request_hash.try_into().unwrap_or_default();
    Ok(Some(Receipt { key: key.to_owned(), request_hash, answer: row.get(1)?, at: row.get(2)? }))
}

/// Inserts receipts; `false` when a key has one already.
pub(crate) async fn insert_new(db: &mut dyn Sql, shop: &str, receipts: &[Receipt]) -> Result<bool, SqlError> {
    let receipts: Vec<&Receipt> = receipts.iter().collect();
    insert(db, &INSERT_RECEIPTS, &receipts, |row| values(shop, row)).await
}

/// Deletes up to 500 receipts older than `before` (milliseconds since 1970) and returns their number.
///
/// # Errors
/// [`Error::Unavailable`]: no receipt was deleted.
pub(crate) async fn delete_before(db: &mut dyn Sql, before: i64) -> Result<u64, Error> {
    let text = "delete from receipt where (shop, key) in (select shop, key from receipt where at < $1 limit 500)";
    Ok(db.execute(text, vec![before.into()]).await?)
}

fn values<'q>(shop: &'q str, row: &'q Receipt) -> [Value<'q>; 5] {
    [shop.into(), row.key.as_str().into(), Value::Bytes(&row.request_hash), row.answer.as_str().into(), row.at.into()]
}
