//! Refusals: the closed list of reasons for which a command is rejected.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::menu::ChoiceError;
use crate::order::Step;
use crate::time::Instant;
use crate::{hours, menu};

/// The reason for which a command was refused. A refusal is not recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No recent window of this shop has the code.
    UnknownCode,
    /// The window of the code and its grace period have passed.
    CodeExpired,
    /// The window of the code has no tokens left.
    NoTokensLeft {
        /// Start of the next window.
        next: Instant,
    },
    /// The shop is closed.
    ShopClosed,
    /// The choice or command names something that the menu does not have.
    NotOnTheMenu {
        /// The drink, group or option as requested, cut off after 60 characters.
        what: String,
    },
    /// The choice contains something that is sold out.
    SoldOut {
        /// Name of the drink or option.
        what: String,
    },
    /// The choice has too few or too many options of a group.
    OptionCountOutOfRange {
        /// Name of the group.
        group: String,
        /// Minimum number of options.
        least: u32,
        /// Maximum number of options.
        most: u32,
    },
    /// There is no open order of that id.
    UnknownOrder,
    /// The order belongs to another guest, or is claimed by another barista.
    NotOwner,
    /// The current step does not allow the command.
    IllegalStep {
        /// Current step of the order.
        step: Step,
    },
    /// The client saw an outdated version of the order.
    VersionConflict {
        /// Current version of the order.
        version: u32,
    },
    /// The actor's role does not permit the command.
    RoleNotAllowed,
    /// The shop exists already.
    ShopExists,
    /// The time to choose was extended before.
    AlreadyExtended,
    /// The deadline has not passed, or no scheduled change is due.
    NotDue {
        /// The deadline.
        until: Instant,
    },
    /// A limit is outside its range.
    LimitOutOfRange {
        /// Name of the limit.
        name: &'static str,
        /// Minimum.
        least: u32,
        /// Maximum.
        most: u32,
    },
    /// The resulting menu would be invalid.
    InvalidMenu {
        /// Id of the drink, group or option, or `menu`.
        what: String,
        /// The violated rule.
        flaw: menu::change::MenuFlaw,
    },
    /// The opening hours are invalid.
    InvalidHours(hours::HoursFlaw),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownCode => f.write_str("this code was never shown here"),
            Self::CodeExpired => f.write_str("this code is no longer good"),
            Self::NoTokensLeft { next } => write!(f, "all drinks of this code are taken; the next comes at {next}"),
            Self::ShopClosed => f.write_str("the shop is closed"),
            Self::NotOnTheMenu { what } => write!(f, "{what} is not on the menu"),
            Self::SoldOut { what } => write!(f, "{what} is sold out"),
            Self::OptionCountOutOfRange { group, least, most } if least == most => {
                write!(f, "of {group} {least} must be taken")
            }
            Self::OptionCountOutOfRange { group, least, most } => {
                write!(f, "of {group} {least} to {most} must be taken")
            }
            Self::UnknownOrder => f.write_str("there is no such order"),
            Self::NotOwner => f.write_str("the order is somebody else's"),
            Self::IllegalStep { step } => write!(f, "the order is {step}: that step is not open"),
            Self::VersionConflict { version } => write!(f, "the order has moved on to version {version}"),
            Self::RoleNotAllowed => f.write_str("this role may not do that"),
            Self::ShopExists => f.write_str("the shop exists already"),
            Self::AlreadyExtended => f.write_str("there was more time already"),
            Self::NotDue { until } => write!(f, "the wait goes on until {until}"),
            Self::LimitOutOfRange { name, least, most } => write!(f, "{name} must be {least} to {most}"),
            Self::InvalidMenu { what, flaw } => write!(f, "{what}: {flaw}"),
            Self::InvalidHours(flaw) => write!(f, "{flaw}"),
        }
    }
}

impl std::error::Error for Refusal {}

impl From<ChoiceError> for Refusal {
    fn from(error: ChoiceError) -> Self {
        match error {
            ChoiceError::Unknown(what) => Self::NotOnTheMenu { what },
            ChoiceError::SoldOut(what) => Self::SoldOut { what },
            ChoiceError::CountOutOfRange { group, least, most } => Self::OptionCountOutOfRange { group, least, most },
        }
    }
}

/// The reason for which a recorded start could not be accepted. Unlike a refusal it is an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unavailable {
    /// The shop is closed, or last orders have been called.
    Closed,
    /// New orders are paused.
    Paused,
    /// The capacity is in use.
    Full,
    /// The guest has reached the number of orders per shop day.
    Limit,
    /// The first day of the shop has not come.
    NotStarted,
    /// The last day of the shop is over.
    Ended,
}

impl Unavailable {
    /// The name on the wire, in snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Paused => "paused",
            Self::Full => "full",
            Self::Limit => "limit",
            Self::NotStarted => "not_started",
            Self::Ended => "ended",
        }
    }
}
