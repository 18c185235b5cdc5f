//! The pace: which moment each order is due to begin at.

use std::time::Duration;

/// Orders a second, evenly spread; 0 for all of them at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct RateSchedule(pub(super) f64);

impl RateSchedule {
    /// How long to wait, `gone` after the beginning, before order `n` (from 0) may begin.
    ///
    /// Counted from the beginning and not from the order before: a bar that was slow for a moment is caught up with.
    pub(super) fn wait(self, n: u64, gone: Duration) -> Duration {
        if self.0 == 0.0 {
            return Duration::ZERO;
        }
        #[expect(clippy::cast_precision_loss, reason = "nobody orders 2^53 drinks")]
        let due = n as f64 / self.0;
        // A pace so slow that its moment has no number never comes.
        Duration::try_from_secs_f64(due).unwrap_or(Duration::MAX).saturating_sub(gone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn orders_are_spread_evenly_from_the_first_on() {
        let waits = [0, 1, 2, 50].map(|n| RateSchedule(50.0).wait(n, Duration::ZERO).as_millis());
        assert_eq!(waits, [0, 20, 40, 1000]);
        assert_eq!(RateSchedule(0.5).wait(3, SECOND), Duration::from_secs(5));
    }

    #[test]
    fn an_order_that_is_late_begins_at_once() {
        assert_eq!(RateSchedule(50.0).wait(10, SECOND), Duration::ZERO);
    }

    #[test]
    fn no_pace_waits_for_nothing_and_hardly_any_for_ever() {
        assert_eq!(RateSchedule(0.0).wait(1_000_000, Duration::ZERO), Duration::ZERO);
        assert_eq!(RateSchedule(f64::MIN_POSITIVE).wait(1, Duration::ZERO), Duration::MAX);
    }
}
