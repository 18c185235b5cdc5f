//! Streams: join at the head, send what went before, then the news, the asides and a beat.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::extension::pin::Change;
use domain::ids::{OrderId, ShopId};
use domain::redact::Topic;
use futures_util::stream::unfold;
use protocol::frame::{Code, Ephemeral, Heartbeat};
use serde::Deserialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::push::frames::{Published, frame};
use crate::push::{Cursor, ReadModel, ReadState, Update};
use crate::web::view::Reader;
use crate::web::{AppState, code, pins, refuse};

/// How often a screen hears that the stream lives: it calls itself not live after 7 and 25 seconds of silence.
const SCREEN_HEARTBEAT: Duration = Duration::from_secs(3);
const PHONE_HEARTBEAT: Duration = Duration::from_secs(10);

/// Goodbyes are spread over this many milliseconds, so that the screens of a room do not come back as one.
const RECONNECT_SPREAD: u32 = 2_000;

#[derive(Deserialize)]
pub(super) struct From {
    after: Option<String>,
}

/// `GET /s/{shop}/stream/{view}?after={cursor}`
pub(super) async fn stream(
    State(state): State<Arc<AppState>>,
    Path((shop, view)): Path<(String, String)>,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Response {
    let (room, reader) = match Reader::of(&state, &headers, &shop, &view).await {
        Ok(found) => found,
        Err(problem) => return refuse(&headers, problem),
    };
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let cursor = from.after.as_deref().or(last).and_then(|text| text.parse().ok());
    let public_url = state.public_url(&headers);
    let line = Subscriber::join(state, room, reader, public_url, cursor.as_ref());
    let frames =
        unfold(line, |mut line| async move { line.next().await.map(|bytes| (Ok::<_, Infallible>(bytes), line)) });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform")),
        // Proxies that would hold frames back are told not to.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, Body::from_stream(frames)).into_response()
}

/// One reader's connection.
struct Subscriber {
    state: Arc<AppState>,
    room: Arc<ReadModel>,
    reader: Reader,
    public_url: String,
    news: Receiver<Update>,
    /// To be sent before anything else.
    waiting: VecDeque<Bytes>,
    code: Option<Code>,
    beat: Interval,
    is_over: bool,
}

impl Subscriber {
    fn join(
        state: Arc<AppState>,
        room: Arc<ReadModel>,
        reader: Reader,
        public_url: String,
        cursor: Option<&Cursor>,
    ) -> Self {
        let (missed, news) = room.join(|seen| missed(&state, room.shop(), &reader, (seen, cursor)));
        let mut beat =
            interval(if reader.guest().is_some() || !reader.shows_code() { PHONE_HEARTBEAT } else { SCREEN_HEARTBEAT });
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let waiting = missed.into();
        let mut line = Self { state, room, reader, public_url, news, waiting, code: None, beat, is_over: false };
        line.renew_code();
        line
    }

    /// The next bytes; what has gathered goes out in one piece.
    async fn next(&mut self) -> Option<Bytes> {
        while self.waiting.is_empty() {
            if self.is_over {
                return None;
            }
            self.wait().await;
        }
        loop {
            match self.news.try_recv() {
                Ok(news) => self.hear(&news),
                // Told only once: passed over, the story would go on with a hole in it.
                Err(TryRecvError::Lagged(_)) => self.resync().await,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        let mut all = std::mem::take(&mut self.waiting);
        match all.len() {
            1 => all.pop_front(),
            _ => Some(Bytes::from(all.make_contiguous().concat())),
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
            news = self.news.recv() => match news {
                Ok(news) => self.hear(&news),
                Err(RecvError::Lagged(_)) => self.resync().await,
                Err(RecvError::Closed) => self.is_over = true,
            },
            () = rotated => self.renew_code(),
            _ = self.beat.tick() => {
                let cursor = self.room.seen().state.cursor();
                let beat = Heartbeat { position: cursor.position, build: self.state.build.clone() };
                self.waiting.push_back(frame("heartbeat", Some(&cursor), &beat));
            }
            () = self.state.stop.cancelled() => {
                self.waiting.push_back(frame("reconnect", None, &pause()));
                self.is_over = true;
            }
        }
    }

    fn hear(&mut self, news: &Update) {
        match news {
            Update::Event(published) => {
                self.waiting.extend(frames_of(&self.reader, published));
                self.waiting.extend(pinned(self.room.shop(), &self.reader, &published.pins));
            }
            Update::Name { order, guest, name } => {
                let may = match &self.reader {
                    Reader::Barista { .. } => true,
                    Reader::Ordering { guest: me, .. } => me.is_some() && me == guest,
                    Reader::Display => false,
                };
                if may {
                    self.waiting.push_back(named(*order, name.as_deref()));
                }
            }
        }
    }

    /// Too far behind to go on: everything anew, at the cost of one snapshot.
    async fn resync(&mut self) {
        // An order may have ended meanwhile, and only the log still has it. Unread, the phone keeps what it joined with.
        if let Ok(reader) = self.reader.again(&self.state, &self.room).await {
            self.reader = reader;
        }
        let (missed, news) = self.room.join(|seen| missed(&self.state, self.room.shop(), &self.reader, (seen, None)));
        self.news = news;
        self.waiting.clear();
        self.waiting.push_back(frame("reset", None, &"behind"));
        self.waiting.extend(missed);
        self.code = None;
        self.renew_code();
    }

    fn renew_code(&mut self) {
        if !self.reader.shows_code() {
            return;
        }
        self.code = code::current(&self.state, self.room.shop(), &self.public_url);
        if let Some(code) = &self.code {
            let aside = Ephemeral { key: "code".to_owned(), value: Some(code.clone()) };
            self.waiting.push_back(frame("ephemeral", None, &aside));
        }
    }
}

/// What brings a reader from its cursor to the head: the frames since, or a snapshot; then all asides.
fn missed(
    state: &AppState,
    shop: &ShopId,
    reader: &Reader,
    (seen, cursor): (&ReadState, Option<&Cursor>),
) -> Vec<Bytes> {
    let since = cursor.and_then(|cursor| seen.after(cursor));
    let mut frames: Vec<Bytes> = if let Some(published) = since {
        published.iter().flat_map(|published| frames_of(reader, published)).collect()
    } else {
        let reset = cursor.map(|_| frame("reset", None, &"gap"));
        let snapshot = frame("snapshot", Some(&seen.state.cursor()), &reader.snapshot(state, seen));
        reset.into_iter().chain([snapshot]).collect()
    };
    let asides = reader.asides(state, seen, shop);
    // Who comes back may still show what was taken away meanwhile.
    if cursor.is_some() || !asides.pins.is_empty() {
        frames.push(frame("ephemeral", None, &Ephemeral { key: "pins".to_owned(), value: Some(&asides.pins) }));
    }
    frames.extend(asides.names.iter().map(|(order, name)| named(*order, Some(name))));
    frames
}

/// An event as this reader gets it: once for each of its topics.
fn frames_of(reader: &Reader, published: &Published) -> impl Iterator<Item = Bytes> + use<> {
    let first = match reader.topic() {
        Topic::Staff => Some(published.staff()),
        Topic::Public | Topic::Order(_) => published.public(),
    };
    let own = reader.guest().and_then(|guest| published.owner(guest));
    first.into_iter().chain(own)
}

/// What has changed of the pins on this reader's screen.
fn pinned(shop: &ShopId, reader: &Reader, changes: &[Change]) -> impl Iterator<Item = Bytes> {
    let mine = changes.iter().filter(|(_, screen, ..)| *screen == reader.screen());
    mine.map(|(extension, _, slot, pin)| {
        let value = pin.as_ref().map(|pin| pins::shown(shop, extension, pin));
        frame("ephemeral", None, &Ephemeral { key: format!("pin/{}", pins::key(extension, slot)), value })
    })
}

/// Milliseconds until this reader may come back.
fn pause() -> u32 {
    getrandom::u32().map_or(0, |random| random % RECONNECT_SPREAD)
}

fn named(order: OrderId, name: Option<&str>) -> Bytes {
    frame("ephemeral", None, &Ephemeral { key: format!("name/{order}"), value: name })
}

#[cfg(test)]
mod tests;
