//! One shop: the five services together, and the queue in which they hear each other.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::access::Who;
use crate::command::{Channel, Command, Limits};
use crate::event::Event;
use crate::ids::OrderId;
use crate::refusal::Refusal;
use crate::services::config::ConfigService;
use crate::services::counting::Counting;
use crate::services::manager::{Order, OrderManager};
use crate::services::processor::OrderProcessor;
use crate::services::validator::Validator;
use crate::time::Now;

/// Version of the shape below, carried by snapshots; version n reads n − 1.
pub const STATE_VERSION: u32 = 1;

/// More than this from one command is a bug: the services answer each other in circles.
pub const MOST_EVENTS: usize = 32;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shop {
    validator: Validator,
    config: ConfigService,
    processor: OrderProcessor,
    manager: OrderManager,
    counting: Counting,
}

/// One event of a command's answer, and the one of the same answer that it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub event: Event,
    /// Index of its cause in the same answer; `None` when the command itself is the cause.
    pub cause: Option<usize>,
}

/// Why a command came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unheeded {
    Refused(Refusal),
    /// The services went in circles; the state is no longer to be used.
    Runaway,
}

impl From<Refusal> for Unheeded {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Shop {
    /// Decides a command and takes in what follows from it. After a refusal nothing has changed.
    ///
    /// All events of the answer belong into one append: together they are the fact.
    ///
    /// # Errors
    /// The refusal, or [`Unheeded::Runaway`] after more than [`MOST_EVENTS`] events.
    pub fn obey(&mut self, who: Who, command: Command, now: Now) -> Result<Vec<Said>, Unheeded> {
        let first = self.decide(who, command, now)?;
        let mut queue: VecDeque<Said> = first.into_iter().map(|event| Said { event, cause: None }).collect();
        let mut said = Vec::with_capacity(4);
        while let Some(next) = queue.pop_front() {
            if said.len() == MOST_EVENTS {
                return Err(Unheeded::Runaway);
            }
            self.evolve(&next.event);
            let cause = Some(said.len());
            queue.extend(self.hear(&next.event, now).map(|event| Said { event, cause }));
            said.push(next);
        }
        Ok(said)
    }

    fn decide(&self, who: Who, command: Command, now: Now) -> Result<Vec<Event>, Refusal> {
        if !who.may_ask(&command) {
            return Err(Refusal::RoleForbids);
        }
        match command {
            Command::Make { .. } | Command::OpenStore | Command::CloseStore => self.config.decide(who, command, now),
            Command::Start { order, door } => match self.order(order) {
                Some(order) => Err(Refusal::StepIsIllegal { step: order.step }),
                None => self.validator.decide(who, order, door, now),
            },
            Command::Submit { .. } | Command::Act { .. } => self.manager.decide(who, command),
        }
    }

    /// The order in which the services hear an event is part of what the log means.
    fn hear(&self, event: &Event, now: Now) -> impl Iterator<Item = Event> + use<> {
        let validator = self.validator.hear(event, now);
        validator.into_iter().chain(self.processor.hear(event)).chain(self.counting.hear(event, now))
    }

    /// Takes in one fact. Never fails: what is in the log has happened.
    pub fn evolve(&mut self, event: &Event) {
        self.validator.evolve(event);
        self.config.evolve(event);
        self.processor.evolve(event);
        self.manager.evolve(event);
        self.counting.evolve(event);
    }

    pub fn limits(&self) -> &Limits {
        &self.config.limits
    }

    /// Which way the order of a command came or comes.
    pub fn channel(&self, command: &Command) -> Option<Channel> {
        match command {
            Command::Start { door, .. } => Some(door.channel()),
            other => other.order().and_then(|id| self.order(id)).map(|order| order.channel),
        }
    }

    /// An order that is not over.
    pub fn order(&self, id: OrderId) -> Option<&Order> {
        self.manager.order(id)
    }
}
