//! Page state fed by the SSE stream. One position per topic decides whether a frame is applied, dropped or proves a
//! gap. Pure code; `live::stream` holds the browser's connection.

use domain::event::Recorded;
use domain::redact::Topic;
use domain::sorted_map::SortedMap;
use domain::view::View;
use leptos::prelude::*;
use protocol::frame::{EphemeralValues, Opening, Pinned, Snapshot};

use crate::words::Words;

#[cfg(target_arch = "wasm32")]
pub mod reading;
#[cfg(target_arch = "wasm32")]
mod stream;
#[cfg(target_arch = "wasm32")]
use reading::FromJson as Decodable;
#[cfg(target_arch = "wasm32")]
pub(crate) use stream::time_of_day;

/// A view and its position in each topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live<V> {
    /// Resume cursor of the stream; `None` until the next snapshot arrives.
    cursor: Option<String>,
    /// Position of the last applied frame per topic.
    topics: SortedMap<Topic, u64>,
    pub view: V,
}

/// The place of an event frame in the frames of its topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FramePosition {
    pub topic: Topic,
    /// Position of the topic's previous frame; 0 for its first one.
    pub prev: u64,
    /// Position of the event.
    pub position: u64,
}

/// Result of [`Live::receive`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameOutcome {
    Applied,
    /// The view already contains the event, or it waits for a snapshot.
    Dropped,
    /// Frames are missing or the event is unreadable: the view needs a snapshot.
    Gap,
}

impl<V: View> Live<V> {
    /// Starts at the position of `snapshot`.
    pub fn new(snapshot: Snapshot<V>) -> Self {
        Self { cursor: Some(snapshot.cursor), topics: snapshot.topics, view: snapshot.view }
    }

    /// The cursor to resume the stream from; `None` if only a snapshot will do.
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Advances the cursor past events that this page does not receive. No effect while a snapshot is needed.
    pub fn advance_cursor(&mut self, cursor: String) {
        if self.cursor.is_some() {
            self.cursor = Some(cursor);
        }
    }

    /// Drops the cursor: the view stays as it is and ignores frames until the next snapshot.
    pub fn invalidate(&mut self) {
        self.cursor = None;
    }

    /// Applies a frame if it follows the topic's last one. `read` is called only if the event is needed. An event of an
    /// unknown kind (`Ok(None)`) advances the position only.
    pub fn receive<E>(
        &mut self,
        FramePosition { topic, prev, position }: FramePosition,
        cursor: String,
        read: impl FnOnce() -> Result<Option<Recorded>, E>,
    ) -> FrameOutcome {
        if self.cursor.is_none() {
            return FrameOutcome::Dropped;
        }
        let last = self.topics.get(&topic).copied().unwrap_or(0);
        if position <= last {
            return FrameOutcome::Dropped;
        }
        let (true, Ok(event)) = (prev == last, read()) else {
            self.invalidate();
            return FrameOutcome::Gap;
        };
        if let Some(recorded) = event {
            self.view.apply(topic, &recorded);
        }
        self.topics.insert(topic, position);
        self.cursor = Some(cursor);
        FrameOutcome::Applied
    }
}

/// Stream settings of a device class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamProfile {
    /// Milliseconds without a frame after which the connection counts as lost.
    pub timeout_ms: u32,
}

impl StreamProfile {
    /// Display and barista tablet.
    pub const BAR_DEVICE: Self = Self { timeout_ms: 7_000 };
    /// A guest's phone.
    pub const GUEST_PHONE: Self = Self { timeout_ms: 25_000 };
}

/// Upper bound of the reconnect backoff in milliseconds: 250 · 2^attempt, at most 5,000. The delay is a random share of
/// it, so that many phones do not reconnect at the same time.
pub fn max_backoff_ms(attempt: u32) -> u32 {
    (250 << attempt.min(5)).min(5_000)
}

/// State of the page's stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connection {
    Connecting,
    Live,
    Lost {
        /// Local time in the browser's time zone, "10:42".
        since: String,
    },
}

/// The signals that a hydrated page renders from.
#[derive(Debug)]
pub struct PageState<V: 'static> {
    pub live: RwSignal<Live<V>>,
    /// Values that are not part of the log.
    pub ephemeral: RwSignal<EphemeralValues>,
    pub connection: RwSignal<Connection>,
    /// The server's clock, extrapolated once a second.
    pub now: RwSignal<domain::time::Instant>,
    pub words: Words,
}

impl<V> Clone for PageState<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for PageState<V> {}

/// Requirements of a page's view.
pub trait StreamedView: View + Send + Sync + Decodable {}

impl<V: View + Send + Sync + Decodable> StreamedView for V {}

/// A view that the stream client can decode. The server decodes nothing, so every type qualifies there.
#[cfg(not(target_arch = "wasm32"))]
pub trait Decodable {}

#[cfg(not(target_arch = "wasm32"))]
impl<V> Decodable for V {}

impl<V: StreamedView> PageState<V> {
    /// Creates the signals from `opening`. In a browser, also subscribes to the stream of `view` from its cursor.
    pub fn open(opening: Opening<V>, view: &'static str, profile: StreamProfile) -> Self {
        let Opening { shop, build, snapshot, asides: ephemeral, .. } = opening;
        let page = Self {
            now: RwSignal::new(snapshot.now),
            live: RwSignal::new(Live::new(snapshot)),
            ephemeral: RwSignal::new(ephemeral),
            connection: RwSignal::new(Connection::Connecting),
            words: Words::of_page(),
        };
        #[cfg(target_arch = "wasm32")]
        {
            let language = page.words.language();
            stream::subscribe(page, format!("/s/{shop}/stream/{view}?lang={language}"), build, profile);
        }
        #[cfg(not(target_arch = "wasm32"))]
        let _ = (shop, build, view, profile);
        page
    }

    /// Calls `visit` for each current pin whose slot matches. Tracks the pins, and the clock if a pin expires.
    pub fn for_each_pin(&self, slots: impl Fn(&str) -> bool, visit: impl FnMut(&Pinned)) {
        self.ephemeral.with(|ephemeral| ephemeral.pinned(slots, || self.now.get()).for_each(visit));
    }

    /// Reads the view and tracks it.
    pub fn read<T>(&self, read: impl FnOnce(&V) -> T) -> T {
        self.live.with(|live| read(&live.view))
    }
}

#[cfg(test)]
mod tests;
