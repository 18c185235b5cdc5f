//! The TV above the bar: the doors, the tokens left, and which numbers are being prepared or ready.

use serde::{Deserialize, Serialize};

use crate::command::Channel;
use crate::event::{Event, NewOrder, Recorded, TokenReturned};
use crate::ids::OrderId;
use crate::limits::Limits;
use crate::order::Step;
use crate::redact::Topic;
use crate::time::Instant;
use crate::view::{Paused, View, put_last};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Display {
    pub name: String,
    pub open: bool,
    /// Last orders have been called; the doors close then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Paused>,
    pub limits: Limits,
    /// Tokens left in the windows that were touched last, the newest last.
    pub windows: Vec<(Instant, u32)>,
    /// In the order they were submitted.
    pub rows: Vec<Row>,
}

/// One order as the room sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub order: OrderId,
    /// 0 until it has one.
    pub number: u32,
    pub name: String,
    pub icon: String,
    pub step: Step,
    /// When it was submitted, or made once it is ready; put back from there, it counts anew.
    pub since: Instant,
    pub version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Ready, and put aside.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub aside: bool,
}

/// A code can outlive its window by the grace, so two windows count at a time.
const WINDOWS_SHOWN: usize = 2;

impl Display {
    /// Tokens left in the window that began at `window`.
    pub fn left_in(&self, window: Instant) -> u32 {
        let touched = self.windows.iter().find(|(start, _)| *start == window);
        touched.map_or(self.limits.drinks_per_code, |(_, left)| *left)
    }

    pub fn preparing(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.number > 0 && matches!(row.step, Step::Waiting | Step::Making))
    }

    /// What stands aside has been called out often enough.
    pub fn ready(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.step == Step::Ready && !row.aside)
    }

    fn row(&mut self, order: OrderId) -> Option<&mut Row> {
        self.rows.iter_mut().find(|row| row.order == order)
    }

    fn touch(&mut self, window: Instant, left: u32) {
        self.windows.retain(|(start, _)| *start != window);
        let later = self.windows.iter().take_while(|(start, _)| *start < window).count();
        self.windows.insert(later, (window, left));
        let surplus = self.windows.len().saturating_sub(WINDOWS_SHOWN);
        self.windows.drain(..surplus);
    }
}

impl Row {
    fn follow(&mut self, recorded: &Recorded) {
        let Some((step, version)) = recorded.event.step() else { return };
        if (step == Step::Ready) != (self.step == Step::Ready) {
            self.since = recorded.at;
        }
        (self.step, self.version) = (step, version);
        match &recorded.event {
            Event::OrderEdited(event) => {
                self.name.clone_from(&event.chosen.name);
                self.icon.clone_from(&event.chosen.icon);
            }
            Event::OrderSetAside(_) => self.aside = true,
            // Taken back from ready it is made anew.
            Event::OrderRecalled(_) if step != Step::Ready => self.aside = false,
            _ => {}
        }
    }
}

impl View for Display {
    fn apply(&mut self, _topic: Topic, recorded: &Recorded) {
        match &recorded.event {
            Event::StoreOpened(_) => (self.open, self.closing) = (true, None),
            Event::StoreClosed(_) => (self.open, self.closing) = (false, None),
            Event::LastOrdersCalled(event) => self.closing = Some(event.closing),
            Event::StorePaused(event) => self.paused = Some(Paused::of(event)),
            Event::StoreResumed(_) => self.paused = None,
            Event::BrandChanged(event) => self.name.clone_from(&event.name),
            Event::LimitsChanged(event) => self.limits = event.limits,
            Event::NewOrder(NewOrder { window: Some(window), left: Some(left), .. })
            | Event::TokenReturned(TokenReturned { window, left, .. }) => self.touch(*window, *left),
            Event::OrderSubmitted(event) => self.rows.push(Row {
                order: event.order,
                number: 0,
                name: event.chosen.name.clone(),
                icon: event.chosen.icon.clone(),
                step: Step::Waiting,
                since: recorded.at,
                version: event.version,
                channel: recorded.channel,
                aside: false,
            }),
            Event::WaitingCompletion(event) => {
                if let Some(row) = self.row(event.order) {
                    row.number = event.number;
                }
            }
            Event::OrderFinished(event) => self.rows.retain(|row| row.order != event.order),
            other => {
                if let Event::OrderPostponed(event) = other {
                    put_last(&mut self.rows, |row| row.order == event.order);
                }
                if let Some(row) = other.order().and_then(|order| self.row(order)) {
                    row.follow(recorded);
                }
            }
        }
    }
}
