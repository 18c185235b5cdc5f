//! Who may see what: every event is cut to its reader before anything else happens to it.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, de};

use crate::event::{Event, NewOrder, OrderClaimed, OrderEdited, OrderSubmitted, Recorded};
use crate::ids::OrderId;

/// For whom an event is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The TV and every phone: what anybody at the bar can see.
    Public,
    /// The guest whose order it is.
    Owner,
    Staff,
}

/// One ordered run of events that a reader follows. `public`, `staff` or `order/{id}` on every wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    Public,
    Staff,
    Order(OrderId),
}

impl Topic {
    pub fn audience(self) -> Audience {
        match self {
            Self::Public => Audience::Public,
            Self::Staff => Audience::Staff,
            Self::Order(_) => Audience::Owner,
        }
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public => f.write_str("public"),
            Self::Staff => f.write_str("staff"),
            Self::Order(id) => write!(f, "order/{id}"),
        }
    }
}

/// The text given names no topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseTopicError;

impl fmt::Display for ParseTopicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the topics are public, staff and order/{id}")
    }
}

impl std::error::Error for ParseTopicError {}

impl FromStr for Topic {
    type Err = ParseTopicError;

    fn from_str(text: &str) -> Result<Self, ParseTopicError> {
        match text {
            "public" => Ok(Self::Public),
            "staff" => Ok(Self::Staff),
            _ => {
                let id = text.strip_prefix("order/").ok_or(ParseTopicError)?;
                id.parse().map(Self::Order).map_err(|_| ParseTopicError)
            }
        }
    }
}

impl Serialize for Topic {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Topic {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

/// The event as `audience` may see it; `None` when it may not know of it.
///
/// Whose order it is, who acts, and what exactly somebody drinks stay behind the bar.
pub fn redact(recorded: &Recorded, audience: Audience) -> Option<Cow<'_, Recorded>> {
    if audience == Audience::Staff {
        return Some(Cow::Borrowed(recorded));
    }
    if audience == Audience::Public && !is_public(&recorded.event)
        || recorded.event.order().is_none() && audience == Audience::Owner
    {
        return None;
    }
    let mut seen = recorded.clone();
    seen.actor = None;
    match &mut seen.event {
        Event::NewOrder(NewOrder { guest, .. }) => *guest = None,
        Event::OrderClaimed(OrderClaimed { barista, .. }) => *barista = None,
        Event::OrderSubmitted(OrderSubmitted { chosen, .. }) | Event::OrderEdited(OrderEdited { chosen, .. })
            if audience == Audience::Public =>
        {
            chosen.keep_to_name();
        }
        _ => {}
    }
    Some(Cow::Owned(seen))
}

/// No `_` arm: a new event asks here whether the whole bar may see it.
fn is_public(event: &Event) -> bool {
    match event {
        Event::NewOrder(_)
        | Event::TokenReturned(_)
        | Event::CodeExhausted(_)
        | Event::LastOrdersCalled(_)
        | Event::AvailabilityChanged(_)
        | Event::HoursChanged(_)
        | Event::OrdersStopped(_)
        | Event::StoreOpened(_)
        | Event::StoreClosed(_)
        | Event::StorePaused(_)
        | Event::StoreResumed(_)
        | Event::MenuChanged(_)
        | Event::LimitsChanged(_)
        | Event::BrandChanged(_)
        | Event::WaitingCompletion(_)
        | Event::OrderFinished(_)
        | Event::OrderSubmitted(_)
        | Event::OrderEdited(_)
        | Event::OrderClaimed(_)
        | Event::OrderReleased(_)
        | Event::OrderCompleted(_)
        | Event::OrderCancelled(_)
        | Event::OrderPostponed(_)
        | Event::OrderRecalled(_)
        | Event::GuestReminded(_)
        | Event::OrderSetAside(_)
        | Event::OrderExpired(_)
        | Event::OrderTimedOut(_)
        | Event::OrderCollected(_) => true,
        Event::WorkflowStarted(_)
        | Event::WaitExtended(_)
        | Event::ShopUnavailable(_)
        | Event::NumberGiven(_)
        | Event::ExtensionSwitched(_)
        // What everybody may see of it is pinned.
        | Event::Emitted(_) => false,
    }
}
