//! Extensions: what a program has to be to hear what happens in a shop, and to say and show something of its own.
//!
//! One sees the bus and nothing else. It is made anew for each shop where it is on, lives on a thread of its own, and
//! may panic or hang: its bookmark stands where its state was saved last, and it hears everything after that again.

pub mod pin;
pub mod sheet;

use crate::event::{Fact, Recorded};
use crate::extension::pin::Pin;
use crate::extension::sheet::Sheet;
use crate::ids::{OrderId, ShopId};
use crate::sorted_map::SortedMap;
use crate::time::{Day, Instant};

/// As many things as an extension may say at a time; what is more is dropped.
pub const MAX_EMISSIONS: usize = 20;

/// One extension of one shop.
pub trait Extension: Send {
    /// Takes in what happened: every event of the house in the log, in order, and those of other extensions that its
    /// [`Manifest::hears`] asks for; once, but for what came after it was saved last.
    fn on_event(&mut self, heard: &LoggedEvent<'_>);

    /// It has just been switched on here, or is new: what there is to say once.
    fn begin(&mut self, now: Instant) -> Vec<Emission> {
        let _ = now;
        Vec::new()
    }

    /// Up to date with the log, and asked at most once a second and only after something was heard: what there is to
    /// say becomes events of the shop.
    fn tick(&mut self, now: Instant) -> Vec<Emission> {
        let _ = now;
        Vec::new()
    }

    /// A page of its own, below its address.
    fn view(&self, asked: &SheetRequest<'_>) -> Option<Sheet> {
        let _ = asked;
        None
    }

    /// All that [`Manifest::make`] needs to go on from here.
    fn save(&self) -> String {
        String::new()
    }
}

/// An event as an extension hears it: as it is in the log.
#[derive(Clone, Copy, Debug)]
pub struct LoggedEvent<'a> {
    pub recorded: &'a Recorded,
    /// The shop day it happened on.
    pub day: Day,
}

/// What an extension says. Its name comes before `name`, and the house counts the hops.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Emission {
    /// `DrinkAverageTime`: something that has happened.
    pub name: &'static str,
    pub facts: SortedMap<String, Fact>,
    pub pins: Vec<Pin>,
}

/// Who asks for which page.
pub struct SheetRequest<'a> {
    pub shop: &'a ShopId,
    /// Below the address of the extension; empty for its first page.
    pub path: &'a str,
    pub now: Instant,
    /// Today's shop day.
    pub today: Day,
    /// All events of one order, as the asker may see them.
    pub story: &'a dyn Fn(OrderId) -> Vec<Recorded>,
}

/// For whom a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageAccess {
    Everybody,
    /// Those behind the bar.
    Staff,
    /// The order's guest, those behind the bar, and whoever was given the link to it.
    Of(OrderId),
}

/// Where an extension that has saved nothing yet begins to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartFrom {
    /// At the first event of the log: it hears everything that ever happened, which may take a while.
    AtTheFirst,
    /// With what happens from now on.
    Now,
}

/// Makes an extension for a shop, from what it saved; `None` when that does not read.
pub type Make = Box<dyn Fn(Option<&str>) -> Option<Box<dyn Extension>> + Send + Sync>;

/// What the house knows of an extension.
pub struct Manifest {
    /// `WaitTimes`: the first half of the name of everything it says.
    pub name: &'static str,
    /// What it does, in one sentence for the manager.
    pub words: &'static str,
    /// Of what it saves; with another one it begins again at the beginning of the log.
    pub version: u32,
    /// Where it begins in a log that is older than it is.
    pub begins: StartFrom,
    /// Which events of other extensions it wants to hear, by their names. What it says after one counts a hop more.
    pub hears: fn(&str) -> bool,
    /// For whom the page at this path is; `None` where there is none.
    pub page_access: fn(&str) -> Option<PageAccess>,
    pub make: Make,
}

impl Manifest {
    /// Its name in addresses: `wait-times`.
    pub fn slug(&self) -> String {
        slug(self.name)
    }
}

/// The name of an extension in addresses: `wait-times` for `WaitTimes`.
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
