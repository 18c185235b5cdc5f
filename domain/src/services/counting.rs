//! `Counting` owns the human numbers: one after the other, from 1 each shop day.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::{Event, NumberGiven};
use crate::ids::OrderId;
use crate::time::{Day, Now};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counting {
    day: Option<Day>,
    last: u32,
    /// Numbers still on an order that is not over: two cups never carry the same one.
    held: BTreeMap<OrderId, u32>,
}

impl Counting {
    pub(crate) fn react(&self, event: &Event, now: Now) -> Vec<Event> {
        let Event::OrderSubmitted(event) = event else {
            return Vec::new();
        };
        // A zone set further west can bring a day back that is over: it is not counted twice.
        let day = self.day.map_or(now.day, |day| day.max(now.day));
        let mut number = if self.day == Some(day) { self.last + 1 } else { 1 };
        while self.held.values().any(|held| *held == number) {
            number += 1;
        }
        vec![NumberGiven { order: event.order, day, number }.into()]
    }

    pub(crate) fn evolve(&mut self, event: &Event) {
        match event {
            Event::NumberGiven(event) => {
                self.day = Some(event.day);
                self.last = event.number;
                self.held.insert(event.order, event.number);
            }
            Event::OrderFinished(event) => {
                self.held.remove(&event.order);
            }
            _ => {}
        }
    }
}
