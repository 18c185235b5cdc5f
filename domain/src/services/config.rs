//! `ConfigService` owns the doors and their hours, the menu, the limits, the name, and which extensions are heard.

use serde::{Deserialize, Serialize};

use crate::command::StoreCommand;
use crate::event::{
    AvailabilityChanged, BrandChanged, Event, ExtensionSwitched, HoursChanged, LastOrdersCalled, LimitsChanged,
    MenuChanged, StoreClosed, StoreOpened, StorePaused, StoreResumed,
};
use crate::hours::Hours;
use crate::limits::Limits;
use crate::menu::Menu;
use crate::refusal::Refusal;
use crate::time::{Doors, Instant, Now};

/// The longest reason of a pause, in characters.
const MAX_REASON_CHARS: usize = 80;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and older states have them so")]
pub struct ConfigService {
    pub(crate) founded: bool,
    pub(crate) open: bool,
    /// Open, and yet nobody begins an order any more.
    #[serde(default)]
    last_orders: bool,
    /// The hours do not move the doors.
    #[serde(default)]
    held: bool,
    /// When the doors were last moved, by hand or by the hours; what the hours said before is past.
    #[serde(default)]
    moved: Option<Instant>,
    /// Until when a pause lasts; none when there is no pause, [`Instant::NEVER`] when somebody has to end it.
    #[serde(default)]
    pub(crate) paused: Option<Instant>,
    pub(crate) name: String,
    pub(crate) menu: Menu,
    pub(crate) limits: Limits,
    #[serde(default)]
    pub(crate) hours: Hours,
    /// Extensions that are switched off; all others are heard.
    #[serde(default)]
    off: Vec<String>,
}

impl ConfigService {
    pub(crate) fn decide(&self, command: StoreCommand, now: Now) -> Result<Vec<Event>, Refusal> {
        match command {
            StoreCommand::Make { .. } if self.founded => Err(Refusal::ShopExists),
            StoreCommand::Make { name, menu, limits, hours } => make(name, menu, limits, hours),
            // Where the state that is wanted already holds: granted, and nothing happened.
            StoreCommand::Open { hold } if self.doors() == Doors::Open && self.held == hold => Ok(Vec::new()),
            StoreCommand::Close { hold } if !self.open && self.held == hold => Ok(Vec::new()),
            StoreCommand::Open { hold } => Ok(vec![StoreOpened { held: hold }.into()]),
            StoreCommand::Close { hold } => Ok(vec![StoreClosed { held: hold }.into()]),
            StoreCommand::KeepHours => self.keep_hours(now),
            StoreCommand::Pause { reason, until } => {
                let reason: String = reason.chars().filter(|c| !c.is_control()).take(MAX_REASON_CHARS).collect();
                // A pause that is over before it begins is none.
                let until = until.filter(|until| *until > now.at);
                Ok(vec![StorePaused { reason, until }.into()])
            }
            StoreCommand::Resume if self.paused.is_none() => Ok(Vec::new()),
            StoreCommand::Resume => Ok(vec![StoreResumed {}.into()]),
            StoreCommand::ChangeLimits(change) => match change.of(self.limits) {
                Ok(limits) if limits == self.limits => Ok(Vec::new()),
                Ok(limits) => Ok(vec![LimitsChanged { limits }.into()]),
                Err((name, least, most)) => Err(Refusal::LimitOutOfRange { name, least, most }),
            },
            StoreCommand::ChangeHours(hours) if hours == self.hours => Ok(Vec::new()),
            StoreCommand::ChangeHours(hours) => {
                hours.check().map_err(Refusal::HoursAreWrong)?;
                Ok(vec![HoursChanged { hours }.into()])
            }
            StoreCommand::ChangeMenu(change) => match self.menu.changed(change) {
                Ok(menu) if menu == self.menu => Ok(Vec::new()),
                Ok(menu) => Ok(vec![MenuChanged { menu }.into()]),
                Err((what, flaw)) => Err(Refusal::MenuIsWrong { what, flaw }),
            },
            StoreCommand::ChangeAvailability { thing, .. } if !self.menu.knows(&thing) => {
                Err(Refusal::NotOnTheMenu { what: thing.0.chars().take(60).collect() })
            }
            StoreCommand::ChangeAvailability { thing, available } => {
                let out = self.menu.out_with(&thing, available);
                if out == self.menu.out {
                    return Ok(Vec::new());
                }
                Ok(vec![AvailabilityChanged { thing, available, out }.into()])
            }
            StoreCommand::SwitchExtension { extension, on } if self.hears(&extension) == on => Ok(Vec::new()),
            StoreCommand::SwitchExtension { extension, on } => Ok(vec![ExtensionSwitched { extension, on }.into()]),
            // Switched off between the saying and now: it comes too late, and nothing happened.
            StoreCommand::Emit(said) => {
                Ok(said.into_iter().filter(|event| self.hears(event.extension())).map(Event::from).collect())
            }
        }
    }

    /// Whether this extension is on here.
    pub(crate) fn hears(&self, extension: &str) -> bool {
        !self.off.iter().any(|off| off == extension)
    }

    fn keep_hours(&self, now: Now) -> Result<Vec<Event>, Refusal> {
        if self.next_turn(now) > now.at {
            return Err(Refusal::WaitGoesOn { until: now.hours.until });
        }
        Ok(vec![match self.wanted(now) {
            Doors::Open => StoreOpened { held: false }.into(),
            Doors::LastOrders => LastOrdersCalled { closing: now.hours.until }.into(),
            Doors::Closed => StoreClosed { held: false }.into(),
        }])
    }

    fn doors(&self) -> Doors {
        match (self.open, self.last_orders) {
            (false, _) => Doors::Closed,
            (true, true) => Doors::LastOrders,
            (true, false) => Doors::Open,
        }
    }

    /// What the hours would have. Doors that were closed until now are not opened for last orders.
    fn wanted(&self, now: Now) -> Doors {
        if now.hours.doors == Doors::LastOrders && !self.open { Doors::Closed } else { now.hours.doors }
    }

    /// When the hours move the doors next. What they said before somebody moved them is past; what they say already
    /// holds needs no moving.
    pub(crate) fn next_turn(&self, now: Now) -> Instant {
        if self.held {
            return Instant::NEVER;
        }
        let is_new = self.moved.is_none_or(|moved| now.hours.since > moved);
        if is_new && now.hours.since > Instant::EVER && self.wanted(now) != self.doors() {
            now.hours.since
        } else {
            now.hours.until
        }
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

fn make(name: String, menu: Menu, limits: Limits, hours: Hours) -> Result<Vec<Event>, Refusal> {
    menu.check().map_err(|(what, flaw)| Refusal::MenuIsWrong { what, flaw })?;
    hours.check().map_err(Refusal::HoursAreWrong)?;
    Ok(vec![
        BrandChanged { name }.into(),
        LimitsChanged { limits }.into(),
        HoursChanged { hours }.into(),
        MenuChanged { menu }.into(),
        StoreOpened { held: false }.into(),
    ])
}
