//! One order on one line: where it stands, how it came there and how it ended, with every event on the way.

use serde::Serialize;

use crate::access::Actor;
use crate::command::Channel;
use crate::event::{Event, Recorded};
use crate::ids::OrderId;
use crate::menu::Chosen;
use crate::order::{By, Cause, Reason, Step};
use crate::redact::{Audience, redact};
use crate::refusal::Unavailable;
use crate::time::{Day, Instant};

/// What is not known, or not so, is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record {
    pub order: OrderId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// The shop day its number is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen: Option<Chosen>,
    pub step: Step,
    pub version: u32,
    pub began: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submitted: Option<Instant>,
    /// When the barista took it who has it in hand or made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Instant>,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Step>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled_by: Option<By>,
    /// What the bar said of the cancellation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Whose time it was that ran out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// Why the shop could not take it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<Unavailable>,
    pub history: Vec<Happened>,
}

/// One event of the order, in the words of its envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Happened {
    pub position: u64,
    pub time: Instant,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<Actor>,
}

impl Record {
    /// An order from all its events, as `audience` may see it.
    pub fn of(events: &[Recorded], audience: Audience) -> Option<Self> {
        let mut seen = events.iter().filter_map(|recorded| redact(recorded, audience));
        let mut record = Self::begun(&*seen.next()?)?;
        seen.for_each(|recorded| record.apply(&recorded));
        Some(record)
    }

    /// The order as its first event announces it; no later event makes one.
    pub fn begun(recorded: &Recorded) -> Option<Self> {
        let Event::NewOrder(event) = &recorded.event else { return None };
        Some(Self {
            order: event.order,
            channel: recorded.channel,
            day: None,
            number: None,
            chosen: None,
            step: Step::Choosing,
            version: 0,
            began: recorded.at,
            submitted: None,
            claimed: None,
            ready: None,
            ended: None,
            outcome: None,
            cancelled_by: None,
            reason: None,
            cause: None,
            unavailable: None,
            history: vec![Happened::of(recorded)],
        })
    }

    /// Takes in one further event of this order.
    pub fn apply(&mut self, recorded: &Recorded) {
        let at = recorded.at;
        match &recorded.event {
            Event::OrderSubmitted(event) => {
                self.chosen = Some(event.chosen.clone());
                self.submitted = Some(at);
            }
            Event::OrderEdited(event) => self.chosen = Some(event.chosen.clone()),
            Event::NumberGiven(event) => (self.day, self.number) = (Some(event.day), Some(event.number)),
            Event::OrderClaimed(_) => self.claimed = Some(at),
            Event::OrderReleased(_) => self.claimed = None,
            Event::OrderCompleted(_) => self.ready = Some(at),
            Event::OrderCancelled(event) => (self.cancelled_by, self.reason) = (Some(event.by), event.reason),
            Event::OrderRecalled(event) if event.from == Step::Ready => self.ready = None,
            Event::OrderRecalled(_) => (self.cancelled_by, self.reason) = (None, None),
            Event::OrderTimedOut(event) => self.cause = Some(event.cause),
            Event::ShopUnavailable(event) => self.unavailable = Some(event.reason),
            Event::OrderFinished(event) => {
                (self.step, self.outcome, self.ended) = (event.outcome, Some(event.outcome), Some(at));
            }
            _ => {}
        }
        if let Some((step, version)) = recorded.event.step() {
            (self.step, self.version) = (step, version);
        }
        self.history.push(Happened::of(recorded));
    }

    /// Position of its first event.
    pub fn first(&self) -> u64 {
        self.history.first().map_or(0, |happened| happened.position)
    }
}

impl Happened {
    fn of(recorded: &Recorded) -> Self {
        let Recorded { position, at, actor, event, .. } = recorded;
        Self { position: *position, time: *at, kind: event.kind().to_owned(), actor: *actor }
    }
}
