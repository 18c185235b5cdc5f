//! Default response headers, and error responses.

use std::sync::{Arc, LazyLock};

use app::pages::problem::WaysOn;
use app::words::Words;
use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use domain::language::Language;
use domain::view::Screen;
use protocol::problem::{Kind, RequestError};

use crate::web::{AppState, assets, origin, problem_response, request_headers};

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

/// Middleware that passes the words of the request to its handler, renders problems in them, normalizes framework
/// errors and adds default headers which the handler did not set.
pub(super) async fn defaults(State(state): State<Arc<AppState>>, mut request: Request, next: Next) -> Response {
    let accepts_html = accepts_html(request.headers());
    let words = Words::new(language(request.uri(), state.has_pseudo_locale));
    request.extensions_mut().insert(words);
    let response = match origin::normalize_host(&mut request) {
        Err(error) => problem_response(request.headers(), error),
        Ok(()) => match without_trailing_slash(&request) {
            Some(target) => Redirect::permanent(&target).into_response(),
            None => next.run(request).await,
        },
    };
    let mut response = normalize_error(response, accepts_html);
    if let Some(ProblemBody { error, form }) = response.extensions_mut().remove() {
        *response.body_mut() = Body::from(form.render(words, &error));
    }
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

/// The address of a page without the slash that people and link shorteners add; `None` if it has none. A target that
/// begins with two slashes would lead to another site.
fn without_trailing_slash(request: &Request) -> Option<String> {
    let path = request.uri().path();
    let target = path.trim_end_matches('/');
    let is_page = matches!(*request.method(), Method::GET | Method::HEAD);
    let leads_elsewhere = target.is_empty() || target.starts_with("//") || target.contains('\\');
    if !is_page || target == path || leads_elsewhere {
        return None;
    }
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    Some(format!("{target}{query}"))
}

/// The language of a request, from its query `lang`.
fn language(uri: &Uri, has_pseudo_locale: bool) -> Language {
    let query = uri.query().unwrap_or_default();
    let asked = query.split('&').find_map(|part| part.strip_prefix("lang=")?.parse().ok());
    asked.filter(|language| *language != Language::Pseudo || has_pseudo_locale).unwrap_or_default()
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
    request_headers::elements(headers, header::ACCEPT).any(|element| request_headers::accepts(&element, "text/html"))
}

/// A problem that [`defaults`] renders as the body of the response, in the language of the request.
#[derive(Clone)]
struct ProblemBody {
    error: RequestError,
    form: ProblemForm,
}

#[derive(Clone)]
enum ProblemForm {
    /// A problem document as JSON.
    Document,
    /// An HTML page.
    Page(WaysOn),
}

impl ProblemForm {
    fn content_type(&self) -> &'static str {
        match self {
            Self::Document => "application/problem+json",
            Self::Page(_) => "text/html; charset=utf-8",
        }
    }

    fn render(&self, words: Words, error: &RequestError) -> String {
        match self {
            Self::Document => serde_json::to_string(&words.problem(error)).expect("problems serialize to JSON"),
            Self::Page(ways_on) => app::pages::problem::html(assets::of(Screen::Ordering), words, error, ways_on),
        }
    }
}

/// An error as `application/problem+json` with its status and `Retry-After`.
pub(super) fn document(error: &RequestError) -> Response {
    respond(error, ProblemForm::Document)
}

/// An error as an HTML page with its status and `Retry-After`. `back` is the target of its link.
pub(super) fn page(error: &RequestError, back: Option<&str>) -> Response {
    page_with(error, WaysOn { back: back.map(str::to_owned), ..WaysOn::default() })
}

/// The same page with these ways on.
pub(super) fn page_with(error: &RequestError, ways_on: WaysOn) -> Response {
    respond(error, ProblemForm::Page(ways_on))
}

fn respond(error: &RequestError, form: ProblemForm) -> Response {
    let status = StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let retry_after: HeaderMap =
        error.retry_after.map(|seconds| (header::RETRY_AFTER, HeaderValue::from(seconds))).into_iter().collect();
    let content_type = [(header::CONTENT_TYPE, form.content_type())];
    (status, retry_after, content_type, Extension(ProblemBody { error: error.clone(), form })).into_response()
}
