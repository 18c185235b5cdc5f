//! The wire format besides events: stream frames, problem documents and the table of commands.
//!
//! The crate compiles natively and for WASM; server, front ends, robots and benchmarks share it.

#![warn(missing_docs, clippy::missing_errors_doc)]

pub mod command;
pub mod form;
pub mod frame;
pub mod problem;
