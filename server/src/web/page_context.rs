//! The extractor of a shop's pages: the shop, the caller, and the words of the request.

use std::collections::HashMap;
use std::sync::Arc;

use app::words::Words;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use domain::ids::ShopId;
use domain::view::Screen;
use engine::read_model::ReadModel;
use protocol::problem::RequestError;

use crate::web::context::RequestContext;
use crate::web::view::Reader;
use crate::web::{AppState, guard};

/// A request for a page below `/s/{shop}`.
pub(super) struct PageContext {
    pub(super) caller: RequestContext,
    pub(super) read_model: Arc<ReadModel>,
    pub(super) words: Words,
}

impl FromRequestParts<Arc<AppState>> for PageContext {
    /// The page of an unknown shop.
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<AppState>) -> Result<Self, Response> {
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, state).await;
        let path = path.map_err(IntoResponse::into_response)?;
        let slug = path.get("shop").map_or("", String::as_str);
        let read_model = state.find_shop(slug).map_err(|error| guard::page(&error, None))?;
        let words = parts.extensions.get().copied().unwrap_or_default();
        Ok(Self { caller: RequestContext::new(Arc::clone(state), &parts.headers), read_model, words })
    }
}

impl PageContext {
    pub(super) fn state(&self) -> &Arc<AppState> {
        &self.caller.state
    }

    pub(super) fn shop(&self) -> &ShopId {
        self.read_model.shop()
    }

    /// Authorizes the caller for the view of a screen.
    ///
    /// # Errors
    /// Those of [`Reader::authorize`].
    pub(super) async fn authorize(&self, screen: Screen) -> Result<Reader, RequestError> {
        Reader::authorize(&self.caller, &self.read_model, screen).await
    }
}
