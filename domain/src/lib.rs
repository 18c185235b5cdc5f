//! The shared language: what the shop means, with no clock, no IO and no randomness.

pub mod ids;
pub mod time;
