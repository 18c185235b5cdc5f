//! Passes: sessions, tokens and one-time links that grant a role in a shop.

use domain::access::Role;
use domain::ids::{ShopId, StaffId};
use domain::time::Instant;
use store::Pool;
use store::pass::{PassGrant, PassRow, PassRowKind, PassTable};
use uuid::Builder;

use self::session_cache::SessionCache;
pub use super::secret::{ParseSecretError, Secret, SecretKind, Visit};

mod session_cache;

/// Name of the session cookie.
pub const COOKIE: &str = "crema_session";
/// Session lifetime in seconds, in the table and in the cookie.
pub const SESSION_SECONDS: u32 = 30 * 24 * 60 * 60;

/// Link lifetime.
pub(super) const LINK_SECONDS: u32 = 10 * 60;
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
pub struct PassStoreError(#[from] engine::store::Error);

/// Passes in the table `pass`, with a cache.
#[derive(Debug)]
pub struct Passes {
    table: PassTable,
    cache: SessionCache,
}

impl Passes {
    /// Uses the pool's database, which must have been migrated.
    pub fn new(pool: impl Into<Pool>) -> Self {
        Self { table: PassTable::new(pool), cache: SessionCache::default() }
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
        let grant = PassGrant { shop: shop.clone(), role, holder };
        self.table.insert(&secret.hash(), &PassRow { kind: row_kind(kind), grant, expires_at }, made).await?;
        Ok(secret)
    }

    /// Grant of a link, without redeeming it.
    ///
    /// # Errors
    /// The link is unknown, used or expired, or the database is unavailable.
    pub async fn peek_link(&self, link: &Secret, now: Instant) -> Result<LinkGrant, LinkError> {
        let row = self.find_row(link).await?.ok_or(LinkError::Unknown)?;
        match row.kind {
            PassRowKind::Used => Err(LinkError::Used),
            PassRowKind::Link if row.expires_at.is_some_and(|expires_at| expires_at <= now) => Err(LinkError::Expired),
            PassRowKind::Link => Ok(LinkGrant { shop: row.grant.shop, role: row.grant.role }),
            PassRowKind::Session | PassRowKind::Token => Err(LinkError::Unknown),
        }
    }

    /// Redeems a link for a session of 30 days. Of several concurrent visits exactly one succeeds; a repetition of that
    /// one gets its session again while the link would be valid.
    ///
    /// # Errors
    /// The link is unknown, used by another visit or expired, or the database is unavailable.
    pub async fn redeem_link(&self, link: &Secret, visit: &Visit, now: Instant) -> Result<Session, LinkError> {
        let secret = Secret::of_session(link, visit);
        let expires_at = now.plus_seconds(SESSION_SECONDS);
        // Robots use tokens: no page is theirs.
        if self.peek_link(link, now).await.is_ok_and(|grant| grant.role == Role::Robot) {
            return Err(LinkError::Unknown);
        }
        let redeemed = self.table.redeem(&link.hash(), &secret.hash(), now, expires_at).await;
        if let Some(grant) = redeemed.map_err(PassStoreError)? {
            return Ok(Session { secret, pass: Pass::new(SecretKind::Session, grant) });
        }
        match self.redeemed_session(link, visit, now).await? {
            Some(session) => Ok(session),
            // Used and expired are final states, so this query cannot race with the first.
            None => Err(self.peek_link(link, now).await.err().unwrap_or(LinkError::Expired)),
        }
    }

    /// The session for which this visit has redeemed a link that would still be valid.
    ///
    /// # Errors
    /// The database is unavailable.
    pub async fn redeemed_session(
        &self,
        link: &Secret,
        visit: &Visit,
        now: Instant,
    ) -> Result<Option<Session>, PassStoreError> {
        let row = self.find_row(link).await?.filter(|row| row.kind == PassRowKind::Used);
        let secret = Secret::of_session(link, visit);
        match row.and_then(|row| row.expires_at) {
            Some(expires_at) if now < expires_at => {
                Ok(self.find(&secret, now).await?.map(|pass| Session { secret, pass }))
            }
            _ => Ok(None),
        }
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
        let row = self.find_row(secret).await?.filter(|row| row.kind == row_kind(secret.kind()));
        let Some(row) = row else { return Ok(None) };
        if row.expires_at.is_some_and(|expires_at| expires_at <= now) {
            return Ok(None);
        }
        let pass = Pass::new(secret.kind(), row.grant);
        self.cache.insert(generation, hash, &pass, row.expires_at, now);
        Ok(Some(pass))
    }

    async fn find_row(&self, secret: &Secret) -> Result<Option<PassRow>, PassStoreError> {
        Ok(self.table.find(&secret.hash()).await?)
    }

    /// Revokes all sessions, tokens and unused links of a holder. False if there were none.
    ///
    /// # Errors
    /// The database is unavailable.
    pub async fn revoke(&self, shop: &ShopId, holder: StaffId) -> Result<bool, PassStoreError> {
        let deleted = self.table.delete_holder(shop, holder).await?;
        self.cache.invalidate(holder);
        Ok(deleted > 0)
    }

    /// Deletes expired sessions at once, and used or expired links after a day, so that late users are told why a link
    /// fails. Returns the number of rows.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn sweep(&self, now: Instant) -> Result<u64, PassStoreError> {
        let before = Instant(now.0 - i64::from(EXPIRED_RETENTION_SECONDS) * 1000);
        Ok(self.table.delete_expired(now, before).await?)
    }
}

impl Pass {
    fn new(kind: SecretKind, PassGrant { shop, role, holder }: PassGrant) -> Self {
        Self { kind, shop, role, holder }
    }
}

fn row_kind(kind: SecretKind) -> PassRowKind {
    match kind {
        SecretKind::Session => PassRowKind::Session,
        SecretKind::Token => PassRowKind::Token,
        SecretKind::Link => PassRowKind::Link,
    }
}
