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

use crate::web::asker::Asker;
use crate::web::{BODY_LIMIT, Site, guard};

/// Fields of a form that the wrapper itself looks at.
#[derive(Default, Deserialize)]
struct Form {
    shop: Option<ShopId>,
}

pub(super) async fn command(State(site): State<Arc<Site>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let path = request.uri().path().to_owned();
    let body = match admit(request).await {
        Ok(body) => body,
        Err(problem) => return told(&headers, &problem, None),
    };
    let shop = serde_urlencoded::from_bytes::<Form>(&body).unwrap_or_default().shop;
    let next = shop.map(|shop| next_page(&headers, &path, &shop));
    match call(site, &headers, &path, body).await {
        Ok(_) if guard::wants_page(&headers) => Redirect::to(next.as_deref().unwrap_or("/")).into_response(),
        Ok(answer) => ([(header::CONTENT_TYPE, "application/json")], answer).into_response(),
        Err(problem) => told(&headers, &problem, next.as_deref()),
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
    if !Asker::has_bearer(headers) && !guard::is_ours(headers) {
        return Err(Kind::ForeignPost.into());
    }
    let form = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !form.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        return Err(Problem::malformed("send the fields as application/x-www-form-urlencoded"));
    }
    to_bytes(request.into_body(), BODY_LIMIT).await.map_err(|_| Kind::BodyTooLarge.into())
}

/// Runs the server function as a script would, so that its answer is always JSON.
async fn call(site: Arc<Site>, headers: &HeaderMap, path: &str, body: Bytes) -> Result<Bytes, Problem> {
    let mut request = Request::new(Body::from(body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = path.parse().map_err(|_| Kind::PageUnknown)?;
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(header::CONTENT_TYPE, form);
    let asker: Arc<dyn Backend> = Arc::new(Asker::new(site, headers));
    let context = move || provide_context(Arc::clone(&asker));
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

/// Where a browser without script goes on: to the page the form was on, as far as it is one of ours.
fn next_page(headers: &HeaderMap, path: &str, shop: &ShopId) -> String {
    let from = headers.get(header::REFERER).and_then(|from| from.to_str().ok()).unwrap_or("");
    let ours = format!("/s/{shop}");
    let staffs = ["barista", "counter"].map(|page| format!("{ours}/{page}"));
    if let Some(page) = staffs.iter().find(|page| from.ends_with(page.as_str())) {
        return page.clone();
    }
    // Without a word of where it came from, by who asks such things.
    let guests = ["start", "submit", "edit", "cancel", "extend", "postpone", "recall"];
    let by_guest = path.strip_prefix("/api/orders/").is_some_and(|action| guests.contains(&action));
    if by_guest { ours } else { staffs[0].clone() }
}
