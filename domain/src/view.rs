//! What each kind of screen needs to know, folded from redacted events: the same code on the server and in the browser.

pub mod barista;
pub mod display;
pub mod ordering;

use crate::event::Recorded;
use crate::redact::Topic;

/// A screen's state.
pub trait View {
    /// Takes in one event of a topic this view follows. Events it has no use for change nothing.
    fn apply(&mut self, topic: Topic, recorded: &Recorded);
}
