//! The clock: the one place that asks the time, and the calendar that tells a shop what the hour means to it.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::time::Instant;
use jiff::tz::TimeZone;
use tokio::sync::watch;

pub use self::calendar::{Calendar, is_zone};

mod calendar;

/// Where `now` comes from.
pub trait Clock: Send + Sync {
    fn now(&self) -> Instant;

    /// The time zone of a shop that names none.
    fn zone(&self) -> TimeZone;

    /// Returns once `now()` is `until` or later; at once when it is already. Dropping the future forgets it.
    fn sleep_until(&self, until: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The clock on the wall, in the time zone of the system.
#[derive(Debug)]
pub struct System {
    zone: TimeZone,
}

impl System {
    pub fn new() -> Self {
        Self { zone: TimeZone::system() }
    }
}

impl Default for System {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for System {
    fn now(&self) -> Instant {
        // A clock set before 1970 is wrong, and a wrong clock must not keep the bar from opening.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Instant(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn zone(&self) -> TimeZone {
        self.zone.clone()
    }

    fn sleep_until(&self, until: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        // The timer underneath stands still while the machine sleeps and knows nothing of a wall clock that is put
        // right: without a look at it now and then, a wait could end hours late.
        const LONGEST: Duration = Duration::from_secs(30);
        Box::pin(async move {
            loop {
                let left = until.0.saturating_sub(self.now().0);
                let Ok(left @ 1..) = u64::try_from(left) else { return };
                tokio::time::sleep(Duration::from_millis(left).min(LONGEST)).await;
            }
        })
    }
}

/// A clock that moves when a test moves it, in UTC.
#[derive(Debug)]
pub struct HandSet {
    at: watch::Sender<Instant>,
}

impl HandSet {
    pub fn new(at: Instant) -> Self {
        Self { at: watch::Sender::new(at) }
    }

    /// Backwards too: wall clocks do that.
    pub fn set(&self, at: Instant) {
        self.at.send_replace(at);
    }

    pub fn advance(&self, by: Duration) {
        let ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.at.send_modify(|at| at.0 = at.0.saturating_add(ms));
    }
}

impl Clock for HandSet {
    fn now(&self) -> Instant {
        *self.at.borrow()
    }

    fn zone(&self) -> TimeZone {
        TimeZone::UTC
    }

    fn sleep_until(&self, until: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let mut at = self.at.subscribe();
        Box::pin(async move {
            at.wait_for(|at| *at >= until).await.expect("the clock is borrowed for as long as anybody sleeps by it");
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::poll;

    use super::*;

    #[test]
    fn the_system_clock_knows_that_it_is_later_than_this_was_written() {
        assert!(System::new().now() > "2026-01-01T00:00:00.000Z".parse().expect("an instant"));
    }

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_clock_is_moved_to_its_hour_and_not_before() {
        let clock = Arc::new(HandSet::new(Instant(0)));
        let mut sleeper = clock.sleep_until(Instant(1000));
        assert!(poll!(&mut sleeper).is_pending());
        clock.advance(Duration::from_millis(999));
        assert!(poll!(&mut sleeper).is_pending());
        clock.set(Instant(1000));
        assert!(poll!(&mut sleeper).is_ready());
        assert_eq!(clock.now(), Instant(1000));
    }

    #[tokio::test]
    async fn nobody_sleeps_until_what_is_past() {
        assert!(poll!(HandSet::new(Instant(5)).sleep_until(Instant(5))).is_ready());
        assert!(poll!(System::new().sleep_until(Instant(5))).is_ready());
    }
}
