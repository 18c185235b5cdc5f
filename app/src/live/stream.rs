//! The browser's SSE client: one `EventSource` at a time, with its own reconnect loop and watchdog.
//!
//! The client ignores `readyState`: a phone reports a dead connection as open for minutes after it slept. The time of
//! the last frame decides instead.
//!
//! Durations come from the monotonic clock, because the device's wall clock may be set at any time. The server's time is
//! that of the last snapshot or heartbeat, plus the time since.

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

/// Maximum age of the last frame at which a wake-up keeps the connection, and the least time that passes on the wall
/// clock alone while a device sleeps.
const KEEP_ON_WAKE_MS: f64 = 2_000.0;

/// A time on both clocks of the device, in milliseconds. The monotonic one may stop while the device sleeps, and the
/// wall clock may be set.
#[derive(Clone, Copy)]
struct Moment {
    monotonic: f64,
    wall: f64,
}

impl Moment {
    fn now() -> Self {
        Self { monotonic: window().performance().map_or(0.0, |clock| clock.now()), wall: js_sys::Date::now() }
    }

    /// Whether the wall clock advanced further than the monotonic one: the device slept, or its clock was set.
    fn has_slept_until(self, now: Self) -> bool {
        now.wall - self.wall > now.monotonic - self.monotonic + KEEP_ON_WAKE_MS
    }
}

type Listener = Closure<dyn Fn(Event)>;

struct StreamClient<V: 'static> {
    page: PageState<V>,
    /// Stream URL without the cursor, with a query.
    path: String,
    build: String,
    profile: StreamProfile,
    source: RefCell<Option<EventSource>>,
    /// Failed attempts since the last heartbeat.
    attempt: Cell<u32>,
    /// Time of the last frame or connection attempt.
    last_activity: Cell<Moment>,
    /// Monotonic time of the next connection attempt.
    next_attempt: Cell<Option<f64>>,
    last_tick: Cell<Moment>,
    /// Server clock minus monotonic clock.
    clock_offset_ms: Cell<i64>,
    listener: RefCell<Option<Listener>>,
}

/// Connects to the stream and keeps `page` up to date until the page is unloaded.
pub(super) fn subscribe<V>(page: PageState<V>, path: String, build: String, profile: StreamProfile)
where
    V: StreamedView,
{
    let now = Moment::now();
    let stream = Rc::new(StreamClient {
        page,
        path,
        build,
        profile,
        source: RefCell::default(),
        attempt: Cell::new(0),
        last_activity: Cell::new(now),
        next_attempt: Cell::new(Some(now.monotonic)),
        last_tick: Cell::new(now),
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
            _ => self.last_activity.set(Moment::now()),
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
                if let Some(heartbeat) = reading::parse::<Heartbeat>(&text) {
                    self.set_clock(heartbeat.now);
                    self.reload_if_outdated(&heartbeat);
                }
            }
            "reset" => live.update_untracked(Live::invalidate),
            "reconnect" => self.schedule_reconnect(text.parse().ok().map(|ms: u32| f64::from(ms))),
            _ => {}
        }
    }

    /// Reconnects without a delay after the network returned, the device slept or the page became visible.
    fn on_wake(self: &Rc<Self>) {
        let (now, last) = (Moment::now(), self.last_activity.get());
        let is_fresh = self.source.borrow().is_some()
            && now.monotonic - last.monotonic < KEEP_ON_WAKE_MS
            && !last.has_slept_until(now);
        if is_hidden() {
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
        if is_hidden() {
            return;
        }
        self.last_activity.set(Moment::now());
        let cursor = self.page.live.with_untracked(|live| live.cursor().map(str::to_owned));
        let address = cursor.map_or_else(|| self.path.clone(), |cursor| format!("{}&after={cursor}", self.path));
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
        self.next_attempt.set(Some(Moment::now().monotonic + delay_ms));
        let client = Rc::clone(self);
        set_timeout(move || client.tick(), Duration::from_secs_f64(delay_ms.max(0.0) / 1000.0));
        self.page.connection.maybe_update(|connection| {
            let was_live = !matches!(connection, Connection::Lost { .. });
            if was_live {
                *connection = Connection::Lost { since: time_of_day(self.page.now.get_untracked()) };
            }
            was_live
        });
    }

    /// Runs once a second: advances the clock, checks the watchdog and starts a due attempt.
    fn tick(self: &Rc<Self>) {
        let now = Moment::now();
        self.page.now.set(Instant(whole_ms(now.monotonic) + self.clock_offset_ms.get()));
        let timed_out = now.monotonic - self.last_activity.get().monotonic > f64::from(self.profile.timeout_ms);
        if self.next_attempt.get().is_some_and(|due| due <= now.monotonic) {
            self.connect();
        } else if self.last_tick.replace(now).has_slept_until(now) {
            self.on_wake();
        } else if timed_out && self.source.borrow().is_some() {
            self.schedule_reconnect(None);
        }
    }

    fn set_clock(&self, server_time: Instant) {
        self.clock_offset_ms.set(server_time.0 - whole_ms(Moment::now().monotonic));
    }

    /// Reloads the page if the server runs another build and nobody is typing.
    fn reload_if_outdated(&self, heartbeat: &Heartbeat) {
        // The monotonic clock begins with the page.
        let is_old_enough = Moment::now().monotonic > MIN_RELOAD_AGE_MS;
        if heartbeat.build != self.build && is_old_enough && !is_typing() {
            let _ = window().location().reload();
        }
    }
}

/// An input has the focus: a reload would discard what was typed.
fn is_typing() -> bool {
    document().active_element().is_some_and(|element| element.tag_name() == "INPUT")
}

/// A hidden page closes its stream: it spares a phone's battery, and a browser opens at most six connections to a server
/// without TLS.
fn is_hidden() -> bool {
    document().visibility_state() == VisibilityState::Hidden
}

/// Local time in the browser's time zone, "10:42".
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
pub(crate) fn time_of_day(at: Instant) -> String {
    let time = js_sys::Date::new(&(at.0 as f64).into());
    format!("{:02}:{:02}", time.get_hours(), time.get_minutes())
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are far below 2^53")]
fn whole_ms(ms: f64) -> i64 {
    ms as i64
}
