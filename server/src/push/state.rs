//! The durable state of one shop: the fold of everything committed, the shop itself and each audience's view.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::event::{Event, Recorded};
use domain::extension::pin::Pins;
use domain::ids::{GuestId, OrderId, ShopId};
use domain::redact::{Topic, redact};
use domain::shop::Shop;
use domain::view::View;
use domain::view::barista::Barista;
use domain::view::display::Display;
use domain::view::ordering::{MyOrder, Ordering};
use serde::{Deserialize, Serialize};

use crate::push::Cursor;
use crate::push::frames::Published;

/// Version of the whole written state: the shop's own, and the views beside it.
pub const STATE_VERSION: u32 = domain::shop::STATE_VERSION;

/// Folded once per audience, never per guest: a phone's view is the public one and its own orders.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub epoch: String,
    pub position: u64,
    /// Of the event at `position`.
    pub tag: u16,
    pub shop: Shop,
    pub display: Display,
    pub barista: Barista,
    /// The public part; its `orders` stay empty.
    pub ordering: Ordering,
    /// The orders that are not over, as their guests see them.
    pub own: BTreeMap<OrderId, Own>,
    /// Position of the last public frame and of the last staff frame.
    pub last_public: u64,
    pub last_staff: u64,
    /// What extensions show.
    #[serde(default)]
    pub pins: Pins,
    /// What to call out. Personal, so never written with the state.
    #[serde(skip)]
    pub names: HashMap<OrderId, Arc<str>>,
}

/// One guest's order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Own {
    pub guest: GuestId,
    /// Position of the last frame of its topic.
    pub last: u64,
    pub order: MyOrder,
}

impl State {
    /// A state as this version or the one before it wrote it down; nothing when it was another, or does not read.
    ///
    /// What the version before did not know yet has its default: without this, the first start after an upgrade would
    /// read the whole log.
    pub fn read(version: u32, text: &str) -> Option<Self> {
        let is_ours = version == STATE_VERSION || version + 1 == STATE_VERSION;
        is_ours.then(|| serde_json::from_str(text).ok())?
    }

    pub fn cursor(&self) -> Cursor {
        Cursor { epoch: self.epoch.clone(), position: self.position, tag: self.tag }
    }

    /// Whose order it is, while it is not over.
    pub fn owner(&self, order: OrderId) -> Option<GuestId> {
        self.own.get(&order).map(|own| own.guest)
    }

    /// A guest's orders that are not over, the oldest first, with the last position of each.
    pub fn orders_of(&self, guest: GuestId) -> Vec<(&MyOrder, u64)> {
        let mut mine: Vec<_> =
            self.own.values().filter(|own| own.guest == guest).map(|own| (&own.order, own.last)).collect();
        // Ids are made by browsers whose clocks may be wrong; positions are ours.
        mine.sort_by_key(|(order, _)| order.since);
        mine
    }

    pub(super) fn name(&mut self, order: OrderId, name: Option<Arc<str>>) {
        match name {
            Some(name) => self.names.insert(order, name),
            None => self.names.remove(&order),
        };
    }

    /// Takes in one event and gives it back as its readers will get it.
    pub(crate) fn take(&mut self, shop: &ShopId, recorded: Recorded) -> Published {
        self.shop.evolve(&recorded.event, recorded.at);
        self.position = recorded.position;
        self.tag = Cursor::tag_of(recorded.id);
        self.barista.apply(Topic::Staff, &recorded);
        let mut published = Published::new(shop, self.cursor(), recorded);
        published.prev_staff = std::mem::replace(&mut self.last_staff, self.position);
        if let Some(seen) = redact(&published.recorded, Topic::Public.audience()) {
            self.display.apply(Topic::Public, &seen);
            self.ordering.apply(Topic::Public, &seen);
            published.prev_public = Some(std::mem::replace(&mut self.last_public, self.position));
        }
        published.pins = self.pins.apply(&published.recorded.event);
        if let Some(order) = published.recorded.event.order() {
            published.own = self.take_own(order, &published.recorded);
        }
        published
    }

    fn take_own(&mut self, order: OrderId, recorded: &Recorded) -> Option<(GuestId, u64)> {
        let seen = redact(recorded, Topic::Order(order).audience())?;
        if let (Event::NewOrder(begun), Some(mine)) = (&recorded.event, MyOrder::begun(&seen)) {
            let guest = begun.guest?;
            self.own.insert(order, Own { guest, last: recorded.position, order: mine });
            return Some((guest, 0));
        }
        let own = self.own.get_mut(&order)?;
        own.order.apply(&seen);
        let was = (own.guest, std::mem::replace(&mut own.last, recorded.position));
        if matches!(recorded.event, Event::OrderFinished(_)) {
            self.own.remove(&order);
        }
        Some(was)
    }

    /// One order as its guest sees it, from its events alone, with the last position: for those that are over.
    pub fn order_from(events: &[Recorded]) -> Option<(MyOrder, u64)> {
        let mut order = MyOrder::begun(events.first()?)?;
        events.iter().skip(1).for_each(|recorded| order.apply(recorded));
        Some((order, events.last()?.position))
    }
}
