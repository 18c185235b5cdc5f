//! `OrderProcessor` owns the workflow of each order: what follows what, and when it is over.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::event::{Event, OrderFinished, ShopUnavailable, WaitingCompletion, WorkflowStarted};
use crate::ids::OrderId;
use crate::order::Step;
use crate::refusal::Unavailable;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderProcessor {
    /// What it last heard of the doors.
    open: bool,
    running: BTreeSet<OrderId>,
}

impl OrderProcessor {
    pub(crate) fn hear(&self, event: &Event) -> Vec<Event> {
        match event {
            // The same order announced twice starts one workflow.
            Event::NewOrder(event) if self.running.contains(&event.order) => Vec::new(),
            Event::NewOrder(event) if self.open => vec![WorkflowStarted { order: event.order }.into()],
            Event::NewOrder(event) => {
                vec![ShopUnavailable { order: event.order, reason: Unavailable::Closed }.into()]
            }
            Event::ShopUnavailable(event) => finished(event.order, Step::Unavailable),
            Event::NumberGiven(event) => {
                vec![WaitingCompletion { order: event.order, number: event.number }.into()]
            }
            Event::OrderCollected(event) => finished(event.order, Step::Collected),
            Event::OrderCancelled(event) => finished(event.order, Step::Cancelled),
            _ => Vec::new(),
        }
    }

    pub(crate) fn evolve(&mut self, event: &Event) {
        match event {
            Event::StoreOpened(_) => self.open = true,
            Event::StoreClosed(_) => self.open = false,
            Event::WorkflowStarted(event) => {
                self.running.insert(event.order);
            }
            Event::OrderFinished(event) => {
                self.running.remove(&event.order);
            }
            _ => {}
        }
    }
}

fn finished(order: OrderId, outcome: Step) -> Vec<Event> {
    vec![OrderFinished { order, outcome }.into()]
}
