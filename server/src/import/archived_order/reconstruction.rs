//! Telling one order: each fact becomes an event where the order stands so that it can follow.

use std::mem::{Discriminant, discriminant};

use domain::access::{Actor, Role};
use domain::command::Channel;
use domain::event::{
    Event, NewOrder, NumberGiven, OrderCancelled, OrderClaimed, OrderCollected, OrderCompleted, OrderFinished,
    OrderReleased, OrderSubmitted, OrderTimedOut, ShopUnavailable, WaitingCompletion, WorkflowStarted,
};
use domain::ids::GuestId;
use domain::limits::{Limits, Waits};
use domain::menu::Chosen;
use domain::order::{By, Cause, Step};
use domain::time::Instant;

use super::{ArchivedOrder, Causation, ImportContext, Line, Reconstructed};
use crate::import::menu;
use crate::import::original::{Archived, Fact};
use crate::import::report::SkipReason;

/// What a barista put back is left to the others for at least so long, in seconds.
const LEFT_AFTER_RELEASE: u32 = 60;

pub(super) struct OrderReconstruction<'a, 'm> {
    archived_order: &'a ArchivedOrder<'a>,
    means: &'a mut ImportContext<'m>,
    lines: Vec<Line>,
    orderer: Actor,
    channel: Channel,
    /// When the last line happened: none happens before it.
    now: Instant,
    moved: u64,
    step: Step,
    started: bool,
    chosen: Option<Chosen>,
    /// 0 until it has one.
    number: u32,
    version: u32,
    waits: Waits,
    /// When the wait for what comes next ends.
    due: Instant,
    claim_due: Instant,
    /// When the archive says that it is over.
    finished: Option<Instant>,
    heard: Vec<Discriminant<Fact>>,
}

impl<'a, 'm> OrderReconstruction<'a, 'm> {
    /// The order is announced when the first thing is heard of it.
    pub(super) fn begun(archived_order: &'a ArchivedOrder<'a>, means: &'a mut ImportContext<'m>) -> Self {
        let now = archived_order.facts.iter().map(|(_, archived)| archived.at).min().unwrap_or(Instant(0));
        let user = archived_order.facts.iter().find_map(|(_, archived)| archived.user.as_deref());
        let is_robots = archived_order.facts.iter().any(|(_, archived)| archived.is_robots);
        // Of one that names nobody, only the order itself can stand for its guest.
        let orderer = means.names.orderer(user.unwrap_or(archived_order.name), is_robots);
        let limits = Limits::default();
        let mut reconstruction = Self {
            archived_order,
            means,
            lines: Vec::new(),
            orderer,
            channel: if is_robots { Channel::Robot } else { Channel::Web },
            now,
            moved: 0,
            step: Step::Choosing,
            started: false,
            chosen: archived_order.drink().map(|drink| menu::chosen(&drink)),
            number: 0,
            version: 0,
            waits: limits.waits,
            due: now.plus_seconds(limits.waits.choose_seconds),
            claim_due: now,
            finished: None,
            heard: Vec::new(),
        };
        let begun = archived_order
            .find(|fact| if let Fact::Begun { window, left } = fact { Some((*window, *left)) } else { None });
        let (window, left) = begun.unwrap_or_default();
        // A robot takes no token. A guest's order has a window, even where the archive does not say which.
        let window = (!is_robots).then(|| window.unwrap_or(limits.window_of(now)));
        let guest = orderer.guest().or(Some(GuestId(archived_order.order.0)));
        let event =
            NewOrder { order: archived_order.order, guest, window, left: left.filter(|_| !is_robots), channel: None };
        reconstruction.push(now, event, orderer, begun.is_none());
        reconstruction
    }

    pub(super) fn told(self) -> Reconstructed {
        let Self { lines, orderer, number, step, moved, .. } = self;
        Reconstructed { lines, orderer, number, outcome: step, is_by_clock: false, moved, verdicts: Vec::new() }
    }

    /// Tells one fact, unless the order stands where it cannot follow.
    pub(super) fn hear(&mut self, archived: &Archived) -> Result<(), SkipReason> {
        self.heed(archived)?;
        let is_told = !matches!(archived.fact, Fact::Finished);
        self.moved += u64::from(is_told && archived.at != self.now);
        Ok(())
    }

    fn heed(&mut self, archived: &Archived) -> Result<(), SkipReason> {
        let fact = &archived.fact;
        let is_again = self.heard.contains(&discriminant(fact));
        self.heard.push(discriminant(fact));
        match fact {
            Fact::Asked { .. } | Fact::Bidden { .. } => return Err(SkipReason::Request),
            Fact::Begun { .. } | Fact::Started | Fact::Numbered { .. } | Fact::Submitted { .. } | Fact::Finished
                if is_again =>
            {
                return Err(SkipReason::Again);
            }
            // It was told before anything else.
            Fact::Begun { .. } => {}
            Fact::Started => self.start(archived.at),
            Fact::Finished => self.finished = Some(archived.at),
            // What is said to have ended before it was ready ends when it is.
            _ if self.step.is_end() || self.finished.is_some() && self.step == Step::Ready => {
                return Err(SkipReason::OutOfStep);
            }
            Fact::Numbered { .. } | Fact::Submitted { .. } => self.submit(archived.at),
            Fact::Claimed { barista } => {
                let barista = Actor::Credential(self.means.names.staff(barista), Role::Barista);
                self.submit(archived.at);
                self.stands_at(Step::Waiting)?;
                self.claim(archived.at, Some(barista));
            }
            Fact::Released => {
                self.stands_at(Step::Making)?;
                self.release(archived.at);
            }
            Fact::Completed => self.complete(archived.at, false)?,
            Fact::Cancelled { by_guest } => self.cancel(archived.at, *by_guest, false),
            Fact::TimedOut(_) if self.step == Step::Ready => return Err(SkipReason::OutOfStep),
            Fact::TimedOut(cause) => self.time_out(archived.at, *cause, false),
            Fact::Unavailable if self.started => return Err(SkipReason::OutOfStep),
            Fact::Unavailable => {
                let event = ShopUnavailable { order: self.archived_order.order, reason: self.archived_order.reason };
                self.answer(archived.at, event, false);
                self.step = Step::Unavailable;
            }
            Fact::Config(_) => return Err(SkipReason::OutOfStep),
        }
        Ok(())
    }

    /// Brings it to its end. Says whether that was the clock's doing, and nothing the archive knows of.
    pub(super) fn end(&mut self) -> bool {
        let at = self.finished.unwrap_or(self.now).max(self.now);
        self.moved += u64::from(self.finished.is_some_and(|finished| finished < self.now));
        let mut is_by_clock = false;
        if !self.step.is_end() && self.step != Step::Ready {
            match self.archived_order.bidden() {
                Some((true, _)) if self.finished.is_some() => self.cancel(at, false, true),
                // It stands where that can follow: it is neither ready nor over.
                Some((false, _)) if self.finished.is_some() => drop(self.complete(at, true)),
                _ => {
                    is_by_clock = true;
                    self.start(self.now);
                    let cause = if self.step == Step::Choosing { Cause::Customer } else { Cause::Barista };
                    self.time_out(self.due.max(self.now), cause, true);
                }
            }
        }
        let (order, is_filled_in) = (self.archived_order.order, self.finished.is_none());
        if self.step == Step::Ready {
            self.version += 1;
            let actor = self.bar();
            self.push(at, OrderCollected { order, version: self.version }, actor, true);
            self.step = Step::Collected;
        }
        let finished = OrderFinished { order, outcome: self.step };
        // A timeout and what cannot be served are over at once; after a cancellation somebody may think again.
        if self.step == Step::Cancelled && at > self.now {
            self.push(at, finished, Actor::System, is_filled_in);
        } else {
            self.answer(self.now, finished, is_filled_in);
        }
        is_by_clock
    }

    fn start(&mut self, at: Instant) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        let at = at.max(self.now);
        self.due = at.plus_seconds(self.waits.choose_seconds);
        let is_filled_in = !self.archived_order.has(|fact| matches!(fact, Fact::Started));
        self.answer(at, WorkflowStarted { order: self.archived_order.order, due: Some(self.due) }, is_filled_in);
    }

    fn submit(&mut self, at: Instant) {
        self.start(self.now);
        // Nothing is told of an order that was chosen and whose drink nobody knows.
        let Some(chosen) = self.chosen.take() else { return };
        let order = self.archived_order.order;
        let number = self.archived_order.number();
        self.number = number.unwrap_or(self.means.spare_number);
        self.means.spare_number += u32::from(number.is_none());
        self.version += 1;
        let is_filled_in = !self.archived_order.has(|fact| matches!(fact, Fact::Submitted { .. }));
        self.push(at, OrderSubmitted { order, chosen, version: self.version }, self.orderer, is_filled_in);
        let day = (self.means.day_of)(self.now);
        self.answer(at, NumberGiven { order, day, number: self.number }, number.is_none());
        self.due = self.now.plus_seconds(self.waits.make_seconds);
        self.claim_due = self.due;
        let is_filled_in = !self.archived_order.has(|fact| matches!(fact, Fact::Numbered { .. }));
        self.answer(at, WaitingCompletion { order, number: self.number, due: Some(self.due) }, is_filled_in);
        self.step = Step::Waiting;
    }

    /// By a barista, or by whoever it must have been.
    fn claim(&mut self, at: Instant, barista: Option<Actor>) {
        self.version += 1;
        let actor = barista.unwrap_or_else(|| self.bar());
        let event = OrderClaimed { order: self.archived_order.order, barista: actor.maker(), version: self.version };
        self.push(at, event, actor, barista.is_none());
        self.due = self.now.plus_seconds(self.waits.make_seconds);
        self.step = Step::Making;
    }

    fn release(&mut self, at: Instant) {
        self.version += 1;
        let event = OrderReleased { order: self.archived_order.order, version: self.version };
        let actor = self.bar();
        self.push(at, event, actor, false);
        self.due = self.claim_due.max(self.now.plus_seconds(LEFT_AFTER_RELEASE));
        self.step = Step::Waiting;
    }

    fn complete(&mut self, at: Instant, is_filled_in: bool) -> Result<(), SkipReason> {
        self.submit(at);
        if self.step == Step::Waiting {
            self.claim(at, None);
        }
        self.stands_at(Step::Making)?;
        self.version += 1;
        let actor = self.bar();
        self.push(at, OrderCompleted { order: self.archived_order.order, version: self.version }, actor, is_filled_in);
        self.step = Step::Ready;
        Ok(())
    }

    fn cancel(&mut self, at: Instant, by_guest: bool, is_filled_in: bool) {
        self.start(self.now);
        self.version += 1;
        let (by, actor) = if by_guest { (By::Guest, self.orderer) } else { (By::Bar, self.bar()) };
        let event = OrderCancelled { order: self.archived_order.order, by, reason: None, version: self.version };
        self.push(at, event, actor, is_filled_in);
        self.step = Step::Cancelled;
    }

    fn time_out(&mut self, at: Instant, cause: Cause, is_filled_in: bool) {
        match cause {
            Cause::Customer => self.start(self.now),
            Cause::Barista => self.submit(self.now),
        }
        self.push(at, OrderTimedOut { order: self.archived_order.order, cause }, Actor::System, is_filled_in);
        self.step = Step::TimedOut;
    }

    fn stands_at(&self, step: Step) -> Result<(), SkipReason> {
        if self.step == step { Ok(()) } else { Err(SkipReason::OutOfStep) }
    }

    /// Who has it in hand; where the archive does not say, the robot that was asked, or the house.
    fn bar(&self) -> Actor {
        let claimed = self.lines.iter().rev().find(|line| matches!(line.event, Event::OrderClaimed(_)));
        let robot = || {
            self.archived_order.bidden()?.1.map(|robot| Actor::Credential(self.means.names.staff(&robot), Role::Robot))
        };
        claimed.map(|line| line.actor).or_else(robot).unwrap_or(Actor::System)
    }

    /// One more event, at its time or, if that is past, at once.
    fn push(&mut self, at: Instant, event: impl Into<Event>, actor: Actor, is_filled_in: bool) {
        self.now = at.max(self.now);
        let channel = Some(self.channel);
        self.lines.push(Line { at: self.now, event: event.into(), actor, channel, tie: Causation::None, is_filled_in });
    }

    /// One that follows from the last, within the same command.
    fn answer(&mut self, at: Instant, event: impl Into<Event>, is_filled_in: bool) {
        let actor = self.lines.last().map_or(self.orderer, |line| line.actor);
        self.push(at, event, actor, is_filled_in);
        self.lines.last_mut().expect("one was just added").tie = Causation::Answer;
    }
}
