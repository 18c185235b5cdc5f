//! Order queries as JSON: lists for staff, the client's own orders, and one order with its history.

use axum::extract::{Path, Query};
use axum::response::Response;
use domain::access::Role;
use domain::ids::OrderId;
use domain::time::Day;
use domain::view::record::Record;
use engine::clock::Calendar;
use engine::error_field;
use engine::queries::{OrderPage, Pagination, open_orders};
use engine::read_model::ReadModel;
use engine::store;
use protocol::problem::{Kind, RequestError};
use serde::{Deserialize, Serialize};

use crate::web::AppState;
use crate::web::shop_context::ShopContext;
use crate::web::view::require_role;

/// Orders per page if the query does not set `most`.
const DEFAULT_PAGE_SIZE: u32 = 20;
/// Largest accepted `most`.
const MAX_PAGE_SIZE: u32 = 100;

/// Query parameters of an order list.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    state: Option<String>,
    after: Option<String>,
    most: Option<String>,
}

/// Response body of an order list.
#[derive(Debug, Serialize)]
struct OrderList {
    orders: Vec<Record>,
    /// Value of `after` for the next page. A string, like all positions on the wire.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl From<OrderPage> for OrderList {
    fn from(page: OrderPage) -> Self {
        Self { orders: page.orders, next: page.next.map(|position| position.to_string()) }
    }
}

impl ListQuery {
    /// The requested page.
    ///
    /// # Errors
    /// [`Kind::Malformed`] if `after` is no position or `most` is out of range.
    pub(super) fn pagination(&self) -> Result<Pagination, RequestError> {
        let after = self.after.as_deref().map(str::parse).transpose();
        let after =
            after.map_err(|_| RequestError::malformed("after: must be the `next` value of the previous page"))?;
        let most = self.most.as_deref().map_or(Ok(DEFAULT_PAGE_SIZE), str::parse);
        let most = most.ok().filter(|most| (1..=MAX_PAGE_SIZE).contains(most));
        Ok(Pagination {
            after,
            limit: most.ok_or_else(|| RequestError::malformed(format!("most: 1 to {MAX_PAGE_SIZE}")))?,
        })
    }
}

/// `GET /s/{shop}/orders?state=open|finished`, for staff. `finished` lists orders that ended on the current shop day.
pub(super) async fn list(request: ShopContext, Query(query): Query<ListQuery>) -> Response {
    let page = async {
        require_role(&request.caller, request.shop(), &[Role::Barista, Role::Manager]).await?;
        let pagination = query.pagination()?;
        let (state, read_model) = (request.state(), &request.read_model);
        let page = match query.state.as_deref() {
            Some("open") => open_orders(read_model, pagination),
            Some("finished") => {
                let today = today(state, read_model);
                map_store_error(state.engine.orders_ended_on(request.shop(), today, pagination).await)?
            }
            _ => return Err(RequestError::malformed("state: open or finished")),
        };
        Ok(OrderList::from(page))
    };
    request.respond(page.await)
}

/// `GET /s/{shop}/orders/mine`: orders of this browser's guest or of the robot with this token.
pub(super) async fn own_orders(request: ShopContext, Query(query): Query<ListQuery>) -> Response {
    let page = async {
        let guest = request.caller.as_guest(request.shop()).await?;
        let page = request.state().engine.orders_of(request.shop(), guest, query.pagination()?).await;
        map_store_error(page).map(OrderList::from)
    };
    request.respond(page.await)
}

/// `GET /s/{shop}/orders/{order}`, for its guest and for staff.
pub(super) async fn order(request: ShopContext, Path((_, order)): Path<(String, String)>) -> Response {
    let record = async {
        let order: OrderId = order.parse().map_err(|_| Kind::OrderUnknown)?;
        let (audience, events) = request.caller.order_events(request.shop(), order).await?;
        Record::from_events(&events, audience).ok_or_else(|| Kind::OrderUnknown.into())
    };
    request.respond(record.await)
}

/// The current shop day by the shop's opening hours.
fn today(state: &AppState, read_model: &ReadModel) -> Day {
    Calendar::new(read_model.read().state.shop.hours(), state.clock.zone()).day(state.clock.now())
}

/// Maps a store error to [`Kind::Busy`] and logs it, so that clients see no internals.
pub(super) fn map_store_error<T>(result: Result<T, store::Error>) -> Result<T, RequestError> {
    result.map_err(|error| {
        tracing::error!(error = error_field(&error), "order query failed");
        Kind::Busy.into()
    })
}
