//! Cache of recently found passes, which saves a query per request.

use std::collections::HashMap;

use domain::ids::StaffId;
use domain::time::Instant;
use parking_lot::Mutex;

use super::Pass;

/// Capacity. A full cache is cleared, which costs one query per pass.
const MAX_ENTRIES: usize = 1024;

/// Time to live of an entry. Revocations by other nodes take effect within this time.
const TTL_SECONDS: u32 = 60;

#[derive(Debug, Default)]
pub(super) struct SessionCache {
    state: Mutex<CacheState>,
}

#[derive(Debug, Default)]
struct CacheState {
    passes: HashMap<[u8; 32], CachedPass>,
    revocations: u64,
}

#[derive(Debug)]
struct CachedPass {
    pass: Pass,
    expires_at: Option<Instant>,
    cached_at: Instant,
}

/// Number of revocations before a query.
#[derive(Clone, Copy, Debug)]
pub(super) struct Generation(u64);

impl SessionCache {
    /// The cached pass, unless it has expired or its entry is older than [`TTL_SECONDS`].
    pub(super) fn get(&self, hash: &[u8; 32], now: Instant) -> Option<Pass> {
        let state = self.state.lock();
        let entry = state.passes.get(hash)?;
        let is_fresh = entry.cached_at <= now && now < entry.cached_at.plus_seconds(TTL_SECONDS);
        let is_valid = entry.expires_at.is_none_or(|expires_at| now < expires_at);
        (is_fresh && is_valid).then(|| entry.pass.clone())
    }

    /// Returns the current generation. Call it before the query whose result goes to [`Self::insert`].
    pub(super) fn generation(&self) -> Generation {
        Generation(self.state.lock().revocations)
    }

    /// Caches a query result, unless a revocation happened since `generation`.
    pub(super) fn insert(
        &self,
        generation: Generation,
        hash: [u8; 32],
        pass: &Pass,
        expires_at: Option<Instant>,
        now: Instant,
    ) {
        let mut state = self.state.lock();
        // A later revocation may concern this pass.
        if state.revocations != generation.0 {
            return;
        }
        if state.passes.len() >= MAX_ENTRIES {
            state.passes.clear();
        }
        state.passes.insert(hash, CachedPass { pass: pass.clone(), expires_at, cached_at: now });
    }

    /// Removes a holder's passes. Call it after they are deleted from the table.
    pub(super) fn invalidate(&self, holder: StaffId) {
        let mut state = self.state.lock();
        state.revocations += 1;
        state.passes.retain(|_, entry| entry.pass.holder != holder);
    }
}

#[cfg(test)]
mod tests {
    use domain::access::Role;
    use uuid::Uuid;

    use super::super::SecretKind;
    use super::*;

    const NOW: Instant = Instant(1_000_000);
    const HOLDER: StaffId = StaffId(Uuid::from_u128(1));

    fn pass() -> Pass {
        let shop = "demo".parse().expect("`demo` is a valid slug");
        Pass { kind: SecretKind::Token, shop, role: Role::Barista, holder: HOLDER }
    }

    #[test]
    fn a_cached_pass_is_valid_for_a_minute() {
        let cache = SessionCache::default();
        cache.insert(cache.generation(), [1; 32], &pass(), None, NOW);
        assert_eq!(cache.get(&[1; 32], NOW.plus_seconds(59)), Some(pass()));
        assert_eq!(cache.get(&[1; 32], NOW.plus_seconds(60)), None);
        assert_eq!(cache.get(&[1; 32], Instant(NOW.0 - 1)), None);
        assert_eq!(cache.get(&[2; 32], NOW), None);
    }

    #[test]
    fn an_expired_pass_is_not_served_from_the_cache() {
        let cache = SessionCache::default();
        cache.insert(cache.generation(), [1; 32], &pass(), Some(NOW.plus_seconds(5)), NOW);
        assert!(cache.get(&[1; 32], NOW.plus_seconds(4)).is_some());
        assert!(cache.get(&[1; 32], NOW.plus_seconds(5)).is_none());
    }

    #[test]
    fn a_lookup_overtaken_by_a_revocation_is_not_cached() {
        let cache = SessionCache::default();
        let generation = cache.generation();
        cache.invalidate(HOLDER);
        cache.insert(generation, [1; 32], &pass(), None, NOW);
        assert_eq!(cache.get(&[1; 32], NOW), None);
    }

    #[test]
    fn the_cache_never_exceeds_its_capacity() {
        let cache = SessionCache::default();
        for n in 0..=MAX_ENTRIES {
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&n.to_be_bytes());
            cache.insert(cache.generation(), hash, &pass(), None, NOW);
        }
        assert_eq!(cache.state.lock().passes.len(), 1);
    }
}
