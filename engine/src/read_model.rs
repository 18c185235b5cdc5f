//! The read side: the durable state of each shop, a replay buffer of frames, and live updates.

pub mod frames;
pub mod open;
pub mod state;

use std::collections::VecDeque;
use std::sync::Arc;

use domain::event::Recorded;
use domain::ids::{EventId, GuestId, OrderId, ShopId};
use parking_lot::{RwLock, RwLockReadGuard};
use tokio::sync::broadcast;

use crate::read_model::frames::Published;
use crate::read_model::open::OpenOrders;
use crate::read_model::state::State;

/// Frames in the replay buffer of a shop. A reader with an older cursor gets a snapshot.
const REPLAY_BUFFER_FRAMES: usize = 1024;

/// Capacity of the live buffer, in updates. A subscriber that falls further behind must resync.
const UPDATE_CHANNEL_CAPACITY: usize = 512;

/// A change of a read model, as its subscribers receive it.
#[derive(Clone, Debug)]
pub enum Update {
    /// A committed event. Events arrive in order and without gaps.
    Event(Arc<Published>),
    /// The name of an order was set, or removed with `name: None`.
    Name {
        /// The order that was named.
        order: OrderId,
        /// The order's guest; `None` when it is unknown.
        guest: Option<GuestId>,
        /// The new name.
        name: Option<Arc<str>>,
    },
    /// The log no longer has what it had, and everything was loaded again under a new epoch. The subscriber must resync.
    Replaced,
}

/// The read side of one shop. Only the shop's task writes to it, after each commit.
#[derive(Debug)]
pub struct ReadModel {
    shop: ShopId,
    state: RwLock<ReadState>,
    updates: broadcast::Sender<Update>,
}

/// The part of a read model that is read under one lock.
#[derive(Debug)]
pub struct ReadState {
    /// The durable state.
    pub state: State,
    /// Records of the open orders.
    pub open_orders: OpenOrders,
    replay_buffer: VecDeque<Arc<Published>>,
}

/// A reader's place in a log, written `epoch.position.tag`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Epoch of the log. A log that was replaced has another one.
    pub epoch: String,
    /// Position of the last event that the reader has received.
    pub position: u64,
    /// [`Self::tag_of`] that event.
    pub tag: u16,
}

impl Cursor {
    /// The last two bytes of an event's id. They distinguish logs that diverged after a restore from a backup.
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

/// The text is not a cursor. Its reader gets a snapshot.
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
    /// A read model that begins with `state`, without open orders and with an empty replay buffer.
    pub fn new(shop: ShopId, state: State) -> Self {
        let state = RwLock::new(ReadState {
            state,
            open_orders: OpenOrders::default(),
            replay_buffer: VecDeque::with_capacity(REPLAY_BUFFER_FRAMES),
        });
        Self { shop, state, updates: broadcast::channel(UPDATE_CHANNEL_CAPACITY).0 }
    }

    /// The shop of this read model.
    pub fn shop(&self) -> &ShopId {
        &self.shop
    }

    /// The state after the last commit. The shop's task waits while the guard is held, so hold it briefly.
    pub fn read(&self) -> RwLockReadGuard<'_, ReadState> {
        self.state.read()
    }

    /// Subscribes to the updates that follow the state which `read` receives. No update lies between the two.
    pub fn subscribe<T>(&self, read: impl FnOnce(&ReadState) -> T) -> (T, broadcast::Receiver<Update>) {
        let state = self.read();
        let updates = self.updates.subscribe();
        (read(&state), updates)
    }

    /// Restores the records of open orders from events that the loaded snapshot includes. Later events are ignored.
    pub(crate) fn restore_open_orders(&self, events: &[Recorded]) {
        let mut state = self.state.write();
        let position = state.state.position;
        let included: Vec<Recorded> = events.iter().filter(|recorded| recorded.position <= position).cloned().collect();
        for recorded in &included {
            state.open_orders.apply(recorded);
        }
        // A snapshot of an earlier version lacks what its guest sees of an order now.
        if let Some((order, _)) = State::rebuild_order(&included)
            && let Some(own) = state.state.own.get_mut(&order.order)
        {
            own.order = order;
        }
    }

    /// Replaces everything by what was loaded again, under another epoch, and tells the subscribers.
    pub(crate) fn replace(&self, loaded: Self) {
        let mut state = self.state.write();
        *state = loaded.state.into_inner();
        // A send fails only without subscribers.
        let _ = self.updates.send(Update::Replaced);
    }

    /// Applies committed events and names, and sends them to the subscribers.
    pub(crate) fn publish(&self, committed: Vec<Recorded>, names: Vec<(OrderId, Option<Arc<str>>)>) {
        let mut state = self.state.write();
        let mut updates = Vec::with_capacity(committed.len() + names.len());
        // The events may end an order, and the state then no longer has its guest.
        let owners: Vec<_> = names.iter().map(|(order, _)| state.state.owner(*order)).collect();
        for recorded in committed {
            state.open_orders.apply(&recorded);
            let published = Arc::new(state.state.apply(&self.shop, recorded));
            if state.replay_buffer.len() == REPLAY_BUFFER_FRAMES {
                state.replay_buffer.pop_front();
            }
            state.replay_buffer.push_back(Arc::clone(&published));
            updates.push(Update::Event(published));
        }
        for ((order, name), owner) in names.into_iter().zip(owners) {
            let guest = owner.or_else(|| state.state.owner(order));
            state.state.set_name(order, name.clone());
            updates.push(Update::Name { order, guest, name });
        }
        for update in updates {
            // A send fails only without subscribers.
            let _ = self.updates.send(update);
        }
    }
}

impl ReadState {
    /// The frames that follow a cursor. `None` when the cursor belongs to another log or is older than the replay
    /// buffer: the reader needs a snapshot.
    pub fn after(&self, cursor: &Cursor) -> Option<Vec<Arc<Published>>> {
        let state = &self.state;
        if cursor.epoch != state.epoch || cursor.position > state.position {
            return None;
        }
        if cursor.position == state.position {
            return (cursor.tag == state.tag).then(Vec::new);
        }
        let oldest = self.replay_buffer.front()?.recorded.position;
        let offset = usize::try_from(cursor.position.checked_sub(oldest)?).ok()?;
        (Cursor::tag_of(self.replay_buffer.get(offset)?.recorded.id) == cursor.tag)
            .then(|| self.replay_buffer.iter().skip(offset + 1).cloned().collect())
    }
}

#[cfg(test)]
mod tests;
