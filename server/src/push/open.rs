//! The records of the orders that are not over and began before our eyes: a list of them asks no disk.

use std::collections::HashMap;

use domain::event::{Event, Recorded};
use domain::ids::OrderId;
use domain::view::record::Record;

/// As the bar may see them. What began before the state was written from which the start went on is not among them: its
/// first events were never read.
#[derive(Debug, Default)]
pub struct Open(HashMap<OrderId, Record>);

impl Open {
    pub fn knows(&self, order: OrderId) -> bool {
        self.0.contains_key(&order)
    }

    /// Those that began before a position, in no order.
    pub fn before(&self, position: u64) -> impl Iterator<Item = &Record> {
        self.0.values().filter(move |record| record.first() < position)
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
