//! The user interface: command API (`api`), wire types (`frame`, `problem`) and pages.
//!
//! The server renders a page from a [`frame::Opening`]. The browser hydrates it from the same data and then applies
//! the frames of the SSE stream (`live`).

#![expect(clippy::needless_pass_by_value, reason = "Leptos components own their props")]

pub mod api;
pub mod frame;
pub mod live;
pub mod pages;
pub mod problem;
pub mod shell;
pub mod ui;
pub mod words;
