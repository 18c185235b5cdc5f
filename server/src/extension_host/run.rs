//! One run of an extension in a shop, from its bookmark until it fails or stops: delivers events, collects emissions
//! and saves checkpoints.

mod emit;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::event::{Emitted, Event, Recorded};
use domain::extension::{Extension, LoggedEvent, StartFrom};
use domain::hours::Hours;
use domain::time::{Day, Instant};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use self::emit::TICK_INTERVAL_SECONDS;
use crate::clock::Calendar;
use crate::extension_host::feed::{Feed, RestartReason};
use crate::extension_host::worker::{Worker, WorkerError};
use crate::push::Update;
use crate::push::frames::Published;
use crate::store::Snapshot;

/// Page size when reading the log.
const LOG_PAGE_EVENTS: u32 = 500;
/// Maximum live events per worker call.
const MAX_EVENTS_PER_CALL: usize = 256;

/// Lag in events above which catching up is throttled to half of the time.
const THROTTLE_THRESHOLD_EVENTS: u64 = 10_000;

/// Events between two checkpoints.
const CHECKPOINT_INTERVAL_EVENTS: u64 = 1_000;

/// Batching delay between two worker calls. At full load about 100 events arrive per delay; the broadcast buffer holds
/// 512.
const BATCHING_DELAY: Duration = Duration::from_millis(5);

/// Content of a bookmark, stored as JSON.
#[derive(Default, Deserialize, Serialize)]
struct Checkpoint {
    /// Opening hours at the bookmark. They determine the shop day of later events.
    hours: Hours,
    /// `begin` has not been called since the extension was switched on.
    fresh: bool,
    /// Result of `Extension::save`.
    state: String,
}

/// An event to deliver, from the broadcast or from the log.
enum FeedEvent {
    Live(Arc<Published>),
    Logged(Box<Recorded>),
}

impl FeedEvent {
    fn recorded(&self) -> &Recorded {
        match self {
            Self::Live(published) => &published.recorded,
            Self::Logged(recorded) => recorded,
        }
    }
}

/// Why following live events ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LiveExit {
    /// The receiver lagged. The missed events are in the log.
    Lagged,
    /// The extension was switched off and on again, which removed its pins. `begin` must be called again.
    Reset,
    /// The extension was switched off or the server is shutting down.
    Stopped,
}

/// State of a run.
pub(super) struct ExtensionRun<'f> {
    feed: &'f Feed,
    worker: Arc<Worker>,
    calendar: Calendar,
    /// Unix second and shop day of the last lookup.
    cached_day: Option<(i64, Day)>,
    /// `begin` has not been called since the extension was switched on.
    fresh: bool,
    /// Position of the last delivered event.
    position: u64,
    /// Position of the bookmark.
    saved_position: u64,
    /// Largest hop count of the emitted events delivered since the last emission.
    hops: u8,
    /// Position of the event being handled; 0 between events.
    current_event: Arc<AtomicU64>,
    /// Time of the next tick. [`Instant::NEVER`] if no event was delivered since the last one.
    next_tick: Instant,
    last_tick: Instant,
    /// Emitted events that the engine has not accepted yet.
    unsent: Vec<Emitted>,
}

impl<'f> ExtensionRun<'f> {
    /// Restores the extension from its bookmark, or creates it at the manifest's start position.
    ///
    /// # Errors
    /// The bookmark cannot be read, or the worker failed.
    pub(super) async fn start(
        feed: &'f Feed,
        worker: &Arc<Worker>,
        current_event: &Arc<AtomicU64>,
    ) -> Result<Self, RestartReason> {
        let (shop, manifest) = (feed.read_model.shop(), &feed.hosted_extension.manifest);
        let saved = feed.engine.bookmark(shop, manifest.name).await.map_err(|_| RestartReason::LogUnavailable)?;
        let head = feed.read_model.seen().state.position;
        // A bookmark beyond the head belongs to another history of the log.
        let saved = saved.filter(|saved| saved.version == manifest.version && saved.position <= head);
        let checkpoint =
            saved.and_then(|saved| Some((saved.position, serde_json::from_str::<Checkpoint>(&saved.state).ok()?)));
        let state = checkpoint.as_ref().map(|(_, checkpoint)| checkpoint.state.clone());
        let hosted_extension = Arc::clone(&feed.hosted_extension);
        let resumed = worker
            .call(shop, move |slot| {
                let restored = state.and_then(|state| (hosted_extension.manifest.make)(Some(&state)));
                let resumed = restored.is_some();
                slot.put(restored.or_else(|| (hosted_extension.manifest.make)(None)));
                resumed
            })
            .await?;
        let (position, checkpoint) = checkpoint.filter(|_| resumed).unwrap_or_else(|| match manifest.begins {
            StartFrom::AtTheFirst => (0, Checkpoint { fresh: true, ..Checkpoint::default() }),
            StartFrom::Now => {
                let read_state = feed.read_model.seen();
                let hours = read_state.state.shop.hours().clone();
                (read_state.state.position, Checkpoint { hours, fresh: true, ..Checkpoint::default() })
            }
        });
        feed.hosted_extension.update_status(shop, |status| status.position = position);
        Ok(Self {
            feed,
            worker: Arc::clone(worker),
            calendar: Calendar::of(&checkpoint.hours, feed.clock.zone()),
            cached_day: None,
            fresh: checkpoint.fresh,
            position,
            saved_position: position,
            hops: 0,
            current_event: Arc::clone(current_event),
            next_tick: Instant::NEVER,
            last_tick: Instant::EVER,
            unsent: Vec::new(),
        })
    }

    /// Delivers events from the log, at least up to `head`, then calls `begin` if it is due.
    ///
    /// # Errors
    /// The log cannot be read, or the worker failed.
    pub(super) async fn catch_up(&mut self, head: u64, skipped: &[u64]) -> Result<(), RestartReason> {
        while self.position < head && !self.feed.should_stop() {
            let started_at = std::time::Instant::now();
            let page = self.feed.engine.events_after(self.feed.read_model.shop(), self.position, LOG_PAGE_EVENTS).await;
            let page = page.map_err(|_| RestartReason::LogUnavailable)?;
            if page.is_empty() {
                break;
            }
            self.on_event(page.into_iter().map(|recorded| FeedEvent::Logged(Box::new(recorded))).collect(), skipped)
                .await?;
            if head - self.position.min(head) > THROTTLE_THRESHOLD_EVENTS {
                // Throttling leaves half of the time to live traffic.
                tokio::time::sleep(started_at.elapsed()).await;
            }
        }
        if self.fresh && !self.feed.should_stop() {
            let now = self.feed.clock.now();
            let emissions = self.call(move |extension| extension.begin(now)).await?;
            self.fresh = false;
            self.emit(emissions).await;
            self.save().await?;
        }
        Ok(())
    }

    /// Delivers live events and ticks until the receiver lags, the extension is reset or the feed stops.
    ///
    /// # Errors
    /// The worker failed.
    pub(super) async fn follow_live(
        &mut self,
        updates: &mut Receiver<Update>,
        skipped: &[u64],
    ) -> Result<LiveExit, RestartReason> {
        loop {
            if self.feed.should_stop() {
                return Ok(LiveExit::Stopped);
            }
            if self.fresh {
                return Ok(LiveExit::Reset);
            }
            tokio::select! {
                event = updates.recv() => {
                    let Some(batch) = self.collect_batch(event, updates) else { return Ok(LiveExit::Lagged) };
                    self.on_event(batch, skipped).await?;
                    // Batching avoids one thread wake-up per commit, which would cost more than handling the event.
                    tokio::time::sleep(BATCHING_DELAY).await;
                }
                () = self.feed.clock.sleep_until(self.next_tick), if self.next_tick < Instant::NEVER => {
                    self.tick().await?;
                }
                () = self.feed.stop.cancelled() => {}
            }
        }
    }

    /// Collects the first update and all that are ready. `None` if events were missed.
    fn collect_batch(
        &self,
        first: Result<Update, RecvError>,
        updates: &mut Receiver<Update>,
    ) -> Option<Vec<FeedEvent>> {
        let mut event = first.ok()?;
        let mut batch: Vec<FeedEvent> = Vec::new();
        loop {
            if let Update::Event(published) = event {
                let expected = batch.last().map_or(self.position, |last| last.recorded().position) + 1;
                match published.recorded.position {
                    position if position == expected => batch.push(FeedEvent::Live(published)),
                    position if position < expected => {}
                    _ => return None,
                }
            }
            if batch.len() == MAX_EVENTS_PER_CALL {
                return Some(batch);
            }
            event = match updates.try_recv() {
                Ok(event) => event,
                Err(TryRecvError::Lagged(_)) => return None,
                Err(_) => return Some(batch),
            };
        }
    }

    /// Delivers a batch in one worker call and advances the position.
    async fn on_event(&mut self, batch: Vec<FeedEvent>, skipped: &[u64]) -> Result<(), RestartReason> {
        let Some(last) = batch.last().map(|event| event.recorded().position) else { return Ok(()) };
        let mut delivered: Vec<(FeedEvent, Day)> = Vec::with_capacity(batch.len());
        for event in batch {
            let recorded = event.recorded();
            let day = self.day(recorded.at);
            if self.should_deliver(&recorded.event) && !skipped.contains(&recorded.position) {
                delivered.push((event, day));
            }
        }
        let current_event = Arc::clone(&self.current_event);
        self.call(move |extension| {
            for (event, day) in &delivered {
                let recorded = event.recorded();
                current_event.store(recorded.position, Ordering::Relaxed);
                extension.on_event(&LoggedEvent { recorded, day: *day });
            }
            current_event.store(0, Ordering::Relaxed);
        })
        .await?;
        self.position = last;
        self.feed
            .hosted_extension
            .update_status(self.feed.read_model.shop(), |status| (status.position, status.failing) = (last, false));
        if self.next_tick == Instant::NEVER {
            self.next_tick = self.last_tick.plus_seconds(TICK_INTERVAL_SECONDS).max(self.feed.clock.now());
        }
        if self.position >= self.saved_position + CHECKPOINT_INTERVAL_EVENTS {
            self.save().await?;
        }
        Ok(())
    }

    /// Shop day of an instant. Cached per second, because shop days change only at full seconds.
    fn day(&mut self, at: Instant) -> Day {
        let second = at.0.div_euclid(1_000);
        match self.cached_day {
            Some((known, day)) if known == second => day,
            _ => {
                let day = self.calendar.day(at);
                self.cached_day = Some((second, day));
                day
            }
        }
    }

    /// Whether the event is delivered. Also tracks opening hours, switches and hop counts.
    fn should_deliver(&mut self, event: &Event) -> bool {
        let manifest = &self.feed.hosted_extension.manifest;
        match event {
            Event::HoursChanged(event) => {
                (self.calendar, self.cached_day) = (Calendar::of(&event.hours, self.feed.clock.zone()), None);
            }
            Event::ExtensionSwitched(event) if event.extension == manifest.name && !event.on => self.fresh = true,
            Event::Emitted(event) => {
                let is_subscribed = event.extension() != manifest.name && (manifest.hears)(&event.kind);
                if is_subscribed {
                    self.hops = self.hops.max(event.hops);
                }
                return is_subscribed;
            }
            _ => {}
        }
        true
    }

    /// Saves a checkpoint, unless emitted events are pending: they would be lost in a crash.
    ///
    /// # Errors
    /// The worker failed.
    pub(super) async fn save(&mut self) -> Result<(), RestartReason> {
        if self.position == self.saved_position || !self.unsent.is_empty() {
            return Ok(());
        }
        let state = self.call(|extension| extension.save()).await?;
        let checkpoint = Checkpoint { hours: self.calendar.hours().clone(), fresh: self.fresh, state };
        let state = serde_json::to_string(&checkpoint).expect("a checkpoint serializes to JSON");
        let manifest = &self.feed.hosted_extension.manifest;
        let saved = Snapshot { version: manifest.version, position: self.position, state };
        self.saved_position = self.position;
        self.feed.engine.keep_bookmark(self.feed.read_model.shop(), manifest.name, saved).await;
        Ok(())
    }

    async fn call<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Extension) -> T + Send + 'static,
    ) -> Result<T, RestartReason> {
        let result = self.worker.call(self.feed.read_model.shop(), |slot| slot.get().map(job)).await?;
        // The instance was dropped by a panic in another job.
        result.ok_or(RestartReason::WorkerFailed(WorkerError::Panicked))
    }
}
