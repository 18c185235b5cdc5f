//! Turns drafts into recorded events with ids, causes and positions.

use std::collections::{BTreeMap, HashMap};

use domain::event::Recorded;
use domain::ids::{EventId, GuestId, OrderId};
use domain::time::Day;

use crate::archived_order::{Causation, DraftEvent, Reconstructed};
use crate::ids::DerivedIds;
use crate::{ImportedLog, ImportedOrder};

/// Written events by name: their count, and how many of them were filled in.
pub(super) type EventCounts = BTreeMap<String, (u64, u64)>;

/// Collects the drafts of a shop and its orders.
pub(super) struct LogBuilder<'a> {
    ids: &'a DerivedIds<'a>,
    events: Vec<Recorded>,
    orders: Vec<ImportedOrder>,
    written: EventCounts,
    /// Number of events of the shop itself.
    shop_events: usize,
}

impl<'a> LogBuilder<'a> {
    pub(super) fn new(ids: &'a DerivedIds<'a>) -> Self {
        Self { ids, events: Vec::new(), orders: Vec::new(), written: BTreeMap::new(), shop_events: 0 }
    }

    pub(super) fn push_shop_events(&mut self, drafts: Vec<DraftEvent>) {
        let after = self.shop_events;
        self.shop_events += drafts.len();
        self.append(None, after, drafts);
    }

    pub(super) fn push_order(&mut self, id: OrderId, reconstructed: Reconstructed, ended: Option<Day>) {
        let guest = reconstructed.orderer.guest().unwrap_or(GuestId(id.0));
        let (number, outcome) = (reconstructed.number, reconstructed.outcome);
        self.orders.push(ImportedOrder { id, guest, number, outcome, position: 0, ended });
        self.append(Some(id), 0, reconstructed.drafts);
    }

    fn append(&mut self, order: Option<OrderId>, after: usize, drafts: Vec<DraftEvent>) {
        let mut correlation = None;
        let mut previous: Option<EventId> = None;
        for (n, draft) in (after..).zip(drafts) {
            let id = self.ids.event(draft.at, order, n);
            if draft.causation == Causation::NewCommand {
                correlation = None;
            }
            let (count, filled_in) = self.written.entry(draft.event.kind().to_owned()).or_default();
            (*count, *filled_in) = (*count + 1, *filled_in + u64::from(draft.is_filled_in));
            self.events.push(Recorded {
                id,
                // Assigned by `finish`.
                position: 0,
                at: draft.at,
                correlation: *correlation.get_or_insert(id),
                causation: previous.filter(|_| draft.causation == Causation::PreviousEvent),
                actor: Some(draft.actor),
                channel: draft.channel,
                event: draft.event,
            });
            previous = Some(id);
        }
    }

    /// Sorts the events by time, stably, and assigns positions.
    pub(super) fn finish(mut self) -> (ImportedLog, EventCounts) {
        self.events.sort_by_key(|recorded| recorded.at);
        let mut last = HashMap::new();
        for (position, recorded) in (1..).zip(&mut self.events) {
            recorded.position = position;
            last.extend(recorded.event.order().map(|order| (order, position)));
        }
        for row in &mut self.orders {
            row.position = last.get(&row.id).copied().unwrap_or(0);
        }
        (ImportedLog { events: self.events, orders: self.orders }, self.written)
    }
}
