//! `ConfigService` owns the opening state and hours, the menu, the limits, the name and the extension switches.

use serde::{Deserialize, Serialize};

use crate::command::StoreCommand;
use crate::event::{
    AvailabilityChanged, BrandChanged, Event, ExtensionSwitched, HoursChanged, LastOrdersCalled, LimitsChanged,
    MenuChanged, StoreClosed, StoreOpened, StorePaused, StoreResumed,
};
use crate::hours::Hours;
use crate::limits::{Limits, MAX_PAUSE_MINUTES, MAX_PAUSE_REASON_CHARS};
use crate::menu::Menu;
use crate::refusal::Refusal;
use crate::setting::SettingDigest;
use crate::text;
use crate::time::{CLOCK_TOLERANCE_SECONDS, Instant, Now, OpeningState};

/// The configuration of a shop and whether it takes orders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, and the serialised form is fixed")]
pub struct ConfigService {
    /// Whether the shop has been created.
    pub(crate) founded: bool,
    pub(crate) open: bool,
    /// Last orders have been called: the shop is open but accepts no new orders.
    #[serde(default)]
    last_orders: bool,
    /// The opening hours are suspended by a manual change with `hold`.
    #[serde(default)]
    held: bool,
    /// Time of the last change of the opening state, manual or scheduled. Scheduled changes before it are obsolete.
    #[serde(default)]
    moved: Option<Instant>,
    /// End of the pause. `None` without a pause, [`Instant::NEVER`] for a pause that needs a manual end.
    #[serde(default)]
    paused: Option<Instant>,
    pub(crate) name: String,
    pub(crate) menu: Menu,
    pub(crate) limits: Limits,
    #[serde(default)]
    pub(crate) hours: Hours,
    /// Names of the extensions that are switched off; all others are on.
    #[serde(default)]
    off: Vec<String>,
}

impl ConfigService {
    /// Decides a change of a setting that somebody saw in the state with the digest `before`. A change to the state that
    /// the setting has already is accepted: it may be a repetition.
    fn change_if_unchanged(
        &self,
        before: SettingDigest,
        change: StoreCommand,
        now: Now,
    ) -> Result<Vec<Event>, Refusal> {
        let current = match &change {
            StoreCommand::ChangeLimits(_) => SettingDigest::of(&self.limits),
            StoreCommand::ChangeHours(_) => SettingDigest::of(&self.hours),
            StoreCommand::ChangeMenu(change) => self.menu.digest_before(change),
            _ => before,
        };
        let events = self.decide(change, now)?;
        if events.is_empty() || current == before { Ok(events) } else { Err(Refusal::SettingChanged) }
    }

    pub(crate) fn decide(&self, command: StoreCommand, now: Now) -> Result<Vec<Event>, Refusal> {
        match command {
            StoreCommand::Create { .. } if self.founded => Err(Refusal::ShopExists),
            StoreCommand::Create { name, menu, limits, hours } => create(name, menu, limits, hours),
            // The wanted state already holds: the command is accepted without events.
            StoreCommand::Open { hold } if self.opening_state() == OpeningState::Open && self.held == hold => {
                Ok(Vec::new())
            }
            StoreCommand::Close { hold } if !self.open && self.held == hold => Ok(Vec::new()),
            StoreCommand::Open { hold } => Ok(vec![StoreOpened { held: hold }.into()]),
            StoreCommand::Close { hold } => Ok(vec![StoreClosed { held: hold }.into()]),
            StoreCommand::ApplyHours => self.apply_hours(now),
            StoreCommand::Pause { reason, until } => {
                let reason: String =
                    reason.chars().filter(|c| !text::is_forbidden(*c)).take(MAX_PAUSE_REASON_CHARS).collect();
                let reason = text::to_name(&reason);
                let latest = now.at.plus_seconds(MAX_PAUSE_MINUTES * 60);
                // A pause that is over already would never end, or end at once: neither was wanted.
                if until.is_some_and(|until| until <= now.at || until > latest) {
                    return Err(Refusal::LimitOutOfRange { name: "minutes", least: 1, most: MAX_PAUSE_MINUTES });
                }
                Ok(vec![StorePaused { reason, until }.into()])
            }
            StoreCommand::Resume if self.paused.is_none() => Ok(Vec::new()),
            StoreCommand::Resume => Ok(vec![StoreResumed {}.into()]),
            StoreCommand::ChangeLimits(change) => match change.apply_to(self.limits) {
                Ok(limits) if limits == self.limits => Ok(Vec::new()),
                Ok(limits) => Ok(vec![LimitsChanged { limits }.into()]),
                Err((name, least, most)) => Err(Refusal::LimitOutOfRange { name, least, most }),
            },
            StoreCommand::IfUnchanged { before, change } => self.change_if_unchanged(before, *change, now),
            StoreCommand::ChangeHours(hours) if hours == self.hours => Ok(Vec::new()),
            StoreCommand::ChangeHours(hours) => {
                hours.check().map_err(Refusal::InvalidHours)?;
                Ok(vec![HoursChanged { hours }.into()])
            }
            StoreCommand::ChangeMenu(change) => match self.menu.with_change(change) {
                Ok(menu) if menu == self.menu => Ok(Vec::new()),
                Ok(menu) => Ok(vec![MenuChanged { menu }.into()]),
                Err((what, flaw)) => Err(Refusal::InvalidMenu { what, flaw }),
            },
            StoreCommand::ChangeAvailability { thing, .. } if !self.menu.contains(&thing) => {
                Err(Refusal::NotOnTheMenu { what: thing.0.chars().take(60).collect() })
            }
            StoreCommand::ChangeAvailability { thing, available } => {
                let out = self.menu.sold_out_after(&thing, available);
                if out == self.menu.out {
                    return Ok(Vec::new());
                }
                Ok(vec![AvailabilityChanged { thing, available, out }.into()])
            }
            StoreCommand::SwitchExtension { extension, on } if self.is_extension_on(&extension) == on => Ok(Vec::new()),
            StoreCommand::SwitchExtension { extension, on } => Ok(vec![ExtensionSwitched { extension, on }.into()]),
            // Drops the events of extensions that were switched off after they emitted them.
            StoreCommand::Emit(emitted) => Ok(emitted
                .into_iter()
                .filter(|event| self.is_extension_on(event.extension()))
                .map(Event::from)
                .collect()),
        }
    }

    /// Whether an extension is switched on for this shop.
    pub(crate) fn is_extension_on(&self, extension: &str) -> bool {
        !self.off.iter().any(|off| off == extension)
    }

    fn apply_hours(&self, now: Now) -> Result<Vec<Event>, Refusal> {
        if self.next_scheduled_change(now) > now.at {
            return Err(Refusal::NotDue { until: now.hours.until });
        }
        Ok(vec![match self.scheduled_state(now) {
            OpeningState::Open => StoreOpened { held: false }.into(),
            OpeningState::LastOrders => LastOrdersCalled { closing: now.hours.until }.into(),
            OpeningState::Closed => StoreClosed { held: false }.into(),
        }])
    }

    fn opening_state(&self) -> OpeningState {
        match (self.open, self.last_orders) {
            (false, _) => OpeningState::Closed,
            (true, true) => OpeningState::LastOrders,
            (true, false) => OpeningState::Open,
        }
    }

    /// The opening state that the hours ask for. A closed shop does not open for last orders.
    fn scheduled_state(&self, now: Now) -> OpeningState {
        if now.hours.state == OpeningState::LastOrders && !self.open { OpeningState::Closed } else { now.hours.state }
    }

    /// Time of the next scheduled change of the opening state, at or before `now` if one is due.
    ///
    /// A scheduled change before the last manual one is obsolete, and one to the current state is skipped.
    pub(crate) fn next_scheduled_change(&self, now: Now) -> Instant {
        if self.held {
            return Instant::NEVER;
        }
        // A change in the future was made by a clock that was ahead: nobody knows when.
        let is_from_future = |moved: Instant| moved > now.at.plus_seconds(CLOCK_TOLERANCE_SECONDS);
        let is_new = self.moved.is_none_or(|moved| now.hours.since > moved || is_from_future(moved));
        if is_new && now.hours.since > Instant::DISTANT_PAST && self.scheduled_state(now) != self.opening_state() {
            now.hours.since
        } else {
            now.hours.until
        }
    }

    /// End of the pause. One that lasts longer than any may was set by a clock that was ahead, and ends now.
    pub(crate) fn pause_end(&self, now: Now) -> Option<Instant> {
        let latest = now.at.plus_seconds(MAX_PAUSE_MINUTES * 60).plus_seconds(CLOCK_TOLERANCE_SECONDS);
        self.paused.map(|until| if (latest..Instant::NEVER).contains(&until) { now.at } else { until })
    }

    pub(crate) fn evolve(&mut self, event: &Event, at: Instant) {
        self.founded = true;
        match event {
            Event::StoreOpened(event) => {
                (self.open, self.last_orders, self.held, self.moved) = (true, false, event.held, Some(at));
            }
            Event::StoreClosed(event) => {
                (self.open, self.last_orders, self.held, self.moved) = (false, false, event.held, Some(at));
            }
            Event::LastOrdersCalled(_) => (self.last_orders, self.moved) = (true, Some(at)),
            Event::StorePaused(event) => self.paused = Some(event.until.unwrap_or(Instant::NEVER)),
            Event::StoreResumed(_) => self.paused = None,
            Event::BrandChanged(event) => self.name.clone_from(&event.name),
            Event::MenuChanged(event) => self.menu = event.menu.clone(),
            Event::AvailabilityChanged(event) => self.menu.out.clone_from(&event.out),
            Event::LimitsChanged(event) => self.limits = event.limits,
            Event::HoursChanged(event) => self.hours = event.hours.clone(),
            Event::ExtensionSwitched(event) => {
                self.off.retain(|off| *off != event.extension);
                if !event.on {
                    self.off.push(event.extension.clone());
                }
            }
            _ => {}
        }
    }
}

fn create(name: String, menu: Menu, limits: Limits, hours: Hours) -> Result<Vec<Event>, Refusal> {
    menu.check().map_err(|(what, flaw)| Refusal::InvalidMenu { what, flaw })?;
    hours.check().map_err(Refusal::InvalidHours)?;
    limits.check().map_err(|(name, least, most)| Refusal::LimitOutOfRange { name, least, most })?;
    Ok(vec![
        BrandChanged { name }.into(),
        LimitsChanged { limits }.into(),
        HoursChanged { hours }.into(),
        MenuChanged { menu }.into(),
        StoreOpened { held: false }.into(),
    ])
}
