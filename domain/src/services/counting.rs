//! `Counting` owns the order numbers: consecutive, from 1 each shop day.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::{Event, NumberGiven};
use crate::ids::OrderId;
use crate::time::{Day, Now};

/// Assigns order numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counting {
    day: Option<Day>,
    last: u32,
    /// Numbers of open orders; no two open orders share a number.
    held: BTreeMap<OrderId, u32>,
}

impl Counting {
    pub(crate) fn react(&self, event: &Event, now: Now) -> Vec<Event> {
        let Event::OrderSubmitted(event) = event else {
            return Vec::new();
        };
        // A change of time zone can move the shop day back. The later day keeps counting, so no number repeats.
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
