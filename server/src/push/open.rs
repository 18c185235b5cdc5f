//! The records of the orders that are not over: a list of them asks no disk, however long the log.

use std::cmp::Reverse;
use std::collections::HashMap;

use domain::event::{Event, Recorded};
use domain::ids::OrderId;
use domain::view::record::Record;

/// As the bar may see them.
#[derive(Debug, Default)]
pub struct Open(HashMap<OrderId, Record>);

impl Open {
    /// Of those that began before a position the last `most`, the newest first.
    pub fn before(&self, position: u64, most: usize) -> Vec<Record> {
        let mut found: Vec<&Record> = self.0.values().filter(|record| record.first() < position).collect();
        found.sort_unstable_by_key(|record| Reverse(record.first()));
        found.into_iter().take(most).cloned().collect()
    }

    pub(super) fn take(&mut self, recorded: &Recorded) {
        let Some(order) = recorded.event.order() else { return };
        if matches!(recorded.event, Event::OrderFinished(_)) {
            self.0.remove(&order);
        } else if let Some(record) = self.0.get_mut(&order) {
            record.apply(recorded);
        } else if let Some(record) = Record::begun(recorded) {
            self.0.insert(order, record);
        }
    }
}
