//! What may be asked of a shop.

use serde::{Deserialize, Serialize};

use crate::event::Emitted;
use crate::hours::Hours;
use crate::ids::OrderId;
use crate::limits::{Limits, LimitsChange};
use crate::menu::change::MenuChange;
use crate::menu::{Choice, Menu, Thing};
use crate::order::Reason;
use crate::time::Instant;

/// A request that may be refused. Each names the state it wants, so that a second tap never toggles.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// About the shop itself.
    Store(StoreCommand),
    /// Ends all orders that are not over, as after a demonstration.
    StopOrders,
    /// A scan, or a robot's knock at its own door.
    Start {
        order: OrderId,
        door: Door,
    },
    /// Somebody without a phone orders at the bar.
    WalkIn {
        order: OrderId,
        choice: Choice,
    },
    Submit {
        order: OrderId,
        choice: Choice,
    },
    /// Another choice instead; `version` is the one the asker saw, here and below.
    Edit {
        order: OrderId,
        choice: Choice,
        version: Option<u32>,
    },
    /// `reason` is heard from the bar, of a cancellation.
    Act {
        order: OrderId,
        action: Action,
        reason: Option<Reason>,
        version: Option<u32>,
    },
    /// What the order waits for has not come in time. Only the installation itself says so, by the clock.
    EndWait {
        order: OrderId,
    },
}

/// What is asked of the shop itself.
#[derive(Clone, Debug, PartialEq)]
pub enum StoreCommand {
    /// Founds the shop; the doors are open afterwards.
    Make {
        name: String,
        menu: Menu,
        limits: Limits,
        hours: Hours,
    },
    /// `hold`: from then on the hours do not move the doors.
    Open {
        hold: bool,
    },
    Close {
        hold: bool,
    },
    /// Moves the doors as the hours say. Only the installation itself asks it, by the clock.
    KeepHours,
    /// The doors stay open, but nobody begins an order until `until`, or until somebody resumes.
    Pause {
        reason: String,
        until: Option<Instant>,
    },
    Resume,
    ChangeLimits(LimitsChange),
    ChangeHours(Hours),
    ChangeMenu(MenuChange),
    /// That something ran out, or is there again.
    ChangeAvailability {
        thing: Thing,
        available: bool,
    },
    /// Has an extension heard here, or no longer.
    SwitchExtension {
        extension: String,
        on: bool,
    },
    /// What extensions say. Only the installation itself asks it, for them.
    Emit(Vec<Emitted>),
}

impl From<StoreCommand> for Command {
    fn from(command: StoreCommand) -> Self {
        Self::Store(command)
    }
}

impl Command {
    /// The order it is about.
    pub fn order(&self) -> Option<OrderId> {
        match self {
            Self::Store(_) | Self::StopOrders => None,
            Self::Start { order, .. }
            | Self::WalkIn { order, .. }
            | Self::Submit { order, .. }
            | Self::Edit { order, .. }
            | Self::Act { order, .. }
            | Self::EndWait { order } => Some(*order),
        }
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What is done to an order that has begun.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
        pub enum Action {
            $($(#[$doc])* $name,)*
        }

        impl Action {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

actions! {
    Cancel,
    Claim,
    Release,
    Complete,
    Collect,
    /// More time to choose, once.
    Extend,
    /// Lets those who wait now go first.
    Postpone,
    /// Takes back a cancellation, or that the drink is ready.
    Recall,
    /// Calls out once more what stands ready.
    Remind,
    /// Puts aside what nobody came for: there until its time is over, and out of the way.
    SetAside,
}

/// How a start came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// By a code the server has checked; it belongs to the window that began then.
    Code { window: Instant },
    /// By a robot's key: no code, no token.
    Robot,
    /// Across the bar: no code, no token, and nobody is turned away.
    Bar,
}

impl Door {
    pub fn channel(self) -> Channel {
        match self {
            Self::Code { .. } => Channel::Web,
            Self::Robot => Channel::Robot,
            Self::Bar => Channel::WalkIn,
        }
    }
}

/// Which way an order came; in every event of it, and a badge on every screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Web,
    Robot,
    WalkIn,
}

impl Channel {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Robot => "robot",
            Self::WalkIn => "walk_in",
        }
    }
}

/// The text given names no channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseChannelError;

impl std::str::FromStr for Channel {
    type Err = ParseChannelError;

    fn from_str(text: &str) -> Result<Self, ParseChannelError> {
        [Self::Web, Self::Robot, Self::WalkIn]
            .into_iter()
            .find(|channel| channel.as_str() == text)
            .ok_or(ParseChannelError)
    }
}
