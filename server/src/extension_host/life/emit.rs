//! What an extension says in a life of it: asked for now and then, and brought to the shop.

use domain::access::Actor;
use domain::command::StoreCommand;
use domain::extension::Emission;
use domain::time::Instant;

use super::ExtensionRun;
use crate::engine::{CommandError, CommandRequest};
use crate::extension_host::emission;
use crate::extension_host::feed::RestartReason;

/// Between two times that something is said.
pub(super) const BREATH_S: u32 = 1;

impl ExtensionRun<'_> {
    pub(super) async fn speak(&mut self) -> Result<(), RestartReason> {
        let now = self.feed.clock.now();
        (self.speaks, self.spoke) = (Instant::NEVER, now);
        let said =
            if self.unsaid.is_empty() { self.with(move |extension| extension.tick(now)).await? } else { Vec::new() };
        self.say(said).await;
        Ok(())
    }

    /// Has it said by the road that every command takes. What is not taken now is said again in a while.
    pub(super) async fn say(&mut self, said: Vec<Emission>) {
        let (shop, extension) = (self.feed.room.shop(), self.feed.hosted_extension.manifest.name);
        let (events, dropped) = emission::events(extension, said, std::mem::take(&mut self.hops));
        if dropped > 0 {
            tracing::warn!(extension, %shop, dropped, "an extension says more than it may");
            self.feed.hosted_extension.note(shop, |standing| standing.dropped += dropped);
        }
        self.unsaid.extend(events);
        if self.unsaid.is_empty() {
            return;
        }
        let command = StoreCommand::Emit(self.unsaid.clone()).into();
        let asked = CommandRequest { who: Actor::System, command, key: None, name: None };
        if let Some(Err(CommandError::Busy)) = self.feed.engine.ask(shop, asked).await {
            self.speaks = self.feed.clock.now().plus_seconds(BREATH_S);
        } else {
            self.unsaid.clear();
        }
    }
}
