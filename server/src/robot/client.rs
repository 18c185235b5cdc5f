//! The robots' side of the public API: requests over kept connections, and the ways they go unanswered.

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

use crate::config::PublicUrl;
use crate::identity::cookie;
use crate::identity::device::COOKIE;
use crate::identity::secret::Secret;

/// A request without an answer after this time is taken for lost.
const LONGEST_REQUEST: Duration = Duration::from_secs(10);

pub(super) struct Client {
    http: Http<HttpConnector, Full<Bytes>>,
    server: String,
    shop: ShopId,
}

/// What lets a request in. It goes into headers and nowhere else.
#[derive(Clone)]
pub(super) struct Credential(HeaderName, HeaderValue);

/// Why a request brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("the server cannot be reached")]
    Unreachable(#[source] HttpError),
    #[error("the connection broke")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("no answer in time")]
    Late,
    /// The last part of the problem's type, or the status of an answer that is no problem document.
    #[error("{slug}")]
    CommandError { slug: String, status: StatusCode, retry_after: Option<u32> },
    #[error("an answer that is none of Crema's")]
    Foreign,
    #[error("no new code was shown")]
    NoCode,
}

impl Credential {
    pub(super) fn token(token: &Secret) -> Self {
        Self::hidden(header::AUTHORIZATION, &format!("Bearer {}", token.reveal()))
    }

    fn device(value: &str) -> Self {
        Self::hidden(header::COOKIE, &format!("{COOKIE}={value}"))
    }

    fn hidden(name: HeaderName, value: &str) -> Self {
        let mut value = HeaderValue::try_from(value).expect("secrets of ours are plain ASCII");
        value.set_sensitive(true);
        Self(name, value)
    }
}

impl ClientError {
    /// Seconds that have to pass before the same request may succeed; `None` for a no that stays one.
    pub(super) fn again_after(&self) -> Option<u32> {
        match self {
            Self::Unreachable(_) | Self::Broken(_) | Self::Late => Some(0),
            Self::CommandError { status, retry_after, .. } => {
                // 502 and 504 come from a proxy before a server that is being started again.
                matches!(status.as_u16(), 429 | 502 | 503 | 504).then_some(retry_after.unwrap_or(0))
            }
            Self::Foreign | Self::NoCode => None,
        }
    }

    /// The request may have been obeyed all the same.
    pub(super) fn is_lost(&self) -> bool {
        matches!(self, Self::Broken(_) | Self::Late)
    }

    pub(super) fn is(&self, slug: &str) -> bool {
        matches!(self, Self::CommandError { slug: given, .. } if given == slug)
    }

    fn refused(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let retry_after = headers.get(header::RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse().ok());
        match serde_json::from_slice::<Problem>(body) {
            Ok(problem) => {
                let slug = problem.kind.trim_start_matches("/problems/").to_owned();
                Self::CommandError { slug, status, retry_after: problem.retry_after.or(retry_after) }
            }
            Err(_) => Self::CommandError { slug: format!("HTTP {}", status.as_u16()), status, retry_after },
        }
    }
}

impl Client {
    pub(super) fn new(server: &PublicUrl, shop: ShopId) -> Self {
        let mut connector = HttpConnector::new();
        // A request that waits for a full packet arrives late.
        connector.set_nodelay(true);
        let http = Http::builder(TokioExecutor::new()).build(connector);
        Self { http, server: server.to_string(), shop }
    }

    /// What any phone may know of the shop.
    pub(super) async fn ordering(&self) -> Result<Ordering, ClientError> {
        let path = format!("/s/{}/view/ordering", self.shop);
        let (_, body) = self.whole(self.request(Method::GET, &path, None, Bytes::new())).await?;
        let snapshot: Snapshot<Ordering> = serde_json::from_slice(&body).map_err(|_| ClientError::Foreign)?;
        Ok(snapshot.view)
    }

    /// Posts a form to a command's address.
    pub(super) async fn command(
        &self,
        path: &str,
        credential: &Credential,
        form: Bytes,
    ) -> Result<Answer, ClientError> {
        let (_, body) = self.whole(self.request(Method::POST, path, Some(credential), form)).await?;
        serde_json::from_slice(&body).map_err(|_| ClientError::Foreign)
    }

    /// Opens the address of a QR as a phone does that was never here, and keeps the cookie it is given.
    pub(super) async fn scan(&self, code: &str) -> Result<Credential, ClientError> {
        let path = format!("/q/{code}");
        let (headers, _) = self.whole(self.request(Method::GET, &path, None, Bytes::new())).await?;
        let cookies = headers.get_all(header::SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
        let device = cookies.filter_map(|cookie| cookie::value(cookie, COOKIE)).map(Credential::device).next();
        device.ok_or(ClientError::Foreign)
    }

    /// The stream of those behind the bar.
    pub(super) async fn stream(&self, credential: &Credential) -> Result<Incoming, ClientError> {
        let path = format!("/s/{}/stream/barista", self.shop);
        let response = self.send(self.request(Method::GET, &path, Some(credential), Bytes::new())).await?;
        let (parts, body) = response.into_parts();
        if parts.status == StatusCode::OK {
            return Ok(body);
        }
        let body = body.collect().await.map_err(|error| ClientError::Broken(error.into()))?.to_bytes();
        Err(ClientError::refused(parts.status, &parts.headers, &body))
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        credential: Option<&Credential>,
        form: Bytes,
    ) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(form));
        *request.uri_mut() = format!("{}{path}", self.server).parse().expect("an address, and a path of letters");
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
        let sent = tokio::time::timeout(LONGEST_REQUEST, self.http.request(request)).await;
        sent.map_err(|_| ClientError::Late)?.map_err(|error| {
            if error.is_connect() { ClientError::Unreachable(error) } else { ClientError::Broken(error.into()) }
        })
    }

    /// Sends and reads to the end; what is not a yes is a no.
    async fn whole(&self, request: Request<Full<Bytes>>) -> Result<(HeaderMap, Bytes), ClientError> {
        let (parts, body) = self.send(request).await?.into_parts();
        let body = tokio::time::timeout(LONGEST_REQUEST, body.collect()).await.map_err(|_| ClientError::Late)?;
        let body = body.map_err(|error| ClientError::Broken(error.into()))?.to_bytes();
        match parts.status {
            StatusCode::OK => Ok((parts.headers, body)),
            status => Err(ClientError::refused(status, &parts.headers, &body)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use protocol::problem::Kind;

    use super::*;

    fn no(status: u16, body: &str) -> ClientError {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("7"));
        ClientError::refused(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes())
    }

    #[test]
    fn a_problem_is_known_by_the_end_of_its_type() {
        let problem = Problem::from(Kind::UnavailableClosed).retry_after(60);
        let no = no(409, &serde_json::to_string(&problem).unwrap());
        assert!(no.is("shop_unavailable/closed"), "{no}");
        assert!(matches!(no, ClientError::CommandError { retry_after: Some(60), .. }));
    }

    #[test]
    fn busy_and_lost_are_asked_again_and_a_refusal_is_not() {
        assert_eq!(no(503, "").again_after(), Some(7));
        assert_eq!(no(429, "").again_after(), Some(7));
        assert_eq!(no(502, "<html>").again_after(), Some(7));
        assert_eq!(ClientError::Late.again_after(), Some(0));
        for status in [400, 401, 403, 404, 409, 410, 422, 500] {
            assert_eq!(no(status, "").again_after(), None, "{status}");
        }
        assert_eq!(ClientError::Foreign.again_after(), None);
    }

    #[test]
    fn a_credential_is_sent_and_never_shown() {
        let Credential(name, value) = Credential::token(&"ct_AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap());
        assert_eq!((name, value.as_bytes()), (header::AUTHORIZATION, &b"Bearer ct_AAAAAAAAAAAAAAAAAAAAAA"[..]));
        assert_eq!(format!("{value:?}"), "Sensitive");
    }
}
