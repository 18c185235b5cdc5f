//! The whole server over real HTTP, story by story: each test has a bar, a data folder and a clock of its own.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod archives;
#[path = "../postgres/cluster.rs"]
mod cluster;
mod database;
mod defects;
mod extensions;
mod forms;
mod harness;
mod import;
mod journeys;
mod live;
mod office;
mod ordering;
mod queries;
mod refusals;
mod restart;
mod running;
mod scenarios;
mod sessions;
mod shop_creation;
mod tenants;
mod upkeep;
mod waiting;
