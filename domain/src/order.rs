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
            Self::Unavailable => "unavailable",
        }
    }

    /// Nothing follows but `OrderFinished`.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Collected | Self::Cancelled | Self::Unavailable)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who took an order back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Guest,
    Bar,
}
