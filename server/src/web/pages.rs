//! The pages: each is rendered from the snapshot its stream goes on from.

use std::sync::Arc;

use app::pages;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use domain::ids::{OrderId, ShopId, StaffId};
use domain::order::Step;
use protocol::frame::{EphemeralValues, Opening, Snapshot};
use protocol::problem::{Kind, Problem};
use serde::Deserialize;
use uuid::Uuid;

use crate::identity::device::Device;
use crate::web::context::RequestContext;
use crate::web::office::is_manager;
use crate::web::view::{self, Reader};
use crate::web::{AppState, assets, code, guard};

type Address = Path<String>;

/// One shop is the address itself; of several the visitor chooses.
pub(super) async fn home(State(state): State<Arc<AppState>>) -> Response {
    let rooms = state.engine.rooms();
    if let [room] = rooms.as_slice() {
        return Redirect::to(&format!("/s/{}", room.shop())).into_response();
    }
    let shops: Vec<_> =
        rooms.iter().map(|room| (room.shop().clone(), room.seen().state.display.name.clone())).collect();
    Html(pages::shops::html(&assets::manifest().ordering, &shops)).into_response()
}

/// What a problem document's `type` leads to: the words of that no, which is none here.
pub(super) async fn problem(Path(slug): Address) -> Response {
    match Kind::ALL.iter().find(|kind| kind.slug() == slug) {
        Some(kind) => Html(pages::problem::html(&assets::manifest().ordering, &(*kind).into(), None)).into_response(),
        None => guard::page(&Kind::PageUnknown.into(), None),
    }
}

/// A code somebody typed leads where its picture does.
#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    code: String,
}

pub(super) async fn typing(Query(typed): Query<Typed>) -> Response {
    // Only what can stand in a code: the rest would be an address of its own.
    let code: String = typed.code.chars().filter(char::is_ascii_alphanumeric).collect();
    if code.is_empty() {
        return Html(pages::typing::html(&assets::manifest().ordering)).into_response();
    }
    Redirect::to(&format!("/q/{code}")).into_response()
}

/// A scan. Looking takes no token: the page's form does, with an order id of its own.
pub(super) async fn scan(State(state): State<Arc<AppState>>, Path(text): Address, headers: HeaderMap) -> Response {
    let mut shown = None;
    for room in state.engine.rooms() {
        match code::found(&state, &headers, &room, &text) {
            Ok(Some(window)) => shown = Some((room, window)),
            Ok(None) => continue,
            Err(problem) => return guard::page(&problem, None),
        }
        break;
    }
    let Some((room, window)) = shown else {
        code::guessed(&state, &headers, &text);
        return guard::page(&Kind::CodeUnknown.into(), None);
    };
    // Said before the guest presses anything; the start says it again.
    if room.seen().state.shop.limits().good_until(window) <= state.clock.now() {
        return guard::page(&Kind::CodeOver.into(), None);
    }
    let name = room.seen().state.display.name.clone();
    let order = OrderId(Uuid::now_v7());
    let scan = pages::scan::Scan { shop: room.shop().clone(), name, code: text, order };
    let page = Html(pages::scan::html(&assets::manifest().ordering, &scan));
    let cookies = headers.get(header::COOKIE).and_then(|cookies| cookies.to_str().ok()).unwrap_or("");
    let fresh = match Device::from_cookies(cookies) {
        Some(_) => None,
        None => Some((header::SET_COOKIE, Device::fresh().set_cookie(state.is_secure()))),
    };
    (AppendHeaders(fresh), page).into_response()
}

pub(super) async fn ordering(State(state): State<Arc<AppState>>, Path(shop): Address, headers: HeaderMap) -> Response {
    let answer = async {
        let (room, reader) = Reader::of(&state, &headers, &shop, "ordering").await?;
        let Reader::Ordering { guest, last } = &reader else { return Err(Problem::from(Kind::Broken)) };
        let (snapshot, asides) = {
            let seen = room.seen();
            (view::ordering(&state, &seen, *guest, last.as_deref()), reader.asides(&state, &seen, room.shop()))
        };
        let opening = opening(&state, room.shop(), None, snapshot, asides);
        Ok(pages::ordering::html(&assets::manifest().ordering, &opening))
    };
    page(answer.await)
}

pub(super) async fn display(State(state): State<Arc<AppState>>, Path(shop): Address, headers: HeaderMap) -> Response {
    let answer = async {
        let (room, reader) = Reader::of(&state, &headers, &shop, "display").await?;
        let code = code::current(&state, room.shop(), &state.public_url(&headers));
        let (snapshot, asides) = {
            let seen = room.seen();
            let view = seen.state.display.clone();
            (view::of(&state, &seen, seen.state.last_public, view), reader.asides(&state, &seen, room.shop()))
        };
        let opening = opening(&state, room.shop(), None, snapshot, EphemeralValues { code, ..asides });
        Ok(pages::display::html(&assets::manifest().display, &opening))
    };
    page(answer.await)
}

pub(super) async fn barista(State(state): State<Arc<AppState>>, Path(shop): Address, headers: HeaderMap) -> Response {
    let answer = async {
        let (room, reader) = Reader::of(&state, &headers, &shop, "barista").await?;
        let Reader::Barista { me } = reader else { return Err(Problem::from(Kind::Broken)) };
        let is_manager = is_manager(&RequestContext::new(Arc::clone(&state), &headers), room.shop()).await?;
        let (snapshot, asides) = {
            let seen = room.seen();
            (view::barista(&state, &seen), reader.asides(&state, &seen, room.shop()))
        };
        let opening = opening(&state, room.shop(), Some(me), snapshot, asides);
        Ok(pages::barista::html(&assets::manifest().barista, &opening, is_manager))
    };
    page(answer.await)
}

/// What nobody makes yet can be changed; of anything else the guest's own page tells.
pub(super) async fn change(State(state): State<Arc<AppState>>, Path(shop): Address, headers: HeaderMap) -> Response {
    let answer = async {
        let (room, reader) = Reader::of(&state, &headers, &shop, "ordering").await?;
        let seen = room.seen();
        let mine =
            reader.guest().and_then(|guest| seen.state.orders_of(guest).into_iter().map(|(mine, _)| mine).next_back());
        let Some(mine) = mine.filter(|mine| mine.step == Step::Waiting) else {
            return Ok(Redirect::to(&format!("/s/{shop}")).into_response());
        };
        let change = pages::change::Change {
            shop: room.shop().clone(),
            menu: seen.state.ordering.bar.menu.clone(),
            order: mine.order,
            version: mine.version,
            chosen: mine.chosen.clone().unwrap_or_default(),
        };
        Ok(Html(pages::change::html(&assets::manifest().ordering, &change)).into_response())
    };
    answer.await.unwrap_or_else(|problem: Problem| guard::page(&problem, None))
}

/// Rendered and not hydrated: what happens meanwhile is on the tablet.
pub(super) async fn counter(State(state): State<Arc<AppState>>, Path(shop): Address, headers: HeaderMap) -> Response {
    let answer = async {
        let (room, _) = Reader::of(&state, &headers, &shop, "barista").await?;
        let is_manager = is_manager(&RequestContext::new(Arc::clone(&state), &headers), room.shop()).await?;
        let seen = room.seen();
        let state = &seen.state;
        let counter = pages::counter::Counter {
            shop: room.shop().clone(),
            name: state.barista.name.clone(),
            menu: state.ordering.bar.menu.clone(),
            cards: state.barista.cards.clone(),
            order: OrderId(Uuid::now_v7()),
            is_manager,
        };
        Ok(pages::counter::html(&assets::manifest().ordering, &counter))
    };
    page(answer.await)
}

fn opening<V>(
    state: &AppState,
    shop: &ShopId,
    me: Option<StaffId>,
    snapshot: Snapshot<V>,
    asides: EphemeralValues,
) -> Opening<V> {
    Opening { shop: shop.clone(), me, build: state.build.clone(), snapshot, asides }
}

fn page(answer: Result<String, Problem>) -> Response {
    match answer {
        Ok(html) => Html(html).into_response(),
        Err(problem) => guard::page(&problem, None),
    }
}
