//! HTML pages. Live pages embed the snapshot that their event stream continues from.

use std::sync::Arc;

use app::pages;
use app::pages::problem::WaysOn;
use app::words::Words;
use axum::extract::{Extension, Path, Query, State};
use axum::http::header;
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use domain::ids::{GuestId, OrderId, ShopId, StaffId};
use domain::order::Step;
use domain::refusal::Refusal;
use domain::time::Instant;
use domain::view::Screen;
use domain::view::ordering::GuestOrder;
use engine::read_model::ReadModel;
use protocol::frame::{EphemeralValues, Opening, Snapshot};
use protocol::problem::{Kind, RequestError};
use serde::Deserialize;
use uuid::Uuid;

use crate::web::commands::problem_mapping;
use crate::web::context::RequestContext;
use crate::web::office::is_manager;
use crate::web::pins::PinnedPage;
use crate::web::shop_context::ShopContext;
use crate::web::view::{self, Reader};
use crate::web::{AppState, assets, code, guard, history};

type PathParam = Path<String>;

/// `GET /`: redirects to the only shop, or lists the shops.
pub(super) async fn home(State(state): State<Arc<AppState>>, Extension(words): Extension<Words>) -> Response {
    let read_models = state.engine.read_models();
    if let [read_model] = read_models.as_slice() {
        return Redirect::to(&format!("/s/{}", read_model.shop())).into_response();
    }
    let shops: Vec<_> = read_models
        .iter()
        .map(|read_model| (read_model.shop().clone(), read_model.read().state.display.name.clone()))
        .collect();
    Html(pages::shops::html(assets::of(Screen::Ordering), words, &shops)).into_response()
}

/// `GET /problems/{slug}`: describes a problem type with status 200. Problem documents link to it by `type`.
pub(super) async fn problem(Path(slug): PathParam, Extension(words): Extension<Words>) -> Response {
    match Kind::ALL.iter().find(|kind| kind.slug() == slug) {
        Some(kind) => {
            Html(pages::problem::html(assets::of(Screen::Ordering), words, &(*kind).into(), &WaysOn::default()))
                .into_response()
        }
        None => guard::page(&Kind::PageUnknown.into(), None),
    }
}

/// Query parameters of the code entry form.
#[derive(Deserialize)]
pub(super) struct TypedCode {
    #[serde(default)]
    code: String,
}

/// `GET /q`: the code entry form, or a redirect to `/q/{code}`.
pub(super) async fn enter_code(Query(typed): Query<TypedCode>, Extension(words): Extension<Words>) -> Response {
    // Other characters could change the path of the redirect.
    let code: String = typed.code.chars().filter(char::is_ascii_alphanumeric).collect();
    if code.is_empty() {
        return Html(pages::typing::html(assets::of(Screen::Ordering), words)).into_response();
    }
    Redirect::to(&format!("/q/{code}")).into_response()
}

/// `GET /q/{code}`: the start page of a scanned code. The page takes no token; its form does, with a new order id.
pub(super) async fn scan(
    caller: RequestContext,
    Path(text): PathParam,
    Extension(words): Extension<Words>,
) -> Response {
    let (read_model, window) = match find_scanned(&caller, &text) {
        Ok(found) => found,
        Err(error) => return guard::page(&error, None),
    };
    let page = scan_page(&caller, &read_model, window, text.clone(), words);
    page.unwrap_or_else(|error| guard::page_with(&error, ways_on(&caller, &read_model, Some(&text))))
}

fn find_scanned(caller: &RequestContext, text: &str) -> Result<(Arc<ReadModel>, Instant), RequestError> {
    code::check_guess_rate(caller, None, text)?;
    code::find_in_all_shops(&caller.state, text)?.ok_or_else(|| {
        code::record_failed_guess(caller, None, text);
        Kind::CodeUnknown.into()
    })
}

fn scan_page(
    caller: &RequestContext,
    read_model: &ReadModel,
    window: Instant,
    text: String,
    words: Words,
) -> Result<Response, RequestError> {
    let state = &caller.state;
    // Early check for the guest. The start command checks again.
    let now = history::calendar(state, read_model).now(state.clock.now());
    let guest = caller.guest(read_model.shop()).unwrap_or(GuestId(Uuid::nil()));
    let checked = read_model.read().state.shop.check_start(guest, window, now);
    let refused = match checked {
        Ok(()) => None,
        // A guest whom the shop turns away may try again with the same cookie.
        Err(refusal @ Refusal::Unavailable(_)) => Some(problem_mapping::refusal(state, read_model, refusal)),
        Err(refusal) => return Err(problem_mapping::refusal(state, read_model, refusal)),
    };
    let new_cookie = caller.new_device_cookie(read_model.shop());
    if new_cookie.is_some() {
        state.rate_limits.admit_device(caller.address, state.clock.now())?;
    }
    let name = read_model.read().state.display.name.clone();
    let order = OrderId(Uuid::now_v7());
    let scan = pages::scan::Scan { shop: read_model.shop().clone(), name, code: text, order };
    let page = match refused {
        Some(error) => guard::page_with(&error, ways_on(caller, read_model, Some(&scan.code))),
        None => Html(pages::scan::html(assets::of(Screen::Ordering), words, &scan)).into_response(),
    };
    Ok((AppendHeaders(new_cookie.map(|cookie| (header::SET_COOKIE, cookie))), page).into_response())
}

/// The ways on for a guest who was refused, after the scan of `code` if there was one.
pub(super) fn ways_on(caller: &RequestContext, read_model: &ReadModel, code: Option<&str>) -> WaysOn {
    let shop = read_model.shop();
    let read_state = read_model.read();
    let own = caller.guest(shop).map(|guest| read_state.state.orders_of(guest)).unwrap_or_default();
    WaysOn {
        back: Some(format!("/s/{shop}")),
        has_order: own.iter().any(|(order, _)| !order.is_over()),
        again: code.map(|code| format!("/q/{code}")),
    }
}

pub(super) async fn ordering(page: ShopContext) -> Response {
    let (state, words, read_model) = (page.state(), page.words, &page.read_model);
    let result = async {
        let reader = page.authorize(Screen::Ordering).await?;
        let Reader::Ordering { guest, last, .. } = &reader else { return Err(RequestError::from(Kind::Broken)) };
        let (snapshot, ephemeral) = {
            let pinned = PinnedPage { state, shop: page.shop(), language: words.language() };
            let read_state = read_model.read();
            (
                view::ordering_snapshot(state, &read_state, *guest, last.as_deref()),
                reader.ephemeral_values(pinned, &read_state),
            )
        };
        let opening = opening(state, page.shop(), None, snapshot, ephemeral);
        let html = pages::ordering::html(assets::of(Screen::Ordering), words, &opening);
        // A guest whose cookie is of an earlier version is still one after the open order.
        let new_cookie = guest.and_then(|_| page.caller.new_device_cookie(page.shop()));
        Ok((AppendHeaders(new_cookie.map(|cookie| (header::SET_COOKIE, cookie))), Html(html)).into_response())
    };
    result.await.unwrap_or_else(|problem: RequestError| guard::page(&problem, None))
}

pub(super) async fn display(page: ShopContext) -> Response {
    let (state, words, read_model) = (page.state(), page.words, &page.read_model);
    let result = async {
        let reader = page.authorize(Screen::Display).await?;
        let code = code::current(state, page.shop(), &state.public_url(page.caller.headers()));
        let (snapshot, ephemeral) = {
            let pinned = PinnedPage { state, shop: page.shop(), language: words.language() };
            let read_state = read_model.read();
            let view = read_state.state.display.clone();
            (
                view::snapshot_of(state, &read_state, read_state.state.last_public, view),
                reader.ephemeral_values(pinned, &read_state),
            )
        };
        let opening = opening(state, page.shop(), None, snapshot, EphemeralValues { code, ..ephemeral });
        Ok(pages::display::html(assets::of(Screen::Display), words, &opening))
    };
    html_or_problem(result.await)
}

pub(super) async fn barista(page: ShopContext) -> Response {
    let (state, words, read_model) = (page.state(), page.words, &page.read_model);
    let result = async {
        let reader = page.authorize(Screen::Barista).await?;
        let Reader::Barista { me } = reader else { return Err(RequestError::from(Kind::Broken)) };
        let is_manager = is_manager(&page.caller, page.shop()).await?;
        let (snapshot, ephemeral) = {
            let pinned = PinnedPage { state, shop: page.shop(), language: words.language() };
            let read_state = read_model.read();
            (view::barista_snapshot(state, &read_state), reader.ephemeral_values(pinned, &read_state))
        };
        let opening = opening(state, page.shop(), Some(me), snapshot, ephemeral);
        Ok(pages::barista::html(assets::of(Screen::Barista), words, &opening, is_manager))
    };
    html_or_problem(result.await)
}

/// Query parameters of the edit form.
#[derive(Deserialize)]
pub(super) struct ChangedOrder {
    order: Option<String>,
}

/// `GET /s/{shop}/change?order={order}`: the edit form of a waiting order; without `order`, of the only waiting one.
/// Redirects to the ordering page if that order does not wait.
pub(super) async fn change(page: ShopContext, Query(changed): Query<ChangedOrder>) -> Response {
    let (words, read_model) = (page.words, &page.read_model);
    let result = async {
        let reader = page.authorize(Screen::Ordering).await?;
        let read_state = read_model.read();
        let own = reader.guest().map(|guest| read_state.state.orders_of(guest)).unwrap_or_default();
        let is_meant = |order: &GuestOrder| changed.order.as_ref().is_none_or(|id| *id == order.order.to_string());
        let meant = own.into_iter().map(|(order, _)| order);
        let meant: Vec<_> = meant.filter(|order| order.step == Step::Waiting && is_meant(order)).collect();
        // Of several orders the guest says which.
        let [order] = meant.as_slice() else {
            return Ok(Redirect::to(&format!("/s/{}", page.shop())).into_response());
        };
        let change = pages::change::ChangePage {
            shop: page.shop().clone(),
            menu: read_state.state.ordering.bar.menu.clone(),
            order: order.order,
            version: order.version,
            chosen: order.chosen.clone().unwrap_or_default(),
            name: read_state.state.names.get(&order.order).map(ToString::to_string).unwrap_or_default(),
        };
        Ok(Html(pages::change::html(assets::of(Screen::Ordering), words, &change)).into_response())
    };
    result.await.unwrap_or_else(|problem: RequestError| guard::page(&problem, None))
}

/// `GET /s/{shop}/counter`: the walk-in page. Not hydrated, so it shows no live updates.
pub(super) async fn counter(page: ShopContext) -> Response {
    let (words, read_model) = (page.words, &page.read_model);
    let result = async {
        page.authorize(Screen::Barista).await?;
        let is_manager = is_manager(&page.caller, page.shop()).await?;
        let read_state = read_model.read();
        let state = &read_state.state;
        let counter = pages::counter::Counter {
            shop: page.shop().clone(),
            name: state.barista.name.clone(),
            menu: state.ordering.bar.menu.clone(),
            cards: state.barista.cards.clone(),
            order: OrderId(Uuid::now_v7()),
            is_manager,
        };
        Ok(pages::counter::html(assets::of(Screen::Barista), words, &counter))
    };
    html_or_problem(result.await)
}

fn opening<V>(
    state: &AppState,
    shop: &ShopId,
    me: Option<StaffId>,
    snapshot: Snapshot<V>,
    ephemeral: EphemeralValues,
) -> Opening<V> {
    Opening { shop: shop.clone(), me, build: state.build.clone(), snapshot, asides: ephemeral }
}

fn html_or_problem(result: Result<String, RequestError>) -> Response {
    match result {
        Ok(html) => Html(html).into_response(),
        Err(problem) => guard::page(&problem, None),
    }
}
