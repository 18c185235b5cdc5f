//! When a shop keeps its doors open, as its manager says it; which instants follow from that is the clock's to know.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, de};

use crate::time::{Day, ParseTimeError};

/// The rules of the doors. Without a week they are moved by hand alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// IANA name of the shop's time zone; empty for the one of the machine.
    #[serde(default)]
    pub zone: String,
    /// When the doors are open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub week: Vec<Slot>,
    /// So long before closing nobody begins an order any more; those begun are still chosen and made.
    #[serde(default)]
    pub last_orders_minutes: u32,
    /// Before this day nobody orders, whatever the doors say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_day: Option<Day>,
    /// After this day nobody orders, whatever the doors say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<Day>,
    /// When the shop day ends on the local clock: a drink ordered before it belongs to the evening before.
    #[serde(default)]
    pub cut_off: CutOff,
}

/// One opening. One that ends before it begins ends on the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    pub day: Weekday,
    pub from: LocalTime,
    pub to: LocalTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// Minutes since midnight by the clock on the wall, 0 to 1439. `18:30` on every wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalTime(u16);

/// Four in the morning unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CutOff(pub LocalTime);

impl Default for CutOff {
    fn default() -> Self {
        Self(LocalTime(4 * 60))
    }
}

/// What is wrong with hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    ZoneUnknown,
    /// An opening that ends when it begins, or more than 50.
    WeekWrong,
    /// More than four hours.
    LastOrdersWrong,
    /// The last day lies before the first.
    DaysWrong,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ZoneUnknown => "the zone must be an IANA name, as Europe/Berlin",
            Self::WeekWrong => "an opening takes time, and there are at most 50 in a week",
            Self::LastOrdersWrong => "last orders are called 0 to 240 minutes before closing",
            Self::DaysWrong => "the last day must not lie before the first",
        })
    }
}

const MAX_SLOTS: usize = 50;
const MAX_LAST_ORDERS_MINUTES: u32 = 240;

impl Hours {
    /// Whether they make sense; whether there is such a zone only the clock knows.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), Flaw> {
        if self.week.len() > MAX_SLOTS || self.week.iter().any(|slot| slot.from == slot.to) {
            Err(Flaw::WeekWrong)
        } else if self.last_orders_minutes > MAX_LAST_ORDERS_MINUTES {
            Err(Flaw::LastOrdersWrong)
        } else if matches!((self.first_day, self.last_day), (Some(first), Some(last)) if last < first) {
            Err(Flaw::DaysWrong)
        } else {
            Ok(())
        }
    }
}

impl LocalTime {
    pub fn hour(self) -> u16 {
        self.0 / 60
    }

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

    /// Reads what `Display` writes and no other spelling.
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
