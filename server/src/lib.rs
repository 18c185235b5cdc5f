//! The server.

pub mod cli;
pub mod clock;
pub mod config;
pub mod control;
pub mod identity;
pub mod lock;
pub mod web;
#[cfg(test)]
mod scratch;
