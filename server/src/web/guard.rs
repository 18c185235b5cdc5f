//! Default response headers, error responses and the same-origin check.

use std::sync::LazyLock;

use app::words::problems::problem;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use protocol::problem::{Kind, RequestError};

use crate::web::{LANGUAGE, assets};

/// Content security policy: only files of this origin, no inline scripts.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    // Live reload uses a WebSocket on another port in development.
    let reload = assets::dev().map(|dev| format!(" ws://127.0.0.1:{0} ws://localhost:{0}", dev.reload_port));
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'{}; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        reload.unwrap_or_default()
    );
    HeaderValue::try_from(policy).expect("the policy is ASCII")
});

/// Middleware that normalizes framework errors and adds default headers which the handler did not set.
pub(super) async fn default_headers(request: Request, next: Next) -> Response {
    let accepts_html = accepts_html(request.headers());
    let mut response = normalize_error(next.run(request).await, accepts_html);
    let headers = response.headers_mut();
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_page = kind.is_none_or(|kind| kind.starts_with("text/html"));
    let mut default = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    // Only documents need these two headers. Scripts and styles inherit the policy of their page.
    if is_page {
        default(header::CONTENT_SECURITY_POLICY, POLICY.clone());
        // URLs may contain codes or links, so other origins must not receive them.
        default(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    }
    default(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    default(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Converts an error response of the framework, such as one for a non-UTF-8 path, to a problem page or document.
fn normalize_error(response: Response, accepts_html: bool) -> Response {
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
    if accepts_html { page(&kind.into(), Some("/")) } else { document(&kind.into()) }
}

/// Whether the client accepts HTML. Scripts and the frontend request JSON.
pub(super) fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

/// Renders an error as `application/problem+json` with its status and `Retry-After`.
pub(super) fn document(error: &RequestError) -> Response {
    let body = serde_json::to_string(&problem(error, LANGUAGE)).expect("problems serialize to JSON");
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (status(error), retry_after(error), kind, body).into_response()
}

/// Renders an error as an HTML page with its status and `Retry-After`. `back` is the target of its link.
pub(super) fn page(error: &RequestError, back: Option<&str>) -> Response {
    (status(error), retry_after(error), explanation(error, back)).into_response()
}

/// The HTML page of an error, with status 200.
pub(super) fn explanation(error: &RequestError, back: Option<&str>) -> Html<String> {
    Html(app::pages::problem::html(&assets::manifest().ordering, &problem(error, LANGUAGE), back))
}

fn status(error: &RequestError) -> StatusCode {
    StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn retry_after(error: &RequestError) -> HeaderMap {
    error.retry_after.map(|seconds| (header::RETRY_AFTER, HeaderValue::from(seconds))).into_iter().collect()
}

/// CSRF check: whether a cookie-authenticated POST comes from this origin, by `Sec-Fetch-Site` or else `Origin`.
pub(super) fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match text(HeaderName::from_static("sec-fetch-site")) {
        Some(site) => site == "same-origin" || site == "none",
        // Old browsers without Fetch Metadata send `Origin` with every POST. Only other clients send neither header.
        None => match (text(header::ORIGIN), text(header::HOST)) {
            (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
            (Some(_), None) => false,
            (None, _) => true,
        },
    }
}
