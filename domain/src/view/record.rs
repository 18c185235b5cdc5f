//! The record of one order: its state, milestones and history. Exported as one line each.

use serde::Serialize;

use crate::access::Actor;
use crate::event::{Event, Recorded};
use crate::ids::OrderId;
use crate::menu::Chosen;
use crate::order::{CancelReason, CancelledBy, Channel, Step, TimeoutCause};
use crate::redact::{Audience, redact};
use crate::refusal::Unavailable;
use crate::time::{Day, Instant};

/// The record of an order. Fields without a value are left out of the serialised form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Id of the order.
    pub order: OrderId,
    /// The channel through which the order came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Shop day of the order number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<Day>,
    /// Order number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// Drink and options, as last edited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen: Option<Chosen>,
    /// Current step, or the outcome of a finished order.
    pub step: Step,
    /// Number of transitions since the start.
    pub version: u32,
    /// Time of the start.
    pub began: Instant,
    /// Time of the submission.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submitted: Option<Instant>,
    /// Time of the last claim; `None` after a release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Instant>,
    /// Time of completion; `None` after a recall to preparation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready: Option<Instant>,
    /// Time of `OrderFinished`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Instant>,
    /// Final step; `None` while the order is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Step>,
    /// The party that cancelled the order; `None` after the cancellation is undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled_by: Option<CancelledBy>,
    /// Reason of a cancellation by the bar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<CancelReason>,
    /// The party that missed the deadline of a timed-out order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<TimeoutCause>,
    /// Reason for which the shop could not accept the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<Unavailable>,
    /// All events of the order, the oldest first.
    pub history: Vec<HistoryEntry>,
}

/// One event of the history; the fields are those of the event's envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HistoryEntry {
    /// Position in the shop's log, from 1.
    pub position: u64,
    /// Time of the event.
    pub time: Instant,
    /// Name of the event.
    #[serde(rename = "type")]
    pub kind: String,
    /// The issuer of the command; `None` for readers who are not staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<Actor>,
}

impl Record {
    /// Folds all events of one order, redacted for `audience`. `None` if the first visible event is not `NewOrder`.
    pub fn from_events(events: &[Recorded], audience: Audience) -> Option<Self> {
        let mut seen = events.iter().filter_map(|recorded| redact(recorded, audience));
        let mut record = Self::from_first_event(&*seen.next()?)?;
        seen.for_each(|recorded| record.apply(&recorded));
        Some(record)
    }

    /// The record after the `NewOrder` event; `None` for any other event.
    pub fn from_first_event(recorded: &Recorded) -> Option<Self> {
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
            history: vec![HistoryEntry::of(recorded)],
        })
    }

    /// Applies one further event of this order.
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
        self.history.push(HistoryEntry::of(recorded));
    }

    /// Position of the first event.
    pub fn first(&self) -> u64 {
        self.history.first().map_or(0, |happened| happened.position)
    }
}

impl HistoryEntry {
    fn of(recorded: &Recorded) -> Self {
        let Recorded { position, at, actor, event, .. } = recorded;
        Self { position: *position, time: *at, kind: event.kind().to_owned(), actor: *actor }
    }
}
