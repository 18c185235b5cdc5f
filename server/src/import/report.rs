//! What became of an archive: every entry of it is counted here, told or not.

use std::collections::BTreeMap;
use std::fmt;

use domain::ids::ShopId;
use domain::time::Instant;
use serde::{Deserialize, Serialize};

use super::original::Entry;

/// Why an entry of the archive is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SkipReason {
    NoJson,
    NoEvent,
    Twice,
    Unknown,
    OtherTenant,
    NoOrder,
    NoCause,
    Request,
    Figure,
    NothingNew,
    OutOfRange,
    Again,
    OutOfStep,
    WhoseIsUnknown,
    DrinkUnknown,
    EndUnknown,
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoJson => "it is no JSON",
            Self::NoEvent => "it is no event: id, detail-type, time or detail is missing",
            Self::Twice => "an event of that id was there before",
            Self::Unknown => "no event of the original is called so",
            Self::OtherTenant => "it is of another bar than the one asked for",
            Self::NoOrder => "it names no order",
            Self::NoCause => "it does not say whose time was over",
            Self::Request => "it asks for something and is no fact; used where the fact itself is missing",
            Self::Figure => "it is a figure that an extension worked out",
            Self::NothingNew => "it changes nothing that is kept here",
            Self::OutOfRange => "it sets a limit outside its range",
            Self::Again => "its order said so before",
            Self::OutOfStep => "it cannot follow from where its order stood",
            Self::WhoseIsUnknown => "it names no order, and no single start of that guest could be meant",
            Self::DrinkUnknown => "its order is left out: which drink it was is not in the archive",
            Self::EndUnknown => "its order is left out: it is over, and how is not in the archive",
        })
    }
}

/// The whole account of one import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub shop: ShopId,
    /// Entries of the archive.
    pub read: u64,
    /// The original's events that are told, by name.
    pub mapped: BTreeMap<String, u64>,
    pub unmapped: Vec<Unmapped>,
    /// Our events by name: how many, and how many of them the archive has no event for.
    pub written: BTreeMap<String, (u64, u64)>,
    /// Orders by how they ended.
    pub orders: BTreeMap<String, u64>,
    pub notes: Notes,
    pub first: Instant,
    pub last: Instant,
}

/// Entries that are not told, for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmapped {
    /// What they are called, if anything.
    pub kind: Option<String>,
    pub reason: String,
    pub count: u64,
    /// The place in the file of the first of them, from 1.
    pub first: u64,
}

/// What a reader of the log should know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// Orders that ended with their wait, since their end is not in the archive.
    pub by_clock: u64,
    /// Orders left out.
    pub left_out: u64,
    /// Events told at another time than theirs, so that they follow what they follow from.
    pub moved: u64,
    /// Changes of the configuration that held a menu.
    pub menus: u64,
}

/// What is told by name, and what is not by name and reason.
pub(super) fn counted(entries: &[Entry], verdicts: &[Option<SkipReason>]) -> (BTreeMap<String, u64>, Vec<Unmapped>) {
    let mut mapped = BTreeMap::new();
    let mut unmapped = BTreeMap::<_, (u64, u64)>::new();
    for (entry, verdict) in entries.iter().zip(verdicts) {
        match verdict {
            // Names that nobody knows may be as many as there are entries.
            Some(why @ (SkipReason::Unknown | SkipReason::NoEvent)) if unmapped.len() >= super::NAMES_TOLD * 4 => {
                unmapped.entry((&None, *why)).or_insert((0, entry.place)).0 += 1;
            }
            None => *mapped.entry(entry.kind.clone().unwrap_or_default()).or_default() += 1,
            Some(why) => unmapped.entry((&entry.kind, *why)).or_insert((0, entry.place)).0 += 1,
        }
    }
    let unmapped = unmapped.into_iter().map(|((kind, why), (count, first))| Unmapped {
        kind: kind.clone(),
        reason: why.to_string(),
        count,
        first,
    });
    (mapped, unmapped.collect())
}

impl Notes {
    fn sentences(self) -> impl Iterator<Item = String> {
        let all = [
            (self.by_clock, "orders do not end in the archive: they end when their wait was over"),
            (self.left_out, "orders are left out, for the reasons above"),
            (self.moved, "events are told at another time than theirs, behind what they follow from"),
            (self.menus, "menus are not taken over: the shop's own is made of what was ordered"),
        ];
        all.into_iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count:>6}  {words}\n"))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mapped: u64 = self.mapped.values().sum();
        writeln!(f, "{}: {} entries read, {mapped} told, {} not", self.shop, self.read, self.read - mapped)?;
        writeln!(f, "from {} to {}\n", self.first, self.last)?;
        writeln!(f, "told")?;
        for (kind, count) in &self.mapped {
            writeln!(f, "{count:>6}  {kind}")?;
        }
        writeln!(f, "\nnot told")?;
        for Unmapped { kind, reason, count, first } in &self.unmapped {
            writeln!(f, "{count:>6}  {}: {reason} (first: entry {first})", kind.as_deref().unwrap_or("no name"))?;
        }
        writeln!(f, "\nwritten, and how many of them follow from others and are not in the archive")?;
        for (kind, (count, filled_in)) in &self.written {
            writeln!(f, "{count:>6} {filled_in:>6}  {kind}")?;
        }
        writeln!(f, "\norders")?;
        for (outcome, count) in &self.orders {
            writeln!(f, "{count:>6}  {outcome}")?;
        }
        f.write_str("\n")?;
        self.notes.sentences().try_for_each(|sentence| f.write_str(&sentence))
    }
}
