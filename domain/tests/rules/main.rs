//! Scenario tests of the shop's rules: given events, when a command is executed, then events or a refusal.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod bar;
mod choosing;
mod clock;
mod counter;
mod counting;
mod doors;
mod evening;
mod extensions;
mod golden;
mod guest;
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
mod seen;
mod table;
mod waiting;
