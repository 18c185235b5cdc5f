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
    /// Lengths of windows before the current one, the latest last: their windows last until their own end.
    #[serde(default)]
    earlier: Vec<EarlierLength>,
    /// Tokens left, by the start of the window. A window whose tokens are all left has no entry.
    left: BTreeMap<Instant, u32>,
    /// Starts that took a token and are not submitted yet. Their token is returned if they end now.
    paid: BTreeSet<OrderId>,
}

/// A former length of windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct EarlierLength {
    /// The length, in seconds.
    seconds: u32,
    /// Time of the change. Windows that began before it keep this length.
    until: Instant,
}

/// Number of earlier lengths to keep. More changes within one window invalidate the oldest codes.
const MAX_EARLIER_LENGTHS: usize = 8;

/// Number of windows to keep besides those whose codes may be valid, because clocks can be set back.
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
                if now.at >= self.code_expires_at(window) {
                    return Err(Refusal::CodeExpired);
                }
                let left = self.tokens_left(window).checked_sub(1);
                let left = left.ok_or_else(|| Refusal::NoTokensLeft { next: self.next_code_at(window, now) })?;
                Ok(vec![new_order(order, guest()?, Some((window, left)))])
            }
        }
    }

    pub(crate) fn react(&self, event: &Event, now: Now) -> Vec<Event> {
        match event {
            Event::NewOrder(NewOrder { window: Some(window), left: Some(0), .. }) => {
                vec![CodeExhausted { window: *window, next: self.next_code_at(*window, now) }.into()]
            }
            Event::ShopUnavailable(event) => self.return_token(event.order, now),
            Event::OrderCancelled(event) => self.return_token(event.order, now),
            Event::OrderTimedOut(event) => self.return_token(event.order, now),
            _ => Vec::new(),
        }
    }

    /// Applies an event; `is_open` says whether the shop is open, so that its code is on screens.
    pub(crate) fn evolve(&mut self, event: &Event, at: Instant, is_open: bool) {
        match event {
            Event::LimitsChanged(event) => self.change_limits(event.limits, at, is_open),
            Event::NewOrder(NewOrder { order, window: Some(window), left: Some(left), .. }) => {
                self.paid.insert(*order);
                self.set_tokens_left(*window, *left, at);
            }
            Event::TokenReturned(TokenReturned { order, window, left }) => {
                self.paid.remove(order);
                self.set_tokens_left(*window, *left, at);
            }
            Event::OrderSubmitted(OrderSubmitted { order, .. }) | Event::OrderFinished(OrderFinished { order, .. }) => {
                self.paid.remove(order);
            }
            _ => {}
        }
    }

    /// Takes new limits. Windows that have begun keep their length and, in an open shop, their number of tokens.
    fn change_limits(&mut self, limits: Limits, at: Instant, is_open: bool) {
        if is_open && limits.drinks_per_code != self.limits.drinks_per_code {
            let mut window = self.limits.window_of(at);
            while self.code_expires_at(window) > at {
                self.left.entry(window).or_insert(self.limits.drinks_per_code);
                window = self.limits.window_of(Instant(window.0 - 1));
            }
        }
        if limits.window_seconds != self.limits.window_seconds {
            self.earlier.push(EarlierLength { seconds: self.limits.window_seconds, until: at });
            let surplus = self.earlier.len().saturating_sub(MAX_EARLIER_LENGTHS);
            self.earlier.drain(..surplus);
        }
        self.limits = limits;
    }

    /// The lengths of windows whose codes may still be valid, in seconds; the current one first.
    pub(crate) fn window_lengths(&self) -> impl Iterator<Item = u32> {
        [self.limits.window_seconds].into_iter().chain(self.earlier.iter().rev().map(|earlier| earlier.seconds))
    }

    /// Time at which the code of the window that starts at `window` expires: the window's end plus the grace period.
    pub(crate) fn code_expires_at(&self, window: Instant) -> Instant {
        let is_earlier = |earlier: &&EarlierLength| {
            window < earlier.until
                && Limits { window_seconds: earlier.seconds, ..self.limits }.window_of(window) == window
        };
        let earlier = self.earlier.iter().filter(is_earlier).map(|earlier| earlier.seconds);
        let is_current = self.limits.window_of(window) == window;
        let seconds = earlier.chain(is_current.then_some(self.limits.window_seconds)).max();
        window.plus_seconds(seconds.unwrap_or_default()).plus_seconds(self.limits.grace_seconds)
    }

    /// Time at which the code that follows that of `window` is on the screens: now, if a later one already is.
    fn next_code_at(&self, window: Instant, now: Now) -> Instant {
        let is_current = self.limits.window_of(now.at) == window;
        if is_current { self.limits.window_end(window) } else { now.at }
    }

    /// Returns the token of an unsuccessful start to the current window.
    fn return_token(&self, order: OrderId, now: Now) -> Vec<Event> {
        if !self.paid.contains(&order) {
            return Vec::new();
        }
        let window = self.limits.window_of(now.at);
        vec![TokenReturned { order, window, left: self.tokens_left(window) + 1 }.into()]
    }

    fn set_tokens_left(&mut self, window: Instant, left: u32, at: Instant) {
        self.left.insert(window, left);
        // A window must be kept while its code is valid, because a missing entry means that all tokens are left. A clock
        // that was ahead has left windows of the future, so the windows nearest to the present are kept.
        while self.left.len() > self.retained_windows()
            && let Some(furthest) = self.left.keys().copied().max_by_key(|window| window.0.abs_diff(at.0))
        {
            self.left.remove(&furthest);
        }
    }

    /// Number of windows to keep: at least those whose codes may be valid at once.
    fn retained_windows(&self) -> usize {
        let shortest = self.window_lengths().min().unwrap_or(1).max(1);
        let longest = self.window_lengths().max().unwrap_or(1);
        let valid = (longest.saturating_add(self.limits.grace_seconds)).div_ceil(shortest);
        MIN_RETAINED_WINDOWS + usize::try_from(valid).unwrap_or(usize::MAX)
    }

    fn tokens_left(&self, window: Instant) -> u32 {
        self.left.get(&window).copied().unwrap_or(self.limits.drinks_per_code)
    }
}

fn new_order(order: OrderId, guest: GuestId, token: Option<(Instant, u32)>) -> Event {
    let (window, left) = token.unzip();
    NewOrder { order, guest: Some(guest), window, left, channel: None }.into()
}
