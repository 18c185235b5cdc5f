//! The screens: what they ask of the server (`api`), what they are told (`frame`, `problem`), and the pages.

pub mod api;
pub mod frame;
pub mod problem;
pub mod shell;
