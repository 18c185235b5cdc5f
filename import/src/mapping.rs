//! Maps archived events to the log of a shop. Pure: the same archive and key give the same log.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::ids::{OrderId, ShopId};
use domain::refusal::Unavailable;
use domain::time::{Day, Instant};

use self::log_builder::LogBuilder;
use super::archived_order::{ArchivedOrder, DraftEvent, ImportContext, Reconstructed};
use super::ids::DerivedIds;
use super::original::{ArchiveEntry, ArchivedEvent, Payload};
use super::report::{Notes, Report, count_entries};
use super::skip_reason::SkipReason;
use crate::ImportedLog;

mod log_builder;
mod shop_events;

/// Parameters of a mapping.
pub(super) struct Plan<'a> {
    pub shop: &'a ShopId,
    /// Display name of the shop.
    pub name: &'a str,
    /// The original's tenant to import; `None` for all.
    pub tenant: Option<&'a str>,
    pub ids: DerivedIds<'a>,
    pub day_of: &'a dyn Fn(Instant) -> Day,
}

/// Returns the tenants that the entries name.
pub(super) fn tenants(entries: &[ArchiveEntry]) -> BTreeSet<&str> {
    entries.iter().filter_map(|entry| entry.read.as_ref().ok()?.tenant.as_deref()).collect()
}

/// Maps the entries to a log; `None` if no order can be reconstructed.
pub(super) fn map(entries: &[ArchiveEntry], plan: &Plan<'_>) -> Option<(ImportedLog, Report)> {
    let mut verdicts = entries.iter().map(|entry| entry.read.as_ref().err().copied()).collect::<Vec<_>>();
    let ours = filter_tenant(entries, plan.tenant, &mut verdicts);
    let mut notes = Notes::default();
    let config_events = shop_events::config_events(&ours, &mut verdicts, &mut notes);
    let archived_orders = group_by_order(&ours, &plan.ids, &config_events, &mut verdicts);
    let reconstructed = reconstruct_all(&archived_orders, plan, &mut verdicts, &mut notes);
    if reconstructed.is_empty() {
        return None;
    }
    let mut orders = BTreeMap::<String, u64>::new();
    for (_, reconstructed) in &reconstructed {
        *orders.entry(reconstructed.outcome.to_string()).or_default() += 1;
    }
    let times = || {
        reconstructed
            .iter()
            .flat_map(|(_, reconstructed)| &reconstructed.drafts)
            .chain(&config_events)
            .map(|draft: &DraftEvent| draft.at)
    };
    let (first, last) = (times().min()?, times().max()?);
    let mut builder = LogBuilder::new(&plan.ids);
    builder.push_shop_events(shop_events::creation_events(plan.name, first, &archived_orders));
    builder.push_shop_events(config_events);
    for (order, reconstructed) in reconstructed {
        let ended = reconstructed.drafts.iter().map(|draft| draft.at).max().map(plan.day_of);
        builder.push_order(order, reconstructed, ended);
    }
    builder.push_shop_events(vec![shop_events::closing_event(last)]);
    let (log, written) = builder.finish();
    let (mapped, unmapped) = count_entries(entries, &verdicts);
    let (shop, read) = (plan.shop.clone(), entries.len() as u64);
    let report = Report { shop, read, mapped, unmapped, written, orders, notes, first, last };
    Some((log, report))
}

/// Returns the events of the wanted tenant. An event without a tenant has that of its order.
fn filter_tenant<'a>(
    entries: &'a [ArchiveEntry],
    wanted: Option<&str>,
    verdicts: &mut [Option<SkipReason>],
) -> Vec<(usize, &'a ArchivedEvent)> {
    let all = || entries.iter().enumerate().filter_map(|(index, entry)| Some((index, entry.read.as_ref().ok()?)));
    let named = all().filter_map(|(_, archived)| Some((archived.order.as_deref()?, archived.tenant.as_deref()?)));
    let of_order: HashMap<&str, &str> = named.collect();
    let (ours, others): (Vec<_>, Vec<_>) = all().partition(|(_, archived)| {
        let of_its_order = || of_order.get(archived.order.as_deref()?).copied();
        let tenant = archived.tenant.as_deref().or_else(of_its_order);
        wanted.is_none() || tenant.is_none() || tenant == wanted
    });
    for (index, _) in others {
        verdicts[index] = Some(SkipReason::OtherTenant);
    }
    ours
}

fn group_by_order<'a>(
    ours: &[(usize, &'a ArchivedEvent)],
    ids: &DerivedIds<'_>,
    config_events: &[DraftEvent],
    verdicts: &mut [Option<SkipReason>],
) -> Vec<ArchivedOrder<'a>> {
    let mut archived_orders: Vec<ArchivedOrder<'a>> = Vec::new();
    let mut known: HashMap<OrderId, usize> = HashMap::new();
    for (index, archived) in ours {
        let Some(name) = archived.order.as_deref() else { continue };
        let order = ids.order(name);
        let at = *known.entry(order).or_insert_with(|| {
            archived_orders.push(ArchivedOrder { order, name, events: Vec::new(), reason: Unavailable::Closed });
            archived_orders.len() - 1
        });
        archived_orders[at].events.push((*index, archived));
    }
    for (index, archived) in ours {
        if let (Payload::Unavailable, None) = (&archived.payload, &archived.order) {
            let mut meant =
                archived_orders.iter_mut().filter(|archived_order| archived_order.may_be_turned_away(archived));
            match (meant.next(), meant.next()) {
                (Some(archived_order), None) => archived_order.events.push((*index, archived)),
                _ => verdicts[*index] = Some(SkipReason::AmbiguousOrder),
            }
        }
    }
    for archived_order in &mut archived_orders {
        archived_order.events.sort_by_key(|(_, archived)| (archived.at, archived.payload.rank()));
        archived_order.reason = archived_order
            .turned_away()
            .map_or(Unavailable::Closed, |at| shop_events::unavailable_reason(config_events, at));
    }
    archived_orders
}

fn reconstruct_all(
    archived_orders: &[ArchivedOrder<'_>],
    plan: &Plan<'_>,
    verdicts: &mut [Option<SkipReason>],
    notes: &mut Notes,
) -> Vec<(OrderId, Reconstructed)> {
    let most = archived_orders.iter().filter_map(ArchivedOrder::number).max().unwrap_or(0);
    let mut context = ImportContext { ids: &plan.ids, day_of: plan.day_of, spare_number: most.saturating_add(1) };
    let mut all = Vec::new();
    for archived_order in archived_orders {
        match archived_order.reconstruct(&mut context) {
            Ok(reconstructed) => {
                notes.by_clock += u64::from(reconstructed.is_by_clock);
                notes.moved += reconstructed.moved;
                for (index, verdict) in &reconstructed.verdicts {
                    verdicts[*index] = verdict.err();
                }
                all.push((archived_order.order, reconstructed));
            }
            Err(reason) => {
                notes.left_out += u64::from(reason != SkipReason::Request);
                for (index, _) in &archived_order.events {
                    verdicts[*index] = Some(reason);
                }
            }
        }
    }
    all
}
