//! Pins: values and links that extensions show in slots of the screens. Screens do not depend on extensions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::{Event, Fact};
use crate::time::Instant;
pub use crate::view::Screen;

/// A pin. A later pin of the same extension replaces the one in the same slot; a
/// pin without value and link clears the slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// Kind of screen.
    pub screen: Screen,
    /// Slot of the screen: `head` (page header), `drink/{id}` (a drink of the menu) or `order` (each order; link only).
    pub slot: String,
    /// Label of the value or link.
    #[serde(flatten)]
    pub label: PinLabel,
    /// Value to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Fact>,
    /// Unit of the value. Screens format `s` (seconds) as a duration and show other units verbatim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Time from which the pin is hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// Path of a page below the extension's URL. `{order}` is replaced by the id of the order in the slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// The label of a pin. On the wire each variant is a field of the pin: `key`, `name` or `label`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PinLabel {
    /// Key of a label in the extension's words.
    Key(String),
    /// Name from the data of the shop, such as that of a drink. The same in every language.
    Name(String),
    /// English text of an event from before labels had keys. The extension's words know it like a key.
    #[serde(rename = "label")]
    English(String),
}

impl Pin {
    fn is_empty(&self) -> bool {
        self.value.is_none() && self.link.is_none()
    }
}

/// All current pins of a shop by extension, folded from its log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pins(BTreeMap<String, Vec<Pin>>);

/// A changed slot: extension, screen, slot, and its new pin (`None` if cleared).
pub type SlotChange = (String, Screen, String, Option<Pin>);

impl Pins {
    /// Iterates over all pins with the names of their extensions.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Pin)> {
        self.0.iter().flat_map(|(extension, pins)| pins.iter().map(move |pin| (extension.as_str(), pin)))
    }

    /// Applies one event and returns the changed slots.
    pub fn apply(&mut self, event: &Event) -> Vec<SlotChange> {
        match event {
            Event::Emitted(emitted) => {
                emitted.pins.iter().filter_map(|pin| self.put(emitted.extension(), pin)).collect()
            }
            Event::ExtensionSwitched(event) if !event.on => {
                let removed = self.0.remove(&event.extension).unwrap_or_default();
                removed.into_iter().map(|pin| (event.extension.clone(), pin.screen, pin.slot, None)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn put(&mut self, extension: &str, pin: &Pin) -> Option<SlotChange> {
        let pins = self.0.entry(extension.to_owned()).or_default();
        let index = pins.iter().position(|other| (other.screen, &other.slot) == (pin.screen, &pin.slot));
        let current = (!pin.is_empty()).then(|| pin.clone());
        match (index, &current) {
            (Some(index), Some(pin)) if pins[index] == *pin => return None,
            (Some(index), Some(pin)) => pins[index] = pin.clone(),
            (Some(index), None) => drop(pins.remove(index)),
            (None, Some(pin)) => pins.push(pin.clone()),
            (None, None) => return None,
        }
        Some((extension.to_owned(), pin.screen, pin.slot.clone(), current))
    }
}
