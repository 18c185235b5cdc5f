//! The records of the open orders, in memory: listing them reads no disk and does not depend on the length of the log.

use std::cmp::Reverse;
use std::collections::HashMap;

use domain::event::{Event, Recorded};
use domain::ids::OrderId;
use domain::view::record::Record;

/// Records of the orders that have not ended as staff see them.
#[derive(Debug, Default)]
pub struct OpenOrders(HashMap<OrderId, Record>);

impl OpenOrders {
    /// At most `limit` orders whose first event precedes `position`, in descending order of that event.
    pub fn before(&self, position: u64, limit: usize) -> Vec<Record> {
        let mut records: Vec<&Record> = self.0.values().filter(|record| record.first() < position).collect();
        records.sort_unstable_by_key(|record| Reverse(record.first()));
        records.into_iter().take(limit).cloned().collect()
    }

    pub(super) fn apply(&mut self, recorded: &Recorded) {
        let Some(order) = recorded.event.order() else { return };
        if matches!(recorded.event, Event::OrderFinished(_)) {
            self.0.remove(&order);
        } else if let Some(record) = self.0.get_mut(&order) {
            record.apply(recorded);
        } else if let Some(record) = Record::from_first_event(recorded) {
            self.0.insert(order, record);
        }
    }
}
