//! The clock: the one place that asks the time, and tells the domain the shop day with it.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::time::{Day, Instant, Now};
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;
use tokio::sync::watch;

/// A shop day ends at this hour of the local clock: a drink ordered at 00:30 belongs to the evening before.
pub const CUT_OFF_HOUR: i8 = 4;

/// Where `now` comes from.
pub trait Clock: Send + Sync {
    fn now(&self) -> Now;

    /// Returns once `now().at` is `until` or later; at once when it is already. Dropping the future forgets it.
    fn sleep_until(&self, until: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The shop day that `at` falls in, in `zone`.
pub fn day_of(at: Instant, zone: &TimeZone) -> Day {
    let local = zone.to_datetime(timestamp(at));
    let days = local.date().duration_since(date(1970, 1, 1)).as_hours() / 24;
    // Dates reach from the year -9999 to 9999: four million days each way.
    Day(i32::try_from(days).unwrap_or_default() - i32::from(local.hour() < CUT_OFF_HOUR))
}

fn timestamp(at: Instant) -> Timestamp {
    let (first, last) = (Timestamp::MIN.as_second() * 1000, Timestamp::MAX.as_second() * 1000);
    Timestamp::from_millisecond(at.0.clamp(first, last)).expect("the number was brought into range")
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
    fn now(&self) -> Now {
        // A clock set before 1970 is wrong, and a wrong clock must not keep the bar from opening.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at = Instant(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
        Now { at, day: day_of(at, &self.zone) }
    }

    fn sleep_until(&self, until: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        // The timer underneath stands still while the machine sleeps and knows nothing of a wall clock that is put
        // right: without a look at it now and then, a wait could end hours late.
        const LONGEST: Duration = Duration::from_secs(30);
        Box::pin(async move {
            loop {
                let left = until.0.saturating_sub(self.now().at.0);
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
    fn now(&self) -> Now {
        let at = *self.at.borrow();
        Now { at, day: day_of(at, &TimeZone::UTC) }
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
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use std::sync::Arc;

    use futures_util::poll;

    use super::*;

    fn day(at: &str, zone: &TimeZone) -> String {
        day_of(at.parse().unwrap(), zone).to_string()
    }

    #[test]
    fn an_order_after_midnight_belongs_to_the_evening_before() {
        assert_eq!(day("2026-11-22T00:30:00.000Z", &TimeZone::UTC), "2026-11-21");
        assert_eq!(day("2026-11-22T03:59:59.999Z", &TimeZone::UTC), "2026-11-21");
        assert_eq!(day("2026-11-22T04:00:00.000Z", &TimeZone::UTC), "2026-11-22");
        assert_eq!(day("1969-12-31T23:00:00.000Z", &TimeZone::UTC), "1969-12-31");
    }

    #[test]
    fn the_day_turns_by_the_clock_on_the_local_wall() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        assert_eq!(day("2026-07-01T01:59:00.000Z", &paris), "2026-06-30");
        assert_eq!(day("2026-07-01T02:00:00.000Z", &paris), "2026-07-01");
        // The night the clocks go forward has an hour less before the cut-off.
        assert_eq!(day("2026-03-29T01:59:00.000Z", &paris), "2026-03-28");
        assert_eq!(day("2026-03-29T02:00:00.000Z", &paris), "2026-03-29");
        let auckland = TimeZone::get("Pacific/Auckland").unwrap();
        assert_eq!(day("2026-11-20T15:00:00.000Z", &auckland), "2026-11-21");
    }

    #[test]
    fn no_instant_is_too_far_off_to_have_a_day() {
        assert!(day_of(Instant(i64::MIN), &TimeZone::UTC) < day_of(Instant(i64::MAX), &TimeZone::UTC));
    }

    #[test]
    fn the_system_clock_knows_that_it_is_later_than_this_was_written() {
        let now = System::new().now();
        assert!(now.at > "2026-01-01T00:00:00.000Z".parse().unwrap());
        assert!(now.day > Day(20_000));
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
        assert_eq!(clock.now().at, Instant(1000));
    }

    #[tokio::test]
    async fn nobody_sleeps_until_what_is_past() {
        assert!(poll!(HandSet::new(Instant(5)).sleep_until(Instant(5))).is_ready());
        assert!(poll!(System::new().sleep_until(Instant(5))).is_ready());
    }
}
