//! What can be asked of a shop's orders: those that are not over, those of a guest, those of a day, and one alone.

use domain::event::{Event, Recorded};
use domain::ids::{GuestId, OrderId, ShopId};
use domain::redact::Audience;
use domain::time::Day;
use domain::view::ordering::MyOrder;
use domain::view::record::Record;

use crate::engine::Engine;
use crate::push::ReadModel;
use crate::push::state::State;
use crate::store::{self, OrderQuery, Store};

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// What the page before gave as its `next`.
    pub after: Option<u64>,
    pub most: u32,
}

/// A part of a list, the newest order first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub orders: Vec<Record>,
    /// Where the next page begins, unless this is the last.
    pub next: Option<u64>,
}

impl Engine {
    /// The orders that were over on a shop day, as the bar sees them, those first that ended last.
    ///
    /// # Errors
    /// The store cannot be read; so for every question below.
    pub async fn orders_ended_on(&self, shop: &ShopId, day: Day, part: Part) -> Result<Page, store::Error> {
        self.listed(shop, OrderQuery::EndedOn(day), Audience::Staff, part).await
    }

    /// A guest's orders, over or not, as the guest sees them, those first to which something happened last.
    ///
    /// # Errors
    /// As [`Self::orders_ended_on`].
    pub async fn orders_of(&self, shop: &ShopId, guest: GuestId, part: Part) -> Result<Page, store::Error> {
        self.listed(shop, OrderQuery::Of(guest), Audience::Owner, part).await
    }

    async fn listed(
        &self,
        shop: &ShopId,
        which: OrderQuery,
        audience: Audience,
        part: Part,
    ) -> Result<Page, store::Error> {
        let store = &self.deps.store;
        let places = store.orders(shop, which, part.after, part.most.saturating_add(1)).await?;
        let mut found = Vec::with_capacity(places.len());
        for (order, position) in places {
            let record = Record::of(&store.events_of(shop, order).await?, audience);
            found.extend(record.map(|record| (position, record)));
        }
        Ok(page(found, part))
    }

    /// All events of an order, over or not, and whose it is; nothing of one that never was.
    ///
    /// # Errors
    /// As [`Self::orders_ended_on`].
    pub async fn order(&self, shop: &ShopId, order: OrderId) -> Result<Option<(GuestId, Vec<Recorded>)>, store::Error> {
        let events = self.deps.store.events_of(shop, order).await?;
        let guest = events.iter().find_map(|recorded| match &recorded.event {
            Event::NewOrder(event) => event.guest,
            _ => None,
        });
        Ok(guest.map(|guest| (guest, events)))
    }

    /// The guest's last order, from the log, with its last position: for one that is over.
    ///
    /// # Errors
    /// As [`Self::orders_ended_on`].
    pub async fn last_order_of(&self, shop: &ShopId, guest: GuestId) -> Result<Option<(MyOrder, u64)>, store::Error> {
        let last = self.deps.store.orders(shop, OrderQuery::Of(guest), None, 1).await?;
        let Some((order, _)) = last.first() else { return Ok(None) };
        Ok(State::order_from(&self.deps.store.events_of(shop, *order).await?))
    }

    /// At most `most` events of a shop after a position, in order.
    ///
    /// # Errors
    /// As [`Self::orders_ended_on`], or an event that cannot be read.
    pub async fn events_after(&self, shop: &ShopId, after: u64, most: u32) -> Result<Vec<Recorded>, store::Error> {
        self.deps.store.events_after(shop, after, most).await
    }

    /// Whether the log has that order, over or not.
    pub async fn knows(&self, shop: &ShopId, order: OrderId) -> bool {
        self.order(shop, order).await.is_ok_and(|found| found.is_some())
    }
}

/// The orders that are not over, as the bar sees them, those first that began last: an order keeps its place whatever
/// happens to it.
pub fn open_orders(room: &ReadModel, part: Part) -> Page {
    let found = room.seen().open.before(part.after.unwrap_or(u64::MAX), part.most as usize + 1);
    page(found.into_iter().map(|record| (record.first(), record)).collect(), part)
}

/// Reads what happened to the orders that are not over before the state was written: by their index, not along the log.
pub(super) async fn recall(store: &dyn Store, room: &ReadModel) -> Result<(), store::Error> {
    let open: Vec<OrderId> = room.seen().state.own.keys().copied().collect();
    for order in open {
        room.remember(&store.events_of(room.shop(), order).await?);
    }
    Ok(())
}

/// One more was found than fits when there is a next page, which begins after the last that fits.
fn page(mut found: Vec<(u64, Record)>, part: Part) -> Page {
    let most = part.most as usize;
    let has_next = found.len() > most;
    found.truncate(most);
    let next = found.last().map(|(place, _)| *place).filter(|_| has_next);
    Page { orders: found.into_iter().map(|(_, record)| record).collect(), next }
}
