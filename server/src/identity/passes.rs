//! Passes: sessions, tokens and one-time links that grant a role in a shop.

use std::str::FromStr;

use domain::access::Role;
use domain::ids::{ShopId, StaffId};
use domain::time::Instant;
use uuid::Builder;

use self::session_cache::SessionCache;
pub use super::secret::{ParseSecretError, Secret, SecretKind};
use crate::store::sql::{Pool, SqlRow, Value};

mod session_cache;

/// Name of the session cookie.
pub const COOKIE: &str = "crema_session";
/// Session lifetime in seconds, in the table and in the cookie.
pub const SESSION_SECONDS: u32 = 30 * 24 * 60 * 60;

/// Link lifetime.
const LINK_SECONDS: u32 = 10 * 60;
/// Retention of expired rows, so that their holders get "expired" instead of "unknown".
const EXPIRED_RETENTION_SECONDS: u32 = 24 * 60 * 60;

/// Grant of a session or token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    pub kind: SecretKind,
    pub shop: ShopId,
    pub role: Role,
    pub holder: StaffId,
}

/// New session from a redeemed link. The secret goes into the cookie.
#[derive(Clone, Debug)]
pub struct Session {
    pub secret: Secret,
    pub pass: Pass,
}

/// Grant that redeeming a link would give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkGrant {
    pub shop: ShopId,
    pub role: Role,
}

/// Why a link cannot be redeemed.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error("this link does not exist")]
    Unknown,
    #[error("this link has been used; ask for a new one")]
    Used,
    #[error("this link has expired after ten minutes; ask for a new one")]
    Expired,
    #[error(transparent)]
    Unavailable(#[from] PassStoreError),
}

/// The pass table cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the pass table cannot be read or written")]
pub struct PassStoreError(#[from] sqlx::Error);

impl From<sqlx::Error> for LinkError {
    fn from(error: sqlx::Error) -> Self {
        Self::Unavailable(PassStoreError(error))
    }
}

/// Passes in the table `pass`, with a cache.
#[derive(Debug)]
pub struct Passes {
    pool: Pool,
    cache: SessionCache,
}

impl Passes {
    /// Uses the pool's database, which must have the table `pass`.
    pub fn new(pool: impl Into<Pool>) -> Self {
        Self { pool: pool.into(), cache: SessionCache::default() }
    }

    /// Creates a one-time link, valid for ten minutes.
    ///
    /// # Errors
    /// The database is unavailable.
    pub async fn make_link(&self, shop: &ShopId, role: Role, now: Instant) -> Result<Secret, PassStoreError> {
        self.insert(SecretKind::Link, shop, role, now, Some(now.plus_seconds(LINK_SECONDS))).await
    }

    /// Creates a token for a script or robot, valid until it is revoked.
    ///
    /// # Errors
    /// The database is unavailable.
    pub async fn make_token(&self, shop: &ShopId, role: Role, now: Instant) -> Result<Secret, PassStoreError> {
        self.insert(SecretKind::Token, shop, role, now, None).await
    }

    async fn insert(
        &self,
        kind: SecretKind,
        shop: &ShopId,
        role: Role,
        made: Instant,
        expires_at: Option<Instant>,
    ) -> Result<Secret, PassStoreError> {
        let secret = Secret::generate(kind);
        let holder = StaffId(Builder::from_random_bytes(super::random()).into_uuid());
        let pass = Pass { kind, shop: shop.clone(), role, holder };
        self.pool.execute(INSERT, insert_values(&secret.hash(), &pass, made, expires_at)).await?;
        Ok(secret)
    }

    /// Grant of a link, without redeeming it.
    ///
    /// # Errors
    /// The link is unknown, used or expired, or the database is unavailable.
    pub async fn peek_link(&self, link: &Secret, now: Instant) -> Result<LinkGrant, LinkError> {
        let text = "SELECT kind, shop, role, due FROM pass WHERE hash = $1 AND kind IN ('link', 'used')";
        let rows = self.pool.rows(text, vec![Value::Bytes(&link.hash())]).await?;
        let row = rows.first().ok_or(LinkError::Unknown)?;
        let (kind, expires_at): (String, Option<i64>) = (row.get(0)?, row.get(3)?);
        if kind == "used" {
            Err(LinkError::Used)
        } else if expires_at.is_some_and(|expires_at| expires_at <= now.0) {
            Err(LinkError::Expired)
        } else {
            Ok(LinkGrant { shop: parse_column(row, 1)?, role: parse_column(row, 2)? })
        }
    }

    /// Redeems a link for a session of 30 days. Exactly one of several concurrent attempts succeeds.
    ///
    /// # Errors
    /// The link is unknown, used or expired, or the database is unavailable.
    pub async fn redeem_link(&self, link: &Secret, now: Instant) -> Result<Session, LinkError> {
        let mut tx = self.pool.begin().await?;
        // The first statement writes, because SQLite may refuse to upgrade a read transaction.
        let text = "UPDATE pass SET kind = 'used' WHERE hash = $1 AND kind = 'link' AND due > $2
                    RETURNING shop, role, holder";
        let rows = tx.sql().rows(text, vec![Value::Bytes(&link.hash()), now.0.into()]).await?;
        let Some(row) = rows.first() else {
            drop(tx);
            // Used and expired are final states, so this second query cannot race with the first.
            return Err(self.peek_link(link, now).await.err().unwrap_or(LinkError::Expired));
        };
        let pass = pass_from_row(SecretKind::Session, row)?;
        let secret = Secret::generate(SecretKind::Session);
        let expires_at = Some(now.plus_seconds(SESSION_SECONDS));
        tx.sql().execute(INSERT, insert_values(&secret.hash(), &pass, now, expires_at)).await?;
        tx.commit().await?;
        Ok(Session { secret, pass })
    }

    /// The pass of a valid session or token. `None` for unknown, expired or revoked secrets and for links.
    ///
    /// # Errors
    /// The database is unavailable.
    pub async fn find(&self, secret: &Secret, now: Instant) -> Result<Option<Pass>, PassStoreError> {
        if secret.kind() == SecretKind::Link {
            return Ok(None);
        }
        let hash = secret.hash();
        if let Some(pass) = self.cache.get(&hash, now) {
            return Ok(Some(pass));
        }
        let generation = self.cache.generation();
        let text = "SELECT shop, role, holder, due FROM pass WHERE hash = $1 AND kind = $2";
        let rows = self.pool.rows(text, vec![Value::Bytes(&hash), secret.kind().as_str().into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let expires_at = row.get::<Option<i64>>(3)?.map(Instant);
        if expires_at.is_some_and(|expires_at| expires_at <= now) {
            return Ok(None);
        }
        let pass = pass_from_row(secret.kind(), row)?;
        self.cache.insert(generation, hash, &pass, expires_at, now);
        Ok(Some(pass))
    }

    /// Revokes all sessions, tokens and unused links of a holder. False if there were none.
    ///
    /// # Errors
    /// The database is unavailable.
    pub async fn revoke(&self, shop: &ShopId, holder: StaffId) -> Result<bool, PassStoreError> {
        let text = "DELETE FROM pass WHERE shop = $1 AND holder = $2 AND kind <> 'used'";
        let deleted = self.pool.execute(text, vec![shop.as_str().into(), holder.to_string().into()]).await?;
        self.cache.invalidate(holder);
        Ok(deleted > 0)
    }

    /// Deletes expired sessions at once, and used or expired links after a day, so that late users are told why a link
    /// fails. Returns the number of rows.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn sweep(&self, now: Instant) -> Result<u64, PassStoreError> {
        let before = now.0 - i64::from(EXPIRED_RETENTION_SECONDS) * 1000;
        let text = "DELETE FROM pass WHERE due <= $1 OR (kind = 'session' AND due <= $2)";
        Ok(self.pool.execute(text, vec![before.into(), now.0.into()]).await?)
    }
}

const INSERT: &str = "INSERT INTO pass (hash, kind, shop, role, holder, made, due) VALUES ($1, $2, $3, $4, $5, $6, $7)";

fn insert_values<'v>(hash: &'v [u8], pass: &'v Pass, made: Instant, expires_at: Option<Instant>) -> Vec<Value<'v>> {
    vec![
        Value::Bytes(hash),
        pass.kind.as_str().into(),
        pass.shop.as_str().into(),
        pass.role.as_str().into(),
        pass.holder.to_string().into(),
        made.0.into(),
        Value::Number(expires_at.map(|expires_at| expires_at.0)),
    ]
}

/// Reads a pass from a row that begins with shop, role and holder.
fn pass_from_row(kind: SecretKind, row: &SqlRow) -> Result<Pass, sqlx::Error> {
    Ok(Pass { kind, shop: parse_column(row, 0)?, role: parse_column(row, 1)?, holder: parse_column(row, 2)? })
}

fn parse_column<T>(row: &SqlRow, column: usize) -> Result<T, sqlx::Error>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    row.get::<String>(column)?.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}
