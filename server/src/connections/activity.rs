//! Activity of one connection: when its requests begin and end, when it reads, and when the client does not.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::ConnectionLimits;

/// Activity of one connection.
#[derive(Debug)]
pub(super) struct Activity {
    times: Mutex<Times>,
    /// Cancelled when the connection has to make room for another one.
    pub(super) evicted: CancellationToken,
}

#[derive(Debug)]
struct Times {
    /// Requests whose response is not complete.
    requests: u32,
    /// Those of them whose body is not complete.
    uploads: u32,
    /// When the last request ended, or the last body began.
    idle_since: Instant,
    /// When the head of the next request began: at the connection's start, or at its first byte.
    head_since: Option<Instant>,
    /// Since when the client has not read what is to be sent.
    stalled_since: Option<Instant>,
}

impl Activity {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        let times = Times { requests: 0, uploads: 0, idle_since: now, head_since: Some(now), stalled_since: None };
        Self { times: Mutex::new(times), evicted: CancellationToken::new() }
    }

    /// Since when the connection has waited for its client: for a request, or for the bodies of all its requests.
    pub(super) fn waiting_since(&self) -> Option<Instant> {
        let times = self.times.lock();
        (times.requests == times.uploads).then_some(times.idle_since)
    }

    /// Records a request. It lasts until the guard is dropped.
    pub(super) fn begin_request(self: &Arc<Self>) -> RequestGuard {
        let mut times = self.times.lock();
        times.requests += 1;
        times.head_since = None;
        RequestGuard(Arc::clone(self))
    }

    /// Records the body of a request. It is incomplete until the guard is dropped.
    fn begin_upload(self: &Arc<Self>) -> UploadGuard {
        let mut times = self.times.lock();
        times.uploads += 1;
        times.idle_since = Instant::now();
        UploadGuard(Arc::clone(self))
    }

    /// Returns when the connection has waited too long for its client.
    pub(super) async fn expired(&self, limits: &ConnectionLimits) {
        // A wait may begin at any time, and none ends sooner than the shortest of them.
        let shortest = limits.head.min(limits.idle).min(limits.write);
        loop {
            let now = Instant::now();
            let deadline = self.deadline(limits);
            if deadline.is_some_and(|deadline| deadline <= now) {
                return;
            }
            let next = now + shortest;
            tokio::time::sleep_until(deadline.map_or(next, |deadline| deadline.min(next))).await;
        }
    }

    fn deadline(&self, limits: &ConnectionLimits) -> Option<Instant> {
        let times = self.times.lock();
        let stalled = times.stalled_since.map(|since| since + limits.write);
        let waiting = match times.head_since {
            _ if times.requests > 0 => None,
            Some(since) => Some(since + limits.head),
            None => Some(times.idle_since + limits.idle),
        };
        stalled.into_iter().chain(waiting).min()
    }

    fn on_read(&self) {
        let mut times = self.times.lock();
        if times.requests == 0 {
            times.head_since.get_or_insert_with(Instant::now);
        }
    }

    fn on_write(&self, is_stalled: bool) {
        let mut times = self.times.lock();
        if is_stalled {
            times.stalled_since.get_or_insert_with(Instant::now);
        } else {
            times.stalled_since = None;
        }
    }
}

/// A request in progress.
#[derive(Debug)]
pub(super) struct RequestGuard(Arc<Activity>);

impl Drop for RequestGuard {
    fn drop(&mut self) {
        let mut times = self.0.times.lock();
        times.requests -= 1;
        times.idle_since = Instant::now();
    }
}

/// A request body that is not complete.
#[derive(Debug)]
struct UploadGuard(Arc<Activity>);

impl Drop for UploadGuard {
    fn drop(&mut self) {
        self.0.times.lock().uploads -= 1;
    }
}

/// A request body that records whether the client has sent it.
pub(super) struct UploadBody {
    body: Incoming,
    /// `None` once the body is complete.
    guard: Option<UploadGuard>,
}

impl UploadBody {
    pub(super) fn new(body: Incoming, activity: &Arc<Activity>) -> Self {
        let guard = (!body.is_end_stream()).then(|| activity.begin_upload());
        Self { body, guard }
    }
}

impl HttpBody for UploadBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) || self.body.is_end_stream() {
            self.guard = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A response body that holds its request's guard.
pub(super) struct GuardedBody {
    body: Body,
    _guard: RequestGuard,
}

impl GuardedBody {
    pub(super) fn new(body: Body, guard: RequestGuard) -> Self {
        Self { body, _guard: guard }
    }
}

impl HttpBody for GuardedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream that reports its activity.
pub(super) struct TrackedStream {
    stream: TcpStream,
    activity: Arc<Activity>,
}

impl TrackedStream {
    pub(super) fn new(stream: TcpStream, activity: Arc<Activity>) -> Self {
        Self { stream, activity }
    }

    fn written(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.activity.on_write(written.is_pending());
        written
    }
}

impl AsyncRead for TrackedStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            self.activity.on_read();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for TrackedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.written(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
