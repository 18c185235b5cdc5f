//! What readers see of a shop: the durable state, the last frames, and the news as it comes.

pub mod frames;
pub mod open;
pub mod state;

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use domain::event::Recorded;
use domain::ids::{EventId, GuestId, OrderId, ShopId};
use tokio::sync::broadcast;

use crate::push::frames::Published;
use crate::push::open::Open;
use crate::push::state::State;

/// Frames kept for readers who come back; older cursors get a snapshot.
const REPLAY_BUFFER_FRAMES: usize = 1024;

/// How far a reader may fall behind before it gets a fresh snapshot instead.
const BEHIND: usize = 512;

/// One piece of news.
#[derive(Clone, Debug)]
pub enum Update {
    Event(Arc<Published>),
    /// The name of an order was given or forgotten.
    Name {
        order: OrderId,
        guest: Option<GuestId>,
        name: Option<Arc<str>>,
    },
}

/// A shop's readers' side. Written by the shop's own task only, after each commit.
#[derive(Debug)]
pub struct ReadModel {
    shop: ShopId,
    seen: RwLock<ReadState>,
    news: broadcast::Sender<Update>,
}

/// What can be read under one lock: the state and the frames that led to it.
#[derive(Debug)]
pub struct ReadState {
    pub state: State,
    pub open: Open,
    kept: VecDeque<Arc<Published>>,
}

/// Where a reader was: `epoch.position.tag`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub epoch: String,
    pub position: u64,
    pub tag: u16,
}

impl Cursor {
    /// Four hex digits of an event's id: a log that went another way after a restore does not pass for this one.
    pub fn tag_of(id: EventId) -> u16 {
        let [.., high, low] = *id.0.as_bytes();
        u16::from_be_bytes([high, low])
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{:04x}", self.epoch, self.position, self.tag)
    }
}

/// The text given is no cursor of ours; its reader gets a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseCursorError;

impl std::str::FromStr for Cursor {
    type Err = ParseCursorError;

    fn from_str(text: &str) -> Result<Self, ParseCursorError> {
        let mut parts = text.splitn(3, '.');
        let mut next = || parts.next().ok_or(ParseCursorError);
        let (epoch, position, tag) = (next()?, next()?, next()?);
        Ok(Self {
            epoch: epoch.to_owned(),
            position: position.parse().map_err(|_| ParseCursorError)?,
            tag: u16::from_str_radix(tag, 16).map_err(|_| ParseCursorError)?,
        })
    }
}

impl ReadModel {
    pub fn new(shop: ShopId, state: State) -> Self {
        let seen = RwLock::new(ReadState {
            state,
            open: Open::default(),
            kept: VecDeque::with_capacity(REPLAY_BUFFER_FRAMES),
        });
        Self { shop, seen, news: broadcast::channel(BEHIND).0 }
    }

    pub fn shop(&self) -> &ShopId {
        &self.shop
    }

    /// The state as of the last commit. Hold it briefly: the shop waits.
    pub fn seen(&self) -> RwLockReadGuard<'_, ReadState> {
        // A panic elsewhere cannot leave the state half changed: `evolve` and `apply` do not fail.
        self.seen.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens from just after what `look` sees: nothing lies between the two.
    pub fn join<T>(&self, look: impl FnOnce(&ReadState) -> T) -> (T, broadcast::Receiver<Update>) {
        let seen = self.seen();
        let news = self.news.subscribe();
        (look(&seen), news)
    }

    /// Takes in what happened to the orders that are not over before the state was written that this room began from.
    pub(crate) fn remember(&self, events: &[Recorded]) {
        let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
        let position = seen.state.position;
        events.iter().filter(|recorded| recorded.position <= position).for_each(|recorded| seen.open.take(recorded));
    }

    /// Takes in what was committed and tells the readers.
    pub(crate) fn publish(&self, committed: Vec<Recorded>, names: Vec<(OrderId, Option<Arc<str>>)>) {
        let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
        let mut news = Vec::with_capacity(committed.len() + names.len());
        // Whose name is forgotten is asked before the order is over: afterwards nobody knows.
        let owners: Vec<_> = names.iter().map(|(order, _)| seen.state.owner(*order)).collect();
        for recorded in committed {
            seen.open.take(&recorded);
            let published = Arc::new(seen.state.take(&self.shop, recorded));
            if seen.kept.len() == REPLAY_BUFFER_FRAMES {
                seen.kept.pop_front();
            }
            seen.kept.push_back(Arc::clone(&published));
            news.push(Update::Event(published));
        }
        for ((order, name), owner) in names.into_iter().zip(owners) {
            let guest = owner.or_else(|| seen.state.owner(order));
            seen.state.name(order, name.clone());
            news.push(Update::Name { order, guest, name });
        }
        for piece in news {
            // Nobody listening is no error.
            let _ = self.news.send(piece);
        }
    }
}

impl ReadState {
    /// The frames after a cursor; `None` when it does not continue into what is kept.
    pub fn after(&self, cursor: &Cursor) -> Option<Vec<Arc<Published>>> {
        let state = &self.state;
        if cursor.epoch != state.epoch || cursor.position > state.position {
            return None;
        }
        if cursor.position == state.position {
            return (cursor.tag == state.tag).then(Vec::new);
        }
        let oldest = self.kept.front()?.recorded.position;
        let offset = usize::try_from(cursor.position.checked_sub(oldest)?).ok()?;
        (Cursor::tag_of(self.kept.get(offset)?.recorded.id) == cursor.tag)
            .then(|| self.kept.iter().skip(offset + 1).cloned().collect())
    }
}

#[cfg(test)]
mod tests;
