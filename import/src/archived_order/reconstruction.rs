//! Replays the archived events of one order and drafts the events of its log. Steps, versions and deadlines are those of
//! the domain, which folds every draft.

use std::mem::{Discriminant, discriminant};

use domain::access::{Actor, Role};
use domain::event::{
    Event, NewOrder, NumberGiven, OrderCancelled, OrderClaimed, OrderCollected, OrderCompleted, OrderFinished,
    OrderReleased, OrderSubmitted, OrderTimedOut, ShopUnavailable, StoreOpened,
};
use domain::ids::GuestId;
use domain::limits::Limits;
use domain::menu::Chosen;
use domain::order::{CancelledBy, Channel, Step, TimeoutCause};
use domain::shop::Shop;
use domain::time::{Instant, Now};

use super::{ArchivedOrder, Causation, DraftEvent, ImportContext, Reconstructed};
use crate::menu;
use crate::original::{ArchivedEvent, Payload};
use crate::skip_reason::SkipReason;

pub(super) struct OrderReconstruction<'a, 'm> {
    archived_order: &'a ArchivedOrder<'a>,
    context: &'a mut ImportContext<'m>,
    drafts: Vec<DraftEvent>,
    orderer: Actor,
    channel: Channel,
    /// Time of the last draft; later drafts are never earlier.
    now: Instant,
    moved: u64,
    /// An open shop with this order alone: the fold of all drafts.
    shop: Shop,
    chosen: Option<Chosen>,
    /// 0 until one is given.
    number: u32,
    /// How the order ended.
    outcome: Option<Step>,
    /// Time of the archived `orderFinished`.
    finished: Option<Instant>,
    seen: Vec<Discriminant<Payload>>,
}

impl<'a, 'm> OrderReconstruction<'a, 'm> {
    /// Starts a reconstruction with `NewOrder` at the time of the order's first event.
    pub(super) fn new(archived_order: &'a ArchivedOrder<'a>, context: &'a mut ImportContext<'m>) -> Self {
        let now = archived_order.events.iter().map(|(_, archived)| archived.at).min().unwrap_or(Instant(0));
        let user = archived_order.events.iter().find_map(|(_, archived)| archived.user.as_deref());
        let is_robot = archived_order.events.iter().any(|(_, archived)| archived.is_robot);
        // Without a user id, the guest's id is derived from the order id.
        let orderer = context.ids.orderer(user.unwrap_or(archived_order.name), is_robot);
        let mut shop = Shop::default();
        shop.evolve(&StoreOpened { held: true }.into(), now);
        let mut reconstruction = Self {
            archived_order,
            context,
            drafts: Vec::new(),
            orderer,
            channel: if is_robot { Channel::Robot } else { Channel::Web },
            now,
            moved: 0,
            shop,
            chosen: archived_order.drink().map(|drink| menu::to_chosen(&drink)),
            number: 0,
            outcome: None,
            finished: None,
            seen: Vec::new(),
        };
        let new_order = archived_order.find(|payload| {
            if let Payload::NewOrder { window, left } = payload { Some((*window, *left)) } else { None }
        });
        let (window, left) = new_order.unwrap_or_default();
        // A robot's order has no window. A guest's order has one even if the archive does not name it.
        let window = (!is_robot).then(|| window.unwrap_or(Limits::default().window_of(now)));
        let guest = orderer.guest().or(Some(GuestId(archived_order.order.0)));
        let event =
            NewOrder { order: archived_order.order, guest, window, left: left.filter(|_| !is_robot), channel: None };
        reconstruction.push(now, event, orderer, new_order.is_none());
        reconstruction
    }

    pub(super) fn into_reconstructed(self) -> Reconstructed {
        let outcome = self.step();
        let Self { drafts, orderer, number, moved, .. } = self;
        Reconstructed { drafts, orderer, number, outcome, is_by_clock: false, moved, verdicts: Vec::new() }
    }

    /// Applies one archived event.
    ///
    /// # Errors
    /// The reason to skip the event, such as a step that is illegal in the current state.
    pub(super) fn apply(&mut self, archived: &ArchivedEvent) -> Result<(), SkipReason> {
        self.apply_payload(archived)?;
        let has_own_event = !matches!(archived.payload, Payload::Finished);
        self.moved += u64::from(has_own_event && archived.at != self.now);
        Ok(())
    }

    fn apply_payload(&mut self, archived: &ArchivedEvent) -> Result<(), SkipReason> {
        let payload = &archived.payload;
        let is_repeated = self.seen.contains(&discriminant(payload));
        self.seen.push(discriminant(payload));
        match payload {
            Payload::OrderRequested { .. } | Payload::FulfilmentRequested { .. } => return Err(SkipReason::Request),
            Payload::NewOrder { .. }
            | Payload::WorkflowStarted
            | Payload::Numbered { .. }
            | Payload::Submitted { .. }
            | Payload::Finished
                if is_repeated =>
            {
                return Err(SkipReason::Repeated);
            }
            // Drafted by `new`.
            Payload::NewOrder { .. } => {}
            Payload::WorkflowStarted => self.start(archived.at),
            Payload::Finished => self.finished = Some(archived.at),
            // An order whose `orderFinished` came before its completion ends with the completion.
            _ if self.step().is_end() || self.finished.is_some() && self.step() == Step::Ready => {
                return Err(SkipReason::IllegalStep);
            }
            Payload::Numbered { .. } | Payload::Submitted { .. } => self.submit(archived.at),
            Payload::Claimed { barista } => {
                let barista = Actor::Credential(self.context.ids.staff(barista), Role::Barista);
                self.submit(archived.at);
                self.expect_step(Step::Waiting)?;
                self.claim(archived.at, Some(barista));
            }
            Payload::Released => {
                self.expect_step(Step::Making)?;
                self.release(archived.at);
            }
            Payload::Completed => self.complete(archived.at, false)?,
            Payload::Cancelled { by_guest } => self.cancel(archived.at, *by_guest, false),
            Payload::TimedOut(_) if self.step() == Step::Ready => return Err(SkipReason::IllegalStep),
            Payload::TimedOut(cause) => self.time_out(archived.at, *cause, false),
            Payload::Unavailable if self.is_started() => return Err(SkipReason::IllegalStep),
            Payload::Unavailable => {
                let event = ShopUnavailable { order: self.archived_order.order, reason: self.archived_order.reason };
                self.push_caused(archived.at, event, false);
                self.outcome = Some(Step::Unavailable);
            }
            Payload::ConfigChanged(_) => return Err(SkipReason::IllegalStep),
        }
        Ok(())
    }

    /// Drafts the remaining events up to `OrderFinished`. Returns true if the order timed out for lack of an outcome.
    pub(super) fn finish(&mut self) -> bool {
        let at = self.finished.unwrap_or(self.now).max(self.now);
        self.moved += u64::from(self.finished.is_some_and(|finished| finished < self.now));
        let mut is_by_clock = false;
        if !self.step().is_end() && self.step() != Step::Ready {
            match self.archived_order.requested_outcome() {
                Some((true, _)) if self.finished.is_some() => self.cancel(at, false, true),
                // Legal: the order is neither ready nor over.
                Some((false, _)) if self.finished.is_some() => drop(self.complete(at, true)),
                _ => {
                    is_by_clock = true;
                    self.start(self.now);
                    let is_choosing = self.step() == Step::Choosing;
                    let cause = if is_choosing { TimeoutCause::Customer } else { TimeoutCause::Barista };
                    let due = self.shop.due(self.archived_order.order).unwrap_or(self.now);
                    self.time_out(due.max(self.now), cause, true);
                }
            }
        }
        let (order, is_filled_in) = (self.archived_order.order, self.finished.is_none());
        if self.step() == Step::Ready {
            let (actor, version) = (self.bar_actor(), self.next_version());
            self.push(at, OrderCollected { order, version }, actor, true);
        }
        let outcome = self.step();
        self.outcome = Some(outcome);
        let finished = OrderFinished { order, outcome };
        // A timeout or an unavailable shop finishes the order immediately; a cancellation may finish it later.
        if outcome == Step::Cancelled && at > self.now {
            self.push(at, finished, Actor::System, is_filled_in);
        } else {
            self.push_caused(self.now, finished, is_filled_in);
        }
        is_by_clock
    }

    fn start(&mut self, at: Instant) {
        if self.is_started() {
            return;
        }
        let is_filled_in = !self.archived_order.has(|payload| matches!(payload, Payload::WorkflowStarted));
        self.push_reaction(at, |event| matches!(event, Event::WorkflowStarted(_)), is_filled_in);
    }

    fn is_started(&self) -> bool {
        self.shop.due(self.archived_order.order).is_some()
    }

    fn step(&self) -> Step {
        let of_shop = || self.shop.order(self.archived_order.order).map_or(Step::Choosing, |order| order.step);
        self.outcome.unwrap_or_else(of_shop)
    }

    fn next_version(&self) -> u32 {
        self.shop.order(self.archived_order.order).map_or(0, |order| order.version) + 1
    }

    fn submit(&mut self, at: Instant) {
        self.start(self.now);
        // `skip_reason` rejects an order that was submitted and has no known drink.
        let Some(chosen) = self.chosen.take() else { return };
        let order = self.archived_order.order;
        let number = self.archived_order.number();
        self.number = number.unwrap_or(self.context.spare_number);
        self.context.spare_number += u32::from(number.is_none());
        let version = self.next_version();
        let is_filled_in = !self.archived_order.has(|payload| matches!(payload, Payload::Submitted { .. }));
        self.push(at, OrderSubmitted { order, chosen, version }, self.orderer, is_filled_in);
        let day = (self.context.day_of)(self.now);
        self.push_caused(at, NumberGiven { order, day, number: self.number }, number.is_none());
        let is_filled_in = !self.archived_order.has(|payload| matches!(payload, Payload::Numbered { .. }));
        self.push_reaction(at, |event| matches!(event, Event::WaitingCompletion(_)), is_filled_in);
    }

    /// Drafts a claim by `barista`, or by the inferred actor.
    fn claim(&mut self, at: Instant, barista: Option<Actor>) {
        let (order, version) = (self.archived_order.order, self.next_version());
        let actor = barista.unwrap_or_else(|| self.bar_actor());
        self.push(at, OrderClaimed { order, barista: actor.preparer_id(), version }, actor, barista.is_none());
    }

    fn release(&mut self, at: Instant) {
        let (order, version) = (self.archived_order.order, self.next_version());
        let actor = self.bar_actor();
        self.push(at, OrderReleased { order, version }, actor, false);
    }

    fn complete(&mut self, at: Instant, is_filled_in: bool) -> Result<(), SkipReason> {
        self.submit(at);
        if self.step() == Step::Waiting {
            self.claim(at, None);
        }
        self.expect_step(Step::Making)?;
        let (order, version) = (self.archived_order.order, self.next_version());
        let actor = self.bar_actor();
        self.push(at, OrderCompleted { order, version }, actor, is_filled_in);
        Ok(())
    }

    fn cancel(&mut self, at: Instant, by_guest: bool, is_filled_in: bool) {
        self.start(self.now);
        let (order, version) = (self.archived_order.order, self.next_version());
        let (by, actor) =
            if by_guest { (CancelledBy::Guest, self.orderer) } else { (CancelledBy::Bar, self.bar_actor()) };
        self.push(at, OrderCancelled { order, by, reason: None, version }, actor, is_filled_in);
    }

    fn time_out(&mut self, at: Instant, cause: TimeoutCause, is_filled_in: bool) {
        match cause {
            TimeoutCause::Customer => self.start(self.now),
            TimeoutCause::Barista => self.submit(self.now),
        }
        self.push(at, OrderTimedOut { order: self.archived_order.order, cause }, Actor::System, is_filled_in);
        self.outcome = Some(Step::TimedOut);
    }

    fn expect_step(&self, step: Step) -> Result<(), SkipReason> {
        if self.step() == step { Ok(()) } else { Err(SkipReason::IllegalStep) }
    }

    /// Returns the actor of the last claim; else the robot that was asked to fulfil the order; else the system.
    fn bar_actor(&self) -> Actor {
        let claimed = self.drafts.iter().rev().find(|draft| matches!(draft.event, Event::OrderClaimed(_)));
        let robot = || {
            self.archived_order
                .requested_outcome()?
                .1
                .map(|robot| Actor::Credential(self.context.ids.staff(&robot), Role::Robot))
        };
        claimed.map(|draft| draft.actor).or_else(robot).unwrap_or(Actor::System)
    }

    /// Drafts an event of a new command at `at`, or at the time of the last draft if that is later.
    fn push(&mut self, at: Instant, event: impl Into<Event>, actor: Actor, is_filled_in: bool) {
        self.now = at.max(self.now);
        let (channel, event) = (Some(self.channel), event.into());
        self.shop.evolve(&event, self.now);
        self.drafts.push(DraftEvent {
            at: self.now,
            event,
            actor,
            channel,
            causation: Causation::NewCommand,
            is_filled_in,
        });
    }

    /// Drafts the domain's reaction to the last event, at `at` or later.
    fn push_reaction(&mut self, at: Instant, is_wanted: impl Fn(&Event) -> bool, is_filled_in: bool) {
        let at = at.max(self.now);
        let now = Now::without_hours(at, (self.context.day_of)(at));
        let reaction = self.drafts.last().and_then(|draft| self.shop.react(&draft.event, now).find(is_wanted));
        if let Some(event) = reaction {
            self.push_caused(at, event, is_filled_in);
        }
    }

    /// Drafts an event that the last one caused, within the same command.
    fn push_caused(&mut self, at: Instant, event: impl Into<Event>, is_filled_in: bool) {
        let actor = self.drafts.last().map_or(self.orderer, |draft| draft.actor);
        self.push(at, event, actor, is_filled_in);
        self.drafts.last_mut().expect("push adds a draft").causation = Causation::PreviousEvent;
    }
}
