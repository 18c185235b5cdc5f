//! The questions about orders, as JSON: lists for the bar, a guest's own, and one with its history.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use domain::access::Role;
use domain::ids::{OrderId, ShopId};
use domain::time::Day;
use domain::view::record::Record;
use protocol::problem::{Kind, Problem};
use serde::{Deserialize, Serialize};

use crate::clock::Calendar;
use crate::engine::queries::{Page, Part, open_orders};
use crate::push::ReadModel;
use crate::store;
use crate::web::context::RequestContext;
use crate::web::view::allowed;
use crate::web::{AppState, refuse};

/// Orders on a page when nobody says how many, and the most there can be.
const USUAL: u32 = 20;
const MOST: u32 = 100;

/// The part of a list that is asked for, as it stands in the address.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    state: Option<String>,
    after: Option<String>,
    most: Option<String>,
}

/// The answer to a list.
#[derive(Debug, Serialize)]
struct List {
    orders: Vec<Record>,
    /// To be given as `after` for the next page. Text, as positions are on every wire.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl From<Page> for List {
    fn from(page: Page) -> Self {
        Self { orders: page.orders, next: page.next.map(|place| place.to_string()) }
    }
}

impl Wanted {
    pub(super) fn part(&self) -> Result<Part, Problem> {
        let after = self.after.as_deref().map(str::parse).transpose();
        let after = after.map_err(|_| Problem::malformed("after: the `next` of the page before"))?;
        let most = self.most.as_deref().map_or(Ok(USUAL), str::parse);
        let most = most.ok().filter(|most| (1..=MOST).contains(most));
        Ok(Part { after, most: most.ok_or_else(|| Problem::malformed(format!("most: 1 to {MOST}")))? })
    }
}

/// `GET /s/{shop}/orders?state=open|finished`: for the bar. Finished are those that were over on today's shop day.
pub(super) async fn list(
    State(state): State<Arc<AppState>>,
    Path(shop): Path<String>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Response {
    let page = async {
        let room = room(&state, &shop)?;
        let context = RequestContext::new(Arc::clone(&state), &headers);
        allowed(&context, room.shop(), &[Role::Barista, Role::Manager]).await?;
        let part = wanted.part()?;
        let page = match wanted.state.as_deref() {
            Some("open") => open_orders(&room, part),
            Some("finished") => read(state.engine.orders_ended_on(room.shop(), today(&state, &room), part).await)?,
            _ => return Err(Problem::malformed("state: open or finished")),
        };
        Ok(List::from(page))
    };
    told(&headers, page.await)
}

/// `GET /s/{shop}/orders/mine`: those of this phone, or of this robot's key.
pub(super) async fn mine(
    State(state): State<Arc<AppState>>,
    Path(shop): Path<String>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Response {
    let page = async {
        let room = room(&state, &shop)?;
        let guest = RequestContext::new(Arc::clone(&state), &headers).as_guest(room.shop()).await?;
        read(state.engine.orders_of(room.shop(), guest, wanted.part()?).await).map(List::from)
    };
    told(&headers, page.await)
}

/// `GET /s/{shop}/orders/{order}`: for its guest and for the bar.
pub(super) async fn order(
    State(state): State<Arc<AppState>>,
    Path((shop, order)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    told(&headers, one(&state, &headers, &shop, &order).await)
}

async fn one(state: &Arc<AppState>, headers: &HeaderMap, shop: &str, order: &str) -> Result<Record, Problem> {
    let room = room(state, shop)?;
    let shop = room.shop();
    let context = RequestContext::new(Arc::clone(state), headers);
    let order: OrderId = order.parse().map_err(|_| Kind::OrderUnknown)?;
    let (audience, events) = context.story(shop, order).await?;
    Record::of(&events, audience).ok_or_else(|| Kind::OrderUnknown.into())
}

/// The shop day it is by the shop's own hours.
fn today(state: &AppState, room: &ReadModel) -> Day {
    Calendar::of(room.seen().state.shop.hours(), state.clock.zone()).day(state.clock.now())
}

fn room(state: &AppState, shop: &str) -> Result<Arc<ReadModel>, Problem> {
    let shop: ShopId = shop.parse().map_err(|_| Kind::ShopUnknown)?;
    state.engine.room(&shop).ok_or_else(|| Kind::ShopUnknown.into())
}

/// What the store says stays with us.
pub(super) fn read<T>(answer: Result<T, store::Error>) -> Result<T, Problem> {
    answer.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "orders cannot be read");
        Kind::Busy.into()
    })
}

fn told<T: Serialize>(headers: &HeaderMap, answer: Result<T, Problem>) -> Response {
    match answer {
        Ok(answer) => Json(answer).into_response(),
        Err(problem) => refuse(headers, problem),
    }
}
