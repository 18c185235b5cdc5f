//! `OrderProcessor` owns the workflow of each order: what follows what, what it waits for and until when, and when it
//! is over.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::command::Channel;
use crate::event::{
    Event, NewOrder, OrderFinished, OrderTimedOut, OrdersStopped, ShopUnavailable, WaitExtended, WaitingCompletion,
    WorkflowStarted,
};
use crate::ids::{GuestId, OrderId};
use crate::limits::{Limits, Waits};
use crate::order::{Cause, Step};
use crate::refusal::{Refusal, Unavailable};
use crate::time::{Day, Instant, Now};

/// What a barista put back is left to the others for at least so long, in seconds.
const MIN_SECONDS_AFTER_RELEASE: u32 = 60;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderProcessor {
    /// What it last heard of the doors, of the days and of the limits.
    open: bool,
    #[serde(default)]
    last_orders: bool,
    #[serde(default)]
    paused: bool,
    #[serde(default)]
    days: (Option<Day>, Option<Day>),
    #[serde(default)]
    limits: Limits,
    /// Announced, and not yet begun; with its guest, if it is one whose orders are counted.
    #[serde(default)]
    announced: BTreeMap<OrderId, Option<GuestId>>,
    running: BTreeMap<OrderId, Workflow>,
    /// The waits of all that run, the next to end first.
    waits: BTreeSet<(Instant, OrderId)>,
    #[serde(default)]
    guests: Guests,
}

/// One order on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Workflow {
    /// Whose it is; the orders of robots count for nobody.
    guest: Option<GuestId>,
    step: Step,
    /// Those in force at its start.
    waits: Waits,
    due: Instant,
    /// Until when the bar was to claim it, as long as nobody had it.
    claim_due: Instant,
    extended: bool,
    /// The day whose drink it is.
    counted: Option<Day>,
    /// To be ended now, whatever it waits for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    stopped: bool,
}

/// How the wait of an order ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    At(Step),
    /// With all the others.
    Stopped,
}

/// Orders of the day by guest, those in the queue and those that became a drink.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Guests {
    day: Option<Day>,
    orders: BTreeMap<GuestId, u32>,
}

impl OrderProcessor {
    /// More time to choose.
    pub(crate) fn extend(&self, who: Actor, order: OrderId) -> Result<Vec<Event>, Refusal> {
        let workflow = self.running.get(&order).ok_or(Refusal::OrderIsUnknown)?;
        if workflow.guest != who.guest() {
            return Err(Refusal::OrderIsAnothers);
        }
        if workflow.step != Step::Choosing {
            return Err(Refusal::StepIsIllegal { step: workflow.step });
        }
        if workflow.extended {
            return Err(Refusal::ExtendedAlready);
        }
        let due = workflow.due.plus_seconds(workflow.waits.extend_seconds);
        Ok(vec![WaitExtended { order, due }.into()])
    }

    /// All that run are to end. Where none does, nothing happens.
    pub(crate) fn stop(&self) -> Vec<Event> {
        if self.running.is_empty() { Vec::new() } else { vec![OrdersStopped {}.into()] }
    }

    /// How the wait of an order ended.
    ///
    /// # Errors
    /// It has not ended, or the order is over.
    pub(crate) fn ended(&self, order: OrderId, now: Now) -> Result<Ended, Refusal> {
        let workflow = self.running.get(&order).ok_or(Refusal::OrderIsUnknown)?;
        if now.at < workflow.due {
            Err(Refusal::WaitGoesOn { until: workflow.due })
        } else if workflow.stopped && workflow.step != Step::Cancelled {
            Ok(Ended::Stopped)
        } else {
            Ok(Ended::At(workflow.step))
        }
    }

    /// What comes of a wait that ended at `step`; a drink that nobody collected is `OrderManager`'s to tell.
    pub(crate) fn end_wait(order: OrderId, step: Step) -> Vec<Event> {
        match step {
            Step::Choosing => vec![OrderTimedOut { order, cause: Cause::Customer }.into()],
            Step::Cancelled => finished(order, Step::Cancelled),
            _ => vec![OrderTimedOut { order, cause: Cause::Barista }.into()],
        }
    }

    /// The order whose wait ends next, and when.
    pub(crate) fn next_due(&self) -> Option<(Instant, OrderId)> {
        self.waits.first().copied()
    }

    /// When a place of the room comes free at the latest, whatever anybody does; none while none is taken.
    pub(crate) fn place_free_by(&self) -> Option<Instant> {
        let takes_place = |order| self.running.get(order).is_some_and(|workflow| workflow.step.takes_place());
        self.waits.iter().find(|(_, order)| takes_place(order)).map(|(due, _)| *due)
    }

    pub(crate) fn react(&self, event: &Event, now: Now) -> Vec<Event> {
        match event {
            // The same order announced twice starts one workflow.
            Event::NewOrder(event) if self.running.contains_key(&event.order) => Vec::new(),
            Event::NewOrder(event) => {
                let due = Some(now.at.plus_seconds(self.limits.waits.choose_seconds));
                let begun = || WorkflowStarted { order: event.order, due }.into();
                let refused = |reason| ShopUnavailable { order: event.order, reason }.into();
                vec![self.unavailable(event, now).map_or_else(begun, refused)]
            }
            Event::ShopUnavailable(event) => finished(event.order, Step::Unavailable),
            Event::NumberGiven(event) => {
                let waits = self.running.get(&event.order).map_or(self.limits.waits, |workflow| workflow.waits);
                let due = Some(now.at.plus_seconds(waits.make_seconds));
                vec![WaitingCompletion { order: event.order, number: event.number, due }.into()]
            }
            Event::OrderTimedOut(event) => finished(event.order, Step::TimedOut),
            Event::OrderExpired(event) => finished(event.order, Step::Expired),
            Event::OrderCollected(event) => finished(event.order, Step::Collected),
            // Without a number there is nothing that somebody would want back.
            Event::OrderCancelled(event) => match self.running.get(&event.order) {
                Some(workflow) if workflow.may_be_undone() => Vec::new(),
                _ => finished(event.order, Step::Cancelled),
            },
            _ => Vec::new(),
        }
    }

    fn unavailable(&self, event: &NewOrder, now: Now) -> Option<Unavailable> {
        let (guest, (first, last)) = (event.counted(), self.days);
        // Who stands at the bar is not sent away by a machine.
        if event.channel() == Channel::WalkIn {
            None
        } else if first.is_some_and(|first| now.day < first) {
            Some(Unavailable::NotStarted)
        } else if last.is_some_and(|last| now.day > last) {
            Some(Unavailable::Ended)
        } else if !self.open || self.last_orders {
            Some(Unavailable::Closed)
        } else if self.paused {
            Some(Unavailable::Paused)
        } else if guest.is_some_and(|guest| self.orders_of(guest, now.day) >= self.limits.orders_per_guest) {
            Some(Unavailable::Limit)
        } else if self.running.values().filter(|running| running.step.takes_place()).count() as u64
            >= u64::from(self.limits.room)
        {
            Some(Unavailable::Full)
        } else {
            None
        }
    }

    /// A guest's orders that count today.
    fn orders_of(&self, guest: GuestId, day: Day) -> u32 {
        let counted = self.guests.orders.get(&guest).filter(|_| self.guests.day >= Some(day)).copied().unwrap_or(0);
        let is_choosing = |running: &&Workflow| running.guest == Some(guest) && running.step == Step::Choosing;
        let choosing = self.running.values().filter(is_choosing).count();
        counted.saturating_add(u32::try_from(choosing).unwrap_or(u32::MAX))
    }

    pub(crate) fn evolve(&mut self, event: &Event, at: Instant) {
        match event {
            Event::StoreOpened(_) => (self.open, self.last_orders) = (true, false),
            Event::StoreClosed(_) => (self.open, self.last_orders) = (false, false),
            Event::LastOrdersCalled(_) => self.last_orders = true,
            Event::HoursChanged(event) => self.days = (event.hours.first_day, event.hours.last_day),
            Event::OrdersStopped(_) => self.stop_all(at),
            Event::StorePaused(_) => self.paused = true,
            Event::StoreResumed(_) => self.paused = false,
            Event::LimitsChanged(event) => self.limits = event.limits,
            // Announced again, a running order is no other one.
            Event::NewOrder(event) if self.running.contains_key(&event.order) => {}
            Event::NewOrder(event) => {
                self.announced.insert(event.order, event.counted());
            }
            Event::WorkflowStarted(event) => self.begin(event, at),
            Event::NumberGiven(event) => {
                self.guests.turn(event.day);
                if let Some(workflow) = self.running.get_mut(&event.order) {
                    workflow.counted = Some(event.day);
                    self.guests.count(workflow.guest);
                }
            }
            Event::OrderFinished(event) => {
                self.announced.remove(&event.order);
                if let Some(workflow) = self.running.remove(&event.order) {
                    self.waits.remove(&(workflow.due, event.order));
                    // What came to nothing does not count against its guest.
                    let was_drink = matches!(event.outcome, Step::Collected | Step::Expired);
                    if !was_drink && workflow.counted.is_some() && workflow.counted == self.guests.day {
                        self.guests.uncount(workflow.guest);
                    }
                }
            }
            other => {
                if let Some(order) = other.order() {
                    self.follow(order, other, at);
                }
            }
        }
    }

    fn begin(&mut self, event: &WorkflowStarted, at: Instant) {
        let waits = self.limits.waits;
        let due = event.due.unwrap_or(at.plus_seconds(waits.choose_seconds));
        let guest = self.announced.remove(&event.order).flatten();
        let step = Step::Choosing;
        let workflow =
            Workflow { guest, step, waits, due, claim_due: due, extended: false, counted: None, stopped: false };
        self.waits.insert((due, event.order));
        self.running.insert(event.order, workflow);
    }

    fn stop_all(&mut self, at: Instant) {
        self.waits = self.running.keys().map(|order| (at, *order)).collect();
        for workflow in self.running.values_mut() {
            (workflow.due, workflow.stopped) = (at, true);
        }
    }

    fn follow(&mut self, order: OrderId, event: &Event, at: Instant) {
        let Some(workflow) = self.running.get_mut(&order) else { return };
        let before = workflow.due;
        workflow.follow(event, at);
        if workflow.due != before {
            self.waits.remove(&(before, order));
            self.waits.insert((workflow.due, order));
        }
    }
}

impl Workflow {
    /// Whoever cancelled may think again.
    fn may_be_undone(&self) -> bool {
        self.step == Step::Cancelled && self.waits.undo_seconds > 0 && !self.stopped
    }

    fn follow(&mut self, event: &Event, at: Instant) {
        if let Some((step, _)) = event.step() {
            // One that was never submitted is over with its cancellation.
            if step == Step::Cancelled && self.step == Step::Choosing {
                return;
            }
            self.step = step;
        }
        if self.stopped {
            return;
        }
        match event {
            Event::WaitExtended(event) => {
                self.due = event.due;
                self.extended = true;
                return;
            }
            Event::WaitingCompletion(event) => {
                self.due = event.due.unwrap_or(at.plus_seconds(self.waits.make_seconds));
                self.claim_due = self.due;
                return;
            }
            // Its wait comes with its number, and goes on whatever is made, and while nobody comes.
            Event::OrderSubmitted(_) | Event::OrderEdited(_) | Event::GuestReminded(_) | Event::OrderSetAside(_) => {
                return;
            }
            _ if event.step().is_none() => return,
            _ => {}
        }
        self.due = match self.step {
            Step::Waiting => self.claim_due.max(at.plus_seconds(MIN_SECONDS_AFTER_RELEASE)),
            Step::Making => at.plus_seconds(self.waits.make_seconds),
            Step::Ready => at.plus_seconds(self.waits.ready_seconds),
            Step::Cancelled => at.plus_seconds(self.waits.undo_seconds),
            _ => return,
        };
    }
}

impl Guests {
    fn turn(&mut self, day: Day) {
        if self.day != Some(day) {
            self.orders.clear();
            self.day = Some(day);
        }
    }

    fn count(&mut self, guest: Option<GuestId>) {
        if let Some(guest) = guest {
            *self.orders.entry(guest).or_default() += 1;
        }
    }

    fn uncount(&mut self, guest: Option<GuestId>) {
        if let Some(count) = guest.and_then(|guest| self.orders.get_mut(&guest)) {
            *count = count.saturating_sub(1);
        }
    }
}

fn finished(order: OrderId, outcome: Step) -> Vec<Event> {
    vec![OrderFinished { order, outcome }.into()]
}
