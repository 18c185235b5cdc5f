//! The number of orders of each guest, by shop day, for the limit of orders per guest.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::GuestId;
use crate::time::{Day, is_near};

/// Orders per guest on one shop day: submitted, collected or expired ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct GuestCounts {
    day: Option<Day>,
    orders: BTreeMap<GuestId, u32>,
    /// The day before `day` in the log with its orders: a clock that was ahead returns to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<(Day, BTreeMap<GuestId, u32>)>,
}

impl GuestCounts {
    /// Begins a shop day, or returns to the one before.
    pub(super) fn start_day(&mut self, day: Day) {
        if self.day == Some(day) {
            return;
        }
        let returned = self.before.take().filter(|(before, _)| *before == day).map(|(_, orders)| orders);
        let orders = std::mem::replace(&mut self.orders, returned.unwrap_or_default());
        self.before = self.day.replace(day).map(|day| (day, orders));
    }

    /// The orders that count on `day`: those of that day or, after a change of time zone, of the next one.
    pub(super) fn count(&self, guest: GuestId, day: Day) -> u32 {
        let days = self
            .day
            .iter()
            .map(|day| (*day, &self.orders))
            .chain(self.before.iter().map(|(day, orders)| (*day, orders)));
        let mut counted = days.filter(|(counted, _)| day <= *counted && is_near(*counted, day));
        counted.next().and_then(|(_, orders)| orders.get(&guest)).copied().unwrap_or(0)
    }

    pub(super) fn increment(&mut self, guest: Option<GuestId>) {
        if let Some(guest) = guest {
            *self.orders.entry(guest).or_default() += 1;
        }
    }

    pub(super) fn decrement(&mut self, guest: Option<GuestId>, day: Day) {
        let orders = match &mut self.before {
            _ if self.day == Some(day) => Some(&mut self.orders),
            Some((before, orders)) if *before == day => Some(orders),
            _ => None,
        };
        if let Some(count) = orders.zip(guest).and_then(|(orders, guest)| orders.get_mut(&guest)) {
            *count = count.saturating_sub(1);
        }
    }
}
