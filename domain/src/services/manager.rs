//! `OrderManager` owns the order itself: what was chosen, who makes it, and which step may follow.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::access::Who;
use crate::command::{Action, Channel, Command};
use crate::event::{
    Event, OrderCancelled, OrderClaimed, OrderCollected, OrderCompleted, OrderExpired, OrderPostponed, OrderRecalled,
    OrderReleased, OrderSubmitted,
};
use crate::ids::{GuestId, OrderId, StaffId};
use crate::menu::{Choice, Menu, NotOffered};
use crate::order::{By, Step};
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

    pub(crate) fn decide(&self, who: Who, command: Command) -> Result<Vec<Event>, Refusal> {
        let id = command.order().ok_or(Refusal::OrderIsUnknown)?;
        let order = self.orders.get(&id).ok_or(Refusal::OrderIsUnknown)?;
        let event = match command {
            Command::Submit { choice, .. } => self.submit(id, order, who, &choice),
            Command::Act { action, version, .. } => order.act(id, who, action, version),
            Command::EndWait { .. } => Ok(OrderExpired { order: id, version: order.version + 1 }.into()),
            Command::Make { .. }
            | Command::OpenStore
            | Command::CloseStore
            | Command::PauseStore { .. }
            | Command::ResumeStore
            | Command::ChangeLimits { .. }
            | Command::Start { .. } => unreachable!("Shop routes these elsewhere"),
        };
        event.map(|event| vec![event])
    }

    fn submit(&self, id: OrderId, order: &Order, who: Who, choice: &Choice) -> Result<Event, Refusal> {
        order.its_guest(who)?;
        order.at(Step::Choosing, None)?;
        if !self.open {
            return Err(Refusal::ShopIsClosed);
        }
        let chosen = self.menu.complete(choice).map_err(|NotOffered(what)| Refusal::NotOnTheMenu { what })?;
        Ok(OrderSubmitted { order: id, chosen, version: order.version + 1 }.into())
    }

    pub(crate) fn evolve(&mut self, event: &Event) {
        match event {
            Event::StoreOpened(_) => self.open = true,
            Event::StoreClosed(_) => self.open = false,
            Event::MenuChanged(event) => self.menu = event.menu.clone(),
            Event::NewOrder(event) => {
                if let Some(guest) = event.guest {
                    let channel = if event.window.is_some() { Channel::Web } else { Channel::Robot };
                    let step = Step::Choosing;
                    let order = Order { guest, channel, step, barista: None, version: 0, cancelled: None };
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
            Event::OrderRecalled(_) => self.cancelled = None,
            Event::OrderClaimed(event) => self.barista = event.barista,
            // What waits is nobody's.
            _ if step == Step::Waiting => self.barista = None,
            _ => {}
        }
    }

    /// What comes of an action; `seen` is the version its asker saw.
    fn act(&self, id: OrderId, who: Who, action: Action, seen: Option<u32>) -> Result<Event, Refusal> {
        let version = self.version + 1;
        match action {
            Action::Cancel => self.cancel(id, who, seen),
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
            Action::Extend => unreachable!("Shop routes this elsewhere"),
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

    fn its_guest(&self, who: Who) -> Result<(), Refusal> {
        if who.guest() == Some(self.guest) { Ok(()) } else { Err(Refusal::OrderIsAnothers) }
    }

    /// Whoever makes drinks; a robot keeps its hands off the orders of people.
    fn bar(&self, who: Who) -> Result<StaffId, Refusal> {
        let maker = who.maker().ok_or(Refusal::RoleForbids)?;
        if who.is_robot() && self.channel != Channel::Robot { Err(Refusal::OrderIsAnothers) } else { Ok(maker) }
    }

    fn its_barista(&self, who: Who, wanted: Step, seen: Option<u32>) -> Result<(), Refusal> {
        let maker = self.bar(who)?;
        if self.step == wanted && self.barista != Some(maker) {
            return Err(Refusal::OrderIsAnothers);
        }
        self.at(wanted, seen)
    }

    fn claim(&self, id: OrderId, who: Who, seen: Option<u32>) -> Result<Event, Refusal> {
        let maker = self.bar(who)?;
        self.at(Step::Waiting, seen)?;
        Ok(OrderClaimed { order: id, barista: Some(maker), version: self.version + 1 }.into())
    }

    /// Whoever cancelled, or the bar, takes it back; what the bar called ready it goes on making.
    fn recall(&self, id: OrderId, who: Who, seen: Option<u32>) -> Result<Event, Refusal> {
        let to = match self.cancelled {
            Some((_, before)) if who.is_staff() => before,
            Some((By::Guest, before)) => self.its_guest(who).map(|()| before)?,
            Some((By::Bar, _)) => return self.its_guest(who).and(Err(Refusal::RoleForbids)),
            // What is ready is the bar's to say.
            None if matches!(who, Who::Guest(_)) => {
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
    fn cancel(&self, id: OrderId, who: Who, seen: Option<u32>) -> Result<Event, Refusal> {
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
        Ok(OrderCancelled { order: id, by, version: self.version + 1 }.into())
    }
}
