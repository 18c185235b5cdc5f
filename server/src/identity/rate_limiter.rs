//! Who has tried in vain too often: counted in memory, and forgotten within a minute.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::time::Instant;

/// How long a try counts, in seconds.
const WINDOW: u32 = 60;

/// Names remembered before those whose tries no longer count are forgotten.
const REMEMBERED: usize = 10_000;

/// Tries that came to nothing, by whose they were.
#[derive(Debug)]
pub struct RateLimiter<K> {
    /// So many within a minute, and the next one has to wait.
    most: usize,
    failed: Mutex<HashMap<K, VecDeque<Instant>>>,
}

impl<K: Eq + Hash> RateLimiter<K> {
    pub fn new(most: usize) -> Self {
        Self { most, failed: Mutex::default() }
    }

    /// How many seconds this one has to wait before the next try; none when it need not.
    pub fn wait(&self, who: &K, now: Instant) -> Option<u32> {
        let failed = self.failed();
        let last = failed.get(who)?.iter().rev().take(self.most);
        let oldest = last.clone().nth(self.most - 1)?;
        let over = oldest.plus_seconds(WINDOW);
        // A clock that was set back must not lock anybody out for longer.
        (now < over && *oldest <= now).then(|| over.seconds_since(now).max(1))
    }

    pub fn failed_again(&self, who: K, now: Instant) {
        let mut failed = self.failed();
        if failed.len() >= REMEMBERED {
            let counts = |at: &Instant| at.plus_seconds(WINDOW) > now;
            failed.retain(|_, tries| tries.back().is_some_and(counts));
        }
        let tries = failed.entry(who).or_default();
        tries.push_back(now);
        if tries.len() > self.most {
            tries.pop_front();
        }
    }

    fn failed(&self) -> MutexGuard<'_, HashMap<K, VecDeque<Instant>>> {
        // What a panic could leave behind is a try that was not counted.
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(n: i64) -> Instant {
        Instant(n * 1000)
    }

    #[test]
    fn after_so_many_in_a_minute_one_waits_until_the_first_of_them_is_a_minute_old() {
        let rate_limiter = RateLimiter::new(3);
        for (n, at) in [10, 20, 30].into_iter().enumerate() {
            assert_eq!(rate_limiter.wait(&"ben", second(at)), None, "try {n}");
            rate_limiter.failed_again("ben", second(at));
        }
        assert_eq!(rate_limiter.wait(&"ben", second(30)), Some(40));
        assert_eq!(rate_limiter.wait(&"ben", second(69)), Some(1));
        assert_eq!(rate_limiter.wait(&"anna", second(30)), None, "that was somebody else");
        assert_eq!(rate_limiter.wait(&"ben", second(70)), None);
        rate_limiter.failed_again("ben", second(70));
        assert_eq!(rate_limiter.wait(&"ben", second(70)), Some(10));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let rate_limiter = RateLimiter::new(1);
        rate_limiter.failed_again("ben", second(1000));
        assert_eq!(rate_limiter.wait(&"ben", second(5)), None);
    }

    #[test]
    fn names_whose_tries_are_old_are_forgotten_when_there_are_many() {
        let rate_limiter = RateLimiter::new(1);
        for n in 0..10_000 {
            rate_limiter.failed_again(n, second(0));
        }
        rate_limiter.failed_again(10_000, second(60));
        assert_eq!(rate_limiter.failed().len(), 1);
    }
}
