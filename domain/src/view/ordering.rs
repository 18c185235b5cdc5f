//! The phone: what the whole bar may know (doors, menu, queue) and this guest's own orders.

use serde::{Deserialize, Serialize};

use crate::event::{Event, OrderCancelled, OrderCompleted, OrderEdited, OrderSubmitted, Recorded};
use crate::ids::OrderId;
use crate::menu::{Chosen, Menu};
use crate::order::{By, Reason, Step};
use crate::redact::Topic;
use crate::time::Instant;
use crate::view::{Paused, View, put_last};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordering {
    pub bar: Bar,
    /// This guest's orders, the oldest first: those that are not over, and the last that is.
    #[serde(default)]
    pub orders: Vec<MyOrder>,
}

/// What any phone may know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    pub name: String,
    pub open: bool,
    /// Last orders have been called; the doors close then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Paused>,
    pub menu: Menu,
    /// Orders that are not over, in the order they were submitted.
    pub queue: Vec<OrderId>,
    /// Those of the queue that nobody has to make now: they are ready or cancelled, and may come back.
    #[serde(default)]
    pub done: Vec<OrderId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MyOrder {
    pub order: OrderId,
    pub step: Step,
    /// 0 until it has one.
    pub number: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<Chosen>,
    /// When it came to this step.
    pub since: Instant,
    pub version: u32,
    /// Who took it back, and what the bar says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_by: Option<By>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Until when the guest has to choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Instant>,
    /// The time to choose has been extended.
    #[serde(default)]
    pub extended: bool,
    /// Ready, and put aside.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub aside: bool,
    /// Nothing follows: what was cancelled stays so.
    #[serde(default)]
    pub over: bool,
}

impl Ordering {
    /// The order this phone is about: the newest one.
    pub fn current(&self) -> Option<&MyOrder> {
        self.orders.last()
    }

    /// Somebody waits or is served behind this order.
    pub fn is_before_others(&self, order: OrderId) -> bool {
        let is_behind = |other: &&OrderId| **other != order && !self.bar.done.contains(other);
        self.bar.queue.iter().rev().take_while(|other| **other != order).any(|other| is_behind(&other))
    }

    /// Drinks that come before this order's.
    pub fn ahead_of(&self, order: OrderId) -> usize {
        let before = self.bar.queue.iter().take_while(|other| **other != order);
        before.filter(|other| !self.bar.done.contains(other)).count()
    }
}

impl Bar {
    fn apply(&mut self, event: &Event) {
        match event {
            Event::StoreOpened(_) => (self.open, self.closing) = (true, None),
            Event::StoreClosed(_) => (self.open, self.closing) = (false, None),
            Event::LastOrdersCalled(event) => self.closing = Some(event.closing),
            Event::StorePaused(event) => self.paused = Some(Paused::of(event)),
            Event::StoreResumed(_) => self.paused = None,
            Event::BrandChanged(event) => self.name.clone_from(&event.name),
            Event::MenuChanged(event) => self.menu = event.menu.clone(),
            Event::AvailabilityChanged(event) => self.menu.out.clone_from(&event.out),
            Event::OrderSubmitted(event) => self.queue.push(event.order),
            Event::OrderCompleted(OrderCompleted { order, .. })
            | Event::OrderCancelled(OrderCancelled { order, .. }) => {
                self.done.push(*order);
            }
            Event::OrderPostponed(event) => {
                put_last(&mut self.queue, |order| *order == event.order);
            }
            // Back from being cancelled it may be ready, and nothing to make.
            Event::OrderRecalled(event) if event.to != Step::Ready => self.done.retain(|order| *order != event.order),
            Event::OrderFinished(event) => {
                self.queue.retain(|order| *order != event.order);
                self.done.retain(|order| *order != event.order);
            }
            _ => {}
        }
    }
}

impl MyOrder {
    /// The order as its first event announces it; no later event makes one.
    pub fn begun(recorded: &Recorded) -> Option<Self> {
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
            due: None,
            extended: false,
            over: false,
        })
    }

    /// Takes in one event of this order.
    pub fn apply(&mut self, recorded: &Recorded) {
        match &recorded.event {
            Event::OrderSubmitted(OrderSubmitted { chosen, .. }) | Event::OrderEdited(OrderEdited { chosen, .. }) => {
                self.chosen = Some(chosen.clone());
            }
            Event::WaitingCompletion(event) => self.number = event.number,
            Event::OrderCancelled(event) => (self.cancelled_by, self.reason) = (Some(event.by), event.reason),
            Event::OrderSetAside(_) => self.aside = true,
            Event::OrderRecalled(event) if event.to != Step::Ready => self.aside = false,
            Event::WorkflowStarted(event) => self.due = event.due,
            Event::WaitExtended(event) => {
                self.due = Some(event.due);
                self.extended = true;
            }
            Event::OrderFinished(event) => {
                self.over = true;
                // An end that no other event told: somebody took too long.
                if !self.step.is_end() {
                    (self.step, self.since) = (event.outcome, recorded.at);
                }
            }
            _ => {}
        }
        if let Some((step, version)) = recorded.event.step() {
            (self.step, self.version, self.since) = (step, version, recorded.at);
        }
    }
}

impl View for Ordering {
    fn apply(&mut self, topic: Topic, recorded: &Recorded) {
        match topic {
            Topic::Public | Topic::Staff => self.bar.apply(&recorded.event),
            Topic::Order(id) => match self.orders.iter_mut().find(|mine| mine.order == id) {
                Some(mine) => {
                    mine.apply(recorded);
                    if mine.step.is_end() {
                        self.orders.retain(|other| other.order == id || !other.step.is_end());
                    }
                }
                None => self.orders.extend(MyOrder::begun(recorded)),
            },
        }
    }
}
