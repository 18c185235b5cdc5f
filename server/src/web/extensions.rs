//! Extension pages: access control and share links.

use std::sync::Arc;

use app::pages::sheet;
use app::words::Words;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use domain::access::Role;
use domain::extension::PageAccess;
use domain::ids::OrderId;
use domain::redact::Audience;
use domain::view::Screen;
use engine::clock::Calendar;
use engine::read_model::ReadModel;
use extension_host::{ExtensionUnavailable, PageRequest};
use protocol::problem::{Kind, RequestError};

use crate::identity::shares;
use crate::web::context::RequestContext;
use crate::web::view::require_role;
use crate::web::{AppState, assets, guard, history, problem_response};

/// Path prefix of share links.
const SHARE_PREFIX: &str = "shared/";

/// `GET /s/{shop}/x/{extension}`: the extension's first page.
pub(super) async fn index(
    State(state): State<Arc<AppState>>,
    Path((shop, extension)): Path<(String, String)>,
    Extension(words): Extension<Words>,
    headers: HeaderMap,
) -> Response {
    respond(&state, &headers, words, PageAddress { shop: &shop, extension: &extension, path: "" }).await
}

/// `GET /s/{shop}/x/{extension}/{path}`
pub(super) async fn page(
    State(state): State<Arc<AppState>>,
    Path((shop, extension, path)): Path<(String, String, String)>,
    Extension(words): Extension<Words>,
    headers: HeaderMap,
) -> Response {
    respond(&state, &headers, words, PageAddress { shop: &shop, extension: &extension, path: &path }).await
}

/// Path parameters of an extension page.
#[derive(Clone, Copy)]
struct PageAddress<'a> {
    shop: &'a str,
    extension: &'a str,
    /// Path below the extension's base address. Empty for its first page.
    path: &'a str,
}

async fn respond(state: &Arc<AppState>, headers: &HeaderMap, words: Words, address: PageAddress<'_>) -> Response {
    match render(state, headers, words, address).await {
        Ok(response) => response,
        Err(problem) => problem_response(headers, problem),
    }
}

/// Result of the access check for a page.
struct PageGrant {
    path: String,
    audience: Audience,
    /// The order of the page, if the viewer may share it by link.
    shareable_order: Option<OrderId>,
}

async fn render(
    state: &Arc<AppState>,
    headers: &HeaderMap,
    words: Words,
    address: PageAddress<'_>,
) -> Result<Response, RequestError> {
    let extension = address.extension;
    let read_model = state.find_shop(address.shop)?;
    let shop = read_model.shop().clone();
    let PageGrant { path, audience, shareable_order } = authorize_page(state, headers, &read_model, address).await?;
    let now = state.clock.now();
    let today = Calendar::new(read_model.read().state.shop.hours(), state.clock.zone()).day(now);
    let request = PageRequest { path, audience, language: words.language(), now, today };
    let sheet = state
        .extension_host
        .sheet(&shop, extension, request)
        .await
        .map_err(|ExtensionUnavailable| Kind::Busy)?
        .ok_or(Kind::PageUnknown)?;
    if !guard::accepts_html(headers) {
        return Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], sheet.json).into_response());
    }
    let share = match shareable_order {
        Some(order) => {
            let keys = state.keys.shop(&shop).map_err(|_| Kind::Broken)?;
            let manifest = state.extension_host.manifest(&read_model, extension).ok_or(Kind::PageUnknown)?;
            let token = shares::token(keys.shares(), manifest.name, order);
            Some(format!("{}/s/{shop}/x/{extension}/{SHARE_PREFIX}{token}", state.public_url(headers)))
        }
        None => None,
    };
    let back = match audience {
        Audience::Staff => Some(sheet::BackLink::Barista),
        Audience::Owner if shareable_order.is_some() => Some(sheet::BackLink::Ordering),
        _ => None,
    };
    let calendar = history::calendar(state, &read_model);
    let local_time = |at| calendar.local_date_time(at);
    let shop_name = read_model.read().state.display.name.clone();
    let base = format!("/s/{shop}/x/{extension}");
    let page = sheet::SheetPage { shop, shop_name, base, sheet, share, back, local_time: &local_time };
    Ok(Html(sheet::html(assets::of(Screen::Barista), words, &page)).into_response())
}

/// Checks access to a page and determines its audience.
///
/// # Errors
/// The extension or page is unknown, or the request has no access to it.
async fn authorize_page(
    state: &Arc<AppState>,
    headers: &HeaderMap,
    read_model: &ReadModel,
    PageAddress { extension, path, .. }: PageAddress<'_>,
) -> Result<PageGrant, RequestError> {
    let shop = read_model.shop();
    let manifest = state.extension_host.manifest(read_model, extension).ok_or(Kind::PageUnknown)?;
    if let Some(text) = path.strip_prefix(SHARE_PREFIX) {
        let keys = state.keys.shop(shop).map_err(|_| Kind::Broken)?;
        let order = shares::order_of(keys.shares(), manifest.name, text).ok_or(Kind::PageUnknown)?;
        let path = order.to_string();
        return match (manifest.page_access)(&path) {
            Some(PageAccess::Order(_)) => Ok(PageGrant { path, audience: Audience::Owner, shareable_order: None }),
            _ => Err(Kind::PageUnknown.into()),
        };
    }
    let path = path.to_owned();
    let context = RequestContext::new(Arc::clone(state), headers);
    match (manifest.page_access)(&path).ok_or(Kind::PageUnknown)? {
        PageAccess::Public => Ok(PageGrant { path, audience: Audience::Public, shareable_order: None }),
        PageAccess::Staff => {
            require_role(&context, shop, &[Role::Barista, Role::Manager]).await?;
            Ok(PageGrant { path, audience: Audience::Staff, shareable_order: None })
        }
        PageAccess::Order(order) => {
            let (audience, _) = context.order_events(shop, order).await?;
            Ok(PageGrant { path, audience, shareable_order: Some(order) })
        }
    }
}
