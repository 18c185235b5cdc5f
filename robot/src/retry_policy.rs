//! Retries with exponential backoff and jitter.

use std::time::{Duration, Instant};

use crate::client::ClientError;

/// Time without progress after which an order fails. A server restart takes less.
pub(super) const RETRY_TIMEOUT: Duration = Duration::from_mins(1);

/// Maximum backoff of the first retry; it doubles with each further one.
const MIN_DELAY: Duration = Duration::from_millis(50);
/// Upper bound of the backoff.
const MAX_DELAY: Duration = Duration::from_secs(2);

/// Retry state of one order.
#[derive(Clone, Debug)]
pub(super) struct RetryPolicy {
    /// Time of the last successful request.
    last_progress: Instant,
    timeout: Duration,
    attempts: u32,
}

impl RetryPolicy {
    pub(super) fn new(timeout: Duration, now: Instant) -> Self {
        Self { last_progress: now, timeout, attempts: 0 }
    }

    /// Returns the delay before the same request is repeated; `None` if a retry is useless or the timeout has passed.
    ///
    /// The delay is the server's `Retry-After` plus the backoff times `jitter`, which is from 0 to 1. Jitter keeps the
    /// robots from hitting a restarted server in the same millisecond.
    pub(super) fn next_delay(&mut self, error: &ClientError, now: Instant, jitter: f64) -> Option<Duration> {
        let requested = Duration::from_secs(error.retry_after_seconds()?.into());
        let backoff = (MIN_DELAY * 2_u32.pow(self.attempts.min(6))).min(MAX_DELAY);
        self.attempts += 1;
        let delay = requested + backoff.mul_f64(jitter);
        (now.saturating_duration_since(self.last_progress) + delay <= self.timeout).then_some(delay)
    }
}

/// Returns a random number from 0 to 1.
pub(super) fn random_fraction() -> f64 {
    f64::from(u32::from_be_bytes(crate::random())) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use hyper::StatusCode;

    use super::*;

    fn busy(retry_after: u32) -> ClientError {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        ClientError::Rejected { slug: "busy".to_owned(), status, retry_after: Some(retry_after) }
    }

    #[test]
    fn retry_delays_grow_up_to_a_limit() {
        let start = Instant::now();
        let mut retry_policy = RetryPolicy::new(RETRY_TIMEOUT, start);
        let delays: Vec<u128> = (0..8)
            .filter_map(|_| retry_policy.next_delay(&ClientError::Timeout, start, 1.0))
            .map(|delay| delay.as_millis())
            .collect();
        assert_eq!(delays, [50, 100, 200, 400, 800, 1600, 2000, 2000]);
        assert_eq!(
            RetryPolicy::new(RETRY_TIMEOUT, start).next_delay(&ClientError::Timeout, start, 0.0),
            Some(Duration::ZERO)
        );
    }

    #[test]
    fn the_retry_after_time_is_the_minimum_delay() {
        let start = Instant::now();
        let delay = |jitter| RetryPolicy::new(RETRY_TIMEOUT, start).next_delay(&busy(2), start, jitter);
        assert_eq!(delay(0.0), Some(Duration::from_secs(2)));
        assert_eq!(delay(1.0), Some(Duration::from_millis(2050)));
    }

    #[test]
    fn retries_end_a_minute_after_the_last_progress() {
        let start = Instant::now();
        let mut retry_policy = RetryPolicy::new(RETRY_TIMEOUT, start);
        assert!(retry_policy.next_delay(&ClientError::Timeout, start + RETRY_TIMEOUT, 0.0).is_some());
        assert!(retry_policy.next_delay(&ClientError::Timeout, start + RETRY_TIMEOUT, 1.0).is_none());
        assert!(retry_policy.next_delay(&busy(61), start, 0.0).is_none());
    }

    #[test]
    fn permanent_refusals_are_not_retried() {
        let start = Instant::now();
        assert_eq!(
            RetryPolicy::new(RETRY_TIMEOUT, start).next_delay(&ClientError::UnexpectedResponse, start, 0.0),
            None
        );
    }
}
