//! What each kind of screen needs to know, folded from redacted events: the same code on the server and in the browser.

pub mod barista;
pub mod display;
pub mod ordering;
pub mod record;

use serde::{Deserialize, Serialize};

use crate::event::{Recorded, StorePaused};
use crate::redact::Topic;
use crate::time::Instant;

/// That nobody may begin an order now, why, and until when it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paused {
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
}

impl Paused {
    fn of(event: &StorePaused) -> Self {
        Self { reason: event.reason.clone(), until: event.until }
    }
}

/// Moves the one that is meant behind all others.
fn put_last<T>(list: &mut [T], is_meant: impl Fn(&T) -> bool) {
    if let Some(place) = list.iter().position(is_meant) {
        list[place..].rotate_left(1);
    }
}

/// A screen's state.
pub trait View {
    /// Takes in one event of a topic this view follows. Events it has no use for change nothing.
    fn apply(&mut self, topic: Topic, recorded: &Recorded);
}
