//! Who asks: the key, the session or the phone behind a request.

use app::api::{AnswerFuture, Ask, Backend};
use app::problem::{Kind, Problem};
use axum::http::{HeaderMap, header};
use domain::access::{Actor, Role};
use domain::answer::Answer;
use domain::command::{Command, Door, StoreCommand};
use domain::event::Recorded;
use domain::hours;
use domain::ids::{GuestId, OrderId, ShopId};
use domain::menu::Menu;
use domain::menu::change::{Flaw, MenuChange};
use domain::redact::Audience;
use domain::refusal::Refusal;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use uuid::Uuid;

use crate::clock::is_zone;
use crate::engine::{CommandRequest, IdempotencyKey};
use crate::identity::cookie;
use crate::identity::device::Device;
use crate::identity::passes::Pass;
use crate::identity::secret::{self, Secret};
use crate::push::ReadModel;
use crate::web::{AppState, code};

mod problem_mapping;

/// The longest name that is called out, in characters.
const NAME_LIMIT: usize = 30;

/// A day: whoever wants more closes the shop.
const LONGEST_PAUSE_MINUTES: u32 = 24 * 60;

/// The longest key, in bytes.
const KEY_LIMIT: usize = 100;

/// One request's asker.
#[derive(Clone)]
pub(super) struct RequestContext {
    state: Arc<AppState>,
    headers: Arc<HeaderMap>,
}

impl RequestContext {
    pub(super) fn new(state: Arc<AppState>, headers: &HeaderMap) -> Self {
        Self { state, headers: Arc::new(headers.clone()) }
    }

    /// A script's key, rather than a browser's cookies.
    pub(super) fn has_bearer(headers: &HeaderMap) -> bool {
        headers.contains_key(header::AUTHORIZATION)
    }

    /// The pass for this shop: the key given, or the session of the first of `roles` this browser holds.
    ///
    /// # Errors
    /// A key that is none, or is for another shop.
    pub(super) async fn pass(&self, shop: &ShopId, roles: &[Role]) -> Result<Option<Pass>, Problem> {
        if let Some(value) = self.headers.get(header::AUTHORIZATION) {
            let token = value.to_str().ok().and_then(|value| value.strip_prefix("Bearer "));
            let token = token.and_then(|token| token.trim().parse().ok()).ok_or(Kind::TokenInvalid)?;
            let pass = self.find(&token, secret::Kind::Token).await?.ok_or(Kind::TokenInvalid)?;
            return if pass.shop == *shop { Ok(Some(pass)) } else { Err(Kind::RoleForbids.into()) };
        }
        for role in roles {
            let session = self.cookie(&session_cookie(shop, *role)).and_then(|text| text.parse().ok());
            let Some(session) = session else { continue };
            let pass = self.find(&session, secret::Kind::Session).await?;
            if let Some(pass) = pass.filter(|pass| pass.shop == *shop && pass.role == *role) {
                return Ok(Some(pass));
            }
        }
        Ok(None)
    }

    /// The guest this browser is at the shop, once it has scanned.
    pub(super) fn guest(&self, shop: &ShopId) -> Option<GuestId> {
        let device = Device::from_cookies(self.cookies())?;
        let keys = self.state.keys.shop(shop).ok()?;
        Some(device.guest(keys.guests()))
    }

    /// Whose orders are this asker's own: the phone's guest, or the guest that a robot's key is.
    ///
    /// # Errors
    /// A phone that is not known, a key that is none, or one of another role.
    pub(super) async fn as_guest(&self, shop: &ShopId) -> Result<GuestId, Problem> {
        if !Self::has_bearer(&self.headers) {
            return self.guest(shop).ok_or_else(|| Kind::DeviceUnknown.into());
        }
        let pass = self.pass(shop, &[]).await?.ok_or(Kind::TokenInvalid)?;
        Actor::Credential(pass.holder, pass.role).guest().ok_or_else(|| Kind::RoleForbids.into())
    }

    /// All events of an order, and how much of them this asker may see: the bar everything, its guest what is theirs.
    ///
    /// # Errors
    /// No such order, somebody else's, or one who is not known.
    pub(super) async fn story(&self, shop: &ShopId, order: OrderId) -> Result<(Audience, Vec<Recorded>), Problem> {
        let guest = match self.pass(shop, &[Role::Barista, Role::Manager]).await? {
            Some(pass) if pass.role.is_staff() => None,
            _ => Some(self.as_guest(shop).await?),
        };
        let found = self.state.engine.order(shop, order).await.map_err(|error| {
            tracing::error!(%shop, error = &error as &dyn std::error::Error, "an order cannot be read");
            Problem::from(Kind::Busy)
        })?;
        let (owner, events) = found.ok_or(Kind::OrderUnknown)?;
        match guest {
            None => Ok((Audience::Staff, events)),
            Some(guest) if guest == owner => Ok((Audience::Owner, events)),
            Some(_) => Err(Kind::OrderAnothers.into()),
        }
    }

    async fn find(&self, secret: &Secret, kind: secret::Kind) -> Result<Option<Pass>, Problem> {
        let found = self.state.passes.find(secret, self.state.clock.now()).await;
        let found = found.map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "passes cannot be read");
            Problem::from(Kind::Busy)
        })?;
        Ok(found.filter(|pass| pass.kind == kind))
    }

    fn cookies(&self) -> &str {
        self.headers.get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    fn cookie(&self, name: &str) -> Option<&str> {
        cookie::value(self.cookies(), name)
    }

    /// In whose name the browser or script asks this: one browser can be a guest's and a barista's at once.
    async fn who(&self, shop: &ShopId, ask: &Ask) -> Result<Actor, Problem> {
        let holder = |pass: Pass| Actor::Credential(pass.holder, pass.role);
        let is_script = Self::has_bearer(&self.headers);
        let guest = if is_script { None } else { self.guest(shop) };
        let guest = match ask {
            Ask::Act { order, .. } | Ask::Edit { order, .. } if is_for_guests(ask) => {
                guest.filter(|guest| self.owns(shop, *guest, *order))
            }
            _ => guest.filter(|_| is_for_guests(ask)),
        };
        if let Some(guest) = guest {
            return Ok(Actor::Guest(guest));
        }
        let roles = match ask {
            // Only the manager may; whoever holds both asks as that.
            Ask::ChangeLimits(_)
            | Ask::ChangeHours(_)
            | Ask::ChangeMenu(_)
            | Ask::AddToMenu(_)
            | Ask::SwitchExtension { .. }
            | Ask::StopOrders => [Role::Manager, Role::Barista, Role::Display],
            _ => [Role::Barista, Role::Manager, Role::Display],
        };
        match self.pass(shop, &roles).await? {
            Some(pass) => Ok(holder(pass)),
            None => match (self.guest(shop), ask) {
                (Some(guest), _) => Ok(Actor::Guest(guest)),
                (None, ask) if is_for_guests(ask) => Err(Kind::DeviceUnknown.into()),
                (None, _) => Err(Kind::SignedOut.into()),
            },
        }
    }

    fn owns(&self, shop: &ShopId, guest: GuestId, order: OrderId) -> bool {
        self.state.engine.room(shop).is_some_and(|room| room.seen().state.owner(order) == Some(guest))
    }

    async fn put(self, shop: ShopId, ask: Ask, key: Option<String>) -> Result<Answer, Problem> {
        let room = self.state.engine.room(&shop).ok_or(Kind::ShopUnknown)?;
        let who = self.who(&shop, &ask).await?;
        let order = order_of(&ask);
        let key = self.key(who, &ask, key)?;
        let (command, name) = self.command(who, &room, ask)?;
        self.patience(who, &shop, &command).await?;
        let asked = CommandRequest { who, command, key, name };
        let reply = self.state.engine.ask(&shop, asked).await.ok_or(Kind::ShopUnknown)?;
        match reply {
            Ok(answer) => match answer.unavailable {
                // Recorded, and yet a no: the answer says which.
                Some(reason) => {
                    if let Actor::Guest(guest) = who {
                        self.state.rate_limits.turned_away.failed_again(guest, self.state.clock.now());
                    }
                    let free_by = room.seen().state.shop.place_free_by();
                    Err(problem_mapping::unavailable(reason, self.state.clock.now(), free_by).about(answer.order))
                }
                None => Ok(answer),
            },
            Err(refused) => Err(self.problem(&shop, order, refused).await),
        }
    }

    /// Each start at a door that does not open is written down: whoever was turned away thrice in a minute waits, unless
    /// it is an old start sent again.
    async fn patience(&self, who: Actor, shop: &ShopId, command: &Command) -> Result<(), Problem> {
        let (Actor::Guest(guest), Command::Start { order, .. }) = (who, command) else { return Ok(()) };
        match self.state.rate_limits.turned_away.wait(&guest, self.state.clock.now()) {
            Some(seconds) if !self.state.engine.knows(shop, *order).await => {
                Err(Problem::from(Kind::SlowDown).retry_after(seconds))
            }
            _ => Ok(()),
        }
    }

    /// The key as the log keeps it: each asker has its own names for requests. A start is its own key.
    fn key(&self, who: Actor, ask: &Ask, key: Option<String>) -> Result<Option<IdempotencyKey>, Problem> {
        let header = self.headers.get("idempotency-key").and_then(|value| value.to_str().ok());
        let own = match ask {
            Ask::Start { order, .. } | Ask::WalkIn { order, .. } => Some(format!("start-{order}")),
            _ => key.filter(|key| !key.is_empty()).or_else(|| header.map(str::to_owned)),
        };
        let Some(own) = own else { return Ok(None) };
        if own.len() > KEY_LIMIT {
            return Err(Problem::malformed(format!("key: at most {KEY_LIMIT} bytes")));
        }
        let body = serde_json::to_vec(ask).map_err(|_| Kind::Broken)?;
        Ok(Some(IdempotencyKey { text: format!("{who}/{own}"), body: Sha256::digest(body).into() }))
    }

    /// What the request asks of the domain, and the name that stays beside it.
    fn command(&self, who: Actor, room: &ReadModel, ask: Ask) -> Result<(Command, Option<String>), Problem> {
        let store = |command: StoreCommand| Ok((command.into(), None));
        let command = match ask {
            Ask::OpenStore { hold } => return store(StoreCommand::Open { hold }),
            Ask::CloseStore { hold } => return store(StoreCommand::Close { hold }),
            Ask::PauseStore { reason, minutes } => {
                let now = self.state.clock.now();
                let until = minutes
                    .filter(|minutes| *minutes > 0)
                    .map(|minutes| now.plus_seconds(minutes.min(LONGEST_PAUSE_MINUTES) * 60));
                return store(StoreCommand::Pause { reason, until });
            }
            Ask::ResumeStore => return store(StoreCommand::Resume),
            Ask::ChangeLimits(change) => return store(StoreCommand::ChangeLimits(change)),
            // The domain knows no zones.
            Ask::ChangeHours(hours) if !is_zone(&hours.zone) => {
                let refusal = Refusal::HoursAreWrong(hours::Flaw::ZoneUnknown);
                return Err(Problem { detail: problem_mapping::sentence(&refusal), ..Kind::from(&refusal).into() });
            }
            Ask::ChangeHours(hours) => return store(StoreCommand::ChangeHours(hours)),
            Ask::AddToMenu(change) => {
                added(&room.seen().state.ordering.bar.menu, &change)?;
                return store(StoreCommand::ChangeMenu(change));
            }
            Ask::ChangeMenu(change) => return store(StoreCommand::ChangeMenu(change)),
            Ask::ChangeAvailability { thing, available } => {
                return store(StoreCommand::ChangeAvailability { thing, available });
            }
            Ask::SwitchExtension { extension, .. } if !self.state.extension_host.knows(&extension) => {
                return Err(Problem::malformed("extension: none is called that; the office lists all there are"));
            }
            Ask::SwitchExtension { extension, on } => return store(StoreCommand::SwitchExtension { extension, on }),
            Ask::StopOrders => Command::StopOrders,
            // A phone that brings no code has none that is good; only robots have a door without.
            Ask::Start { code: None, .. } if matches!(who, Actor::Guest(_)) => {
                return Err(Problem::malformed("code: the one of a scan is missing"));
            }
            Ask::Start { order, code: None } => Command::Start { order, door: Door::Robot },
            Ask::Start { order, code: Some(code) } => {
                let Some(window) = code::found(&self.state, &self.headers, room, &code)? else {
                    code::guessed(&self.state, &self.headers, &code);
                    return Err(Kind::CodeUnknown.into());
                };
                Command::Start { order, door: Door::Code { window } }
            }
            Ask::Submit { order, choice, name } => return Ok((Command::Submit { order, choice }, called(name)?)),
            Ask::WalkIn { order, choice, name } => return Ok((Command::WalkIn { order, choice }, called(name)?)),
            Ask::Edit { order, choice, name, version } => {
                return Ok((Command::Edit { order, choice, version }, called(name)?));
            }
            Ask::Act { order, action, reason, version } => Command::Act { order, action, reason, version },
        };
        Ok((command, None))
    }
}

impl Backend for RequestContext {
    fn ask(&self, shop: ShopId, ask: Ask, key: Option<String>) -> AnswerFuture {
        Box::pin(self.clone().put(shop, ask, key))
    }
}

/// The cookie of a session: a browser can be a display and a barista's tablet at once.
pub(super) fn session_cookie(shop: &ShopId, role: Role) -> String {
    format!("crema_{shop}_{role}")
}

/// The name to call out, or none; nothing a screen could not show on one line.
fn called(name: Option<String>) -> Result<Option<String>, Problem> {
    let name = name.unwrap_or_default();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.chars().count() > NAME_LIMIT || name.chars().any(char::is_control) {
        return Err(Problem::malformed(format!("name: at most {NAME_LIMIT} characters on one line")));
    }
    Ok((!name.is_empty()).then_some(name))
}

/// Whether guests may ask this at all.
fn is_for_guests(ask: &Ask) -> bool {
    let somebody = Actor::Guest(GuestId(Uuid::nil()));
    match *ask {
        Ask::Start { .. } | Ask::Submit { .. } | Ask::Edit { .. } => true,
        Ask::Act { order, action, .. } => {
            somebody.may_issue(&Command::Act { order, action, reason: None, version: None })
        }
        _ => false,
    }
}

fn order_of(ask: &Ask) -> Option<OrderId> {
    match ask {
        Ask::Start { order, .. }
        | Ask::WalkIn { order, .. }
        | Ask::Submit { order, .. }
        | Ask::Edit { order, .. }
        | Ask::Act { order, .. } => Some(*order),
        _ => None,
    }
}

/// Whoever adds something must not take the place of what is there. The same once more is a second tap.
fn added(menu: &Menu, change: &MenuChange) -> Result<(), Problem> {
    let taken = match change {
        MenuChange::PutDrink(new) => menu.drink(&new.id).filter(|old| *old != new).map(|old| &old.id),
        MenuChange::PutGroup(new) => menu.group(&new.id).filter(|old| *old != new).map(|old| &old.id),
        _ => None,
    };
    let Some(id) = taken else { return Ok(()) };
    let refusal = Refusal::MenuIsWrong { what: id.clone(), flaw: Flaw::IdTwice };
    Err(Problem { detail: problem_mapping::sentence(&refusal), ..Kind::from(&refusal).into() })
}
