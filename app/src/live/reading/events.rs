//! The events that views fold, by their names on the wire.

use domain::event::{
    BrandChanged, Event, LimitsChanged, MenuChanged, NewOrder, OrderCancelled, OrderClaimed, OrderCollected,
    OrderCompleted, OrderFinished, OrderReleased, OrderSubmitted, ShopUnavailable, StoreClosed, StoreOpened,
    TokenReturned, WaitingCompletion,
};
use wasm_bindgen::JsValue;

use super::{Misfit, field};

macro_rules! events {
    ($($kind:literal $name:ident { $($field:ident)* })*) => {
        /// The event called `kind`; none when no view folds that kind.
        pub(super) fn event(kind: &str, data: &JsValue) -> Result<Option<Event>, Misfit> {
            let event = match kind {
                $($kind => Event::$name($name { $($field: field(data, stringify!($field)).ok_or(Misfit)?,)* }),)*
                _ => return Ok(None),
            };
            Ok(Some(event))
        }
    };
}

events! {
    "Validator.NewOrder" NewOrder { order guest window left }
    "Validator.TokenReturned" TokenReturned { order window left }
    "ConfigService.StoreOpened" StoreOpened {}
    "ConfigService.StoreClosed" StoreClosed {}
    "ConfigService.MenuChanged" MenuChanged { menu }
    "ConfigService.LimitsChanged" LimitsChanged { limits }
    "ConfigService.BrandChanged" BrandChanged { name }
    "OrderProcessor.ShopUnavailable" ShopUnavailable { order reason }
    "OrderProcessor.WaitingCompletion" WaitingCompletion { order number }
    "OrderProcessor.OrderFinished" OrderFinished { order outcome }
    "OrderManager.OrderSubmitted" OrderSubmitted { order chosen version }
    "OrderManager.OrderClaimed" OrderClaimed { order barista version }
    "OrderManager.OrderReleased" OrderReleased { order version }
    "OrderManager.OrderCompleted" OrderCompleted { order version }
    "OrderManager.OrderCancelled" OrderCancelled { order by version }
    "OrderManager.OrderCollected" OrderCollected { order version }
}
