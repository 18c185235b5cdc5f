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
use crate::identity::passes::{LinkError, Pass, SESSION_SECONDS, Session};
use crate::identity::secret::{Secret, SecretKind, Visit};
use crate::web::context::{MAX_COOKIES_PER_NAME, session_cookie};
use crate::web::{AppState, assets, guard};

/// `GET /enter/{link}`: the confirmation page. Does not use up the link, because link previews fetch it. A browser that
/// has redeemed the link goes on to its page.
pub(super) async fn show(
    State(state): State<Arc<AppState>>,
    Path(link): Path<String>,
    Extension(words): Extension<Words>,
    headers: HeaderMap,
) -> Response {
    let Ok(secret) = link.parse::<Secret>() else { return link_problem(LinkError::Unknown) };
    let visit = Visit::from_cookies(&headers);
    match state.passes.peek_link(&secret, state.clock.now()).await {
        Ok(grant) => {
            let read_model = state.engine.read_model(&grant.shop);
            let name = read_model.map_or_else(String::new, |read_model| read_model.read().state.display.name.clone());
            let enter = Enter { action: format!("/enter/{link}"), role: grant.role, shop: name };
            let page = Html(app::pages::enter::html(assets::of(Screen::Ordering), words, &enter));
            let cookie = visit.unwrap_or_else(Visit::generate).set_cookie(state.is_secure());
            (AppendHeaders([(header::SET_COOKIE, cookie)]), page).into_response()
        }
        Err(LinkError::Used) => match redeemed_session(&state, &secret, visit).await {
            Some(session) => signed_in(&state, &session),
            None => link_problem(LinkError::Used),
        },
        Err(error) => link_problem(error),
    }
}

async fn redeemed_session(state: &AppState, link: &Secret, visit: Option<Visit>) -> Option<Session> {
    state.passes.redeemed_session(link, &visit?, state.clock.now()).await.ok().flatten()
}

/// `POST /enter/{link}`: redeems the link, sets the session cookie and redirects to the role's first page. A repetition
/// by the same browser, as with a double click, gets the same session.
pub(super) async fn redeem(
    State(state): State<Arc<AppState>>,
    Path(link): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(error) = state.check_origin(&headers) {
        return guard::page(&error, None);
    }
    let Ok(secret) = link.parse::<Secret>() else { return link_problem(LinkError::Unknown) };
    let visit = Visit::from_cookies(&headers).unwrap_or_else(Visit::generate);
    match state.passes.redeem_link(&secret, &visit, state.clock.now()).await {
        Ok(session) => {
            end_replaced_sessions(&state, &headers, &session.pass).await;
            signed_in(&state, &session)
        }
        Err(error) => link_problem(error),
    }
}

/// Sets the session cookie and redirects to the role's first page.
fn signed_in(state: &AppState, session: &Session) -> Response {
    let (shop, role) = (&session.pass.shop, session.pass.role);
    let name = session_cookie(shop, role);
    let cookie = cookie::set(&name, session.secret.reveal(), SESSION_SECONDS, state.is_secure());
    let page = match role {
        Role::Display => format!("/s/{shop}/display"),
        Role::Barista => format!("/s/{shop}/barista"),
        Role::Manager => format!("/s/{shop}/office"),
        Role::Robot => format!("/s/{shop}"),
    };
    (AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(&page)).into_response()
}

/// Ends the sessions whose cookie the new one replaces: nobody could use them any more.
async fn end_replaced_sessions(state: &AppState, headers: &HeaderMap, pass: &Pass) {
    let name = session_cookie(&pass.shop, pass.role);
    for text in cookie::values(headers, &name).take(MAX_COOKIES_PER_NAME) {
        let Ok(secret) = text.parse::<Secret>() else { continue };
        let replaced = state.passes.find(&secret, state.clock.now()).await;
        let ended = match replaced {
            Ok(Some(old)) if old.kind == SecretKind::Session && old.holder != pass.holder => {
                state.passes.revoke(&old.shop, old.holder).await.map(|_| ())
            }
            other => other.map(|_| ()),
        };
        if let Err(error) = ended {
            tracing::warn!(error = error_field(&error), "a replaced session cannot be ended; it expires");
        }
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
