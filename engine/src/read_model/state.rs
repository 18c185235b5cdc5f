//! The durable state of one shop: the fold of all committed events into the shop and the views.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::event::{Event, Recorded};
use domain::extension::pin::Pins;
use domain::ids::{EventId, GuestId, OrderId, ShopId};
use domain::menu::Menu;
use domain::order::Step;
use domain::redact::{Topic, redact};
use domain::shop::Shop;
use domain::view::View;
use domain::view::barista::Barista;
use domain::view::display::Display;
use domain::view::ordering::{GuestOrder, Ordering};
use serde::{Deserialize, Serialize};

use crate::read_model::Cursor;
use crate::read_model::frames::Published;

/// Version of the snapshot format, which contains the shop and the views.
pub const STATE_VERSION: u32 = domain::shop::STATE_VERSION;

/// The durable state. Views are folded once per audience, not per guest: a guest's view is the public one with the
/// guest's own orders.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Epoch of the log.
    pub epoch: String,
    /// Position of the last applied event; 0 before the first.
    pub position: u64,
    /// Cursor tag of the event at `position`.
    pub tag: u16,
    /// Id of the event at `position`; `None` before the first, and in a snapshot of an earlier version.
    #[serde(default)]
    pub last_event: Option<EventId>,
    /// The aggregate on which commands are decided.
    pub shop: Shop,
    /// View of the public display.
    pub display: Display,
    /// View of the barista's tablet.
    pub barista: Barista,
    /// The public part of the guests' view. Its `orders` stay empty.
    pub ordering: Ordering,
    /// The open orders, as their guests see them.
    pub own: BTreeMap<OrderId, OwnOrder>,
    /// Position of the last public frame.
    pub last_public: u64,
    /// Position of the last staff frame.
    pub last_staff: u64,
    /// Values that extensions show on screens.
    #[serde(default)]
    pub pins: Pins,
    /// Names to call out. They are personal data and therefore never part of a snapshot.
    #[serde(skip)]
    pub names: HashMap<OrderId, Arc<str>>,
}

/// An open order with its guest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OwnOrder {
    /// The guest who ordered.
    pub guest: GuestId,
    /// Position of the last frame of the order's topic.
    pub last: u64,
    /// The order as its guest sees it.
    pub order: GuestOrder,
}

impl State {
    /// Decodes a snapshot of this format version or the previous one. `None` for other versions and for text that
    /// cannot be decoded.
    ///
    /// Fields that the previous version does not have get their defaults. Otherwise the first start after an upgrade
    /// would read the whole log.
    pub fn read(version: u32, text: &str) -> Option<Self> {
        let is_supported = version == STATE_VERSION || version + 1 == STATE_VERSION;
        let mut state: Self = is_supported.then(|| serde_json::from_str(text).ok())??;
        state.complete_display();
        Some(state)
    }

    /// Adds what an earlier version did not keep of the display.
    fn complete_display(&mut self) {
        let Self { display, ordering, own, .. } = self;
        if display.menu == Menu::default() {
            display.menu.clone_from(&ordering.bar.menu);
            let is_choosing = |own: &&OwnOrder| own.order.step == Step::Choosing;
            display.choosing = own.values().filter(is_choosing).map(|own| own.order.order).collect();
        }
    }

    /// The cursor of the last applied event.
    pub fn cursor(&self) -> Cursor {
        Cursor { epoch: self.epoch.clone(), position: self.position, tag: self.tag }
    }

    /// True when the event at `position` has this id. A snapshot of an earlier version has only the tag of its event.
    pub(crate) fn ends_with(&self, id: EventId) -> bool {
        self.last_event.map_or(Cursor::tag_of(id) == self.tag, |last| last == id)
    }

    /// The guest of an open order.
    pub fn owner(&self, order: OrderId) -> Option<GuestId> {
        self.own.get(&order).map(|own| own.guest)
    }

    /// A guest's open orders in no particular order, each with the position of its last frame.
    pub fn orders_of(&self, guest: GuestId) -> Vec<(&GuestOrder, u64)> {
        self.own.values().filter(|own| own.guest == guest).map(|own| (&own.order, own.last)).collect()
    }

    pub(super) fn set_name(&mut self, order: OrderId, name: Option<Arc<str>>) {
        match name {
            Some(name) => self.names.insert(order, name),
            None => self.names.remove(&order),
        };
    }

    /// Applies one event and returns it with its frames.
    pub(crate) fn apply(&mut self, shop: &ShopId, recorded: Recorded) -> Published {
        self.shop.evolve(&recorded.event, recorded.at);
        self.position = recorded.position;
        (self.tag, self.last_event) = (Cursor::tag_of(recorded.id), Some(recorded.id));
        self.barista.apply(Topic::Staff, &recorded);
        let mut published = Published::new(shop, self.cursor(), recorded);
        published.prev_staff = std::mem::replace(&mut self.last_staff, self.position);
        if let Some(redacted) = redact(&published.recorded, Topic::Public.audience()) {
            self.display.apply(Topic::Public, &redacted);
            self.ordering.apply(Topic::Public, &redacted);
            published.prev_public = Some(std::mem::replace(&mut self.last_public, self.position));
        }
        published.pins = self.pins.apply(&published.recorded.event);
        if let Some(order) = published.recorded.event.order() {
            published.own = self.apply_to_own_order(order, &published.recorded);
        }
        published
    }

    fn apply_to_own_order(&mut self, order: OrderId, recorded: &Recorded) -> Option<(GuestId, u64)> {
        let redacted = redact(recorded, Topic::Order(order).audience())?;
        if let (Event::NewOrder(new), Some(mine)) = (&recorded.event, GuestOrder::from_first_event(&redacted)) {
            let guest = new.guest?;
            self.own.insert(order, OwnOrder { guest, last: recorded.position, order: mine });
            return Some((guest, 0));
        }
        let own = self.own.get_mut(&order)?;
        own.order.apply(&redacted);
        let frame_before = (own.guest, std::mem::replace(&mut own.last, recorded.position));
        if matches!(recorded.event, Event::OrderFinished(_)) {
            self.own.remove(&order);
        }
        Some(frame_before)
    }

    /// Rebuilds an order from all its events, as its guest sees it, with the position of the last one. `None` when
    /// `events` does not begin with the order's first event.
    pub fn rebuild_order(events: &[Recorded]) -> Option<(GuestOrder, u64)> {
        let mut order = GuestOrder::from_first_event(events.first()?)?;
        events.iter().skip(1).for_each(|recorded| order.apply(recorded));
        Some((order, events.last()?.position))
    }
}
