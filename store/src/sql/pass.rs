//! Table `pass`: hashed sessions, tokens and one-time links. Their secrets are not stored.

use domain::access::Role;
use domain::ids::{ShopId, StaffId};
use domain::time::Instant;
use engine::store::Error;

use crate::sql::{Pool, SqlError, SqlRow, Value};

/// Purpose of a stored secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassRowKind {
    /// A signed-in browser.
    Session,
    /// A script or robot.
    Token,
    /// A one-time link that was not redeemed yet.
    Link,
    /// A link that was redeemed.
    Used,
}

impl PassRowKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Token => "token",
            Self::Link => "link",
            Self::Used => "used",
        }
    }
}

/// The grant of a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassGrant {
    /// The shop that the pass opens.
    pub shop: ShopId,
    /// The role that it grants.
    pub role: Role,
    /// Id of the person or device that holds it.
    pub holder: StaffId,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassRow {
    /// Purpose of the secret.
    pub kind: PassRowKind,
    /// Shop, role and holder.
    pub grant: PassGrant,
    /// `None` for a pass that is valid until it is revoked.
    pub expires_at: Option<Instant>,
}

/// The passes of all shops. Clones share one pool.
#[derive(Clone, Debug)]
pub struct PassTable {
    pool: Pool,
}

const INSERT: &str = "INSERT INTO pass (hash, kind, shop, role, holder, made, due) VALUES ($1, $2, $3, $4, $5, $6, $7)";

impl PassTable {
    /// Uses the pool's database, which must have been migrated.
    pub fn new(pool: impl Into<Pool>) -> Self {
        Self { pool: pool.into() }
    }

    /// Inserts a pass under the hash of its secret.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: nothing was written.
    pub async fn insert(&self, hash: &[u8], pass: &PassRow, made: Instant) -> Result<(), Error> {
        self.pool.execute(INSERT, values(hash, pass, made)).await?;
        Ok(())
    }

    /// The pass with this hash, expired or not.
    ///
    /// # Errors
    /// [`Error::Unavailable`], also when the row cannot be decoded.
    pub async fn find(&self, hash: &[u8]) -> Result<Option<PassRow>, Error> {
        let text = "SELECT shop, role, holder, kind, due FROM pass WHERE hash = $1";
        let rows = self.pool.rows(text, vec![Value::Bytes(hash)]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let kind = match row.get::<String>(3)?.as_str() {
            "session" => PassRowKind::Session,
            "token" => PassRowKind::Token,
            "link" => PassRowKind::Link,
            _ => PassRowKind::Used,
        };
        Ok(Some(PassRow { kind, grant: grant(row)?, expires_at: row.get::<Option<i64>>(4)?.map(Instant) }))
    }

    /// Marks an unexpired link as used and inserts a session with its grant, in one transaction. `None` when there is
    /// no such link; exactly one of several concurrent attempts succeeds.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: nothing was written.
    pub async fn redeem(
        &self,
        link: &[u8],
        session: &[u8],
        now: Instant,
        expires_at: Instant,
    ) -> Result<Option<PassGrant>, Error> {
        let mut tx = self.pool.begin().await?;
        // The first statement writes, because SQLite may refuse to upgrade a read transaction.
        let text = "UPDATE pass SET kind = 'used' WHERE hash = $1 AND kind = 'link' AND due > $2
                    RETURNING shop, role, holder";
        let rows = tx.sql().rows(text, vec![Value::Bytes(link), now.0.into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let pass = PassRow { kind: PassRowKind::Session, grant: grant(row)?, expires_at: Some(expires_at) };
        tx.sql().execute(INSERT, values(session, &pass, now)).await?;
        tx.commit().await?;
        Ok(Some(pass.grant))
    }

    /// Deletes all sessions, tokens and unused links of a holder. Returns their number.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: nothing was deleted.
    pub async fn delete_holder(&self, shop: &ShopId, holder: StaffId) -> Result<u64, Error> {
        let text = "DELETE FROM pass WHERE shop = $1 AND holder = $2 AND kind <> 'used'";
        Ok(self.pool.execute(text, vec![shop.as_str().into(), holder.to_string().into()]).await?)
    }

    /// Deletes sessions that expired by `now`, and passes of any kind that expired by `before`. Returns their number.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: nothing was deleted.
    pub async fn delete_expired(&self, now: Instant, before: Instant) -> Result<u64, Error> {
        let text = "DELETE FROM pass WHERE due <= $1 OR (kind = 'session' AND due <= $2)";
        Ok(self.pool.execute(text, vec![before.0.into(), now.0.into()]).await?)
    }
}

fn values<'v>(hash: &'v [u8], pass: &'v PassRow, made: Instant) -> Vec<Value<'v>> {
    vec![
        Value::Bytes(hash),
        pass.kind.as_str().into(),
        pass.grant.shop.as_str().into(),
        pass.grant.role.as_str().into(),
        pass.grant.holder.to_string().into(),
        made.0.into(),
        Value::Number(pass.expires_at.map(|expires_at| expires_at.0)),
    ]
}

/// Reads the grant from a row that begins with shop, role and holder.
fn grant(row: &SqlRow) -> Result<PassGrant, SqlError> {
    Ok(PassGrant { shop: row.parse(0)?, role: row.parse(1)?, holder: row.parse(2)? })
}
