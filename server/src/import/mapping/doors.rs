//! What the archive says of the shop itself, and what a shop needs besides: a founding, a menu, and a last evening.

use domain::access::Actor;
use domain::event::{BrandChanged, Event, HoursChanged, LimitsChanged, MenuChanged, StoreClosed, StoreOpened};
use domain::hours::Hours;
use domain::limits::{Limits, LimitsChange};
use domain::refusal::Unavailable;
use domain::time::Instant;

use crate::import::archived_order::{ArchivedOrder, Causation, Line};
use crate::import::menu;
use crate::import::original::{Archived, Fact};
use crate::import::report::{Notes, SkipReason};

fn line(at: Instant, event: impl Into<Event>, tie: Causation, is_filled_in: bool) -> Line {
    Line { at, event: event.into(), actor: Actor::System, channel: None, tie, is_filled_in }
}

/// The shop as `Make` founds one, just before the first thing the archive tells of.
pub(super) fn shop_creation(name: &str, at: Instant, stories: &[ArchivedOrder<'_>]) -> Vec<Line> {
    let chosen: Vec<_> = stories.iter().filter_map(ArchivedOrder::drink).map(|drink| menu::chosen(&drink)).collect();
    vec![
        line(at, BrandChanged { name: name.to_owned() }, Causation::None, true),
        line(at, LimitsChanged { limits: Limits::default() }, Causation::Beside, true),
        line(at, HoursChanged { hours: Hours::default() }, Causation::Beside, true),
        line(at, MenuChanged { menu: menu::menu(&chosen) }, Causation::Beside, true),
        line(at, StoreOpened { held: false }, Causation::Beside, true),
    ]
}

/// Nobody orders in what is past.
pub(super) fn closing(at: Instant) -> Line {
    line(at, StoreClosed { held: false }, Causation::None, true)
}

/// The changes of the configuration that change something here.
pub(super) fn changes(
    ours: &[(usize, &Archived)],
    verdicts: &mut [Option<SkipReason>],
    notes: &mut Notes,
) -> Vec<Line> {
    let config = |(place, archived): &(usize, &'_ Archived)| match &archived.fact {
        Fact::Config(config) => Some((*place, archived.at, *config)),
        _ => None,
    };
    let mut configs: Vec<_> = ours.iter().filter_map(config).collect();
    configs.sort_by_key(|(_, at, _)| *at);
    let (mut lines, mut open, mut limits) = (Vec::new(), true, Limits::default());
    for (place, at, config) in configs {
        notes.menus += u64::from(config.has_menu);
        let before = lines.len();
        let change = LimitsChange {
            drinks_per_code: config.drinks_per_code,
            room: config.room,
            orders_per_guest: config.orders_per_guest,
            ..LimitsChange::default()
        };
        let changed = change.of(limits);
        if let Ok(changed) = changed
            && changed != limits
        {
            limits = changed;
            lines.push(line(at, LimitsChanged { limits }, Causation::None, false));
        }
        if let Some(opens) = config.open.filter(|opens| *opens != open) {
            open = opens;
            let event: Event =
                if opens { StoreOpened { held: false }.into() } else { StoreClosed { held: false }.into() };
            let tie = if lines.len() > before { Causation::Beside } else { Causation::None };
            lines.push(line(at, event, tie, false));
        }
        if lines.len() == before {
            verdicts[place] = Some(if changed.is_err() { SkipReason::OutOfRange } else { SkipReason::NothingNew });
        }
    }
    lines
}

/// Why a guest was turned away, which the original did not say: doors that are known to be open were not the reason,
/// and else it was told to guests that the shop is closed.
pub(super) fn reason_at(doors: &[Line], at: Instant) -> Unavailable {
    let moved = |line: &&Line| line.at <= at && matches!(line.event, Event::StoreOpened(_) | Event::StoreClosed(_));
    match doors.iter().rfind(moved).map(|line| &line.event) {
        Some(Event::StoreOpened(_)) => Unavailable::Full,
        _ => Unavailable::Closed,
    }
}
