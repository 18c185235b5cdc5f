//! The command API: server functions under fixed addresses, and the port behind them that the server implements.
//!
//! The same address serves a plain form, the front ends, a script with a key and curl. The front ends post to it
//! themselves: calling these functions from the browser would cost a phone 44 KB.

use std::collections::BTreeMap;

use domain::answer::Answer;
use domain::command::{Action, LimitsChange};
use domain::ids::{OrderId, ShopId};
use domain::menu::Choice;
use leptos::prelude::*;
use serde::Serialize;

use crate::problem::Problem;

/// What is asked, before anybody has looked at who asks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Ask {
    OpenStore,
    CloseStore,
    /// For so many minutes, if any.
    PauseStore {
        reason: String,
        minutes: Option<u32>,
    },
    ResumeStore,
    ChangeLimits {
        change: LimitsChange,
    },
    /// Without a code it is a robot's start.
    Start {
        order: OrderId,
        code: Option<String>,
    },
    /// `name` is what the barista calls out; it never enters the log.
    Submit {
        order: OrderId,
        choice: Choice,
        name: Option<String>,
    },
    Act {
        order: OrderId,
        action: Action,
        version: Option<u32>,
    },
}

/// How the server answers; it knows who asks from the request it was made for.
#[cfg(feature = "ssr")]
pub trait Backend: Send + Sync {
    /// `key`: the same key gets the same answer for 48 hours; with another request it is refused.
    fn ask(&self, shop: ShopId, ask: Ask, key: Option<String>) -> Answering;
}

#[cfg(feature = "ssr")]
pub type Answering = std::pin::Pin<Box<dyn Future<Output = Result<Answer, Problem>> + Send>>;

#[cfg(feature = "ssr")]
async fn ask(shop: ShopId, ask: Ask, key: Option<String>) -> Result<Answer, Problem> {
    let backend = use_context::<std::sync::Arc<dyn Backend>>().ok_or(crate::problem::Kind::Broken)?;
    backend.ask(shop, ask, key).await
}

#[server(prefix = "/api", endpoint = "store/open")]
pub async fn open_store(shop: ShopId, #[server(default)] key: Option<String>) -> Result<Answer, Problem> {
    ask(shop, Ask::OpenStore, key).await
}

#[server(prefix = "/api", endpoint = "store/close")]
pub async fn close_store(shop: ShopId, #[server(default)] key: Option<String>) -> Result<Answer, Problem> {
    ask(shop, Ask::CloseStore, key).await
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
    ask(shop, Ask::ChangeLimits { change }, key).await
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

/// Chooses the drink; groups left out stand at their first option.
#[server(prefix = "/api", endpoint = "orders/submit")]
pub async fn submit(
    shop: ShopId,
    order: OrderId,
    drink: String,
    #[server(default)] options: BTreeMap<String, String>,
    #[server(default)] name: Option<String>,
    #[server(default)] key: Option<String>,
) -> Result<Answer, Problem> {
    ask(shop, Ask::Submit { order, choice: Choice { drink, options }, name }, key).await
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
                ask(shop, Ask::Act { order, action: Action::$action, version }, key).await
            }
        )*

        // An action without an address does not compile.
        const _: fn(Action) = |action| match action {
            $(Action::$action => (),)*
        };
    };
}

actions! {
    /// Takes the order back; `version` is the one the asker saw, here and below.
    cancel, "orders/cancel", Cancel;
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
}
