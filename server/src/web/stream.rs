//! Server-sent event streams: catch-up frames, then live events, ephemeral values and heartbeats.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::event::Event;
use domain::extension::pin::SlotChange;
use domain::ids::OrderId;
use domain::language::Language;
use domain::redact::Topic;
use engine::read_model::frames::{Published, frame};
use engine::read_model::{Cursor, ReadModel, ReadState, Update};
use futures_util::stream::unfold;
use protocol::frame::{Code, Ephemeral, Heartbeat};
use protocol::problem::{Kind, RequestError};
use serde::Deserialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::web::pins::PinnedPage;
use crate::web::request_headers::lines;
use crate::web::shop_context::ShopContext;
use crate::web::view::Reader;
use crate::web::{AppState, code, pins, problem_response};

/// Heartbeat interval of displays and tablets. They report a lost connection after 7 seconds without a frame.
const SCREEN_HEARTBEAT: Duration = Duration::from_secs(3);
/// Heartbeat interval of phones. They report a lost connection after 25 seconds without a frame.
const PHONE_HEARTBEAT: Duration = Duration::from_secs(10);

/// Upper bound of the random reconnect delay in milliseconds. Spreads the load of reconnecting clients.
const RECONNECT_SPREAD_MS: u32 = 2_000;

/// Delay after which a guest's stream that found no free connection may be opened again.
const STREAM_RETRY_SECONDS: u32 = 10;

/// Query parameters of a stream.
#[derive(Deserialize)]
pub(super) struct StreamQuery {
    /// Cursor of the last received frame. Takes precedence over `Last-Event-ID`.
    after: Option<String>,
}

/// `GET /s/{shop}/stream/{view}?after={cursor}`, with an optional `lang` for the labels of pins. An invalid cursor counts as absent.
pub(super) async fn stream(
    request: ShopContext,
    Path((_, view)): Path<(String, String)>,
    Query(query): Query<StreamQuery>,
) -> Response {
    let reader = match request.authorize_named(&view).await {
        Ok(reader) => reader,
        Err(problem) => return problem_response(request.caller.headers(), problem),
    };
    let is_for_guests = matches!(reader, Reader::Ordering { .. });
    if is_for_guests && request.state().connections.are_scarce() {
        let busy = RequestError::from(Kind::Busy).retry_after(STREAM_RETRY_SECONDS);
        return problem_response(request.caller.headers(), busy);
    }
    let last = lines(request.caller.headers(), HeaderName::from_static("last-event-id")).next();
    let cursor = query.after.as_deref().or(last.as_deref()).and_then(|text| text.parse().ok());
    let subscriber = Subscriber::subscribe(request, reader, cursor.as_ref());
    let frames = unfold(subscriber, |mut subscriber| async move {
        subscriber.next().await.map(|bytes| (Ok::<_, Infallible>(bytes), subscriber))
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform")),
        // Disables response buffering in nginx and compatible proxies.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, Body::from_stream(frames)).into_response()
}

/// One open stream.
struct Subscriber {
    state: Arc<AppState>,
    read_model: Arc<ReadModel>,
    reader: Reader,
    public_url: String,
    /// Language of the labels of pins.
    language: Language,
    updates: Receiver<Update>,
    /// Frames that are ready to send.
    pending: VecDeque<Bytes>,
    code: Option<Code>,
    heartbeat: Interval,
    has_ended: bool,
}

impl Subscriber {
    fn subscribe(request: ShopContext, reader: Reader, cursor: Option<&Cursor>) -> Self {
        let ShopContext { caller, read_model, words } = request;
        let public_url = caller.state.public_url(caller.headers());
        let (state, language) = (caller.state, words.language());
        let page = PinnedPage { state: &state, shop: read_model.shop(), language };
        let before = cursor.map_or(ReaderState::New, ReaderState::At);
        let (frames, updates) = read_model.subscribe(|read_state| catch_up_frames(page, &reader, read_state, before));
        let mut heartbeat =
            interval(if reader.guest().is_some() || !reader.shows_code() { PHONE_HEARTBEAT } else { SCREEN_HEARTBEAT });
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let pending = frames.into();
        let mut subscriber = Self {
            state,
            read_model,
            reader,
            public_url,
            language,
            updates,
            pending,
            code: None,
            heartbeat,
            has_ended: false,
        };
        subscriber.renew_code();
        subscriber
    }

    fn page(&self) -> PinnedPage<'_> {
        PinnedPage { state: &self.state, shop: self.read_model.shop(), language: self.language }
    }

    /// Waits for frames and returns all that are ready as one chunk. `None` at the end of the stream.
    async fn next(&mut self) -> Option<Bytes> {
        while self.pending.is_empty() {
            if self.has_ended {
                return None;
            }
            self.wait().await;
        }
        loop {
            match self.updates.try_recv() {
                Ok(Update::Replaced) => self.resync("replaced").await,
                Ok(update) => self.on_update(&update),
                // The receiver reports a lag only once. Ignoring it would leave a gap in the stream.
                Err(TryRecvError::Lagged(_)) => self.resync("behind").await,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        let mut frames = std::mem::take(&mut self.pending);
        match frames.len() {
            1 => frames.pop_front(),
            _ => Some(Bytes::from(frames.make_contiguous().concat())),
        }
    }

    async fn wait(&mut self) {
        let rotation = self.code.as_ref().map(|code| code.until);
        let clock = Arc::clone(&self.state.clock);
        let rotated = async move {
            match rotation {
                Some(until) => clock.sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            update = self.updates.recv() => match update {
                Ok(Update::Replaced) => self.resync("replaced").await,
                Ok(update) => self.on_update(&update),
                Err(RecvError::Lagged(_)) => self.resync("behind").await,
                Err(RecvError::Closed) => self.has_ended = true,
            },
            () = rotated => self.renew_code(),
            _ = self.heartbeat.tick() => {
                let cursor = self.read_model.read().state.cursor();
                let value = Heartbeat {
                    position: cursor.position,
                    now: self.state.clock.now(),
                    build: self.state.build.clone(),
                };
                self.pending.push_back(frame("heartbeat", Some(&cursor), &value));
            }
            () = self.state.stop.cancelled() => {
                self.pending.push_back(frame("reconnect", None, &reconnect_delay_ms()));
                self.has_ended = true;
            }
        }
    }

    fn on_update(&mut self, update: &Update) {
        match update {
            Update::Event(published) => {
                self.pending.extend(event_frames(&self.reader, published));
                if matches!(published.recorded.event, Event::LimitsChanged(_)) {
                    self.renew_code();
                }
                let frames: Vec<_> = pin_frames(self.page(), &self.reader, &published.pins).collect();
                self.pending.extend(frames);
            }
            Update::Name { order, guest, name } => {
                let may_see = match &self.reader {
                    Reader::Barista { .. } => true,
                    Reader::Ordering { guest: me, .. } => me.is_some() && me == guest,
                    Reader::Display => false,
                };
                if may_see {
                    self.pending.push_back(name_frame(*order, name.as_deref()));
                }
            }
            Update::Replaced => {}
        }
    }

    /// Restarts the stream from a new snapshot, after the receiver lagged or the log was replaced.
    async fn resync(&mut self, reason: &'static str) {
        // An order may have ended meanwhile, so the last order is reloaded. On failure the reader keeps the old one.
        if let Ok(reader) = self.reader.refreshed(&self.state, &self.read_model).await {
            self.reader = reader;
        }
        let page = self.page();
        let (frames, updates) = self
            .read_model
            .subscribe(|read_state| catch_up_frames(page, &self.reader, read_state, ReaderState::Lost(reason)));
        self.updates = updates;
        self.pending.clear();
        self.pending.extend(frames);
        self.code = None;
        self.renew_code();
    }

    fn renew_code(&mut self) {
        if !self.reader.shows_code() {
            return;
        }
        self.code = code::current(&self.state, self.read_model.shop(), &self.public_url);
        if let Some(code) = &self.code {
            let ephemeral = Ephemeral { key: "code".to_owned(), value: Some(code.clone()) };
            self.pending.push_back(frame("ephemeral", None, &ephemeral));
        }
    }
}

/// The state of a reader before its stream begins or is resynchronised.
#[derive(Clone, Copy)]
enum ReaderState<'c> {
    /// It has nothing.
    New,
    /// It has everything up to this cursor.
    At(&'c Cursor),
    /// It has a state that cannot be continued, for this reason.
    Lost(&'static str),
}

/// Frames that bring a reader from its cursor to the head: the events since, or a snapshot; then ephemeral values.
fn catch_up_frames(
    page: PinnedPage<'_>,
    reader: &Reader,
    read_state: &ReadState,
    before: ReaderState<'_>,
) -> Vec<Bytes> {
    let (since, reset) = match before {
        ReaderState::New => (None, None),
        ReaderState::At(cursor) => (read_state.after(cursor), Some("gap")),
        ReaderState::Lost(reason) => (None, Some(reason)),
    };
    let mut frames: Vec<Bytes> = if let Some(published) = since {
        published.iter().flat_map(|published| event_frames(reader, published)).collect()
    } else {
        let reset = reset.map(|reason| frame("reset", None, &reason));
        let snapshot = frame("snapshot", Some(&read_state.state.cursor()), &reader.snapshot(page.state, read_state));
        reset.into_iter().chain([snapshot]).collect()
    };
    let ephemeral = reader.ephemeral_values(page, read_state);
    // A reconnecting client may still show pins that were removed, so it also needs an empty list.
    if !matches!(before, ReaderState::New) || !ephemeral.pins.is_empty() {
        frames.push(frame("ephemeral", None, &Ephemeral { key: "pins".to_owned(), value: Some(&ephemeral.pins) }));
    }
    frames.extend(ephemeral.names.iter().map(|(order, name)| name_frame(*order, Some(name))));
    frames
}

/// Frames of an event for this reader, one per topic.
fn event_frames(reader: &Reader, published: &Published) -> impl Iterator<Item = Bytes> + use<> {
    let first = match reader.topic() {
        Topic::Staff => Some(published.staff()),
        Topic::Public | Topic::Order(_) => published.public(),
    };
    let own = reader.guest().and_then(|guest| published.owner(guest));
    first.into_iter().chain(own)
}

/// Frames for the pin changes on this reader's screen.
fn pin_frames(page: PinnedPage<'_>, reader: &Reader, changes: &[SlotChange]) -> impl Iterator<Item = Bytes> {
    let on_screen = changes.iter().filter(|(_, screen, ..)| *screen == reader.screen());
    on_screen.map(move |(extension, _, slot, pin)| {
        let value = pin.as_ref().map(|pin| page.pin(extension, pin));
        frame("ephemeral", None, &Ephemeral { key: format!("pin/{}", pins::key(extension, slot)), value })
    })
}

/// Random reconnect delay in milliseconds, below [`RECONNECT_SPREAD_MS`]. 0 if the random source fails.
fn reconnect_delay_ms() -> u32 {
    getrandom::u32().map_or(0, |random| random % RECONNECT_SPREAD_MS)
}

fn name_frame(order: OrderId, name: Option<&str>) -> Bytes {
    frame("ephemeral", None, &Ephemeral { key: format!("name/{order}"), value: name })
}

#[cfg(test)]
mod tests;
