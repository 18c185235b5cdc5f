//! From the original's events to the log of a shop: pure, and the same for the same archive and key.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::event::Recorded;
use domain::ids::{OrderId, ShopId};
use domain::refusal::Unavailable;
use domain::time::{Day, Instant};

use self::record::Recording;
use super::archived_order::{ArchivedOrder, ImportContext, Line, Reconstructed};
use super::names::Names;
use super::original::{Archived, Entry, Fact};
use super::report::{Notes, Report, SkipReason, counted};
use crate::store::OrderRow;

mod doors;
mod record;

/// A shop to be, whole.
#[derive(Debug)]
pub(super) struct Log {
    pub events: Vec<Recorded>,
    pub orders: Vec<OrderRow>,
    pub report: Report,
}

/// What to make of an archive.
pub(super) struct Plan<'a> {
    pub shop: &'a ShopId,
    /// Over the door.
    pub name: &'a str,
    /// The one bar to be told of, where the archive has several.
    pub tenant: Option<&'a str>,
    pub names: Names<'a>,
    pub day_of: &'a dyn Fn(Instant) -> Day,
}

/// The bars an archive tells of.
pub(super) fn tenants(entries: &[Entry]) -> BTreeSet<&str> {
    entries.iter().filter_map(|entry| entry.read.as_ref().ok()?.tenant.as_deref()).collect()
}

/// The log of the shop; `None` when no order can be told.
pub(super) fn map(entries: &[Entry], plan: &Plan<'_>) -> Option<Log> {
    let mut verdicts = entries.iter().map(|entry| entry.read.as_ref().err().copied()).collect::<Vec<_>>();
    let ours = of_tenant(entries, plan.tenant, &mut verdicts);
    let mut notes = Notes::default();
    let doors = doors::changes(&ours, &mut verdicts, &mut notes);
    let stories = stories(&ours, &plan.names, &doors, &mut verdicts);
    let told = tell(&stories, plan, &mut verdicts, &mut notes);
    if told.is_empty() {
        return None;
    }
    let mut orders = BTreeMap::<String, u64>::new();
    for (_, told) in &told {
        *orders.entry(told.outcome.to_string()).or_default() += 1;
    }
    let times = || told.iter().flat_map(|(_, told)| &told.lines).chain(&doors).map(|line: &Line| line.at);
    let (first, last) = (times().min()?, times().max()?);
    let mut recording = Recording::of(&plan.names);
    recording.shop(doors::shop_creation(plan.name, first, &stories));
    recording.shop(doors);
    for (order, told) in told {
        let ended = told.lines.iter().map(|line| line.at).max().map(plan.day_of);
        recording.order(order, told, ended);
    }
    recording.shop(vec![doors::closing(last)]);
    let (events, rows, written) = recording.end();
    let (mapped, unmapped) = counted(entries, &verdicts);
    let (shop, read) = (plan.shop.clone(), entries.len() as u64);
    let report = Report { shop, read, mapped, unmapped, written, orders, notes, first, last };
    Some(Log { events, orders: rows, report })
}

/// What is of the bar asked for. An event that names none is of its order's.
fn of_tenant<'a>(
    entries: &'a [Entry],
    wanted: Option<&str>,
    verdicts: &mut [Option<SkipReason>],
) -> Vec<(usize, &'a Archived)> {
    let all = || entries.iter().enumerate().filter_map(|(place, entry)| Some((place, entry.read.as_ref().ok()?)));
    let named = all().filter_map(|(_, archived)| Some((archived.order.as_deref()?, archived.tenant.as_deref()?)));
    let of_order: HashMap<&str, &str> = named.collect();
    let (ours, others): (Vec<_>, Vec<_>) = all().partition(|(_, archived)| {
        let of_its_order = || of_order.get(archived.order.as_deref()?).copied();
        let tenant = archived.tenant.as_deref().or_else(of_its_order);
        wanted.is_none() || tenant.is_none() || tenant == wanted
    });
    for (place, _) in others {
        verdicts[place] = Some(SkipReason::OtherTenant);
    }
    ours
}

fn stories<'a>(
    ours: &[(usize, &'a Archived)],
    names: &Names<'_>,
    doors: &[Line],
    verdicts: &mut [Option<SkipReason>],
) -> Vec<ArchivedOrder<'a>> {
    let mut stories: Vec<ArchivedOrder<'a>> = Vec::new();
    let mut known: HashMap<OrderId, usize> = HashMap::new();
    for (place, archived) in ours {
        let Some(name) = archived.order.as_deref() else { continue };
        let order = names.order(name);
        let at = *known.entry(order).or_insert_with(|| {
            stories.push(ArchivedOrder { order, name, facts: Vec::new(), reason: Unavailable::Closed });
            stories.len() - 1
        });
        stories[at].facts.push((*place, archived));
    }
    for (place, archived) in ours {
        if let (Fact::Unavailable, None) = (&archived.fact, &archived.order) {
            let mut meant = stories.iter_mut().filter(|archived_order| archived_order.may_be_turned_away(archived));
            match (meant.next(), meant.next()) {
                (Some(archived_order), None) => archived_order.facts.push((*place, archived)),
                _ => verdicts[*place] = Some(SkipReason::WhoseIsUnknown),
            }
        }
    }
    for archived_order in &mut stories {
        archived_order.facts.sort_by_key(|(_, archived)| (archived.at, archived.fact.rank()));
        archived_order.reason =
            archived_order.turned_away().map_or(Unavailable::Closed, |at| doors::reason_at(doors, at));
    }
    stories
}

fn tell(
    stories: &[ArchivedOrder<'_>],
    plan: &Plan<'_>,
    verdicts: &mut [Option<SkipReason>],
    notes: &mut Notes,
) -> Vec<(OrderId, Reconstructed)> {
    let most = stories.iter().filter_map(ArchivedOrder::number).max().unwrap_or(0);
    let mut means = ImportContext { names: &plan.names, day_of: plan.day_of, spare_number: most.saturating_add(1) };
    let mut all = Vec::new();
    for archived_order in stories {
        match archived_order.tell(&mut means) {
            Ok(told) => {
                notes.by_clock += u64::from(told.is_by_clock);
                notes.moved += told.moved;
                for (place, verdict) in &told.verdicts {
                    verdicts[*place] = verdict.err();
                }
                all.push((archived_order.order, told));
            }
            Err(why) => {
                notes.left_out += u64::from(why != SkipReason::Request);
                for (place, _) in &archived_order.facts {
                    verdicts[*place] = Some(why);
                }
            }
        }
    }
    all
}
