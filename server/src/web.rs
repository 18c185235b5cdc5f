//! The HTTP face: pages, commands, streams and the files they load.

pub mod assets;
mod code;
mod commands;
mod context;
mod enter;
mod extensions;
mod guard;
mod history;
mod office;
mod orders;
mod pages;
mod pins;
mod stream;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderMap;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use domain::ids::GuestId;
use protocol::problem::{Kind, Problem};
use tokio_util::sync::CancellationToken;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::clock::Clock;
use crate::config::PublicUrl;
use crate::engine::Engine;
use crate::extension_host::ExtensionHost;
use crate::identity::device::Device;
use crate::identity::keys::Keys;
use crate::identity::passes::Passes;
use crate::identity::rate_limiter::RateLimiter;

/// The largest request anybody may send, in bytes.
pub const BODY_LIMIT: usize = 64 * 1024;

/// All that answering a request takes.
pub struct AppState {
    pub engine: Arc<Engine>,
    pub extension_host: ExtensionHost,
    pub passes: Passes,
    pub keys: Arc<Keys>,
    pub clock: Arc<dyn Clock>,
    pub public_url: Option<PublicUrl>,
    pub rate_limits: RateLimits,
    /// Tells one build of the program from another; screens of another one reload.
    pub build: String,
    /// Cancelled when the program stops: open streams say goodbye.
    pub stop: CancellationToken,
}

/// Who is slowed down for a while.
pub struct RateLimits {
    /// Guests whose starts came to nothing.
    turned_away: RateLimiter<GuestId>,
    /// Typed codes that were none, by the browser they came from.
    guesses: RateLimiter<Device>,
    /// The same, from wherever: cookies are easily thrown away. Far above what a crowd mistypes, and far below what
    /// finds one of 2⁴⁰ codes within its minutes.
    all_guesses: RateLimiter<()>,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self { turned_away: RateLimiter::new(3), guesses: RateLimiter::new(10), all_guesses: RateLimiter::new(600) }
    }
}

impl AppState {
    /// Where browsers find us: as set, else as this request did.
    fn public_url(&self, headers: &HeaderMap) -> String {
        self.public_url.as_ref().map_or_else(
            || {
                let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("localhost");
                format!("http://{host}")
            },
            ToString::to_string,
        )
    }

    fn is_secure(&self) -> bool {
        self.public_url.as_ref().is_some_and(PublicUrl::is_secure)
    }
}

/// Every address there is.
pub fn routes(state: Arc<AppState>) -> Router {
    Router::new()
        .route("/", get(pages::home))
        .route("/q", get(pages::typing))
        .route("/q/{code}", get(pages::scan))
        .route("/enter/{link}", get(enter::ask).post(enter::redeem))
        .route("/s/{shop}", get(pages::ordering))
        .route("/s/{shop}/display", get(pages::display))
        .route("/s/{shop}/barista", get(pages::barista))
        .route("/s/{shop}/change", get(pages::change))
        .route("/s/{shop}/history", get(history::history))
        .route("/s/{shop}/counter", get(pages::counter))
        .route("/s/{shop}/office", get(office::doors))
        .route("/s/{shop}/office/menu", get(office::menu))
        .route("/s/{shop}/office/extensions", get(office::extensions))
        .route("/s/{shop}/office/drink", get(office::new_drink))
        .route("/s/{shop}/office/drink/{drink}", get(office::drink))
        .route("/s/{shop}/office/group", get(office::new_group))
        .route("/s/{shop}/office/group/{group}", get(office::group))
        .route("/s/{shop}/x/{extension}", get(extensions::first))
        .route("/s/{shop}/x/{extension}/{*path}", get(extensions::page))
        .route("/s/{shop}/view/{view}", get(view::view))
        .route("/s/{shop}/stream/{view}", get(stream::stream))
        .route("/s/{shop}/orders", get(orders::list))
        .route("/s/{shop}/orders/mine", get(orders::mine))
        .route("/s/{shop}/orders/{order}", get(orders::order))
        .route("/problems/{*slug}", get(pages::problem))
        .route("/api/{*path}", any(commands::command))
        .merge(assets::routes())
        .fallback(|headers: HeaderMap| async move { refuse(&headers, Kind::PageUnknown) })
        .method_not_allowed_fallback(|headers: HeaderMap| async move { refuse(&headers, Kind::MethodWrong) })
        // As one, the outermost first: each layer for itself would box its future at every request.
        .layer((
            // Pages shrink to a quarter. Streams are left alone: a frame must not wait for more to compress with.
            CompressionLayer::new().quality(CompressionLevel::Precise(5)),
            DefaultBodyLimit::max(BODY_LIMIT),
            from_fn(guard::headers),
            CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| guard::document(&Kind::Broken.into())),
        ))
        .with_state(state)
}

/// A no in the form its reader wants: a page with words, or a problem document.
fn refuse(headers: &HeaderMap, problem: impl Into<Problem>) -> Response {
    let problem = problem.into();
    if guard::wants_page(headers) {
        guard::page(&problem, Some("/")).into_response()
    } else {
        guard::document(&problem)
    }
}
