//! The domain model of a shop: commands, events, refusals and state. Pure: no clock, no IO and no randomness.
//!
//! Start with [`shop`]: it composes the five [`services`]. A service decides a [`command`] into [`event`]s or a
//! [`refusal`] and reacts to the events of the other services. [`redact`] filters events by reader, and [`view`]
//! folds the filtered events into the state of each screen.

#![warn(missing_docs, clippy::missing_errors_doc)]

pub mod access;
pub mod answer;
pub mod command;
pub mod event;
pub mod extension;
pub mod hours;
pub mod ids;
pub mod language;
pub mod limits;
pub mod menu;
pub mod order;
pub mod redact;
pub mod refusal;
pub mod services;
pub mod setting;
pub mod shop;
pub mod sorted_map;
pub mod text;
pub mod time;
pub mod view;
