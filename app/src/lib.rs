//! The screens: what they ask of the server (`api`), what they are told (`frame`, `problem`), and the pages.
//!
//! A page is rendered by the server from an [`frame::Opening`], hydrated in the browser from the same, and from then
//! on follows the stream (`live`).

#![expect(clippy::needless_pass_by_value, reason = "a component owns its properties")]

pub mod api;
pub mod live;
pub mod pages;
pub mod shell;
pub mod ui;
pub mod words;
