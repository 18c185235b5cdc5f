//! The extractor of a request below `/s/{shop}`: the shop, the caller, and the words.

use std::collections::HashMap;
use std::sync::Arc;

use app::words::Words;
use axum::Json;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use domain::ids::ShopId;
use domain::view::Screen;
use engine::read_model::ReadModel;
use protocol::problem::{Kind, RequestError};
use serde::Serialize;

use crate::web::context::RequestContext;
use crate::web::view::Reader;
use crate::web::{AppState, problem_response};

/// A request below `/s/{shop}`.
pub(super) struct ShopContext {
    pub(super) caller: RequestContext,
    pub(super) read_model: Arc<ReadModel>,
    pub(super) words: Words,
}

impl FromRequestParts<Arc<AppState>> for ShopContext {
    /// The refusal for an unknown shop.
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<AppState>) -> Result<Self, Response> {
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, state).await;
        let path = path.map_err(IntoResponse::into_response)?;
        let slug = path.get("shop").map_or("", String::as_str);
        let read_model = state.find_shop(slug).map_err(|error| problem_response(&parts.headers, error))?;
        let words = parts.extensions.get().copied().unwrap_or_default();
        Ok(Self { caller: RequestContext::new(Arc::clone(state), parts), read_model, words })
    }
}

impl ShopContext {
    /// The context of a request that names its shop in a form.
    ///
    /// # Errors
    /// [`Kind::ShopUnknown`].
    pub(super) fn of_form(caller: RequestContext, shop: &ShopId, words: Words) -> Result<Self, RequestError> {
        let read_model = caller.state.find_shop(shop.as_str())?;
        Ok(Self { caller, read_model, words })
    }

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

    /// Authorizes the caller for the view with this name.
    ///
    /// # Errors
    /// Those of [`Self::authorize`]; [`Kind::PageUnknown`] for an unknown name.
    pub(super) async fn authorize_named(&self, screen: &str) -> Result<Reader, RequestError> {
        self.authorize(screen.parse().map_err(|_| Kind::PageUnknown)?).await
    }

    /// The result as JSON, or the problem in the form that the client accepts.
    pub(super) fn respond<T: Serialize>(&self, result: Result<T, RequestError>) -> Response {
        match result {
            Ok(result) => Json(result).into_response(),
            Err(problem) => problem_response(self.caller.headers(), problem),
        }
    }
}
