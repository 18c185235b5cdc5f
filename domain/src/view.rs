//! The state of each kind of screen, folded from redacted events. The server and the browser share this code.

pub mod barista;
pub mod display;
pub mod ordering;
pub mod record;

use serde::{Deserialize, Serialize};

use crate::event::{Recorded, StorePaused};
use crate::redact::Topic;
use crate::time::Instant;

/// A pause of new orders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paused {
    /// Public reason, at most 80 characters.
    pub reason: String,
    /// End of the pause; `None` until somebody resumes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
}

impl Paused {
    fn from_event(event: &StorePaused) -> Self {
        Self { reason: event.reason.clone(), until: event.until }
    }
}

/// Moves the first matching element to the end.
fn move_to_end<T>(list: &mut [T], matches: impl Fn(&T) -> bool) {
    if let Some(index) = list.iter().position(matches) {
        list[index..].rotate_left(1);
    }
}

/// The state of a screen, folded from events.
pub trait View {
    /// Applies one event from a topic that the view subscribes to. Irrelevant events change nothing.
    fn apply(&mut self, topic: Topic, recorded: &Recorded);
}
