//! One shop: the five services together, and the queue in which they hear each other.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::answer::Answer;
use crate::command::{Action, Channel, Command, Door, StoreCommand};
use crate::event::Event;
use crate::hours::Hours;
use crate::ids::OrderId;
use crate::limits::Limits;
use crate::order::Step;
use crate::refusal::Refusal;
use crate::services::config::ConfigService;
use crate::services::counting::Counting;
use crate::services::manager::{Order, OrderManager};
use crate::services::processor::{Ended, OrderProcessor};
use crate::services::validator::Validator;
use crate::time::{Instant, Now};

/// Version of the shape below, carried by snapshots; version n reads n − 1.
pub const STATE_VERSION: u32 = 4;

/// More than this from one command is a bug: the services answer each other in circles.
pub const MAX_EVENTS_PER_COMMAND: usize = 32;

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
pub struct CausedEvent {
    pub event: Event,
    /// Index of its cause in the same answer; `None` when the command itself is the cause.
    pub cause: Option<usize>,
}

/// Why a command came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecuteError {
    CommandError(Refusal),
    /// The services went in circles; the state is no longer to be used.
    EventLoop,
}

impl From<Refusal> for ExecuteError {
    fn from(refusal: Refusal) -> Self {
        Self::CommandError(refusal)
    }
}

impl Shop {
    /// Decides a command and takes in what follows from it. After a refusal nothing has changed.
    ///
    /// All events of the answer belong into one append: together they are the fact.
    ///
    /// # Errors
    /// The refusal, or [`ExecuteError::EventLoop`] after more than [`MAX_EVENTS_PER_COMMAND`] events.
    pub fn execute(&mut self, who: Actor, command: Command, now: Now) -> Result<Vec<CausedEvent>, ExecuteError> {
        if !who.may_issue(&command) {
            return Err(Refusal::RoleForbids.into());
        }
        let mut said = Vec::with_capacity(4);
        match command {
            // A start and a choice in one: what could be refused of either is asked before anything happens.
            Command::WalkIn { order, choice } => {
                self.manager.offers(&choice)?;
                let start = Command::Start { order, door: Door::Bar };
                self.drain(self.decide(who, start, now)?, now, &mut said)?;
                self.drain(self.manager.submit(who, order, &choice)?, now, &mut said)?;
            }
            other => self.drain(self.decide(who, other, now)?, now, &mut said)?,
        }
        Ok(said)
    }

    /// Takes in events and all that the services say to them.
    fn drain(&mut self, events: Vec<Event>, now: Now, said: &mut Vec<CausedEvent>) -> Result<(), ExecuteError> {
        let mut queue: VecDeque<CausedEvent> =
            events.into_iter().map(|event| CausedEvent { event, cause: None }).collect();
        while let Some(next) = queue.pop_front() {
            if said.len() == MAX_EVENTS_PER_COMMAND {
                return Err(ExecuteError::EventLoop);
            }
            self.evolve(&next.event, now.at);
            let cause = Some(said.len());
            queue.extend(self.react(&next.event, now).map(|event| CausedEvent { event, cause }));
            said.push(next);
        }
        Ok(())
    }

    fn decide(&self, who: Actor, command: Command, now: Now) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Store(command) => self.config.decide(command, now),
            Command::StopOrders => Ok(self.processor.stop()),
            Command::Start { order, door } => match self.order(order) {
                Some(order) => Err(Refusal::StepIsIllegal { step: order.step }),
                // Who has the menu open is led back to it.
                None if matches!(door, Door::Code { .. }) && self.choosing(who).is_some() => Ok(Vec::new()),
                None => self.validator.decide(who, order, door, now),
            },
            Command::WalkIn { .. } => unreachable!("`obey` takes it apart"),
            Command::Submit { order, choice } => self.manager.submit(who, order, &choice),
            Command::Edit { order, choice, version } => self.manager.edit(who, order, &choice, version),
            Command::Act { order, action: Action::Extend, .. } => self.processor.extend(who, order),
            Command::Act { order, action, reason, version } => self.manager.act(who, order, (action, reason), version),
            Command::EndWait { order } => match self.processor.ended(order, now)? {
                Ended::Stopped => self.manager.stop(order),
                Ended::At(Step::Ready) => self.manager.expire(order),
                Ended::At(step) => Ok(OrderProcessor::end_wait(order, step)),
            },
        }
    }

    /// The order in which the services hear an event is part of what the log means.
    fn react(&self, event: &Event, now: Now) -> impl Iterator<Item = Event> + use<> {
        let validator = self.validator.react(event, now);
        validator.into_iter().chain(self.processor.react(event, now)).chain(self.counting.react(event, now))
    }

    /// Takes in one fact that happened `at`. Never fails: what is in the log has happened.
    pub fn evolve(&mut self, event: &Event, at: Instant) {
        self.validator.evolve(event);
        self.config.evolve(event, at);
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
            Command::WalkIn { .. } => Some(Channel::WalkIn),
            other => other.order().and_then(|id| self.order(id)).map(|order| order.channel),
        }
    }

    /// When a place of a full room comes free at the latest.
    pub fn place_free_by(&self) -> Option<Instant> {
        self.processor.place_free_by()
    }

    /// Whether an extension is on here.
    pub fn hears(&self, extension: &str) -> bool {
        self.config.hears(extension)
    }

    pub fn hours(&self) -> &Hours {
        &self.config.hours
    }

    /// What the clock will ask next, and when: it follows from the state and from the hours, and nobody has to
    /// remember it.
    pub fn next_due(&self, now: Now) -> Option<(Instant, Command)> {
        let wait = self.processor.next_due().map(|(at, order)| (at, Command::EndWait { order }));
        let pause = self.config.paused.map(|until| (until, StoreCommand::Resume.into()));
        let turn = (self.config.next_turn(now), StoreCommand::KeepHours.into());
        let asked = wait.into_iter().chain(pause).chain([turn]);
        asked.filter(|(at, _)| *at < Instant::NEVER).min_by_key(|(at, _)| *at)
    }

    /// The answer to a command that was granted and changed nothing: how things stand.
    pub fn standing(&self, who: Actor, command: &Command) -> Answer {
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
    fn choosing(&self, who: Actor) -> Option<OrderId> {
        self.manager.choosing(who.guest().filter(|_| !who.is_robot())?)
    }

    /// An order that is not over.
    pub fn order(&self, id: OrderId) -> Option<&Order> {
        self.manager.order(id)
    }
}
