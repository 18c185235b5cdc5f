//! Table `name`: encrypted names of the orders that have not ended.

use domain::ids::{OrderId, ShopId};
use engine::store::{Error, NameRow};

use crate::sql::{Pool, Sql, SqlError, Value};

/// The encrypted names of the orders that have not ended.
pub(crate) async fn all(pool: &Pool, shop: &ShopId) -> Result<Vec<(OrderId, Vec<u8>)>, Error> {
    let rows = pool.rows("select id, sealed from name where shop = $1", vec![shop.as_str().into()]).await?;
    rows.iter().map(|row| Ok((OrderId(row.get(0)?), row.get(1)?))).collect()
}

/// Replaces or deletes the name of an order.
pub(crate) async fn write(db: &mut dyn Sql, shop: &str, row: &NameRow) -> Result<(), SqlError> {
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
