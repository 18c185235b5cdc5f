//! Events: immutable facts in the past tense, with their names and data on the wire.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hours::Hours;
use crate::ids::{GuestId, OrderId, StaffId};
use crate::limits::Limits;
use crate::menu::{Chosen, Menu, StockItem};
use crate::order::{CancelReason, CancelledBy, Channel, Step, TimeoutCause};
use crate::refusal::Unavailable;
use crate::time::{Day, Instant};

mod emitted;
mod recorded;
mod transition;

pub use self::emitted::{Emitted, Fact, MAX_HOPS, is_extension_event_name};
pub use self::recorded::{CloudEvent, Recorded};

/// Declares each event once: its struct, its variant of [`Event`], its name on the wire and its decoder.
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

        /// An event without its envelope; see [`Recorded`] for the envelope.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Event {
            $($(#[$doc])* $name($name),)*
            /// An event emitted by an extension.
            Emitted(Emitted),
        }

        impl Event {
            /// The names of all built-in events, in declaration order.
            pub const KINDS: &'static [&'static str] = &[$($kind),*];

            /// The name on the wire, `Service.ThingHappened`.
            pub fn kind(&self) -> &str {
                match self {
                    $(Self::$name(_) => $kind,)*
                    Self::Emitted(event) => &event.kind,
                }
            }

            /// The order that the event is about; `None` for events about the shop.
            pub fn order(&self) -> Option<OrderId> {
                match self {
                    $(Self::$name(_event) => about!($about, _event),)*
                    Self::Emitted(_) => None,
                }
            }

            /// Decodes the data of an event named `kind`. `None` if a later version of the program defined the name.
            ///
            /// # Errors
            /// The data does not match the name.
            pub fn decode<'de, D: Deserializer<'de>>(kind: &str, data: D) -> Result<Option<Self>, D::Error> {
                match kind {
                    $($kind => $name::deserialize(data).map(|event| Some(Self::$name(event))),)*
                    _ => Emitted::decode(kind, data),
                }
            }
        }

        /// Serialises the data only. The name is part of the envelope.
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
    /// A start was accepted. A start by code took a token of the window.
    NewOrder = "Validator.NewOrder", about order {
        /// Order that was started.
        order: OrderId,
        /// Guest who started it; left out for readers who are not staff.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        guest: Option<GuestId>,
        /// Start of the window that lost a token; absent for starts without a code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window: Option<Instant>,
        /// Tokens left in that window.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left: Option<u32>,
        /// Channel of the order. If absent: `Web` with a window, else `Robot`; see [`NewOrder::channel()`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channel: Option<Channel>,
    }
    /// The token of an unsuccessful start was returned to the current window.
    TokenReturned = "Validator.TokenReturned", about order {
        /// Order that took the token.
        order: OrderId,
        /// Start of the window that received the token.
        window: Instant,
        /// Tokens left in that window.
        left: u32,
    }
    /// The last token of a window was taken. A returned token makes the code usable again.
    CodeExhausted = "Validator.CodeExhausted", about shop {
        /// Start of the window.
        window: Instant,
        /// Start of the next window.
        next: Instant,
    }
    /// The shop opened for orders.
    StoreOpened = "ConfigService.StoreOpened", about shop {
        /// Whether the opening hours are suspended until a change without `held`.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        held: bool,
    }
    /// The shop closed. Submitted orders are still prepared.
    StoreClosed = "ConfigService.StoreClosed", about shop {
        /// Whether the opening hours are suspended until a change without `held`.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        held: bool,
    }
    /// Last orders were called: no new starts. Started orders can still be submitted.
    LastOrdersCalled = "ConfigService.LastOrdersCalled", about shop {
        /// Scheduled closing time.
        closing: Instant,
    }
    /// New orders were paused. Started orders continue.
    StorePaused = "ConfigService.StorePaused", about shop {
        /// Public reason, at most 80 characters.
        reason: String,
        /// Automatic end of the pause; absent if it needs a manual end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Instant>,
    }
    /// The pause ended.
    StoreResumed = "ConfigService.StoreResumed", about shop {}
    /// The menu changed. Carries the whole menu, so that readers need no earlier event.
    MenuChanged = "ConfigService.MenuChanged", about shop {
        /// New menu, with its sold-out items.
        menu: Menu,
    }
    /// An item sold out or became available again.
    AvailabilityChanged = "ConfigService.AvailabilityChanged", about shop {
        /// Changed item.
        thing: StockItem,
        /// New availability.
        available: bool,
        /// All sold-out items, so that readers need no earlier event.
        out: Vec<StockItem>,
    }
    /// The opening hours changed.
    HoursChanged = "ConfigService.HoursChanged", about shop {
        /// New opening hours.
        hours: Hours,
    }
    /// The limits changed.
    LimitsChanged = "ConfigService.LimitsChanged", about shop {
        /// New limits, including unchanged ones.
        limits: Limits,
    }
    /// The display name of the shop changed.
    BrandChanged = "ConfigService.BrandChanged", about shop {
        /// New display name.
        name: String,
    }
    /// An extension was switched on or off for this shop.
    ExtensionSwitched = "ConfigService.ExtensionSwitched", about shop {
        /// Name of the extension.
        extension: String,
        /// New state.
        on: bool,
    }
    /// All open orders were stopped. Each then ends with its own events.
    OrdersStopped = "OrderProcessor.OrdersStopped", about shop {}
    /// The workflow of an order started: its guest may choose.
    WorkflowStarted = "OrderProcessor.WorkflowStarted", about order {
        /// Order that was started.
        order: OrderId,
        /// Deadline for the guest to choose.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Instant>,
    }
    /// The guest's time to choose was extended.
    WaitExtended = "OrderProcessor.WaitExtended", about order {
        /// Order whose deadline moved.
        order: OrderId,
        /// New deadline for the guest to choose.
        due: Instant,
    }
    /// An order missed a deadline. `OrderFinished` follows in the same append.
    OrderTimedOut = "OrderProcessor.OrderTimedOut", about order {
        /// Order that timed out.
        order: OrderId,
        /// Party that missed the deadline.
        cause: TimeoutCause,
    }
    /// The shop could not accept a start. `OrderFinished` follows in the same append.
    ShopUnavailable = "OrderProcessor.ShopUnavailable", about order {
        /// Order that could not be accepted.
        order: OrderId,
        /// Reason.
        reason: Unavailable,
    }
    /// A submitted order waits for a barista. Screens list it from here on.
    WaitingCompletion = "OrderProcessor.WaitingCompletion", about order {
        /// Order that waits.
        order: OrderId,
        /// Order number.
        number: u32,
        /// Deadline for a barista to claim the order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Instant>,
    }
    /// The order finished. Exactly once per order, as its last event.
    OrderFinished = "OrderProcessor.OrderFinished", about order {
        /// Order that finished.
        order: OrderId,
        /// Final step.
        outcome: Step,
    }
    /// An order number was assigned.
    NumberGiven = "Counting.NumberGiven", about order {
        /// Order that received the number.
        order: OrderId,
        /// Shop day of the number; numbers restart with each day.
        day: Day,
        /// Order number, from 1.
        number: u32,
    }
    /// The guest submitted a choice. Carries the menu's data, so that later changes of the menu have no effect.
    OrderSubmitted = "OrderManager.OrderSubmitted", about order {
        /// Order that was submitted.
        order: OrderId,
        /// Completed choice.
        chosen: Chosen,
        /// Version of the order: number of transitions, from 1. Commands may require it.
        version: u32,
    }
    /// The choice was replaced; number and queue position stay. Carries the menu's data as `OrderSubmitted` does.
    OrderEdited = "OrderManager.OrderEdited", about order {
        /// Order that was edited.
        order: OrderId,
        /// New completed choice.
        chosen: Chosen,
        /// New version of the order.
        version: u32,
    }
    /// A barista or robot claimed the order.
    OrderClaimed = "OrderManager.OrderClaimed", about order {
        /// Order that was claimed.
        order: OrderId,
        /// Barista or robot that claimed it; left out for readers who are not staff.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        barista: Option<StaffId>,
        /// New version of the order.
        version: u32,
    }
    /// The order was released and waits again.
    OrderReleased = "OrderManager.OrderReleased", about order {
        /// Order that was released.
        order: OrderId,
        /// New version of the order.
        version: u32,
    }
    /// The order is ready to collect.
    OrderCompleted = "OrderManager.OrderCompleted", about order {
        /// Order that was completed.
        order: OrderId,
        /// New version of the order.
        version: u32,
    }
    /// The guest or the bar cancelled the order.
    OrderCancelled = "OrderManager.OrderCancelled", about order {
        /// Order that was cancelled.
        order: OrderId,
        /// Party that cancelled it.
        by: CancelledBy,
        /// Reason of a cancellation by the bar.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<CancelReason>,
        /// New version of the order.
        version: u32,
    }
    /// The guest moved the order behind all orders that wait now.
    OrderPostponed = "OrderManager.OrderPostponed", about order {
        /// Order that was postponed.
        order: OrderId,
        /// New version of the order.
        version: u32,
    }
    /// A cancellation was undone, or a ready order returned to preparation.
    OrderRecalled = "OrderManager.OrderRecalled", about order {
        /// Order that was recalled.
        order: OrderId,
        /// Step before.
        from: Step,
        /// Step after.
        to: Step,
        /// New version of the order.
        version: u32,
    }
    /// The guest was reminded of a ready order.
    GuestReminded = "OrderManager.GuestReminded", about order {
        /// Order to collect.
        order: OrderId,
        /// New version of the order.
        version: u32,
    }
    /// An uncollected ready order was set aside. Its deadline stays.
    OrderSetAside = "OrderManager.OrderSetAside", about order {
        /// Order that was set aside.
        order: OrderId,
        /// New version of the order.
        version: u32,
    }
    /// A ready order was not collected before its deadline.
    OrderExpired = "OrderManager.OrderExpired", about order {
        /// Order that expired.
        order: OrderId,
        /// New version of the order.
        version: u32,
    }
    /// The order was handed over.
    OrderCollected = "OrderManager.OrderCollected", about order {
        /// Order that was collected.
        order: OrderId,
        /// New version of the order.
        version: u32,
    }
}
