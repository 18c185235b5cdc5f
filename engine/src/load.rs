//! Loading a shop from the store: at a start, without an engine, and after another node has written.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::ids::{OrderId, ShopId};

use crate::Error;
use crate::keys::NameCipher;
use crate::queries::restore_open_orders;
use crate::read_model::ReadModel;
use crate::read_model::state::State;
use crate::store::{self, Head, SHOP_SNAPSHOT, Store};

/// Events that one read of the log returns at most.
const LOG_PAGE_EVENTS: u32 = 1_000;

/// A shop loaded up to the end of its log.
pub(super) struct Loaded {
    pub read_model: Arc<ReadModel>,
    /// Position of the snapshot; 0 without one.
    pub snapshot_position: u64,
}

/// Loads a shop from its snapshot and the log after it. Without a head, the shop is empty and gets a new epoch.
pub(super) async fn load(
    store: &dyn Store,
    shop: &ShopId,
    keys: &dyn NameCipher,
    head: Option<&Head>,
) -> Result<Loaded, Error> {
    let Some(head) = head else {
        let state = State { epoch: fresh_epoch(), ..State::default() };
        return Ok(Loaded { read_model: Arc::new(ReadModel::new(shop.clone(), state)), snapshot_position: 0 });
    };
    let snapshot = store.load_snapshot(shop, SHOP_SNAPSHOT).await?;
    // Without a usable snapshot the whole log is read.
    let mut state = snapshot.and_then(|snapshot| State::read(snapshot.version, &snapshot.state)).unwrap_or_default();
    let snapshot_position = state.position;
    state.epoch.clone_from(&head.epoch);
    for (order, sealed) in store.names(shop).await? {
        if let Some(name) = keys.open(order, &sealed) {
            state.names.insert(order, name.into());
        } else {
            tracing::warn!(%shop, %order, "name cannot be decrypted with the shop's key");
        }
    }
    let read_model = ReadModel::new(shop.clone(), state);
    restore_open_orders(store, &read_model).await?;
    read_to_end(store, &read_model).await?;
    Ok(Loaded { read_model: Arc::new(read_model), snapshot_position })
}

/// Compares the stored names with the known ones: removed names, and new names of open orders.
fn name_changes(
    state: &State,
    keys: &dyn NameCipher,
    sealed: Vec<(OrderId, Vec<u8>)>,
) -> Vec<(OrderId, Option<Arc<str>>)> {
    let sealed: BTreeMap<OrderId, Vec<u8>> = sealed.into_iter().collect();
    let removed = state.names.keys().filter(|order| !sealed.contains_key(order)).map(|order| (*order, None));
    let is_new = |order: &OrderId| state.owner(*order).is_some() && !state.names.contains_key(order);
    let added = sealed.iter().filter(|(order, _)| is_new(order));
    let added = added.filter_map(|(order, sealed)| Some((*order, Some(keys.open(*order, sealed)?.into()))));
    removed.chain(added).collect()
}

/// Loads a shop for reading, without an engine.
///
/// # Errors
/// The store cannot be read.
pub async fn read_shop(
    store: &dyn Store,
    shop: &ShopId,
    keys: &dyn NameCipher,
    head: &Head,
) -> Result<Arc<ReadModel>, Error> {
    Ok(load(store, shop, keys, Some(head)).await?.read_model)
}

/// A random epoch for a new log: 8 hexadecimal digits.
///
/// # Panics
/// The operating system has no random source.
pub fn fresh_epoch() -> String {
    format!("{:08x}", getrandom::u32().expect("the operating system provides random bytes"))
}

/// Applies the events and names that other nodes have written.
pub(super) async fn catch_up(
    store: &dyn Store,
    read_model: &ReadModel,
    keys: &dyn NameCipher,
) -> Result<(), store::Error> {
    let position = || read_model.read().state.position;
    let before = position();
    read_to_end(store, read_model).await?;
    if position() > before {
        let sealed = store.names(read_model.shop()).await?;
        let changes = name_changes(&read_model.read().state, keys, sealed);
        read_model.publish(Vec::new(), changes);
    }
    Ok(())
}

/// Applies the events of the log beyond the read model's position.
async fn read_to_end(store: &dyn Store, read_model: &ReadModel) -> Result<(), store::Error> {
    loop {
        let after = read_model.read().state.position;
        let events = store.events_after(read_model.shop(), after, LOG_PAGE_EVENTS).await?;
        if events.is_empty() {
            return Ok(());
        }
        read_model.publish(events, Vec::new());
    }
}
