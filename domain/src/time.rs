//! Instants and shop days. The domain receives the current time as an argument and never reads a clock.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, de};

/// Milliseconds since 1970-01-01T00:00Z. RFC 3339 in UTC with milliseconds on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

/// A shop day, in days since 1970-01-01. `2026-11-21` on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

/// A time in the log that is later than now by more than this comes from a clock that was ahead and has been set right.
/// What it claims is bounded. Smaller corrections are those of a good clock.
pub const CLOCK_TOLERANCE_SECONDS: u32 = 600;

/// The time at which a command is decided, with the values that the clock derives from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The instant.
    pub at: Instant,
    /// The shop day that contains `at`; order numbers restart with it.
    pub day: Day,
    /// The opening state that the hours schedule for `at`.
    pub hours: ScheduledState,
}

/// The opening state that the hours schedule at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScheduledState {
    /// Scheduled opening state.
    pub state: OpeningState,
    /// Start of this scheduled state; [`Instant::DISTANT_PAST`] without a schedule.
    pub since: Instant,
    /// Next scheduled change; [`Instant::NEVER`] if there is none.
    pub until: Instant,
}

/// The opening state of a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpeningState {
    /// New orders are accepted.
    Open,
    /// Last orders have been called: open, but no new orders are accepted.
    LastOrders,
    /// No orders are submitted; submitted ones are still prepared.
    Closed,
}

/// Whether a shop day of the log can be that of a good clock: at most one day after today, as after a change of time zone.
pub(crate) fn is_near(logged: Day, today: Day) -> bool {
    logged.0 <= today.0.saturating_add(1)
}

impl Now {
    /// The time for a shop that opens and closes manually.
    pub fn without_hours(at: Instant, day: Day) -> Self {
        Self { at, day, hours: ScheduledState::NONE }
    }
}

impl ScheduledState {
    /// The value for a shop without a schedule.
    pub const NONE: Self = Self { state: OpeningState::Closed, since: Instant::DISTANT_PAST, until: Instant::NEVER };
}

/// The text is not an [`Instant`], [`Day`] or local time in the expected format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseTimeError;

impl fmt::Display for ParseTimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a UTC time as 2026-11-21T10:42:00.000Z or a day as 2026-11-21")
    }
}

impl std::error::Error for ParseTimeError {}

const DAY_MS: i64 = 86_400_000;

impl Instant {
    /// A time before any event. It is outside the range of `Display` and serialisation.
    pub const DISTANT_PAST: Self = Self(i64::MIN);
    /// A time after any deadline: 9999-12-31T23:59:59.999Z.
    pub const NEVER: Self = Self(253_402_300_799_999);

    /// The instant `seconds` later.
    pub fn plus_seconds(self, seconds: u32) -> Self {
        Self(self.0 + i64::from(seconds) * 1000)
    }

    /// Whole seconds from `earlier` to this instant, rounded down; 0 if `earlier` is later.
    pub fn seconds_since(self, earlier: Self) -> u32 {
        u32::try_from((self.0 - earlier.0).max(0) / 1000).unwrap_or(u32::MAX)
    }
}

// Implements the proleptic Gregorian calendar in eras of 400 years that begin on 1 March, after
// H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
impl Day {
    fn to_civil(self) -> (i64, i64, i64) {
        let shifted = i64::from(self.0) + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (year, month, day)
    }

    fn from_civil(year: i64, month: i64, day: i64) -> Option<Self> {
        let year_from_march = year - i64::from(month <= 2);
        let era = year_from_march.div_euclid(400);
        let year_of_era = year_from_march.rem_euclid(400);
        let month_from_march = (month + 9) % 12;
        let of_year = (153 * month_from_march + 2) / 5 + day - 1;
        let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
        let result = Self(i32::try_from(era * 146_097 + of_era - 719_468).ok()?);
        // Rejects days and months out of range, which would overflow into the next month or year.
        (result.to_civil() == (year, month, day)).then_some(result)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.to_civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Day {
    type Err = ParseTimeError;

    /// Parses exactly the format of `Display` for the years 0000 to 9999.
    fn from_str(text: &str) -> Result<Self, ParseTimeError> {
        let mut parts = text.splitn(3, '-');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(year), Some(month), Some(day)) => {
                Self::from_civil(digits(year, 4)?, digits(month, 2)?, digits(day, 2)?).ok_or(ParseTimeError)
            }
            _ => Err(ParseTimeError),
        }
    }
}

/// Parses a number of exactly `count` digits. `parse` alone would accept a sign.
fn digits(text: &str, count: usize) -> Result<i64, ParseTimeError> {
    let fits = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().map_err(|_| ParseTimeError) } else { Err(ParseTimeError) }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = i32::try_from(self.0.div_euclid(DAY_MS)).map_err(|_| fmt::Error)?;
        let ms = self.0.rem_euclid(DAY_MS);
        let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
        write!(f, "{}T{hours:02}:{minutes:02}:{seconds:02}.{:03}Z", Day(day), ms % 1000)
    }
}

impl FromStr for Instant {
    type Err = ParseTimeError;

    /// Parses exactly the format of `Display`, because no other program writes events.
    fn from_str(text: &str) -> Result<Self, ParseTimeError> {
        let (day, clock) = text.strip_suffix('Z').and_then(|t| t.split_once('T')).ok_or(ParseTimeError)?;
        let day: Day = day.parse()?;
        let bytes = clock.as_bytes();
        if bytes.len() != 12 || bytes[2] != b':' || bytes[5] != b':' || bytes[8] != b'.' {
            return Err(ParseTimeError);
        }
        let number = |from: usize, to: usize| digits(clock.get(from..to).ok_or(ParseTimeError)?, to - from);
        let (hours, minutes, seconds, ms) = (number(0, 2)?, number(3, 5)?, number(6, 8)?, number(9, 12)?);
        if hours > 23 || minutes > 59 || seconds > 59 {
            return Err(ParseTimeError);
        }
        Ok(Self(i64::from(day.0) * DAY_MS + hours * 3_600_000 + minutes * 60_000 + seconds * 1000 + ms))
    }
}

macro_rules! as_text {
    ($($name:ident)*) => {$(
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

as_text!(Instant Day);
