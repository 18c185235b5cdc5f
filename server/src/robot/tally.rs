//! The robots' tally: what has been done so far, how often and how fast.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::robot::order::{Act, Collected, Failed};

/// Filled by all robots at once.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Counts>);

#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub begun: u64,
    pub failed: BTreeMap<(Act, String), u64>,
    /// Requests sent once more.
    pub again: u64,
    /// Of the orders that were collected, where the answer told it.
    pub numbers: Vec<u32>,
    /// Whole orders, from their start to their collection.
    pub orders: Vec<Duration>,
    /// From the first sending of a request to its answer.
    pub acts: BTreeMap<Act, Vec<Duration>>,
}

impl Counts {
    pub(super) fn finished(&self) -> u64 {
        self.orders.len() as u64
    }

    pub(super) fn failures(&self) -> u64 {
        self.failed.values().sum()
    }
}

impl Tally {
    pub(super) fn begun(&self) {
        self.counts().begun += 1;
    }

    pub(super) fn again(&self) {
        self.counts().again += 1;
    }

    pub(super) fn done(&self, act: Act, took: Duration) {
        self.counts().acts.entry(act).or_default().push(took);
    }

    pub(super) fn collected(&self, collected: Collected) {
        let mut counts = self.counts();
        counts.orders.push(collected.took);
        counts.numbers.extend(collected.number);
    }

    pub(super) fn failed(&self, failed: &Failed) {
        *self.counts().failed.entry((failed.act, failed.no.to_string())).or_default() += 1;
    }

    /// How many orders have begun, finished and failed.
    pub(super) fn glance(&self) -> (u64, u64, u64) {
        let counts = self.counts();
        (counts.begun, counts.finished(), counts.failures())
    }

    pub(super) fn counted(&self) -> Counts {
        self.counts().clone()
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        // A robot that panicked while counting leaves a count that is off by one, not a broken one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
