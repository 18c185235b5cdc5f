//! `ConfigService` owns the doors, the menu, the limits and the name.

use serde::{Deserialize, Serialize};

use crate::command::{Command, Limits};
use crate::event::{
    BrandChanged, Event, LimitsChanged, MenuChanged, StoreClosed, StoreOpened, StorePaused, StoreResumed,
};
use crate::menu::Menu;
use crate::refusal::Refusal;
use crate::time::{Instant, Now};

/// The longest reason of a pause, in characters.
const REASON_MOST: usize = 80;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigService {
    pub(crate) founded: bool,
    pub(crate) open: bool,
    /// Until when a pause lasts; none when there is no pause, [`Instant::NEVER`] when somebody has to end it.
    #[serde(default)]
    pub(crate) paused: Option<Instant>,
    pub(crate) name: String,
    pub(crate) menu: Menu,
    pub(crate) limits: Limits,
}

impl ConfigService {
    pub(crate) fn decide(&self, command: Command, now: Now) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Make { .. } if self.founded => Err(Refusal::ShopExists),
            Command::Make { name, menu, limits } => Ok(vec![
                BrandChanged { name }.into(),
                LimitsChanged { limits }.into(),
                MenuChanged { menu }.into(),
                StoreOpened {}.into(),
            ]),
            // The state that is wanted already holds: granted, and nothing happened.
            Command::OpenStore if self.open => Ok(Vec::new()),
            Command::CloseStore if !self.open => Ok(Vec::new()),
            Command::OpenStore => Ok(vec![StoreOpened {}.into()]),
            Command::CloseStore => Ok(vec![StoreClosed {}.into()]),
            Command::PauseStore { reason, until } => {
                let reason: String = reason.chars().filter(|c| !c.is_control()).take(REASON_MOST).collect();
                // A pause that is over before it begins is none.
                let until = until.filter(|until| *until > now.at);
                Ok(vec![StorePaused { reason, until }.into()])
            }
            Command::ResumeStore if self.paused.is_none() => Ok(Vec::new()),
            Command::ResumeStore => Ok(vec![StoreResumed {}.into()]),
            Command::ChangeLimits { change } => match change.of(self.limits) {
                Ok(limits) if limits == self.limits => Ok(Vec::new()),
                Ok(limits) => Ok(vec![LimitsChanged { limits }.into()]),
                Err((name, least, most)) => Err(Refusal::LimitOutOfRange { name, least, most }),
            },
            Command::EndWait { .. } | Command::Start { .. } | Command::Submit { .. } | Command::Act { .. } => {
                unreachable!("Shop routes these elsewhere")
            }
        }
    }

    pub(crate) fn evolve(&mut self, event: &Event) {
        self.founded = true;
        match event {
            Event::StoreOpened(_) => self.open = true,
            Event::StoreClosed(_) => self.open = false,
            Event::StorePaused(event) => self.paused = Some(event.until.unwrap_or(Instant::NEVER)),
            Event::StoreResumed(_) => self.paused = None,
            Event::BrandChanged(event) => self.name.clone_from(&event.name),
            Event::MenuChanged(event) => self.menu = event.menu.clone(),
            Event::LimitsChanged(event) => self.limits = event.limits,
            _ => {}
        }
    }
}
