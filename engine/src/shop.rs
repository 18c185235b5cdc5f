//! One shop's task: it decides on speculative state while the appender writes, and answers once a batch is durable.

use std::sync::Arc;
use std::time::Duration;

use domain::answer::Answer;
use domain::command::{Command, StoreCommand};
use domain::ids::ShopId;
use domain::refusal::Refusal;
use domain::time::{Instant, Now};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Fuse, FusedFuture};
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use crate::alarm::Alarm;
use crate::appender::{AppendError, Appender, WRITE_RETRY_DELAY, map_append_error};
use crate::batch::{Batch, Decided, EventLoopError, Resolution, SpeculativeState};
use crate::clock::Calendar;
use crate::error_field;
use crate::keys::NameCipher;
use crate::load::{CaughtUp, catch_up};
use crate::read_model::ReadModel;
use crate::read_model::state::STATE_VERSION;
use crate::store::{HeadLock, Outcome, SHOP_SNAPSHOT, Store, StoredSnapshot};
use crate::{CommandError, EngineDeps, Envelope, IdempotencyKey, Reply};

/// Largest number of commands that are decided before the task returns to its loop.
const MAX_BATCH_COMMANDS: usize = 256;

/// Events between two snapshots.
const EVENTS_PER_SNAPSHOT: u64 = 1_000;

/// Consecutive conflicts after which the task locks the shop's head.
const MAX_CONFLICTS_BEFORE_LOCK: u32 = 2;

/// Consecutive conflicts after which commands are refused, if the log shows no reason for them.
const MAX_CONFLICTS_WITHOUT_NEWS: u32 = 3;

/// Interval at which an idle task compares the read model with the log.
const VERIFY_INTERVAL: Duration = Duration::from_secs(5);

pub(super) struct Task {
    deps: Arc<EngineDeps>,
    read_model: Arc<ReadModel>,
    keys: Arc<dyn NameCipher>,
    appender: Appender,
    speculative: SpeculativeState,
    /// Calendar for the hours of the speculative state.
    calendar: Calendar,
    /// Decided commands that the appender does not have yet.
    batch: Batch,
    /// Position of the last snapshot, from which the next start would read the log.
    snapshot_position: u64,
    /// Conflicts since the last successful write.
    conflicts: u32,
    /// Conflicts since the last successful write or change of the log.
    conflicts_without_news: u32,
    /// Lock on the shop's head, for the next batch.
    head_lock: Option<Box<dyn HeadLock>>,
    /// True while the speculative state is unusable. It is rebuilt once no write is in progress.
    is_invalidated: bool,
}

/// The write in progress, with its batch and result.
type Writing = Fuse<BoxFuture<'static, (Batch, Result<Outcome, AppendError>)>>;

impl Task {
    pub(super) fn new(
        deps: Arc<EngineDeps>,
        read_model: Arc<ReadModel>,
        snapshot_position: u64,
        appender: Appender,
        keys: Arc<dyn NameCipher>,
    ) -> Self {
        let speculative = SpeculativeState::new(&read_model.read());
        Self {
            calendar: Calendar::new(speculative.hours(), deps.clock.zone()),
            deps,
            read_model,
            keys,
            appender,
            speculative,
            batch: Batch::default(),
            snapshot_position,
            conflicts: 0,
            conflicts_without_news: 0,
            head_lock: None,
            is_invalidated: false,
        }
    }

    /// Runs until `stop`, then writes the decided commands and a snapshot.
    pub(super) async fn run(
        mut self,
        mut inbox: mpsc::Receiver<Envelope>,
        mut hinted_position: watch::Receiver<u64>,
        stop: CancellationToken,
    ) {
        // A program that always ends by a kill would otherwise not save this snapshot.
        self.save_snapshot_if_due().await;
        let mut received = Vec::with_capacity(MAX_BATCH_COMMANDS);
        let mut writing: Writing = Fuse::terminated();
        let clock = Arc::clone(&self.deps.clock);
        let mut alarm = Alarm::disarmed();
        let mut verification = interval_at(tokio::time::Instant::now() + VERIFY_INTERVAL, VERIFY_INTERVAL);
        verification.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let mut is_verification_due = false;
            alarm.set(clock.as_ref(), self.next_due().map(|(due, _)| due));
            tokio::select! {
                biased;
                (batch, outcome) = &mut writing, if !writing.is_terminated() => {
                    self.settle(batch, outcome, &stop).await;
                }
                count = inbox.recv_many(&mut received, MAX_BATCH_COMMANDS) => {
                    if count == 0 {
                        break;
                    }
                    for envelope in received.drain(..) {
                        self.decide(envelope);
                    }
                }
                () = &mut alarm.elapsed, if !alarm.elapsed.is_terminated() => self.decide_due_commands(),
                Ok(()) = hinted_position.changed() => {}
                _ = verification.tick() => is_verification_due = true,
                () = stop.cancelled() => break,
            }
            if writing.is_terminated() {
                if std::mem::take(&mut self.is_invalidated) {
                    self.reset_speculative();
                }
                writing = self.start_write();
            }
            // A batch in flight would conflict and catch up anyway.
            let is_behind = *hinted_position.borrow_and_update() > self.position();
            if writing.is_terminated() && (is_behind || is_verification_due) {
                self.catch_up().await;
            }
        }
        while !writing.is_terminated() {
            let (batch, outcome) = writing.await;
            self.settle(batch, outcome, &stop).await;
            writing = self.start_write();
        }
        self.save_snapshot().await;
    }

    /// Decides the commands of the clock that are due, such as the ends of waits and pauses.
    fn decide_due_commands(&mut self) {
        let now = self.deps.clock.now();
        for _ in 0..MAX_BATCH_COMMANDS {
            match self.next_due() {
                Some((due, command)) if due <= now => self.decide(Envelope::from_clock(command)),
                _ => return,
            }
        }
    }

    fn next_due(&mut self) -> Option<(Instant, Command)> {
        if self.is_invalidated {
            return None;
        }
        let now = self.now();
        self.speculative.next_due(now)
    }

    /// The current time by the hours of the speculative state.
    fn now(&mut self) -> Now {
        if self.calendar.hours() != self.speculative.hours() {
            self.calendar = Calendar::new(self.speculative.hours(), self.deps.clock.zone());
        }
        self.calendar.now(self.deps.clock.now())
    }

    fn decide(&mut self, envelope: Envelope) {
        let is_creation = matches!(envelope.request.command, Command::Store(StoreCommand::Create { .. }));
        // A shop whose log has gone may return with a log; no command but a creation may begin another.
        if self.is_invalidated || self.speculative.is_empty() && !is_creation {
            return reply(envelope, Err(CommandError::Busy));
        }
        let now = self.now();
        if let Err(EventLoopError(envelope)) = self.speculative.decide(&mut self.batch, envelope, now) {
            let (shop, command) = (self.read_model.shop(), &envelope.request.command);
            tracing::error!(%shop, ?command, "event loop in the domain; command failed");
            reply(*envelope, Err(CommandError::Broken));
            self.is_invalidated = true;
            self.reject_batch();
        }
    }

    /// Passes the batch to the appender. A batch without events and receipts needs no write and settles at
    /// once.
    fn start_write(&mut self) -> Writing {
        // An unused lock is released when it goes out of scope.
        let head_lock = self.head_lock.take();
        if self.batch.decided.is_empty() {
            return Fuse::terminated();
        }
        let batch = std::mem::take(&mut self.batch);
        let epoch = self.read_model.read().state.epoch.clone();
        let Some(shop_batch) = batch.to_shop_batch(self.read_model.shop(), epoch, &*self.keys) else {
            return async move { (batch, Ok(Outcome::Committed)) }.boxed().fuse();
        };
        let appender = self.appender.clone();
        let append = async move {
            match head_lock {
                Some(head_lock) => map_append_error(head_lock.append(&shop_batch).await).await,
                None => appender.append(shop_batch).await,
            }
        };
        async move { (batch, append.await) }.boxed().fuse()
    }

    /// Publishes and answers a committed batch, and decides a conflicting one again.
    async fn settle(&mut self, mut batch: Batch, outcome: Result<Outcome, AppendError>, stop: &CancellationToken) {
        match outcome {
            Ok(Outcome::Committed) => {
                (self.conflicts, self.conflicts_without_news) = (0, 0);
                self.speculative.forget_keys(&batch);
                self.read_model.publish(std::mem::take(&mut batch.events), std::mem::take(&mut batch.names));
                for decided in batch.decided {
                    self.respond(decided);
                }
                self.save_snapshot_if_due().await;
            }
            Ok(Outcome::Conflict) => {
                self.conflicts += 1;
                self.conflicts_without_news += 1;
                self.lock_head_if_starved().await;
                self.catch_up().await;
                if self.conflicts_without_news >= MAX_CONFLICTS_WITHOUT_NEWS {
                    tracing::error!(shop = %self.read_model.shop(), position = self.position(), "conflicts without news in the log; commands refused");
                    tokio::time::sleep(WRITE_RETRY_DELAY).await;
                    self.refuse(batch);
                } else if stop.is_cancelled() {
                    self.refuse(batch);
                } else {
                    self.decide_again(batch).await;
                }
            }
            Err(AppendError) => self.refuse(batch),
        }
    }

    /// Answers "busy" to the commands of a batch that was not written, and to those that were decided on it.
    fn refuse(&mut self, batch: Batch) {
        self.head_lock = None;
        batch.into_envelopes().for_each(|envelope| reply(envelope, Err(CommandError::Busy)));
        self.reject_batch();
        self.reset_speculative();
    }

    /// Answers "busy" to the commands of the current batch, because their state was discarded.
    fn reject_batch(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        batch.into_envelopes().for_each(|envelope| reply(envelope, Err(CommandError::Busy)));
    }

    fn reset_speculative(&mut self) {
        self.speculative = SpeculativeState::new(&self.read_model.read());
    }

    /// Locks the shop's head after repeated conflicts, so that the next batch cannot conflict.
    async fn lock_head_if_starved(&mut self) {
        if self.conflicts < MAX_CONFLICTS_BEFORE_LOCK {
            return;
        }
        match self.deps.store.lock_head(self.read_model.shop()).await {
            Ok(head_lock) => self.head_lock = head_lock,
            Err(error) => {
                let shop = self.read_model.shop();
                tracing::warn!(%shop, error = error_field(&error), "head lock failed; writing without it");
            }
        }
    }

    /// Applies what the log has, and discards the speculative state if that is new. Runs while no write is in progress.
    async fn catch_up(&mut self) {
        match catch_up(&*self.deps.store, &self.read_model, &*self.keys).await {
            Ok(CaughtUp::Unchanged) => return,
            Ok(CaughtUp::Applied) => {}
            Ok(CaughtUp::Replaced { snapshot_position }) => self.snapshot_position = snapshot_position,
            Err(error) => {
                let shop = self.read_model.shop();
                tracing::error!(%shop, error = error_field(&error), "the log cannot be read; will retry");
                return;
            }
        }
        self.conflicts_without_news = 0;
        self.reset_speculative();
    }

    fn position(&self) -> u64 {
        self.read_model.read().state.position
    }

    /// Discards the speculative state and decides all commands again, unless a receipt has their answer.
    async fn decide_again(&mut self, batch: Batch) {
        let waiting = std::mem::take(&mut self.batch);
        self.reset_speculative();
        for envelope in batch.into_envelopes().chain(waiting.into_envelopes()) {
            let (store, shop) = (&*self.deps.store, self.read_model.shop());
            let stored = match stored_reply(store, shop, envelope.request.idempotency_key.as_ref()).await {
                None => refuse_known_order(store, shop, &envelope.request.command).await,
                reply => reply,
            };
            match stored {
                Some(stored) => reply(envelope, stored),
                None => self.decide(envelope),
            }
        }
    }

    /// Answers a command of a durable batch. A refusal may only mean that the same request was executed before; the
    /// receipt of its key then has the answer.
    fn respond(&self, decided: Decided) {
        let Decided { envelope, resolution } = decided;
        let fallback = match resolution {
            Resolution::Reply(Ok(answer)) => return reply(envelope, Ok(answer)),
            Resolution::Reply(Err(error)) if envelope.request.idempotency_key.is_none() => {
                return reply(envelope, Err(error));
            }
            Resolution::Reply(Err(error)) => error,
            Resolution::ReadReceipt => CommandError::Busy,
        };
        let (store, shop) = (Arc::clone(&self.deps.store), self.read_model.shop().clone());
        tokio::spawn(async move {
            let stored = stored_reply(&*store, &shop, envelope.request.idempotency_key.as_ref()).await;
            reply(envelope, stored.unwrap_or(Err(fallback)));
        });
    }

    async fn save_snapshot_if_due(&mut self) {
        if self.position() >= self.snapshot_position + EVENTS_PER_SNAPSHOT {
            self.save_snapshot().await;
        }
    }

    async fn save_snapshot(&mut self) {
        let snapshot = {
            let read_state = self.read_model.read();
            let position = read_state.state.position;
            if position == self.snapshot_position {
                return;
            }
            let state = serde_json::to_string(&read_state.state).expect("state maps have string keys");
            StoredSnapshot { version: STATE_VERSION, position, state }
        };
        self.snapshot_position = snapshot.position;
        self.appender.save(self.read_model.shop().clone(), SHOP_SNAPSHOT.into(), snapshot).await;
    }
}

/// Sends a reply. The requester may have disconnected, which is not an error: the command was executed.
fn reply(envelope: Envelope, reply: Reply) {
    let _ = envelope.reply.send(reply);
}

/// The reply that the receipt of a key holds; `None` without a key or receipt.
async fn stored_reply(store: &dyn Store, shop: &ShopId, key: Option<&IdempotencyKey>) -> Option<Reply> {
    let key = key?;
    match store.receipt(shop, &key.text).await {
        Ok(None) => None,
        Ok(Some(receipt)) if receipt.request_hash != key.request_hash => Some(Err(CommandError::IdempotencyKeyReused)),
        Ok(Some(receipt)) => Some(serde_json::from_str(&receipt.answer).map_err(|_| CommandError::Broken)),
        Err(error) => {
            tracing::error!(%shop, error = error_field(&error), "receipt cannot be read");
            Some(Err(CommandError::Busy))
        }
    }
}

/// Refuses a start whose order is in the log. The state forgets ended orders, so deciding again would conflict with the
/// stored order without end.
async fn refuse_known_order(store: &dyn Store, shop: &ShopId, command: &Command) -> Option<Reply> {
    let (Command::Start { order, .. } | Command::WalkIn { order, .. }) = command else { return None };
    match store.events_of_order(shop, *order).await {
        Ok(events) => {
            let step = Answer::from_events(events.iter().map(|recorded| &recorded.event)).step?;
            Some(Err(CommandError::Refusal(Refusal::IllegalStep { step })))
        }
        Err(error) => {
            tracing::error!(%shop, error = error_field(&error), "order cannot be read");
            Some(Err(CommandError::Busy))
        }
    }
}
