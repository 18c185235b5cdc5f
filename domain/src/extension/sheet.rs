//! Sheets: the content of extension pages as data, with its texts in the language of the reader. The renderer does not
//! depend on extensions.

use crate::event::Recorded;
use crate::time::Instant;

/// The content of one page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Heading of the page.
    pub title: String,
    /// Summary, one sentence.
    pub lead: String,
    /// Illustration beside the heading.
    pub picture: Option<Picture>,
    /// Timeline, the oldest entry first.
    pub steps: Vec<TimelineEntry>,
    /// Tables, in display order.
    pub tables: Vec<Table>,
    /// Links to other pages of the extension: path below its URL, and text.
    pub links: Vec<(String, String)>,
    /// The page's data as a JSON text, for API clients.
    pub json: String,
}

/// An entry of the timeline: one event with its explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineEntry {
    /// Short heading.
    pub title: String,
    /// Explanation, one or two sentences.
    pub words: String,
    /// Illustration.
    pub picture: Picture,
    /// The event, shown on demand.
    pub event: Recorded,
}

/// A table of text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Caption of the table.
    pub caption: String,
    /// Column headings.
    pub columns: Vec<String>,
    /// Cells by row. The first cell of a row is its heading.
    pub rows: Vec<Vec<String>>,
}

macro_rules! pictures {
    ($($(#[$doc:meta])* $name:ident = $slug:literal,)*) => {
        /// The available illustrations.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Picture {
            $($(#[$doc])* $name,)*
        }

        impl Picture {
            /// Every illustration, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Kebab-case name of the illustration.
            pub fn slug(self) -> &'static str {
                match self {
                    $(Self::$name => $slug,)*
                }
            }
        }
    };
}

pictures! {
    /// A phone scanning a code.
    Scan = "scan",
    /// A menu: the guest is choosing.
    Menu = "menu",
    /// A clock: more time.
    Clock = "clock",
    /// A cup: a drink is chosen.
    Cup = "cup",
    /// A ticket with the order number.
    Ticket = "ticket",
    /// A row of cups: the queue.
    Queue = "queue",
    /// Hands at the machine: in preparation.
    Making = "making",
    /// A full cup on the bar: ready.
    Ready = "ready",
    /// A bell: the guest is reminded.
    Bell = "bell",
    /// A cup at the side: set aside.
    Aside = "aside",
    /// A cup in a hand: collected.
    Collected = "collected",
    /// A crossed-out cup: cancelled.
    Cancelled = "cancelled",
    /// An upturned cup: cancelled by the bar.
    CalledOff = "called-off",
    /// A return arrow: recalled.
    Recalled = "recalled",
    /// An hourglass: the guest did not choose in time.
    TimedOut = "timed-out",
    /// An empty cup under a clock: the bar missed its deadline.
    Late = "late",
    /// A cold cup: not collected.
    Cold = "cold",
    /// A closed door: the shop is closed.
    Closed = "closed",
    /// A flag: the order has finished.
    Finished = "finished",
    /// A heart over a cup: collected and finished.
    Enjoyed = "enjoyed",
}

impl TimelineEntry {
    /// Time of the event.
    pub fn at(&self) -> Instant {
        self.event.at
    }
}
