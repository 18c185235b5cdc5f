//! One shop: the five services together, and the queue in which they hear each other.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::access::Who;
use crate::answer::Answer;
use crate::command::{Action, Channel, Command, Door, Limits};
use crate::event::Event;
use crate::ids::OrderId;
use crate::order::Step;
use crate::refusal::Refusal;
use crate::services::config::ConfigService;
use crate::services::counting::Counting;
use crate::services::manager::{Order, OrderManager};
use crate::services::processor::OrderProcessor;
use crate::services::validator::Validator;
use crate::time::{Instant, Now};

/// Version of the shape below, carried by snapshots; version n reads n − 1.
pub const STATE_VERSION: u32 = 2;

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
            self.evolve(&next.event, now.at);
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
            Command::Make { .. }
            | Command::OpenStore
            | Command::CloseStore
            | Command::PauseStore { .. }
            | Command::ResumeStore
            | Command::ChangeLimits { .. } => self.config.decide(command, now),
            Command::Start { order, door } => match self.order(order) {
                Some(order) => Err(Refusal::StepIsIllegal { step: order.step }),
                // Who has the menu open is led back to it.
                None if door != Door::Robot && self.choosing(who).is_some() => Ok(Vec::new()),
                None => self.validator.decide(who, order, door, now),
            },
            Command::Act { order, action: Action::Extend, .. } => self.processor.extend(who, order),
            Command::EndWait { order } => match self.processor.ended(order, now)? {
                Step::Ready => self.manager.decide(who, command),
                step => Ok(OrderProcessor::end_wait(order, step)),
            },
            Command::Submit { .. } | Command::Act { .. } => self.manager.decide(who, command),
        }
    }

    /// The order in which the services hear an event is part of what the log means.
    fn hear(&self, event: &Event, now: Now) -> impl Iterator<Item = Event> + use<> {
        let validator = self.validator.hear(event, now);
        validator.into_iter().chain(self.processor.hear(event, now)).chain(self.counting.hear(event, now))
    }

    /// Takes in one fact that happened `at`. Never fails: what is in the log has happened.
    pub fn evolve(&mut self, event: &Event, at: Instant) {
        self.validator.evolve(event);
        self.config.evolve(event);
        self.processor.evolve(event, at);
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

    /// What the clock will ask next, and when: it follows from the state, and nobody has to remember it.
    pub fn next_due(&self) -> Option<(Instant, Command)> {
        let wait = self.processor.next_due().map(|(at, order)| (at, Command::EndWait { order }));
        let pause = self.config.paused.filter(|until| *until < Instant::NEVER);
        match (wait, pause) {
            (Some((at, command)), Some(until)) if at <= until => Some((at, command)),
            (_, Some(until)) => Some((until, Command::ResumeStore)),
            (wait, None) => wait,
        }
    }

    /// The answer to a command that was granted and changed nothing: how things stand.
    pub fn standing(&self, who: Who, command: &Command) -> Answer {
        let id = match command {
            Command::Start { .. } => self.choosing(who),
            _ => None,
        };
        let found = id.and_then(|id| Some((id, self.order(id)?)));
        found.map_or_else(Answer::default, |(id, order)| Answer {
            order: Some(id),
            step: Some(order.step),
            version: Some(order.version),
            ..Answer::default()
        })
    }

    /// The order for which this guest has the menu open.
    fn choosing(&self, who: Who) -> Option<OrderId> {
        self.manager.choosing(who.guest().filter(|_| !who.is_robot())?)
    }

    /// An order that is not over.
    pub fn order(&self, id: OrderId) -> Option<&Order> {
        self.manager.order(id)
    }
}
