//! The screens: pages, components, the command API (`api`) and the live connection (`live`).
//!
//! A page is rendered by the server from a [`protocol::frame::Opening`], hydrated in the browser from the same data, and
//! follows the event stream from then on.

#![expect(clippy::needless_pass_by_value, reason = "Leptos components own their props")]

pub mod api;
pub mod live;
pub mod pages;
pub mod shell;
pub mod ui;
pub mod words;
