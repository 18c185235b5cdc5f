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

use super::{Connection, FrameOutcome, Live, PageState, StreamProfile, StreamedView, max_backoff_ms, reading};
use protocol::frame::{Heartbeat, Snapshot};

/// Minimum age of a page before it reloads for another build. Without it, two nodes of different builds would reload
/// the page in a loop.
const MIN_RELOAD_AGE_MS: f64 = 5_000.0;

/// Maximum age of the last frame at which a wake-up keeps the connection.
const KEEP_ON_WAKE_MS: f64 = 2_000.0;

type Listener = Closure<dyn Fn(Event)>;

struct StreamClient<V: 'static> {
    page: PageState<V>,
    /// Stream URL without the cursor.
    path: String,
    build: String,
    profile: StreamProfile,
    source: RefCell<Option<EventSource>>,
    /// Failed attempts since the last heartbeat.
    attempt: Cell<u32>,
    /// Time of the last frame or connection attempt. All times are `Date.now()` in milliseconds.
    last_activity: Cell<f64>,
    /// Time of the next connection attempt.
    next_attempt: Cell<Option<f64>>,
    /// Time of the page load.
    loaded_at: f64,
    /// Server clock minus browser clock.
    clock_offset_ms: Cell<i64>,
    listener: RefCell<Option<Listener>>,
}

/// Connects to the stream and keeps `page` up to date until the page is unloaded.
pub(super) fn subscribe<V>(page: PageState<V>, path: String, build: String, profile: StreamProfile)
where
    V: StreamedView,
{
    let loaded_at = js_sys::Date::now();
    let stream = Rc::new(StreamClient {
        page,
        path,
        build,
        profile,
        source: RefCell::default(),
        attempt: Cell::new(0),
        last_activity: Cell::new(loaded_at),
        next_attempt: Cell::new(Some(loaded_at)),
        loaded_at,
        clock_offset_ms: Cell::new(0),
        listener: RefCell::default(),
    });
    stream.set_clock(page.now.get_untracked());
    let client = Rc::clone(&stream);
    let listener = Listener::new(move |event| client.on_event(&event));
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

impl<V: StreamedView> StreamClient<V> {
    fn on_event(self: &Rc<Self>, event: &Event) {
        let kind = event.type_();
        let text = event.dyn_ref::<MessageEvent>().and_then(|message| message.data().as_string()).unwrap_or_default();
        let cursor = || event.dyn_ref::<MessageEvent>().map(MessageEvent::last_event_id).unwrap_or_default();
        let live = self.page.live;
        match kind.as_str() {
            "pagehide" => return self.close(),
            "online" | "pageshow" | "visibilitychange" => return self.on_wake(),
            "error" => return self.schedule_reconnect(None),
            _ => self.last_activity.set(js_sys::Date::now()),
        }
        match kind.as_str() {
            "open" => self.page.connection.set(Connection::Live),
            "snapshot" => self.apply_snapshot(&text),
            "event" => {
                let mut outcome = FrameOutcome::Dropped;
                live.maybe_update(|live| {
                    outcome = reading::apply_event(live, &text, cursor());
                    outcome == FrameOutcome::Applied
                });
                if outcome == FrameOutcome::Gap {
                    self.schedule_reconnect(None);
                }
            }
            "ephemeral" => self.page.ephemeral.update(|ephemeral| reading::apply_ephemeral(ephemeral, &text)),
            "heartbeat" => {
                self.attempt.set(0);
                live.update_untracked(|live| live.advance_cursor(cursor()));
                self.reload_if_outdated(&text);
            }
            "reset" => live.update_untracked(Live::invalidate),
            "reconnect" => self.schedule_reconnect(text.parse().ok().map(|ms: u32| f64::from(ms))),
            _ => {}
        }
    }

    /// Reconnects without a delay after the network returned or the page became visible.
    fn on_wake(self: &Rc<Self>) {
        let is_fresh =
            self.source.borrow().is_some() && js_sys::Date::now() - self.last_activity.get() < KEEP_ON_WAKE_MS;
        if self.is_suspended() {
            self.close();
        } else if !is_fresh {
            self.attempt.set(0);
            self.connect();
        }
    }

    /// Replaces the view by a snapshot.
    fn apply_snapshot(self: &Rc<Self>, text: &str) {
        let Some(snapshot) = reading::parse::<Snapshot<V>>(text) else { return self.schedule_reconnect(None) };
        self.set_clock(snapshot.now);
        self.page.live.set(Live::new(snapshot));
    }

    fn connect(self: &Rc<Self>) {
        self.close();
        if self.is_suspended() {
            return;
        }
        self.last_activity.set(js_sys::Date::now());
        let cursor = self.page.live.with_untracked(|live| live.cursor().map(str::to_owned));
        let address = cursor.map_or_else(|| self.path.clone(), |cursor| format!("{}?after={cursor}", self.path));
        let Ok(source) = EventSource::new(&address) else { return self.schedule_reconnect(None) };
        if let Some(listener) = self.listener.borrow().as_ref() {
            let callback = listener.as_ref().unchecked_ref();
            for name in ["open", "snapshot", "event", "ephemeral", "heartbeat", "reset", "reconnect", "error"] {
                let _ = source.add_event_listener_with_callback(name, callback);
            }
        }
        self.source.replace(Some(source));
    }

    fn close(&self) {
        self.next_attempt.set(None);
        if let Some(source) = self.source.take() {
            source.close();
        }
    }

    /// Closes the connection and schedules the next attempt after `delay_ms`, or after a random backoff.
    fn schedule_reconnect(self: &Rc<Self>, delay_ms: Option<f64>) {
        self.close();
        let attempt = self.attempt.get();
        self.attempt.set(attempt.saturating_add(1));
        let delay_ms = delay_ms.unwrap_or_else(|| js_sys::Math::random() * f64::from(max_backoff_ms(attempt)));
        self.next_attempt.set(Some(js_sys::Date::now() + delay_ms));
        let client = Rc::clone(self);
        set_timeout(move || client.tick(), Duration::from_secs_f64(delay_ms.max(0.0) / 1000.0));
        self.page.connection.maybe_update(|connection| {
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
        self.page.now.set(Instant(whole_ms(now) + self.clock_offset_ms.get()));
        let timed_out = now - self.last_activity.get() > f64::from(self.profile.timeout_ms);
        if self.next_attempt.get().is_some_and(|due| due <= now) {
            self.connect();
        } else if timed_out && self.source.borrow().is_some() {
            self.schedule_reconnect(None);
        }
    }

    fn is_suspended(&self) -> bool {
        self.profile.close_when_hidden && document().visibility_state() == VisibilityState::Hidden
    }

    fn set_clock(&self, server_time: Instant) {
        self.clock_offset_ms.set(server_time.0 - whole_ms(js_sys::Date::now()));
    }

    /// Reloads the page if the server runs another build and nobody is typing.
    fn reload_if_outdated(&self, heartbeat: &str) {
        let is_other_build =
            reading::parse::<Heartbeat>(heartbeat).is_some_and(|heartbeat| heartbeat.build != self.build);
        if is_other_build && js_sys::Date::now() - self.loaded_at > MIN_RELOAD_AGE_MS && !is_typing() {
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
