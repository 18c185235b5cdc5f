//! Events that extensions emit. They have names of their own and one published schema.

use serde::{Deserialize, Deserializer, Serialize};

use crate::event::Event;
use crate::extension::pin::Pin;
use crate::sorted_map::SortedMap;

/// Names reserved for built-in services, including planned ones. Extensions cannot use them as a prefix. An unknown
/// event under such a prefix comes from a later version of the program.
const RESERVED_SERVICES: [&str; 9] =
    ["Validator", "ConfigService", "OrderProcessor", "OrderManager", "Counting", "Push", "Print", "Access", "Bus"];

/// Maximum number of extension events in one causal chain. A longer chain indicates a loop between extensions.
pub const MAX_HOPS: u8 = 8;

/// Maximum length of either half of an event name, in ASCII characters.
const MAX_NAME_LENGTH: usize = 40;

/// An event emitted by an extension. All share one flat schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emitted {
    /// Name of the event, `Extension.ThingHappened`. Part of the envelope, not of the data.
    #[serde(skip)]
    pub kind: String,
    /// Number of extension events in the causal chain including this one, 1 to [`MAX_HOPS`].
    pub hops: u8,
    /// Data by name.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub facts: SortedMap<String, Fact>,
    /// Changes of the extension's pins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<Pin>,
}

/// A value in the data of an extension's event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Fact {
    /// An integer.
    Number(i64),
    /// A boolean.
    Bool(bool),
    /// A text.
    Text(String),
}

impl Emitted {
    /// Name of the extension: the first half of the event's name.
    pub fn extension(&self) -> &str {
        extension_of(&self.kind)
    }

    /// Decodes the data; `None` if the name is not a valid extension event name.
    pub(super) fn decode<'de, D: Deserializer<'de>>(kind: &str, data: D) -> Result<Option<Event>, D::Error> {
        if !is_extension_event_name(kind) {
            return Ok(None);
        }
        let emitted = Self::deserialize(data)?;
        Ok(Some(Event::Emitted(Self { kind: kind.to_owned(), ..emitted })))
    }
}

impl From<Emitted> for Event {
    fn from(event: Emitted) -> Self {
        Self::Emitted(event)
    }
}

fn extension_of(kind: &str) -> &str {
    kind.split_once('.').map_or(kind, |(extension, _)| extension)
}

/// Whether this is a valid name for an extension's event, such as `WaitTimes.DrinkAverageTime`.
pub fn is_extension_event_name(kind: &str) -> bool {
    let is_name = |name: &str| {
        name.len() <= MAX_NAME_LENGTH
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric())
    };
    kind.split_once('.').is_some_and(|(extension, event)| {
        is_name(extension) && is_name(event) && !RESERVED_SERVICES.contains(&extension)
    })
}
