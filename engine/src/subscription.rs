//! Subscriptions: every event of a shop's log, in order and at least once, for any consumer.

use std::sync::Arc;
use std::time::Duration;

use domain::event::Recorded;
use domain::ids::{EventId, ShopId};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;
use tokio::time::Instant;

use crate::Engine;
use crate::load::ensure_no_hole;
use crate::read_model::frames::Published;
use crate::read_model::{ReadModel, Update};
use crate::store::{self, StoredSnapshot};

/// Events read from the log at a time.
const CATCH_UP_PAGE_EVENTS: u32 = 500;

/// Largest live batch, in events.
const MAX_LIVE_BATCH_EVENTS: usize = 256;

/// Lag, in events, above which catching up takes at most half of the time, so that commands keep the other half.
const LAG_WITH_BACKPRESSURE: u64 = 10_000;

/// Pause between two live batches. At full load about 100 events arrive in it; the live buffer holds 512.
const BATCHING_DELAY: Duration = Duration::from_millis(5);

/// A position in one shop's log under a durable name.
///
/// The subscription delivers events beyond its position: from the log while it lags, live afterwards, and from the log
/// again when it falls behind the live buffer. It buffers at most one batch. After [`Self::save`] a new subscription
/// under the same name continues behind the saved position; events after the last save are delivered again.
pub struct Subscription {
    engine: Arc<Engine>,
    read_model: Arc<ReadModel>,
    name: Arc<str>,
    /// Last position that was delivered.
    position: u64,
    /// Id of the event there; `None` before the first delivery.
    last_event: Option<EventId>,
    /// Epoch of the log that is followed.
    epoch: String,
    /// Position up to which events come from the log.
    head: u64,
    live: Receiver<Update>,
    /// End of the pause before the next live batch.
    paused_until: Instant,
}

/// An event as a subscription delivers it: shared with the streams, or read from the log.
#[derive(Clone, Debug)]
pub enum Delivered {
    /// Published after its commit.
    Live(Arc<Published>),
    /// Read from the log.
    Stored(Box<Recorded>),
}

impl Delivered {
    /// The event as it stands in the log.
    pub fn recorded(&self) -> &Recorded {
        match self {
            Self::Live(published) => &published.recorded,
            Self::Stored(recorded) => recorded,
        }
    }
}

/// A subscription cannot continue.
#[derive(Debug, thiserror::Error)]
pub enum SubscriptionError {
    /// The log cannot be read. The subscription stays where it is; the next call tries again.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The log no longer has what it had. The consumer must begin again, from a bookmark that the log has.
    #[error("the log was replaced")]
    Replaced,
}

/// The start of a subscription without a usable bookmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Behind this position; 0 is the start of the log.
    After(u64),
    /// Behind the last durable event.
    Head,
}

impl Subscription {
    /// Opens a subscription at a position. A position beyond the log's end counts as the end.
    pub fn open(engine: &Arc<Engine>, read_model: &Arc<ReadModel>, name: impl Into<Arc<str>>, origin: Origin) -> Self {
        let ((head, epoch), live) = read_model.subscribe(|state| (state.state.position, state.state.epoch.clone()));
        let position = match origin {
            Origin::After(position) => position.min(head),
            Origin::Head => head,
        };
        Self {
            engine: Arc::clone(engine),
            read_model: Arc::clone(read_model),
            name: name.into(),
            position,
            last_event: None,
            epoch,
            head,
            live,
            paused_until: Instant::now(),
        }
    }

    /// The bookmark that was saved under a name: version, position and the consumer's state. `None` without one, and
    /// for a bookmark beyond the end of the log, which belongs to a log that was replaced.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn bookmark(
        engine: &Engine,
        read_model: &ReadModel,
        name: &str,
    ) -> Result<Option<StoredSnapshot>, store::Error> {
        let saved = engine.bookmark(read_model.shop(), name).await?;
        let end = read_model.read().state.position;
        Ok(saved.filter(|saved| saved.position <= end))
    }

    /// Last position that was delivered; 0 before the first event.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Id of the event that was delivered last; `None` before the first delivery.
    pub fn last_event(&self) -> Option<EventId> {
        self.last_event
    }

    /// True once all events have been delivered that were durable when the live events were last subscribed to.
    pub fn is_caught_up(&self) -> bool {
        self.position >= self.head
    }

    /// The next events, at least one and without a gap behind the last batch. Waits until there is one. Cancel-safe: a
    /// dropped call has delivered nothing.
    ///
    /// # Errors
    /// The log cannot be read, or it was replaced.
    pub async fn next(&mut self) -> Result<Vec<Delivered>, SubscriptionError> {
        loop {
            let batch = if self.is_caught_up() { self.next_live().await } else { self.next_stored().await? };
            match batch.last() {
                Some(last) => {
                    (self.position, self.last_event) = (last.recorded().position, Some(last.recorded().id));
                    return Ok(batch);
                }
                None => self.resync()?,
            }
        }
    }

    /// Saves the position and the consumer's state under the subscription's name. The write is queued, not awaited: a
    /// crash before it becomes durable repeats the events since the previous one.
    pub async fn save(&self, version: u32, state: String) {
        let bookmark = StoredSnapshot { version, position: self.position, state };
        self.engine.save_bookmark(self.shop(), Arc::clone(&self.name), bookmark).await;
    }

    fn shop(&self) -> &ShopId {
        self.read_model.shop()
    }

    /// Subscribes to the live events again. Events that were missed come from the log.
    fn resync(&mut self) -> Result<(), SubscriptionError> {
        let ((head, is_same), live) =
            self.read_model.subscribe(|state| (state.state.position, state.state.epoch == self.epoch));
        (self.head, self.live) = (head, live);
        if is_same { Ok(()) } else { Err(SubscriptionError::Replaced) }
    }

    async fn next_stored(&self) -> Result<Vec<Delivered>, store::Error> {
        let started = Instant::now();
        let page = self.engine.events_after(self.shop(), self.position, CATCH_UP_PAGE_EVENTS).await?;
        if self.head - self.position > LAG_WITH_BACKPRESSURE {
            tokio::time::sleep(started.elapsed()).await;
        }
        if page.is_empty() {
            return Err(store::Error::Missing { shop: self.shop().clone(), position: self.position + 1 });
        }
        ensure_no_hole(self.shop(), self.position, &page)?;
        Ok(page.into_iter().map(|recorded| Delivered::Stored(Box::new(recorded))).collect())
    }

    /// Waits for live events; empty when some were missed.
    async fn next_live(&mut self) -> Vec<Delivered> {
        // Events that arrive during the pause come in one batch: waking a consumer for each commit costs more.
        tokio::time::sleep_until(self.paused_until).await;
        loop {
            let Ok(first) = self.live.recv().await else { return Vec::new() };
            let Some(batch) = self.gather(first) else { return Vec::new() };
            if !batch.is_empty() {
                self.paused_until = Instant::now() + BATCHING_DELAY;
                return batch;
            }
        }
    }

    /// Collects an update and all that have arrived since; `None` after a gap.
    fn gather(&mut self, first: Update) -> Option<Vec<Delivered>> {
        let mut update = first;
        let mut batch: Vec<Delivered> = Vec::new();
        loop {
            match update {
                Update::Event(published) => {
                    let expected = batch.last().map_or(self.position, |last| last.recorded().position) + 1;
                    match published.recorded.position {
                        position if position == expected => batch.push(Delivered::Live(published)),
                        position if position < expected => {}
                        _ => return None,
                    }
                }
                Update::Name { .. } => {}
                Update::Replaced => return None,
            }
            if batch.len() == MAX_LIVE_BATCH_EVENTS {
                return Some(batch);
            }
            update = match self.live.try_recv() {
                Ok(update) => update,
                Err(TryRecvError::Lagged(_)) => return None,
                Err(_) => return Some(batch),
            };
        }
    }
}
