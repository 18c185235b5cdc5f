//! Loading a shop from the store: at a start, without an engine, and after another node has written.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::event::Recorded;
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
    pub read_model: ReadModel,
    /// Position of the snapshot; 0 without one.
    pub snapshot_position: u64,
}

/// The result of comparing a read model with the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CaughtUp {
    /// The log has nothing new.
    Unchanged,
    /// Events and names of the log were applied.
    Applied,
    /// The log has another event at the last known position, or none: everything was loaded again.
    Replaced {
        /// Position of the snapshot; 0 without one.
        snapshot_position: u64,
    },
}

/// Loads a shop from its snapshot and the log after it. Without a head, the shop is empty and gets a new epoch.
pub(super) async fn load(
    store: &dyn Store,
    shop: &ShopId,
    keys: &dyn NameCipher,
    head: Option<&Head>,
) -> Result<Loaded, store::Error> {
    let Some(head) = head else {
        let state = State { epoch: fresh_epoch(), ..State::default() };
        return Ok(Loaded { read_model: ReadModel::new(shop.clone(), state), snapshot_position: 0 });
    };
    // Without a usable snapshot the whole log is read.
    let mut state = saved_state(store, head).await?.unwrap_or_default();
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
    let end = read_model.read().state.position;
    if end < head.position {
        return Err(store::Error::Missing { shop: shop.clone(), position: end + 1 });
    }
    Ok(Loaded { read_model, snapshot_position })
}

/// The saved state. `None` without a state that this version can read, and for a state that ends with an event which the
/// log does not have.
///
/// # Errors
/// [`store::Error::Missing`] when the log has a hole among the events that the state includes. Otherwise those of a read.
async fn saved_state(store: &dyn Store, head: &Head) -> Result<Option<State>, store::Error> {
    let shop = &head.shop;
    let saved = store.load_snapshot(shop, SHOP_SNAPSHOT).await?;
    let Some(state) = saved.and_then(|saved| State::read(saved.version, &saved.state)) else { return Ok(None) };
    let position = state.position;
    let last_event = store.event_id(shop, position).await?;
    let last_event = last_event.filter(|id| position <= head.position && state.ends_with(*id));
    if last_event.is_none() {
        tracing::warn!(%shop, position, "snapshot is not of this log; reading the whole log");
        return Ok(None);
    }
    match store.first_missing(shop, position).await? {
        Some(position) => Err(store::Error::Missing { shop: shop.clone(), position }),
        None => Ok(Some(State { last_event, ..state })),
    }
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
    Ok(Arc::new(load(store, shop, keys, Some(head)).await?.read_model))
}

/// A random epoch for a new log: 8 hexadecimal digits.
///
/// # Panics
/// The operating system has no random source.
pub fn fresh_epoch() -> String {
    format!("{:08x}", getrandom::u32().expect("the operating system provides random bytes"))
}

/// Applies the events and names that other nodes have written. When the log does not have the last known event, loads
/// everything again under a new epoch.
///
/// # Errors
/// [`store::Error::Missing`] when the log has a hole: the events before it are applied. Otherwise those of a read.
pub(super) async fn catch_up(
    store: &dyn Store,
    read_model: &ReadModel,
    keys: &dyn NameCipher,
) -> Result<CaughtUp, store::Error> {
    let position = || read_model.read().state.position;
    let (before, last_event) = (position(), read_model.read().state.last_event);
    if before > 0 && store.event_id(read_model.shop(), before).await? != last_event {
        return load_again(store, read_model, keys).await;
    }
    read_to_end(store, read_model).await?;
    if position() == before {
        return Ok(CaughtUp::Unchanged);
    }
    let sealed = store.names(read_model.shop()).await?;
    let changes = name_changes(&read_model.read().state, keys, sealed);
    read_model.publish(Vec::new(), changes);
    Ok(CaughtUp::Applied)
}

async fn load_again(
    store: &dyn Store,
    read_model: &ReadModel,
    keys: &dyn NameCipher,
) -> Result<CaughtUp, store::Error> {
    let shop = read_model.shop();
    let position = read_model.read().state.position;
    tracing::error!(%shop, position, "the log does not have the last known event; loading it again");
    let head = store.heads().await?.into_iter().find(|head| head.shop == *shop);
    // Readers of the earlier log must not continue in this one.
    let head = head.map(|head| Head { epoch: fresh_epoch(), ..head });
    let Loaded { read_model: loaded, snapshot_position } = load(store, shop, keys, head.as_ref()).await?;
    read_model.replace(loaded);
    Ok(CaughtUp::Replaced { snapshot_position })
}

/// Applies the events of the log beyond the read model's position.
async fn read_to_end(store: &dyn Store, read_model: &ReadModel) -> Result<(), store::Error> {
    loop {
        let after = read_model.read().state.position;
        let events = store.events_after(read_model.shop(), after, LOG_PAGE_EVENTS).await?;
        if events.is_empty() {
            return Ok(());
        }
        ensure_no_hole(read_model.shop(), after, &events)?;
        read_model.publish(events, Vec::new());
    }
}

/// Checks that events which were read after a position have the positions that follow it.
///
/// # Errors
/// [`store::Error::Missing`] with the first missing position.
pub(super) fn ensure_no_hole(shop: &ShopId, after: u64, events: &[Recorded]) -> Result<(), store::Error> {
    let missing = (after + 1..).zip(events).find(|(expected, recorded)| recorded.position != *expected);
    missing.map_or(Ok(()), |(position, _)| Err(store::Error::Missing { shop: shop.clone(), position }))
}
