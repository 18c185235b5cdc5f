//! Office pages for managers, rendered from the current state.

use std::sync::Arc;

use app::pages::office::extensions::{ExtensionHealth, ListedExtension};
use app::pages::office::{Office, OfficePage, html};
use app::words::Words;
use axum::extract::{Extension, Path, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Response};
use domain::access::Role;
use domain::ids::ShopId;
use domain::language::Language;
use domain::view::Screen;
use extension_host::ExtensionStatus;
use protocol::problem::{Kind, RequestError};

use crate::web::context::RequestContext;
use crate::web::{AppState, assets, guard};

/// Lag in events from which an extension is shown as catching up.
const CATCHING_UP_THRESHOLD: u64 = 100;

/// Path parameters: shop and menu item id.
type MenuItemPath = Path<(String, String)>;

pub(super) async fn doors(
    State(state): State<Arc<AppState>>,
    Path(shop): Path<String>,
    Extension(words): Extension<Words>,
    headers: HeaderMap,
) -> Response {
    render(&state, &headers, &shop, words, |_| Some(OfficePage::Doors)).await
}

pub(super) async fn menu(
    State(state): State<Arc<AppState>>,
    Path(shop): Path<String>,
    Extension(words): Extension<Words>,
    headers: HeaderMap,
) -> Response {
    render(&state, &headers, &shop, words, |_| Some(OfficePage::Menu)).await
}

pub(super) async fn new_drink(
    State(state): State<Arc<AppState>>,
    Path(shop): Path<String>,
    Extension(words): Extension<Words>,
    headers: HeaderMap,
) -> Response {
    render(&state, &headers, &shop, words, |_| Some(OfficePage::Drink(None))).await
}

pub(super) async fn new_group(
    State(state): State<Arc<AppState>>,
    Path(shop): Path<String>,
    Extension(words): Extension<Words>,
    headers: HeaderMap,
) -> Response {
    render(&state, &headers, &shop, words, |_| Some(OfficePage::Group(None))).await
}

pub(super) async fn drink(
    State(state): State<Arc<AppState>>,
    Path((shop, id)): MenuItemPath,
    Extension(words): Extension<Words>,
    headers: HeaderMap,
) -> Response {
    render(&state, &headers, &shop, words, |office| Some(OfficePage::Drink(Some(office.menu.drink(&id)?.clone()))))
        .await
}

pub(super) async fn group(
    State(state): State<Arc<AppState>>,
    Path((shop, id)): MenuItemPath,
    Extension(words): Extension<Words>,
    headers: HeaderMap,
) -> Response {
    render(&state, &headers, &shop, words, |office| Some(OfficePage::Group(Some(office.menu.group(&id)?.clone()))))
        .await
}

pub(super) async fn extensions(
    State(state): State<Arc<AppState>>,
    Path(shop): Path<String>,
    Extension(words): Extension<Words>,
    headers: HeaderMap,
) -> Response {
    render(&state, &headers, &shop, words, |office| {
        Some(OfficePage::Extensions(list_extensions(&state, &office.shop, words.language())))
    })
    .await
}

fn list_extensions(state: &AppState, shop: &ShopId, language: Language) -> Vec<ListedExtension> {
    let Some(read_model) = state.engine.read_model(shop) else { return Vec::new() };
    let read_state = read_model.read();
    let listed = state.extension_host.statuses(shop).map(|(manifest, status, has_worker)| {
        // A busy shop always has some events in flight, so a small lag is normal.
        let behind = read_state.state.position.saturating_sub(status.position);
        let health = match status {
            _ if !has_worker || status.stopped => ExtensionHealth::Stopped,
            ExtensionStatus { failing: true, .. } => ExtensionHealth::Failing,
            ExtensionStatus { skipped, .. } if skipped > 0 => ExtensionHealth::SkippedEvents { skipped },
            _ if behind >= CATCHING_UP_THRESHOLD => ExtensionHealth::CatchingUp { behind },
            _ => ExtensionHealth::Healthy,
        };
        ListedExtension {
            name: manifest.name.to_owned(),
            slug: manifest.slug(),
            words: manifest.description(language),
            on: read_state.state.shop.is_extension_on(manifest.name),
            has_page: (manifest.page_access)("").is_some(),
            health,
        }
    });
    listed.collect()
}

async fn render(
    state: &Arc<AppState>,
    headers: &HeaderMap,
    shop: &str,
    words: Words,
    select: impl FnOnce(&Office) -> Option<OfficePage>,
) -> Response {
    let office = match office(state, headers, shop).await {
        Ok(office) => office,
        Err(problem) => return guard::page(&problem, None),
    };
    match select(&office) {
        // Office styles are in the barista stylesheet, so that phones do not download them.
        Some(page) => Html(html(assets::of(Screen::Barista), words, &office, &page)).into_response(),
        None => guard::page(&Kind::PageUnknown.into(), Some(&format!("/s/{}/office/menu", office.shop))),
    }
}

async fn office(state: &Arc<AppState>, headers: &HeaderMap, shop: &str) -> Result<Office, RequestError> {
    let read_model = state.find_shop(shop)?;
    let shop = read_model.shop();
    let context = RequestContext::new(Arc::clone(state), headers);
    if !is_manager(&context, shop).await? {
        // A client known under another role gets 403 instead of 401.
        let others = [Role::Barista, Role::Display];
        let is_known = context.pass(shop, &others).await?.is_some() || context.guest(shop).is_some();
        return Err(if is_known { Kind::RoleNotAllowed } else { Kind::SignedOut }.into());
    }
    let read_state = read_model.read();
    let (state, bar) = (&read_state.state, &read_state.state.ordering.bar);
    Ok(Office {
        shop: shop.clone(),
        name: bar.name.clone(),
        open: bar.open,
        closing: bar.closing.is_some(),
        paused: bar.paused.clone(),
        hours: state.shop.hours().clone(),
        limits: *state.shop.limits(),
        menu: bar.menu.clone(),
    })
}

/// Whether the request has a manager's token or session.
///
/// # Errors
/// The bearer token is invalid or belongs to another shop, or the pass store is unavailable.
pub(super) async fn is_manager(context: &RequestContext, shop: &ShopId) -> Result<bool, RequestError> {
    let pass = context.pass(shop, &[Role::Manager]).await?;
    Ok(pass.is_some_and(|pass| pass.role == Role::Manager))
}
