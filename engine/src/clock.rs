//! The clock, which is the only source of the current time, and the calendar of a shop.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::time::Instant;
use jiff::tz::TimeZone;
use tokio::sync::watch;

pub use self::calendar::{Calendar, is_known_zone};

mod calendar;

/// A source of the current time.
pub trait Clock: Send + Sync {
    /// The current time. It may jump in either direction.
    fn now(&self) -> Instant;

    /// The time zone of shops that set none.
    fn zone(&self) -> TimeZone;

    /// Returns once [`Self::now`] is `until` or later, immediately if it is already. Cancel-safe.
    fn sleep_until(&self, until: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The system's clock and time zone.
#[derive(Debug)]
pub struct SystemClock {
    zone: TimeZone,
}

impl SystemClock {
    /// A clock in the time zone of the machine.
    pub fn new() -> Self {
        Self { zone: TimeZone::system() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        // A clock before 1970 is wrong, but must not prevent the start.
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Instant(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    fn zone(&self) -> TimeZone {
        self.zone.clone()
    }

    fn sleep_until(&self, until: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        // Tokio's timer stops while the machine is suspended and ignores corrections of the clock. Without periodic
        // checks of the clock a wait could end hours late.
        const MAX_SLEEP: Duration = Duration::from_secs(30);
        Box::pin(async move {
            loop {
                let remaining = until.0.saturating_sub(self.now().0);
                let Ok(remaining @ 1..) = u64::try_from(remaining) else { return };
                tokio::time::sleep(Duration::from_millis(remaining).min(MAX_SLEEP)).await;
            }
        })
    }
}

/// A clock for tests: it is in UTC and moves only when it is set.
#[derive(Debug)]
pub struct ManualClock {
    time: watch::Sender<Instant>,
}

impl ManualClock {
    /// A clock that stands at `time`.
    pub fn new(time: Instant) -> Self {
        Self { time: watch::Sender::new(time) }
    }

    /// Sets the time, also backwards.
    pub fn set(&self, time: Instant) {
        self.time.send_replace(time);
    }

    /// Moves the time forward.
    pub fn advance(&self, by: Duration) {
        let ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.time.send_modify(|time| time.0 = time.0.saturating_add(ms));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        *self.time.borrow()
    }

    fn zone(&self) -> TimeZone {
        TimeZone::UTC
    }

    fn sleep_until(&self, until: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let mut time = self.time.subscribe();
        Box::pin(async move {
            time.wait_for(|time| *time >= until).await.expect("the future borrows the clock, so the sender exists");
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::poll;

    use super::*;

    #[test]
    fn the_system_clock_is_later_than_a_fixed_past_time() {
        assert!(SystemClock::new().now() > "2026-01-01T00:00:00.000Z".parse().expect("an instant"));
    }

    #[tokio::test]
    async fn a_sleep_ends_when_the_test_clock_reaches_its_deadline() {
        let clock = Arc::new(ManualClock::new(Instant(0)));
        let mut sleeper = clock.sleep_until(Instant(1000));
        assert!(poll!(&mut sleeper).is_pending());
        clock.advance(Duration::from_millis(999));
        assert!(poll!(&mut sleeper).is_pending());
        clock.set(Instant(1000));
        assert!(poll!(&mut sleeper).is_ready());
        assert_eq!(clock.now(), Instant(1000));
    }

    #[tokio::test]
    async fn a_past_deadline_does_not_sleep() {
        assert!(poll!(ManualClock::new(Instant(5)).sleep_until(Instant(5))).is_ready());
        assert!(poll!(SystemClock::new().sleep_until(Instant(5))).is_ready());
    }
}
