//! Tests of the extensions that compute figures: `WaitTimes` and `OrderCounters`.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod bar;
mod day;
mod equal;
mod order_counters;
mod wait_times;
