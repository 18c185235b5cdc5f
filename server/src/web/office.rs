//! Office pages for managers, rendered from the current state.

use app::pages::office::extensions::{ExtensionHealth, ListedExtension};
use app::pages::office::typed::Typed;
use app::pages::office::{Office, OfficePage, html};
use app::words::Words;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use domain::access::Role;
use domain::ids::ShopId;
use domain::language::Language;
use domain::view::Screen;
use engine::read_model::ReadModel;
use extension_host::ExtensionStatus;
use protocol::problem::{Kind, RequestError};

use crate::web::context::RequestContext;
use crate::web::shop_context::ShopContext;
use crate::web::{AppState, assets, guard};

/// Lag in events from which an extension is shown as catching up.
const CATCHING_UP_THRESHOLD: u64 = 100;

/// Path parameters: shop and menu item id.
type MenuItemPath = Path<(String, String)>;

pub(super) async fn doors(page: ShopContext) -> Response {
    render(&page, |_| Some(OfficePage::Doors)).await
}

pub(super) async fn menu(page: ShopContext) -> Response {
    render(&page, |_| Some(OfficePage::Menu)).await
}

pub(super) async fn new_drink(page: ShopContext) -> Response {
    render(&page, |_| Some(OfficePage::Drink(None))).await
}

pub(super) async fn new_group(page: ShopContext) -> Response {
    render(&page, |_| Some(OfficePage::Group(None))).await
}

pub(super) async fn drink(page: ShopContext, Path((_, id)): MenuItemPath) -> Response {
    render(&page, |office| Some(OfficePage::Drink(Some(office.menu.drink(&id)?.clone())))).await
}

pub(super) async fn group(page: ShopContext, Path((_, id)): MenuItemPath) -> Response {
    render(&page, |office| Some(OfficePage::Group(Some(office.menu.group(&id)?.clone())))).await
}

pub(super) async fn extensions(page: ShopContext) -> Response {
    render(&page, |_| {
        Some(OfficePage::Extensions(list_extensions(page.state(), &page.read_model, page.words.language())))
    })
    .await
}

/// The page of a form that was refused because somebody else had changed its setting, with what was typed. `None` if
/// nothing was.
pub(super) async fn typed_page(
    caller: RequestContext,
    shop: Option<ShopId>,
    words: Words,
    body: &str,
) -> Option<Response> {
    let page = ShopContext::of_form(caller, &shop?, words).ok()?;
    let mut office = office(&page).await.ok()?;
    let typed = Typed::from_form(body, office.limits);
    let selected = match &typed {
        Typed { drink: Some(drink), .. } => OfficePage::Drink(Some(drink.clone())),
        Typed { group: Some(group), .. } => OfficePage::Group(Some(group.clone())),
        Typed { currency: Some(_), .. } => OfficePage::Menu,
        Typed { hours: None, limits: None, .. } => return None,
        _ => OfficePage::Doors,
    };
    office.typed = Some(typed);
    let page = Html(html(assets::of(Screen::Barista), words, &office, &selected));
    Some((StatusCode::CONFLICT, page).into_response())
}

fn list_extensions(state: &AppState, read_model: &ReadModel, language: Language) -> Vec<ListedExtension> {
    let read_state = read_model.read();
    let listed = state.extension_host.statuses(read_model.shop()).map(|(manifest, status, has_worker)| {
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

async fn render(page: &ShopContext, select: impl FnOnce(&Office) -> Option<OfficePage>) -> Response {
    let office = match office(page).await {
        Ok(office) => office,
        Err(problem) => return guard::page(&problem, None),
    };
    match select(&office) {
        // Office styles are in the barista stylesheet, so that phones do not download them.
        Some(selected) => Html(html(assets::of(Screen::Barista), page.words, &office, &selected)).into_response(),
        None => guard::page(&Kind::PageUnknown.into(), Some(&format!("/s/{}/office/menu", office.shop))),
    }
}

async fn office(page: &ShopContext) -> Result<Office, RequestError> {
    let (caller, shop) = (&page.caller, page.shop());
    if !is_manager(caller, shop).await? {
        // A client known under another role gets 403 instead of 401.
        let others = [Role::Barista, Role::Display];
        let is_known = caller.pass(shop, &others).await?.is_some() || caller.guest(shop).is_some();
        return Err(if is_known { Kind::RoleNotAllowed } else { Kind::SignedOut }.into());
    }
    let read_state = page.read_model.read();
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
        typed: None,
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
