//! The figures of the house: how long drinks take, and what happened on each day.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod bar;
mod day;
mod equal;
mod order_counters;
mod wait_times;
