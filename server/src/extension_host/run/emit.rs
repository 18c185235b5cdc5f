//! Emissions of a run: collected by ticks and recorded in the shop's log.

use domain::access::Actor;
use domain::command::StoreCommand;
use domain::extension::Emission;
use domain::time::Instant;

use super::ExtensionRun;
use crate::engine::{CommandError, CommandRequest};
use crate::extension_host::emission;
use crate::extension_host::feed::RestartReason;

/// Minimum time between two ticks in seconds.
pub(super) const TICK_INTERVAL_SECONDS: u32 = 1;

impl ExtensionRun<'_> {
    /// Calls `tick` and emits its result, or retries pending events.
    ///
    /// # Errors
    /// The worker failed.
    pub(super) async fn tick(&mut self) -> Result<(), RestartReason> {
        let now = self.feed.clock.now();
        (self.next_tick, self.last_tick) = (Instant::NEVER, now);
        let emissions =
            if self.unsent.is_empty() { self.call(move |extension| extension.tick(now)).await? } else { Vec::new() };
        self.emit(emissions).await;
        Ok(())
    }

    /// Sends emissions to the engine as a command. Keeps them for the next tick if the engine is busy.
    pub(super) async fn emit(&mut self, emissions: Vec<Emission>) {
        let (shop, extension) = (self.feed.read_model.shop(), self.feed.hosted_extension.manifest.name);
        let (events, dropped) = emission::events(extension, emissions, std::mem::take(&mut self.hops));
        if dropped > 0 {
            tracing::warn!(extension, %shop, dropped, "extension emissions dropped");
            self.feed.hosted_extension.update_status(shop, |status| status.dropped += dropped);
        }
        self.unsent.extend(events);
        if self.unsent.is_empty() {
            return;
        }
        let command = StoreCommand::Emit(self.unsent.clone()).into();
        let request = CommandRequest { who: Actor::System, command, key: None, name: None };
        if let Some(Err(CommandError::Busy)) = self.feed.engine.ask(shop, request).await {
            self.next_tick = self.feed.clock.now().plus_seconds(TICK_INTERVAL_SECONDS);
        } else {
            self.unsent.clear();
        }
    }
}
