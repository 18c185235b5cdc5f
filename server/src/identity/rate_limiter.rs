//! Rate limiter of attempts, in memory, with a sliding window of one minute.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use domain::time::Instant;
use parking_lot::Mutex;

/// Length of the sliding window in seconds.
const WINDOW_SECONDS: u32 = 60;

/// Number of tracked keys from which expired ones are removed.
const MIN_PRUNED_KEYS: usize = 10_000;

/// Attempts by key.
#[derive(Debug)]
pub struct RateLimiter<K> {
    /// Attempts within the window from which the next one has to wait.
    max_attempts: usize,
    state: Mutex<RateLimiterState<K>>,
}

#[derive(Debug)]
struct RateLimiterState<K> {
    attempts: HashMap<K, VecDeque<Instant>>,
    /// Number of keys at which expired ones are removed: twice those that remained the last time, so that a flood of
    /// new keys does not search all of them each time.
    prune_at: usize,
}

impl<K: Eq + Hash> RateLimiter<K> {
    /// Allows `max_attempts` attempts per key and minute.
    pub fn new(max_attempts: usize) -> Self {
        let state = RateLimiterState { attempts: HashMap::new(), prune_at: MIN_PRUNED_KEYS };
        Self { max_attempts, state: Mutex::new(state) }
    }

    /// Seconds until the next attempt is allowed, at least 1. `None` if it is allowed now.
    pub fn retry_after(&self, key: &K, now: Instant) -> Option<u32> {
        self.wait_seconds(self.state.lock().attempts.get(key)?, now)
    }

    /// Records an attempt.
    pub fn record(&self, key: K, now: Instant) {
        let mut state = self.state.lock();
        self.push(state.attempts_of(key, now), now);
    }

    /// Records an attempt if it is allowed now; else returns the seconds until the next one is, at least 1.
    pub fn acquire(&self, key: K, now: Instant) -> Option<u32> {
        let mut state = self.state.lock();
        let attempts = state.attempts_of(key, now);
        let wait = self.wait_seconds(attempts, now);
        if wait.is_none() {
            self.push(attempts, now);
        }
        wait
    }

    fn wait_seconds(&self, attempts: &VecDeque<Instant>, now: Instant) -> Option<u32> {
        let oldest = attempts.iter().rev().nth(self.max_attempts - 1)?;
        let ends_at = oldest.plus_seconds(WINDOW_SECONDS);
        // Attempts in the future do not count, so a clock that is set back locks nobody out.
        (now < ends_at && *oldest <= now).then(|| ends_at.seconds_since(now).max(1))
    }

    fn push(&self, attempts: &mut VecDeque<Instant>, now: Instant) {
        attempts.push_back(now);
        if attempts.len() > self.max_attempts {
            attempts.pop_front();
        }
    }
}

impl<K: Eq + Hash> RateLimiterState<K> {
    fn attempts_of(&mut self, key: K, now: Instant) -> &mut VecDeque<Instant> {
        if self.attempts.len() >= self.prune_at {
            let counts = |at: &Instant| at.plus_seconds(WINDOW_SECONDS) > now;
            self.attempts.retain(|_, attempts| attempts.back().is_some_and(counts));
            self.prune_at = MIN_PRUNED_KEYS.max(2 * self.attempts.len());
        }
        self.attempts.entry(key).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(n: i64) -> Instant {
        Instant(n * 1000)
    }

    #[test]
    fn the_rate_limit_frees_a_slot_when_the_oldest_attempt_is_a_minute_old() {
        let rate_limiter = RateLimiter::new(3);
        for (n, at) in [10, 20, 30].into_iter().enumerate() {
            assert_eq!(rate_limiter.retry_after(&"ben", second(at)), None, "attempt {n}");
            rate_limiter.record("ben", second(at));
        }
        assert_eq!(rate_limiter.retry_after(&"ben", second(30)), Some(40));
        assert_eq!(rate_limiter.retry_after(&"ben", second(69)), Some(1));
        assert_eq!(rate_limiter.retry_after(&"anna", second(30)), None, "keys are independent");
        assert_eq!(rate_limiter.retry_after(&"ben", second(70)), None);
        rate_limiter.record("ben", second(70));
        assert_eq!(rate_limiter.retry_after(&"ben", second(70)), Some(10));
    }

    #[test]
    fn an_attempt_is_recorded_only_if_it_is_allowed() {
        let rate_limiter = RateLimiter::new(2);
        assert_eq!(rate_limiter.acquire("ben", second(0)), None);
        assert_eq!(rate_limiter.acquire("ben", second(30)), None);
        for at in [30, 40, 59] {
            assert!(rate_limiter.acquire("ben", second(at)).is_some());
        }
        assert_eq!(rate_limiter.acquire("ben", second(60)), None, "refused attempts do not count");
    }

    #[test]
    fn a_clock_set_back_does_not_extend_the_rate_limit() {
        let rate_limiter = RateLimiter::new(1);
        rate_limiter.record("ben", second(1000));
        assert_eq!(rate_limiter.retry_after(&"ben", second(5)), None);
    }

    #[test]
    fn expired_rate_limit_entries_are_evicted() {
        let rate_limiter = RateLimiter::new(1);
        for n in 0..10_000 {
            rate_limiter.record(n, second(0));
        }
        rate_limiter.record(10_000, second(60));
        assert_eq!(rate_limiter.state.lock().attempts.len(), 1);
    }
}
