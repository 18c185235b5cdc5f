//! `OrderManager` owns the order itself: what was chosen, who makes it, and which step may follow.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::command::{Action, Channel};
use crate::event::{
    Event, GuestReminded, OrderCancelled, OrderClaimed, OrderCollected, OrderCompleted, OrderEdited, OrderExpired,
    OrderPostponed, OrderRecalled, OrderReleased, OrderSetAside, OrderSubmitted,
};
use crate::ids::{GuestId, OrderId, StaffId};
use crate::menu::{Choice, Menu};
use crate::order::{By, Reason, Step};
use crate::refusal::Refusal;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderManager {
    /// What it last heard of the doors and of the menu.
    open: bool,
    menu: Menu,
    orders: BTreeMap<OrderId, Order>,
}

/// An order that is not over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub guest: GuestId,
    pub channel: Channel,
    pub step: Step,
    pub barista: Option<StaffId>,
    /// 0 until it is submitted.
    pub version: u32,
    /// Of a cancelled one: who took it back, and from where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<(By, Step)>,
    /// Ready, and put aside.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub aside: bool,
}

impl OrderManager {
    pub fn order(&self, id: OrderId) -> Option<&Order> {
        self.orders.get(&id)
    }

    /// The order for which the guest is still choosing.
    pub(crate) fn choosing(&self, guest: GuestId) -> Option<OrderId> {
        let is_open = |order: &Order| order.guest == guest && order.step == Step::Choosing;
        self.orders.iter().find(|(_, order)| is_open(order)).map(|(id, _)| *id)
    }

    /// Whether a choice can be made, before anybody has an order for it.
    ///
    /// # Errors
    /// What of it cannot.
    pub(crate) fn offers(&self, choice: &Choice) -> Result<(), Refusal> {
        Ok(self.menu.complete(choice).map(|_| ())?)
    }

    pub(crate) fn submit(&self, who: Actor, id: OrderId, choice: &Choice) -> Result<Vec<Event>, Refusal> {
        let order = self.known(id)?;
        order.its_guest(who)?;
        order.at(Step::Choosing, None)?;
        if !self.open && order.channel != Channel::WalkIn {
            return Err(Refusal::ShopIsClosed);
        }
        let chosen = self.menu.complete(choice)?;
        Ok(vec![OrderSubmitted { order: id, chosen, version: order.version + 1 }.into()])
    }

    /// Another choice for what nobody makes yet.
    pub(crate) fn edit(
        &self,
        who: Actor,
        id: OrderId,
        choice: &Choice,
        seen: Option<u32>,
    ) -> Result<Vec<Event>, Refusal> {
        let order = self.known(id)?;
        order.its_guest(who)?;
        order.at(Step::Waiting, seen)?;
        let chosen = self.menu.complete(choice)?;
        Ok(vec![OrderEdited { order: id, chosen, version: order.version + 1 }.into()])
    }

    pub(crate) fn act(
        &self,
        who: Actor,
        id: OrderId,
        (action, reason): (Action, Option<Reason>),
        seen: Option<u32>,
    ) -> Result<Vec<Event>, Refusal> {
        let order = self.known(id)?;
        let event = match action {
            Action::Cancel => order.cancel(id, who, reason, seen),
            other => order.act(id, who, other, seen),
        };
        event.map(|event| vec![event])
    }

    /// What is ready, and nobody came.
    pub(crate) fn expire(&self, id: OrderId) -> Result<Vec<Event>, Refusal> {
        Ok(vec![OrderExpired { order: id, version: self.known(id)?.version + 1 }.into()])
    }

    /// One of all that are stopped.
    pub(crate) fn stop(&self, id: OrderId) -> Result<Vec<Event>, Refusal> {
        let version = self.known(id)?.version + 1;
        Ok(vec![OrderCancelled { order: id, by: By::Bar, reason: Some(Reason::Stopped), version }.into()])
    }

    fn known(&self, id: OrderId) -> Result<&Order, Refusal> {
        self.orders.get(&id).ok_or(Refusal::OrderIsUnknown)
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
                    order.follow(other);
                }
            }
        }
    }
}

impl Order {
    fn follow(&mut self, event: &Event) {
        let Some((step, version)) = event.step() else { return };
        let before = std::mem::replace(&mut self.step, step);
        self.version = version;
        match event {
            Event::OrderCancelled(event) => self.cancelled = Some((event.by, before)),
            Event::OrderRecalled(_) => (self.cancelled, self.aside) = (None, self.aside && step == Step::Ready),
            Event::OrderSetAside(_) => self.aside = true,
            Event::OrderClaimed(event) => self.barista = event.barista,
            // What waits is nobody's.
            _ if step == Step::Waiting => self.barista = None,
            _ => {}
        }
    }

    /// What comes of an action; `seen` is the version its asker saw.
    fn act(&self, id: OrderId, who: Actor, action: Action, seen: Option<u32>) -> Result<Event, Refusal> {
        let version = self.version + 1;
        match action {
            Action::Claim => self.claim(id, who, seen),
            // A drink in the hands of a tablet that died would be stuck there: the manager puts it back.
            Action::Release if who.is_manager() => {
                self.at(Step::Making, seen)?;
                Ok(OrderReleased { order: id, version }.into())
            }
            Action::Release => {
                self.its_barista(who, Step::Making, seen)?;
                Ok(OrderReleased { order: id, version }.into())
            }
            Action::Complete => {
                self.its_barista(who, Step::Making, seen)?;
                Ok(OrderCompleted { order: id, version }.into())
            }
            Action::Collect => {
                self.bar(who)?;
                self.at(Step::Ready, seen)?;
                Ok(OrderCollected { order: id, version }.into())
            }
            Action::Postpone => {
                self.its_guest(who)?;
                self.at(Step::Waiting, seen)?;
                Ok(OrderPostponed { order: id, version }.into())
            }
            Action::Recall => self.recall(id, who, seen),
            Action::Remind => {
                self.bar(who)?;
                self.at(Step::Ready, seen)?;
                Ok(GuestReminded { order: id, version }.into())
            }
            Action::SetAside => {
                self.bar(who)?;
                self.at(Step::Ready, seen)?;
                if self.aside {
                    return Err(Refusal::StepIsIllegal { step: self.step });
                }
                Ok(OrderSetAside { order: id, version }.into())
            }
            Action::Cancel | Action::Extend => unreachable!("these go elsewhere"),
        }
    }

    /// Where it stands, against where the command needs it and the version the asker saw.
    fn at(&self, wanted: Step, seen: Option<u32>) -> Result<(), Refusal> {
        if self.step != wanted {
            return Err(Refusal::StepIsIllegal { step: self.step });
        }
        self.unmoved(seen)
    }

    fn unmoved(&self, seen: Option<u32>) -> Result<(), Refusal> {
        match seen {
            Some(seen) if seen != self.version => Err(Refusal::OrderHasMovedOn { version: self.version }),
            _ => Ok(()),
        }
    }

    /// The guest; of one without a phone, whoever stands at the bar.
    fn its_guest(&self, who: Actor) -> Result<(), Refusal> {
        let is_theirs = who.guest() == Some(self.guest) || self.channel == Channel::WalkIn && who.is_staff();
        if is_theirs { Ok(()) } else { Err(Refusal::OrderIsAnothers) }
    }

    /// Whoever makes drinks; a robot keeps its hands off the orders of people.
    fn bar(&self, who: Actor) -> Result<StaffId, Refusal> {
        let maker = who.maker().ok_or(Refusal::RoleForbids)?;
        if who.is_robot() && self.channel != Channel::Robot { Err(Refusal::OrderIsAnothers) } else { Ok(maker) }
    }

    fn its_barista(&self, who: Actor, wanted: Step, seen: Option<u32>) -> Result<(), Refusal> {
        let maker = self.bar(who)?;
        if self.step == wanted && self.barista != Some(maker) {
            return Err(Refusal::OrderIsAnothers);
        }
        self.at(wanted, seen)
    }

    fn claim(&self, id: OrderId, who: Actor, seen: Option<u32>) -> Result<Event, Refusal> {
        let maker = self.bar(who)?;
        self.at(Step::Waiting, seen)?;
        Ok(OrderClaimed { order: id, barista: Some(maker), version: self.version + 1 }.into())
    }

    /// Whoever cancelled, or the bar, takes it back; what the bar called ready it goes on making.
    fn recall(&self, id: OrderId, who: Actor, seen: Option<u32>) -> Result<Event, Refusal> {
        let to = match self.cancelled {
            Some((_, before)) if who.is_staff() => before,
            Some((By::Guest, before)) => self.its_guest(who).map(|()| before)?,
            Some((By::Bar, _)) => return self.its_guest(who).and(Err(Refusal::RoleForbids)),
            // What is ready is the bar's to say.
            None if matches!(who, Actor::Guest(_)) => {
                return self.its_guest(who).and(Err(Refusal::StepIsIllegal { step: self.step }));
            }
            None => {
                self.bar(who)?;
                self.at(Step::Ready, seen)?;
                Step::Making
            }
        };
        self.unmoved(seen)?;
        Ok(OrderRecalled { order: id, from: self.step, to, version: self.version + 1 }.into())
    }

    /// Guests take back what nobody makes yet; the bar takes back anything that is not over.
    fn cancel(&self, id: OrderId, who: Actor, reason: Option<Reason>, seen: Option<u32>) -> Result<Event, Refusal> {
        let by = if who.is_staff() { By::Bar } else { By::Guest };
        if by == By::Guest {
            self.its_guest(who)?;
        }
        let open = match by {
            By::Guest => matches!(self.step, Step::Choosing | Step::Waiting),
            By::Bar => !self.step.is_end(),
        };
        if !open {
            return Err(Refusal::StepIsIllegal { step: self.step });
        }
        self.unmoved(seen)?;
        // Guests owe nobody a reason.
        let reason = (by == By::Bar).then_some(reason.unwrap_or(Reason::Other));
        Ok(OrderCancelled { order: id, by, reason, version: self.version + 1 }.into())
    }
}
