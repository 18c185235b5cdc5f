//! The command endpoints: check the HTTP request, run the server function, and answer with JSON, a problem or a redirect.

use std::sync::Arc;

use app::api::{Backend, dispatch};
use axum::Json;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::answer::Answer;
use domain::ids::ShopId;
use domain::setting::SettingDigest;
use leptos::prelude::provide_context;
use protocol::command::{BEFORE_FIELD, CommandRow, ReturnPage, SIDE_FIELD, row};
use protocol::problem::{Kind, RequestError};
use serde::Deserialize;
use tokio::time::timeout;

use self::issue::RequestBackend;
use crate::web::context::RequestContext;
use crate::web::request_headers::{is_content_type, lines};
use crate::web::{AppState, BODY_LIMIT, guard, office, pages};

mod issue;
pub(super) mod problem_mapping;

/// The form fields that the wrapper itself reads.
#[derive(Default, Deserialize)]
struct Form {
    shop: Option<ShopId>,
    by: Option<String>,
    before: Option<String>,
    code: Option<String>,
}

/// What a form says of itself besides its command.
#[derive(Clone, Copy, Debug)]
struct FormContext {
    side: Side,
    /// Digest of the setting that the form showed.
    before: Option<SettingDigest>,
}

/// The side of the bar that a browser acts for if it is both: the guest of the order and signed in as staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Guest,
    Staff,
}

impl FormContext {
    /// Reads the fields [`SIDE_FIELD`] and [`BEFORE_FIELD`]. Without the first, a browser acts for the guest.
    fn from_fields(by: Option<&str>, before: Option<&str>) -> Result<Self, RequestError> {
        let side = match by {
            None | Some("guest") => Side::Guest,
            Some("staff") => Side::Staff,
            Some(_) => return Err(RequestError::malformed(format!("{SIDE_FIELD}: guest or staff."))),
        };
        let before = before.map(str::parse).transpose();
        let before = before.map_err(|_| RequestError::malformed(format!("{BEFORE_FIELD}: 16 hexadecimal digits.")))?;
        Ok(Self { side, before })
    }
}

/// `POST /api/{endpoint}`.
pub(super) async fn command(State(state): State<Arc<AppState>>, request: Request) -> Response {
    let (request, parts) = leptos_axum::generate_request_and_parts(request);
    let headers = parts.headers.clone();
    let (row, body) = match admit(&state, request).await {
        Ok(admitted) => admitted,
        Err(problem) => return refuse(&headers, &problem, None),
    };
    let Form { shop, by, before, code } = serde_urlencoded::from_str(&body).unwrap_or_default();
    let from = shop.as_ref().map(|shop| return_path(&headers, row, shop));
    let context = RequestContext::new(state, &parts);
    let words = parts.extensions.get().copied().unwrap_or_default();
    let reply = match FormContext::from_fields(by.as_deref(), before.as_deref()) {
        Ok(origin) => call(RequestBackend::new(context.clone(), origin, row, &body), parts, row, &body).await,
        Err(problem) => Err(problem),
    };
    match reply {
        Ok(_) if guard::accepts_html(&headers) => {
            let next = shop.zip(from).map(|(shop, from)| next_page(from, row, &shop));
            Redirect::to(next.as_deref().unwrap_or("/")).into_response()
        }
        Ok(answer) => Json(answer).into_response(),
        Err(RequestError { kind: Kind::SettingChanged, .. }) if guard::accepts_html(&headers) => {
            let page = office::typed_page(context, shop, words, &body).await;
            page.unwrap_or_else(|| refuse(&headers, &Kind::SettingChanged.into(), from.as_deref()))
        }
        // A guest's refusal leads on to the menu, an open order or the code.
        Err(problem) if guard::accepts_html(&headers) && is_guests(shop.as_ref(), from.as_deref()) => {
            let read_model = shop.and_then(|shop| context.state.engine.read_model(&shop));
            let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            let ways_on = read_model.map(|read_model| pages::ways_on(&context, &read_model, code.as_deref()));
            guard::page_with(&problem, ways_on.unwrap_or_default())
        }
        Err(problem) => refuse(&headers, &problem, from.as_deref()),
    }
}

/// Whether the command came from a guest's page.
fn is_guests(shop: Option<&ShopId>, from: Option<&str>) -> bool {
    shop.is_some_and(|shop| from == Some(&ReturnPage::Ordering.path(shop)))
}

/// Checks everything that does not need the fields: endpoint, method, origin, content type and size.
async fn admit(state: &AppState, request: Request) -> Result<(&'static CommandRow, String), RequestError> {
    let headers = request.headers();
    let row = request.uri().path().strip_prefix("/api/").and_then(row).ok_or(Kind::PageUnknown)?;
    if request.method() != Method::POST {
        return Err(Kind::MethodWrong.into());
    }
    if !RequestContext::has_bearer(headers) {
        state.check_origin(headers)?;
    }
    if !is_content_type(headers, "application/x-www-form-urlencoded") {
        return Err(RequestError::malformed("Send the fields as application/x-www-form-urlencoded."));
    }
    let body = timeout(state.connections.body_timeout(), to_bytes(request.into_body(), BODY_LIMIT)).await;
    let body = body.map_err(|_| Kind::BodyLate)?.map_err(|_| Kind::BodyTooLarge)?;
    let body = String::from_utf8(body.into()).map_err(|_| RequestError::malformed("Send the fields as UTF-8."))?;
    Ok((row, body))
}

/// Runs the server function. Its context holds the parts of the request, as under `leptos_axum`, and the backend.
async fn call(
    backend: RequestBackend,
    parts: Parts,
    row: &'static CommandRow,
    body: &str,
) -> Result<Answer, RequestError> {
    let backend: Arc<dyn Backend> = Arc::new(backend);
    let provide = move || {
        provide_context(parts);
        provide_context(backend);
    };
    dispatch(row.endpoint, body, provide).await
}

fn refuse(headers: &HeaderMap, problem: &RequestError, back: Option<&str>) -> Response {
    let mut response = if guard::accepts_html(headers) {
        guard::page(problem, Some(back.unwrap_or("/")))
    } else {
        guard::document(problem)
    };
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    response
}

/// The page after a successful command in a browser without JavaScript: the page of the form, or the menu where that
/// page shows something that the command has just added or removed.
fn next_page(from: String, row: &CommandRow, shop: &ShopId) -> String {
    let office = format!("/s/{shop}/office");
    let is_added = from.strip_prefix(&office).is_some_and(|page| matches!(page, "/drink" | "/group"));
    let is_gone = from.starts_with(&office) && row.endpoint.ends_with("/remove");
    if is_added || is_gone { format!("{office}/menu") } else { from }
}

/// The page that the form was on if it is one of the staff's pages, else the return page of the command.
fn return_path(headers: &HeaderMap, row: &CommandRow, shop: &ShopId) -> String {
    let from = lines(headers, header::REFERER).next().unwrap_or_default();
    let base = format!("/s/{shop}");
    if let Some(page) = office_page(&from, &base) {
        return page;
    }
    let staff_pages = ["barista", "counter"].map(|page| format!("{base}/{page}"));
    let from = staff_pages.into_iter().find(|page| from.ends_with(page.as_str()));
    from.unwrap_or_else(|| row.returns_to.path(shop))
}

/// The office page that a referrer names, rebuilt from known parts so that a forged referrer leads nowhere else.
fn office_page(from: &str, shop: &str) -> Option<String> {
    let (_, rest) = from.split_once("://")?;
    let path = &rest[rest.find('/')?..];
    let page = path.split(['?', '#']).next()?.strip_prefix(shop)?.strip_prefix("/office")?;
    let is_id = |id: &str| id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let is_known = match page {
        "" | "/menu" | "/drink" | "/group" | "/extensions" => true,
        _ => ["/drink/", "/group/"].iter().any(|of| page.strip_prefix(of).is_some_and(is_id)),
    };
    is_known.then(|| format!("{shop}/office{page}"))
}
