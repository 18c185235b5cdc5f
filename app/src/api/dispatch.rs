//! Runs the server function of an endpoint in process, on the decoded form and without a second HTTP request.

use std::pin::Pin;
use std::sync::Arc;

use domain::answer::Answer;
use domain::ids::ShopId;
use leptos::prelude::*;
use leptos::reactive::computed::ScopedFuture;
use leptos::server_fn::ServerFn;
use protocol::command::Input;
use protocol::problem::{Kind, RequestError};
use serde::de::DeserializeOwned;

use super::CommandFailure;

/// The answer to a command, later.
pub type AnswerFuture = Pin<Box<dyn Future<Output = Result<Answer, RequestError>> + Send>>;

/// A server function with its arguments, ready to run.
pub(super) type Call = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = Result<Answer, CommandFailure>> + Send>> + Send>;

/// The port through which server functions issue commands. An implementation belongs to one request and knows the
/// sessions behind it.
pub trait Backend: Send + Sync {
    /// Issues a command. `key` is the form's idempotency key: for 48 hours the same key gets the same answer; a
    /// different request under it is refused.
    fn issue(&self, shop: ShopId, input: Input, key: Option<String>) -> AnswerFuture;
}

/// Runs the command at `/api/{endpoint}` with a form-encoded body. `provide` puts the backend, and whatever else server
/// functions may use, into their context.
///
/// # Errors
/// `page_unknown` where no command has this endpoint, `malformed` where the form lacks a field or has one that cannot be
/// read, and whatever the backend answers.
pub async fn dispatch(endpoint: &str, form: &str, provide: impl FnOnce()) -> Result<Answer, RequestError> {
    let call = super::decode(endpoint, form)?;
    let owner = Owner::new();
    let answer = owner.with(|| {
        provide();
        ScopedFuture::new(call())
    });
    answer.await.map_err(|failure| failure.error)
}

/// Decodes a form as the codec of server functions does.
pub(super) fn decode<F>(form: &str) -> Result<Call, RequestError>
where
    F: ServerFn<Output = Answer, Error = CommandFailure> + DeserializeOwned + Send + 'static,
{
    let arguments: F = serde_qs::Config::new(5, false)
        .deserialize_str(form)
        // The text names the field that is missing or misspelt.
        .map_err(|error| RequestError::malformed(error.to_string()))?;
    Ok(Box::new(move || Box::pin(arguments.run_body())))
}

/// Hands the command of a server function to the backend of the request.
pub(super) async fn issue(shop: ShopId, input: Input, key: Option<String>) -> Result<Answer, CommandFailure> {
    let backend = use_context::<Arc<dyn Backend>>().ok_or_else(|| RequestError::from(Kind::Broken))?;
    Ok(backend.issue(shop, input, key).await?)
}
