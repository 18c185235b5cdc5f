//! Passes: who behind the bar, and which machine, may do what in which shop.

use std::str::FromStr;

use domain::access::Role;
use domain::ids::{ShopId, StaffId};
use domain::time::Instant;
use uuid::Builder;

use self::session_cache::SessionCache;
pub use super::secret::{Kind, ParseSecretError, Secret};
use crate::store::sql::{Pool, Row, Value};

mod session_cache;

/// The name of the cookie that carries a session's secret.
pub const COOKIE: &str = "crema_session";
/// How long a session lasts, in the table and in the cookie.
pub const SESSION_S: u32 = 30 * 24 * 60 * 60;

const LINK_S: u32 = 10 * 60;
/// How long what is over stays in the table, so that its holder is told "over" and not "unknown".
const KEPT_S: u32 = 24 * 60 * 60;

/// What a session or a token entitles its holder to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    pub kind: Kind,
    pub shop: ShopId,
    pub role: Role,
    pub holder: StaffId,
}

/// A link turned into a session; the secret goes into the cookie.
#[derive(Clone, Debug)]
pub struct Session {
    pub secret: Secret,
    pub pass: Pass,
}

/// What a link would open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub shop: ShopId,
    pub role: Role,
}

#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error("this link does not exist")]
    Unknown,
    #[error("this link has been used; ask for a new one")]
    Used,
    #[error("this link is over after ten minutes; ask for a new one")]
    Expired,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// The table of passes could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the passes cannot be read or written")]
pub struct Unavailable(#[from] sqlx::Error);

impl From<sqlx::Error> for LinkError {
    fn from(error: sqlx::Error) -> Self {
        Self::Unavailable(Unavailable(error))
    }
}

/// The passes in the table `pass`, and those found lately in memory.
#[derive(Debug)]
pub struct Passes {
    pool: Pool,
    found: SessionCache,
}

impl Passes {
    pub fn new(pool: impl Into<Pool>) -> Self {
        Self { pool: pool.into(), found: SessionCache::default() }
    }

    /// An invitation for one, good for ten minutes.
    pub async fn make_link(&self, shop: &ShopId, role: Role, now: Instant) -> Result<Secret, Unavailable> {
        self.make(Kind::Link, shop, role, (now, Some(now.plus_seconds(LINK_S)))).await
    }

    /// A key for a script or a robot, good until it is revoked.
    pub async fn make_token(&self, shop: &ShopId, role: Role, now: Instant) -> Result<Secret, Unavailable> {
        self.make(Kind::Token, shop, role, (now, None)).await
    }

    async fn make(
        &self,
        kind: Kind,
        shop: &ShopId,
        role: Role,
        life: (Instant, Option<Instant>),
    ) -> Result<Secret, Unavailable> {
        let secret = Secret::fresh(kind);
        let holder = StaffId(Builder::from_random_bytes(super::random()).into_uuid());
        let pass = Pass { kind, shop: shop.clone(), role, holder };
        self.pool.execute(INSERT, row(&secret.hash(), &pass, life)).await?;
        Ok(secret)
    }

    /// What the link would open, without opening it: for the page with the button.
    pub async fn peek_link(&self, link: &Secret, now: Instant) -> Result<Invitation, LinkError> {
        let text = "SELECT kind, shop, role, due FROM pass WHERE hash = $1 AND kind IN ('link', 'used')";
        let rows = self.pool.rows(text, vec![Value::Bytes(&link.hash())]).await?;
        let row = rows.first().ok_or(LinkError::Unknown)?;
        let (kind, due): (String, Option<i64>) = (row.get(0)?, row.get(3)?);
        if kind == "used" {
            Err(LinkError::Used)
        } else if due.is_some_and(|due| due <= now.0) {
            Err(LinkError::Expired)
        } else {
            Ok(Invitation { shop: read(row, 1)?, role: read(row, 2)? })
        }
    }

    /// Turns a link into a session of 30 days. Of any number who try at the same time, one succeeds.
    pub async fn redeem_link(&self, link: &Secret, now: Instant) -> Result<Session, LinkError> {
        let mut tx = self.pool.begin().await?;
        // The first statement writes: one that read first could be refused the lock when it comes to write.
        let text = "UPDATE pass SET kind = 'used' WHERE hash = $1 AND kind = 'link' AND due > $2
                    RETURNING shop, role, holder";
        let rows = tx.sql().rows(text, vec![Value::Bytes(&link.hash()), now.0.into()]).await?;
        let Some(found) = rows.first() else {
            drop(tx);
            // Neither is a link made good again by waiting, so the answer cannot be overtaken.
            return Err(self.peek_link(link, now).await.err().unwrap_or(LinkError::Expired));
        };
        let pass = pass(Kind::Session, found)?;
        let secret = Secret::fresh(Kind::Session);
        let life = (now, Some(now.plus_seconds(SESSION_S)));
        tx.sql().execute(INSERT, row(&secret.hash(), &pass, life)).await?;
        tx.commit().await?;
        Ok(Session { secret, pass })
    }

    /// The pass of a session or a token that is good now. A link is no pass.
    pub async fn find(&self, secret: &Secret, now: Instant) -> Result<Option<Pass>, Unavailable> {
        if secret.kind() == Kind::Link {
            return Ok(None);
        }
        let hash = secret.hash();
        if let Some(pass) = self.found.get(&hash, now) {
            return Ok(Some(pass));
        }
        let asked = self.found.ask();
        let text = "SELECT shop, role, holder, due FROM pass WHERE hash = $1 AND kind = $2";
        let rows = self.pool.rows(text, vec![Value::Bytes(&hash), secret.kind().as_str().into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let due = row.get::<Option<i64>>(3)?.map(Instant);
        if due.is_some_and(|due| due <= now) {
            return Ok(None);
        }
        let pass = pass(secret.kind(), row)?;
        self.found.keep(asked, hash, &pass, due, now);
        Ok(Some(pass))
    }

    /// Takes everything from this holder: session, token, and the link not yet used. False when there was nothing.
    pub async fn revoke(&self, shop: &ShopId, holder: StaffId) -> Result<bool, Unavailable> {
        let text = "DELETE FROM pass WHERE shop = $1 AND holder = $2 AND kind <> 'used'";
        let gone = self.pool.execute(text, vec![shop.as_str().into(), holder.to_string().into()]).await?;
        self.found.forget(holder);
        Ok(gone > 0)
    }

    /// Deletes expired sessions at once, and used or expired links after a day, so that late users are told why a link
    /// fails. Returns the number of rows.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn sweep(&self, now: Instant) -> Result<u64, Unavailable> {
        let before = now.0 - i64::from(KEPT_S) * 1000;
        let text = "DELETE FROM pass WHERE due <= $1 OR (kind = 'session' AND due <= $2)";
        Ok(self.pool.execute(text, vec![before.into(), now.0.into()]).await?)
    }
}

const INSERT: &str = "INSERT INTO pass (hash, kind, shop, role, holder, made, due) VALUES ($1, $2, $3, $4, $5, $6, $7)";

fn row<'v>(hash: &'v [u8], pass: &'v Pass, (made, due): (Instant, Option<Instant>)) -> Vec<Value<'v>> {
    vec![
        Value::Bytes(hash),
        pass.kind.as_str().into(),
        pass.shop.as_str().into(),
        pass.role.as_str().into(),
        pass.holder.to_string().into(),
        made.0.into(),
        Value::Number(due.map(|due| due.0)),
    ]
}

/// Of a row that begins with shop, role and holder.
fn pass(kind: Kind, row: &Row) -> Result<Pass, sqlx::Error> {
    Ok(Pass { kind, shop: read(row, 0)?, role: read(row, 1)?, holder: read(row, 2)? })
}

fn read<T>(row: &Row, column: usize) -> Result<T, sqlx::Error>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    row.get::<String>(column)?.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}
