//! Converts one archived order into Crema events.
//!
//! Events that must have happened are filled in: a completed order was started, numbered and claimed. Facts that the
//! archive lacks, such as the drink or the outcome, are never invented.

use domain::access::Actor;
use domain::event::Event;
use domain::ids::OrderId;
use domain::order::{Channel, Step, TimeoutCause};
use domain::refusal::Unavailable;
use domain::time::{Day, Instant};

use self::reconstruction::OrderReconstruction;
use super::ids::DerivedIds;
use super::original::{ArchivedDrink, ArchivedEvent, Payload};
use super::skip_reason::SkipReason;

mod reconstruction;

/// The archived events of one order, sorted by time.
#[derive(Debug)]
pub(super) struct ArchivedOrder<'a> {
    pub order: OrderId,
    /// The order id in the archive.
    pub name: &'a str,
    /// Each event with the index of its entry.
    pub events: Vec<(usize, &'a ArchivedEvent)>,
    /// Reason of `ShopUnavailable`, if the order has one.
    pub reason: Unavailable,
}

/// An event before it has an id and a position.
#[derive(Debug)]
pub(super) struct DraftEvent {
    pub at: Instant,
    pub event: Event,
    pub actor: Actor,
    pub channel: Option<Channel>,
    pub causation: Causation,
    /// True if the archive has no event for it.
    pub is_filled_in: bool,
}

/// Relation of a draft to the previous one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Causation {
    /// The first event of a command; starts a new correlation.
    NewCommand,
    /// Emitted by the same command; has no cause.
    SameCommand,
    /// Emitted by the same command and caused by the previous event.
    PreviousEvent,
}

/// A reconstructed order.
#[derive(Debug)]
pub(super) struct Reconstructed {
    pub drafts: Vec<DraftEvent>,
    pub orderer: Actor,
    pub number: u32,
    pub outcome: Step,
    /// True if the archive has no outcome, so that the order timed out.
    pub is_by_clock: bool,
    /// Number of events moved to a later time because they preceded their cause.
    pub moved: u64,
    /// Result for each entry, by index.
    pub verdicts: Vec<(usize, Result<(), SkipReason>)>,
}

/// Shared state of a reconstruction.
pub(super) struct ImportContext<'a> {
    pub ids: &'a DerivedIds<'a>,
    pub day_of: &'a dyn Fn(Instant) -> Day,
    /// Order number for the next order without one in the archive.
    pub spare_number: u32,
}

impl ArchivedOrder<'_> {
    fn find<T>(&self, pick: impl Fn(&Payload) -> Option<T>) -> Option<T> {
        self.events.iter().find_map(|(_, archived)| pick(&archived.payload))
    }

    fn has(&self, is_it: impl Fn(&Payload) -> bool) -> bool {
        self.events.iter().any(|(_, archived)| is_it(&archived.payload))
    }

    /// Returns the submitted drink, or else the requested one.
    pub(super) fn drink(&self) -> Option<ArchivedDrink> {
        let submitted =
            |payload: &Payload| if let Payload::Submitted { drink, .. } = payload { drink.clone() } else { None };
        let asked =
            |payload: &Payload| if let Payload::OrderRequested { drink } = payload { drink.clone() } else { None };
        self.find(submitted).or_else(|| self.find(asked))
    }

    /// Whether `unavailable`, which names no order, may belong to this one: the same guest started it earlier and no
    /// later step is known.
    pub(super) fn may_be_turned_away(&self, unavailable: &ArchivedEvent) -> bool {
        let is_early = |payload: &Payload| {
            matches!(payload, Payload::NewOrder { .. } | Payload::OrderRequested { .. } | Payload::Finished)
        };
        let began = |(_, archived): &(usize, &ArchivedEvent)| {
            let is_before = archived.at <= unavailable.at;
            matches!(archived.payload, Payload::NewOrder { .. }) && is_before && archived.user == unavailable.user
        };
        self.events.iter().any(began) && self.events.iter().all(|(_, archived)| is_early(&archived.payload))
    }

    /// Time of its `ShopUnavailable`, if any.
    pub(super) fn turned_away(&self) -> Option<Instant> {
        let is_it = |(_, archived): &&(usize, &ArchivedEvent)| matches!(archived.payload, Payload::Unavailable);
        self.events.iter().find(is_it).map(|(_, archived)| archived.at)
    }

    pub(super) fn number(&self) -> Option<u32> {
        self.find(|payload| match payload {
            Payload::Numbered { number } | Payload::Submitted { number, .. } => *number,
            _ => None,
        })
    }

    /// Returns the outcome that a robot requested (true to cancel) and the robot's id.
    fn requested_outcome(&self) -> Option<(bool, Option<String>)> {
        self.find(|payload| match payload {
            Payload::FulfilmentRequested { to_cancel, barista } => Some((*to_cancel, barista.clone())),
            _ => None,
        })
    }

    /// Returns why the order cannot be reconstructed at all.
    fn skip_reason(&self) -> Option<SkipReason> {
        let is_request =
            |payload: &Payload| matches!(payload, Payload::OrderRequested { .. } | Payload::FulfilmentRequested { .. });
        let ends = |payload: &Payload| {
            matches!(
                payload,
                Payload::Completed | Payload::Cancelled { .. } | Payload::TimedOut(_) | Payload::Unavailable
            )
        };
        let was_chosen = |payload: &Payload| {
            let is_bars = matches!(payload, Payload::Claimed { .. } | Payload::Released | Payload::Completed);
            let is_numbered = matches!(payload, Payload::Numbered { .. } | Payload::Submitted { .. });
            is_bars || is_numbered || matches!(payload, Payload::TimedOut(TimeoutCause::Barista))
        };
        let only_finished = self.has(|payload| matches!(payload, Payload::Finished)) && !self.has(ends);
        if self.events.iter().all(|(_, archived)| is_request(&archived.payload)) {
            Some(SkipReason::Request)
        } else if only_finished && self.requested_outcome().is_none() {
            Some(SkipReason::OutcomeUnknown)
        } else if (self.has(was_chosen) || only_finished) && self.drink().is_none() {
            Some(SkipReason::DrinkUnknown)
        } else {
            None
        }
    }

    /// Reconstructs the order from its start to its end.
    ///
    /// # Errors
    /// The reason to skip the order with all its events.
    pub(super) fn reconstruct(&self, context: &mut ImportContext<'_>) -> Result<Reconstructed, SkipReason> {
        if let Some(reason) = self.skip_reason() {
            return Err(reason);
        }
        let mut reconstruction = OrderReconstruction::new(self, context);
        let verdicts = self.events.iter().map(|(index, archived)| (*index, reconstruction.apply(archived))).collect();
        let is_by_clock = reconstruction.finish();
        Ok(Reconstructed { is_by_clock, verdicts, ..reconstruction.into_reconstructed() })
    }
}
