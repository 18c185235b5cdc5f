//! Readers of a shop's views: authorization, snapshots and ephemeral values.

use axum::extract::Path;
use axum::response::Response;
use domain::access::Role;
use domain::ids::{GuestId, OrderId, ShopId, StaffId};
use domain::redact::Topic;
use domain::view::Screen;
use domain::view::ordering::{GuestOrder, Ordering};
use engine::error_field;
use engine::read_model::{ReadModel, ReadState};
use protocol::frame::{EphemeralValues, Snapshot};
use protocol::problem::{Kind, RequestError};
use serde::Serialize;

use crate::web::AppState;
use crate::web::context::RequestContext;
use crate::web::pins::PinnedPage;
use crate::web::shop_context::ShopContext;

/// An authorized reader of one view.
#[derive(Clone, Debug)]
pub(super) enum Reader {
    /// A phone. Without a guest it sees only public data. `last` is the order that ended last and its position.
    Ordering {
        guest: Option<GuestId>,
        last: Option<Box<(GuestOrder, u64)>>,
        /// The guest's open orders when `last` was loaded.
        open: Vec<OrderId>,
    },
    Display,
    Barista {
        me: StaffId,
    },
}

/// Body of `snapshot` frames and of `/view/…` responses.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum AnySnapshot {
    Ordering(Snapshot<Ordering>),
    Display(Snapshot<domain::view::display::Display>),
    Barista(Snapshot<domain::view::barista::Barista>),
}

impl Reader {
    /// Authorizes the caller for a view of a shop.
    ///
    /// # Errors
    /// The caller has no sufficient role, or the store is unavailable.
    pub(super) async fn authorize(
        caller: &RequestContext,
        read_model: &ReadModel,
        screen: Screen,
    ) -> Result<Self, RequestError> {
        let shop = read_model.shop();
        Ok(match screen {
            Screen::Ordering => {
                let reader = Self::ordering_reader(&caller.state, read_model, caller.guest(shop)).await?;
                let is_outdated = reader.lacks_last_order(&read_model.read());
                if is_outdated { reader.refreshed(&caller.state, read_model).await? } else { reader }
            }
            Screen::Display => {
                require_role(caller, shop, &[Role::Display, Role::Barista, Role::Manager]).await?;
                Self::Display
            }
            Screen::Barista => Self::Barista { me: require_role(caller, shop, &[Role::Barista, Role::Manager]).await? },
        })
    }

    /// The same reader with a reloaded last order.
    ///
    /// # Errors
    /// [`Kind::Busy`] if the store is unavailable.
    pub(super) async fn refreshed(&self, state: &AppState, read_model: &ReadModel) -> Result<Self, RequestError> {
        match self {
            Self::Ordering { guest, .. } => Self::ordering_reader(state, read_model, *guest).await,
            Self::Display | Self::Barista { .. } => Ok(self.clone()),
        }
    }

    /// Loads the order that ended last from the log: the read model has only open ones.
    async fn ordering_reader(
        state: &AppState,
        read_model: &ReadModel,
        guest: Option<GuestId>,
    ) -> Result<Self, RequestError> {
        let shop = read_model.shop();
        let open = guest.map(|guest| open_orders(&read_model.read(), guest)).unwrap_or_default();
        let last = match guest {
            Some(guest) => {
                match state.engine.last_ended_order_of(shop, guest, &open).await {
                    Ok(last) => last,
                    Err(error) => {
                        tracing::error!(%shop, error = error_field(&error), "order query failed");
                        // Open orders are in memory, and they matter more.
                        if open.is_empty() {
                            return Err(Kind::Busy.into());
                        }
                        None
                    }
                }
            }
            None => None,
        };
        Ok(Self::Ordering { guest, last: last.map(Box::new), open })
    }

    /// Whether an order of the guest may have ended while the last one was loaded: one that was open is not, or the guest
    /// has none at all.
    fn lacks_last_order(&self, read_state: &ReadState) -> bool {
        let Self::Ordering { guest: Some(guest), last, open } = self else { return false };
        let still_open = open_orders(read_state, *guest);
        open.iter().any(|order| !still_open.contains(order)) || last.is_none() && still_open.is_empty()
    }

    /// The topic of this reader's first frame per event. Guests also get [`Topic::Order`] frames.
    pub(super) fn topic(&self) -> Topic {
        match self {
            Self::Ordering { .. } | Self::Display => Topic::Public,
            Self::Barista { .. } => Topic::Staff,
        }
    }

    /// Whether this view shows the rotating code.
    pub(super) fn shows_code(&self) -> bool {
        matches!(self, Self::Display | Self::Barista { .. })
    }

    pub(super) fn guest(&self) -> Option<GuestId> {
        match self {
            Self::Ordering { guest, .. } => *guest,
            Self::Display | Self::Barista { .. } => None,
        }
    }

    /// The reader's current snapshot.
    pub(super) fn snapshot(&self, state: &AppState, read_state: &ReadState) -> AnySnapshot {
        match self {
            Self::Ordering { guest, last, .. } => {
                AnySnapshot::Ordering(ordering_snapshot(state, read_state, *guest, last.as_deref()))
            }
            Self::Display => AnySnapshot::Display(snapshot_of(
                state,
                read_state,
                read_state.state.last_public,
                read_state.state.display.clone(),
            )),
            Self::Barista { .. } => AnySnapshot::Barista(barista_snapshot(state, read_state)),
        }
    }

    /// The screen kind that extensions address pins to.
    pub(super) fn screen(&self) -> Screen {
        match self {
            Self::Ordering { .. } => Screen::Ordering,
            Self::Display => Screen::Display,
            Self::Barista { .. } => Screen::Barista,
        }
    }

    /// The order names and pins that this reader may see. `code` is unset.
    pub(super) fn ephemeral_values(&self, page: PinnedPage<'_>, read_state: &ReadState) -> EphemeralValues {
        let state = &read_state.state;
        let is_own = |order| self.guest().is_some() && state.owner(order) == self.guest();
        let names = state.names.iter().filter(|(order, _)| match self {
            Self::Barista { .. } => true,
            Self::Ordering { .. } => is_own(**order),
            Self::Display => false,
        });
        EphemeralValues {
            code: None,
            names: names.map(|(order, name)| (*order, name.to_string())).collect(),
            pins: page.pins(&state.pins, self.screen()),
        }
    }
}

/// Returns the holder of a pass with one of these roles.
///
/// # Errors
/// [`Kind::RoleNotAllowed`] for another role or a guest, [`Kind::SignedOut`] for an unknown client.
pub(super) async fn require_role(
    context: &RequestContext,
    shop: &ShopId,
    roles: &[Role],
) -> Result<StaffId, RequestError> {
    match context.pass(shop, roles).await? {
        Some(pass) if roles.contains(&pass.role) => Ok(pass.holder),
        Some(_) => Err(Kind::RoleNotAllowed.into()),
        // A guest is authenticated but lacks the role.
        None if context.guest(shop).is_some() => Err(Kind::RoleNotAllowed.into()),
        None => Err(Kind::SignedOut.into()),
    }
}

pub(super) fn ordering_snapshot(
    state: &AppState,
    read_state: &ReadState,
    guest: Option<GuestId>,
    last: Option<&(GuestOrder, u64)>,
) -> Snapshot<Ordering> {
    let mut own_orders = guest.map(|guest| read_state.state.orders_of(guest)).unwrap_or_default();
    own_orders.extend(last.iter().map(|(order, position)| (order, *position)));
    let mut view = read_state.state.ordering.clone();
    view.set_orders(own_orders.iter().map(|(order, _)| (*order).clone()));
    let mut snapshot = snapshot_of(state, read_state, read_state.state.last_public, view);
    snapshot.topics.extend(own_orders.iter().map(|(order, position)| (Topic::Order(order.order), *position)));
    snapshot
}

pub(super) fn barista_snapshot(state: &AppState, read_state: &ReadState) -> Snapshot<domain::view::barista::Barista> {
    let mut snapshot = snapshot_of(state, read_state, 0, read_state.state.barista.clone());
    snapshot.topics = [(Topic::Staff, read_state.state.last_staff)].into();
    snapshot
}

pub(super) fn snapshot_of<V>(state: &AppState, read_state: &ReadState, last_public: u64, view: V) -> Snapshot<V> {
    Snapshot {
        cursor: read_state.state.cursor().to_string(),
        now: state.clock.now(),
        topics: [(Topic::Public, last_public)].into(),
        view,
    }
}

/// `GET /s/{shop}/view/{view}`: the snapshot once, as JSON.
pub(super) async fn view(request: ShopContext, Path((_, view)): Path<(String, String)>) -> Response {
    let snapshot = async {
        let reader = request.authorize_named(&view).await?;
        Ok(reader.snapshot(request.state(), &request.read_model.read()))
    };
    request.respond(snapshot.await)
}

fn open_orders(read_state: &ReadState, guest: GuestId) -> Vec<OrderId> {
    read_state.state.orders_of(guest).into_iter().map(|(order, _)| order.order).collect()
}
