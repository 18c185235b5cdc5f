//! `Validator` owns the code windows and their tokens: it decides which starts are valid.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::command::StartSource;
use crate::event::{CodeExhausted, Event, NewOrder, OrderFinished, OrderSubmitted, TokenReturned};
use crate::ids::{GuestId, OrderId};
use crate::limits::Limits;
use crate::order::Channel;
use crate::refusal::Refusal;
use crate::time::{Instant, Now};

/// Counts the tokens of each window.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validator {
    limits: Limits,
    /// Tokens left, by the start of the window. A window whose tokens are all left has no entry.
    left: BTreeMap<Instant, u32>,
    /// Starts that took a token and are not submitted yet. Their token is returned if they end now.
    paid: BTreeSet<OrderId>,
}

/// Number of windows to keep even after their codes expire, because clocks can be set back.
const MIN_RETAINED_WINDOWS: usize = 4;

impl Validator {
    pub(crate) fn decide(
        &self,
        actor: Actor,
        order: OrderId,
        source: StartSource,
        now: Now,
    ) -> Result<Vec<Event>, Refusal> {
        let guest = || actor.guest().ok_or(Refusal::RoleNotAllowed);
        match source {
            StartSource::Robot => Ok(vec![new_order(order, guest()?, None)]),
            // A walk-in has no guest session. The order's id serves as a unique guest id.
            StartSource::Bar => Ok(vec![
                NewOrder {
                    order,
                    guest: Some(GuestId(order.0)),
                    window: None,
                    left: None,
                    channel: Some(Channel::WalkIn),
                }
                .into(),
            ]),
            StartSource::Code { window } => {
                if now.at >= self.limits.code_expires_at(window) {
                    return Err(Refusal::CodeExpired);
                }
                let left = self.tokens_left(window).checked_sub(1);
                let left = left.ok_or(Refusal::NoTokensLeft { next: self.limits.window_end(window).max(now.at) })?;
                Ok(vec![new_order(order, guest()?, Some((window, left)))])
            }
        }
    }

    pub(crate) fn react(&self, event: &Event, now: Now) -> Vec<Event> {
        match event {
            Event::NewOrder(NewOrder { window: Some(window), left: Some(0), .. }) => {
                let next = self.limits.window_end(*window).max(now.at);
                vec![CodeExhausted { window: *window, next }.into()]
            }
            Event::ShopUnavailable(event) => self.return_token(event.order, now),
            Event::OrderCancelled(event) => self.return_token(event.order, now),
            Event::OrderTimedOut(event) => self.return_token(event.order, now),
            _ => Vec::new(),
        }
    }

    pub(crate) fn evolve(&mut self, event: &Event) {
        match event {
            Event::LimitsChanged(event) => self.limits = event.limits,
            Event::NewOrder(NewOrder { order, window: Some(window), left: Some(left), .. }) => {
                self.paid.insert(*order);
                self.set_tokens_left(*window, *left);
            }
            Event::TokenReturned(TokenReturned { order, window, left }) => {
                self.paid.remove(order);
                self.set_tokens_left(*window, *left);
            }
            Event::OrderSubmitted(OrderSubmitted { order, .. }) | Event::OrderFinished(OrderFinished { order, .. }) => {
                self.paid.remove(order);
            }
            _ => {}
        }
    }

    /// Returns the token of an unsuccessful start to the current window.
    fn return_token(&self, order: OrderId, now: Now) -> Vec<Event> {
        if !self.paid.contains(&order) {
            return Vec::new();
        }
        let window = self.limits.window_of(now.at);
        vec![TokenReturned { order, window, left: self.tokens_left(window) + 1 }.into()]
    }

    fn set_tokens_left(&mut self, window: Instant, left: u32) {
        self.left.insert(window, left);
        // A window must be kept while its code is valid, because a missing entry means that all tokens are left.
        while self.left.len() > MIN_RETAINED_WINDOWS
            && let (Some((oldest, _)), Some((newest, _))) = (self.left.first_key_value(), self.left.last_key_value())
            && self.limits.code_expires_at(*oldest) <= *newest
        {
            self.left.pop_first();
        }
    }

    fn tokens_left(&self, window: Instant) -> u32 {
        self.left.get(&window).copied().unwrap_or(self.limits.drinks_per_code)
    }
}

fn new_order(order: OrderId, guest: GuestId, token: Option<(Instant, u32)>) -> Event {
    let (window, left) = token.unzip();
    NewOrder { order, guest: Some(guest), window, left, channel: None }.into()
}
