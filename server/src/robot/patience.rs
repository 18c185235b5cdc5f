//! How long a robot keeps asking when the bar does not answer, and how it spaces its tries.

use std::time::{Duration, Instant};

use crate::robot::client::No;

/// An order that has not come on for this long is given up: a server takes less to start again.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(2);

/// The patience of one who waits for a yes.
#[derive(Clone, Debug)]
pub(super) struct Patience {
    /// When things last came on.
    since: Instant,
    longest: Duration,
    tries: u32,
}

impl Patience {
    pub(super) fn new(longest: Duration, now: Instant) -> Self {
        Self { since: now, longest, tries: 0 }
    }

    /// How long to wait before the same request is sent again; `None`: there is no use or no time left.
    ///
    /// The wait the bar asked for is kept, and `chance`, from 0 to 1, spreads those who wait over what comes after:
    /// a server that has just started must not meet all of them in one millisecond.
    pub(super) fn pause(&mut self, no: &No, now: Instant, chance: f64) -> Option<Duration> {
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

    fn busy(retry_after: u32) -> No {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        No::Refused { slug: "busy".to_owned(), status, retry_after: Some(retry_after) }
    }

    #[test]
    fn pauses_grow_and_stay_bearable() {
        let start = Instant::now();
        let mut patience = Patience::new(PATIENCE, start);
        let pauses: Vec<u128> =
            (0..8).filter_map(|_| patience.pause(&No::Late, start, 1.0)).map(|pause| pause.as_millis()).collect();
        assert_eq!(pauses, [50, 100, 200, 400, 800, 1600, 2000, 2000]);
        assert_eq!(Patience::new(PATIENCE, start).pause(&No::Late, start, 0.0), Some(Duration::ZERO));
    }

    #[test]
    fn the_wait_that_was_asked_for_is_the_least() {
        let start = Instant::now();
        let pause = |chance| Patience::new(PATIENCE, start).pause(&busy(2), start, chance);
        assert_eq!(pause(0.0), Some(Duration::from_secs(2)));
        assert_eq!(pause(1.0), Some(Duration::from_millis(2050)));
    }

    #[test]
    fn patience_ends_a_minute_after_the_last_progress() {
        let start = Instant::now();
        let mut patience = Patience::new(PATIENCE, start);
        assert!(patience.pause(&No::Late, start + PATIENCE, 0.0).is_some());
        assert!(patience.pause(&No::Late, start + PATIENCE, 1.0).is_none());
        assert!(patience.pause(&busy(61), start, 0.0).is_none());
    }

    #[test]
    fn a_no_that_stays_one_is_taken_at_once() {
        let start = Instant::now();
        assert_eq!(Patience::new(PATIENCE, start).pause(&No::Foreign, start, 0.0), None);
    }
}
