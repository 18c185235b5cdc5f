//! The built-in extensions, one file each. They do not depend on each other.

use domain::extension::{Extension, ExtensionFactory, Manifest};
use serde::de::DeserializeOwned;

mod order_counters;
pub mod order_journey;
mod wait_times;

/// The manifests of all built-in extensions.
pub fn all() -> Vec<Manifest> {
    vec![order_counters::manifest(), order_journey::manifest(), wait_times::manifest()]
}

/// A constructor for an extension whose saved state is its JSON serialisation.
fn from_json<E: Extension + Default + DeserializeOwned + 'static>() -> ExtensionFactory {
    Box::new(|saved| {
        let extension: E = saved.map_or_else(|| Some(E::default()), |saved| serde_json::from_str(saved).ok())?;
        Some(Box::new(extension))
    })
}
