//! Opening hours as a weekly schedule in local time. The clock converts them to instants.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, de};

use crate::time::{Day, ParseTimeError};

/// The opening hours of a shop. Without a weekly schedule the shop opens and closes manually.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hours {
    /// IANA name of the shop's time zone; empty for the time zone of the server.
    #[serde(default)]
    pub zone: String,
    /// Weekly opening periods, at most 50.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub week: Vec<OpeningPeriod>,
    /// Time before closing at which last orders are called, in minutes, 0 to 240. Started orders continue.
    #[serde(default)]
    pub last_orders_minutes: u32,
    /// First shop day on which orders are accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_day: Option<Day>,
    /// Last shop day on which orders are accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<Day>,
    /// Local time at which the shop day changes. An earlier order counts for the previous day.
    #[serde(default)]
    pub cut_off: CutOff,
}

/// An opening period. A period whose end precedes its start ends on the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OpeningPeriod {
    /// Day on which the period starts.
    pub day: Weekday,
    /// Local opening time.
    pub from: LocalTime,
    /// Local closing time; differs from `from`.
    pub to: LocalTime,
}

/// A day of the week. The wire names are the lower-case abbreviations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

/// Local time of day in minutes since midnight, 0 to 1439. `18:30` on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime(u16);

/// An instant in the time zone of a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalDateTime {
    /// Day of the week.
    pub weekday: Weekday,
    /// Day of the month, 1 to 31.
    pub day: u8,
    /// Month, 1 to 12.
    pub month: u8,
    /// Year of the Gregorian calendar.
    pub year: i16,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 59.
    pub second: u8,
}

/// Local time at which the shop day changes; 04:00 by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CutOff(pub LocalTime);

impl Default for CutOff {
    fn default() -> Self {
        Self(LocalTime(4 * 60))
    }
}

/// A rule that opening hours violate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoursFlaw {
    /// The time zone is not a known IANA name.
    ZoneUnknown,
    /// A period has equal start and end, or there are more than 50 periods.
    WeekWrong,
    /// Last orders are more than 240 minutes before closing.
    LastOrdersWrong,
    /// The last day precedes the first.
    DaysWrong,
}

const MAX_SLOTS: usize = 50;
const MAX_LAST_ORDERS_MINUTES: u32 = 240;

impl Hours {
    /// Validates everything but the name of the time zone, which only the clock can check.
    ///
    /// # Errors
    /// The first violated rule.
    pub fn check(&self) -> Result<(), HoursFlaw> {
        if self.week.len() > MAX_SLOTS || self.week.iter().any(|slot| slot.from == slot.to) {
            Err(HoursFlaw::WeekWrong)
        } else if self.last_orders_minutes > MAX_LAST_ORDERS_MINUTES {
            Err(HoursFlaw::LastOrdersWrong)
        } else if matches!((self.first_day, self.last_day), (Some(first), Some(last)) if last < first) {
            Err(HoursFlaw::DaysWrong)
        } else {
            Ok(())
        }
    }
}

impl LocalTime {
    /// The hour, 0 to 23.
    pub fn hour(self) -> u16 {
        self.0 / 60
    }

    /// The minute, 0 to 59.
    pub fn minute(self) -> u16 {
        self.0 % 60
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour(), self.minute())
    }
}

impl FromStr for LocalTime {
    type Err = ParseTimeError;

    /// Parses exactly the format of `Display`, `HH:MM`.
    fn from_str(text: &str) -> Result<Self, ParseTimeError> {
        let (hours, minutes) = text.split_once(':').ok_or(ParseTimeError)?;
        let number = |text: &str, below: u16| {
            let is_two = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|number: &u16| is_two && *number < below).ok_or(ParseTimeError)
        };
        Ok(Self(number(hours, 24)? * 60 + number(minutes, 60)?))
    }
}

impl Serialize for LocalTime {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LocalTime {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}
