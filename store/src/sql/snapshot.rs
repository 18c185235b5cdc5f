//! Table `snapshot`: the last saved state of each shop and of each subscription.

use domain::ids::ShopId;
use engine::store::{Error, StoredSnapshot};

use crate::sql::{Pool, Sql, signed, unsigned};

/// The last saved snapshot of a name.
pub(crate) async fn load(pool: &Pool, shop: &ShopId, name: &str) -> Result<Option<StoredSnapshot>, Error> {
    let text = "select version, position, state from snapshot where shop = $1 and of = $2";
    let rows = pool.rows(text, vec![shop.as_str().into(), name.into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    // A number out of range becomes 0, which matches no version: the log is read instead.
    let version = u32::try_from(row.get::<i64>(0)?).unwrap_or(0);
    Ok(Some(StoredSnapshot { version, position: unsigned(row.get(1)?), state: row.get(2)? }))
}

/// Inserts or replaces the snapshot of a name.
///
/// # Errors
/// [`Error::Unavailable`]: the previous snapshot remains.
pub(crate) async fn save(db: &mut dyn Sql, shop: &ShopId, name: &str, snapshot: &StoredSnapshot) -> Result<(), Error> {
    let text = "insert into snapshot (shop, of, version, position, state) values ($1, $2, $3, $4, $5) \
                on conflict (shop, of) do update set \
                version = excluded.version, position = excluded.position, state = excluded.state";
    let (version, position) = (i64::from(snapshot.version), signed(snapshot.position));
    let state = snapshot.state.as_str();
    let values = vec![shop.as_str().into(), name.into(), version.into(), position.into(), state.into()];
    db.execute(text, values).await?;
    Ok(())
}
