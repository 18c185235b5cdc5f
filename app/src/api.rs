//! The command API: server functions under fixed addresses, and the port behind them that the server implements.
//!
//! The same address serves a plain form, the front ends, a script with a key and curl. The front ends post to it
//! themselves: calling these functions from the browser would cost a phone 44 KB.
#![expect(clippy::too_many_arguments, reason = "each is a field of a form")]

use std::collections::BTreeMap;

use domain::answer::Answer;
use domain::command::Action;
use domain::hours::Hours;
use domain::ids::{OrderId, ShopId};
use domain::limits::LimitsChange;
use domain::menu::change::MenuChange;
use domain::menu::{Choice, Thing};
use domain::order::Reason;
use leptos::prelude::*;
use serde::Serialize;

use crate::problem::Problem;

pub mod form_input;
pub mod menu;

use form_input::HoursForm;

/// What is asked, before anybody has looked at who asks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Ask {
    OpenStore {
        hold: bool,
    },
    CloseStore {
        hold: bool,
    },
    /// For so many minutes, if any.
    PauseStore {
        reason: String,
        minutes: Option<u32>,
    },
    ResumeStore,
    ChangeLimits(LimitsChange),
    ChangeHours(Hours),
    ChangeMenu(MenuChange),
    /// The same, refused where something of that id is there.
    AddToMenu(MenuChange),
    ChangeAvailability {
        thing: Thing,
        available: bool,
    },
    SwitchExtension {
        extension: String,
        on: bool,
    },
    StopOrders,
    /// Without a code it is a robot's start.
    Start {
        order: OrderId,
        code: Option<String>,
    },
    /// `name` is what the barista calls out; it never enters the log.
    WalkIn {
        order: OrderId,
        choice: Choice,
        name: Option<String>,
    },
    Submit {
        order: OrderId,
        choice: Choice,
        name: Option<String>,
    },
    Edit {
        order: OrderId,
        choice: Choice,
        name: Option<String>,
        version: Option<u32>,
    },
    Act {
        order: OrderId,
        action: Action,
        reason: Option<Reason>,
        version: Option<u32>,
    },
}

/// How the server answers; it knows who asks from the request it was made for.
#[cfg(feature = "ssr")]
pub trait Backend: Send + Sync {
    /// `key`: the same key gets the same answer for 48 hours; with another request it is refused.
    fn ask(&self, shop: ShopId, ask: Ask, key: Option<String>) -> AnswerFuture;
}

#[cfg(feature = "ssr")]
pub type AnswerFuture = std::pin::Pin<Box<dyn Future<Output = Result<Answer, Problem>> + Send>>;

#[cfg(feature = "ssr")]
async fn ask(shop: ShopId, ask: Ask, key: Option<String>) -> Result<Answer, Problem> {
    let backend = use_context::<std::sync::Arc<dyn Backend>>().ok_or(crate::problem::Kind::Broken)?;
    backend.ask(shop, ask, key).await
}

/// Opens the doors; with `hold` the hours do not close them.
#[server(prefix = "/api", endpoint = "store/open")]
pub async fn open_store(
    shop: ShopId,
    #[server(default)] hold: bool,
    #[server(default)] key: Option<String>,
) -> Result<Answer, Problem> {
    ask(shop, Ask::OpenStore { hold }, key).await
}

/// Closes the doors; with `hold` the hours do not open them.
#[server(prefix = "/api", endpoint = "store/close")]
pub async fn close_store(
    shop: ShopId,
    #[server(default)] hold: bool,
    #[server(default)] key: Option<String>,
) -> Result<Answer, Problem> {
    ask(shop, Ask::CloseStore { hold }, key).await
}

/// Nobody begins an order for so many `minutes`, or until somebody resumes; everybody reads the `reason`.
#[server(prefix = "/api", endpoint = "store/pause")]
pub async fn pause_store(
    shop: ShopId,
    #[server(default)] reason: String,
    #[server(default)] minutes: Option<u32>,
    #[server(default)] key: Option<String>,
) -> Result<Answer, Problem> {
    ask(shop, Ask::PauseStore { reason, minutes }, key).await
}

#[server(prefix = "/api", endpoint = "store/resume")]
pub async fn resume_store(shop: ShopId, #[server(default)] key: Option<String>) -> Result<Answer, Problem> {
    ask(shop, Ask::ResumeStore, key).await
}

/// Changes the limits that `change` names, as `change[room]=40`.
#[server(prefix = "/api", endpoint = "store/limits")]
pub async fn change_limits(
    shop: ShopId,
    change: LimitsChange,
    #[server(default)] key: Option<String>,
) -> Result<Answer, Problem> {
    ask(shop, Ask::ChangeLimits(change), key).await
}

/// Sets the hours anew, as `hours[week][0][day]=sat`, `hours[week][0][from]=09:00` and so on.
#[server(prefix = "/api", endpoint = "store/hours")]
pub async fn change_hours(
    shop: ShopId,
    #[server(default)] hours: HoursForm,
    #[server(default)] key: Option<String>,
) -> Result<Answer, Problem> {
    ask(shop, Ask::ChangeHours(hours.form_input()?), key).await
}

/// Has an extension heard in this shop, or no longer, by its name as `WaitTimes`.
#[server(prefix = "/api", endpoint = "store/extension")]
pub async fn switch_extension(
    shop: ShopId,
    extension: String,
    on: bool,
    #[server(default)] key: Option<String>,
) -> Result<Answer, Problem> {
    ask(shop, Ask::SwitchExtension { extension, on }, key).await
}

/// Ends all orders that are not over, each with its events.
#[server(prefix = "/api", endpoint = "orders/stop")]
pub async fn stop_orders(shop: ShopId, #[server(default)] key: Option<String>) -> Result<Answer, Problem> {
    ask(shop, Ask::StopOrders, key).await
}

/// Begins an order with the code of a scan, or, for a robot's key, without.
#[server(prefix = "/api", endpoint = "orders/start")]
pub async fn start(
    shop: ShopId,
    order: OrderId,
    #[server(default)] code: Option<String>,
    #[server(default)] key: Option<String>,
) -> Result<Answer, Problem> {
    ask(shop, Ask::Start { order, code }, key).await
}

/// What a form says of a choice: `options[milk]=oat`, and `extras[topping][cocoa]=on` of groups that take several.
macro_rules! choices {
    ($($(#[$doc:meta])* $function:ident, $endpoint:literal, $ask:ident { $($also:ident: $of:ty),* };)*) => {$(
        $(#[$doc])*
        #[server(prefix = "/api", endpoint = $endpoint)]
        pub async fn $function(
            shop: ShopId,
            order: OrderId,
            drink: String,
            #[server(default)] options: BTreeMap<String, String>,
            #[server(default)] extras: BTreeMap<String, BTreeMap<String, String>>,
            $(#[server(default)] $also: Option<$of>,)*
            #[server(default)] key: Option<String>,
        ) -> Result<Answer, Problem> {
            ask(shop, Ask::$ask { order, choice: Choice { drink, options, extras }, $($also),* }, key).await
        }
    )*};
}

choices! {
    /// Chooses the drink; groups left out stand at their preset.
    submit, "orders/submit", Submit { name: String };
    /// Begins and submits an order for somebody without a phone.
    walk_in, "orders/walk_in", WalkIn { name: String };
    /// Chooses anew what nobody makes yet; `version` is the one the asker saw, here and below.
    edit, "orders/edit", Edit { name: String, version: u32 };
}

/// Takes the order back. From the bar with a `reason` out of a closed list: `sold_out`, `broken`, `mistake`, `closing`,
/// `not_collected` or `other`.
#[server(prefix = "/api", endpoint = "orders/cancel")]
pub async fn cancel(
    shop: ShopId,
    order: OrderId,
    #[server(default)] reason: Option<Reason>,
    #[server(default)] version: Option<u32>,
    #[server(default)] key: Option<String>,
) -> Result<Answer, Problem> {
    ask(shop, Ask::Act { order, action: Action::Cancel, reason, version }, key).await
}

macro_rules! actions {
    ($($(#[$doc:meta])* $function:ident, $endpoint:literal, $action:ident;)*) => {
        $(
            $(#[$doc])*
            #[server(prefix = "/api", endpoint = $endpoint)]
            pub async fn $function(
                shop: ShopId,
                order: OrderId,
                #[server(default)] version: Option<u32>,
                #[server(default)] key: Option<String>,
            ) -> Result<Answer, Problem> {
                ask(shop, Ask::Act { order, action: Action::$action, reason: None, version }, key).await
            }
        )*

        // An action without an address does not compile.
        const _: fn(Action) = |action| match action {
            Action::Cancel => (),
            $(Action::$action => (),)*
        };
    };
}

actions! {
    claim, "orders/claim", Claim;
    release, "orders/release", Release;
    complete, "orders/complete", Complete;
    collect, "orders/collect", Collect;
    /// More time to choose, once.
    extend, "orders/extend", Extend;
    /// Lets those who wait now go first.
    postpone, "orders/postpone", Postpone;
    /// Takes back a cancellation, or that the drink is ready.
    recall, "orders/recall", Recall;
    /// Calls out once more what stands ready.
    remind, "orders/remind", Remind;
    /// Puts aside what nobody came for.
    set_aside, "orders/set_aside", SetAside;
}
