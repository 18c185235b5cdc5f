//! What can have happened: every event by its name on the wire.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::command::Channel;
use crate::hours::Hours;
use crate::ids::{GuestId, OrderId, StaffId};
use crate::limits::Limits;
use crate::menu::{Chosen, Menu, Thing};
use crate::order::{By, Cause, Reason, Step};
use crate::refusal::Unavailable;
use crate::time::{Day, Instant};

mod emitted;
mod recorded;

pub use self::emitted::{Emitted, Fact, MAX_HOPS, is_free};
pub use self::recorded::{CloudEvent, Recorded};

/// Declares each event once: its struct, its place in [`Event`], its name on the wire and its way back.
macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $kind:literal, about $about:ident {
        $($(#[$field_meta:meta])* $field:ident: $ty:ty,)*
    })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
            pub struct $name {
                $($(#[$field_meta])* pub $field: $ty,)*
            }

            impl From<$name> for Event {
                fn from(event: $name) -> Self {
                    Self::$name(event)
                }
            }
        )*

        /// One fact, without the envelope around it.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Event {
            $($(#[$doc])* $name($name),)*
            /// An extension said something.
            Emitted(Emitted),
        }

        impl Event {
            /// Every name of the house's own, in the order they are declared.
            pub const KINDS: &'static [&'static str] = &[$($kind),*];

            /// The name on every wire, `Service.ThingHappened`.
            pub fn kind(&self) -> &str {
                match self {
                    $(Self::$name(_) => $kind,)*
                    Self::Emitted(event) => &event.kind,
                }
            }

            /// The order it is about; the shop's own events have none.
            pub fn order(&self) -> Option<OrderId> {
                match self {
                    $(Self::$name(_event) => about!($about, _event),)*
                    Self::Emitted(_) => None,
                }
            }

            /// Reads the data of an event named `kind`; a name of a later version is `None`.
            pub fn decode<'de, D: Deserializer<'de>>(kind: &str, data: D) -> Result<Option<Self>, D::Error> {
                match kind {
                    $($kind => $name::deserialize(data).map(|event| Some(Self::$name(event))),)*
                    _ => Emitted::decode(kind, data),
                }
            }
        }

        /// The data alone: the name stands in the envelope.
        impl Serialize for Event {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$name(event) => event.serialize(to),)*
                    Self::Emitted(event) => event.serialize(to),
                }
            }
        }
    };
}

macro_rules! about {
    (order, $event:ident) => {
        Some($event.order)
    };
    (shop, $event:ident) => {
        None
    };
}

events! {
    /// A start was accepted; one that came by a code took a token of its window.
    NewOrder = "Validator.NewOrder", about order {
        order: OrderId,
        /// Left out where the reader may not know whose order it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        guest: Option<GuestId>,
        /// When the window began that lost a token.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window: Option<Instant>,
        /// Tokens that window has left.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left: Option<u32>,
        /// Which way it came; left out, by a code if it took a token, and else from a robot.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channel: Option<Channel>,
    }
    /// A start came to nothing; its token joins the window that is current now.
    TokenReturned = "Validator.TokenReturned", about order {
        order: OrderId,
        window: Instant,
        left: u32,
    }
    /// The last token of a window is taken. One that comes back opens it again.
    CodeExhausted = "Validator.CodeExhausted", about shop {
        window: Instant,
        /// When the next code comes.
        next: Instant,
    }
    /// The shop takes orders.
    StoreOpened = "ConfigService.StoreOpened", about shop {
        /// The hours do not move the doors until somebody moves them without holding.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        held: bool,
    }
    /// The shop takes no more orders; those in the queue are made.
    StoreClosed = "ConfigService.StoreClosed", about shop {
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        held: bool,
    }
    /// Nobody begins an order any more; those who have begun still choose.
    LastOrdersCalled = "ConfigService.LastOrdersCalled", about shop {
        /// When the doors close by the hours.
        closing: Instant,
    }
    /// Nobody begins an order for a while; those begun go on.
    StorePaused = "ConfigService.StorePaused", about shop {
        /// As the bar words it, for everybody to read.
        reason: String,
        /// When it is over by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Instant>,
    }
    /// The pause is over.
    StoreResumed = "ConfigService.StoreResumed", about shop {}
    /// The whole menu from now on. Fat, so that a reader needs no earlier event.
    MenuChanged = "ConfigService.MenuChanged", about shop {
        menu: Menu,
    }
    /// Something ran out, or is there again.
    AvailabilityChanged = "ConfigService.AvailabilityChanged", about shop {
        thing: Thing,
        available: bool,
        /// All that is out now, so that a reader needs no earlier event.
        out: Vec<Thing>,
    }
    /// All hours from now on.
    HoursChanged = "ConfigService.HoursChanged", about shop {
        hours: Hours,
    }
    /// All limits from now on.
    LimitsChanged = "ConfigService.LimitsChanged", about shop {
        limits: Limits,
    }
    /// The name over the door.
    BrandChanged = "ConfigService.BrandChanged", about shop {
        name: String,
    }
    /// An extension is heard here, or no longer.
    ExtensionSwitched = "ConfigService.ExtensionSwitched", about shop {
        extension: String,
        on: bool,
    }
    /// All orders that are not over are to end; each says so itself.
    OrdersStopped = "OrderProcessor.OrdersStopped", about shop {}
    /// The order lives: its guest may choose.
    WorkflowStarted = "OrderProcessor.WorkflowStarted", about order {
        order: OrderId,
        /// Until when the guest has chosen, or the order ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Instant>,
    }
    /// The guest has more time to choose.
    WaitExtended = "OrderProcessor.WaitExtended", about order {
        order: OrderId,
        due: Instant,
    }
    /// Somebody took too long; `OrderFinished` follows in the same append.
    OrderTimedOut = "OrderProcessor.OrderTimedOut", about order {
        order: OrderId,
        cause: Cause,
    }
    /// The start cannot be served; `OrderFinished` follows in the same append.
    ShopUnavailable = "OrderProcessor.ShopUnavailable", about order {
        order: OrderId,
        reason: Unavailable,
    }
    /// The order waits for the bar; screens show it from here.
    WaitingCompletion = "OrderProcessor.WaitingCompletion", about order {
        order: OrderId,
        number: u32,
        /// Until when a barista has claimed it, or the order ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Instant>,
    }
    /// The order is over. Said once and last.
    OrderFinished = "OrderProcessor.OrderFinished", about order {
        order: OrderId,
        outcome: Step,
    }
    /// The human number of an order, counted anew each shop day.
    NumberGiven = "Counting.NumberGiven", about order {
        order: OrderId,
        day: Day,
        number: u32,
    }
    /// The guest has chosen. Fat: what is made does not depend on tomorrow's menu.
    OrderSubmitted = "OrderManager.OrderSubmitted", about order {
        order: OrderId,
        chosen: Chosen,
        /// Counts what happened to the order, from 1; a command may name the one it saw.
        version: u32,
    }
    /// The guest has chosen anew; everything else stays. Fat, as `OrderSubmitted`.
    OrderEdited = "OrderManager.OrderEdited", about order {
        order: OrderId,
        chosen: Chosen,
        version: u32,
    }
    /// A barista makes it, and nobody else does.
    OrderClaimed = "OrderManager.OrderClaimed", about order {
        order: OrderId,
        /// Left out where the reader is not staff.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        barista: Option<StaffId>,
        version: u32,
    }
    /// Its barista put it back: it waits for the bar again.
    OrderReleased = "OrderManager.OrderReleased", about order {
        order: OrderId,
        version: u32,
    }
    /// The drink is made; people say ready.
    OrderCompleted = "OrderManager.OrderCompleted", about order {
        order: OrderId,
        version: u32,
    }
    /// The guest or the bar took it back.
    OrderCancelled = "OrderManager.OrderCancelled", about order {
        order: OrderId,
        by: By,
        /// What the bar says of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
        version: u32,
    }
    /// Its guest lets all who wait now go first.
    OrderPostponed = "OrderManager.OrderPostponed", about order {
        order: OrderId,
        version: u32,
    }
    /// What was cancelled lives again, or what was called ready is still being made.
    OrderRecalled = "OrderManager.OrderRecalled", about order {
        order: OrderId,
        from: Step,
        to: Step,
        version: u32,
    }
    /// The bar called it out once more.
    GuestReminded = "OrderManager.GuestReminded", about order {
        order: OrderId,
        version: u32,
    }
    /// Nobody has come for it yet: it stands aside until its time is over.
    OrderSetAside = "OrderManager.OrderSetAside", about order {
        order: OrderId,
        version: u32,
    }
    /// Nobody came for it.
    OrderExpired = "OrderManager.OrderExpired", about order {
        order: OrderId,
        version: u32,
    }
    /// The cup is in the guest's hand.
    OrderCollected = "OrderManager.OrderCollected", about order {
        order: OrderId,
        version: u32,
    }
}

impl NewOrder {
    /// Which way the order came.
    pub fn channel(&self) -> Channel {
        self.channel.unwrap_or(if self.window.is_some() { Channel::Web } else { Channel::Robot })
    }

    /// Its guest, if it is one whose orders are counted: one who came by a code.
    pub(crate) fn counted(&self) -> Option<GuestId> {
        self.guest.filter(|_| self.window.is_some())
    }
}

impl Event {
    /// Where it leaves its order, and the order's version then; none when the order stands where it stood.
    ///
    /// No `_` arm: a new event is asked here what it means to the order. Views and services go by the answer.
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

    /// Major version of the data's shape; a breaking change is a new one beside the old.
    pub fn dataversion(&self) -> &'static str {
        "1"
    }
}
