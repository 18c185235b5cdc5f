//! Bringing a shop up to its log: at a start, where no engine runs, and when somebody else has written.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::ids::{OrderId, ShopId};

use crate::engine::Error;
use crate::engine::queries::recall;
use crate::identity::keys::ShopKeys;
use crate::push::ReadModel;
use crate::push::state::State;
use crate::store::{self, Head, SHOP_SNAPSHOT, Store};

/// Events read at a time.
const LOG_PAGE_EVENTS: u32 = 1_000;

/// A shop brought up to its log.
pub(super) struct Loaded {
    pub room: Arc<ReadModel>,
    /// Position of the state that was found; 0 without one.
    pub saved_at: u64,
}

/// A shop as the store has it: what was written down last, and the log after it.
pub(super) async fn load(
    store: &dyn Store,
    shop: &ShopId,
    keys: &ShopKeys,
    head: Option<&Head>,
) -> Result<Loaded, Error> {
    let Some(head) = head else {
        let state = State { epoch: fresh_epoch(), ..State::default() };
        return Ok(Loaded { room: Arc::new(ReadModel::new(shop.clone(), state)), saved_at: 0 });
    };
    let saved = store.saved(shop, SHOP_SNAPSHOT).await?;
    // A state that does not read is no loss: the log has everything.
    let mut state = saved.and_then(|saved| State::read(saved.version, &saved.state)).unwrap_or_default();
    let saved_at = state.position;
    state.epoch.clone_from(&head.epoch);
    for (order, sealed) in store.names(shop).await? {
        if let Ok(name) = keys.open(order, &sealed) {
            state.names.insert(order, name.into());
        } else {
            tracing::warn!(%shop, %order, "a name does not open with the shop's key");
        }
    }
    let room = ReadModel::new(shop.clone(), state);
    recall(store, &room).await?;
    read_on(store, &room).await?;
    Ok(Loaded { room: Arc::new(room), saved_at })
}

/// What the names in the store change of those that are known: of running orders, and of those that are no more.
fn names(state: &State, keys: &ShopKeys, sealed: Vec<(OrderId, Vec<u8>)>) -> Vec<(OrderId, Option<Arc<str>>)> {
    let sealed: BTreeMap<OrderId, Vec<u8>> = sealed.into_iter().collect();
    let forgotten = state.names.keys().filter(|order| !sealed.contains_key(order)).map(|order| (*order, None));
    let is_new = |order: &OrderId| state.owner(*order).is_some() && !state.names.contains_key(order);
    let given = sealed.iter().filter(|(order, _)| is_new(order));
    let given = given.filter_map(|(order, sealed)| Some((*order, Some(keys.open(*order, sealed).ok()?.into()))));
    forgotten.chain(given).collect()
}

/// A shop as it stands in the store, to be looked at where no engine runs.
///
/// # Errors
/// A store that cannot be read.
pub(crate) async fn read(
    store: &dyn Store,
    shop: &ShopId,
    keys: &ShopKeys,
    head: &Head,
) -> Result<Arc<ReadModel>, Error> {
    Ok(load(store, shop, keys, Some(head)).await?.room)
}

pub(crate) fn fresh_epoch() -> String {
    format!("{:08x}", getrandom::u32().expect("the system has randomness to give"))
}

/// Takes in what others wrote, and the names they gave.
pub(super) async fn catch_up(store: &dyn Store, room: &ReadModel, keys: &ShopKeys) -> Result<(), store::Error> {
    let position = || room.seen().state.position;
    let before = position();
    read_on(store, room).await?;
    if position() > before {
        let sealed = store.names(room.shop()).await?;
        let changes = names(&room.seen().state, keys, sealed);
        room.publish(Vec::new(), changes);
    }
    Ok(())
}

/// Takes in what the log has and the room has not seen.
async fn read_on(store: &dyn Store, room: &ReadModel) -> Result<(), store::Error> {
    loop {
        let after = room.seen().state.position;
        let events = store.events_after(room.shop(), after, LOG_PAGE_EVENTS).await?;
        if events.is_empty() {
            return Ok(());
        }
        room.publish(events, Vec::new());
    }
}
