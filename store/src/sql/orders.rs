//! Tables `orders` and `ended`: the index of orders by guest and by the shop day on which they ended.

use domain::ids::{OrderId, ShopId};
use engine::store::{Error, OrderPosition, OrderQuery, OrderRow};

use crate::sql::insert::{InsertBySize, insert, statements};
use crate::sql::{Pool, Sql, SqlError, Value, signed, unsigned};

pub(super) const ORDERS_OF_GUEST: &str = "select id, position from orders where shop = $1 and guest = $2 and position < $3 \
                        order by position desc limit $4";
pub(super) const ORDERS_ENDED_ON: &str =
    "select id, position from ended where shop = $1 and day = $2 and position < $3 order by position desc limit $4";

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

/// At most `limit` orders that match the query, in descending order of last position and below `before`.
pub(crate) async fn find(
    pool: &Pool,
    shop: &ShopId,
    query: OrderQuery,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<OrderPosition>, Error> {
    let (text, key) = match query {
        OrderQuery::OfGuest(guest) => (ORDERS_OF_GUEST, guest.0.into()),
        OrderQuery::EndedOn(day) => (ORDERS_ENDED_ON, i64::from(day.0).into()),
    };
    let before = signed(before.unwrap_or(u64::MAX));
    let rows = pool.rows(text, vec![shop.as_str().into(), key, before.into(), i64::from(limit).into()]).await?;
    rows.iter().map(|row| Ok((OrderId(row.get(0)?), unsigned(row.get(1)?)))).collect()
}

/// Inserts and updates orders; `false` when a new one exists already.
pub(crate) async fn write(db: &mut dyn Sql, shop: &str, orders: &[OrderRow]) -> Result<bool, SqlError> {
    let (new, changed): (Vec<&OrderRow>, Vec<&OrderRow>) = orders.iter().partition(|row| row.is_new);
    if !insert(db, &INSERT_NEW_ORDERS, &new, |row| values(shop, row)).await? {
        return Ok(false);
    }
    insert(db, &UPSERT_ORDERS, &changed, |row| values(shop, row)).await?;
    let ended: Vec<&OrderRow> = orders.iter().filter(|row| row.ended.is_some()).collect();
    insert(db, &INSERT_ENDED_ORDERS, &ended, |row| ended_values(shop, row)).await?;
    Ok(true)
}

fn values<'q>(shop: &'q str, row: &'q OrderRow) -> [Value<'q>; 6] {
    let (number, position) = (i64::from(row.number), signed(row.position));
    [shop.into(), row.id.0.into(), row.guest.0.into(), number.into(), row.step.as_str().into(), position.into()]
}

fn ended_values<'q>(shop: &'q str, row: &'q OrderRow) -> [Value<'q>; 4] {
    let day = row.ended.map(|day| i64::from(day.0));
    [shop.into(), Value::Number(day), signed(row.position).into(), row.id.0.into()]
}
