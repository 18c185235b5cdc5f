//! The extensions that come with the house: one file each, and none knows of another.

use domain::extension::{Extension, Make, Manifest};
use serde::de::DeserializeOwned;

mod order_counters;
pub mod order_journey;
mod wait_times;

/// All of them.
pub fn all() -> Vec<Manifest> {
    vec![order_counters::manifest(), order_journey::manifest(), wait_times::manifest()]
}

/// Makes one whose whole state is what it saves, as JSON.
fn from_json<E: Extension + Default + DeserializeOwned + 'static>() -> Make {
    Box::new(|saved| {
        let made: E = saved.map_or_else(|| Some(E::default()), |saved| serde_json::from_str(saved).ok())?;
        Some(Box::new(made))
    })
}
