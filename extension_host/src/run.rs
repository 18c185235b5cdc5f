//! One run of an extension in a shop: from its bookmark until it fails, is switched off or the program stops.

mod emit;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::event::{Emitted, Event};
use domain::extension::{Extension, LoggedEvent, StartFrom};
use domain::hours::Hours;
use domain::ids::EventId;
use domain::time::{Day, Instant};
use engine::clock::Calendar;
use engine::subscription::{Delivered, Origin, Subscription};
use serde::{Deserialize, Serialize};

use self::emit::EMIT_INTERVAL_SECONDS;
use crate::feed_context::{FeedContext, RestartReason};
use crate::worker::{Worker, WorkerError};

/// Events after which the bookmark is saved.
const EVENTS_PER_BOOKMARK: u64 = 1_000;

/// The state saved with the bookmark.
#[derive(Default, Deserialize, Serialize)]
struct SavedState {
    /// Opening hours in force at the bookmark; they determine the shop day of an event.
    hours: Hours,
    /// Whether [`Extension::begin`] is still to be called.
    fresh: bool,
    /// Id of the event at the bookmark; `None` in a bookmark of an earlier version, and without an event.
    #[serde(default)]
    last_event: Option<EventId>,
    state: String,
}

pub(super) struct ExtensionRun<'f> {
    feed: &'f FeedContext,
    worker: Arc<Worker>,
    subscription: Subscription,
    calendar: Calendar,
    /// The last second that was converted to a shop day, and that day.
    today: Option<(i64, Day)>,
    fresh: bool,
    /// Position of the bookmark.
    saved: u64,
    /// Highest hop count among the events since the last emission.
    hops: u8,
    /// Position of the event that the extension is handling; 0 between two events.
    handling: Arc<AtomicU64>,
    /// Time of the next tick; `NEVER` when no event has arrived since the last one.
    next_tick: Instant,
    last_tick: Instant,
    /// Emissions that the shop has not accepted yet.
    pending: Vec<Emitted>,
}

impl<'f> ExtensionRun<'f> {
    /// Creates the extension from its saved state or, without one, where its manifest starts it.
    ///
    /// # Errors
    /// The log cannot be read, or the extension failed.
    pub(super) async fn begin(
        feed: &'f FeedContext,
        worker: &Arc<Worker>,
        handling: &Arc<AtomicU64>,
    ) -> Result<Self, RestartReason> {
        let (shop, manifest) = (feed.read_model.shop(), &feed.hosted_extension.manifest);
        let bookmark = Subscription::bookmark(&feed.engine, &feed.read_model, manifest.name).await;
        let bookmark = bookmark.map_err(|_| RestartReason::LogUnavailable)?;
        let saved = bookmark.filter(|saved| saved.version == manifest.version);
        let saved =
            saved.and_then(|saved| Some((saved.position, serde_json::from_str::<SavedState>(&saved.state).ok()?)));
        let saved = of_this_log(feed, saved).await?;
        let state = saved.as_ref().map(|(_, saved)| saved.state.clone());
        let hosted_extension = Arc::clone(&feed.hosted_extension);
        let is_restored = worker
            .call(shop, move |slot| {
                let restored = state.and_then(|state| (hosted_extension.manifest.make)(Some(&state)));
                let is_restored = restored.is_some();
                slot.put(restored.or_else(|| (hosted_extension.manifest.make)(None)));
                is_restored
            })
            .await?;
        let (origin, saved) = match saved.filter(|_| is_restored) {
            Some((position, saved)) => (Origin::After(position), saved),
            None => match manifest.start_from {
                StartFrom::FirstEvent => (Origin::After(0), SavedState { fresh: true, ..SavedState::default() }),
                StartFrom::Now => {
                    let hours = feed.read_model.read().state.shop.hours().clone();
                    (Origin::Head, SavedState { hours, fresh: true, ..SavedState::default() })
                }
            },
        };
        let subscription = Subscription::open(&feed.engine, &feed.read_model, manifest.name, origin);
        feed.hosted_extension.update_status(shop, |status| status.position = subscription.position());
        Ok(Self {
            feed,
            worker: Arc::clone(worker),
            saved: subscription.position(),
            subscription,
            calendar: Calendar::new(&saved.hours, feed.clock.zone()),
            today: None,
            fresh: saved.fresh,
            hops: 0,
            handling: Arc::clone(handling),
            next_tick: Instant::NEVER,
            last_tick: Instant::DISTANT_PAST,
            pending: Vec::new(),
        })
    }

    /// Feeds the extension, except for the events at `skipped`, until it is switched off or the program stops.
    ///
    /// # Errors
    /// The log cannot be read, or the extension failed.
    pub(super) async fn run(&mut self, skipped: &[u64]) -> Result<(), RestartReason> {
        while !self.feed.should_stop() {
            let is_caught_up = self.subscription.is_caught_up();
            if self.fresh && is_caught_up {
                self.start_emitting().await?;
            }
            tokio::select! {
                batch = self.subscription.next() => {
                    self.on_batch(batch.map_err(|_| RestartReason::LogUnavailable)?, skipped).await?;
                }
                () = self.feed.clock.sleep_until(self.next_tick), if is_caught_up && self.next_tick < Instant::NEVER => {
                    self.tick().await?;
                }
                () = self.feed.stop.cancelled() => {}
            }
        }
        Ok(())
    }

    /// Calls [`Extension::begin`] once after the extension was switched on and has caught up.
    async fn start_emitting(&mut self) -> Result<(), RestartReason> {
        let now = self.feed.clock.now();
        let emissions = self.with(move |extension| extension.on_start(now)).await?;
        self.fresh = false;
        self.emit(emissions).await;
        self.save().await
    }

    async fn on_batch(&mut self, batch: Vec<Delivered>, skipped: &[u64]) -> Result<(), RestartReason> {
        let mut wanted: Vec<(Delivered, Day)> = Vec::with_capacity(batch.len());
        for delivered in batch {
            let recorded = delivered.recorded();
            let day = self.day(recorded.at);
            if self.wants(&recorded.event) && !skipped.contains(&recorded.position) {
                wanted.push((delivered, day));
            }
        }
        let handling = Arc::clone(&self.handling);
        self.with(move |extension| {
            for (delivered, day) in &wanted {
                let recorded = delivered.recorded();
                handling.store(recorded.position, Ordering::Relaxed);
                extension.on_event(&LoggedEvent { recorded, day: *day });
            }
            handling.store(0, Ordering::Relaxed);
        })
        .await?;
        let position = self.subscription.position();
        self.feed
            .hosted_extension
            .update_status(self.feed.read_model.shop(), |status| (status.position, status.failing) = (position, false));
        if self.next_tick == Instant::NEVER {
            self.next_tick = self.last_tick.plus_seconds(EMIT_INTERVAL_SECONDS).max(self.feed.clock.now());
        }
        if position >= self.saved + EVENTS_PER_BOOKMARK {
            self.save().await?;
        }
        Ok(())
    }

    /// The shop day of an instant, cached per second: no day changes within one.
    fn day(&mut self, at: Instant) -> Day {
        let second = at.0.div_euclid(1_000);
        match self.today {
            Some((known, day)) if known == second => day,
            _ => {
                let day = self.calendar.day(at);
                self.today = Some((second, day));
                day
            }
        }
    }

    /// Whether the extension gets this event. Tracks hours, switches and hop counts on the way.
    fn wants(&mut self, event: &Event) -> bool {
        let manifest = &self.feed.hosted_extension.manifest;
        match event {
            Event::HoursChanged(event) => {
                (self.calendar, self.today) = (Calendar::new(&event.hours, self.feed.clock.zone()), None);
            }
            Event::ExtensionSwitched(event) if event.extension == manifest.name && !event.on => self.fresh = true,
            Event::Emitted(event) => {
                let wants = event.extension() != manifest.name && (manifest.subscribes_to)(&event.kind);
                if wants {
                    self.hops = self.hops.max(event.hops);
                }
                return wants;
            }
            _ => {}
        }
        true
    }

    /// Saves the bookmark. Pending emissions delay it: a crash would lose them.
    ///
    /// # Errors
    /// The extension failed.
    pub(super) async fn save(&mut self) -> Result<(), RestartReason> {
        let position = self.subscription.position();
        if position == self.saved || !self.pending.is_empty() {
            return Ok(());
        }
        let state = self.with(|extension| extension.save()).await?;
        let (hours, last_event) = (self.calendar.hours().clone(), self.subscription.last_event());
        let saved = SavedState { hours, fresh: self.fresh, last_event, state };
        let state = serde_json::to_string(&saved).expect("hours have text keys only");
        self.saved = position;
        self.subscription.save(self.feed.hosted_extension.manifest.version, state).await;
        Ok(())
    }

    async fn with<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Extension) -> T + Send + 'static,
    ) -> Result<T, RestartReason> {
        let done = self.worker.call(self.feed.read_model.shop(), |slot| slot.get().map(job)).await?;
        // The slot is empty after a panic in another shop on the same thread.
        done.ok_or(RestartReason::WorkerFailed(WorkerError::Panicked))
    }
}

/// The bookmark, unless the log has another event at its position, or none: its state is that of another log.
async fn of_this_log(
    feed: &FeedContext,
    saved: Option<(u64, SavedState)>,
) -> Result<Option<(u64, SavedState)>, RestartReason> {
    let Some((position, SavedState { last_event: Some(last), .. })) = &saved else { return Ok(saved) };
    let found = feed.engine.event_id(feed.read_model.shop(), *position).await;
    let is_of_this_log = found.map_err(|_| RestartReason::LogUnavailable)? == Some(*last);
    Ok(saved.filter(|_| is_of_this_log))
}
