//! The tablet behind the bar: every order from its submission to its end, with who makes it.

use serde::{Deserialize, Serialize};

use crate::command::Channel;
use crate::event::{Event, Recorded};
use crate::ids::{OrderId, StaffId};
use crate::menu::Chosen;
use crate::order::Step;
use crate::redact::Topic;
use crate::time::Instant;
use crate::view::{Paused, View, put_last};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Barista {
    pub name: String,
    pub open: bool,
    /// Last orders have been called; the doors close then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Paused>,
    /// In the order they were submitted.
    pub cards: Vec<Card>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    pub order: OrderId,
    /// 0 until it has one.
    pub number: u32,
    pub chosen: Chosen,
    pub step: Step,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barista: Option<StaffId>,
    /// When it was submitted, or made once it is ready; put back from there, it counts anew.
    pub since: Instant,
    pub version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Ready, and put aside.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub aside: bool,
}

impl Barista {
    pub fn incoming(&self) -> impl Iterator<Item = &Card> {
        self.cards.iter().filter(|card| card.step == Step::Waiting && card.number > 0)
    }

    /// Cancelled, and still to be taken back.
    pub fn cancelled(&self) -> impl Iterator<Item = &Card> {
        self.cards.iter().filter(|card| card.step == Step::Cancelled && card.number > 0)
    }

    /// What this barista has in hand.
    pub fn mine(&self, me: StaffId) -> impl Iterator<Item = &Card> {
        self.cards.iter().filter(move |card| card.step == Step::Making && card.barista == Some(me))
    }

    pub fn ready(&self) -> impl Iterator<Item = &Card> {
        self.cards.iter().filter(|card| card.step == Step::Ready)
    }

    fn card(&mut self, order: OrderId) -> Option<&mut Card> {
        self.cards.iter_mut().find(|card| card.order == order)
    }
}

impl Card {
    fn follow(&mut self, recorded: &Recorded) {
        let Some((step, version)) = recorded.event.step() else { return };
        if (step == Step::Ready) != (self.step == Step::Ready) {
            self.since = recorded.at;
        }
        (self.step, self.version) = (step, version);
        match &recorded.event {
            Event::OrderClaimed(event) => self.barista = event.barista,
            Event::OrderEdited(event) => self.chosen = event.chosen.clone(),
            Event::OrderSetAside(_) => self.aside = true,
            // Taken back from ready it is made anew.
            Event::OrderRecalled(_) if step != Step::Ready => self.aside = false,
            // What waits is nobody's.
            _ if step == Step::Waiting => self.barista = None,
            _ => {}
        }
    }
}

impl View for Barista {
    fn apply(&mut self, _topic: Topic, recorded: &Recorded) {
        match &recorded.event {
            Event::StoreOpened(_) => (self.open, self.closing) = (true, None),
            Event::StoreClosed(_) => (self.open, self.closing) = (false, None),
            Event::LastOrdersCalled(event) => self.closing = Some(event.closing),
            Event::StorePaused(event) => self.paused = Some(Paused::of(event)),
            Event::StoreResumed(_) => self.paused = None,
            Event::BrandChanged(event) => self.name.clone_from(&event.name),
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
            }),
            Event::WaitingCompletion(event) => {
                if let Some(card) = self.card(event.order) {
                    card.number = event.number;
                }
            }
            Event::OrderFinished(event) => self.cards.retain(|card| card.order != event.order),
            other => {
                if let Event::OrderPostponed(event) = other {
                    put_last(&mut self.cards, |card| card.order == event.order);
                }
                if let Some(card) = other.order().and_then(|order| self.card(order)) {
                    card.follow(recorded);
                }
            }
        }
    }
}
