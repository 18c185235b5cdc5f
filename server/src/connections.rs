//! TCP connections: accepting them, their time limits, and their number.
//!
//! The server may hold as many connections as it may open files, less those that the store, the control socket and the
//! log need. At that number the connection that has waited longest for its client makes room for a new one, so that half
//! requests shut nobody out. Guests' streams end before that number, so that pages and staff always have room.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use engine::error_field;
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use parking_lot::Mutex;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::activity::{Activity, GuardedBody, TrackedStream, UploadBody};

mod activity;

/// Files that the store, the control socket and the log keep open, or may.
const RESERVED_FILES: usize = 128;
/// Largest number of connections, whatever the system allows.
const MAX_CONNECTIONS: usize = 100_000;
/// Concurrent requests of one HTTP/2 connection.
const MAX_HTTP2_REQUESTS: u32 = 64;
/// Pause after a failed accept, which mostly means that the system has no file left.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);
/// TCP keepalive: a peer that has gone is noticed after a minute of silence and three probes.
const KEEPALIVE: TcpKeepalive =
    TcpKeepalive::new().with_time(Duration::from_mins(1)).with_interval(Duration::from_secs(10)).with_retries(3);

/// Limits of connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Longest wait for the first request of a connection, or for the rest of a request's head.
    pub head: Duration,
    /// Longest wait for a request's body.
    pub body: Duration,
    /// Longest wait for the next request. Above the minute after which proxies close idle connections themselves.
    pub idle: Duration,
    /// Longest wait for the client to read.
    pub write: Duration,
    /// Number of connections; `None` for as many as the system allows.
    pub most: Option<usize>,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(15),
            idle: Duration::from_secs(75),
            write: Duration::from_secs(30),
            most: None,
        }
    }
}

/// The open connections.
#[derive(Debug)]
pub struct Connections {
    limits: ConnectionLimits,
    most: usize,
    open: Mutex<HashMap<u64, Arc<Activity>>>,
    last_id: AtomicU64,
    /// Notified when a connection has closed or has become idle.
    freed: Notify,
    is_full_logged: AtomicBool,
}

impl Connections {
    /// No connections yet. Without a number in `limits`, the limit of open files gives it.
    pub fn new(limits: ConnectionLimits) -> Self {
        let most = limits.most.unwrap_or_else(most_connections).max(2);
        Self {
            limits,
            most,
            open: Mutex::default(),
            last_id: AtomicU64::new(0),
            freed: Notify::new(),
            is_full_logged: AtomicBool::new(false),
        }
    }

    /// Longest wait for a request's body.
    pub fn body_timeout(&self) -> Duration {
        self.limits.body
    }

    /// Whether only an eighth is left, which is kept for pages, commands and the streams of staff.
    pub fn are_scarce(&self) -> bool {
        self.open.lock().len() > self.most - self.most.div_ceil(8)
    }

    /// Accepts connections until `stop` is cancelled, then waits for their requests.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, router: Router, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => {
                    tokio::select! {
                        () = stop.cancelled() => break,
                        () = self.make_room() => {}
                    }
                    let connections = Arc::clone(&self);
                    tasks.spawn(connections.run(stream, peer, router.clone(), stop.clone()));
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::warn!(error = error_field(&error), "accepting a connection failed; will retry");
                    self.evict_idle();
                    tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
                }
            }
        }
        drop(listener);
        tasks.close();
        tasks.wait().await;
    }

    /// Waits until there is room for one more connection.
    async fn make_room(&self) {
        loop {
            let freed = self.freed.notified();
            if self.open.lock().len() < self.most {
                return;
            }
            if !self.is_full_logged.swap(true, Ordering::Relaxed) {
                tracing::warn!(most = self.most, "all connections are in use; idle ones are closed for new ones");
            }
            if self.evict_idle() {
                return;
            }
            freed.await;
        }
    }

    /// Closes the connection that has waited longest for its client. False if there is none.
    fn evict_idle(&self) -> bool {
        let mut open = self.open.lock();
        let idle = open.iter().filter_map(|(id, activity)| Some((activity.waiting_since()?, *id))).min();
        let Some(activity) = idle.and_then(|(_, id)| open.remove(&id)) else { return false };
        activity.evicted.cancel();
        true
    }

    async fn run(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, router: Router, stop: CancellationToken) {
        configure(&stream);
        let id = self.last_id.fetch_add(1, Ordering::Relaxed);
        let activity = Arc::new(Activity::new());
        self.open.lock().insert(id, Arc::clone(&activity));
        self.handle(stream, peer, router, &activity, stop).await;
        self.open.lock().remove(&id);
        self.freed.notify_one();
    }

    async fn handle(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        router: Router,
        activity: &Arc<Activity>,
        stop: CancellationToken,
    ) {
        let service = service_fn(|mut request: hyper::Request<Incoming>| {
            let guard = activity.begin_request();
            request.extensions_mut().insert(ConnectInfo(peer));
            let request = request.map(|body| UploadBody::new(body, activity));
            let response = TowerToHyperService::new(router.clone()).call(request);
            async move { Ok::<_, Infallible>(response.await?.map(|body| GuardedBody::new(body, guard))) }
        });
        let mut builder = Builder::new(TokioExecutor::new());
        builder.http2().max_concurrent_streams(MAX_HTTP2_REQUESTS);
        let io = TokioIo::new(TrackedStream::new(stream, Arc::clone(activity)));
        let mut connection = std::pin::pin!(builder.serve_connection(io, service));
        let mut expired = std::pin::pin!(activity.expired(&self.limits));
        let mut is_stopping = false;
        loop {
            tokio::select! {
                // An error is the client's: it has gone, or sent something else than HTTP.
                _ = connection.as_mut() => return,
                () = expired.as_mut() => return,
                () = activity.evicted.cancelled() => return,
                () = stop.cancelled(), if !is_stopping => {
                    connection.as_mut().graceful_shutdown();
                    is_stopping = true;
                }
            }
        }
    }
}

/// Raises the soft limit of open files to the hard limit, since the usual soft limit of 1,024 is for programs that
/// serve nobody.
pub fn raise_open_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
    {
        tracing::warn!(error = error_field(&error), "the limit of open files cannot be raised");
    }
}

/// The number of connections that the limit of open files allows.
fn most_connections() -> usize {
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let files = files.map_or(MAX_CONNECTIONS, |files| usize::try_from(files).unwrap_or(MAX_CONNECTIONS));
    files.saturating_sub(RESERVED_FILES.min(files / 2)).min(MAX_CONNECTIONS)
}

/// Sets the options of an accepted socket. A failure costs latency or a slot only.
fn configure(stream: &TcpStream) {
    // Nagle's algorithm would delay small frames.
    let _ = stream.set_nodelay(true);
    let _ = SockRef::from(stream).set_tcp_keepalive(&KEEPALIVE);
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[tokio::test]
    async fn an_accepted_socket_has_keepalive_and_no_delay() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (accepted, _) = listener.accept().await.unwrap();
        assert!(!SockRef::from(&accepted).keepalive().unwrap());
        configure(&accepted);
        assert!(SockRef::from(&accepted).keepalive().unwrap() && accepted.nodelay().unwrap());
        drop(client);
    }
}
