//! What extensions say: events under names of their own, in one published shape.

use serde::{Deserialize, Deserializer, Serialize};

use crate::event::Event;
use crate::extension::pin::Pin;
use crate::sorted_map::SortedMap;

/// The services of the house, those to come too: no extension speaks under their names, and an event of theirs that
/// this program does not know is of a later version, and none of an extension's.
const HOUSE: [&str; 9] =
    ["Validator", "ConfigService", "OrderProcessor", "OrderManager", "Counting", "Push", "Print", "Access", "Bus"];

/// An event may follow from an event of an extension, and that from another one's: at most so often. What would go
/// further goes in circles.
pub const MAX_HOPS: u8 = 8;

/// The longest name of an extension, and of a thing that happened, in characters.
const NAME_MOST: usize = 40;

/// An extension said something about the shop. Thin or fat as it likes, but flat: whoever reads one can read all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emitted {
    /// `Extension.ThingHappened`: the event's own name, in the envelope and not in the data.
    #[serde(skip)]
    pub kind: String,
    /// How many events of extensions led to this one, with itself: 1 to [`MAX_HOPS`].
    pub hops: u8,
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub facts: SortedMap<String, Fact>,
    /// What screens are to show of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<Pin>,
}

/// One thing that an event of an extension tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Fact {
    Number(i64),
    Is(bool),
    Text(String),
}

impl Emitted {
    /// Whose it is: the first half of its name.
    pub fn extension(&self) -> &str {
        extension_of(&self.kind)
    }

    /// Reads one; `None` when the name is no extension's.
    pub(super) fn decode<'de, D: Deserializer<'de>>(kind: &str, data: D) -> Result<Option<Event>, D::Error> {
        if !is_free(kind) {
            return Ok(None);
        }
        let read = Self::deserialize(data)?;
        Ok(Some(Event::Emitted(Self { kind: kind.to_owned(), ..read })))
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

/// Whether an extension may say something under this name: `WaitTimes.DrinkAverageTime`.
pub fn is_free(kind: &str) -> bool {
    let is_name = |name: &str| {
        name.len() <= NAME_MOST
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric())
    };
    kind.split_once('.')
        .is_some_and(|(extension, thing)| is_name(extension) && is_name(thing) && !HOUSE.contains(&extension))
}
