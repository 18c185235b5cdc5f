//! `ConfigService` owns the doors, the menu, the limits and the name.

use serde::{Deserialize, Serialize};

use crate::access::Who;
use crate::command::{Command, Limits};
use crate::event::{BrandChanged, Event, LimitsChanged, MenuChanged, StoreClosed, StoreOpened};
use crate::menu::Menu;
use crate::refusal::Refusal;
use crate::time::Now;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigService {
    pub(crate) founded: bool,
    pub(crate) open: bool,
    pub(crate) name: String,
    pub(crate) menu: Menu,
    pub(crate) limits: Limits,
}

impl ConfigService {
    pub(crate) fn decide(&self, _who: Who, command: Command, _now: Now) -> Result<Vec<Event>, Refusal> {
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
            Command::Start { .. } | Command::Submit { .. } | Command::Act { .. } => {
                unreachable!("Shop routes these elsewhere")
            }
        }
    }

    pub(crate) fn evolve(&mut self, event: &Event) {
        self.founded = true;
        match event {
            Event::StoreOpened(_) => self.open = true,
            Event::StoreClosed(_) => self.open = false,
            Event::BrandChanged(event) => self.name.clone_from(&event.name),
            Event::MenuChanged(event) => self.menu = event.menu.clone(),
            Event::LimitsChanged(event) => self.limits = event.limits,
            _ => {}
        }
    }
}
