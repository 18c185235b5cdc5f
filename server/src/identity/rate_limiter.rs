//! Rate limiter for failed attempts, in memory, with a sliding window of one minute.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use domain::time::Instant;
use parking_lot::Mutex;

/// Length of the sliding window in seconds.
const WINDOW_SECONDS: u32 = 60;

/// Number of tracked keys from which expired ones are removed.
const MAX_TRACKED_KEYS: usize = 10_000;

/// Failed attempts by key.
#[derive(Debug)]
pub struct RateLimiter<K> {
    /// Failures within the window from which the next attempt has to wait.
    max_failures: usize,
    failures: Mutex<HashMap<K, VecDeque<Instant>>>,
}

impl<K: Eq + Hash> RateLimiter<K> {
    /// Allows `max_failures` failed attempts per key and minute.
    pub fn new(max_failures: usize) -> Self {
        Self { max_failures, failures: Mutex::default() }
    }

    /// Seconds until the next attempt is allowed, at least 1. `None` if it is allowed now.
    pub fn retry_after(&self, key: &K, now: Instant) -> Option<u32> {
        let failures = self.failures.lock();
        let last = failures.get(key)?.iter().rev().take(self.max_failures);
        let oldest = last.clone().nth(self.max_failures - 1)?;
        let ends_at = oldest.plus_seconds(WINDOW_SECONDS);
        // Failures in the future do not count, so a clock that is set back locks nobody out.
        (now < ends_at && *oldest <= now).then(|| ends_at.seconds_since(now).max(1))
    }

    /// Records a failed attempt.
    pub fn record_failure(&self, key: K, now: Instant) {
        let mut failures = self.failures.lock();
        if failures.len() >= MAX_TRACKED_KEYS {
            let counts = |at: &Instant| at.plus_seconds(WINDOW_SECONDS) > now;
            failures.retain(|_, attempts| attempts.back().is_some_and(counts));
        }
        let attempts = failures.entry(key).or_default();
        attempts.push_back(now);
        if attempts.len() > self.max_failures {
            attempts.pop_front();
        }
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
            rate_limiter.record_failure("ben", second(at));
        }
        assert_eq!(rate_limiter.retry_after(&"ben", second(30)), Some(40));
        assert_eq!(rate_limiter.retry_after(&"ben", second(69)), Some(1));
        assert_eq!(rate_limiter.retry_after(&"anna", second(30)), None, "keys are independent");
        assert_eq!(rate_limiter.retry_after(&"ben", second(70)), None);
        rate_limiter.record_failure("ben", second(70));
        assert_eq!(rate_limiter.retry_after(&"ben", second(70)), Some(10));
    }

    #[test]
    fn a_clock_set_back_does_not_extend_the_rate_limit() {
        let rate_limiter = RateLimiter::new(1);
        rate_limiter.record_failure("ben", second(1000));
        assert_eq!(rate_limiter.retry_after(&"ben", second(5)), None);
    }

    #[test]
    fn expired_rate_limit_entries_are_evicted() {
        let rate_limiter = RateLimiter::new(1);
        for n in 0..10_000 {
            rate_limiter.record_failure(n, second(0));
        }
        rate_limiter.record_failure(10_000, second(60));
        assert_eq!(rate_limiter.failures.lock().len(), 1);
    }
}
