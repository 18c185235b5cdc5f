//! The words for where an order stands and how it ended.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The guest has the menu open.
    Choosing,
    /// Chosen and numbered; no barista has it yet.
    Waiting,
    Making,
    Ready,
    Collected,
    Cancelled,
    /// Ended because somebody took too long: the guest to choose, or the bar to make it.
    TimedOut,
    /// Ready, and nobody came for it.
    Expired,
    /// Ended at its start: the shop could not take it.
    Unavailable,
}

impl Step {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Choosing => "choosing",
            Self::Waiting => "waiting",
            Self::Making => "making",
            Self::Ready => "ready",
            Self::Collected => "collected",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed_out",
            Self::Expired => "expired",
            Self::Unavailable => "unavailable",
        }
    }

    /// Nothing follows but `OrderFinished`, or, of a cancellation, that it is taken back.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Collected | Self::Cancelled | Self::TimedOut | Self::Expired | Self::Unavailable)
    }

    /// Takes a place of the shop's room.
    pub fn takes_place(self) -> bool {
        matches!(self, Self::Choosing | Self::Waiting | Self::Making)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// For whom an order waited in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The guest did not choose.
    Customer,
    /// The bar did not claim it, or did not make it.
    Barista,
}

/// Who took an order back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Guest,
    Bar,
}

/// Why the bar took an order back: from a closed list, because the log keeps it and nobody may be named in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Something it is made of ran out.
    SoldOut,
    /// A machine does not work.
    Broken,
    /// It was ordered by mistake, or twice.
    Mistake,
    /// The bar closes.
    Closing,
    /// Nobody came for it.
    NotCollected,
    /// All orders were stopped.
    Stopped,
    Other,
}

impl Reason {
    /// Those that somebody can give; the first says the least.
    pub const GIVEN: [Self; 6] =
        [Self::Other, Self::SoldOut, Self::Broken, Self::Mistake, Self::Closing, Self::NotCollected];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::SoldOut => "sold_out",
            Self::Broken => "broken",
            Self::Mistake => "mistake",
            Self::Closing => "closing",
            Self::NotCollected => "not_collected",
            Self::Stopped => "stopped",
            Self::Other => "other",
        }
    }
}
