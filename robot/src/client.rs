//! HTTP client of the robots for the public API, over kept-alive connections.

use std::time::Duration;

use domain::answer::Answer;
use domain::ids::ShopId;
use domain::view::ordering::Ordering;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client as Http, Error as HttpError};
use hyper_util::rt::TokioExecutor;
use protocol::frame::Snapshot;
use protocol::problem::Problem;

/// Name of the cookie that identifies a guest's phone.
const DEVICE_COOKIE: &str = "crema_device";

/// Timeout of one request, and of reading one response body.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) struct Client {
    http: Http<HttpConnector, Full<Bytes>>,
    server: String,
    shop: ShopId,
}

/// A header that authenticates a request. `Debug` output does not show its value.
#[derive(Clone)]
pub(super) struct Credential(HeaderName, HeaderValue);

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("the server cannot be reached")]
    Unreachable(#[source] HttpError),
    #[error("the connection was lost")]
    ConnectionLost(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the request timed out")]
    Timeout,
    /// The server rejected the request. `slug` is the last part of the problem type, or `HTTP <status>` for a body
    /// that is not a problem document; `retry_after` is in seconds.
    #[error("{slug}")]
    Rejected { slug: String, status: StatusCode, retry_after: Option<u32> },
    #[error("unexpected response: the server is not Crema or has another version")]
    UnexpectedResponse,
    #[error("no new code was displayed in time")]
    NoNewCode,
}

impl Credential {
    pub(super) fn token(token: &str) -> Self {
        Self::sensitive(header::AUTHORIZATION, &format!("Bearer {token}"))
    }

    fn device(value: &str) -> Self {
        Self::sensitive(header::COOKIE, &format!("{DEVICE_COOKIE}={value}"))
    }

    fn sensitive(name: HeaderName, value: &str) -> Self {
        let mut value = HeaderValue::try_from(value).expect("secrets are plain ASCII");
        value.set_sensitive(true);
        Self(name, value)
    }
}

impl ClientError {
    /// Seconds to wait before the same request may succeed; `None` if a retry is useless.
    pub(super) fn retry_after_seconds(&self) -> Option<u32> {
        match self {
            Self::Unreachable(_) | Self::ConnectionLost(_) | Self::Timeout => Some(0),
            Self::Rejected { status, retry_after, .. } => {
                // A proxy answers 502 or 504 while the server restarts.
                matches!(status.as_u16(), 429 | 502 | 503 | 504).then_some(retry_after.unwrap_or(0))
            }
            Self::UnexpectedResponse | Self::NoNewCode => None,
        }
    }

    /// Whether the server may have executed the request despite this error.
    pub(super) fn is_outcome_unknown(&self) -> bool {
        matches!(self, Self::ConnectionLost(_) | Self::Timeout)
    }

    pub(super) fn is(&self, slug: &str) -> bool {
        matches!(self, Self::Rejected { slug: given, .. } if given == slug)
    }

    fn from_response(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let retry_after = headers.get(header::RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse().ok());
        match serde_json::from_slice::<Problem>(body) {
            Ok(problem) => {
                let slug = problem.kind.trim_start_matches("/problems/").to_owned();
                Self::Rejected { slug, status, retry_after: problem.retry_after.or(retry_after) }
            }
            Err(_) => Self::Rejected { slug: format!("HTTP {}", status.as_u16()), status, retry_after },
        }
    }
}

/// The device's secret in a `Set-Cookie` header.
fn device_cookie(header: &str) -> Option<&str> {
    header.strip_prefix(DEVICE_COOKIE)?.strip_prefix('=')?.split(';').next()
}

impl Client {
    pub(super) fn new(server: String, shop: ShopId) -> Self {
        let mut connector = HttpConnector::new();
        // Nagle's algorithm would delay small requests.
        connector.set_nodelay(true);
        let http = Http::builder(TokioExecutor::new()).build(connector);
        Self { http, server, shop }
    }

    /// Reads the public ordering view of the shop.
    pub(super) async fn ordering(&self) -> Result<Ordering, ClientError> {
        let path = format!("/s/{}/view/ordering", self.shop);
        let (_, body) = self.send_and_read(self.request(Method::GET, &path, None, Bytes::new())).await?;
        let snapshot: Snapshot<Ordering> =
            serde_json::from_slice(&body).map_err(|_| ClientError::UnexpectedResponse)?;
        Ok(snapshot.view)
    }

    /// Posts the URL-encoded `form` of a command to `path`.
    pub(super) async fn command(
        &self,
        path: &str,
        credential: &Credential,
        form: Bytes,
    ) -> Result<Answer, ClientError> {
        let (_, body) = self.send_and_read(self.request(Method::POST, path, Some(credential), form)).await?;
        serde_json::from_slice(&body).map_err(|_| ClientError::UnexpectedResponse)
    }

    /// Opens the URL of a QR code without a cookie, as a new phone does, and returns the device cookie of the response.
    pub(super) async fn scan(&self, code: &str) -> Result<Credential, ClientError> {
        let path = format!("/q/{code}");
        let (headers, _) = self.send_and_read(self.request(Method::GET, &path, None, Bytes::new())).await?;
        let cookies = headers.get_all(header::SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
        let device = cookies.filter_map(device_cookie).map(Credential::device).next();
        device.ok_or(ClientError::UnexpectedResponse)
    }

    /// Opens the barista event stream.
    pub(super) async fn stream(&self, credential: &Credential) -> Result<Incoming, ClientError> {
        let path = format!("/s/{}/stream/barista", self.shop);
        let response = self.send(self.request(Method::GET, &path, Some(credential), Bytes::new())).await?;
        let (parts, body) = response.into_parts();
        if parts.status == StatusCode::OK {
            return Ok(body);
        }
        let body = body.collect().await.map_err(|error| ClientError::ConnectionLost(error.into()))?.to_bytes();
        Err(ClientError::from_response(parts.status, &parts.headers, &body))
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        credential: Option<&Credential>,
        form: Bytes,
    ) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(form));
        *request.uri_mut() =
            format!("{}{path}", self.server).parse().expect("the server URL is valid and the path is plain ASCII");
        let headers = request.headers_mut();
        if method == Method::POST {
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.insert(header::CONTENT_TYPE, form);
        }
        if let Some(Credential(name, value)) = credential {
            headers.insert(name, value.clone());
        }
        *request.method_mut() = method;
        request
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, ClientError> {
        let response = tokio::time::timeout(REQUEST_TIMEOUT, self.http.request(request)).await;
        response.map_err(|_| ClientError::Timeout)?.map_err(|error| {
            if error.is_connect() { ClientError::Unreachable(error) } else { ClientError::ConnectionLost(error.into()) }
        })
    }

    /// Sends a request and reads the whole body. Any status other than 200 is an error.
    async fn send_and_read(&self, request: Request<Full<Bytes>>) -> Result<(HeaderMap, Bytes), ClientError> {
        let (parts, body) = self.send(request).await?.into_parts();
        let body = tokio::time::timeout(REQUEST_TIMEOUT, body.collect()).await.map_err(|_| ClientError::Timeout)?;
        let body = body.map_err(|error| ClientError::ConnectionLost(error.into()))?.to_bytes();
        match parts.status {
            StatusCode::OK => Ok((parts.headers, body)),
            status => Err(ClientError::from_response(status, &parts.headers, &body)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    fn rejection(status: u16, body: &str) -> ClientError {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("7"));
        ClientError::from_response(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes())
    }

    #[test]
    fn a_problem_is_identified_by_the_slug_of_its_type() {
        let body =
            r#"{"type":"/problems/shop_unavailable/closed","status":409,"title":"","detail":"","retry_after":60}"#;
        let error = rejection(409, body);
        assert!(error.is("shop_unavailable/closed"), "{error}");
        assert!(matches!(error, ClientError::Rejected { retry_after: Some(60), .. }));
    }

    #[test]
    fn busy_and_lost_requests_are_retried_and_refusals_are_not() {
        assert_eq!(rejection(503, "").retry_after_seconds(), Some(7));
        assert_eq!(rejection(429, "").retry_after_seconds(), Some(7));
        assert_eq!(rejection(502, "<html>").retry_after_seconds(), Some(7));
        assert_eq!(ClientError::Timeout.retry_after_seconds(), Some(0));
        for status in [400, 401, 403, 404, 409, 410, 422, 500] {
            assert_eq!(rejection(status, "").retry_after_seconds(), None, "{status}");
        }
        assert_eq!(ClientError::UnexpectedResponse.retry_after_seconds(), None);
    }

    #[test]
    fn credentials_are_sent_and_hidden_in_debug_output() {
        let Credential(name, value) = Credential::token("ct_AAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!((name, value.as_bytes()), (header::AUTHORIZATION, &b"Bearer ct_AAAAAAAAAAAAAAAAAAAAAA"[..]));
        assert_eq!(format!("{value:?}"), "Sensitive");
    }
}
