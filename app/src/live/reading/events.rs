//! The events that views fold, by their names on the wire.

use domain::event::{
    BrandChanged, Event, LimitsChanged, MenuChanged, NewOrder, OrderCancelled, OrderClaimed, OrderCollected,
    OrderCompleted, OrderExpired, OrderFinished, OrderPostponed, OrderRecalled, OrderReleased, OrderSubmitted,
    ShopUnavailable, StoreClosed, StoreOpened, StorePaused, StoreResumed, TokenReturned, WaitExtended,
    WaitingCompletion, WorkflowStarted,
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
    "ConfigService.StorePaused" StorePaused { reason until }
    "ConfigService.StoreResumed" StoreResumed {}
    "ConfigService.MenuChanged" MenuChanged { menu }
    "ConfigService.LimitsChanged" LimitsChanged { limits }
    "ConfigService.BrandChanged" BrandChanged { name }
    "OrderProcessor.WorkflowStarted" WorkflowStarted { order due }
    "OrderProcessor.WaitExtended" WaitExtended { order due }
    "OrderProcessor.ShopUnavailable" ShopUnavailable { order reason }
    "OrderProcessor.WaitingCompletion" WaitingCompletion { order number due }
    "OrderProcessor.OrderFinished" OrderFinished { order outcome }
    "OrderManager.OrderSubmitted" OrderSubmitted { order chosen version }
    "OrderManager.OrderClaimed" OrderClaimed { order barista version }
    "OrderManager.OrderReleased" OrderReleased { order version }
    "OrderManager.OrderCompleted" OrderCompleted { order version }
    "OrderManager.OrderCancelled" OrderCancelled { order by version }
    "OrderManager.OrderPostponed" OrderPostponed { order version }
    "OrderManager.OrderRecalled" OrderRecalled { order from to version }
    "OrderManager.OrderExpired" OrderExpired { order version }
    "OrderManager.OrderCollected" OrderCollected { order version }
}
