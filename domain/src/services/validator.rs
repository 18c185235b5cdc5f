//! `Validator` owns the windows and their tokens: who may begin an order.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::command::{Channel, Door};
use crate::event::{CodeExhausted, Event, NewOrder, OrderFinished, OrderSubmitted, TokenReturned};
use crate::ids::{GuestId, OrderId};
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::time::{Instant, Now};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validator {
    limits: Limits,
    /// Tokens left, by the start of the window; a window nobody touched has no entry.
    left: BTreeMap<Instant, u32>,
    /// Starts that brought a token and have not become an order yet; a robot brings none and gets none back.
    paid: BTreeSet<OrderId>,
}

/// So many windows are remembered even when their codes are over: clocks are set back now and then.
const WINDOWS_KEPT: usize = 4;

impl Validator {
    pub(crate) fn decide(&self, who: Actor, order: OrderId, door: Door, now: Now) -> Result<Vec<Event>, Refusal> {
        let guest = || who.guest().ok_or(Refusal::RoleForbids);
        match door {
            Door::Robot => Ok(vec![started(order, guest()?, None)]),
            // Nobody holds this guest's id: the order's own will do.
            Door::Bar => Ok(vec![
                NewOrder {
                    order,
                    guest: Some(GuestId(order.0)),
                    window: None,
                    left: None,
                    channel: Some(Channel::WalkIn),
                }
                .into(),
            ]),
            Door::Code { window } => {
                if now.at >= self.limits.good_until(window) {
                    return Err(Refusal::CodeIsOver);
                }
                let left = self.left_in(window).checked_sub(1);
                let left = left.ok_or(Refusal::CodeIsUsedUp { next: self.limits.window_end(window).max(now.at) })?;
                Ok(vec![started(order, guest()?, Some((window, left)))])
            }
        }
    }

    pub(crate) fn react(&self, event: &Event, now: Now) -> Vec<Event> {
        match event {
            Event::NewOrder(NewOrder { window: Some(window), left: Some(0), .. }) => {
                let next = self.limits.window_end(*window).max(now.at);
                vec![CodeExhausted { window: *window, next }.into()]
            }
            Event::ShopUnavailable(event) => self.give_back(event.order, now),
            Event::OrderCancelled(event) => self.give_back(event.order, now),
            Event::OrderTimedOut(event) => self.give_back(event.order, now),
            _ => Vec::new(),
        }
    }

    pub(crate) fn evolve(&mut self, event: &Event) {
        match event {
            Event::LimitsChanged(event) => self.limits = event.limits,
            Event::NewOrder(NewOrder { order, window: Some(window), left: Some(left), .. }) => {
                self.paid.insert(*order);
                self.touch(*window, *left);
            }
            Event::TokenReturned(TokenReturned { order, window, left }) => {
                self.paid.remove(order);
                self.touch(*window, *left);
            }
            Event::OrderSubmitted(OrderSubmitted { order, .. }) | Event::OrderFinished(OrderFinished { order, .. }) => {
                self.paid.remove(order);
            }
            _ => {}
        }
    }

    /// A token whose start came to no order joins the window that is current now.
    fn give_back(&self, order: OrderId, now: Now) -> Vec<Event> {
        if !self.paid.contains(&order) {
            return Vec::new();
        }
        let window = self.limits.window_of(now.at);
        vec![TokenReturned { order, window, left: self.left_in(window) + 1 }.into()]
    }

    fn touch(&mut self, window: Instant, left: u32) {
        self.left.insert(window, left);
        // A window forgotten while its code is good would be full again.
        while self.left.len() > WINDOWS_KEPT
            && let (Some((oldest, _)), Some((newest, _))) = (self.left.first_key_value(), self.left.last_key_value())
            && self.limits.good_until(*oldest) <= *newest
        {
            self.left.pop_first();
        }
    }

    fn left_in(&self, window: Instant) -> u32 {
        self.left.get(&window).copied().unwrap_or(self.limits.drinks_per_code)
    }
}

fn started(order: OrderId, guest: GuestId, token: Option<(Instant, u32)>) -> Event {
    let (window, left) = token.unzip();
    NewOrder { order, guest: Some(guest), window, left, channel: None }.into()
}
