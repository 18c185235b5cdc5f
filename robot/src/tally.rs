//! Counters and latencies of a run.

use std::collections::BTreeMap;
use std::time::Duration;

use parking_lot::Mutex;

use crate::step::{CollectedOrder, OrderFailure, RobotStep};

/// Shared counters that all robots update.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Counts>);

#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub started: u64,
    pub failed: BTreeMap<(RobotStep, String), u64>,
    /// Repeated requests.
    pub retries: u64,
    /// Numbers of the collected orders whose number is known.
    pub numbers: Vec<u32>,
    /// Latency of each collected order, from its start to its collection.
    pub orders: Vec<Duration>,
    /// Latency of each request, from its first attempt to its response.
    pub steps: BTreeMap<RobotStep, Vec<Duration>>,
}

impl Counts {
    pub(super) fn finished(&self) -> u64 {
        self.orders.len() as u64
    }

    pub(super) fn failures(&self) -> u64 {
        self.failed.values().sum()
    }
}

/// Numbers of orders so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Totals {
    pub started: u64,
    pub finished: u64,
    pub failed: u64,
}

impl Tally {
    pub(super) fn record_start(&self) {
        self.0.lock().started += 1;
    }

    pub(super) fn record_retry(&self) {
        self.0.lock().retries += 1;
    }

    pub(super) fn record_latency(&self, step: RobotStep, elapsed: Duration) {
        self.0.lock().steps.entry(step).or_default().push(elapsed);
    }

    pub(super) fn record_collected(&self, collected: CollectedOrder) {
        let mut counts = self.0.lock();
        counts.orders.push(collected.elapsed);
        counts.numbers.extend(collected.number);
    }

    pub(super) fn record_failure(&self, failed: &OrderFailure) {
        *self.0.lock().failed.entry((failed.step, failed.error.to_string())).or_default() += 1;
    }

    pub(super) fn totals(&self) -> Totals {
        let counts = self.0.lock();
        Totals { started: counts.started, finished: counts.finished(), failed: counts.failures() }
    }

    pub(super) fn counts(&self) -> Counts {
        self.0.lock().clone()
    }
}
