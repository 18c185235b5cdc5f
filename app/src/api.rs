//! The command API: one server function per row of the command table, and the port behind them.
//!
//! The same URL serves a plain form, the front ends, a script with a bearer token and curl. The front ends post to it
//! themselves: the client side of server functions would cost a phone 44 KB.
#![expect(clippy::too_many_arguments, reason = "each argument is a field of a form")]

use std::fmt;

use domain::answer::Answer;
use domain::ids::{OrderId, ShopId};
use domain::limits::LimitsChange;
use domain::menu::{Drink, Group, Seen, StockItem};
use domain::order::CancelReason;
use leptos::prelude::*;
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use protocol::command::{Extras, Options, SentText};
use protocol::form::HoursForm;
use protocol::problem::{Kind, RequestError};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use self::dispatch::{AnswerFuture, Backend, dispatch};

#[cfg(feature = "ssr")]
mod dispatch;

/// The error of a server function. Server functions run in process, so its content is never encoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandFailure {
    #[serde(skip, default = "broken")]
    pub error: RequestError,
}

fn broken() -> RequestError {
    Kind::Broken.into()
}

impl fmt::Display for CommandFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.error.kind.slug())
    }
}

impl From<RequestError> for CommandFailure {
    fn from(error: RequestError) -> Self {
        Self { error }
    }
}

impl FromServerFnError for CommandFailure {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        broken().into()
    }
}

macro_rules! server_functions {
    ($($(#[$doc:meta])+ $type:ident $function:ident $constant:ident $endpoint:literal, $idempotency:ident,
        $page:ident, { $($required:ident: $required_type:ty),* } { $($optional:ident: $optional_type:ty),* }
        => $input:expr;)*) => {
        $($(#[$doc])+
        #[server($type, prefix = "/api", endpoint = $endpoint)]
        pub async fn $function(
            shop: ShopId,
            $($required: $required_type,)*
            $(#[server(default)] $optional: $optional_type,)*
            #[server(default)] key: Option<String>,
        ) -> Result<Answer, CommandFailure> {
            let input = protocol::command::input::$function($($required,)* $($optional),*);
            dispatch::issue(shop, input?, key).await
        })*

        /// Decodes the form of an endpoint as the server function of that row.
        #[cfg(feature = "ssr")]
        fn decode(endpoint: &str, form: &str) -> Result<dispatch::Call, RequestError> {
            match endpoint {
                $($endpoint => dispatch::decode::<$type>(form),)*
                _ => Err(Kind::PageUnknown.into()),
            }
        }
    };
}

protocol::command_table!(server_functions);

#[cfg(all(test, feature = "ssr"))]
mod tests;
