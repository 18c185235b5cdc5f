//! The views that a client loaded, for comparison with the fold of the log.

use std::collections::BTreeSet;
use std::fmt::Debug;

use domain::event::Recorded;
use domain::ids::OrderId;
use domain::redact::{Topic, redact};
use domain::view::View;
use domain::view::barista::Barista;
use domain::view::display::Display;
use domain::view::ordering::Ordering;
use protocol::frame::Snapshot;

use crate::harness::position_of;

/// Loaded views with the position of the log at which they were loaded, in the order of loading.
type Loaded<V> = Vec<(u64, V)>;

#[derive(Default)]
pub(super) struct LoadedViews {
    /// The orders that the client began.
    pub(super) orders: BTreeSet<OrderId>,
    pub(super) ordering: Loaded<Ordering>,
    pub(super) display: Loaded<Display>,
    pub(super) barista: Loaded<Barista>,
}

/// The view with its position.
pub(super) fn loaded<V>(snapshot: Snapshot<V>) -> (u64, V) {
    (position_of(&snapshot.cursor), snapshot.view)
}

impl LoadedViews {
    /// Compares every view with the fold of the log up to its position; returns their number.
    pub(super) fn assert_equal_folds(&self, log: &[Recorded]) -> usize {
        let own = |order: &OrderId| self.orders.contains(order);
        compare(log, &self.ordering, |recorded| {
            let order = recorded.event.order().filter(own).map(Topic::Order);
            [Some(Topic::Public), order].into_iter().flatten().collect()
        });
        compare(log, &self.display, |_| vec![Topic::Public]);
        compare(log, &self.barista, |_| vec![Topic::Staff]);
        self.ordering.len() + self.display.len() + self.barista.len()
    }
}

fn compare<V>(log: &[Recorded], loaded: &[(u64, V)], topics: impl Fn(&Recorded) -> Vec<Topic>)
where
    V: View + Default + PartialEq + Debug,
{
    let (mut fold, mut events) = (V::default(), log.iter().peekable());
    for (position, view) in loaded {
        while let Some(recorded) = events.next_if(|recorded| recorded.position <= *position) {
            for topic in topics(recorded) {
                if let Some(seen) = redact(recorded, topic.audience()) {
                    fold.apply(topic, &seen);
                }
            }
        }
        assert_eq!(view, &fold, "the view loaded at position {position} is not the fold of the log");
    }
}
