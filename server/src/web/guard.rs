//! What every answer carries, and what every refusal looks like.

use std::sync::LazyLock;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use protocol::problem::{Kind, Problem};

use crate::web::assets;

/// Pages run our files and nothing else: no inline script, no other host.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    // Live reload listens beside us, in development only.
    let reload = assets::dev().map(|dev| format!(" ws://127.0.0.1:{0} ws://localhost:{0}", dev.reload_port));
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'{}; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        reload.unwrap_or_default()
    );
    HeaderValue::try_from(policy).expect("the policy is plain ASCII")
});

/// Sets the headers that hold for everything we send, unless the answer has its own.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let wants_page = wants_page(request.headers());
    let mut response = in_our_words(next.run(request).await, wants_page);
    let headers = response.headers_mut();
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_page = kind.is_none_or(|kind| kind.starts_with("text/html"));
    let mut default = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    // These two say how a page behaves. A script or a style goes by its page, and a phone would pay for them each time.
    if is_page {
        default(header::CONTENT_SECURITY_POLICY, POLICY.clone());
        // A code or a link in an address stays on this site.
        default(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    }
    default(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    default(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A no that the framework said by itself, as to an address that is no UTF-8, in the form that all others have.
fn in_our_words(response: Response, wants_page: bool) -> Response {
    let kind = match response.status() {
        StatusCode::BAD_REQUEST => Kind::Malformed,
        StatusCode::NOT_FOUND => Kind::PageUnknown,
        status if status.is_client_error() || status.is_server_error() => Kind::Broken,
        _ => return response,
    };
    let form = response.headers().get(header::CONTENT_TYPE).and_then(|form| form.to_str().ok()).unwrap_or("");
    if form.starts_with("application/problem+json") || form.starts_with("text/html") {
        return response;
    }
    if wants_page { page(&kind.into(), Some("/")) } else { document(&kind.into()) }
}

/// Whether the asker is a browser showing a page; scripts and our own front ends ask for JSON.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

/// The problem as a document, with its status.
pub(super) fn document(problem: &Problem) -> Response {
    let body = serde_json::to_string(problem).expect("problems have text keys only");
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (status(problem), retry_after(problem), kind, body).into_response()
}

/// The problem as a page, with its status and a way on.
pub(super) fn page(problem: &Problem, back: Option<&str>) -> Response {
    let html = app::pages::problem::html(&assets::manifest().ordering, problem, back);
    (status(problem), retry_after(problem), Html(html)).into_response()
}

fn status(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn retry_after(problem: &Problem) -> HeaderMap {
    problem.retry_after.map(|seconds| (header::RETRY_AFTER, HeaderValue::from(seconds))).into_iter().collect()
}

/// Whether a post that carries cookies comes from one of our own pages (Fetch Metadata; else the Origin).
pub(super) fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match text(HeaderName::from_static("sec-fetch-site")) {
        Some(state) => state == "same-origin" || state == "none",
        // Browsers too old for the first header send the second with every post; what sends neither is no browser.
        None => match (text(header::ORIGIN), text(header::HOST)) {
            (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
            (Some(_), None) => false,
            (None, _) => true,
        },
    }
}
