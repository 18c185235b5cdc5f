//! The five services: each owns its slice of the state, and they know each other only by events.

pub mod config;
pub mod counting;
pub mod manager;
pub mod processor;
pub mod validator;
