//! HTTP interface: pages, commands, event streams and static files.

pub mod assets;
mod client_address;
mod code;
mod commands;
mod context;
mod enter;
mod extensions;
mod guard;
mod history;
mod notices;
mod office;
mod orders;
mod origin;
mod pages;
mod pins;
mod rate_limits;
mod request_headers;
mod shop_context;
mod stream;
mod view;

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use engine::Engine;
use engine::clock::Clock;
use engine::read_model::ReadModel;
use extension_host::ExtensionHost;
use protocol::problem::{Kind, RequestError};
use store::{AnyStore, KeyFingerprints};
use tokio_util::sync::CancellationToken;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::config::PublicUrl;
use crate::connections::Connections;
use crate::identity::keys::KeyFolder;
use crate::identity::passes::Passes;
use crate::web::origin::FormOrigin;

pub use self::notices::Notices;
pub use self::rate_limits::RateLimits;

/// Maximum request body size in bytes.
pub const BODY_LIMIT: usize = 64 * 1024;

/// Shared state of all request handlers.
pub struct AppState {
    pub engine: Arc<Engine>,
    pub extension_host: ExtensionHost,
    pub passes: Passes,
    pub keys: Arc<KeyFolder>,
    pub store: AnyStore,
    pub fingerprints: KeyFingerprints,
    pub clock: Arc<dyn Clock>,
    pub public_url: Option<PublicUrl>,
    /// Addresses of proxies whose `X-Forwarded-For` is believed, besides those of this machine.
    pub proxies: Vec<IpAddr>,
    /// Whether `?lang=x-pseudo` is answered.
    pub has_pseudo_locale: bool,
    pub rate_limits: RateLimits,
    pub notices: Notices,
    pub connections: Arc<Connections>,
    /// Build identifier. Clients of another build reload the page.
    pub build: String,
    /// Cancelled on shutdown. Open streams then send a reconnect frame and end.
    pub stop: CancellationToken,
}

impl AppState {
    /// The read model of the shop with this slug.
    ///
    /// # Errors
    /// [`Kind::ShopUnknown`].
    fn find_shop(&self, slug: &str) -> Result<Arc<ReadModel>, RequestError> {
        let shop = slug.parse().ok();
        shop.and_then(|shop| self.engine.read_model(&shop)).ok_or_else(|| Kind::ShopUnknown.into())
    }

    /// The configured public URL, or `http://` with the request's `Host` header.
    fn public_url(&self, headers: &HeaderMap) -> String {
        self.public_url.as_ref().map_or_else(
            || {
                let host = request_headers::lines(headers, header::HOST).next();
                format!("http://{}", host.as_deref().filter(|host| !host.is_empty()).unwrap_or("localhost"))
            },
            ToString::to_string,
        )
    }

    /// Refuses a cookie-authenticated POST from a page of another site.
    ///
    /// # Errors
    /// [`Kind::ForeignPost`].
    fn check_origin(&self, headers: &HeaderMap) -> Result<(), RequestError> {
        match origin::form_origin(headers, self.public_url.as_ref()) {
            FormOrigin::Own => Ok(()),
            FormOrigin::Foreign => Err(Kind::ForeignPost.into()),
            FormOrigin::NotTheHost => {
                self.notices.log_refused_origin(headers);
                Err(Kind::ForeignPost.into())
            }
        }
    }

    fn is_secure(&self) -> bool {
        self.public_url.as_ref().is_some_and(PublicUrl::is_secure)
    }
}

/// The route table with its middleware.
pub fn routes(state: Arc<AppState>) -> Router {
    Router::new()
        .route("/", get(pages::home))
        .route("/q", get(pages::enter_code))
        .route("/q/{code}", get(pages::scan))
        .route("/enter/{link}", get(enter::show).post(enter::redeem))
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
        .route("/s/{shop}/x/{extension}", get(extensions::index))
        .route("/s/{shop}/x/{extension}/{*path}", get(extensions::page))
        .route("/s/{shop}/view/{view}", get(view::view))
        .route("/s/{shop}/stream/{view}", get(stream::stream))
        .route("/s/{shop}/orders", get(orders::list))
        .route("/s/{shop}/orders/mine", get(orders::own_orders))
        .route("/s/{shop}/orders/{order}", get(orders::order))
        .route("/problems/{*slug}", get(pages::problem))
        // Events name these addresses as their `dataschema`.
        .route(
            "/schemas/{*schema}",
            get(async |headers: HeaderMap| problem_response(&headers, Kind::SchemaUnpublished)),
        )
        .route("/api/{*path}", any(commands::command))
        .merge(assets::routes())
        .fallback(|headers: HeaderMap| async move { problem_response(&headers, Kind::PageUnknown) })
        .method_not_allowed_fallback(|headers: HeaderMap| async move { problem_response(&headers, Kind::MethodWrong) })
        // One tuple, outermost layer first: separate `layer` calls would each box a future per request.
        .layer((
            // Compression reduces pages to about a quarter. The default predicate excludes event streams, because
            // buffering would delay frames.
            CompressionLayer::new().quality(CompressionLevel::Precise(5)),
            DefaultBodyLimit::max(BODY_LIMIT),
            from_fn_with_state(Arc::clone(&state), guard::defaults),
            CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| guard::document(&Kind::Broken.into())),
        ))
        .with_state(state)
}

/// Renders an error as an HTML page or a problem document, depending on the `Accept` header.
fn problem_response(headers: &HeaderMap, error: impl Into<RequestError>) -> Response {
    let error = error.into();
    if guard::accepts_html(headers) { guard::page(&error, Some("/")).into_response() } else { guard::document(&error) }
}
