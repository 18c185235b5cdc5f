//! The shop aggregate: it composes the five services and delivers their events to each other.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::Actor;
use crate::answer::Answer;
use crate::command::{Action, Command, StartSource, StoreCommand};
use crate::event::Event;
use crate::hours::Hours;
use crate::ids::{GuestId, OrderId};
use crate::limits::Limits;
use crate::order::{Channel, Step};
use crate::refusal::Refusal;
use crate::services::config::ConfigService;
use crate::services::counting::Counting;
use crate::services::manager::{Order, OrderManager};
use crate::services::processor::{OrderProcessor, WaitEnd};
use crate::services::validator::Validator;
use crate::time::{Instant, Now};

/// Version of the serialised form of [`Shop`] in snapshots. Version n can read version n − 1.
pub const STATE_VERSION: u32 = 4;

/// Maximum number of events from one command. More indicate a loop between services.
pub const MAX_EVENTS_PER_COMMAND: usize = 32;

/// The state of one shop, folded from its log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shop {
    validator: Validator,
    config: ConfigService,
    processor: OrderProcessor,
    manager: OrderManager,
    counting: Counting,
}

/// An event produced by a command, with the event of the same command that caused it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CausedEvent {
    /// The event, not recorded yet.
    pub event: Event,
    /// Index of the causing event in the same result; `None` if the command itself is the cause.
    pub cause: Option<usize>,
}

/// The error of [`Shop::execute`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecuteError {
    /// The command was refused; the state is unchanged.
    Refused(Refusal),
    /// The services exceeded [`MAX_EVENTS_PER_COMMAND`]. The state is inconsistent and must be discarded.
    EventLoop,
}

impl From<Refusal> for ExecuteError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Shop {
    /// Decides a command and applies the resulting events to the state. A refusal leaves the state unchanged.
    ///
    /// All returned events must be appended atomically.
    ///
    /// # Errors
    /// The refusal, or [`ExecuteError::EventLoop`] after more than [`MAX_EVENTS_PER_COMMAND`] events.
    pub fn execute(&mut self, actor: Actor, command: Command, now: Now) -> Result<Vec<CausedEvent>, ExecuteError> {
        if !actor.may_issue(&command) {
            return Err(Refusal::RoleNotAllowed.into());
        }
        let mut emitted = Vec::with_capacity(4);
        match command {
            // The choice is checked first, so that a refusal leaves no started order behind.
            Command::WalkIn { order, choice } => {
                self.manager.validate_choice(&choice)?;
                let start = Command::Start { order, source: StartSource::Bar };
                self.drain(self.decide(actor, start, now)?, now, &mut emitted)?;
                self.drain(self.manager.submit(actor, order, &choice)?, now, &mut emitted)?;
            }
            other => self.drain(self.decide(actor, other, now)?, now, &mut emitted)?,
        }
        Ok(emitted)
    }

    /// Applies events and all reactions of the services to them, in breadth-first order.
    fn drain(&mut self, events: Vec<Event>, now: Now, emitted: &mut Vec<CausedEvent>) -> Result<(), ExecuteError> {
        let mut queue: VecDeque<CausedEvent> =
            events.into_iter().map(|event| CausedEvent { event, cause: None }).collect();
        while let Some(next) = queue.pop_front() {
            if emitted.len() == MAX_EVENTS_PER_COMMAND {
                return Err(ExecuteError::EventLoop);
            }
            self.evolve(&next.event, now.at);
            let cause = Some(emitted.len());
            queue.extend(self.react(&next.event, now).map(|event| CausedEvent { event, cause }));
            emitted.push(next);
        }
        Ok(())
    }

    fn decide(&self, actor: Actor, command: Command, now: Now) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Store(command) => self.config.decide(command, now),
            Command::StopOrders => Ok(self.processor.stop()),
            Command::Start { order, source } => match self.order(order) {
                Some(order) => Err(Refusal::IllegalStep { step: order.step }),
                // A guest who is still choosing returns to that order.
                None if matches!(source, StartSource::Code { .. }) && self.choosing(actor).is_some() => Ok(Vec::new()),
                None => self.validator.decide(actor, order, source, now),
            },
            Command::WalkIn { .. } => unreachable!("`execute` splits it into start and submit"),
            Command::Submit { order, choice } => self.manager.submit(actor, order, &choice),
            Command::Edit { order, choice, version } => self.manager.edit(actor, order, &choice, version),
            Command::Act { order, action: Action::Extend, .. } => self.processor.extend(actor, order),
            Command::Act { order, action: Action::Cancel, reason, version } => {
                self.manager.cancel(actor, order, reason, version)
            }
            Command::Act { order, action: Action::Recall, version, .. } => {
                let events = self.manager.act(actor, order, Action::Recall, version)?;
                self.processor.ensure_recall(actor, order, now)?;
                Ok(events)
            }
            Command::Act { order, action, version, .. } => self.manager.act(actor, order, action, version),
            Command::EndWait { order } => match self.processor.wait_end(order, now)? {
                WaitEnd::Stopped => self.manager.stop(order),
                WaitEnd::DeadlineAt(Step::Ready) => self.manager.expire(order),
                WaitEnd::DeadlineAt(step) => Ok(OrderProcessor::end_wait(order, step)),
            },
        }
    }

    /// The follow-up events of all services. Their order is fixed: it determines the order of events in the log.
    pub fn react(&self, event: &Event, now: Now) -> impl Iterator<Item = Event> + use<> {
        let validator = self.validator.react(event, now);
        validator.into_iter().chain(self.processor.react(event, now)).chain(self.counting.react(event, now))
    }

    /// Applies one event that happened `at`. Infallible, because recorded events are facts.
    pub fn evolve(&mut self, event: &Event, at: Instant) {
        self.validator.evolve(event, at, self.config.open);
        self.config.evolve(event, at);
        self.processor.evolve(event, at);
        self.manager.evolve(event);
        self.counting.evolve(event);
    }

    /// Moves deadlines that a clock ahead has set, as an event at that time would: none is later than a whole wait from
    /// `at`. Without this, the orders of an idle shop would wait for as long as the clock was ahead.
    pub fn bound_waits(&mut self, at: Instant) {
        self.processor.bound_waits(at);
    }

    /// Deadline of the current wait of a running order.
    pub fn due(&self, order: OrderId) -> Option<Instant> {
        self.processor.due(order)
    }

    /// The current limits.
    pub fn limits(&self) -> &Limits {
        &self.config.limits
    }

    /// The lengths of the windows whose codes may still be valid, in seconds; the current one first.
    pub fn window_lengths(&self) -> impl Iterator<Item = u32> {
        self.validator.window_lengths()
    }

    /// Time at which the code of the window that starts at `window` expires.
    pub fn code_expires_at(&self, window: Instant) -> Instant {
        self.validator.code_expires_at(window)
    }

    /// The channel of the order that a command is about; `None` for commands about the shop.
    pub fn channel(&self, command: &Command) -> Option<Channel> {
        match command {
            Command::Start { source, .. } => Some(source.channel()),
            Command::WalkIn { .. } => Some(Channel::WalkIn),
            other => other.order().and_then(|id| self.order(id)).map(|order| order.channel),
        }
    }

    /// Latest time at which some capacity becomes free; `None` while none is in use.
    pub fn capacity_free_by(&self) -> Option<Instant> {
        self.processor.capacity_free_by()
    }

    /// Whether an extension is switched on for this shop.
    pub fn is_extension_on(&self, extension: &str) -> bool {
        self.config.is_extension_on(extension)
    }

    /// The current opening hours.
    pub fn hours(&self) -> &Hours {
        &self.config.hours
    }

    /// The next command that the clock must issue, and when. Derived from the state and the hours, so timers need no
    /// persistence.
    pub fn next_due(&self, now: Now) -> Option<(Instant, Command)> {
        let wait = self.processor.next_due().map(|(at, order)| (at, Command::EndWait { order }));
        let pause = self.config.pause_end(now).map(|until| (until, StoreCommand::Resume.into()));
        let hours = (self.config.next_scheduled_change(now), StoreCommand::ApplyHours.into());
        let timers = wait.into_iter().chain(pause).chain([hours]);
        timers.filter(|(at, _)| *at < Instant::NEVER).min_by_key(|(at, _)| *at)
    }

    /// The answer to an accepted command that produced no events: the current state of the order in question.
    pub fn current_answer(&self, actor: Actor, command: &Command) -> Answer {
        let id = match command {
            Command::Start { .. } => self.choosing(actor),
            _ => None,
        };
        let current = id.and_then(|id| Some((id, self.order(id)?)));
        current.map_or_else(Answer::default, |(id, order)| Answer {
            order: Some(id),
            step: Some(order.step),
            version: Some(order.version),
            ..Answer::default()
        })
    }

    /// Whether a start by this guest with the code of `window` would be accepted, or return to an order that is being chosen.
    /// A page asks before it sends the command, which records a start that the shop turns away.
    ///
    /// # Errors
    /// The refusal of that start.
    pub fn check_start(&self, guest: GuestId, window: Instant, now: Now) -> Result<(), Refusal> {
        let (actor, order) = (Actor::Guest(guest), OrderId(Uuid::nil()));
        let start = Command::Start { order, source: StartSource::Code { window } };
        let events = self.decide(actor, start, now)?;
        match events.iter().find_map(|event| self.processor.refusal(event, now)) {
            Some(reason) => Err(Refusal::Unavailable(reason)),
            None => Ok(()),
        }
    }

    /// The order for which this guest is still choosing.
    fn choosing(&self, actor: Actor) -> Option<OrderId> {
        self.manager.choosing(actor.guest().filter(|_| !actor.is_robot())?)
    }

    /// The open order of that id.
    pub fn order(&self, id: OrderId) -> Option<&Order> {
        self.manager.order(id)
    }
}
