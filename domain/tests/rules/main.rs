//! The rules of the shop as stories: what was the case, who asks for what, and what comes of it.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod bar;
mod choosing;
mod counter;
mod counting;
mod doors;
mod evening;
mod extensions;
mod golden;
mod hours;
mod laws;
mod making;
mod menu;
mod record;
mod regressions;
mod room;
mod scanning;
mod scenarios;
mod screens;
mod table;
mod waiting;
