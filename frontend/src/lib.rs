//! The WASM entries.
