//! The response to an accepted command, derived from its events.

use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::ids::OrderId;
use crate::order::Step;
use crate::refusal::Unavailable;

/// The state of the order after an accepted command. All fields are `None` for a command about the shop.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Id of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderId>,
    /// Step of the order after the command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// Order number, if the command assigned one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// Version of the order after the command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Reason for which the shop could not accept the start. Such a start is recorded, unlike a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<Unavailable>,
}

impl Answer {
    /// Folds the events of one command.
    pub fn from_events<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut answer = Self::default();
        for event in events {
            answer.order = event.order().or(answer.order);
            answer.apply(event);
        }
        answer
    }

    fn apply(&mut self, event: &Event) {
        match event {
            Event::ShopUnavailable(event) => self.unavailable = Some(event.reason),
            Event::NumberGiven(event) => self.number = Some(event.number),
            Event::OrderFinished(event) => self.step = Some(event.outcome),
            _ => {}
        }
        if let Some((step, version)) = event.step() {
            self.step = Some(step);
            self.version = Some(version);
        }
    }
}
