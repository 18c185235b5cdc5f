//! The state of each kind of screen, folded from redacted events. The server and the browser share this code.

pub mod barista;
pub mod display;
pub mod ordering;
pub mod record;

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::event::{Event, Recorded};
use crate::order::Step;
use crate::redact::Topic;
use crate::time::Instant;

macro_rules! screens {
    ($($(#[$doc:meta])* $screen:ident = $name:literal,)*) => {
        /// The kinds of screen. Each has a view, a stream, a page and a bundle under its name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum Screen {
            $($(#[$doc])* $screen,)*
        }

        impl Screen {
            /// Every screen, in declaration order.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$screen),*];

            /// The name in URLs, features and file names.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$screen => $name,)*
                }
            }
        }
    };
}

screens! {
    /// The guest's phone.
    Ordering = "ordering",
    /// The public display.
    Display = "display",
    /// The barista's tablet.
    Barista = "barista",
}

/// No screen has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseScreenError;

impl FromStr for Screen {
    type Err = ParseScreenError;

    fn from_str(name: &str) -> Result<Self, ParseScreenError> {
        Self::ALL.into_iter().find(|screen| screen.name() == name).ok_or(ParseScreenError)
    }
}

/// A pause of new orders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paused {
    /// Public reason, at most 80 characters.
    pub reason: String,
    /// End of the pause; `None` until somebody resumes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
}

/// Calls for a ready order after the first one, which is that it is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalledAgain {
    /// Number of these calls since the order became ready.
    pub times: u32,
    /// Time of the last one.
    pub at: Instant,
}

impl CalledAgain {
    /// Applies an event of the order that leaves it at `step`. The calls end when the order is no longer ready.
    fn apply(called: &mut Option<Self>, step: Step, recorded: &Recorded) {
        if step != Step::Ready {
            *called = None;
        } else if matches!(recorded.event, Event::GuestReminded(_)) {
            let times = called.map_or(0, |called| called.times) + 1;
            *called = Some(Self { times, at: recorded.at });
        }
    }
}

/// The fields of a view that tell whether the shop takes orders.
struct OpeningFields<'v> {
    name: &'v mut String,
    open: &'v mut bool,
    closing: &'v mut Option<Instant>,
    paused: &'v mut Option<Paused>,
}

impl OpeningFields<'_> {
    /// Applies an event of the shop. Other events change nothing.
    fn apply(self, event: &Event) {
        match event {
            Event::StoreOpened(_) => (*self.open, *self.closing) = (true, None),
            Event::StoreClosed(_) => (*self.open, *self.closing) = (false, None),
            Event::LastOrdersCalled(event) => *self.closing = Some(event.closing),
            Event::StorePaused(event) => {
                *self.paused = Some(Paused { reason: event.reason.clone(), until: event.until });
            }
            Event::StoreResumed(_) => *self.paused = None,
            Event::BrandChanged(event) => self.name.clone_from(&event.name),
            _ => {}
        }
    }
}

/// The fields of a view that tell where an order stands.
struct StepFields<'v> {
    step: &'v mut Step,
    version: &'v mut u32,
    /// Time of submission, or of the last change to or from `Ready`.
    since: &'v mut Instant,
    aside: &'v mut bool,
    called: &'v mut Option<CalledAgain>,
}

impl StepFields<'_> {
    /// Applies an event of the order. Events without a step change nothing.
    fn apply(self, recorded: &Recorded) {
        let Some((step, version)) = recorded.event.step() else { return };
        if (step == Step::Ready) != (*self.step == Step::Ready) {
            *self.since = recorded.at;
        }
        (*self.step, *self.version) = (step, version);
        CalledAgain::apply(self.called, step, recorded);
        match &recorded.event {
            Event::OrderSetAside(_) => *self.aside = true,
            // Who is called again is not out of the way.
            Event::GuestReminded(_) => *self.aside = false,
            // A recall to preparation ends the set-aside state.
            Event::OrderRecalled(_) if step != Step::Ready => *self.aside = false,
            _ => {}
        }
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
