//! The extensions that come with the house: one file each, and none knows of another.

use domain::extension::{Card, Extension, Make};
use serde::de::DeserializeOwned;

mod order_counters;
pub mod order_journey;
mod wait_times;

/// All of them.
pub fn all() -> Vec<Card> {
    vec![order_counters::card(), order_journey::card(), wait_times::card()]
}

/// Makes one whose whole state is what it saves, as JSON.
fn from_json<E: Extension + Default + DeserializeOwned + 'static>() -> Make {
    Box::new(|saved| {
        let made: E = saved.map_or_else(|| Some(E::default()), |saved| serde_json::from_str(saved).ok())?;
        Some(Box::new(made))
    })
}
