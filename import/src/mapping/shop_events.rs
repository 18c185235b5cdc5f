//! Events of the shop itself: its creation, its menu, the archived configuration changes and the final closing.

use domain::access::Actor;
use domain::event::{BrandChanged, Event, HoursChanged, LimitsChanged, MenuChanged, StoreClosed, StoreOpened};
use domain::hours::Hours;
use domain::limits::{Limits, LimitsChange};
use domain::refusal::Unavailable;
use domain::time::Instant;

use crate::archived_order::{ArchivedOrder, Causation, DraftEvent};
use crate::menu;
use crate::original::{ArchivedEvent, Payload};
use crate::report::Notes;
use crate::skip_reason::SkipReason;

fn draft(at: Instant, event: impl Into<Event>, causation: Causation, is_filled_in: bool) -> DraftEvent {
    DraftEvent { at, event: event.into(), actor: Actor::System, channel: None, causation, is_filled_in }
}

/// Returns the events of the command `Make` at the time of the first archived event.
pub(super) fn creation_events(name: &str, at: Instant, archived_orders: &[ArchivedOrder<'_>]) -> Vec<DraftEvent> {
    let chosen: Vec<_> =
        archived_orders.iter().filter_map(ArchivedOrder::drink).map(|drink| menu::to_chosen(&drink)).collect();
    vec![
        draft(at, BrandChanged { name: name.to_owned() }, Causation::NewCommand, true),
        draft(at, LimitsChanged { limits: Limits::default() }, Causation::SameCommand, true),
        draft(at, HoursChanged { hours: Hours::default() }, Causation::SameCommand, true),
        draft(at, MenuChanged { menu: menu::build_menu(&chosen) }, Causation::SameCommand, true),
        draft(at, StoreOpened { held: false }, Causation::SameCommand, true),
    ]
}

/// Returns the final closing: an imported shop accepts no orders.
pub(super) fn closing_event(at: Instant) -> DraftEvent {
    draft(at, StoreClosed { held: false }, Causation::NewCommand, true)
}

/// Returns the events of the configuration changes that affect imported settings.
pub(super) fn config_events(
    ours: &[(usize, &ArchivedEvent)],
    verdicts: &mut [Option<SkipReason>],
    notes: &mut Notes,
) -> Vec<DraftEvent> {
    let config = |(index, archived): &(usize, &'_ ArchivedEvent)| match &archived.payload {
        Payload::ConfigChanged(config) => Some((*index, archived.at, *config)),
        _ => None,
    };
    let mut configs: Vec<_> = ours.iter().filter_map(config).collect();
    configs.sort_by_key(|(_, at, _)| *at);
    let (mut drafts, mut open, mut limits) = (Vec::new(), true, Limits::default());
    for (index, at, config) in configs {
        notes.menus += u64::from(config.has_menu);
        let before = drafts.len();
        let change = LimitsChange {
            drinks_per_code: config.drinks_per_code,
            room: config.room,
            orders_per_guest: config.orders_per_guest,
            ..LimitsChange::default()
        };
        let changed = change.apply_to(limits);
        if let Ok(changed) = changed
            && changed != limits
        {
            limits = changed;
            drafts.push(draft(at, LimitsChanged { limits }, Causation::NewCommand, false));
        }
        if let Some(opens) = config.open.filter(|opens| *opens != open) {
            open = opens;
            let event: Event =
                if opens { StoreOpened { held: false }.into() } else { StoreClosed { held: false }.into() };
            let causation = if drafts.len() > before { Causation::SameCommand } else { Causation::NewCommand };
            drafts.push(draft(at, event, causation, false));
        }
        if drafts.len() == before {
            verdicts[index] = Some(if changed.is_err() { SkipReason::OutOfRange } else { SkipReason::NoChange });
        }
    }
    drafts
}

/// Returns why the shop was unavailable at `at`, which the original does not record: `Full` if the shop is known to
/// be open, else `Closed`.
pub(super) fn unavailable_reason(config_events: &[DraftEvent], at: Instant) -> Unavailable {
    let moved =
        |draft: &&DraftEvent| draft.at <= at && matches!(draft.event, Event::StoreOpened(_) | Event::StoreClosed(_));
    match config_events.iter().rfind(moved).map(|draft| &draft.event) {
        Some(Event::StoreOpened(_)) => Unavailable::Full,
        _ => Unavailable::Closed,
    }
}
