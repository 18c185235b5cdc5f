//! The shared language: what the shop means, with no clock, no IO and no randomness.
//!
//! Read `shop` first: it joins the five `services`. Each decides what is asked (`command`), says what happened
//! (`event`) or why not (`refusal`), and hears the others. `redact` and `view` are what the screens see of it.

pub mod access;
pub mod answer;
pub mod command;
pub mod event;
pub mod extension;
pub mod hours;
pub mod ids;
pub mod limits;
pub mod menu;
pub mod order;
pub mod redact;
pub mod refusal;
pub mod services;
pub mod shop;
pub mod sorted_map;
pub mod time;
pub mod view;
