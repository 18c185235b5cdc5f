//! What a reader may see of a shop: which view, as whom, and the snapshot to begin from.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use domain::access::Role;
use domain::extension::pin::Screen;
use domain::ids::{GuestId, ShopId, StaffId};
use domain::redact::Topic;
use domain::view::ordering::{MyOrder, Ordering};
use protocol::frame::{EphemeralValues, Snapshot};
use protocol::problem::{Kind, Problem};
use serde::Serialize;

use crate::push::{ReadModel, ReadState};
use crate::web::context::RequestContext;
use crate::web::{AppState, pins, refuse};

/// A view with the right to it.
#[derive(Clone, Debug)]
pub(super) enum Reader {
    /// A phone; without a guest it sees the public part.
    Ordering {
        guest: Option<GuestId>,
        last: Option<Box<(MyOrder, u64)>>,
    },
    Display,
    Barista {
        me: StaffId,
    },
}

/// The body of `snapshot` frames and of `/view/…`, whichever the view.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum AnySnapshot {
    Ordering(Snapshot<Ordering>),
    Display(Snapshot<domain::view::display::Display>),
    Barista(Snapshot<domain::view::barista::Barista>),
}

impl Reader {
    /// Who reads which view of a shop.
    ///
    /// # Errors
    /// No such shop or view, or no right to it.
    pub(super) async fn of(
        state: &Arc<AppState>,
        headers: &HeaderMap,
        shop: &str,
        view: &str,
    ) -> Result<(Arc<ReadModel>, Self), Problem> {
        let shop: ShopId = shop.parse().map_err(|_| Kind::ShopUnknown)?;
        let room = state.engine.room(&shop).ok_or(Kind::ShopUnknown)?;
        let context = RequestContext::new(Arc::clone(state), headers);
        let reader = match view {
            "ordering" => Self::phone(state, &room, context.guest(&shop)).await?,
            "display" => {
                allowed(&context, &shop, &[Role::Display, Role::Barista, Role::Manager]).await?;
                Self::Display
            }
            "barista" => Self::Barista { me: allowed(&context, &shop, &[Role::Barista, Role::Manager]).await? },
            _ => return Err(Kind::PageUnknown.into()),
        };
        Ok((room, reader))
    }

    /// The same reader as of now.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(super) async fn again(&self, state: &AppState, room: &ReadModel) -> Result<Self, Problem> {
        match self {
            Self::Ordering { guest, .. } => Self::phone(state, room, *guest).await,
            Self::Display | Self::Barista { .. } => Ok(self.clone()),
        }
    }

    /// A guest without an open order is shown the last one, which only the log still has.
    async fn phone(state: &AppState, room: &ReadModel, guest: Option<GuestId>) -> Result<Self, Problem> {
        let shop = room.shop();
        let has_open = |guest: &GuestId| !room.seen().state.orders_of(*guest).is_empty();
        let last = match guest {
            Some(guest) if !has_open(&guest) => state.engine.last_order_of(shop, guest).await.map_err(|error| {
                tracing::error!(%shop, error = &error as &dyn std::error::Error, "an order cannot be read");
                Problem::from(Kind::Busy)
            })?,
            _ => None,
        };
        Ok(Self::Ordering { guest, last: last.map(Box::new) })
    }

    pub(super) fn topic(&self) -> Topic {
        match self {
            Self::Ordering { .. } | Self::Display => Topic::Public,
            Self::Barista { .. } => Topic::Staff,
        }
    }

    /// Screens behind and above the bar show the code to scan.
    pub(super) fn shows_code(&self) -> bool {
        matches!(self, Self::Display | Self::Barista { .. })
    }

    pub(super) fn guest(&self) -> Option<GuestId> {
        match self {
            Self::Ordering { guest, .. } => *guest,
            Self::Display | Self::Barista { .. } => None,
        }
    }

    pub(super) fn snapshot(&self, state: &AppState, seen: &ReadState) -> AnySnapshot {
        match self {
            Self::Ordering { guest, last } => AnySnapshot::Ordering(ordering(state, seen, *guest, last.as_deref())),
            Self::Display => AnySnapshot::Display(of(state, seen, seen.state.last_public, seen.state.display.clone())),
            Self::Barista { .. } => AnySnapshot::Barista(barista(state, seen)),
        }
    }

    /// The kind of screen it is, to extensions.
    pub(super) fn screen(&self) -> Screen {
        match self {
            Self::Ordering { .. } => Screen::Ordering,
            Self::Display => Screen::Display,
            Self::Barista { .. } => Screen::Barista,
        }
    }

    /// The names this reader may call out or be called by, and what extensions have pinned to its screen.
    pub(super) fn asides(&self, app: &AppState, seen: &ReadState, shop: &ShopId) -> EphemeralValues {
        let state = &seen.state;
        let mine = |order| self.guest().is_some() && state.owner(order) == self.guest();
        let names = state.names.iter().filter(|(order, _)| match self {
            Self::Barista { .. } => true,
            Self::Ordering { .. } => mine(**order),
            Self::Display => false,
        });
        EphemeralValues {
            code: None,
            names: names.map(|(order, name)| (*order, name.to_string())).collect(),
            pins: pins::of(shop, &state.pins, self.screen(), app.clock.now()),
        }
    }
}

/// Who holds one of these roles here.
///
/// # Errors
/// Whoever asks holds none of them.
pub(super) async fn allowed(context: &RequestContext, shop: &ShopId, roles: &[Role]) -> Result<StaffId, Problem> {
    match context.pass(shop, roles).await? {
        Some(pass) if roles.contains(&pass.role) => Ok(pass.holder),
        Some(_) => Err(Kind::RoleForbids.into()),
        // A phone that has ordered is known, and still no member of staff.
        None if context.guest(shop).is_some() => Err(Kind::RoleForbids.into()),
        None => Err(Kind::SignedOut.into()),
    }
}

pub(super) fn ordering(
    state: &AppState,
    seen: &ReadState,
    guest: Option<GuestId>,
    last: Option<&(MyOrder, u64)>,
) -> Snapshot<Ordering> {
    let mine = guest.map(|guest| seen.state.orders_of(guest)).unwrap_or_default();
    let mine: Vec<(&MyOrder, u64)> =
        if mine.is_empty() { last.iter().map(|(order, position)| (order, *position)).collect() } else { mine };
    let mut view = seen.state.ordering.clone();
    view.orders = mine.iter().map(|(order, _)| (*order).clone()).collect();
    let mut snapshot = of(state, seen, seen.state.last_public, view);
    snapshot.topics.extend(mine.iter().map(|(order, position)| (Topic::Order(order.order), *position)));
    snapshot
}

pub(super) fn barista(state: &AppState, seen: &ReadState) -> Snapshot<domain::view::barista::Barista> {
    let mut snapshot = of(state, seen, 0, seen.state.barista.clone());
    snapshot.topics = [(Topic::Staff, seen.state.last_staff)].into();
    snapshot
}

pub(super) fn of<V>(state: &AppState, seen: &ReadState, last_public: u64, view: V) -> Snapshot<V> {
    Snapshot {
        cursor: seen.state.cursor().to_string(),
        now: state.clock.now(),
        topics: [(Topic::Public, last_public)].into(),
        view,
    }
}

/// `GET /s/{shop}/view/{view}`: the snapshot once, as JSON.
pub(super) async fn view(
    State(state): State<Arc<AppState>>,
    Path((shop, view)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    match Reader::of(&state, &headers, &shop, &view).await {
        Ok((room, reader)) => {
            let snapshot = reader.snapshot(&state, &room.seen());
            Json(snapshot).into_response()
        }
        Err(problem) => refuse(&headers, problem),
    }
}
