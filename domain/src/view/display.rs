//! The public display: opening state, tokens left, and the numbers in preparation or ready.

use serde::{Deserialize, Serialize};

use crate::event::{Event, NewOrder, OrderFinished, OrderSubmitted, Recorded, TokenReturned};
use crate::ids::OrderId;
use crate::limits::Limits;
use crate::menu::Menu;
use crate::order::{Channel, Step};
use crate::redact::Topic;
use crate::time::Instant;
use crate::view::{CalledAgain, OpeningFields, Paused, StepFields, View, move_to_end};

/// State of the public display. Topic: public.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Display {
    /// Display name of the shop.
    pub name: String,
    /// Whether the shop is open.
    pub open: bool,
    /// Scheduled closing time, once last orders have been called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Instant>,
    /// The current pause of new orders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Paused>,
    /// Current limits; they determine the windows and the tokens of an untouched window.
    pub limits: Limits,
    /// Start and tokens left of the latest windows with a taken token, in ascending order; at most two.
    pub windows: Vec<(Instant, u32)>,
    /// Start of the last window that began with another number of tokens than the limits say, and that number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began_with: Option<(Instant, u32)>,
    /// Submitted orders, in queue order.
    pub rows: Vec<DisplayRow>,
    /// Orders whose guests are choosing: they take a place of the shop's capacity.
    #[serde(default)]
    pub choosing: Vec<OrderId>,
    /// Current menu. A browser does not read it.
    #[serde(default)]
    pub menu: Menu,
    /// Changes of the menu and of what is available.
    #[serde(skip)]
    pub menu_changes: Changes,
}

/// An order as the public sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisplayRow {
    /// Id of the order.
    pub order: OrderId,
    /// Order number; 0 until it is assigned.
    pub number: u32,
    /// Display name of the drink.
    pub name: String,
    /// Name of the drink's icon.
    pub icon: String,
    /// Current step.
    pub step: Step,
    /// Time of submission, or of the last change to or from `Ready`.
    pub since: Instant,
    /// Current version.
    pub version: u32,
    /// The channel through which the order came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Whether the order is ready and set aside as uncollected.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub aside: bool,
    /// Calls for the order since it became ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called: Option<CalledAgain>,
}

/// Number of changes since a view was loaded. It tells a page that something changed and is no part of what the view
/// shows: views with different numbers are equal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Changes(pub u32);

impl PartialEq for Changes {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Changes {}

/// Number of windows to keep. During the grace period the codes of two windows are valid.
const MAX_WINDOWS: usize = 2;

impl Display {
    /// Tokens left in the window that starts at `window`.
    pub fn tokens_left(&self, window: Instant) -> u32 {
        let entry = self.windows.iter().find(|(start, _)| *start == window);
        entry.map_or(self.limits.drinks_per_code, |(_, left)| *left)
    }

    /// Tokens with which the window that starts at `window` began. Returned ones may exceed them.
    pub fn tokens_at_start(&self, window: Instant) -> u32 {
        let began_with = self.began_with.filter(|(start, _)| *start == window);
        began_with.map_or(self.limits.drinks_per_code, |(_, tokens)| tokens)
    }

    /// Numbered orders that wait or are in preparation, in queue order.
    pub fn preparing(&self) -> impl Iterator<Item = &DisplayRow> {
        self.rows.iter().filter(|row| row.number > 0 && matches!(row.step, Step::Waiting | Step::Making))
    }

    /// Ready orders without those set aside.
    pub fn ready(&self) -> impl Iterator<Item = &DisplayRow> {
        self.rows.iter().filter(|row| row.step == Step::Ready && !row.aside)
    }

    /// Whether all places for new orders are taken.
    pub fn is_full(&self) -> bool {
        let submitted = self.rows.iter().filter(|row| row.step.uses_capacity()).count();
        (self.choosing.len() + submitted) as u64 >= u64::from(self.limits.room)
    }

    /// The longest time that a numbered order has waited for a barista, in seconds; `None` if no order waits.
    pub fn longest_wait(&self, now: Instant) -> Option<u32> {
        let waiting = self.preparing().filter(|row| row.step == Step::Waiting);
        waiting.map(|row| now.seconds_since(row.since)).max()
    }

    fn row(&mut self, order: OrderId) -> Option<&mut DisplayRow> {
        self.rows.iter_mut().find(|row| row.order == order)
    }

    /// Keeps the number of tokens of a window that has begun, before the limits change.
    fn keep_tokens(&mut self, window: Instant) {
        // The code of a closed shop is not on the screens.
        if self.open || self.windows.iter().any(|(start, _)| *start == window) {
            self.began_with = Some((window, self.tokens_at_start(window)));
            self.set_tokens_left(window, self.tokens_left(window));
        }
    }

    fn apply_to_choosing(&mut self, event: &Event) {
        match event {
            // A duplicate of a known order is ignored.
            Event::NewOrder(event) if self.row(event.order).is_none() && !self.choosing.contains(&event.order) => {
                self.choosing.push(event.order);
            }
            Event::OrderSubmitted(OrderSubmitted { order, .. }) | Event::OrderFinished(OrderFinished { order, .. }) => {
                self.choosing.retain(|choosing| choosing != order);
            }
            _ => {}
        }
    }

    fn set_tokens_left(&mut self, window: Instant, left: u32) {
        self.windows.retain(|(start, _)| *start != window);
        let index = self.windows.iter().take_while(|(start, _)| *start < window).count();
        self.windows.insert(index, (window, left));
        let surplus = self.windows.len().saturating_sub(MAX_WINDOWS);
        self.windows.drain(..surplus);
    }
}

impl DisplayRow {
    fn apply(&mut self, recorded: &Recorded) {
        let Self { step, version, since, aside, called, .. } = self;
        StepFields { step, version, since, aside, called }.apply(recorded);
        if let Event::OrderEdited(event) = &recorded.event {
            self.name.clone_from(&event.chosen.name);
            self.icon.clone_from(&event.chosen.icon);
        }
    }
}

impl View for Display {
    fn apply(&mut self, _topic: Topic, recorded: &Recorded) {
        let Self { name, open, closing, paused, .. } = self;
        OpeningFields { name, open, closing, paused }.apply(&recorded.event);
        self.apply_to_choosing(&recorded.event);
        match &recorded.event {
            Event::MenuChanged(event) => {
                self.menu = event.menu.clone();
                self.menu_changes.0 += 1;
            }
            Event::AvailabilityChanged(event) => {
                self.menu.out.clone_from(&event.out);
                self.menu_changes.0 += 1;
            }
            Event::LimitsChanged(event) => {
                if event.limits.drinks_per_code != self.limits.drinks_per_code {
                    self.keep_tokens(self.limits.window_of(recorded.at));
                }
                self.limits = event.limits;
            }
            Event::NewOrder(NewOrder { window: Some(window), left: Some(left), .. })
            | Event::TokenReturned(TokenReturned { window, left, .. }) => self.set_tokens_left(*window, *left),
            Event::OrderSubmitted(event) => self.rows.push(DisplayRow {
                order: event.order,
                number: 0,
                name: event.chosen.name.clone(),
                icon: event.chosen.icon.clone(),
                step: Step::Waiting,
                since: recorded.at,
                version: event.version,
                channel: recorded.channel,
                aside: false,
                called: None,
            }),
            Event::WaitingCompletion(event) => {
                if let Some(row) = self.row(event.order) {
                    row.number = event.number;
                }
            }
            Event::OrderFinished(event) => self.rows.retain(|row| row.order != event.order),
            other => {
                if let Event::OrderPostponed(event) = other {
                    move_to_end(&mut self.rows, |row| row.order == event.order);
                }
                if let Some(row) = other.order().and_then(|order| self.row(order)) {
                    row.apply(recorded);
                }
            }
        }
    }
}
