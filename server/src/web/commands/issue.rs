//! Issues the command of a form: chooses the actor, resolves what the form leaves open, and asks the engine.

use std::sync::Arc;

use app::api::{AnswerFuture, Backend};
use axum::http::HeaderMap;
use domain::access::Actor;
use domain::answer::Answer;
use domain::command::{Command, StartSource, StoreCommand};
use domain::hours::HoursFlaw;
use domain::ids::ShopId;
use domain::limits::MAX_NAME_CHARS;
use domain::menu::Menu;
use domain::menu::change::{MenuChange, MenuFlaw};
use domain::refusal::Refusal;
use domain::text::to_name;
use engine::clock::is_known_zone;
use engine::read_model::ReadModel;
use engine::{CommandError, CommandRequest, IdempotencyKey};
use protocol::command::{CommandRow, Idempotency, Input, Request};
use protocol::problem::{Kind, RequestError};
use sha2::{Digest, Sha256};

use super::{FormContext, problem_mapping};
use crate::web::code;
use crate::web::context::RequestContext;
use crate::web::rate_limits::LimitedGuest;

/// Longest idempotency key, in bytes.
const MAX_KEY_BYTES: usize = 100;

/// The backend of one request's server function.
#[derive(Clone)]
pub(super) struct RequestBackend {
    context: RequestContext,
    origin: FormContext,
    row: &'static CommandRow,
    /// Hash of endpoint and body: a repetition under the same idempotency key has the same one.
    request_hash: [u8; 32],
}

impl RequestBackend {
    pub(super) fn new(context: RequestContext, origin: FormContext, row: &'static CommandRow, body: &str) -> Self {
        let request_hash = Sha256::new().chain_update(row.endpoint).chain_update([0]).chain_update(body).finalize();
        Self { context, origin, row, request_hash: request_hash.into() }
    }

    async fn put(self, shop: ShopId, input: Input, key: Option<String>) -> Result<Answer, RequestError> {
        let state = &self.context.state;
        let read_model = state.engine.read_model(&shop).ok_or(Kind::ShopUnknown)?;
        let Input { request, name } = input;
        let who = self.context.actor(&shop, self.origin.side, &request).await?;
        check_role(who, &request)?;
        let order = request.order();
        let key = self.idempotency_key(who, &request, key)?;
        let command = self.if_unchanged(self.resolve(&read_model, request)?);
        let name = name.as_deref().map(name_to_call).transpose()?;
        let limited = self.limit_rate(who, &shop, &command).await?;
        let asked = CommandRequest { actor: who, command, idempotency_key: key, name };
        let mut reply = state.engine.execute(&shop, asked.clone()).await.ok_or(Kind::ShopUnknown)?;
        let is_unknown = matches!(reply, Err(CommandError::Refusal(Refusal::UnknownOrder)));
        // A choice may overtake the start of its order by a moment.
        if is_unknown && order.is_some_and(|order| read_model.read().state.owner(order).is_some()) {
            reply = state.engine.execute(&shop, asked).await.ok_or(Kind::ShopUnknown)?;
        }
        match reply {
            Ok(answer) => match answer.unavailable {
                // The log has recorded the start, and the guest is turned away all the same.
                Some(reason) => {
                    if let Some(guest) = limited {
                        state.rate_limits.record_failed_start(guest, state.clock.now());
                    }
                    Err(problem_mapping::unavailable(state, &read_model, reason).about(answer.order))
                }
                None => Ok(answer),
            },
            Err(error) => Err(problem_mapping::problem(state, &shop, order, error).await),
        }
    }

    /// Slows guests down who send many commands, or whose starts were turned away, since each of those is stored. A retry
    /// of an earlier start passes. `None` for staff, robots and scripts.
    async fn limit_rate<'a>(
        &self,
        who: Actor,
        shop: &'a ShopId,
        command: &Command,
    ) -> Result<Option<LimitedGuest<'a>>, RequestError> {
        let Actor::Guest(guest) = who else { return Ok(None) };
        let (state, now) = (&self.context.state, self.context.state.clock.now());
        let by = LimitedGuest { shop, guest, address: self.context.address };
        state.rate_limits.admit(by, command.order(), now)?;
        if let Command::Start { order, .. } = command
            && let Err(slow_down) = state.rate_limits.check_start(by, now)
            && !state.engine.has_order(shop, *order).await
        {
            return Err(slow_down);
        }
        Ok(Some(by))
    }

    /// The idempotency key as the receipt stores it, prefixed by the actor. A command that begins an order has the
    /// order's id as its key.
    fn idempotency_key(
        &self,
        who: Actor,
        request: &Request,
        key: Option<String>,
    ) -> Result<Option<IdempotencyKey>, RequestError> {
        let in_header = header_key(self.context.headers())?;
        let own = match (self.row.idempotency, request.order()) {
            (Idempotency::Order, Some(order)) => Some(format!("start-{order}")),
            // Forms send empty fields.
            _ => key.filter(|key| !key.is_empty()).or(in_header),
        };
        let Some(own) = own else { return Ok(None) };
        if own.len() > MAX_KEY_BYTES {
            return Err(RequestError::malformed(format!("key: at most {MAX_KEY_BYTES} bytes.")));
        }
        Ok(Some(IdempotencyKey { text: format!("{who}/{own}"), request_hash: self.request_hash }))
    }

    /// Completes the command with what only the server knows: the clock, the menu, the time zones and the code key.
    fn resolve(&self, read_model: &Arc<ReadModel>, request: Request) -> Result<Command, RequestError> {
        let state = &self.context.state;
        match request {
            Request::Command(command) => {
                self.check(&command)?;
                Ok(command)
            }
            Request::PauseFor { reason, minutes } => {
                let end = |minutes: u32| state.clock.now().plus_seconds(minutes.saturating_mul(60));
                Ok(StoreCommand::Pause { reason, until: minutes.map(end) }.into())
            }
            Request::AddToMenu(change) => {
                check_is_new(&read_model.read().state.ordering.bar.menu, &change)?;
                Ok(StoreCommand::ChangeMenu(change).into())
            }
            Request::StartWithCode { order, code } => {
                let (caller, shop) = (&self.context, Some(read_model.shop()));
                code::check_guess_rate(caller, shop, &code)?;
                let Some(window) = code::find_window(state, read_model, &code)? else {
                    code::record_failed_guess(caller, shop, &code);
                    return Err(Kind::CodeUnknown.into());
                };
                Ok(Command::Start { order, source: StartSource::Code { window } })
            }
        }
    }

    /// The command on the condition that its setting is as the form showed it.
    fn if_unchanged(&self, command: Command) -> Command {
        match (command, self.origin.before) {
            (Command::Store(change), Some(before)) => {
                StoreCommand::IfUnchanged { before, change: Box::new(change) }.into()
            }
            (command, _) => command,
        }
    }

    /// Rejects what the domain cannot judge.
    fn check(&self, command: &Command) -> Result<(), RequestError> {
        match command {
            // The domain knows no time zones.
            Command::Store(StoreCommand::ChangeHours(hours)) if !is_known_zone(&hours.zone) => {
                Err(Refusal::InvalidHours(HoursFlaw::ZoneUnknown).into())
            }
            Command::Store(StoreCommand::SwitchExtension { extension, .. })
                if !self.context.state.extension_host.has_extension(extension) =>
            {
                Err(RequestError::malformed("extension: none is called that; the office lists all there are"))
            }
            _ => Ok(()),
        }
    }
}

impl Backend for RequestBackend {
    fn issue(&self, shop: ShopId, input: Input, key: Option<String>) -> AnswerFuture {
        Box::pin(self.clone().put(shop, input, key))
    }
}

/// Rejects a command that the role may not issue, before anything is looked up for it.
///
/// # Errors
/// `role_forbids`; `malformed` for a guest's start without a code, since only robots start without one.
fn check_role(who: Actor, request: &Request) -> Result<(), RequestError> {
    match (who, request) {
        _ if request.may_be_issued_by(who) => Ok(()),
        (Actor::Guest(_), Request::Command(Command::Start { .. })) => {
            Err(RequestError::malformed("code: the one of a scan is missing"))
        }
        _ => Err(Kind::RoleNotAllowed.into()),
    }
}

/// The key in the header `Idempotency-Key`. A client that sends an unusable one relies on a key that it does not have.
///
/// # Errors
/// `malformed` for an empty header, several of them, or other characters than visible ASCII.
fn header_key(headers: &HeaderMap) -> Result<Option<String>, RequestError> {
    let mut lines = headers.get_all("idempotency-key").into_iter();
    let Some(line) = lines.next() else { return Ok(None) };
    let text = line.to_str().ok().filter(|text| !text.trim().is_empty() && lines.next().is_none());
    let refuse = || RequestError::malformed("Idempotency-Key: once, with 1 to 100 visible ASCII characters.");
    text.map(|text| Some(text.to_owned())).ok_or_else(refuse)
}

/// The name to call out, on one line; empty where nothing of it shows.
fn name_to_call(name: &str) -> Result<String, RequestError> {
    let name = to_name(name);
    if name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
        return Err(RequestError::malformed(format!("name: at most {MAX_NAME_CHARS} characters on one line")));
    }
    Ok(name)
}

/// Rejects a new entry whose id belongs to another one. An equal entry passes: it is the same request again.
fn check_is_new(menu: &Menu, change: &MenuChange) -> Result<(), RequestError> {
    let taken = match change {
        MenuChange::PutDrink(new) => menu.drink(&new.id).filter(|old| *old != new).map(|old| &old.id),
        MenuChange::PutGroup(new) => menu.group(&new.id).filter(|old| *old != new).map(|old| &old.id),
        _ => None,
    };
    match taken {
        Some(id) => Err(Refusal::InvalidMenu { what: id.clone(), flaw: MenuFlaw::IdTwice }.into()),
        None => Ok(()),
    }
}
