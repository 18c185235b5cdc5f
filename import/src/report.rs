//! Report of an import. Every entry of the archive is counted, either as imported or as skipped.

use std::collections::BTreeMap;
use std::fmt;

use domain::ids::ShopId;
use domain::time::Instant;
use serde::{Deserialize, Serialize};

use super::original::ArchiveEntry;
use super::skip_reason::SkipReason;

/// Result of one import. `Display` prints it as the text of `crema import`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub shop: ShopId,
    /// Number of entries in the archive.
    pub read: u64,
    /// Imported entries by the original's event name.
    pub mapped: BTreeMap<String, u64>,
    /// Skipped entries by name and reason.
    pub unmapped: Vec<Unmapped>,
    /// Written events by name: their count, and how many of them were filled in.
    pub written: BTreeMap<String, (u64, u64)>,
    /// Orders by outcome.
    pub orders: BTreeMap<String, u64>,
    pub notes: Notes,
    /// Time of the first imported event.
    pub first: Instant,
    /// Time of the last imported event.
    pub last: Instant,
}

/// Entries of one event name that were skipped for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmapped {
    /// The event name, if any.
    pub kind: Option<String>,
    pub reason: String,
    pub count: u64,
    /// Number of the first such entry, from 1.
    pub first: u64,
}

/// Counts of the deviations from the archive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// Orders that timed out because the archive has no outcome.
    pub by_clock: u64,
    /// Skipped orders.
    pub left_out: u64,
    /// Events moved to a later time because they preceded their cause.
    pub moved: u64,
    /// Configuration changes that contained a menu.
    pub menus: u64,
}

/// Counts imported entries by name and skipped entries by name and reason.
pub(super) fn count_entries(
    entries: &[ArchiveEntry],
    verdicts: &[Option<SkipReason>],
) -> (BTreeMap<String, u64>, Vec<Unmapped>) {
    let mut mapped = BTreeMap::new();
    let mut unmapped = BTreeMap::<_, (u64, u64)>::new();
    for (entry, verdict) in entries.iter().zip(verdicts) {
        match verdict {
            // The number of unknown names is unbounded, so further ones share an entry without a name.
            Some(reason @ (SkipReason::UnknownKind | SkipReason::NotAnEvent))
                if unmapped.len() >= super::MAX_REPORTED_NAMES * 4 =>
            {
                unmapped.entry((&None, *reason)).or_insert((0, entry.number)).0 += 1;
            }
            None => *mapped.entry(entry.kind.clone().unwrap_or_default()).or_default() += 1,
            Some(reason) => unmapped.entry((&entry.kind, *reason)).or_insert((0, entry.number)).0 += 1,
        }
    }
    let unmapped = unmapped.into_iter().map(|((kind, reason), (count, first))| Unmapped {
        kind: kind.clone(),
        reason: reason.to_string(),
        count,
        first,
    });
    (mapped, unmapped.collect())
}

impl Notes {
    fn texts(self) -> impl Iterator<Item = String> {
        let all = [
            (self.by_clock, "orders have no outcome in the archive: they timed out"),
            (self.left_out, "orders are skipped for the reasons above"),
            (self.moved, "events are moved behind their cause, to a later time"),
            (self.menus, "menus are not imported: the shop's menu is built from its orders"),
        ];
        all.into_iter().filter(|(count, _)| *count > 0).map(|(count, text)| format!("{count:>6}  {text}\n"))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mapped: u64 = self.mapped.values().sum();
        writeln!(f, "{}: {} entries read, {mapped} imported, {} skipped", self.shop, self.read, self.read - mapped)?;
        writeln!(f, "from {} to {}\n", self.first, self.last)?;
        writeln!(f, "imported")?;
        for (kind, count) in &self.mapped {
            writeln!(f, "{count:>6}  {kind}")?;
        }
        writeln!(f, "\nskipped")?;
        for Unmapped { kind, reason, count, first } in &self.unmapped {
            writeln!(f, "{count:>6}  {}: {reason} (first: entry {first})", kind.as_deref().unwrap_or("no name"))?;
        }
        writeln!(f, "\nwritten, and how many of them are filled in")?;
        for (kind, (count, filled_in)) in &self.written {
            writeln!(f, "{count:>6} {filled_in:>6}  {kind}")?;
        }
        writeln!(f, "\norders")?;
        for (outcome, count) in &self.orders {
            writeln!(f, "{count:>6}  {outcome}")?;
        }
        f.write_str("\n")?;
        self.notes.texts().try_for_each(|sentence| f.write_str(&sentence))
    }
}
