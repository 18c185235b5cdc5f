//! The wrapper round every server function: its answer becomes a status and a document, or a page's next address.

use std::sync::Arc;

use app::api::Backend;
use app::problem::{Kind, Problem};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::ids::ShopId;
use leptos::prelude::provide_context;
use serde::Deserialize;

use crate::web::context::RequestContext;
use crate::web::{AppState, BODY_LIMIT, guard};

/// Fields of a form that the wrapper itself looks at.
#[derive(Default, Deserialize)]
struct Form {
    shop: Option<ShopId>,
}

pub(super) async fn command(State(state): State<Arc<AppState>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let path = request.uri().path().to_owned();
    let body = match admit(request).await {
        Ok(body) => body,
        Err(problem) => return told(&headers, &problem, None),
    };
    let shop = serde_urlencoded::from_bytes::<Form>(&body).unwrap_or_default().shop;
    let from = shop.as_ref().map(|shop| return_path(&headers, &path, shop));
    match call(state, &headers, &path, body).await {
        Ok(_) if guard::wants_page(&headers) => {
            let next = shop.zip(from).map(|(shop, from)| next_page(from, &path, &shop));
            Redirect::to(next.as_deref().unwrap_or("/")).into_response()
        }
        Ok(answer) => ([(header::CONTENT_TYPE, "application/json")], answer).into_response(),
        Err(problem) => told(&headers, &problem, from.as_deref()),
    }
}

/// What has to hold before anybody looks at what is asked.
async fn admit(request: Request) -> Result<Bytes, Problem> {
    let headers = request.headers();
    let known = server_fn::axum::server_fn_paths().any(|(path, _)| path == request.uri().path());
    if !known {
        return Err(Kind::PageUnknown.into());
    }
    if request.method() != Method::POST {
        return Err(Kind::MethodWrong.into());
    }
    if !RequestContext::has_bearer(headers) && !guard::is_ours(headers) {
        return Err(Kind::ForeignPost.into());
    }
    let form = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !form.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        return Err(Problem::malformed("send the fields as application/x-www-form-urlencoded"));
    }
    to_bytes(request.into_body(), BODY_LIMIT).await.map_err(|_| Kind::BodyTooLarge.into())
}

/// Runs the server function as a script would, so that its answer is always JSON.
async fn call(state: Arc<AppState>, headers: &HeaderMap, path: &str, body: Bytes) -> Result<Bytes, Problem> {
    let mut request = Request::new(Body::from(body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = path.parse().map_err(|_| Kind::PageUnknown)?;
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(header::CONTENT_TYPE, form);
    let context: Arc<dyn Backend> = Arc::new(RequestContext::new(state, headers));
    let context = move || provide_context(Arc::clone(&context));
    let response = leptos_axum::handle_server_fns_with_context(context, request).await.into_response();
    let is_ok = response.status() == StatusCode::OK;
    let body = to_bytes(response.into_body(), usize::MAX).await.map_err(|_| Kind::Broken)?;
    if is_ok { Ok(body) } else { Err(serde_json::from_slice(&body).unwrap_or_else(|_| Kind::Broken.into())) }
}

fn told(headers: &HeaderMap, problem: &Problem, back: Option<&str>) -> Response {
    let mut response = if guard::wants_page(headers) {
        guard::page(problem, Some(back.unwrap_or("/")))
    } else {
        guard::document(problem)
    };
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    response
}

/// Where a browser without script goes on once it is granted: to the page the form was on, unless that was a page of
/// something that has just gone, or has just come.
fn next_page(from: String, path: &str, shop: &ShopId) -> String {
    let office = format!("/s/{shop}/office");
    let is_added = from.strip_prefix(&office).is_some_and(|page| matches!(page, "/drink" | "/group"));
    let is_gone = from.starts_with(&office) && path.ends_with("/remove");
    if is_added || is_gone { format!("{office}/menu") } else { from }
}

/// The page the form was on, as far as it is one of ours.
fn return_path(headers: &HeaderMap, path: &str, shop: &ShopId) -> String {
    let from = headers.get(header::REFERER).and_then(|from| from.to_str().ok()).unwrap_or("");
    let ours = format!("/s/{shop}");
    if let Some(page) = office_page(from, &ours) {
        return page;
    }
    let staffs = ["barista", "counter"].map(|page| format!("{ours}/{page}"));
    if let Some(page) = staffs.iter().find(|page| from.ends_with(page.as_str())) {
        return page.clone();
    }
    // Without a word of where it came from, by who asks such things.
    let guests = ["start", "submit", "edit", "cancel", "extend", "postpone", "recall"];
    let by_guest = path.strip_prefix("/api/orders/").is_some_and(|action| guests.contains(&action));
    match path {
        _ if by_guest => ours,
        "/api/store/hours" | "/api/store/limits" | "/api/orders/stop" => format!("{ours}/office"),
        "/api/store/extension" => format!("{ours}/office/extensions"),
        "/api/menu/availability" => staffs[0].clone(),
        _ if path.starts_with("/api/menu/") => format!("{ours}/office/menu"),
        _ => staffs[0].clone(),
    }
}

/// The page of the office that `from` names, spelt anew: what others wrote leads nowhere else.
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
