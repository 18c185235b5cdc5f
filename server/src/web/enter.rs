//! One-time links: the confirmation page and the redemption of a link for a session.

use std::sync::Arc;

use app::pages::enter::Enter;
use app::words::Words;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use domain::access::Role;
use domain::view::Screen;
use engine::error_field;
use protocol::problem::{Kind, RequestError};

use crate::identity::cookie;
use crate::identity::passes::{LinkError, SESSION_SECONDS};
use crate::identity::secret::Secret;
use crate::web::context::session_cookie;
use crate::web::{AppState, assets, guard};

/// `GET /enter/{link}`: the confirmation page. Does not use up the link, because link previews fetch it.
pub(super) async fn show(
    State(state): State<Arc<AppState>>,
    Path(link): Path<String>,
    Extension(words): Extension<Words>,
) -> Response {
    let Ok(secret) = link.parse::<Secret>() else { return link_problem(LinkError::Unknown) };
    match state.passes.peek_link(&secret, state.clock.now()).await {
        Ok(grant) => {
            let read_model = state.engine.read_model(&grant.shop);
            let name = read_model.map_or_else(String::new, |read_model| read_model.read().state.display.name.clone());
            let enter = Enter { action: format!("/enter/{link}"), role: grant.role, shop: name };
            Html(app::pages::enter::html(assets::of(Screen::Ordering), words, &enter)).into_response()
        }
        Err(error) => link_problem(error),
    }
}

/// `POST /enter/{link}`: redeems the link, sets the session cookie and redirects to the role's first page.
pub(super) async fn redeem(
    State(state): State<Arc<AppState>>,
    Path(link): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(error) = state.check_origin(&headers) {
        return guard::page(&error, None);
    }
    let Ok(secret) = link.parse::<Secret>() else { return link_problem(LinkError::Unknown) };
    match state.passes.redeem_link(&secret, state.clock.now()).await {
        Ok(session) => {
            let (shop, role) = (&session.pass.shop, session.pass.role);
            let name = session_cookie(shop, role);
            let cookie = cookie::set(&name, session.secret.reveal(), SESSION_SECONDS, state.is_secure());
            let page = match role {
                Role::Display => format!("/s/{shop}/display"),
                Role::Barista => format!("/s/{shop}/barista"),
                Role::Manager => format!("/s/{shop}/office"),
                // Robots use tokens. A robot session in a browser gets the guest page.
                Role::Robot => format!("/s/{shop}"),
            };
            (AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(&page)).into_response()
        }
        Err(error) => link_problem(error),
    }
}

fn link_problem(error: LinkError) -> Response {
    let kind = match error {
        LinkError::Unknown => Kind::LinkUnknown,
        LinkError::Used => Kind::LinkUsed,
        LinkError::Expired => Kind::LinkOver,
        LinkError::Unavailable(error) => {
            tracing::error!(error = error_field(&error), "link lookup failed");
            Kind::Busy
        }
    };
    guard::page(&RequestError::from(kind), None)
}
