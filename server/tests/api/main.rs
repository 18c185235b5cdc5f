//! The server over real HTTP. Each test has its own server, data folder and clock.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod allergens;
mod archives;
mod backup;
mod choices;
#[path = "../postgres/cluster.rs"]
mod cluster;
mod connections;
mod crowd;
mod database;
mod defects;
mod disk_full;
mod extensions;
mod fields;
mod floods;
mod forms;
mod harness;
mod headers;
mod import;
mod journeys;
mod key_files;
mod kills;
mod live;
mod moved_files;
mod names;
mod office;
mod office_conflicts;
mod ordering;
mod origins;
mod permissions;
mod proxies;
mod queries;
mod refusals;
mod restart;
mod running;
mod scenarios;
mod sessions;
mod shop_creation;
mod start_errors;
mod storm;
mod tenants;
mod upkeep;
mod waiting;
