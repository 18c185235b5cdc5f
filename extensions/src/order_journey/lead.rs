//! Lead of a journey: the facts about an order's outcome or current step, and their picture.

use domain::event::Recorded;
use domain::extension::sheet::Picture;
use domain::order::{CancelReason, CancelledBy, Step, TimeoutCause};
use domain::redact::Audience;
use domain::refusal::Unavailable;
use domain::time::Instant;
use domain::view::record::Record;

/// The facts of the lead sentence.
pub(super) struct Lead {
    /// Name of the chosen drink.
    pub(super) drink: Option<String>,
    pub(super) state: LeadState,
}

/// Outcome or current step of an order. Numbers are seconds since its first event.
pub(super) enum LeadState {
    Choosing { seconds: u32 },
    Waiting { seconds: u32 },
    Making { seconds: u32 },
    Ready { seconds: u32 },
    Collected { ready: Option<u32>, seconds: u32 },
    CancelledByBar { seconds: u32, reason: Option<CancelReason> },
    CancelledByGuest { seconds: u32 },
    NotChosen { seconds: u32 },
    NotMade { seconds: u32 },
    NotCollected { seconds: u32 },
    TurnedAway { reason: Option<Unavailable> },
}

impl Lead {
    /// Folds the events of an order; `None` without events.
    pub(super) fn of_order(events: &[Recorded], now: Instant) -> Option<Self> {
        // The events are already redacted for the reader, so no further redaction is needed.
        let record = Record::from_events(events, Audience::Staff)?;
        let last = events.iter().map(|recorded| recorded.at).next_back()?;
        let took = |until: Instant| until.seconds_since(record.began);
        // The duration of a cancelled order ends at the cancellation, not at the end of the time to undo it.
        let ended = events.iter().rev().find(|recorded| recorded.event.step().is_some()).map_or(last, |last| last.at);
        let over = took(record.ended.unwrap_or(last));
        let state = match record.step {
            Step::Choosing => LeadState::Choosing { seconds: took(now) },
            Step::Waiting => LeadState::Waiting { seconds: took(now) },
            Step::Making => LeadState::Making { seconds: took(now) },
            Step::Ready => LeadState::Ready { seconds: took(record.ready.unwrap_or(last)) },
            Step::Collected => LeadState::Collected { ready: record.ready.map(took), seconds: took(ended) },
            Step::Cancelled if record.cancelled_by == Some(CancelledBy::Bar) => {
                LeadState::CancelledByBar { seconds: took(ended), reason: record.reason }
            }
            Step::Cancelled => LeadState::CancelledByGuest { seconds: took(ended) },
            Step::TimedOut if record.cause == Some(TimeoutCause::Barista) => LeadState::NotMade { seconds: over },
            Step::TimedOut => LeadState::NotChosen { seconds: over },
            Step::Expired => LeadState::NotCollected { seconds: over },
            Step::Unavailable => LeadState::TurnedAway { reason: record.unavailable },
        };
        Some(Self { drink: record.chosen.map(|chosen| chosen.name), state })
    }

    pub(super) fn picture(&self) -> Picture {
        match self.state {
            LeadState::Choosing { .. } => Picture::Menu,
            LeadState::Waiting { .. } => Picture::Queue,
            LeadState::Making { .. } => Picture::Making,
            LeadState::Ready { .. } => Picture::Ready,
            LeadState::Collected { .. } => Picture::Enjoyed,
            LeadState::CancelledByBar { .. } => Picture::CalledOff,
            LeadState::CancelledByGuest { .. } => Picture::Cancelled,
            LeadState::NotChosen { .. } => Picture::TimedOut,
            LeadState::NotMade { .. } => Picture::Late,
            LeadState::NotCollected { .. } => Picture::Cold,
            LeadState::TurnedAway { .. } => Picture::Closed,
        }
    }
}
