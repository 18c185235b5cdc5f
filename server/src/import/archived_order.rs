//! One order of the archive, told in our events.
//!
//! Filled in is what must have happened, never what might have: a drink that was called ready was begun, numbered and
//! claimed, but which drink it was, or how it ended, nobody can know whom the archive does not tell.

use domain::access::Actor;
use domain::command::Channel;
use domain::event::Event;
use domain::ids::OrderId;
use domain::order::{Cause, Step};
use domain::refusal::Unavailable;
use domain::time::{Day, Instant};

use self::reconstruction::OrderReconstruction;
use super::names::Names;
use super::original::{Archived, Drink, Fact};
use super::report::SkipReason;

mod reconstruction;

/// What is said of one order, in the order of its facts' times.
#[derive(Debug)]
pub(super) struct ArchivedOrder<'a> {
    pub order: OrderId,
    /// As the archive names it.
    pub name: &'a str,
    /// Each with the place of its entry.
    pub facts: Vec<(usize, &'a Archived)>,
    /// Why its guest was turned away, if the shop was unavailable.
    pub reason: Unavailable,
}

/// One event of the log to be.
#[derive(Debug)]
pub(super) struct Line {
    pub at: Instant,
    pub event: Event,
    pub actor: Actor,
    pub channel: Option<Channel>,
    pub tie: Causation,
    /// The archive has no event of its own for it.
    pub is_filled_in: bool,
}

/// How a line goes with the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Causation {
    /// Another command's.
    None,
    /// Said by the same command.
    Beside,
    /// Its answer, within the same command.
    Answer,
}

#[derive(Debug)]
pub(super) struct Reconstructed {
    pub lines: Vec<Line>,
    pub orderer: Actor,
    pub number: u32,
    pub outcome: Step,
    /// Its end is not in the archive: its wait ended.
    pub is_by_clock: bool,
    /// Facts that came before what they follow from, and are told right after it.
    pub moved: u64,
    /// What became of each entry.
    pub verdicts: Vec<(usize, Result<(), SkipReason>)>,
}

/// What telling takes besides the story.
pub(super) struct ImportContext<'a> {
    pub names: &'a Names<'a>,
    pub day_of: &'a dyn Fn(Instant) -> Day,
    /// The number of the next order whose own is not in the archive.
    pub spare_number: u32,
}

impl ArchivedOrder<'_> {
    fn find<T>(&self, pick: impl Fn(&Fact) -> Option<T>) -> Option<T> {
        self.facts.iter().find_map(|(_, archived)| pick(&archived.fact))
    }

    fn has(&self, is_it: impl Fn(&Fact) -> bool) -> bool {
        self.facts.iter().any(|(_, archived)| is_it(&archived.fact))
    }

    /// What its event says, else what was asked for.
    pub(super) fn drink(&self) -> Option<Drink> {
        let submitted = |fact: &Fact| if let Fact::Submitted { drink, .. } = fact { drink.clone() } else { None };
        let asked = |fact: &Fact| if let Fact::Asked { drink } = fact { drink.clone() } else { None };
        self.find(submitted).or_else(|| self.find(asked))
    }

    /// A start by this guest of which nothing more is known: it may be the one that could not be served.
    pub(super) fn may_be_turned_away(&self, unavailable: &Archived) -> bool {
        let is_early = |fact: &Fact| matches!(fact, Fact::Begun { .. } | Fact::Asked { .. } | Fact::Finished);
        let began = |(_, archived): &(usize, &Archived)| {
            let is_before = archived.at <= unavailable.at;
            matches!(archived.fact, Fact::Begun { .. }) && is_before && archived.user == unavailable.user
        };
        self.facts.iter().any(began) && self.facts.iter().all(|(_, archived)| is_early(&archived.fact))
    }

    /// When it could not be served.
    pub(super) fn turned_away(&self) -> Option<Instant> {
        let is_it = |(_, archived): &&(usize, &Archived)| matches!(archived.fact, Fact::Unavailable);
        self.facts.iter().find(is_it).map(|(_, archived)| archived.at)
    }

    pub(super) fn number(&self) -> Option<u32> {
        self.find(|fact| match fact {
            Fact::Numbered { number } | Fact::Submitted { number, .. } => *number,
            _ => None,
        })
    }

    /// What a robot asked to become of it, and which robot.
    fn bidden(&self) -> Option<(bool, Option<String>)> {
        self.find(|fact| match fact {
            Fact::Bidden { to_cancel, barista } => Some((*to_cancel, barista.clone())),
            _ => None,
        })
    }

    /// Why it cannot be told at all.
    fn untold(&self) -> Option<SkipReason> {
        let is_request = |fact: &Fact| matches!(fact, Fact::Asked { .. } | Fact::Bidden { .. });
        let ends = |fact: &Fact| {
            matches!(fact, Fact::Completed | Fact::Cancelled { .. } | Fact::TimedOut(_) | Fact::Unavailable)
        };
        let was_chosen = |fact: &Fact| {
            let is_bars = matches!(fact, Fact::Claimed { .. } | Fact::Released | Fact::Completed);
            let is_numbered = matches!(fact, Fact::Numbered { .. } | Fact::Submitted { .. });
            is_bars || is_numbered || matches!(fact, Fact::TimedOut(Cause::Barista))
        };
        let only_finished = self.has(|fact| matches!(fact, Fact::Finished)) && !self.has(ends);
        if self.facts.iter().all(|(_, archived)| is_request(&archived.fact)) {
            Some(SkipReason::Request)
        } else if only_finished && self.bidden().is_none() {
            Some(SkipReason::EndUnknown)
        } else if (self.has(was_chosen) || only_finished) && self.drink().is_none() {
            Some(SkipReason::DrinkUnknown)
        } else {
            None
        }
    }

    /// Tells it from its start to its end.
    ///
    /// # Errors
    /// Why it is left out, with all its events.
    pub(super) fn tell(&self, means: &mut ImportContext<'_>) -> Result<Reconstructed, SkipReason> {
        if let Some(why) = self.untold() {
            return Err(why);
        }
        let mut reconstruction = OrderReconstruction::begun(self, means);
        let verdicts = self.facts.iter().map(|(place, archived)| (*place, reconstruction.hear(archived))).collect();
        let is_by_clock = reconstruction.end();
        Ok(Reconstructed { is_by_clock, verdicts, ..reconstruction.told() })
    }
}
