//! Sheets: pages of extensions, as what is on them. Whoever shows one knows no extension.

use crate::event::Recorded;
use crate::time::Instant;

/// What an extension answers to whoever asks it for a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    pub title: String,
    /// The page in one sentence.
    pub lead: String,
    pub picture: Option<Picture>,
    pub steps: Vec<Moment>,
    pub tables: Vec<Table>,
    /// To further pages of the extension, as paths below its address, each with what it says.
    pub links: Vec<(String, String)>,
    /// The same for programs, as JSON.
    pub json: String,
}

/// Something that happened, told with its time and a picture; the event itself is one click away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    pub title: String,
    pub words: String,
    pub picture: Picture,
    pub event: Recorded,
}

/// Rows of text under a heading. The first column says what the row is of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    pub caption: String,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

macro_rules! pictures {
    ($($(#[$doc:meta])* $name:ident = $slug:literal,)*) => {
        /// The pictures there are, all of one family.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Picture {
            $($(#[$doc])* $name,)*
        }

        impl Picture {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name of its drawing.
            pub fn slug(self) -> &'static str {
                match self {
                    $(Self::$name => $slug,)*
                }
            }
        }
    };
}

pictures! {
    /// A code is scanned.
    Scan = "scan",
    /// Somebody looks through the menu.
    Menu = "menu",
    /// More time.
    Clock = "clock",
    /// A drink is chosen.
    Cup = "cup",
    /// A number on a ticket.
    Ticket = "ticket",
    /// Cups in a row: the queue.
    Queue = "queue",
    /// Hands at the machine.
    Making = "making",
    /// A full cup on the bar.
    Ready = "ready",
    /// A bell: called out again.
    Bell = "bell",
    /// A cup that stands aside.
    Aside = "aside",
    /// A cup in a hand.
    Collected = "collected",
    /// Crossed out.
    Cancelled = "cancelled",
    /// An empty cup upside down: the bar cannot.
    CalledOff = "called-off",
    /// Taken back.
    Recalled = "recalled",
    /// Time is over.
    TimedOut = "timed-out",
    /// An empty cup under a clock: the bar took too long.
    Late = "late",
    /// A full cup that nobody came for.
    Cold = "cold",
    /// A closed door.
    Closed = "closed",
    /// The end of the way: a flag.
    Finished = "finished",
    /// A heart over a cup: it all went well.
    Enjoyed = "enjoyed",
}

impl Moment {
    pub fn at(&self) -> Instant {
        self.event.at
    }
}
