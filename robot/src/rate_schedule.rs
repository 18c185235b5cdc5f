//! Rate control: when each order is due to start.

use std::time::Duration;

/// Orders per second, evenly spaced; 0 disables rate control.
#[derive(Clone, Copy, Debug)]
pub(super) struct RateSchedule(pub(super) f64);

impl RateSchedule {
    /// Returns the delay before order `n` (from 0) may start, `elapsed` after the start of the run.
    ///
    /// It is relative to the start of the run, not to the previous order, so that delays are caught up.
    pub(super) fn delay(self, n: u64, elapsed: Duration) -> Duration {
        if self.0 == 0.0 {
            return Duration::ZERO;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
        let due = n as f64 / self.0;
        // A due time beyond the range of Duration never comes.
        Duration::try_from_secs_f64(due).unwrap_or(Duration::MAX).saturating_sub(elapsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn orders_are_spread_evenly_from_the_first_on() {
        let delays = [0, 1, 2, 50].map(|n| RateSchedule(50.0).delay(n, Duration::ZERO).as_millis());
        assert_eq!(delays, [0, 20, 40, 1000]);
        assert_eq!(RateSchedule(0.5).delay(3, SECOND), Duration::from_secs(5));
    }

    #[test]
    fn a_late_order_starts_at_once() {
        assert_eq!(RateSchedule(50.0).delay(10, SECOND), Duration::ZERO);
    }

    #[test]
    fn a_zero_rate_does_not_wait_and_a_tiny_rate_waits_finitely() {
        assert_eq!(RateSchedule(0.0).delay(1_000_000, Duration::ZERO), Duration::ZERO);
        assert_eq!(RateSchedule(f64::MIN_POSITIVE).delay(1, Duration::ZERO), Duration::MAX);
    }
}
