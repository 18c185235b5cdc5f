//! How a page stays true to the log: one position per topic decides what is taken in, what is dropped, and when to
//! begin again. Pure; the browser's part is `live::stream`.

use domain::event::Recorded;
use domain::redact::Topic;
use domain::sorted_map::SortedMap;
use domain::view::View;
use leptos::prelude::*;

use protocol::frame::{EphemeralValues, Opening, Pinned, Snapshot};

#[cfg(target_arch = "wasm32")]
pub mod reading;
#[cfg(target_arch = "wasm32")]
mod stream;
#[cfg(target_arch = "wasm32")]
pub(crate) use stream::time_of_day;

/// A view and how far it has read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live<V> {
    /// Where the stream goes on from; none while only a snapshot will do.
    cursor: Option<String>,
    topics: SortedMap<Topic, u64>,
    pub view: V,
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Applied,
    /// The view had it already, or waits for a snapshot.
    Dropped,
    /// Something between is missing: only a snapshot helps.
    Lost,
}

impl<V: View> Live<V> {
    pub fn new(snapshot: Snapshot<V>) -> Self {
        Self { cursor: Some(snapshot.cursor), topics: snapshot.topics, view: snapshot.view }
    }

    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// The stream moved on without anything for this page.
    pub fn passed(&mut self, cursor: String) {
        if self.cursor.is_some() {
            self.cursor = Some(cursor);
        }
    }

    /// What is shown stays, but nothing is added to it: a snapshot has to come.
    pub fn forget(&mut self) {
        self.cursor = None;
    }

    /// Judges a frame and takes it in; `read` is asked for the event only when it is wanted.
    ///
    /// An event of a kind that this program does not know moves the position and nothing else.
    pub fn receive<E>(
        &mut self,
        (topic, prev, position): (Topic, u64, u64),
        cursor: String,
        read: impl FnOnce() -> Result<Option<Recorded>, E>,
    ) -> Verdict {
        if self.cursor.is_none() {
            return Verdict::Dropped;
        }
        let mine = self.topics.get(&topic).copied().unwrap_or(0);
        if position <= mine {
            return Verdict::Dropped;
        }
        let (true, Ok(event)) = (prev == mine, read()) else {
            self.forget();
            return Verdict::Lost;
        };
        if let Some(recorded) = event {
            self.view.apply(topic, &recorded);
        }
        self.topics.insert(topic, position);
        self.cursor = Some(cursor);
        Verdict::Applied
    }
}

/// How a kind of screen listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamProfile {
    /// Silent for longer is not live.
    pub silence_ms: u32,
    /// A phone in a pocket needs no stream.
    pub sleeps_when_hidden: bool,
}

impl StreamProfile {
    pub const SCREEN: Self = Self { silence_ms: 7_000, sleeps_when_hidden: false };
    pub const PHONE: Self = Self { silence_ms: 25_000, sleeps_when_hidden: true };
}

/// The longest wait before the next attempt; the wait itself is a random share of it, so that a room full of phones
/// does not come back at once.
pub fn patience_ms(attempt: u32) -> u32 {
    (250 << attempt.min(5)).min(5_000)
}

/// Whether the page is told what happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connection {
    Connecting,
    Live,
    /// Since when, as the clock on the wall says it.
    Lost {
        since: String,
    },
}

/// All a page shows things by.
#[derive(Debug)]
pub struct Screen<V: 'static> {
    pub live: RwSignal<Live<V>>,
    pub asides: RwSignal<EphemeralValues>,
    pub connection: RwSignal<Connection>,
    /// The server's clock, as this page goes on counting it.
    pub now: RwSignal<domain::time::Instant>,
}

impl<V> Clone for Screen<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for Screen<V> {}

/// What a page asks of its view. Only a browser reads one from JSON.
#[cfg(target_arch = "wasm32")]
pub trait Shown: View + Send + Sync + reading::FromJson {}
#[cfg(target_arch = "wasm32")]
impl<V: View + Send + Sync + reading::FromJson> Shown for V {}
#[cfg(not(target_arch = "wasm32"))]
pub trait Shown: View + Send + Sync {}
#[cfg(not(target_arch = "wasm32"))]
impl<V: View + Send + Sync> Shown for V {}

impl<V: Shown> Screen<V> {
    /// Shows what the page was opened with and, in a browser, follows the stream of `view` from there.
    pub fn open(opening: Opening<V>, view: &'static str, rhythm: StreamProfile) -> Self {
        let Opening { shop, build, snapshot, asides, .. } = opening;
        let screen = Self {
            now: RwSignal::new(snapshot.now),
            live: RwSignal::new(Live::new(snapshot)),
            asides: RwSignal::new(asides),
            connection: RwSignal::new(Connection::Connecting),
        };
        #[cfg(target_arch = "wasm32")]
        stream::follow(screen, format!("/s/{shop}/stream/{view}"), build, rhythm);
        #[cfg(not(target_arch = "wasm32"))]
        let _ = (shop, build, view, rhythm);
        screen
    }

    /// What is pinned to slots like these; whoever asks is told again when that changes.
    pub fn pins(&self, slots: impl Fn(&str) -> bool, take: impl FnMut(&Pinned)) {
        self.asides.with(|asides| asides.pinned(slots, || self.now.get()).for_each(take));
    }

    /// Reads the view; whoever asks is told again when it changes.
    pub fn read<T>(&self, read: impl FnOnce(&V) -> T) -> T {
        self.live.with(|live| read(&live.view))
    }
}

#[cfg(test)]
mod tests;
