//! One shop's task: it decides ahead while the appender writes, and answers what is durable.

use std::error::Error as StdError;
use std::sync::Arc;

use domain::answer::Answer;
use domain::command::Command;
use domain::ids::ShopId;
use domain::refusal::Refusal;
use domain::time::{Instant, Now};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Fuse, FusedFuture};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::clock::Calendar;
use crate::engine::alarm::Alarm;
use crate::engine::appender::{AppendError, Appender, resolve_append};
use crate::engine::batch::{Batch, Decided, EventLoopError, Resolution, SpeculativeState};
use crate::engine::load::{Loaded, catch_up};
use crate::engine::{CommandError, EngineDeps, Envelope, IdempotencyKey, Reply};
use crate::identity::keys::ShopKeys;
use crate::push::ReadModel;
use crate::push::state::STATE_VERSION;
use crate::store::{HeadLock, Outcome, SHOP_SNAPSHOT, Snapshot, Store};

/// Commands decided in one go before the appender is looked after.
const MAX_BATCH_COMMANDS: usize = 256;

/// The state is written down when this many events lie after the one written down last.
const EVENTS_PER_SNAPSHOT: u64 = 1_000;

/// Conflicts in a row after which the log is held.
const MAX_CONFLICTS_BEFORE_LOCK: u32 = 2;

pub(super) struct Task {
    deps: Arc<EngineDeps>,
    room: Arc<ReadModel>,
    keys: Arc<ShopKeys>,
    appender: Appender,
    speculative: SpeculativeState,
    /// Of the hours as they are decided.
    calendar: Calendar,
    /// Decided, and not given to the appender yet.
    batch: Batch,
    /// Position of the state written down last: from there the next start would read.
    saved_at: u64,
    /// Conflicts since something was written last.
    lost: u32,
    /// The log, held for the run that is written next.
    held: Option<Box<dyn HeadLock>>,
    /// `speculative` is not to be used until nothing is being written and it can be taken anew.
    spoilt: bool,
}

/// The run that the appender has, and what became of it.
type Writing = Fuse<BoxFuture<'static, (Batch, Result<Outcome, AppendError>)>>;

impl Task {
    pub(super) fn new(deps: Arc<EngineDeps>, loaded: &Loaded, appender: Appender, keys: Arc<ShopKeys>) -> Self {
        let Loaded { room, saved_at } = loaded;
        let (room, speculative) = (Arc::clone(room), SpeculativeState::of(&room.seen().state));
        let (calendar, saved_at) = (Calendar::of(speculative.hours(), deps.clock.zone()), *saved_at);
        let (batch, lost, held, spoilt) = (Batch::default(), 0, None, false);
        Self { deps, room, keys, appender, speculative, calendar, batch, saved_at, lost, held, spoilt }
    }

    /// Works until `stop`, then writes what was decided and the state.
    pub(super) async fn work(
        mut self,
        mut posts: mpsc::Receiver<Envelope>,
        mut hinted: watch::Receiver<u64>,
        stop: CancellationToken,
    ) {
        // A program that is only ever killed comes to no other point where it would.
        self.save_when_far().await;
        let mut arrived = Vec::with_capacity(MAX_BATCH_COMMANDS);
        let mut writing: Writing = Fuse::terminated();
        let clock = Arc::clone(&self.deps.clock);
        let mut alarm = Alarm::silent();
        loop {
            alarm.set(clock.as_ref(), self.next_due().map(|(due, _)| due));
            tokio::select! {
                biased;
                (batch, outcome) = &mut writing, if !writing.is_terminated() => self.settle(batch, outcome).await,
                count = posts.recv_many(&mut arrived, MAX_BATCH_COMMANDS) => {
                    if count == 0 {
                        break;
                    }
                    for posted in arrived.drain(..) {
                        self.decide(posted);
                    }
                }
                () = &mut alarm.rings, if !alarm.rings.is_terminated() => self.wake(),
                Ok(()) = hinted.changed() => {}
                () = stop.cancelled() => break,
            }
            if writing.is_terminated() {
                if std::mem::take(&mut self.spoilt) {
                    self.speculative = SpeculativeState::of(&self.room.seen().state);
                }
                writing = self.write();
            }
            // What is being written would be late, and looks for itself then.
            if writing.is_terminated() && *hinted.borrow_and_update() > self.position() {
                self.look().await;
            }
        }
        while !writing.is_terminated() {
            let (batch, outcome) = writing.await;
            self.settle(batch, outcome).await;
            writing = self.write();
        }
        self.save().await;
    }

    /// Asks what the clock asks: the ends of waits and pauses that are due.
    fn wake(&mut self) {
        let now = self.deps.clock.now();
        for _ in 0..MAX_BATCH_COMMANDS {
            match self.next_due() {
                Some((due, command)) if due <= now => self.decide(Envelope::by_the_clock(command)),
                _ => return,
            }
        }
    }

    fn next_due(&mut self) -> Option<(Instant, Command)> {
        if self.spoilt {
            return None;
        }
        let now = self.now();
        self.speculative.next_due(now)
    }

    /// What time it is by the shop's own hours.
    fn now(&mut self) -> Now {
        if self.calendar.hours() != self.speculative.hours() {
            self.calendar = Calendar::of(self.speculative.hours(), self.deps.clock.zone());
        }
        self.calendar.now(self.deps.clock.now())
    }

    fn decide(&mut self, posted: Envelope) {
        if self.spoilt {
            return reply(posted, Err(CommandError::Busy));
        }
        let now = self.now();
        if let Err(EventLoopError(posted)) = self.speculative.decide(&mut self.batch, posted, now) {
            tracing::error!(shop = %self.room.shop(), command = ?posted.asked.command, "the services went in circles");
            reply(*posted, Err(CommandError::Broken));
            self.spoilt = true;
            self.give_up();
        }
    }

    /// Gives the run to the appender. One without events has nothing to wait for.
    fn write(&mut self) -> Writing {
        // Let go of where nothing is left to be written.
        let held = self.held.take();
        if self.batch.decided.is_empty() {
            return Fuse::terminated();
        }
        let batch = std::mem::take(&mut self.batch);
        let epoch = self.room.seen().state.epoch.clone();
        let Some(unit) = batch.unit(self.room.shop(), epoch, &self.keys) else {
            return async move { (batch, Ok(Outcome::Committed)) }.boxed().fuse();
        };
        let appender = self.appender.clone();
        let append = async move {
            match held {
                Some(held) => resolve_append(held.append(&unit).await).await,
                None => appender.append(unit).await,
            }
        };
        async move { (batch, append.await) }.boxed().fuse()
    }

    async fn settle(&mut self, mut batch: Batch, outcome: Result<Outcome, AppendError>) {
        match outcome {
            Ok(Outcome::Committed) => {
                self.lost = 0;
                self.speculative.forget_keys(&batch);
                self.room.publish(std::mem::take(&mut batch.events), std::mem::take(&mut batch.names));
                for decided in batch.decided {
                    self.answer(decided);
                }
                self.save_when_far().await;
            }
            Ok(Outcome::Conflict) => {
                self.lost += 1;
                self.hold().await;
                self.again(batch).await;
            }
            Err(AppendError) => {
                batch.into_posted().for_each(|posted| reply(posted, Err(CommandError::Busy)));
                self.give_up();
                self.speculative = SpeculativeState::of(&self.room.seen().state);
            }
        }
    }

    /// Tells those whose commands were decided on a state that is gone to try again.
    fn give_up(&mut self) {
        std::mem::take(&mut self.batch).into_posted().for_each(|posted| reply(posted, Err(CommandError::Busy)));
    }

    /// Takes the log to itself after it was late twice: what is decided then cannot be late.
    async fn hold(&mut self) {
        if self.lost < MAX_CONFLICTS_BEFORE_LOCK {
            return;
        }
        match self.deps.store.hold(self.room.shop()).await {
            Ok(held) => self.held = held,
            // It is tried as before.
            Err(error) => {
                tracing::warn!(shop = %self.room.shop(), error = &error as &dyn StdError, "cannot hold the log");
            }
        }
    }

    /// Takes in what others wrote, when nothing is being written here.
    async fn look(&mut self) {
        match catch_up(&*self.deps.store, &self.room, &self.keys).await {
            Ok(()) => self.speculative = SpeculativeState::of(&self.room.seen().state),
            // The next hint asks again.
            Err(error) => tracing::warn!(shop = %self.room.shop(), error = &error as &dyn StdError, "cannot catch up"),
        }
    }

    fn position(&self) -> u64 {
        self.room.seen().state.position
    }

    /// Throws away what was decided ahead, catches up, and decides everything again, keys first.
    async fn again(&mut self, batch: Batch) {
        let waiting = std::mem::take(&mut self.batch);
        if let Err(error) = catch_up(&*self.deps.store, &self.room, &self.keys).await {
            tracing::error!(shop = %self.room.shop(), error = &error as &dyn StdError, "cannot catch up");
        }
        self.speculative = SpeculativeState::of(&self.room.seen().state);
        for posted in batch.into_posted().chain(waiting.into_posted()) {
            let (store, shop) = (&*self.deps.store, self.room.shop());
            let known = match given(store, shop, posted.asked.key.as_ref()).await {
                None => begun(store, shop, &posted.asked.command).await,
                answer => answer,
            };
            match known {
                Some(answer) => reply(posted, answer),
                None => self.decide(posted),
            }
        }
    }

    /// A no may only mean that it was done before: then the answer of then is the answer.
    fn answer(&self, decided: Decided) {
        let Decided { posted, resolution } = decided;
        let fallback = match resolution {
            Resolution::Reply(Ok(answer)) => return reply(posted, Ok(answer)),
            Resolution::Reply(Err(refused)) if posted.asked.key.is_none() => return reply(posted, Err(refused)),
            Resolution::Reply(Err(refused)) => refused,
            Resolution::AskReceipt => CommandError::Busy,
        };
        let (store, shop) = (Arc::clone(&self.deps.store), self.room.shop().clone());
        tokio::spawn(async move {
            let answer = given(&*store, &shop, posted.asked.key.as_ref()).await;
            reply(posted, answer.unwrap_or(Err(fallback)));
        });
    }

    async fn save_when_far(&mut self) {
        if self.position() >= self.saved_at + EVENTS_PER_SNAPSHOT {
            self.save().await;
        }
    }

    async fn save(&mut self) {
        let saved = {
            let seen = self.room.seen();
            let position = seen.state.position;
            if position == self.saved_at {
                return;
            }
            let state = serde_json::to_string(&seen.state).expect("the state has text keys only");
            Snapshot { version: STATE_VERSION, position, state }
        };
        self.saved_at = saved.position;
        self.appender.save(self.room.shop().clone(), SHOP_SNAPSHOT.into(), saved).await;
    }
}

/// Nobody waiting any more is no error: the guest closed the page, and what happened has happened.
fn reply(posted: Envelope, answer: Reply) {
    let _ = posted.reply.send(answer);
}

/// The answer a key was given, if it was.
async fn given(store: &dyn Store, shop: &ShopId, key: Option<&IdempotencyKey>) -> Option<Reply> {
    let key = key?;
    match store.receipt(shop, &key.text).await {
        Ok(None) => None,
        Ok(Some(receipt)) if receipt.body != key.body => Some(Err(CommandError::IdempotencyKeyReused)),
        Ok(Some(receipt)) => Some(serde_json::from_str(&receipt.answer).map_err(|_| CommandError::Broken)),
        Err(error) => {
            tracing::error!(%shop, error = &error as &dyn StdError, "a receipt cannot be read");
            Some(Err(CommandError::Busy))
        }
    }
}

/// The no to a start of an order that the log has and the state has forgotten: decided again, it would only meet the
/// same row again, for ever.
async fn begun(store: &dyn Store, shop: &ShopId, command: &Command) -> Option<Reply> {
    let (Command::Start { order, .. } | Command::WalkIn { order, .. }) = command else { return None };
    match store.events_of(shop, *order).await {
        Ok(events) => {
            let step = Answer::from_events(events.iter().map(|recorded| &recorded.event)).step?;
            Some(Err(CommandError::Refusal(Refusal::StepIsIllegal { step })))
        }
        Err(error) => {
            tracing::error!(%shop, error = &error as &dyn StdError, "an order cannot be read");
            Some(Err(CommandError::Busy))
        }
    }
}
