//! The server.

pub mod cli;
pub mod clock;
pub mod config;
pub mod control;
pub mod engine;
pub mod identity;
pub mod lock;
pub mod push;
#[cfg(test)]
mod scratch;
pub mod store;
pub mod web;
