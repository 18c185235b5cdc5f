//! Order steps, outcomes and the reasons for them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The step of an order in its workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Started; the guest is choosing from the menu.
    Choosing,
    /// Submitted and numbered; no barista has claimed it.
    Waiting,
    /// Claimed and in preparation.
    Making,
    /// Prepared and waiting to be collected.
    Ready,
    /// Handed over to the guest.
    Collected,
    /// Cancelled by the guest or the bar; may be undone until `OrderFinished`.
    Cancelled,
    /// Ended by a deadline: the guest did not choose, or the bar did not claim or prepare it.
    TimedOut,
    /// Ready but not collected before its deadline.
    Expired,
    /// Ended at its start because the shop could not accept it.
    Unavailable,
}

impl Step {
    /// The name on the wire, in snake case.
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

    /// Whether the order has ended. Only `OrderFinished` follows, or `OrderRecalled` after a cancellation.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Collected | Self::Cancelled | Self::TimedOut | Self::Expired | Self::Unavailable)
    }

    /// Whether an order at this step counts towards the shop's capacity.
    pub fn uses_capacity(self) -> bool {
        matches!(self, Self::Choosing | Self::Waiting | Self::Making)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The party that missed the deadline of a timed-out order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeoutCause {
    /// The guest did not choose.
    Customer,
    /// The bar did not claim or prepare it.
    Barista,
}

/// The party that cancelled an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelledBy {
    /// The guest who ordered, or a robot with its own order.
    Guest,
    /// Staff, or the shop when all orders are stopped.
    Bar,
}

/// The reason for a cancellation by the bar. A closed list: free text in the log could contain personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// An ingredient ran out.
    SoldOut,
    /// A machine is out of order.
    Broken,
    /// The order was a mistake or a duplicate.
    Mistake,
    /// The bar is closing.
    Closing,
    /// The guest did not collect it.
    NotCollected,
    /// All orders were stopped; set by `StopOrders`, never by a person.
    Stopped,
    /// Any other reason.
    Other,
}

impl CancelReason {
    /// The reasons of which staff give one.
    pub const SELECTABLE: [Self; 6] =
        [Self::SoldOut, Self::Broken, Self::Mistake, Self::Closing, Self::NotCollected, Self::Other];

    /// The name on the wire, in snake case.
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

/// The channel through which an order came. Recorded in every event of the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A guest scanned a QR code.
    Web,
    /// A robot ordered through the API.
    Robot,
    /// Staff entered the order at the bar.
    WalkIn,
}

impl Channel {
    /// The name on the wire: `web`, `robot` or `walk_in`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Robot => "robot",
            Self::WalkIn => "walk_in",
        }
    }
}

/// The text is not the wire name of a [`Channel`].
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
