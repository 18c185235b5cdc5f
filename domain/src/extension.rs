//! The extension API: subscribe to a shop's events, emit own events, and show pins and pages.
//!
//! An extension has access to events only. The extension host creates one instance per shop and runs it on its own
//! thread. An instance may panic or hang: the host restarts it from its last saved state and replays later events.

pub mod pin;
pub mod sheet;

use crate::event::{Fact, Recorded};
use crate::extension::pin::{Pin, PinLabel};
use crate::extension::sheet::Sheet;
use crate::ids::{OrderId, ShopId};
use crate::language::Language;
use crate::sorted_map::SortedMap;
use crate::time::{Day, Instant};

/// Key of the description in [`Manifest::words`].
pub const DESCRIPTION: &str = "description";

/// Maximum number of emissions per call; the rest is dropped.
pub const MAX_EMISSIONS: usize = 20;

/// An instance of an extension for one shop.
pub trait Extension: Send {
    /// Handles an event. Called in log order for every built-in event and for the events of other extensions that
    /// [`Manifest::subscribes_to`] selects. After a restart, events since the last saved state are delivered again.
    fn on_event(&mut self, event: &LoggedEvent<'_>);

    /// Called once when the extension is new to the shop or has just been switched on. Returns events to emit.
    fn on_start(&mut self, now: Instant) -> Vec<Emission> {
        let _ = now;
        Vec::new()
    }

    /// Called at most once a second, after new events, when the instance is up to date with the log. Returns events
    /// to emit.
    fn tick(&mut self, now: Instant) -> Vec<Emission> {
        let _ = now;
        Vec::new()
    }

    /// Renders a page below the extension's URL; `None` if there is no such page.
    fn view(&self, request: &SheetRequest<'_>) -> Option<Sheet> {
        let _ = request;
        None
    }

    /// The serialised state, as [`Manifest::make`] reads it.
    fn save(&self) -> String {
        String::new()
    }
}

/// An event as delivered to extensions: unredacted.
#[derive(Clone, Copy, Debug)]
pub struct LoggedEvent<'a> {
    /// The event with its envelope.
    pub recorded: &'a Recorded,
    /// Shop day of the event.
    pub day: Day,
}

/// An event to emit. The host prefixes `name` with the extension's name and sets the hops.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Emission {
    /// Second half of the event name, such as `DrinkAverageTime`.
    pub name: &'static str,
    /// Data of the event.
    pub facts: SortedMap<String, Fact>,
    /// Changes of the extension's pins.
    pub pins: Vec<Pin>,
}

/// A request for a page of an extension.
pub struct SheetRequest<'a> {
    /// Shop of the page.
    pub shop: &'a ShopId,
    /// Path below the extension's URL; empty for the index page.
    pub path: &'a str,
    /// Language of the page.
    pub language: Language,
    /// Current time.
    pub now: Instant,
    /// Current shop day.
    pub today: Day,
    /// Loads all events of one order, redacted for the reader of the page.
    pub order_events: &'a dyn Fn(OrderId) -> Vec<Recorded>,
}

/// The readers who may open a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageAccess {
    /// Anybody, without authentication.
    Public,
    /// Baristas and managers.
    Staff,
    /// The guest of the order, staff, and holders of a shared link to it.
    Order(OrderId),
}

/// Position at which an extension without saved state starts to read the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartFrom {
    /// The first event of the log. Replaying a long log takes time.
    FirstEvent,
    /// The end of the log; only new events are delivered.
    Now,
}

/// Creates an instance for a shop from its saved state, or an empty one from `None`. Returns `None` if the state is
/// unreadable.
pub type ExtensionFactory = Box<dyn Fn(Option<&str>) -> Option<Box<dyn Extension>> + Send + Sync>;

/// The description of an extension for the host.
pub struct Manifest {
    /// Name of the extension, such as `WaitTimes`; the prefix of the names of its events.
    pub name: &'static str,
    /// Texts by language and key: [`DESCRIPTION`] and the labels of pins. `None` for an unknown key.
    pub words: fn(Language, &str) -> Option<&'static str>,
    /// Version of the saved state. On a different version the state is discarded and the extension starts anew.
    pub version: u32,
    /// Start position without saved state.
    pub start_from: StartFrom,
    /// Filter for the events of other extensions, by event name. Events emitted after one count a hop more.
    pub subscribes_to: fn(&str) -> bool,
    /// The readers of the page at a path; `None` if there is no such page.
    pub page_access: fn(&str) -> Option<PageAccess>,
    /// Creates instances.
    pub make: ExtensionFactory,
}

impl Manifest {
    /// Name in URLs, such as `wait-times`.
    pub fn slug(&self) -> String {
        slug(self.name)
    }

    /// Description for the manager, one sentence. Empty if the extension has none.
    pub fn description(&self, language: Language) -> String {
        self.text(language, DESCRIPTION).unwrap_or_default()
    }

    /// The label of one of the extension's pins. A label that its words do not contain is returned verbatim.
    pub fn pin_label(&self, language: Language, label: &PinLabel) -> String {
        match label {
            PinLabel::Key(key) | PinLabel::English(key) => self.text(language, key).unwrap_or_else(|| key.clone()),
            PinLabel::Name(name) => name.clone(),
        }
    }

    fn text(&self, language: Language, key: &str) -> Option<String> {
        (self.words)(language, key).map(|text| language.present(text.to_owned()))
    }
}

/// The name of an extension in URLs: `wait-times` for `WaitTimes`.
pub fn slug(name: &str) -> String {
    let mut slug = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() && !slug.is_empty() {
            slug.push('-');
        }
        slug.push(c.to_ascii_lowercase());
    }
    slug
}
