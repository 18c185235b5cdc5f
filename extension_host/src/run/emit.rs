//! Emissions of a run: asked for at most once a second and issued to the shop as a command.

use domain::access::Actor;
use domain::command::StoreCommand;
use domain::extension::Emission;
use domain::time::Instant;
use engine::{CommandError, CommandRequest};

use super::ExtensionRun;
use crate::emission;
use crate::feed_context::RestartReason;

/// Shortest time between two ticks, in seconds.
pub(super) const EMIT_INTERVAL_SECONDS: u32 = 1;

impl ExtensionRun<'_> {
    /// Asks the extension for emissions and issues them. Pending emissions go first.
    ///
    /// # Errors
    /// The extension failed.
    pub(super) async fn tick(&mut self) -> Result<(), RestartReason> {
        let now = self.feed.clock.now();
        (self.next_tick, self.last_tick) = (Instant::NEVER, now);
        let emissions =
            if self.pending.is_empty() { self.with(move |extension| extension.tick(now)).await? } else { Vec::new() };
        self.emit(emissions).await;
        Ok(())
    }

    /// Issues emissions as one command. While the shop is busy they stay pending until the next tick.
    pub(super) async fn emit(&mut self, emissions: Vec<Emission>) {
        let (shop, extension) = (self.feed.read_model.shop(), self.feed.hosted_extension.manifest.name);
        let (events, dropped) = emission::events(extension, emissions, std::mem::take(&mut self.hops));
        if dropped > 0 {
            tracing::warn!(extension, %shop, dropped, "extension emissions dropped: rate or hop limit exceeded");
            self.feed.hosted_extension.update_status(shop, |status| status.dropped += dropped);
        }
        self.pending.extend(events);
        if self.pending.is_empty() {
            return;
        }
        let command = StoreCommand::Emit(self.pending.clone()).into();
        let asked = CommandRequest { actor: Actor::System, command, idempotency_key: None, name: None };
        if let Some(Err(CommandError::Busy)) = self.feed.engine.execute(shop, asked).await {
            self.next_tick = self.feed.clock.now().plus_seconds(EMIT_INTERVAL_SECONDS);
        } else {
            self.pending.clear();
        }
    }
}
