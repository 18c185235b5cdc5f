//! The effect of each event on its order: step, version and channel.

use crate::event::{Event, NewOrder};
use crate::ids::GuestId;
use crate::order::{Channel, Step};

impl NewOrder {
    /// Channel of the order, derived from the window in events that carry none.
    pub fn channel(&self) -> Channel {
        self.channel.unwrap_or(if self.window.is_some() { Channel::Web } else { Channel::Robot })
    }

    /// The guest whose limit the order counts towards: only starts by code count.
    pub(crate) fn counted_guest(&self) -> Option<GuestId> {
        self.guest.filter(|_| self.window.is_some())
    }
}

impl Event {
    /// The order's step and version after the event; `None` if the event changes neither.
    ///
    /// Exhaustive without `_`, because services and views rely on it for every event.
    pub fn step(&self) -> Option<(Step, u32)> {
        match self {
            Self::NewOrder(_) => Some((Step::Choosing, 0)),
            Self::ShopUnavailable(_) => Some((Step::Unavailable, 0)),
            Self::OrderSubmitted(event) => Some((Step::Waiting, event.version)),
            Self::OrderEdited(event) => Some((Step::Waiting, event.version)),
            Self::OrderClaimed(event) => Some((Step::Making, event.version)),
            Self::OrderReleased(event) => Some((Step::Waiting, event.version)),
            Self::OrderPostponed(event) => Some((Step::Waiting, event.version)),
            Self::OrderCompleted(event) => Some((Step::Ready, event.version)),
            Self::GuestReminded(event) => Some((Step::Ready, event.version)),
            Self::OrderSetAside(event) => Some((Step::Ready, event.version)),
            Self::OrderCancelled(event) => Some((Step::Cancelled, event.version)),
            Self::OrderCollected(event) => Some((Step::Collected, event.version)),
            Self::OrderRecalled(event) => Some((event.to, event.version)),
            Self::OrderExpired(event) => Some((Step::Expired, event.version)),
            Self::TokenReturned(_)
            | Self::CodeExhausted(_)
            | Self::StoreOpened(_)
            | Self::LastOrdersCalled(_)
            | Self::AvailabilityChanged(_)
            | Self::HoursChanged(_)
            | Self::OrdersStopped(_)
            | Self::StoreClosed(_)
            | Self::StorePaused(_)
            | Self::StoreResumed(_)
            | Self::WaitExtended(_)
            | Self::OrderTimedOut(_)
            | Self::MenuChanged(_)
            | Self::LimitsChanged(_)
            | Self::BrandChanged(_)
            | Self::ExtensionSwitched(_)
            | Self::Emitted(_)
            | Self::WorkflowStarted(_)
            | Self::WaitingCompletion(_)
            | Self::OrderFinished(_)
            | Self::NumberGiven(_) => None,
        }
    }

    /// Major version of the schema of the data. A breaking change adds a version and keeps the old one.
    pub fn dataversion(&self) -> &'static str {
        "1"
    }
}
