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

/// Formats a duration: `48 s`, `4 min 10 s`, `1 h 5 min`, with no-break spaces. The symbols are those of every language.
fn duration(seconds: u32) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}\u{a0}s"),
        (0, minutes, 0) => format!("{minutes}\u{a0}min"),
        (0, minutes, seconds) => format!("{minutes}\u{a0}min\u{a0}{seconds}\u{a0}s"),
        (hours, 0, _) => format!("{hours}\u{a0}h"),
        (hours, minutes, _) => format!("{hours}\u{a0}h\u{a0}{minutes}\u{a0}min"),
    }
}
