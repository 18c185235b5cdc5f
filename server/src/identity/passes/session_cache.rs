//! Passes found lately, so that a request does not cost a query each time.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::ids::StaffId;
use domain::time::Instant;

use super::Pass;

/// More passes than a crowded bar has; when they are full all are forgotten, which costs one query each.
const ROOM: usize = 1024;

/// After so long a pass is looked up again: that is how soon a revocation by another node is noticed.
const TRUSTED_S: u32 = 60;

#[derive(Debug, Default)]
pub(super) struct SessionCache {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    passes: HashMap<[u8; 32], Entry>,
    revocations: u64,
}

#[derive(Debug)]
struct Entry {
    pass: Pass,
    due: Option<Instant>,
    asked: Instant,
}

/// How many revocations there had been when a query began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Generation(u64);

impl SessionCache {
    pub(super) fn get(&self, hash: &[u8; 32], now: Instant) -> Option<Pass> {
        let known = self.known();
        let entry = known.passes.get(hash)?;
        let trusted = entry.asked <= now && now < entry.asked.plus_seconds(TRUSTED_S);
        let good = entry.due.is_none_or(|due| now < due);
        (trusted && good).then(|| entry.pass.clone())
    }

    /// To be called before the query whose answer is given to `keep`.
    pub(super) fn ask(&self) -> Generation {
        Generation(self.known().revocations)
    }

    pub(super) fn keep(&self, asked: Generation, hash: [u8; 32], pass: &Pass, due: Option<Instant>, now: Instant) {
        let mut known = self.known();
        // A revocation since then may have been of this very pass.
        if known.revocations != asked.0 {
            return;
        }
        if known.passes.len() >= ROOM {
            known.passes.clear();
        }
        known.passes.insert(hash, Entry { pass: pass.clone(), due, asked: now });
    }

    /// To be called when the holder's passes are gone from the table.
    pub(super) fn forget(&self, holder: StaffId) {
        let mut known = self.known();
        known.revocations += 1;
        known.passes.retain(|_, entry| entry.pass.holder != holder);
    }

    // Whoever panicked with it in hand left it whole: each of the steps above is one change.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use domain::access::Role;
    use uuid::Uuid;

    use super::super::Kind;
    use super::*;

    const NOW: Instant = Instant(1_000_000);
    const HOLDER: StaffId = StaffId(Uuid::from_u128(1));

    fn pass() -> Pass {
        let shop = "demo".parse().expect("demo is a slug");
        Pass { kind: Kind::Token, shop, role: Role::Barista, holder: HOLDER }
    }

    #[test]
    fn what_was_found_is_trusted_for_a_minute() {
        let found = SessionCache::default();
        found.keep(found.ask(), [1; 32], &pass(), None, NOW);
        assert_eq!(found.get(&[1; 32], NOW.plus_seconds(59)), Some(pass()));
        assert_eq!(found.get(&[1; 32], NOW.plus_seconds(60)), None);
        assert_eq!(found.get(&[1; 32], Instant(NOW.0 - 1)), None);
        assert_eq!(found.get(&[2; 32], NOW), None);
    }

    #[test]
    fn what_is_due_is_no_longer_good() {
        let found = SessionCache::default();
        found.keep(found.ask(), [1; 32], &pass(), Some(NOW.plus_seconds(5)), NOW);
        assert!(found.get(&[1; 32], NOW.plus_seconds(4)).is_some());
        assert!(found.get(&[1; 32], NOW.plus_seconds(5)).is_none());
    }

    #[test]
    fn an_answer_overtaken_by_a_revocation_is_not_kept() {
        let found = SessionCache::default();
        let asked = found.ask();
        found.forget(HOLDER);
        found.keep(asked, [1; 32], &pass(), None, NOW);
        assert_eq!(found.get(&[1; 32], NOW), None);
    }

    #[test]
    fn the_shelf_never_outgrows_its_room() {
        let found = SessionCache::default();
        for n in 0..=ROOM {
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&n.to_be_bytes());
            found.keep(found.ask(), hash, &pass(), None, NOW);
        }
        assert_eq!(found.known().passes.len(), 1);
    }
}
