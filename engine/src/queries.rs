//! Queries for orders: open orders, orders of a guest, orders of a day, and single orders.

use domain::event::{Event, Recorded};
use domain::ids::{EventId, GuestId, OrderId, ShopId};
use domain::redact::Audience;
use domain::time::Day;
use domain::view::ordering::GuestOrder;
use domain::view::record::Record;

use crate::Engine;
use crate::read_model::ReadModel;
use crate::read_model::state::State;
use crate::store::{self, OrderQuery, Store};

/// The part of a list that is requested.
#[derive(Clone, Copy, Debug)]
pub struct Pagination {
    /// [`OrderPage::next`] of the previous page; `None` for the first page.
    pub after: Option<u64>,
    /// Largest number of orders on the page.
    pub limit: u32,
}

/// A page of a list of orders, sorted by a position in descending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderPage {
    /// The orders, redacted for the reader.
    pub orders: Vec<Record>,
    /// Start of the next page; `None` on the last page.
    pub next: Option<u64>,
}

impl Engine {
    /// The orders that ended on a shop day, redacted for staff. Orders that ended last come first.
    ///
    /// # Errors
    /// The store cannot be read, or an event cannot be decoded.
    pub async fn orders_ended_on(
        &self,
        shop: &ShopId,
        day: Day,
        pagination: Pagination,
    ) -> Result<OrderPage, store::Error> {
        self.order_page(shop, OrderQuery::EndedOn(day), Audience::Staff, pagination).await
    }

    /// A guest's orders, open and ended, redacted for the guest. Orders with the latest events come first.
    ///
    /// # Errors
    /// The store cannot be read, or an event cannot be decoded.
    pub async fn orders_of(
        &self,
        shop: &ShopId,
        guest: GuestId,
        pagination: Pagination,
    ) -> Result<OrderPage, store::Error> {
        self.order_page(shop, OrderQuery::OfGuest(guest), Audience::Owner, pagination).await
    }

    async fn order_page(
        &self,
        shop: &ShopId,
        query: OrderQuery,
        audience: Audience,
        pagination: Pagination,
    ) -> Result<OrderPage, store::Error> {
        let store = &self.deps.store;
        let orders = store.orders(shop, query, pagination.after, pagination.limit.saturating_add(1)).await?;
        let mut records = Vec::with_capacity(orders.len());
        for (order, position) in orders {
            let record = Record::from_events(&store.events_of_order(shop, order).await?, audience);
            records.extend(record.map(|record| (position, record)));
        }
        Ok(page(records, pagination))
    }

    /// All events of an order, open or ended, with its guest. `None` for an unknown order and for one without a guest.
    ///
    /// # Errors
    /// The store cannot be read, or an event cannot be decoded.
    pub async fn find_order(
        &self,
        shop: &ShopId,
        order: OrderId,
    ) -> Result<Option<(GuestId, Vec<Recorded>)>, store::Error> {
        let events = self.deps.store.events_of_order(shop, order).await?;
        let guest = events.iter().find_map(|recorded| match &recorded.event {
            Event::NewOrder(event) => event.guest,
            _ => None,
        });
        Ok(guest.map(|guest| (guest, events)))
    }

    /// The guest's order that ended last, rebuilt from the log, and the position of its last event. `open` are the guest's
    /// open orders, which the read model has.
    ///
    /// # Errors
    /// The store cannot be read, or an event cannot be decoded.
    pub async fn last_ended_order_of(
        &self,
        shop: &ShopId,
        guest: GuestId,
        open: &[OrderId],
    ) -> Result<Option<(GuestOrder, u64)>, store::Error> {
        // The latest orders come first, and at most as many as are open precede the one that ended last.
        let limit = u32::try_from(open.len()).unwrap_or(u32::MAX).saturating_add(1);
        let latest = self.deps.store.orders(shop, OrderQuery::OfGuest(guest), None, limit).await?;
        let Some((order, _)) = latest.iter().find(|(order, _)| !open.contains(order)) else { return Ok(None) };
        Ok(State::rebuild_order(&self.deps.store.events_of_order(shop, *order).await?))
    }

    /// At most `limit` events of a shop after a position, in ascending order.
    ///
    /// # Errors
    /// The store cannot be read, or an event cannot be decoded.
    pub async fn events_after(&self, shop: &ShopId, after: u64, limit: u32) -> Result<Vec<Recorded>, store::Error> {
        self.deps.store.events_after(shop, after, limit).await
    }

    /// The id of the event at a position; `None` when the log has no such event.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn event_id(&self, shop: &ShopId, position: u64) -> Result<Option<EventId>, store::Error> {
        self.deps.store.event_id(shop, position).await
    }

    /// True when the log has this order with a guest, open or ended. False also when the store cannot be read.
    pub async fn has_order(&self, shop: &ShopId, order: OrderId) -> bool {
        self.find_order(shop, order).await.is_ok_and(|order| order.is_some())
    }
}

/// The open orders as staff see them. Orders that began last come first, so that an order keeps its place.
pub fn open_orders(read_model: &ReadModel, pagination: Pagination) -> OrderPage {
    let before = pagination.after.unwrap_or(u64::MAX);
    let records = read_model.read().open_orders.before(before, pagination.limit as usize + 1);
    page(records.into_iter().map(|record| (record.first(), record)).collect(), pagination)
}

/// Loads the pre-snapshot events of open orders through the per-order index.
pub(super) async fn restore_open_orders(store: &dyn Store, read_model: &ReadModel) -> Result<(), store::Error> {
    let open: Vec<OrderId> = read_model.read().state.own.keys().copied().collect();
    for order in open {
        read_model.restore_open_orders(&store.events_of_order(read_model.shop(), order).await?);
    }
    Ok(())
}

/// Makes a page of records with their sort positions. One record more than the limit means that there is a next page.
fn page(mut records: Vec<(u64, Record)>, pagination: Pagination) -> OrderPage {
    let limit = pagination.limit as usize;
    let has_next = records.len() > limit;
    records.truncate(limit);
    let next = records.last().map(|(position, _)| *position).filter(|_| has_next);
    OrderPage { orders: records.into_iter().map(|(_, record)| record).collect(), next }
}
