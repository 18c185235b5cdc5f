//! The timer of one shop, set to its next due time.

use domain::time::Instant;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Fuse, FusedFuture};

use crate::clock::Clock;

/// A timer for the earliest due time of a shop. Due times follow from the state and are not stored.
pub(super) struct Alarm<'c> {
    due: Option<Instant>,
    /// Completes at the due time; terminated while there is none.
    pub(super) elapsed: Fuse<BoxFuture<'c, ()>>,
}

impl<'c> Alarm<'c> {
    pub(super) fn disarmed() -> Self {
        Self { due: None, elapsed: Fuse::terminated() }
    }

    /// Sets the due time. Keeps the running timer when it is unchanged, as after most commands.
    pub(super) fn set(&mut self, clock: &'c dyn Clock, due: Option<Instant>) {
        if self.due != due || self.elapsed.is_terminated() {
            self.due = due;
            self.elapsed = due.map_or_else(Fuse::terminated, |due| clock.sleep_until(due).boxed().fuse());
        }
    }
}
