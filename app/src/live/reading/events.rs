//! Decoders of the events that views fold, by wire name. A bundle decodes only the events of its own view, which keeps
//! it small.

use domain::event::{self, Event};
use wasm_bindgen::JsValue;

use super::{InvalidData, field};

macro_rules! events {
    ($($(#[$cfg:meta])* $kind:literal $name:ident { $($field:ident)* } $(? { $($defaulted:ident)* })? $(! { $($ignored:ident)* })?)*) => {
        /// Decodes the event of type `kind`; `None` if no view of this bundle folds it.
        pub(super) fn decode(kind: &str, data: &JsValue) -> Result<Option<Event>, InvalidData> {
            let event = match kind {
                $(
                    $(#[$cfg])*
                    $kind => Event::$name(event::$name {
                        $($field: field(data, stringify!($field)).ok_or(InvalidData)?,)*
                        $($($defaulted: field(data, stringify!($defaulted)).unwrap_or_default(),)*)?
                        $($($ignored: Default::default(),)*)?
                    }),
                )*
                _ => return Ok(None),
            };
            Ok(Some(event))
        }
    };
}

events! {
    #[cfg(any(feature = "ordering", feature = "display"))]
    "Validator.NewOrder" NewOrder { order guest window left channel }
    #[cfg(feature = "display")]
    "Validator.TokenReturned" TokenReturned { order window left }
    "ConfigService.StoreOpened" StoreOpened {} ? { held }
    "ConfigService.StoreClosed" StoreClosed {} ? { held }
    "ConfigService.LastOrdersCalled" LastOrdersCalled { closing }
    "ConfigService.StorePaused" StorePaused { reason until }
    "ConfigService.StoreResumed" StoreResumed {}
    #[cfg(feature = "ordering")]
    "ConfigService.MenuChanged" MenuChanged { menu }
    #[cfg(feature = "ordering")]
    "ConfigService.AvailabilityChanged" AvailabilityChanged { thing available out }
    // The display loads itself again for another menu.
    #[cfg(all(feature = "display", not(feature = "ordering")))]
    "ConfigService.MenuChanged" MenuChanged {} ! { menu }
    #[cfg(all(feature = "display", not(feature = "ordering")))]
    "ConfigService.AvailabilityChanged" AvailabilityChanged { thing available } ! { out }
    #[cfg(feature = "display")]
    "ConfigService.LimitsChanged" LimitsChanged { limits }
    "ConfigService.BrandChanged" BrandChanged { name }
    #[cfg(feature = "ordering")]
    "OrderProcessor.WorkflowStarted" WorkflowStarted { order due }
    #[cfg(feature = "ordering")]
    "OrderProcessor.WaitExtended" WaitExtended { order due }
    #[cfg(feature = "ordering")]
    "OrderProcessor.ShopUnavailable" ShopUnavailable { order reason }
    "OrderProcessor.WaitingCompletion" WaitingCompletion { order number due }
    "OrderProcessor.OrderFinished" OrderFinished { order outcome }
    "OrderManager.OrderSubmitted" OrderSubmitted { order chosen version }
    "OrderManager.OrderEdited" OrderEdited { order chosen version }
    "OrderManager.OrderClaimed" OrderClaimed { order barista version }
    "OrderManager.OrderReleased" OrderReleased { order version }
    "OrderManager.OrderCompleted" OrderCompleted { order version }
    "OrderManager.OrderCancelled" OrderCancelled { order by reason version }
    "OrderManager.OrderPostponed" OrderPostponed { order version }
    "OrderManager.OrderRecalled" OrderRecalled { order from to version }
    "OrderManager.GuestReminded" GuestReminded { order version }
    "OrderManager.OrderSetAside" OrderSetAside { order version }
    "OrderManager.OrderExpired" OrderExpired { order version }
    "OrderManager.OrderCollected" OrderCollected { order version }
}
