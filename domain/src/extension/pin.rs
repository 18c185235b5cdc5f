//! Pins: what an extension shows on the screens, and where. Screens have slots and know no extension.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::{Event, Fact};
use crate::time::Instant;

/// The published schema `pin`. The last of an extension in a slot wins; one with neither value nor link empties it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    pub screen: Screen,
    /// `head`, above everything; `drink/{id}`, at a drink of the menu; `order`, at each order, with a link alone.
    pub slot: String,
    /// What it is, for people.
    pub label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Fact>,
    /// Of the value: `s` is a length of time in seconds, which screens put into words; another one is shown as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// From when on it is not shown any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// A page of the extension, as a path below its own address; `{order}` stands for the order it is shown at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// Which kind of screen, by the name of its view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Screen {
    Ordering,
    Display,
    Barista,
}

impl Pin {
    fn is_empty(&self) -> bool {
        self.value.is_none() && self.link.is_none()
    }
}

/// All that is pinned in a shop, by extension: a fold of its log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pins(BTreeMap<String, Vec<Pin>>);

/// A slot has changed: of this extension, on this screen, and what is in it now.
pub type Change = (String, Screen, String, Option<Pin>);

impl Pins {
    /// With the extension whose each is.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Pin)> {
        self.0.iter().flat_map(|(extension, pins)| pins.iter().map(move |pin| (extension.as_str(), pin)))
    }

    /// Takes in one event and says which slots it changed.
    pub fn apply(&mut self, event: &Event) -> Vec<Change> {
        match event {
            Event::Emitted(emitted) => {
                emitted.pins.iter().filter_map(|pin| self.put(emitted.extension(), pin)).collect()
            }
            Event::ExtensionSwitched(event) if !event.on => {
                let gone = self.0.remove(&event.extension).unwrap_or_default();
                gone.into_iter().map(|pin| (event.extension.clone(), pin.screen, pin.slot, None)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn put(&mut self, extension: &str, pin: &Pin) -> Option<Change> {
        let pins = self.0.entry(extension.to_owned()).or_default();
        let place = pins.iter().position(|other| (other.screen, &other.slot) == (pin.screen, &pin.slot));
        let now = (!pin.is_empty()).then(|| pin.clone());
        match (place, &now) {
            (Some(place), Some(pin)) if pins[place] == *pin => return None,
            (Some(place), Some(pin)) => pins[place] = pin.clone(),
            (Some(place), None) => drop(pins.remove(place)),
            (None, Some(pin)) => pins.push(pin.clone()),
            (None, None) => return None,
        }
        Some((extension.to_owned(), pin.screen, pin.slot.clone(), now))
    }
}
