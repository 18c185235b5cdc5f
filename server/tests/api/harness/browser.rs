//! An HTTP client with cookies or a bearer token, with one method for each action.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, Response, header};
use domain::ids::OrderId;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use protocol::frame::Snapshot;
use serde::de::DeserializeOwned;

use crate::harness::new_order;
use crate::harness::request::{TestRequest, TestResponse};
use crate::harness::within_timeout;

/// The connection ended before the response was complete.
#[derive(Debug)]
pub(crate) struct ConnectionClosed;

/// Clones share their cookies, like two tabs of one browser.
#[derive(Clone)]
pub(crate) struct Browser {
    addr: SocketAddr,
    client: Client<HttpConnector, Body>,
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
    token: Option<String>,
    /// Scripts are disabled: requests accept HTML only.
    scripts_disabled: bool,
}

impl Browser {
    pub(crate) fn new(addr: SocketAddr) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { addr, client, cookies: Arc::default(), token: None, scripts_disabled: false }
    }

    pub(crate) fn with_token(addr: SocketAddr, token: String) -> Self {
        Self { token: Some(token), ..Self::new(addr) }
    }

    /// The same browser with scripts disabled.
    pub(crate) fn without_scripts(&self) -> Self {
        Self { scripts_disabled: true, ..self.clone() }
    }

    /// The same cookies with the address of a restarted server.
    pub(crate) fn with_addr(&self, addr: SocketAddr) -> Self {
        Self { addr, ..self.clone() }
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// All cookie values and the token, which no response may repeat.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.cookies.lock().unwrap().values().cloned().chain(self.token.clone()).collect()
    }

    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    /// Sends the request and returns once the response head has arrived.
    pub(crate) async fn open(&self, request: TestRequest) -> Response<Incoming> {
        self.try_open(request).await.unwrap()
    }

    async fn try_open(&self, request: TestRequest) -> Result<Response<Incoming>, ConnectionClosed> {
        let TestRequest { method, path, headers, body } = request;
        let mut request = Request::builder().method(method).uri(format!("http://{}{path}", self.addr));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let cookies: Vec<_> =
            self.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let request = request.body(Body::from(body)).unwrap();
        let response = within_timeout(&path, self.client.request(request)).await.map_err(|_| ConnectionClosed)?;
        self.store_cookies(response.headers());
        let head = TestResponse { status: response.status(), headers: response.headers().clone(), body: Bytes::new() };
        head.check_headers();
        Ok(response)
    }

    fn store_cookies(&self, headers: &HeaderMap) {
        for set in headers.get_all(header::SET_COOKIE) {
            let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.set_cookie(name, value);
        }
    }

    pub(crate) async fn send(&self, request: TestRequest) -> TestResponse {
        self.try_send(request).await.unwrap()
    }

    /// Returns the response, or an error if the connection ends early.
    pub(crate) async fn try_send(&self, request: TestRequest) -> Result<TestResponse, ConnectionClosed> {
        let request = if self.scripts_disabled { request.with("accept", "text/html,*/*;q=0.8") } else { request };
        let (head, body) = self.try_open(request).await?.into_parts();
        let body = within_timeout("the response body", body.collect()).await.map_err(|_| ConnectionClosed)?.to_bytes();
        Ok(TestResponse { status: head.status, headers: head.headers, body })
    }

    pub(crate) async fn get(&self, path: &str) -> TestResponse {
        self.send(TestRequest::get(path)).await
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> TestResponse {
        self.send(TestRequest::post(path, fields)).await
    }

    /// Sends a command to the demo shop.
    pub(crate) async fn command(&self, action: &str, fields: &[(&str, &str)]) -> TestResponse {
        self.send(command(action, fields)).await
    }

    /// Loads the snapshot of a view.
    pub(crate) async fn view<V: DeserializeOwned>(&self, view: &str) -> Snapshot<V> {
        let response = self.get(&format!("/s/demo/view/{view}")).await;
        serde_json::from_str(response.text()).unwrap()
    }

    /// Redeems a link and returns the path of the redirect.
    pub(crate) async fn redeem_link(&self, link: &str) -> String {
        self.post(&format!("/enter/{link}"), &[]).await.redirect_target().to_owned()
    }

    /// Opens the address of the QR code. This does not start an order.
    pub(crate) async fn scan(&self, code: &str) -> TestResponse {
        let scanned = self.get(&format!("/q/{code}")).await;
        // A start that the shop would turn away is refused at the scan.
        assert!(matches!(scanned.status.as_u16(), 200 | 409), "{}", scanned.text());
        scanned
    }

    pub(crate) async fn start(&self, order: OrderId, code: &str) -> TestResponse {
        self.command("orders/start", &[("order", &order.to_string()), ("code", code)]).await
    }

    pub(crate) async fn submit(&self, order: OrderId, drink: &str, more: &[(&str, &str)]) -> TestResponse {
        let order = order.to_string();
        let fields = [&[("order", order.as_str()), ("drink", drink)], more].concat();
        self.command("orders/submit", &fields).await
    }

    /// Sends `claim`, `release`, `complete`, `collect`, `cancel` or another step of an order.
    pub(crate) async fn step(&self, step: &str, order: OrderId) -> TestResponse {
        let order = order.to_string();
        let reason = if step == "cancel" { &[("reason", "other")][..] } else { &[] };
        self.command(&format!("orders/{step}"), &[&[("order", order.as_str())], reason].concat()).await
    }

    /// Starts and submits an order, which then waits for a barista.
    pub(crate) async fn order(&self, code: &str, drink: &str) -> OrderId {
        let order = new_order();
        self.start(order, code).await.expect_ok();
        self.submit(order, drink, &[]).await.expect_ok();
        order
    }
}

/// Builds a command request for the demo shop.
pub(crate) fn command(action: &str, fields: &[(&str, &str)]) -> TestRequest {
    let fields = [&[("shop", "demo")], fields].concat();
    TestRequest::post(&format!("/api/{action}"), &fields)
}
