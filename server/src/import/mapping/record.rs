//! Stamping: lines in the order of their times become recorded events with ids, causes and positions.

use std::collections::{BTreeMap, HashMap};

use domain::event::Recorded;
use domain::ids::{EventId, GuestId, OrderId};
use domain::time::Day;

use crate::import::archived_order::{Causation, Line, Reconstructed};
use crate::import::names::Names;
use crate::store::OrderRow;

/// Our events by name: how many, and how many of them are filled in.
pub(super) type Written = BTreeMap<String, (u64, u64)>;

pub(super) struct Recording<'a> {
    names: &'a Names<'a>,
    events: Vec<Recorded>,
    orders: Vec<OrderRow>,
    written: Written,
    /// Events of the shop itself so far.
    shops: usize,
}

impl<'a> Recording<'a> {
    pub(super) fn of(names: &'a Names<'a>) -> Self {
        Self { names, events: Vec::new(), orders: Vec::new(), written: BTreeMap::new(), shops: 0 }
    }

    pub(super) fn shop(&mut self, lines: Vec<Line>) {
        let after = self.shops;
        self.shops += lines.len();
        self.stamp(None, after, lines);
    }

    pub(super) fn order(&mut self, id: OrderId, told: Reconstructed, ended: Option<Day>) {
        let guest = told.orderer.guest().unwrap_or(GuestId(id.0));
        let (number, step) = (told.number, told.outcome);
        let row = OrderRow { id, guest, number, step, position: 0, ended, is_new: true };
        self.orders.push(row);
        self.stamp(Some(id), 0, told.lines);
    }

    fn stamp(&mut self, order: Option<OrderId>, after: usize, lines: Vec<Line>) {
        let mut correlation = None;
        let mut before: Option<EventId> = None;
        for (n, line) in (after..).zip(lines) {
            let id = self.names.event(line.at, order, n);
            if line.tie == Causation::None {
                correlation = None;
            }
            let (count, filled_in) = self.written.entry(line.event.kind().to_owned()).or_default();
            (*count, *filled_in) = (*count + 1, *filled_in + u64::from(line.is_filled_in));
            self.events.push(Recorded {
                id,
                // Given when all are there.
                position: 0,
                at: line.at,
                correlation: *correlation.get_or_insert(id),
                causation: before.filter(|_| line.tie == Causation::Answer),
                actor: Some(line.actor),
                channel: line.channel,
                event: line.event,
            });
            before = Some(id);
        }
    }

    /// All of it by time; what happened at the same time keeps the order in which it was told.
    pub(super) fn end(mut self) -> (Vec<Recorded>, Vec<OrderRow>, Written) {
        self.events.sort_by_key(|recorded| recorded.at);
        let mut last = HashMap::new();
        for (position, recorded) in (1..).zip(&mut self.events) {
            recorded.position = position;
            last.extend(recorded.event.order().map(|order| (order, position)));
        }
        for row in &mut self.orders {
            row.position = last.get(&row.id).copied().unwrap_or(0);
        }
        (self.events, self.orders, self.written)
    }
}
