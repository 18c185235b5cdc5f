//! What may be asked of a shop.

use serde::{Deserialize, Serialize};

use crate::ids::OrderId;
use crate::menu::{Choice, Menu};
use crate::time::Instant;

/// A request that may be refused. Each names the state it wants, so that a second tap never toggles.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Founds the shop; the doors are open afterwards.
    Make {
        name: String,
        menu: Menu,
        limits: Limits,
    },
    OpenStore,
    CloseStore,
    /// A scan, or a robot's knock at its own door.
    Start {
        order: OrderId,
        door: Door,
    },
    Submit {
        order: OrderId,
        choice: Choice,
    },
    /// `version` is the one the asker saw.
    Act {
        order: OrderId,
        action: Action,
        version: Option<u32>,
    },
}

impl Command {
    /// The order it is about.
    pub fn order(&self) -> Option<OrderId> {
        match self {
            Self::Make { .. } | Self::OpenStore | Self::CloseStore => None,
            Self::Start { order, .. } | Self::Submit { order, .. } | Self::Act { order, .. } => Some(*order),
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
}

/// How a start came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// By a code the server has checked; it belongs to the window that began then.
    Code { window: Instant },
    /// By a robot's key: no code, no token.
    Robot,
}

impl Door {
    pub fn channel(self) -> Channel {
        match self {
            Self::Code { .. } => Channel::Web,
            Self::Robot => Channel::Robot,
        }
    }
}

/// Which way an order came; in every event of it, and a badge on every screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Web,
    Robot,
}

impl Channel {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Robot => "robot",
        }
    }
}

/// The text given names no channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAChannel;

impl std::str::FromStr for Channel {
    type Err = NotAChannel;

    fn from_str(text: &str) -> Result<Self, NotAChannel> {
        [Self::Web, Self::Robot].into_iter().find(|channel| channel.as_str() == text).ok_or(NotAChannel)
    }
}

/// The numbers a manager can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Orders one code begins.
    pub drinks_per_code: u32,
    /// Length of a code's window in seconds; windows are counted from 1970-01-01T00:00Z.
    pub window_seconds: u32,
    /// How long after its window a code still counts, in seconds: a page served in time may be posted in time.
    pub grace_seconds: u32,
}

impl Default for Limits {
    /// The original's 10 drinks and 5 minutes, and a minute of grace.
    fn default() -> Self {
        Self { drinks_per_code: 10, window_seconds: 300, grace_seconds: 60 }
    }
}

impl Limits {
    /// When the window that `at` falls in began.
    pub fn window_of(&self, at: Instant) -> Instant {
        let length = i64::from(self.window_seconds.max(1)) * 1000;
        Instant(at.0.div_euclid(length) * length)
    }

    /// When the window that began at `window` ends.
    pub fn window_end(&self, window: Instant) -> Instant {
        window.plus_seconds(self.window_seconds)
    }

    /// When the code of the window that began at `window` stops counting.
    pub fn good_until(&self, window: Instant) -> Instant {
        self.window_end(window).plus_seconds(self.grace_seconds)
    }
}
