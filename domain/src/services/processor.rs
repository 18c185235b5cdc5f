//! `OrderProcessor` owns the workflow of each order: its start, its deadlines and its end. It also enforces the
//! capacity and the limit of orders per guest.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::event::{
    Event, NewOrder, OrderFinished, OrderTimedOut, OrdersStopped, ShopUnavailable, WaitExtended, WaitingCompletion,
    WorkflowStarted,
};
use crate::ids::{GuestId, OrderId};
use crate::limits::{Limits, Waits};
use crate::order::{Channel, Step, TimeoutCause};
use crate::refusal::{Refusal, Unavailable};
use crate::time::{CLOCK_TOLERANCE_SECONDS, Day, Instant, Now, is_near};

mod guest_counts;

use self::guest_counts::GuestCounts;

/// Minimum time to claim an order again after a release, in seconds.
const MIN_SECONDS_AFTER_RELEASE: u32 = 60;

/// Runs the workflows of orders and their deadlines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderProcessor {
    /// Whether the shop is open; copied from events of `ConfigService`, as are the next four fields.
    open: bool,
    #[serde(default)]
    last_orders: bool,
    #[serde(default)]
    paused: bool,
    /// First and last day on which the shop takes orders.
    #[serde(default)]
    days: (Option<Day>, Option<Day>),
    #[serde(default)]
    limits: Limits,
    /// Starts without a workflow yet, with the guest if the order counts towards the guest's limit.
    #[serde(default)]
    announced: BTreeMap<OrderId, Option<GuestId>>,
    running: BTreeMap<OrderId, Workflow>,
    /// Deadlines of the running orders, the earliest first.
    waits: BTreeSet<(Instant, OrderId)>,
    #[serde(default)]
    guests: GuestCounts,
}

/// The workflow of one running order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Workflow {
    /// The guest; `None` if the order counts towards no guest's limit, as for robots and walk-ins.
    guest: Option<GuestId>,
    step: Step,
    /// Time limits in force at the start of the order.
    waits: Waits,
    /// Deadline of the current wait.
    due: Instant,
    /// Deadline for the bar to claim the order; it still applies after a release.
    claim_due: Instant,
    /// Whether the time to choose has been extended.
    extended: bool,
    /// The shop day that the order counts for; `None` until it has a number.
    counted: Option<Day>,
    /// Whether `OrdersStopped` ended the order; its deadline is then fixed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    stopped: bool,
}

/// The outcome of a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WaitEnd {
    /// The deadline of this step passed.
    DeadlineAt(Step),
    /// All orders were stopped.
    Stopped,
}

impl OrderProcessor {
    /// Extends the guest's time to choose.
    pub(crate) fn extend(&self, actor: Actor, order: OrderId) -> Result<Vec<Event>, Refusal> {
        let workflow = self.running.get(&order).ok_or(Refusal::UnknownOrder)?;
        if workflow.guest != actor.guest() {
            return Err(Refusal::NotOwner);
        }
        if workflow.step != Step::Choosing {
            return Err(Refusal::IllegalStep { step: workflow.step });
        }
        if workflow.extended {
            return Err(Refusal::AlreadyExtended);
        }
        let due = workflow.due.plus_seconds(workflow.waits.extend_seconds);
        Ok(vec![WaitExtended { order, due }.into()])
    }

    /// Checks that the order's guest may take back a cancellation, which returned its place and its drink of the day: both
    /// may be taken by now. Staff may always, as they decide about walk-ins.
    pub(crate) fn ensure_recall(&self, actor: Actor, order: OrderId, now: Now) -> Result<(), Refusal> {
        let Some(workflow) = self.running.get(&order).filter(|workflow| workflow.step == Step::Cancelled) else {
            return Ok(());
        };
        if actor.is_staff() {
            Ok(())
        } else if self.has_reached_limit(workflow.guest, now.day) {
            Err(Refusal::Unavailable(Unavailable::Limit))
        } else if self.is_full() {
            Err(Refusal::Unavailable(Unavailable::Full))
        } else {
            Ok(())
        }
    }

    /// Stops all running orders. No event if there are none.
    pub(crate) fn stop(&self) -> Vec<Event> {
        if self.running.is_empty() { Vec::new() } else { vec![OrdersStopped {}.into()] }
    }

    /// The outcome of the order's current wait.
    ///
    /// # Errors
    /// The deadline has not passed, or the order is not running.
    pub(crate) fn wait_end(&self, order: OrderId, now: Now) -> Result<WaitEnd, Refusal> {
        let workflow = self.running.get(&order).ok_or(Refusal::UnknownOrder)?;
        if now.at < workflow.due {
            Err(Refusal::NotDue { until: workflow.due })
        } else if workflow.stopped && workflow.step != Step::Cancelled {
            Ok(WaitEnd::Stopped)
        } else {
            Ok(WaitEnd::DeadlineAt(workflow.step))
        }
    }

    /// The events of a missed deadline at `step`. `OrderManager` decides those of an uncollected order.
    pub(crate) fn end_wait(order: OrderId, step: Step) -> Vec<Event> {
        match step {
            Step::Choosing => vec![OrderTimedOut { order, cause: TimeoutCause::Customer }.into()],
            Step::Cancelled => finished(order, Step::Cancelled),
            _ => vec![OrderTimedOut { order, cause: TimeoutCause::Barista }.into()],
        }
    }

    /// Deadline of a running order's current wait.
    pub(crate) fn due(&self, order: OrderId) -> Option<Instant> {
        self.running.get(&order).map(|workflow| workflow.due)
    }

    /// The earliest deadline and its order.
    pub(crate) fn next_due(&self) -> Option<(Instant, OrderId)> {
        self.waits.first().copied()
    }

    /// Latest time at which the first unit of capacity in use becomes free; `None` while none is in use.
    pub(crate) fn capacity_free_by(&self) -> Option<Instant> {
        let uses_capacity = |order| self.running.get(order).is_some_and(|workflow| workflow.step.uses_capacity());
        self.waits.iter().find(|(_, order)| uses_capacity(order)).map(|(due, _)| *due)
    }

    pub(crate) fn react(&self, event: &Event, now: Now) -> Vec<Event> {
        match event {
            // A duplicate `NewOrder` for a running order is ignored.
            Event::NewOrder(event) if self.running.contains_key(&event.order) => Vec::new(),
            Event::NewOrder(event) => {
                let due = Some(now.at.plus_seconds(self.limits.waits.choose_seconds));
                let started = || WorkflowStarted { order: event.order, due }.into();
                let unavailable = |reason| ShopUnavailable { order: event.order, reason }.into();
                vec![self.unavailable(event, now).map_or_else(started, unavailable)]
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
            // An order cancelled before its submission cannot be undone, so it finishes at once.
            Event::OrderCancelled(event) => match self.running.get(&event.order) {
                Some(workflow) if workflow.is_undoable() => Vec::new(),
                _ => finished(event.order, Step::Cancelled),
            },
            _ => Vec::new(),
        }
    }

    /// The reason to reject the start that an event announces; `None` for other events, and if the shop can accept it.
    pub(crate) fn refusal(&self, event: &Event, now: Now) -> Option<Unavailable> {
        let Event::NewOrder(event) = event else { return None };
        self.unavailable(event, now)
    }

    /// The reason to reject a start; `None` if the shop can accept it.
    fn unavailable(&self, event: &NewOrder, now: Now) -> Option<Unavailable> {
        let (guest, (first, last)) = (event.counted_guest(), self.days);
        // Staff decide about walk-ins themselves.
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
        } else if self.has_reached_limit(guest, now.day) {
            Some(Unavailable::Limit)
        } else if self.is_full() {
            Some(Unavailable::Full)
        } else {
            None
        }
    }

    fn is_full(&self) -> bool {
        let in_use = self.running.values().filter(|running| running.step.uses_capacity()).count();
        in_use as u64 >= u64::from(self.limits.room)
    }

    /// Whether the guest has as many orders as one may have on this day; never without a guest.
    fn has_reached_limit(&self, guest: Option<GuestId>, day: Day) -> bool {
        guest.is_some_and(|guest| self.orders_of(guest, day) >= self.limits.orders_per_guest)
    }

    /// The number of a guest's orders that count towards today's limit. A cancelled one does not, though its cancellation
    /// can be undone.
    fn orders_of(&self, guest: GuestId, day: Day) -> u32 {
        let counted = self.guests.count(guest, day);
        let own = || self.running.values().filter(|running| running.guest == Some(guest));
        let choosing = own().filter(|running| running.step == Step::Choosing).count();
        let is_cancelled = |running: &&Workflow| {
            running.step == Step::Cancelled
                && running.counted.is_some_and(|counted| day <= counted && is_near(counted, day))
        };
        let cancelled = own().filter(is_cancelled).count();
        let count = |orders| u32::try_from(orders).unwrap_or(u32::MAX);
        counted.saturating_sub(count(cancelled)).saturating_add(count(choosing))
    }

    pub(crate) fn evolve(&mut self, event: &Event, at: Instant) {
        self.bound_waits(at);
        match event {
            Event::StoreOpened(_) => (self.open, self.last_orders) = (true, false),
            Event::StoreClosed(_) => (self.open, self.last_orders) = (false, false),
            Event::LastOrdersCalled(_) => self.last_orders = true,
            Event::HoursChanged(event) => self.days = (event.hours.first_day, event.hours.last_day),
            Event::OrdersStopped(_) => self.stop_all(at),
            Event::StorePaused(_) => self.paused = true,
            Event::StoreResumed(_) => self.paused = false,
            Event::LimitsChanged(event) => self.limits = event.limits,
            // A duplicate `NewOrder` for a running order is ignored.
            Event::NewOrder(event) if self.running.contains_key(&event.order) => {}
            Event::NewOrder(event) => {
                self.announced.insert(event.order, event.counted_guest());
            }
            Event::WorkflowStarted(event) => self.start(event, at),
            Event::NumberGiven(event) => {
                self.guests.start_day(event.day);
                if let Some(workflow) = self.running.get_mut(&event.order) {
                    workflow.counted = Some(event.day);
                    self.guests.increment(workflow.guest);
                }
            }
            Event::OrderFinished(event) => {
                self.announced.remove(&event.order);
                if let Some(workflow) = self.running.remove(&event.order) {
                    self.waits.remove(&(workflow.due, event.order));
                    // Only orders that were prepared count towards the guest's limit.
                    let was_drink = matches!(event.outcome, Step::Collected | Step::Expired);
                    if let Some(day) = workflow.counted.filter(|_| !was_drink) {
                        self.guests.decrement(workflow.guest, day);
                    }
                }
            }
            other => {
                if let Some(order) = other.order() {
                    self.advance(order, other, at);
                }
            }
        }
    }

    fn start(&mut self, event: &WorkflowStarted, at: Instant) {
        let waits = self.limits.waits;
        let due = event.due.unwrap_or(at.plus_seconds(waits.choose_seconds));
        let guest = self.announced.remove(&event.order).flatten();
        let step = Step::Choosing;
        let workflow =
            Workflow { guest, step, waits, due, claim_due: due, extended: false, counted: None, stopped: false };
        self.waits.insert((due, event.order));
        self.running.insert(event.order, workflow);
    }

    /// Moves the deadlines that a clock ahead has set: none is later than a whole wait from `at`.
    pub(crate) fn bound_waits(&mut self, at: Instant) {
        // A deadline further ahead than any wait comes from a clock that was ahead.
        let latest = at.plus_seconds(self.limits.waits.longest_seconds()).plus_seconds(CLOCK_TOLERANCE_SECONDS);
        if self.waits.last().is_none_or(|(due, _)| *due <= latest) {
            return;
        }
        for workflow in self.running.values_mut() {
            workflow.due = workflow.due.min(at.plus_seconds(workflow.wait_seconds()));
            workflow.claim_due = workflow.claim_due.min(at.plus_seconds(workflow.waits.make_seconds));
        }
        self.waits = self.running.iter().map(|(order, workflow)| (workflow.due, *order)).collect();
    }

    fn stop_all(&mut self, at: Instant) {
        self.waits = self.running.keys().map(|order| (at, *order)).collect();
        for workflow in self.running.values_mut() {
            (workflow.due, workflow.stopped) = (at, true);
        }
    }

    /// Applies an event to its workflow and keeps the index of deadlines in step.
    fn advance(&mut self, order: OrderId, event: &Event, at: Instant) {
        let Some(workflow) = self.running.get_mut(&order) else { return };
        let before = workflow.due;
        workflow.apply(event, at);
        if workflow.due != before {
            self.waits.remove(&(before, order));
            self.waits.insert((workflow.due, order));
        }
    }
}

impl Workflow {
    /// Whether the cancellation of this order can still be undone.
    fn is_undoable(&self) -> bool {
        self.step == Step::Cancelled && self.waits.undo_seconds > 0 && !self.stopped
    }

    /// Length of the current wait, in seconds.
    fn wait_seconds(&self) -> u32 {
        match self.step {
            _ if self.stopped => 0,
            Step::Choosing => self.waits.choose_seconds.saturating_add(self.waits.extend_seconds),
            Step::Ready => self.waits.ready_seconds,
            Step::Cancelled => self.waits.undo_seconds,
            _ => self.waits.make_seconds,
        }
    }

    fn apply(&mut self, event: &Event, at: Instant) {
        if let Some((step, _)) = event.step() {
            // An order cancelled before its submission finishes at once and keeps its step.
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
            // These events do not move the deadline. `WaitingCompletion` sets the one of a submitted order.
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

fn finished(order: OrderId, outcome: Step) -> Vec<Event> {
    vec![OrderFinished { order, outcome }.into()]
}
