//! `Counting` owns the order numbers: consecutive, from 1 each shop day.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::{Event, NumberGiven};
use crate::ids::OrderId;
use crate::time::{Day, Now, is_near};

/// Assigns order numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counting {
    day: Option<Day>,
    last: u32,
    /// The day before `day` in the log with its last number: a clock that was ahead returns to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<(Day, u32)>,
    /// Numbers of open orders; no two open orders share a number.
    held: BTreeMap<OrderId, u32>,
}

impl Counting {
    pub(crate) fn react(&self, event: &Event, now: Now) -> Vec<Event> {
        let Event::OrderSubmitted(event) = event else {
            return Vec::new();
        };
        // A change of time zone can move the shop day back. The later day keeps counting, so no number repeats. A day
        // further ahead comes from a wrong clock.
        let day = self.day.filter(|day| is_near(*day, now.day)).map_or(now.day, |day| day.max(now.day));
        let mut number = self.last_of(day) + 1;
        while self.held.values().any(|held| *held == number) {
            number += 1;
        }
        vec![NumberGiven { order: event.order, day, number }.into()]
    }

    /// The last number of a day; 0 before its first.
    fn last_of(&self, day: Day) -> u32 {
        let days = self.day.map(|day| (day, self.last)).into_iter().chain(self.before);
        days.into_iter().find(|(other, _)| *other == day).map_or(0, |(_, last)| last)
    }

    pub(crate) fn evolve(&mut self, event: &Event) {
        match event {
            Event::NumberGiven(event) => {
                if self.day != Some(event.day) {
                    self.before = self.day.map(|day| (day, self.last));
                }
                (self.day, self.last) = (Some(event.day), event.number);
                self.held.insert(event.order, event.number);
            }
            Event::OrderFinished(event) => {
                self.held.remove(&event.order);
            }
            _ => {}
        }
    }
}
