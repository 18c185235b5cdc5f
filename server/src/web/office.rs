//! The office's pages: for managers, rendered from the state as it is.

use std::sync::Arc;

use app::pages::office::extensions::{Health, Listed};
use app::pages::office::{Office, Page, html};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Response};
use domain::access::Role;
use domain::ids::ShopId;
use protocol::problem::{Kind, Problem};

use crate::extension_host::Standing;
use crate::web::context::RequestContext;
use crate::web::{AppState, assets, guard};

/// So many events an extension may have before it that nobody calls late.
const FAR_BEHIND: u64 = 100;

type Thing = Path<(String, String)>;

pub(super) async fn doors(
    State(state): State<Arc<AppState>>,
    Path(shop): Path<String>,
    headers: HeaderMap,
) -> Response {
    page(&state, &headers, &shop, |_| Some(Page::Doors)).await
}

pub(super) async fn menu(State(state): State<Arc<AppState>>, Path(shop): Path<String>, headers: HeaderMap) -> Response {
    page(&state, &headers, &shop, |_| Some(Page::Menu)).await
}

pub(super) async fn new_drink(
    State(state): State<Arc<AppState>>,
    Path(shop): Path<String>,
    headers: HeaderMap,
) -> Response {
    page(&state, &headers, &shop, |_| Some(Page::Drink(None))).await
}

pub(super) async fn new_group(
    State(state): State<Arc<AppState>>,
    Path(shop): Path<String>,
    headers: HeaderMap,
) -> Response {
    page(&state, &headers, &shop, |_| Some(Page::Group(None))).await
}

pub(super) async fn drink(State(state): State<Arc<AppState>>, Path((shop, id)): Thing, headers: HeaderMap) -> Response {
    page(&state, &headers, &shop, |office| Some(Page::Drink(Some(office.menu.drink(&id)?.clone())))).await
}

pub(super) async fn group(State(state): State<Arc<AppState>>, Path((shop, id)): Thing, headers: HeaderMap) -> Response {
    page(&state, &headers, &shop, |office| Some(Page::Group(Some(office.menu.group(&id)?.clone())))).await
}

pub(super) async fn extensions(
    State(state): State<Arc<AppState>>,
    Path(shop): Path<String>,
    headers: HeaderMap,
) -> Response {
    page(&state, &headers, &shop, |office| Some(Page::Extensions(listed(&state, &office.shop)))).await
}

fn listed(state: &AppState, shop: &ShopId) -> Vec<Listed> {
    let Some(room) = state.engine.room(shop) else { return Vec::new() };
    let seen = room.seen();
    let listed = state.extension_host.standing(shop).map(|(manifest, standing, is_at_work)| {
        // Page by page it is never quite at the end while the bar is busy.
        let behind = seen.state.position.saturating_sub(standing.heard);
        let health = match standing {
            _ if !is_at_work || standing.given_up => Health::GivenUp,
            Standing { fallen: true, .. } => Health::Fallen,
            Standing { skipped, .. } if skipped > 0 => Health::Stumbled { aside: skipped },
            _ if behind >= FAR_BEHIND => Health::CatchingUp { behind },
            _ => Health::Well,
        };
        Listed {
            name: manifest.name.to_owned(),
            slug: manifest.slug(),
            words: manifest.words.to_owned(),
            on: seen.state.shop.hears(manifest.name),
            has_page: (manifest.page_access)("").is_some(),
            health,
        }
    });
    listed.collect()
}

async fn page(
    state: &Arc<AppState>,
    headers: &HeaderMap,
    shop: &str,
    which: impl FnOnce(&Office) -> Option<Page>,
) -> Response {
    let office = match office(state, headers, shop).await {
        Ok(office) => office,
        Err(problem) => return guard::page(&problem, None),
    };
    match which(&office) {
        // Their styles are the bar's: a phone has no use for them.
        Some(page) => Html(html(&assets::manifest().barista, &office, &page)).into_response(),
        None => guard::page(&Kind::PageUnknown.into(), Some(&format!("/s/{}/office/menu", office.shop))),
    }
}

async fn office(state: &Arc<AppState>, headers: &HeaderMap, shop: &str) -> Result<Office, Problem> {
    let shop: ShopId = shop.parse().map_err(|_| Kind::ShopUnknown)?;
    let room = state.engine.room(&shop).ok_or(Kind::ShopUnknown)?;
    let context = RequestContext::new(Arc::clone(state), headers);
    if !is_manager(&context, &shop).await? {
        // Whoever is known here in another part reads that it is not enough.
        let others = [Role::Barista, Role::Display];
        let is_known = context.pass(&shop, &others).await?.is_some() || context.guest(&shop).is_some();
        return Err(if is_known { Kind::RoleForbids } else { Kind::SignedOut }.into());
    }
    let seen = room.seen();
    let (state, bar) = (&seen.state, &seen.state.ordering.bar);
    Ok(Office {
        shop,
        name: bar.name.clone(),
        open: bar.open,
        closing: bar.closing.is_some(),
        paused: bar.paused.clone(),
        hours: state.shop.hours().clone(),
        limits: *state.shop.limits(),
        menu: bar.menu.clone(),
    })
}

/// Whether this asker holds a manager's key or session, perhaps beside others.
///
/// # Errors
/// A key that is none, or is for another shop.
pub(super) async fn is_manager(context: &RequestContext, shop: &ShopId) -> Result<bool, Problem> {
    let pass = context.pass(shop, &[Role::Manager]).await?;
    Ok(pass.is_some_and(|pass| pass.role == Role::Manager))
}
