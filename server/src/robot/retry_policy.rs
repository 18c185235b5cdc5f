//! How long a robot keeps asking when the bar does not answer, and how it spaces its tries.

use std::time::{Duration, Instant};

use crate::robot::client::ClientError;

/// An order that has not come on for this long is given up: a server takes less to start again.
pub(super) const RETRY_TIMEOUT: Duration = Duration::from_mins(1);

const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(2);

/// The patience of one who waits for a yes.
#[derive(Clone, Debug)]
pub(super) struct RetryPolicy {
    /// When things last came on.
    since: Instant,
    longest: Duration,
    tries: u32,
}

impl RetryPolicy {
    pub(super) fn new(longest: Duration, now: Instant) -> Self {
        Self { since: now, longest, tries: 0 }
    }

    /// How long to wait before the same request is sent again; `None`: there is no use or no time left.
    ///
    /// The wait the bar asked for is kept, and `chance`, from 0 to 1, spreads those who wait over what comes after:
    /// a server that has just started must not meet all of them in one millisecond.
    pub(super) fn pause(&mut self, no: &ClientError, now: Instant, chance: f64) -> Option<Duration> {
        let least = Duration::from_secs(no.again_after()?.into());
        let spread = (SHORTEST * 2_u32.pow(self.tries.min(6))).min(LONGEST);
        self.tries += 1;
        let pause = least + spread.mul_f64(chance);
        (now.saturating_duration_since(self.since) + pause <= self.longest).then_some(pause)
    }
}

/// From 0 to 1, another each time.
pub(super) fn chance() -> f64 {
    f64::from(u32::from_be_bytes(crate::identity::random())) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use hyper::StatusCode;

    use super::*;

    fn busy(retry_after: u32) -> ClientError {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        ClientError::CommandError { slug: "busy".to_owned(), status, retry_after: Some(retry_after) }
    }

    #[test]
    fn pauses_grow_and_stay_bearable() {
        let start = Instant::now();
        let mut retry_policy = RetryPolicy::new(RETRY_TIMEOUT, start);
        let pauses: Vec<u128> = (0..8)
            .filter_map(|_| retry_policy.pause(&ClientError::Late, start, 1.0))
            .map(|pause| pause.as_millis())
            .collect();
        assert_eq!(pauses, [50, 100, 200, 400, 800, 1600, 2000, 2000]);
        assert_eq!(RetryPolicy::new(RETRY_TIMEOUT, start).pause(&ClientError::Late, start, 0.0), Some(Duration::ZERO));
    }

    #[test]
    fn the_wait_that_was_asked_for_is_the_least() {
        let start = Instant::now();
        let pause = |chance| RetryPolicy::new(RETRY_TIMEOUT, start).pause(&busy(2), start, chance);
        assert_eq!(pause(0.0), Some(Duration::from_secs(2)));
        assert_eq!(pause(1.0), Some(Duration::from_millis(2050)));
    }

    #[test]
    fn patience_ends_a_minute_after_the_last_progress() {
        let start = Instant::now();
        let mut retry_policy = RetryPolicy::new(RETRY_TIMEOUT, start);
        assert!(retry_policy.pause(&ClientError::Late, start + RETRY_TIMEOUT, 0.0).is_some());
        assert!(retry_policy.pause(&ClientError::Late, start + RETRY_TIMEOUT, 1.0).is_none());
        assert!(retry_policy.pause(&busy(61), start, 0.0).is_none());
    }

    #[test]
    fn a_no_that_stays_one_is_taken_at_once() {
        let start = Instant::now();
        assert_eq!(RetryPolicy::new(RETRY_TIMEOUT, start).pause(&ClientError::Foreign, start, 0.0), None);
    }
}
