//! The barista's screen: every submitted order until it finishes.

use serde::{Deserialize, Serialize};

use crate::event::{Event, Recorded};
use crate::ids::{OrderId, StaffId};
use crate::menu::Chosen;
use crate::order::{Channel, Step};
use crate::redact::Topic;
use crate::time::Instant;
use crate::view::{CalledAgain, OpeningFields, Paused, StepFields, View, move_to_end};

/// State of the barista's screen. Topic: staff.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Barista {
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
    /// Submitted orders, in queue order.
    pub cards: Vec<Card>,
}

/// An order on the barista's screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Id of the order.
    pub order: OrderId,
    /// Order number; 0 until it is assigned.
    pub number: u32,
    /// Drink and options.
    pub chosen: Chosen,
    /// Current step.
    pub step: Step,
    /// The barista or robot who claimed it; `None` while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barista: Option<StaffId>,
    /// Time of submission, or of the last change to or from `Ready`.
    pub since: Instant,
    /// Current version, for conditional commands.
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

impl Barista {
    /// Numbered orders that wait for a barista, in queue order.
    pub fn incoming(&self) -> impl Iterator<Item = &Card> {
        self.cards.iter().filter(|card| card.step == Step::Waiting && card.number > 0)
    }

    /// Cancelled orders whose cancellation can still be undone.
    pub fn cancelled(&self) -> impl Iterator<Item = &Card> {
        self.cards.iter().filter(|card| card.step == Step::Cancelled && card.number > 0)
    }

    /// Orders in preparation by this barista.
    pub fn claimed_by(&self, me: StaffId) -> impl Iterator<Item = &Card> {
        self.cards.iter().filter(move |card| card.step == Step::Making && card.barista == Some(me))
    }

    /// Ready orders, including those set aside.
    pub fn ready(&self) -> impl Iterator<Item = &Card> {
        self.cards.iter().filter(|card| card.step == Step::Ready)
    }

    fn card(&mut self, order: OrderId) -> Option<&mut Card> {
        self.cards.iter_mut().find(|card| card.order == order)
    }
}

impl Card {
    fn apply(&mut self, recorded: &Recorded) {
        let Self { step, version, since, aside, called, .. } = self;
        StepFields { step, version, since, aside, called }.apply(recorded);
        match &recorded.event {
            Event::OrderClaimed(event) => self.barista = event.barista,
            Event::OrderEdited(event) => self.chosen = event.chosen.clone(),
            _ => {}
        }
        // A waiting order has no barista.
        if self.step == Step::Waiting {
            self.barista = None;
        }
    }
}

impl View for Barista {
    fn apply(&mut self, _topic: Topic, recorded: &Recorded) {
        let Self { name, open, closing, paused, .. } = self;
        OpeningFields { name, open, closing, paused }.apply(&recorded.event);
        match &recorded.event {
            Event::OrderSubmitted(event) => self.cards.push(Card {
                order: event.order,
                number: 0,
                chosen: event.chosen.clone(),
                step: Step::Waiting,
                barista: None,
                since: recorded.at,
                version: event.version,
                channel: recorded.channel,
                aside: false,
                called: None,
            }),
            Event::WaitingCompletion(event) => {
                if let Some(card) = self.card(event.order) {
                    card.number = event.number;
                }
            }
            Event::OrderFinished(event) => self.cards.retain(|card| card.order != event.order),
            other => {
                if let Event::OrderPostponed(event) = other {
                    move_to_end(&mut self.cards, |card| card.order == event.order);
                }
                if let Some(card) = other.order().and_then(|order| self.card(order)) {
                    card.apply(recorded);
                }
            }
        }
    }
}
