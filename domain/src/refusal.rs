//! The ways the shop says no.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::menu::NotOffered;
use crate::order::Step;
use crate::time::Instant;
use crate::{hours, menu};

/// Why a command was refused. A refusal stores nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No window of this shop ever had that code.
    CodeIsUnknown,
    /// Its window and the grace after it are over.
    CodeIsOver,
    /// All its drinks are taken; the next code comes at `next`.
    CodeIsUsedUp {
        next: Instant,
    },
    ShopIsClosed,
    /// `what` is the drink, group or option the request named.
    NotOnTheMenu {
        what: String,
    },
    /// `what` is the drink or option, by its name.
    SoldOut {
        what: String,
    },
    /// Of a group too many or too few options.
    CountIsWrong {
        group: String,
        least: u32,
        most: u32,
    },
    OrderIsUnknown,
    /// The order belongs to another guest, or its drink to another barista.
    OrderIsAnothers,
    /// That step does not lead on from where the order is.
    StepIsIllegal {
        step: Step,
    },
    /// Somebody was quicker: the order is at `version` now.
    OrderHasMovedOn {
        version: u32,
    },
    /// The role does not include this.
    RoleForbids,
    /// The shop is founded already.
    ShopExists,
    /// The guest has had more time already.
    ExtendedAlready,
    /// What the order waits for may still come.
    WaitGoesOn {
        until: Instant,
    },
    /// A limit outside its range.
    LimitOutOfRange {
        name: &'static str,
        least: u32,
        most: u32,
    },
    /// The menu would not be one; `what` is the id of the drink, group or option.
    MenuIsWrong {
        what: String,
        flaw: menu::change::Flaw,
    },
    HoursAreWrong(hours::Flaw),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CodeIsUnknown => f.write_str("this code was never shown here"),
            Self::CodeIsOver => f.write_str("this code is no longer good"),
            Self::CodeIsUsedUp { next } => write!(f, "all drinks of this code are taken; the next comes at {next}"),
            Self::ShopIsClosed => f.write_str("the shop is closed"),
            Self::NotOnTheMenu { what } => write!(f, "{what} is not on the menu"),
            Self::SoldOut { what } => write!(f, "{what} is sold out"),
            Self::CountIsWrong { group, least, most } if least == most => write!(f, "of {group} {least} must be taken"),
            Self::CountIsWrong { group, least, most } => write!(f, "of {group} {least} to {most} must be taken"),
            Self::OrderIsUnknown => f.write_str("there is no such order"),
            Self::OrderIsAnothers => f.write_str("the order is somebody else's"),
            Self::StepIsIllegal { step } => write!(f, "the order is {step}: that step is not open"),
            Self::OrderHasMovedOn { version } => write!(f, "the order has moved on to version {version}"),
            Self::RoleForbids => f.write_str("this role may not do that"),
            Self::ShopExists => f.write_str("the shop exists already"),
            Self::ExtendedAlready => f.write_str("there was more time already"),
            Self::WaitGoesOn { until } => write!(f, "the wait goes on until {until}"),
            Self::LimitOutOfRange { name, least, most } => write!(f, "{name} must be {least} to {most}"),
            Self::MenuIsWrong { what, flaw } => write!(f, "{what}: {flaw}"),
            Self::HoursAreWrong(flaw) => write!(f, "{flaw}"),
        }
    }
}

impl std::error::Error for Refusal {}

impl From<NotOffered> for Refusal {
    fn from(why: NotOffered) -> Self {
        match why {
            NotOffered::NotThere(what) => Self::NotOnTheMenu { what },
            NotOffered::Out(what) => Self::SoldOut { what },
            NotOffered::WrongCount { group, least, most } => Self::CountIsWrong { group, least, most },
        }
    }
}

/// Why a start that took a token ended at once. It is recorded, unlike a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unavailable {
    Closed,
    /// For a while nobody begins an order.
    Paused,
    /// All places are taken.
    Full,
    /// This guest has had today's drinks.
    Limit,
    /// The first day has not come.
    NotStarted,
    /// The last day is over.
    Ended,
}

impl Unavailable {
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
