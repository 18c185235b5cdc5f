//! The pages of extensions: who may see which, and the link by which one is passed on.

use std::sync::Arc;

use app::pages::sheet;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use domain::access::Role;
use domain::extension::PageAccess;
use domain::ids::{OrderId, ShopId};
use domain::redact::Audience;
use protocol::problem::{Kind, Problem};

use crate::clock::Calendar;
use crate::extension_host::{PageRequest, Silent};
use crate::identity::shares;
use crate::push::ReadModel;
use crate::web::context::RequestContext;
use crate::web::view::allowed;
use crate::web::{AppState, assets, guard, history, refuse};

/// Below it stand the links that guests give away.
const SHARED: &str = "shared/";

/// `GET /s/{shop}/x/{extension}`
pub(super) async fn first(
    State(state): State<Arc<AppState>>,
    Path((shop, extension)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    answer(&state, &headers, (&shop, &extension, "")).await
}

/// `GET /s/{shop}/x/{extension}/{path}`
pub(super) async fn page(
    State(state): State<Arc<AppState>>,
    Path((shop, extension, path)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    answer(&state, &headers, (&shop, &extension, &path)).await
}

async fn answer(state: &Arc<AppState>, headers: &HeaderMap, address: (&str, &str, &str)) -> Response {
    match shown(state, headers, address).await {
        Ok(response) => response,
        Err(problem) => refuse(headers, problem),
    }
}

/// Who looks at a page, and what of it may be passed on.
struct Looking {
    path: String,
    audience: Audience,
    /// The order it is about, where its looker may give the page away.
    gives: Option<OrderId>,
}

async fn shown(
    state: &Arc<AppState>,
    headers: &HeaderMap,
    (shop, extension, path): (&str, &str, &str),
) -> Result<Response, Problem> {
    let shop: ShopId = shop.parse().map_err(|_| Kind::ShopUnknown)?;
    let room = state.engine.room(&shop).ok_or(Kind::ShopUnknown)?;
    let Looking { path, audience, gives } = looking(state, headers, &room, (extension, path)).await?;
    let now = state.clock.now();
    let today = Calendar::of(room.seen().state.shop.hours(), state.clock.zone()).day(now);
    let asked = PageRequest { path, audience, now, today };
    let sheet = state
        .extension_host
        .sheet(&shop, extension, asked)
        .await
        .map_err(|Silent| Kind::Busy)?
        .ok_or(Kind::PageUnknown)?;
    if !guard::wants_page(headers) {
        return Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], sheet.json).into_response());
    }
    let share = match gives {
        Some(order) => {
            let keys = state.keys.shop(&shop).map_err(|_| Kind::Broken)?;
            let manifest = state.extension_host.manifest(&room, extension).ok_or(Kind::PageUnknown)?;
            let text = shares::text(keys.shares(), manifest.name, order);
            Some(format!("{}/s/{shop}/x/{extension}/{SHARED}{text}", state.public_url(headers)))
        }
        None => None,
    };
    let back = match audience {
        Audience::Staff => Some((format!("/s/{shop}/barista"), "Back to the bar".to_owned())),
        Audience::Owner if gives.is_some() => Some((format!("/s/{shop}"), "Back to my order".to_owned())),
        _ => None,
    };
    let calendar = history::calendar(state, &room);
    let local_time = |at| history::on_the_wall(&calendar, at);
    let shop_name = room.seen().state.display.name.clone();
    let base = format!("/s/{shop}/x/{extension}");
    let page = sheet::Page { shop, shop_name, base, sheet, share, back, local_time: &local_time };
    Ok(Html(sheet::html(&assets::manifest().barista, &page)).into_response())
}

/// Whether this page is for whoever asks, and how much of it.
async fn looking(
    state: &Arc<AppState>,
    headers: &HeaderMap,
    room: &ReadModel,
    (extension, path): (&str, &str),
) -> Result<Looking, Problem> {
    let shop = room.shop();
    let manifest = state.extension_host.manifest(room, extension).ok_or(Kind::PageUnknown)?;
    if let Some(text) = path.strip_prefix(SHARED) {
        let keys = state.keys.shop(shop).map_err(|_| Kind::Broken)?;
        let order = shares::order(keys.shares(), manifest.name, text).ok_or(Kind::PageUnknown)?;
        let path = order.to_string();
        return match (manifest.page_access)(&path) {
            Some(PageAccess::Of(_)) => Ok(Looking { path, audience: Audience::Owner, gives: None }),
            _ => Err(Kind::PageUnknown.into()),
        };
    }
    let path = path.to_owned();
    let context = RequestContext::new(Arc::clone(state), headers);
    match (manifest.page_access)(&path).ok_or(Kind::PageUnknown)? {
        PageAccess::Everybody => Ok(Looking { path, audience: Audience::Public, gives: None }),
        PageAccess::Staff => {
            allowed(&context, shop, &[Role::Barista, Role::Manager]).await?;
            Ok(Looking { path, audience: Audience::Staff, gives: None })
        }
        PageAccess::Of(order) => {
            let (audience, _) = context.story(shop, order).await?;
            Ok(Looking { path, audience, gives: Some(order) })
        }
    }
}
