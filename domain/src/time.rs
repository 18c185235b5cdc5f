//! Instants and days as the domain is told them; it never asks for the time itself.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, de};

/// Milliseconds since 1970-01-01T00:00Z. RFC 3339 with milliseconds on every wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

/// A day of the shop: days since 1970-01-01. `2026-11-21` on every wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

/// What the outside knows of time when a command is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    pub at: Instant,
    /// The shop day that `at` falls in; numbers restart with it.
    pub day: Day,
    pub hours: ByHours,
}

/// What the shop's hours say at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByHours {
    pub doors: Doors,
    /// Since when they have said so; [`Instant::EVER`] where they say nothing.
    pub since: Instant,
    /// When they will say something else; [`Instant::NEVER`] where they will not.
    pub until: Instant,
}

/// How the doors should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doors {
    Open,
    /// Nobody begins an order any more.
    LastOrders,
    Closed,
}

impl Now {
    /// As a shop has it whose doors are moved by hand alone.
    pub fn without_hours(at: Instant, day: Day) -> Self {
        Self { at, day, hours: ByHours::NONE }
    }
}

impl ByHours {
    /// Of a shop that has no hours.
    pub const NONE: Self = Self { doors: Doors::Closed, since: Instant::EVER, until: Instant::NEVER };
}

/// The text given is no instant or day.
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
    /// Earlier than any event.
    pub const EVER: Self = Self(i64::MIN);
    /// Later than any wait.
    pub const NEVER: Self = Self(253_402_300_799_999);

    pub fn plus_seconds(self, seconds: u32) -> Self {
        Self(self.0 + i64::from(seconds) * 1000)
    }

    /// Whole seconds from `earlier` to this instant; 0 when it lies before.
    pub fn seconds_since(self, earlier: Self) -> u32 {
        u32::try_from((self.0 - earlier.0).max(0) / 1000).unwrap_or(u32::MAX)
    }
}

// The proleptic Gregorian calendar, counted in eras of 400 years that begin on a 1 March
// (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
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
        let found = Self(i32::try_from(era * 146_097 + of_era - 719_468).ok()?);
        // The 31st of a short month lands in the next one, and a 13th month in the next year: not a day anybody meant.
        (found.to_civil() == (year, month, day)).then_some(found)
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

    /// Reads what `Display` writes for the years 0000 to 9999 and no other spelling.
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

/// A number of exactly so many digits: `parse` alone would take a sign too.
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

    /// Reads what `Display` writes and no other spelling: whoever writes our events, we do.
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
