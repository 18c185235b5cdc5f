//! Runs the server function of an endpoint in process, on the decoded form and without a second HTTP request.

use std::pin::Pin;
use std::sync::Arc;

use domain::answer::Answer;
use domain::ids::ShopId;
use leptos::prelude::*;
use leptos::reactive::computed::ScopedFuture;
use leptos::server_fn::ServerFn;
use protocol::command::{BEFORE_FIELD, Input, SIDE_FIELD};
use protocol::problem::{Kind, RequestError};
use serde::de::DeserializeOwned;
use serde_ignored::Path;

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

/// Longest field name that a refusal repeats, in characters.
const MAX_FIELD_NAME_CHARS: usize = 60;

/// Decodes a form as the codec of server functions does. A field that the command does not have is refused, because a
/// misspelt one would leave its default in force.
pub(super) fn decode<F>(form: &str) -> Result<Call, RequestError>
where
    F: ServerFn<Output = Answer, Error = CommandFailure> + DeserializeOwned + Send + 'static,
{
    // The text names the field that is missing or cannot be read.
    let malformed = |error: serde_qs::Error| RequestError::malformed(error.to_string());
    let fields = serde_qs::Deserializer::with_config(&serde_qs::Config::new(5, false), form.as_bytes());
    let mut unknown = None;
    let arguments: F = serde_ignored::deserialize(fields.map_err(malformed)?, |path| {
        let field = field_name(&path);
        if ![SIDE_FIELD, BEFORE_FIELD].contains(&field.as_str()) {
            unknown.get_or_insert(field);
        }
    })
    .map_err(malformed)?;
    if let Some(field) = unknown {
        let field: String = field.chars().take(MAX_FIELD_NAME_CHARS).collect();
        return Err(RequestError::malformed(format!("{field}: the command has no such field.")));
    }
    Ok(Box::new(move || Box::pin(arguments.run_body())))
}

/// The name of a field as a form spells it, such as `change[room]`.
fn field_name(path: &Path<'_>) -> String {
    let within = |parent: &Path<'_>, key: &str| match field_name(parent) {
        parent if parent.is_empty() => key.to_owned(),
        parent => format!("{parent}[{key}]"),
    };
    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => within(parent, &index.to_string()),
        Path::Map { parent, key } => within(parent, key),
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => field_name(parent),
    }
}

/// Hands the command of a server function to the backend of the request.
pub(super) async fn issue(shop: ShopId, input: Input, key: Option<String>) -> Result<Answer, CommandFailure> {
    let backend = use_context::<Arc<dyn Backend>>().ok_or_else(|| RequestError::from(Kind::Broken))?;
    Ok(backend.issue(shop, input, key).await?)
}
