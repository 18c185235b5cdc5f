//! Request context: the bearer token, the sessions and the device behind a request.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use domain::access::{Actor, Role};
use domain::event::Recorded;
use domain::ids::{GuestId, OrderId, ShopId};
use domain::redact::Audience;
use engine::error_field;
use protocol::command::Request;
use protocol::problem::{Kind, RequestError};
use uuid::Uuid;

use crate::identity::cookie;
use crate::identity::device::{Device, DeviceCookie};
use crate::identity::passes::Pass;
use crate::identity::secret::{self, Secret};
use crate::web::client_address::{ClientAddress, client_address, peer};
use crate::web::commands::Side;
use crate::web::{AppState, request_headers};

/// The roles that a browser may hold sessions of, the strongest first.
const SESSION_ROLES: [Role; 3] = [Role::Manager, Role::Barista, Role::Display];

/// Cookies of one name that are looked up. A browser may hold an older one of another path or domain.
pub(super) const MAX_COOKIES_PER_NAME: usize = 4;

/// The credentials of one request.
#[derive(Clone)]
pub(super) struct RequestContext {
    pub(super) state: Arc<AppState>,
    /// Address of the client, if it is known.
    pub(super) address: Option<ClientAddress>,
    headers: Arc<HeaderMap>,
}

impl FromRequestParts<Arc<AppState>> for RequestContext {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<AppState>) -> Result<Self, Infallible> {
        Ok(Self::new(Arc::clone(state), parts))
    }
}

impl RequestContext {
    pub(super) fn new(state: Arc<AppState>, parts: &Parts) -> Self {
        let address = client_address(&parts.extensions, &parts.headers, &state.proxies);
        state.notices.check_proxy(peer(&parts.extensions), &parts.headers, state.public_url.as_ref(), &state.proxies);
        Self { state, address, headers: Arc::new(parts.headers.clone()) }
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Whether the request carries a script's bearer token rather than a browser's cookies.
    pub(super) fn has_bearer(headers: &HeaderMap) -> bool {
        request_headers::bearer(headers).is_some()
    }

    /// The pass for this shop: that of the bearer token, or of the strongest session with one of `roles` that this
    /// browser holds.
    ///
    /// # Errors
    /// `token_invalid` for an unknown token, `role_forbids` for a token of another shop.
    pub(super) async fn pass(&self, shop: &ShopId, roles: &[Role]) -> Result<Option<Pass>, RequestError> {
        if let Some(token) = request_headers::bearer(&self.headers) {
            let token = token.parse().map_err(|_| Kind::TokenInvalid)?;
            let pass = self.find(&token, secret::SecretKind::Token).await?.ok_or(Kind::TokenInvalid)?;
            return if pass.shop == *shop { Ok(Some(pass)) } else { Err(Kind::RoleNotAllowed.into()) };
        }
        for role in SESSION_ROLES.into_iter().filter(|role| roles.contains(role)) {
            let pass = self.session(shop, role).await?;
            if pass.is_some() {
                return Ok(pass);
            }
        }
        Ok(None)
    }

    async fn session(&self, shop: &ShopId, role: Role) -> Result<Option<Pass>, RequestError> {
        let name = session_cookie(shop, role);
        let sessions = cookie::values(&self.headers, &name).filter_map(|text| text.parse().ok());
        for session in sessions.take(MAX_COOKIES_PER_NAME) {
            let pass = self.find(&session, secret::SecretKind::Session).await?;
            if let Some(pass) = pass.filter(|pass| pass.shop == *shop && pass.role == role) {
                return Ok(Some(pass));
            }
        }
        Ok(None)
    }

    /// The actor that issues a command. A guest's own order belongs to the guest, whatever else this browser is signed
    /// in as, unless the form is of the staff's side; otherwise the strongest session acts whose role may issue the
    /// command.
    ///
    /// # Errors
    /// `token_invalid` or `role_forbids` for the bearer token; `device_unknown` or `signed_out` without any session.
    pub(super) async fn actor(&self, shop: &ShopId, side: Side, request: &Request) -> Result<Actor, RequestError> {
        let credential = |pass: Pass| Actor::Credential(pass.holder, pass.role);
        if Self::has_bearer(&self.headers) {
            let pass = self.pass(shop, &[]).await?.ok_or(Kind::TokenInvalid)?;
            return Ok(credential(pass));
        }
        let guest = self.guest(shop);
        let is_for_guests = is_for_guests(request);
        let is_own = |guest: &GuestId| match request.order() {
            Some(order) if request.changes_an_order() => self.owns(shop, *guest, order),
            _ => true,
        };
        if let Some(guest) = guest.filter(|guest| side == Side::Guest && is_for_guests && is_own(guest)) {
            return Ok(Actor::Guest(guest));
        }
        let mut strongest = None;
        for role in SESSION_ROLES {
            let Some(pass) = self.session(shop, role).await? else { continue };
            let actor = credential(pass);
            if request.may_be_issued_by(actor) {
                return Ok(actor);
            }
            strongest = strongest.or(Some(actor));
        }
        match strongest.or(guest.map(Actor::Guest)) {
            Some(actor) => Ok(actor),
            None if is_for_guests => Err(Kind::DeviceUnknown.into()),
            None => Err(Kind::SignedOut.into()),
        }
    }

    /// The guest id of this browser at the shop. `None` before its first scan.
    ///
    /// A device without a proof is nobody, so that forged cookies are no new guests. Cookies of earlier versions have no
    /// proof: they count while the guest has an open order, which no forged one has.
    pub(super) fn guest(&self, shop: &ShopId) -> Option<GuestId> {
        let cookie = DeviceCookie::from_headers(&self.headers)?;
        let keys = self.state.keys.shop(shop).ok()?;
        let guest = cookie.device.guest(keys.guests());
        (self.is_proven(&cookie) || self.has_open_order(shop, guest)).then_some(guest)
    }

    /// The device of this browser, if a shop has issued it.
    pub(super) fn device(&self) -> Option<Device> {
        DeviceCookie::from_headers(&self.headers).filter(|cookie| self.is_proven(cookie)).map(|cookie| cookie.device)
    }

    /// The `Set-Cookie` header that makes this browser a device of the shop; `None` if it is one already. A device
    /// without a proof keeps its secret, and with it its orders.
    pub(super) fn new_device_cookie(&self, shop: &ShopId) -> Option<String> {
        let known = DeviceCookie::from_headers(&self.headers);
        if known.as_ref().is_some_and(|cookie| self.is_proven(cookie)) {
            return None;
        }
        let device = known.map_or_else(Device::generate, |cookie| cookie.device);
        let keys = self.state.keys.shop(shop).ok()?;
        Some(device.set_cookie(shop, keys.guests(), self.state.is_secure()))
    }

    fn is_proven(&self, cookie: &DeviceCookie) -> bool {
        // The key folder creates the key of a shop that it does not know.
        let issuer = cookie.issuer().filter(|shop| self.state.engine.read_model(shop).is_some());
        let keys = issuer.and_then(|shop| self.state.keys.shop(shop).ok());
        keys.is_some_and(|keys| cookie.is_proven(keys.guests()))
    }

    fn has_open_order(&self, shop: &ShopId, guest: GuestId) -> bool {
        let read_model = self.state.engine.read_model(shop);
        read_model.is_some_and(|read_model| !read_model.read().state.orders_of(guest).is_empty())
    }

    /// The guest id under which the caller orders: that of the phone, or that of a robot's bearer token.
    ///
    /// # Errors
    /// `device_unknown` without a device, `token_invalid` for an unknown token, `role_forbids` for one of another role.
    pub(super) async fn as_guest(&self, shop: &ShopId) -> Result<GuestId, RequestError> {
        if !Self::has_bearer(&self.headers) {
            return self.guest(shop).ok_or_else(|| Kind::DeviceUnknown.into());
        }
        let pass = self.pass(shop, &[]).await?.ok_or(Kind::TokenInvalid)?;
        Actor::Credential(pass.holder, pass.role).guest().ok_or_else(|| Kind::RoleNotAllowed.into())
    }

    /// All events of an order, with the audience that the caller belongs to: staff, or the order's guest.
    ///
    /// # Errors
    /// `order_unknown`, `order_anothers`, and those of [`Self::as_guest`].
    pub(super) async fn order_events(
        &self,
        shop: &ShopId,
        order: OrderId,
    ) -> Result<(Audience, Vec<Recorded>), RequestError> {
        let guest = match self.pass(shop, &[Role::Barista, Role::Manager]).await? {
            Some(pass) if pass.role.is_staff() => None,
            _ => Some(self.as_guest(shop).await?),
        };
        let found = self.state.engine.find_order(shop, order).await.map_err(|error| {
            tracing::error!(%shop, error = error_field(&error), "an order cannot be read");
            RequestError::from(Kind::Busy)
        })?;
        let (owner, events) = found.ok_or(Kind::OrderUnknown)?;
        match guest {
            None => Ok((Audience::Staff, events)),
            Some(guest) if guest == owner => Ok((Audience::Owner, events)),
            Some(_) => Err(Kind::OrderAnothers.into()),
        }
    }

    async fn find(&self, secret: &Secret, kind: secret::SecretKind) -> Result<Option<Pass>, RequestError> {
        let found = self.state.passes.find(secret, self.state.clock.now()).await;
        let found = found.map_err(|error| {
            tracing::error!(error = error_field(&error), "passes cannot be read");
            RequestError::from(Kind::Busy)
        })?;
        Ok(found.filter(|pass| pass.kind == kind))
    }

    fn owns(&self, shop: &ShopId, guest: GuestId, order: OrderId) -> bool {
        self.state.engine.read_model(shop).is_some_and(|read_model| read_model.read().state.owner(order) == Some(guest))
    }
}

/// The cookie of a session: a browser can be a display and a barista's tablet at once.
pub(super) fn session_cookie(shop: &ShopId, role: Role) -> String {
    format!("crema_{shop}_{role}")
}

/// Whether guests may issue such a command. A start without a code counts: the guest has lost the code.
fn is_for_guests(request: &Request) -> bool {
    let is_start = matches!(request, Request::Command(domain::command::Command::Start { .. }));
    is_start || request.may_be_issued_by(Actor::Guest(GuestId(Uuid::nil())))
}
