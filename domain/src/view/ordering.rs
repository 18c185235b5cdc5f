//! The guest's screen: the public state of the shop and the guest's own orders.

use serde::{Deserialize, Serialize};

use crate::event::{Event, OrderCancelled, OrderCompleted, OrderEdited, OrderSubmitted, Recorded};
use crate::ids::OrderId;
use crate::menu::{Chosen, Menu};
use crate::order::{CancelReason, CancelledBy, Step};
use crate::redact::Topic;
use crate::time::Instant;
use crate::view::{CalledAgain, OpeningFields, Paused, View, move_to_end};

/// State of the guest's screen. Topics: public, and one per order of the guest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordering {
    /// Public state of the shop.
    pub bar: ShopState,
    /// The guest's orders as [`Ordering::set_orders`] arranges them.
    #[serde(default)]
    pub orders: Vec<GuestOrder>,
}

/// The public state of the shop.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopState {
    /// Display name of the shop.
    pub name: String,
    /// Whether the shop is open.
    pub open: bool,
    /// Scheduled closing time, once last orders have been called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Instant>,
    /// The current pause of new orders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Paused>,
    /// Current menu.
    pub menu: Menu,
    /// Submitted orders that have not finished, in queue order.
    pub queue: Vec<OrderId>,
    /// Orders of the queue that need no preparation now: ready or cancelled ones. A recall removes them.
    #[serde(default)]
    pub done: Vec<OrderId>,
}

/// An order of the guest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestOrder {
    /// Id of the order.
    pub order: OrderId,
    /// Current step.
    pub step: Step,
    /// Order number; 0 until it is assigned.
    pub number: u32,
    /// Drink and options; `None` until the order is submitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<Chosen>,
    /// Time of the last transition.
    pub since: Instant,
    /// Current version, for conditional commands.
    pub version: u32,
    /// The party that cancelled the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_by: Option<CancelledBy>,
    /// Reason of a cancellation by the bar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<CancelReason>,
    /// Deadline for the guest to choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Instant>,
    /// Whether the time to choose has been extended.
    #[serde(default)]
    pub extended: bool,
    /// Whether the order is ready and set aside as uncollected.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub aside: bool,
    /// Calls for the order since it became ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called: Option<CalledAgain>,
    /// Log position of the start. It orders a guest's orders; the clocks of browsers and servers may not.
    #[serde(default)]
    pub began: u64,
    /// Log position of `OrderFinished`; `None` while a cancellation can be undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<u64>,
}

impl Ordering {
    /// The order that the screen shows first.
    pub fn current(&self) -> Option<&GuestOrder> {
        self.orders.first()
    }

    /// The order of that id.
    pub fn order(&self, id: OrderId) -> Option<&GuestOrder> {
        self.orders.iter().find(|mine| mine.order == id)
    }

    /// Shows those of the guest's `orders` that matter: the ready ones first, then the other open ones, the newest first,
    /// then the one that ended last, until another begins. The server and the browser use the same rule.
    pub fn set_orders(&mut self, orders: impl IntoIterator<Item = GuestOrder>) {
        self.orders = orders.into_iter().collect();
        self.arrange();
    }

    fn arrange(&mut self) {
        let last_ended = self.orders.iter().filter_map(|mine| mine.ended).max();
        let newest = self.orders.iter().filter(|mine| !mine.is_over()).map(|mine| mine.began).max();
        // Insertion: a sort would add kilobytes to the WebAssembly bundle.
        for mine in std::mem::take(&mut self.orders) {
            let is_shown = mine.ended.is_none() || mine.ended == last_ended && mine.ended > newest;
            if is_shown {
                let index = self.orders.iter().take_while(|other| other.rank() <= mine.rank()).count();
                self.orders.insert(index, mine);
            }
        }
    }

    /// Number of unprepared orders behind this one in the queue: those that postponing lets go first.
    pub fn orders_behind(&self, order: OrderId) -> usize {
        let behind = self.bar.queue.iter().rev().take_while(|other| **other != order);
        behind.filter(|other| !self.bar.done.contains(other)).count()
    }

    /// Number of unprepared orders before this one in the queue.
    pub fn orders_ahead_of(&self, order: OrderId) -> usize {
        let before = self.bar.queue.iter().take_while(|other| **other != order);
        before.filter(|other| !self.bar.done.contains(other)).count()
    }
}

impl ShopState {
    fn apply(&mut self, event: &Event) {
        let Self { name, open, closing, paused, .. } = self;
        OpeningFields { name, open, closing, paused }.apply(event);
        match event {
            Event::MenuChanged(event) => self.menu = event.menu.clone(),
            Event::AvailabilityChanged(event) => self.menu.out.clone_from(&event.out),
            Event::OrderSubmitted(event) => self.queue.push(event.order),
            Event::OrderCompleted(OrderCompleted { order, .. })
            | Event::OrderCancelled(OrderCancelled { order, .. }) => {
                self.done.push(*order);
            }
            Event::OrderPostponed(event) => {
                move_to_end(&mut self.queue, |order| *order == event.order);
            }
            // A recalled cancellation may return the order to `Ready`, which needs no preparation.
            Event::OrderRecalled(event) if event.to != Step::Ready => self.done.retain(|order| *order != event.order),
            Event::OrderFinished(event) => {
                self.queue.retain(|order| *order != event.order);
                self.done.retain(|order| *order != event.order);
            }
            _ => {}
        }
    }
}

impl GuestOrder {
    /// Whether the order has finished. A cancelled order is not over while its cancellation can be undone.
    pub fn is_over(&self) -> bool {
        self.ended.is_some()
    }

    /// Place on the screen; the smallest comes first.
    fn rank(&self) -> (bool, bool, std::cmp::Reverse<u64>) {
        (self.is_over(), self.step != Step::Ready, std::cmp::Reverse(self.began))
    }

    /// The order after its `NewOrder` event; `None` for any other event.
    pub fn from_first_event(recorded: &Recorded) -> Option<Self> {
        let Event::NewOrder(event) = &recorded.event else { return None };
        Some(Self {
            order: event.order,
            step: Step::Choosing,
            number: 0,
            chosen: None,
            since: recorded.at,
            version: 0,
            cancelled_by: None,
            reason: None,
            aside: false,
            called: None,
            due: None,
            extended: false,
            began: recorded.position,
            ended: None,
        })
    }

    /// Applies one event of this order.
    pub fn apply(&mut self, recorded: &Recorded) {
        match &recorded.event {
            Event::OrderSubmitted(OrderSubmitted { chosen, .. }) | Event::OrderEdited(OrderEdited { chosen, .. }) => {
                self.chosen = Some(chosen.clone());
            }
            Event::WaitingCompletion(event) => self.number = event.number,
            Event::OrderCancelled(event) => (self.cancelled_by, self.reason) = (Some(event.by), event.reason),
            Event::OrderSetAside(_) => self.aside = true,
            Event::GuestReminded(_) => self.aside = false,
            Event::OrderRecalled(event) if event.to != Step::Ready => self.aside = false,
            Event::WorkflowStarted(event) => self.due = event.due,
            Event::WaitExtended(event) => {
                self.due = Some(event.due);
                self.extended = true;
            }
            Event::OrderFinished(event) => {
                self.ended = Some(recorded.position);
                // A missed deadline sets no step by itself; the outcome does.
                if !self.step.is_end() {
                    (self.step, self.since) = (event.outcome, recorded.at);
                }
            }
            _ => {}
        }
        if let Some((step, version)) = recorded.event.step() {
            (self.step, self.version, self.since) = (step, version, recorded.at);
            CalledAgain::apply(&mut self.called, step, recorded);
        }
    }
}

impl View for Ordering {
    fn apply(&mut self, topic: Topic, recorded: &Recorded) {
        match topic {
            Topic::Public | Topic::Staff => self.bar.apply(&recorded.event),
            Topic::Order(id) => {
                match self.orders.iter_mut().find(|mine| mine.order == id) {
                    Some(mine) => mine.apply(recorded),
                    None => self.orders.extend(GuestOrder::from_first_event(recorded)),
                }
                self.arrange();
            }
        }
    }
}
