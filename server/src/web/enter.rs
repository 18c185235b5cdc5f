//! One-time links: a page with one button, and the session that the button brings.

use std::sync::Arc;

use app::pages::enter::Enter;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use domain::access::Role;
use protocol::problem::{Kind, Problem};

use crate::identity::cookie;
use crate::identity::passes::{LinkError, SESSION_S};
use crate::identity::secret::Secret;
use crate::web::context::session_cookie;
use crate::web::{AppState, assets, guard};

/// Looking changes nothing: chat programs fetch every link they see.
pub(super) async fn ask(State(state): State<Arc<AppState>>, Path(link): Path<String>) -> Response {
    let Ok(secret) = link.parse::<Secret>() else { return no(LinkError::Unknown) };
    match state.passes.peek_link(&secret, state.clock.now()).await {
        Ok(invitation) => {
            let room = state.engine.room(&invitation.shop);
            let name = room.map_or_else(String::new, |room| room.seen().state.display.name.clone());
            let enter = Enter { action: format!("/enter/{link}"), role: invitation.role, shop: name };
            Html(app::pages::enter::html(&assets::manifest().ordering, &enter)).into_response()
        }
        Err(error) => no(error),
    }
}

pub(super) async fn redeem(
    State(state): State<Arc<AppState>>,
    Path(link): Path<String>,
    headers: HeaderMap,
) -> Response {
    if !guard::is_ours(&headers) {
        return guard::page(&Kind::ForeignPost.into(), None);
    }
    let Ok(secret) = link.parse::<Secret>() else { return no(LinkError::Unknown) };
    match state.passes.redeem_link(&secret, state.clock.now()).await {
        Ok(session) => {
            let (shop, role) = (&session.pass.shop, session.pass.role);
            let name = session_cookie(shop, role);
            let cookie = cookie::set(&name, session.secret.reveal(), SESSION_S, state.is_secure());
            let page = match role {
                Role::Display => format!("/s/{shop}/display"),
                Role::Barista => format!("/s/{shop}/barista"),
                Role::Manager => format!("/s/{shop}/office"),
                // A robot has a token; in a browser it sees what guests see.
                Role::Robot => format!("/s/{shop}"),
            };
            (AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(&page)).into_response()
        }
        Err(error) => no(error),
    }
}

fn no(error: LinkError) -> Response {
    let kind = match error {
        LinkError::Unknown => Kind::LinkUnknown,
        LinkError::Used => Kind::LinkUsed,
        LinkError::Expired => Kind::LinkOver,
        LinkError::Unavailable(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a link cannot be looked up");
            Kind::Busy
        }
    };
    guard::page(&Problem::from(kind), None)
}
