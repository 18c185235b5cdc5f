//! The browser's SSE client: one `EventSource` at a time, with its own reconnect loop and watchdog.
//!
//! The client ignores `readyState`: a phone reports a dead connection as open for minutes after it slept. The time of
//! the last frame decides instead.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use domain::time::Instant;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventSource, MessageEvent, VisibilityState};

use super::{Connection, Live, Screen, Shown, StreamProfile, Verdict, patience_ms, reading};
use crate::frame::{Heartbeat, Snapshot};

/// Minimum age of a page before it reloads for another build. Without it, two nodes of different builds would reload
/// the page in a loop.
const SETTLED_MS: f64 = 5_000.0;

/// Maximum age of the last frame at which a wake-up keeps the connection.
const FRESH_MS: f64 = 2_000.0;

type Listener = Closure<dyn Fn(Event)>;

struct Stream<V: 'static> {
    screen: Screen<V>,
    /// Stream URL without the cursor.
    path: String,
    build: String,
    rhythm: StreamProfile,
    source: RefCell<Option<EventSource>>,
    /// Failed attempts since the last heartbeat.
    attempt: Cell<u32>,
    /// Time of the last frame or connection attempt. All times are `Date.now()` in milliseconds.
    heard: Cell<f64>,
    /// Time of the next connection attempt.
    due: Cell<Option<f64>>,
    /// Time of the page load.
    began: f64,
    /// Server clock minus browser clock.
    ahead_ms: Cell<i64>,
    listener: RefCell<Option<Listener>>,
}

/// Connects to the stream and keeps `screen` up to date until the page is unloaded.
pub(super) fn follow<V>(screen: Screen<V>, path: String, build: String, rhythm: StreamProfile)
where
    V: Shown,
{
    let began = js_sys::Date::now();
    let stream = Rc::new(Stream {
        screen,
        path,
        build,
        rhythm,
        source: RefCell::default(),
        attempt: Cell::new(0),
        heard: Cell::new(began),
        due: Cell::new(Some(began)),
        began,
        ahead_ms: Cell::new(0),
        listener: RefCell::default(),
    });
    stream.set_clock(screen.now.get_untracked());
    let heard = Rc::clone(&stream);
    let listener = Listener::new(move |event| heard.hear(&event));
    let callback = listener.as_ref().unchecked_ref();
    for name in ["online", "pageshow", "pagehide"] {
        let _ = window().add_event_listener_with_callback(name, callback);
    }
    let _ = document().add_event_listener_with_callback("visibilitychange", callback);
    stream.listener.replace(Some(listener));
    stream.tick();
    // The interval is never cleared: the stream lives as long as the page.
    let _ = set_interval_with_handle(move || stream.tick(), Duration::from_secs(1));
}

impl<V: Shown> Stream<V> {
    fn hear(self: &Rc<Self>, event: &Event) {
        let kind = event.type_();
        let text = event.dyn_ref::<MessageEvent>().and_then(|message| message.data().as_string()).unwrap_or_default();
        let cursor = || event.dyn_ref::<MessageEvent>().map(MessageEvent::last_event_id).unwrap_or_default();
        let live = self.screen.live;
        match kind.as_str() {
            "pagehide" => return self.close(),
            "online" | "pageshow" | "visibilitychange" => return self.wake(),
            "error" => return self.lose(None),
            _ => self.heard.set(js_sys::Date::now()),
        }
        match kind.as_str() {
            "open" => self.screen.connection.set(Connection::Live),
            "snapshot" => self.begin_again(&text),
            "event" => {
                let mut verdict = Verdict::Dropped;
                live.maybe_update(|live| {
                    verdict = reading::event(live, &text, cursor());
                    verdict == Verdict::Applied
                });
                if verdict == Verdict::Lost {
                    self.lose(None);
                }
            }
            "ephemeral" => self.screen.asides.update(|asides| reading::aside(asides, &text)),
            "heartbeat" => {
                self.attempt.set(0);
                live.update_untracked(|live| live.passed(cursor()));
                self.compare_builds(&text);
            }
            "reset" => live.update_untracked(Live::forget),
            "reconnect" => self.lose(text.parse().ok().map(|ms: u32| f64::from(ms))),
            _ => {}
        }
    }

    /// Reconnects without a delay after the network returned or the page became visible.
    fn wake(self: &Rc<Self>) {
        let fresh = self.source.borrow().is_some() && js_sys::Date::now() - self.heard.get() < FRESH_MS;
        if self.sleeps() {
            self.close();
        } else if !fresh {
            self.attempt.set(0);
            self.connect();
        }
    }

    /// Replaces the view by a snapshot.
    fn begin_again(self: &Rc<Self>, text: &str) {
        let Some(snapshot) = reading::whole::<Snapshot<V>>(text) else { return self.lose(None) };
        self.set_clock(snapshot.now);
        self.screen.live.set(Live::new(snapshot));
    }

    fn connect(self: &Rc<Self>) {
        self.close();
        if self.sleeps() {
            return;
        }
        self.heard.set(js_sys::Date::now());
        let cursor = self.screen.live.with_untracked(|live| live.cursor().map(str::to_owned));
        let address = cursor.map_or_else(|| self.path.clone(), |cursor| format!("{}?after={cursor}", self.path));
        let Ok(source) = EventSource::new(&address) else { return self.lose(None) };
        if let Some(listener) = self.listener.borrow().as_ref() {
            let callback = listener.as_ref().unchecked_ref();
            for name in ["open", "snapshot", "event", "ephemeral", "heartbeat", "reset", "reconnect", "error"] {
                let _ = source.add_event_listener_with_callback(name, callback);
            }
        }
        self.source.replace(Some(source));
    }

    fn close(&self) {
        self.due.set(None);
        if let Some(source) = self.source.take() {
            source.close();
        }
    }

    /// Closes the connection and schedules the next attempt after `wait_ms`, or after a random backoff.
    fn lose(self: &Rc<Self>, wait_ms: Option<f64>) {
        self.close();
        let attempt = self.attempt.get();
        self.attempt.set(attempt.saturating_add(1));
        let wait_ms = wait_ms.unwrap_or_else(|| js_sys::Math::random() * f64::from(patience_ms(attempt)));
        self.due.set(Some(js_sys::Date::now() + wait_ms));
        let again = Rc::clone(self);
        set_timeout(move || again.tick(), Duration::from_secs_f64(wait_ms.max(0.0) / 1000.0));
        self.screen.connection.maybe_update(|connection| {
            let was_live = !matches!(connection, Connection::Lost { .. });
            if was_live {
                *connection = Connection::Lost { since: time_of_day() };
            }
            was_live
        });
    }

    /// Runs once a second: advances the clock, checks the watchdog and starts a due attempt.
    fn tick(self: &Rc<Self>) {
        let now = js_sys::Date::now();
        self.screen.now.set(Instant(whole_ms(now) + self.ahead_ms.get()));
        let silent = now - self.heard.get() > f64::from(self.rhythm.silence_ms);
        if self.due.get().is_some_and(|due| due <= now) {
            self.connect();
        } else if silent && self.source.borrow().is_some() {
            self.lose(None);
        }
    }

    fn sleeps(&self) -> bool {
        self.rhythm.sleeps_when_hidden && document().visibility_state() == VisibilityState::Hidden
    }

    fn set_clock(&self, server: Instant) {
        self.ahead_ms.set(server.0 - whole_ms(js_sys::Date::now()));
    }

    /// Reloads the page if the server runs another build and nobody is typing.
    fn compare_builds(&self, beat: &str) {
        let other = reading::whole::<Heartbeat>(beat).is_some_and(|beat| beat.build != self.build);
        if other && js_sys::Date::now() - self.began > SETTLED_MS && !is_typing() {
            let _ = window().location().reload();
        }
    }
}

/// An input has the focus: a reload would discard what was typed.
fn is_typing() -> bool {
    document().active_element().is_some_and(|element| element.tag_name() == "INPUT")
}

/// Local time of the browser, "10:42".
pub(crate) fn time_of_day() -> String {
    let now = js_sys::Date::new_0();
    format!("{:02}:{:02}", now.get_hours(), now.get_minutes())
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are far below 2^53")]
fn whole_ms(ms: f64) -> i64 {
    ms as i64
}
