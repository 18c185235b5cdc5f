//! `OrderManager` owns the orders: the choice, the barista, and the transitions between steps.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::command::Action;
use crate::event::{
    Event, GuestReminded, OrderCancelled, OrderClaimed, OrderCollected, OrderCompleted, OrderEdited, OrderExpired,
    OrderPostponed, OrderRecalled, OrderReleased, OrderSetAside, OrderSubmitted,
};
use crate::ids::{GuestId, OrderId, StaffId};
use crate::menu::{Choice, Menu};
use crate::order::{CancelReason, CancelledBy, Channel, Step};
use crate::refusal::Refusal;

/// Decides the transitions of open orders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderManager {
    /// Whether the shop is open; copied from events of `ConfigService`.
    open: bool,
    /// Current menu; copied from events of `ConfigService`.
    menu: Menu,
    orders: BTreeMap<OrderId, Order>,
}

/// An open order: started and not finished.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The guest who ordered. For robots and walk-ins an id derived from the token or the order.
    pub guest: GuestId,
    /// The channel through which the order came.
    pub channel: Channel,
    /// Current step.
    pub step: Step,
    /// The barista or robot who claimed it; kept after completion.
    pub barista: Option<StaffId>,
    /// Number of transitions so far; 0 until the order is submitted.
    pub version: u32,
    /// Canceller and previous step of a cancelled order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<(CancelledBy, Step)>,
    /// Whether the order is ready and set aside as uncollected.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub aside: bool,
}

impl OrderManager {
    /// The open order of that id.
    pub fn order(&self, id: OrderId) -> Option<&Order> {
        self.orders.get(&id)
    }

    /// The order for which the guest is still choosing.
    pub(crate) fn choosing(&self, guest: GuestId) -> Option<OrderId> {
        let is_match = |order: &Order| order.guest == guest && order.step == Step::Choosing;
        self.orders.iter().find(|(_, order)| is_match(order)).map(|(id, _)| *id)
    }

    /// Checks a choice against the menu without an order.
    ///
    /// # Errors
    /// The part of the choice that is unknown, sold out, or too many or too few options.
    pub(crate) fn validate_choice(&self, choice: &Choice) -> Result<(), Refusal> {
        Ok(self.menu.complete(choice).map(|_| ())?)
    }

    pub(crate) fn submit(&self, actor: Actor, id: OrderId, choice: &Choice) -> Result<Vec<Event>, Refusal> {
        let order = self.open_order(id)?;
        order.ensure_guest(actor)?;
        order.ensure_step(Step::Choosing, None)?;
        if !self.open && order.channel != Channel::WalkIn {
            return Err(Refusal::ShopClosed);
        }
        let chosen = self.menu.complete(choice)?;
        Ok(vec![OrderSubmitted { order: id, chosen, version: order.version + 1 }.into()])
    }

    /// Replaces the choice of a waiting order.
    pub(crate) fn edit(
        &self,
        actor: Actor,
        id: OrderId,
        choice: &Choice,
        expected_version: Option<u32>,
    ) -> Result<Vec<Event>, Refusal> {
        let order = self.open_order(id)?;
        order.ensure_guest(actor)?;
        order.ensure_step(Step::Waiting, expected_version)?;
        let chosen = self.menu.complete(choice)?;
        Ok(vec![OrderEdited { order: id, chosen, version: order.version + 1 }.into()])
    }

    /// Cancels an open order.
    pub(crate) fn cancel(
        &self,
        actor: Actor,
        id: OrderId,
        reason: Option<CancelReason>,
        expected_version: Option<u32>,
    ) -> Result<Vec<Event>, Refusal> {
        self.open_order(id)?.cancel(id, actor, reason, expected_version).map(|event| vec![event])
    }

    /// Decides an action other than `Cancel` and `Extend`.
    pub(crate) fn act(
        &self,
        actor: Actor,
        id: OrderId,
        action: Action,
        expected_version: Option<u32>,
    ) -> Result<Vec<Event>, Refusal> {
        self.open_order(id)?.act(id, actor, action, expected_version).map(|event| vec![event])
    }

    /// Expires a ready order that was not collected.
    pub(crate) fn expire(&self, id: OrderId) -> Result<Vec<Event>, Refusal> {
        Ok(vec![OrderExpired { order: id, version: self.open_order(id)?.version + 1 }.into()])
    }

    /// Cancels one order after `OrdersStopped`.
    pub(crate) fn stop(&self, id: OrderId) -> Result<Vec<Event>, Refusal> {
        let version = self.open_order(id)?.version + 1;
        Ok(vec![
            OrderCancelled { order: id, by: CancelledBy::Bar, reason: Some(CancelReason::Stopped), version }.into(),
        ])
    }

    fn open_order(&self, id: OrderId) -> Result<&Order, Refusal> {
        self.orders.get(&id).ok_or(Refusal::UnknownOrder)
    }

    pub(crate) fn evolve(&mut self, event: &Event) {
        match event {
            Event::StoreOpened(_) => self.open = true,
            Event::StoreClosed(_) => self.open = false,
            Event::MenuChanged(event) => self.menu = event.menu.clone(),
            Event::AvailabilityChanged(event) => self.menu.out.clone_from(&event.out),
            Event::NewOrder(event) => {
                if let Some(guest) = event.guest {
                    let (channel, step) = (event.channel(), Step::Choosing);
                    let order =
                        Order { guest, channel, step, barista: None, version: 0, cancelled: None, aside: false };
                    self.orders.insert(event.order, order);
                }
            }
            Event::OrderFinished(event) => {
                self.orders.remove(&event.order);
            }
            other => {
                if let Some(order) = other.order().and_then(|id| self.orders.get_mut(&id)) {
                    order.apply(other);
                }
            }
        }
    }
}

impl Order {
    fn apply(&mut self, event: &Event) {
        let Some((step, version)) = event.step() else { return };
        let before = std::mem::replace(&mut self.step, step);
        self.version = version;
        match event {
            Event::OrderCancelled(event) => self.cancelled = Some((event.by, before)),
            Event::OrderRecalled(_) => (self.cancelled, self.aside) = (None, self.aside && step == Step::Ready),
            Event::OrderSetAside(_) => self.aside = true,
            // Who is called again is not out of the way.
            Event::GuestReminded(_) => self.aside = false,
            Event::OrderClaimed(event) => self.barista = event.barista,
            // A waiting order has no barista.
            _ if step == Step::Waiting => self.barista = None,
            _ => {}
        }
    }

    /// Decides an action other than `Cancel` and `Extend`.
    fn act(&self, id: OrderId, actor: Actor, action: Action, expected_version: Option<u32>) -> Result<Event, Refusal> {
        let version = self.version + 1;
        match action {
            Action::Claim => self.claim(id, actor, expected_version),
            // A manager may release an order whose barista's device is gone.
            Action::Release if actor.is_manager() => {
                self.ensure_step(Step::Making, expected_version)?;
                Ok(OrderReleased { order: id, version }.into())
            }
            Action::Release => {
                self.ensure_claimed_by(actor, Step::Making, expected_version)?;
                Ok(OrderReleased { order: id, version }.into())
            }
            Action::Complete => {
                self.ensure_claimed_by(actor, Step::Making, expected_version)?;
                Ok(OrderCompleted { order: id, version }.into())
            }
            Action::Collect => {
                self.ensure_maker(actor)?;
                self.ensure_step(Step::Ready, expected_version)?;
                Ok(OrderCollected { order: id, version }.into())
            }
            Action::Postpone => {
                self.ensure_guest(actor)?;
                self.ensure_step(Step::Waiting, expected_version)?;
                Ok(OrderPostponed { order: id, version }.into())
            }
            Action::Recall => self.recall(id, actor, expected_version),
            Action::Remind => {
                self.ensure_maker(actor)?;
                self.ensure_step(Step::Ready, expected_version)?;
                Ok(GuestReminded { order: id, version }.into())
            }
            Action::SetAside => {
                self.ensure_maker(actor)?;
                self.ensure_step(Step::Ready, expected_version)?;
                if self.aside {
                    return Err(Refusal::IllegalStep { step: self.step });
                }
                Ok(OrderSetAside { order: id, version }.into())
            }
            Action::Cancel | Action::Extend => unreachable!("`Shop::decide` handles these actions"),
        }
    }

    /// Checks the current step and then the version that the client saw.
    fn ensure_step(&self, required: Step, expected_version: Option<u32>) -> Result<(), Refusal> {
        if self.step != required {
            return Err(Refusal::IllegalStep { step: self.step });
        }
        self.ensure_version(expected_version)
    }

    fn ensure_version(&self, expected_version: Option<u32>) -> Result<(), Refusal> {
        match expected_version {
            Some(expected) if expected != self.version => Err(Refusal::VersionConflict { version: self.version }),
            _ => Ok(()),
        }
    }

    /// Checks that the actor is the order's guest. Staff act for the guest of a walk-in.
    fn ensure_guest(&self, actor: Actor) -> Result<(), Refusal> {
        let is_guest = actor.guest() == Some(self.guest) || self.channel == Channel::WalkIn && actor.is_staff();
        if is_guest { Ok(()) } else { Err(Refusal::NotOwner) }
    }

    /// Checks that the actor may prepare this order, and returns its id. Robots may prepare robot orders only.
    fn ensure_maker(&self, actor: Actor) -> Result<StaffId, Refusal> {
        let maker = actor.preparer_id().ok_or(Refusal::RoleNotAllowed)?;
        if actor.is_robot() && self.channel != Channel::Robot { Err(Refusal::NotOwner) } else { Ok(maker) }
    }

    /// Checks that the actor has claimed the order, then step and version.
    fn ensure_claimed_by(&self, actor: Actor, required: Step, expected_version: Option<u32>) -> Result<(), Refusal> {
        let maker = self.ensure_maker(actor)?;
        if self.step == required && self.barista != Some(maker) {
            return Err(Refusal::NotOwner);
        }
        self.ensure_step(required, expected_version)
    }

    fn claim(&self, id: OrderId, actor: Actor, expected_version: Option<u32>) -> Result<Event, Refusal> {
        let maker = self.ensure_maker(actor)?;
        self.ensure_step(Step::Waiting, expected_version)?;
        Ok(OrderClaimed { order: id, barista: Some(maker), version: self.version + 1 }.into())
    }

    /// Undoes a cancellation (its author or staff), or returns a ready order to preparation (the bar).
    fn recall(&self, id: OrderId, actor: Actor, expected_version: Option<u32>) -> Result<Event, Refusal> {
        let to = match self.cancelled {
            Some((_, before)) if actor.is_staff() => before,
            Some((CancelledBy::Guest, before)) => self.ensure_guest(actor).map(|()| before)?,
            Some((CancelledBy::Bar, _)) => return self.ensure_guest(actor).and(Err(Refusal::RoleNotAllowed)),
            // Guests cannot return a ready order to preparation.
            None if matches!(actor, Actor::Guest(_)) => {
                return self.ensure_guest(actor).and(Err(Refusal::IllegalStep { step: self.step }));
            }
            None => {
                self.ensure_maker(actor)?;
                self.ensure_step(Step::Ready, expected_version)?;
                Step::Making
            }
        };
        self.ensure_version(expected_version)?;
        Ok(OrderRecalled { order: id, from: self.step, to, version: self.version + 1 }.into())
    }

    /// Cancels the order. Guests may until it is claimed, staff until it has ended.
    fn cancel(
        &self,
        id: OrderId,
        actor: Actor,
        reason: Option<CancelReason>,
        expected_version: Option<u32>,
    ) -> Result<Event, Refusal> {
        let by = if actor.is_staff() { CancelledBy::Bar } else { CancelledBy::Guest };
        if by == CancelledBy::Guest {
            self.ensure_guest(actor)?;
        }
        let may_cancel = match by {
            CancelledBy::Guest => matches!(self.step, Step::Choosing | Step::Waiting),
            CancelledBy::Bar => !self.step.is_end(),
        };
        if !may_cancel {
            return Err(Refusal::IllegalStep { step: self.step });
        }
        self.ensure_version(expected_version)?;
        // The guest reads the reason of the bar. A guest gives none.
        let reason = match by {
            CancelledBy::Guest => None,
            CancelledBy::Bar => {
                let given = reason.filter(|reason| CancelReason::SELECTABLE.contains(reason));
                Some(given.ok_or(Refusal::ReasonMissing)?)
            }
        };
        Ok(OrderCancelled { order: id, by, reason, version: self.version + 1 }.into())
    }
}
