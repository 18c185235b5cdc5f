//! Extension pages: access control and share links.

use app::pages::sheet;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use domain::access::Role;
use domain::extension::PageAccess;
use domain::ids::OrderId;
use domain::redact::Audience;
use domain::view::Screen;
use engine::clock::Calendar;
use extension_host::{ExtensionUnavailable, PageRequest};
use protocol::problem::{Kind, RequestError};

use crate::identity::shares;
use crate::web::shop_context::ShopContext;
use crate::web::view::require_role;
use crate::web::{assets, guard, history, problem_response};

/// Path prefix of share links.
const SHARE_PREFIX: &str = "shared/";

/// `GET /s/{shop}/x/{extension}`: the extension's first page.
pub(super) async fn index(request: ShopContext, Path((_, extension)): Path<(String, String)>) -> Response {
    respond(&request, &extension, "").await
}

/// `GET /s/{shop}/x/{extension}/{path}`
pub(super) async fn page(request: ShopContext, Path((_, extension, path)): Path<(String, String, String)>) -> Response {
    respond(&request, &extension, &path).await
}

/// Responds with the page at `path` below the extension's base address; its first page has the path "".
async fn respond(request: &ShopContext, extension: &str, path: &str) -> Response {
    match render(request, extension, path).await {
        Ok(response) => response,
        Err(problem) => problem_response(request.caller.headers(), problem),
    }
}

/// Result of the access check for a page.
struct PageGrant {
    path: String,
    audience: Audience,
    /// The order of the page, if the viewer may share it by link.
    shareable_order: Option<OrderId>,
}

async fn render(request: &ShopContext, extension: &str, path: &str) -> Result<Response, RequestError> {
    let (state, read_model, words) = (request.state(), &request.read_model, request.words);
    let (shop, headers) = (request.shop().clone(), request.caller.headers());
    let PageGrant { path, audience, shareable_order } = authorize_page(request, extension, path).await?;
    let now = state.clock.now();
    let today = Calendar::new(read_model.read().state.shop.hours(), state.clock.zone()).day(now);
    let page_request = PageRequest { path, audience, language: words.language(), now, today };
    let sheet = state
        .extension_host
        .sheet(&shop, extension, page_request)
        .await
        .map_err(|ExtensionUnavailable| Kind::Busy)?
        .ok_or(Kind::PageUnknown)?;
    if !guard::accepts_html(headers) {
        return Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], sheet.json).into_response());
    }
    let share = match shareable_order {
        Some(order) => {
            let keys = state.keys.shop(&shop).map_err(|_| Kind::Broken)?;
            let manifest = state.extension_host.manifest(read_model, extension).ok_or(Kind::PageUnknown)?;
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
    let calendar = history::calendar(state, read_model);
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
async fn authorize_page(request: &ShopContext, extension: &str, path: &str) -> Result<PageGrant, RequestError> {
    let (state, read_model, shop) = (request.state(), &request.read_model, request.shop());
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
    match (manifest.page_access)(&path).ok_or(Kind::PageUnknown)? {
        PageAccess::Public => Ok(PageGrant { path, audience: Audience::Public, shareable_order: None }),
        PageAccess::Staff => {
            require_role(&request.caller, shop, &[Role::Barista, Role::Manager]).await?;
            Ok(PageGrant { path, audience: Audience::Staff, shareable_order: None })
        }
        PageAccess::Order(order) => {
            let (audience, _) = request.caller.order_events(shop, order).await?;
            Ok(PageGrant { path, audience, shareable_order: Some(order) })
        }
    }
}
