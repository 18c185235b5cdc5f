//! Redaction: removes what a reader may not see from an event, before anything else processes it.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, de};

use crate::event::{Event, NewOrder, OrderClaimed, OrderEdited, OrderSubmitted, Recorded};
use crate::ids::OrderId;

/// The audience that an event is redacted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Anybody, as on the display and every guest's phone.
    Public,
    /// The guest who owns the order.
    Owner,
    /// Baristas and managers; they see everything.
    Staff,
}

/// An ordered stream of events to subscribe to. `public`, `staff` or `order/{id}` on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Events of the shop that anybody may see.
    Public,
    /// All events of the shop.
    Staff,
    /// The events of one order, for its guest.
    Order(OrderId),
}

impl Topic {
    /// The audience that the topic's events are redacted for.
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

/// The text is not a [`Topic`].
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

/// Redacts an event for an audience; `None` if the audience may not see the event at all.
///
/// Guests, baristas and actors are visible to staff only. The options of a choice are hidden from the public.
pub fn redact(recorded: &Recorded, audience: Audience) -> Option<Cow<'_, Recorded>> {
    if audience == Audience::Staff {
        return Some(Cow::Borrowed(recorded));
    }
    if audience == Audience::Public && !is_public(&recorded.event)
        || recorded.event.order().is_none() && audience == Audience::Owner
    {
        return None;
    }
    let mut redacted = recorded.clone();
    redacted.actor = None;
    match &mut redacted.event {
        Event::NewOrder(NewOrder { guest, .. }) => *guest = None,
        Event::OrderClaimed(OrderClaimed { barista, .. }) => *barista = None,
        Event::OrderSubmitted(OrderSubmitted { chosen, .. }) | Event::OrderEdited(OrderEdited { chosen, .. })
            if audience == Audience::Public =>
        {
            chosen.redact_for_public();
        }
        _ => {}
    }
    Some(Cow::Owned(redacted))
}

/// Whether the public may see an event. Exhaustive without `_`, so that every new event needs a decision.
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
        // The public part of extension events are their pins, which are published separately.
        | Event::Emitted(_) => false,
    }
}
