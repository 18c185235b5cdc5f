//! What the asker of a granted command is told: read off the events, so that it says nothing they do not.

use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::ids::OrderId;
use crate::order::Step;
use crate::refusal::Unavailable;

/// Where the command left its order. A command about the shop leaves all fields out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Why a start that took a token ended at once: recorded, and yet a no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<Unavailable>,
}

impl Answer {
    pub fn from_events<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut answer = Self::default();
        for event in events {
            answer.order = event.order().or(answer.order);
            answer.take(event);
        }
        answer
    }

    fn take(&mut self, event: &Event) {
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
