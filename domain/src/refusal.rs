//! Refusals: the closed list of reasons for which a command is rejected.

use serde::{Deserialize, Serialize};

use crate::menu::ChoiceError;
use crate::order::Step;
use crate::time::Instant;
use crate::{hours, menu};

/// The reason for which a command was refused, with its facts and without words. A refusal is not recorded.
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
    /// The choice contains something that is no longer as its form showed it.
    MenuChanged {
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
    /// Somebody else has changed the setting since the form was opened.
    SettingChanged,
    /// Staff cancel without one of the reasons that they can select.
    ReasonMissing,
    /// The actor's role does not permit the command.
    RoleNotAllowed,
    /// The shop exists already.
    ShopExists,
    /// The time to choose was extended before.
    AlreadyExtended,
    /// A guest takes back a cancellation, but the place or the drink of the day is taken meanwhile.
    Unavailable(Unavailable),
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

impl From<ChoiceError> for Refusal {
    fn from(error: ChoiceError) -> Self {
        match error {
            ChoiceError::Unknown(what) => Self::NotOnTheMenu { what },
            ChoiceError::SoldOut(what) => Self::SoldOut { what },
            ChoiceError::Changed(what) => Self::MenuChanged { what },
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
