//! The write path: a command is decided on speculative state, written, and only then answered and published.

#![warn(missing_docs, clippy::missing_errors_doc)]

mod alarm;
mod appender;
mod batch;
mod bookmarks;
pub mod clock;
mod error_field;
mod hints;
pub mod jobs;
pub mod keys;
mod load;
pub mod queries;
pub mod read_model;
mod shop;
pub mod store;
pub mod subscription;
mod upkeep;

use std::collections::HashMap;
use std::sync::Arc;

use domain::access::Actor;
use domain::answer::Answer;
use domain::command::Command;
use domain::ids::ShopId;
use domain::refusal::Refusal;
use parking_lot::RwLock;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use self::batch::first_batch;
pub use self::error_field::error_field;
pub use self::load::{fresh_epoch, read_shop};

use crate::appender::{AppendError, Appender};
use crate::clock::Clock;
use crate::keys::{KeyError, Keys};
use crate::load::Loaded;
use crate::read_model::ReadModel;
use crate::shop::Task;
use crate::store::{Head, Outcome, ShopBatch, Store};

/// Capacity of a shop's inbox, in commands. A full inbox answers [`CommandError::Busy`] at once.
const COMMAND_QUEUE_CAPACITY: usize = 4096;

/// A command with its actor, idempotency key and optional name.
#[derive(Clone, Debug)]
pub struct CommandRequest {
    /// Authenticated issuer.
    pub actor: Actor,
    /// The command to decide.
    pub command: Command,
    /// `None` for a command that is decided each time it arrives.
    pub idempotency_key: Option<IdempotencyKey>,
    /// Name to call out for the order; `None` keeps the one that it has, an empty one removes it. It is stored encrypted
    /// beside the log, never in it.
    pub name: Option<String>,
}

/// The client's name for a request, unique within a shop. A repetition within 48 hours gets the first answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The key as the client sent it.
    pub text: String,
    /// SHA-256 of the request. The same key with another hash is refused.
    pub request_hash: [u8; 32],
}

/// The reason why a command has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// The domain refused the command.
    Refusal(Refusal),
    /// The key was used for a request with another hash.
    IdempotencyKeyReused,
    /// Nothing was written; the same request may succeed later.
    Busy,
    /// Internal error; a repetition probably fails as well.
    Broken,
}

/// The result of a command.
pub type Reply = Result<Answer, CommandError>;

/// The dependencies that the engine's parts share.
pub(crate) struct EngineDeps {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub keys: Arc<dyn Keys>,
}

/// The write path of this node: a task for each shop, and the appender.
pub struct Engine {
    deps: Arc<EngineDeps>,
    /// `None` once the engine stops.
    appender: RwLock<Option<Appender>>,
    shops: Arc<Shops>,
    /// Notified when a shop is opened.
    shop_opened: watch::Sender<()>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

type Shops = RwLock<HashMap<ShopId, ShopHandle>>;

/// Access to one shop's task and read model.
#[derive(Clone)]
struct ShopHandle {
    inbox: mpsc::Sender<Envelope>,
    /// Greatest position that a hint reported for the shop's log.
    hinted_position: watch::Sender<u64>,
    read_model: Arc<ReadModel>,
}

/// A command with the channel for its reply.
pub(crate) struct Envelope {
    pub request: CommandRequest,
    pub reply: oneshot::Sender<Reply>,
}

impl Envelope {
    /// A command of the clock. Its reply is discarded.
    pub(crate) fn from_clock(command: Command) -> Self {
        Self {
            request: CommandRequest { actor: Actor::System, command, idempotency_key: None, name: None },
            reply: oneshot::channel().0,
        }
    }
}

/// The engine cannot start or open a shop.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The shop's keys cannot be read or created.
    #[error(transparent)]
    Keys(#[from] KeyError),
}

/// A new shop was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddShopError {
    /// The log of the shop has events already.
    #[error("there is a shop {0} already")]
    Exists(ShopId),
    /// Nothing was written.
    #[error("the shop cannot be written to the store")]
    NotWritten,
    /// The shop cannot be opened; it may have been written.
    #[error(transparent)]
    NotOpened(Error),
}

impl Engine {
    /// Opens every shop of the store: its last snapshot and the log after it. Starts the appender and the shops' tasks.
    ///
    /// # Errors
    /// The store or a key file cannot be read.
    pub async fn start(store: Arc<dyn Store>, clock: Arc<dyn Clock>, keys: Arc<dyn Keys>) -> Result<Self, Error> {
        let tasks = TaskTracker::new();
        let deps = Arc::new(EngineDeps { store, clock, keys });
        let appender = RwLock::new(Some(Appender::start(&deps, &tasks).await?));
        let stop = CancellationToken::new();
        let (shops, shop_opened) = (Arc::default(), watch::Sender::new(()));
        let engine = Self { deps, appender, shops, shop_opened, stop, tasks };
        // Subscribing before the heads are read leaves no gap between the two.
        let hints = engine.deps.store.hints();
        for head in engine.deps.store.heads().await? {
            engine.open(&head.shop, Some(&head)).await?;
        }
        engine.warn_if_behind_log();
        if let Some(hints) = hints {
            engine.tasks.spawn(hints::forward_hints(hints, Arc::clone(&engine.shops), engine.stop.clone()));
        }
        Ok(engine)
    }

    /// Logs once that the last event of a shop is later than the clock, and by how much.
    fn warn_if_behind_log(&self) {
        let now = self.deps.clock.now();
        let last = |read_model: &Arc<ReadModel>| read_model.read().state.last_event?.recorded_at();
        let newest = self
            .read_models()
            .iter()
            .filter_map(|read_model| Some((last(read_model)?, read_model.shop().clone())))
            .max();
        if let Some((event, shop)) = newest.filter(|(event, _)| event.seconds_since(now) > 0) {
            let seconds = event.seconds_since(now);
            tracing::warn!(%shop, %event, %now, seconds, "log is ahead of the clock; check the clock of this machine");
        }
    }

    /// Opens a shop from its log and starts its task. Without a head the shop is empty, and its first command must
    /// create it.
    ///
    /// # Errors
    /// The store or the shop's key file cannot be read.
    pub async fn open(&self, shop: &ShopId, head: Option<&Head>) -> Result<(), Error> {
        let keys = self.deps.keys.name_cipher(shop)?;
        let Loaded { read_model, snapshot_position } = load::load(&*self.deps.store, shop, &*keys, head).await?;
        let read_model = Arc::new(read_model);
        let (inbox, envelopes) = mpsc::channel(COMMAND_QUEUE_CAPACITY);
        let (hinted_position, hints) = watch::channel(0);
        let appender = self.appender.read().clone();
        if let Some(appender) = appender {
            let deps = Arc::clone(&self.deps);
            let task = Task::new(deps, Arc::clone(&read_model), snapshot_position, appender, keys);
            self.tasks.spawn(task.run(envelopes, hints, self.stop.clone()));
        }
        let mut shops = self.shops.write();
        shops.insert(shop.clone(), ShopHandle { inbox, hinted_position, read_model });
        self.shop_opened.send_replace(());
        Ok(())
    }

    /// True when the shop exists, also when another node has created it. Its keys must then not be generated here.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn shop_exists(&self, shop: &ShopId) -> Result<bool, store::Error> {
        let heads = self.deps.store.heads().await?;
        Ok(self.read_model(shop).is_some() || heads.iter().any(|head| head.shop == *shop))
    }

    /// Writes a new shop's whole log in one commit and opens it.
    ///
    /// # Errors
    /// The shop exists, or it cannot be written: nothing was written then. [`AddShopError::NotOpened`] means that its
    /// key file cannot be written, or that the committed shop cannot be opened.
    pub async fn add_shop(&self, batch: ShopBatch) -> Result<(), AddShopError> {
        let shop = batch.shop.clone();
        if self.handle(&shop).is_some() {
            return Err(AddShopError::Exists(shop));
        }
        // The keys come first, so that the log never contains a shop without keys.
        self.deps.keys.name_cipher(&shop).map_err(|error| AddShopError::NotOpened(error.into()))?;
        let head = Head { shop: shop.clone(), epoch: batch.epoch.clone(), position: batch.events.len() as u64 };
        let appender = self.appender.read().clone();
        match appender.ok_or(AddShopError::NotWritten)?.append(batch).await {
            Ok(Outcome::Committed) => self.open(&shop, Some(&head)).await.map_err(AddShopError::NotOpened),
            Ok(Outcome::Conflict) => Err(AddShopError::Exists(shop)),
            Err(AppendError) => Err(AddShopError::NotWritten),
        }
    }

    /// Executes a command. Returns its answer once its events are durable; `None` for an unknown shop. The command is
    /// executed even when this future is dropped.
    ///
    /// # Errors
    /// The reply is a [`CommandError`]: refused, key reused, busy, or an internal error.
    pub async fn execute(&self, shop: &ShopId, request: CommandRequest) -> Option<Reply> {
        let handle = self.handle(shop)?;
        let (reply, answer) = oneshot::channel();
        if handle.inbox.try_send(Envelope { request, reply }).is_err() {
            return Some(Err(CommandError::Busy));
        }
        // A dropped channel means that the shop's task has stopped and has not written the command.
        Some(answer.await.unwrap_or(Err(CommandError::Busy)))
    }

    /// The read model of a shop; `None` before the shop has an event.
    pub fn read_model(&self, shop: &ShopId) -> Option<Arc<ReadModel>> {
        self.handle(shop).map(|handle| handle.read_model).filter(|read_model| read_model.read().state.position > 0)
    }

    /// The read models of all shops that have an event, sorted by shop.
    pub fn read_models(&self) -> Vec<Arc<ReadModel>> {
        let shops = self.shops.read();
        let mut read_models: Vec<_> = shops.values().map(|handle| Arc::clone(&handle.read_model)).collect();
        read_models.retain(|read_model| read_model.read().state.position > 0);
        read_models.sort_by(|a, b| a.shop().cmp(b.shop()));
        read_models
    }

    /// A receiver that changes when a shop is opened, which [`Self::read_models`] may not have returned before.
    pub fn watch_opened_shops(&self) -> watch::Receiver<()> {
        self.shop_opened.subscribe()
    }

    /// Stops accepting commands, writes the decided ones and saves a snapshot of every shop.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        // The appender ends when the shops' tasks drop their handles, after their last write.
        self.appender.write().take();
        self.tasks.wait().await;
    }

    fn handle(&self, shop: &ShopId) -> Option<ShopHandle> {
        self.shops.read().get(shop).cloned()
    }
}
