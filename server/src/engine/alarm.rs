//! The alarm of one shop: when its earliest wait ends.

use domain::time::Instant;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Fuse, FusedFuture};

use crate::clock::Clock;

/// Rings when the earliest wait ends. No wait is stored: each follows from the state.
pub(super) struct Alarm<'c> {
    due: Option<Instant>,
    pub(super) rings: Fuse<BoxFuture<'c, ()>>,
}

impl<'c> Alarm<'c> {
    pub(super) fn silent() -> Self {
        Self { due: None, rings: Fuse::terminated() }
    }

    /// Set anew only when it is for another time: most commands leave the earliest wait alone.
    pub(super) fn set(&mut self, clock: &'c dyn Clock, due: Option<Instant>) {
        if self.due != due || self.rings.is_terminated() {
            self.due = due;
            self.rings = due.map_or_else(Fuse::terminated, |due| clock.sleep_until(due).boxed().fuse());
        }
    }
}
