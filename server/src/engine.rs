//! The one road in: a command is decided ahead, written, and only then answered and shown.

mod alarm;
mod appender;
mod batch;
mod bookmarks;
mod hints;
mod load;
pub mod queries;
mod shop;
pub mod subscription;
mod upkeep;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use domain::access::Actor;
use domain::answer::Answer;
use domain::command::Command;
use domain::ids::ShopId;
use domain::refusal::Refusal;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use self::batch::first_batch;
pub(crate) use self::load::{fresh_epoch, read};

use crate::clock::Clock;
use crate::engine::appender::{AppendError, Appender};
use crate::engine::shop::Task;
use crate::identity::keys::{self, Keys};
use crate::push::ReadModel;
use crate::store::{self, Head, Outcome, ShopBatch, Store};

/// Commands that may wait for one shop; beyond it the answer is "busy" at once.
const COMMAND_QUEUE_CAPACITY: usize = 4096;

/// A command with everything that decides its answer.
#[derive(Clone, Debug)]
pub struct CommandRequest {
    pub who: Actor,
    pub command: Command,
    pub key: Option<IdempotencyKey>,
    /// What to call the order; kept beside the log, never in it.
    pub name: Option<String>,
}

/// The asker's name for this request: a repetition gets the answer of the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    pub text: String,
    /// Hash of the request.
    pub body: [u8; 32],
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandError {
    Refusal(Refusal),
    /// The key belongs to another request.
    IdempotencyKeyReused,
    /// Nothing was written; the same request may succeed later.
    Busy,
    /// A fault of ours.
    Broken,
}

pub type Reply = Result<Answer, CommandError>;

/// What the parts of the engine need of the rest.
pub(crate) struct EngineDeps {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub keys: Arc<Keys>,
}

/// The engine of this node.
pub struct Engine {
    deps: Arc<EngineDeps>,
    /// Gone once the engine stops.
    appender: RwLock<Option<Appender>>,
    shops: Arc<Shops>,
    /// Says that a shop was opened.
    opened: watch::Sender<()>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

type Shops = RwLock<HashMap<ShopId, ShopHandle>>;

/// How one shop is reached.
#[derive(Clone)]
struct ShopHandle {
    inbox: mpsc::Sender<Envelope>,
    /// Where its log is said to have come to.
    told: watch::Sender<u64>,
    room: Arc<ReadModel>,
}

/// A command and where its answer goes.
pub(crate) struct Envelope {
    pub asked: CommandRequest,
    pub reply: oneshot::Sender<Reply>,
}

impl Envelope {
    /// What follows from the time alone. Nobody waits for the answer.
    pub(crate) fn by_the_clock(command: Command) -> Self {
        Self {
            asked: CommandRequest { who: Actor::System, command, key: None, name: None },
            reply: oneshot::channel().0,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Keys(#[from] keys::Error),
}

/// Why a whole shop was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum AddShopError {
    #[error("there is a shop {0} already")]
    Exists(ShopId),
    #[error("nothing could be written")]
    Unwritten,
    #[error(transparent)]
    Unopened(Error),
}

impl Engine {
    /// Opens every shop of the store: the state written down last and the log after it.
    ///
    /// # Errors
    /// A store that cannot be read, or keys that cannot.
    pub async fn start(store: Arc<dyn Store>, clock: Arc<dyn Clock>, keys: Arc<Keys>) -> Result<Self, Error> {
        let tasks = TaskTracker::new();
        let deps = Arc::new(EngineDeps { store, clock, keys });
        let appender = RwLock::new(Some(Appender::start(&deps, &tasks).await?));
        let stop = CancellationToken::new();
        let (shops, opened) = (Arc::default(), watch::Sender::new(()));
        let engine = Self { deps, appender, shops, opened, stop, tasks };
        // Asked for before the heads are read: nothing lies between the two.
        let hints = engine.deps.store.hints();
        for head in engine.deps.store.heads().await? {
            engine.open(&head.shop, Some(&head)).await?;
        }
        if let Some(hints) = hints {
            engine.tasks.spawn(hints::heed(hints, Arc::clone(&engine.shops), engine.stop.clone()));
        }
        Ok(engine)
    }

    /// Opens a shop: what its log says, or, without a head, an empty one whose first command is `Make`.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn open(&self, shop: &ShopId, head: Option<&Head>) -> Result<(), Error> {
        let keys = self.deps.keys.shop(shop)?;
        let loaded = load::load(&*self.deps.store, shop, &keys, head).await?;
        let (inbox, posts) = mpsc::channel(COMMAND_QUEUE_CAPACITY);
        let (told, hinted) = watch::channel(0);
        let appender = self.appender.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(appender) = appender {
            let task = Task::new(Arc::clone(&self.deps), &loaded, appender, keys);
            self.tasks.spawn(task.work(posts, hinted, self.stop.clone()));
        }
        let mut shops = self.shops.write().unwrap_or_else(PoisonError::into_inner);
        shops.insert(shop.clone(), ShopHandle { inbox, told, room: loaded.room });
        self.opened.send_replace(());
        Ok(())
    }

    /// Whether there is such a shop, here or founded elsewhere: then its keys are not ours to make.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn has(&self, shop: &ShopId) -> Result<bool, store::Error> {
        let heads = self.deps.store.heads().await?;
        Ok(self.room(shop).is_some() || heads.iter().any(|head| head.shop == *shop))
    }

    /// Takes in a shop with its whole log, in one commit, and opens it.
    ///
    /// # Errors
    /// Why not; unless it could not be opened, nothing is written then.
    pub async fn add_shop(&self, unit: ShopBatch) -> Result<(), AddShopError> {
        let shop = unit.shop.clone();
        if self.handle(&shop).is_some() {
            return Err(AddShopError::Exists(shop));
        }
        // Before the log has the shop, so that it is never there without.
        self.deps.keys.shop(&shop).map_err(|error| AddShopError::Unopened(error.into()))?;
        let head = Head { shop: shop.clone(), epoch: unit.epoch.clone(), position: unit.events.len() as u64 };
        let appender = self.appender.read().unwrap_or_else(PoisonError::into_inner).clone();
        match appender.ok_or(AddShopError::Unwritten)?.append(unit).await {
            Ok(Outcome::Committed) => self.open(&shop, Some(&head)).await.map_err(AddShopError::Unopened),
            Ok(Outcome::Conflict) => Err(AddShopError::Exists(shop)),
            Err(AppendError) => Err(AddShopError::Unwritten),
        }
    }

    /// Asks a shop. The answer comes when what it says is durable.
    ///
    /// # Errors
    /// Why not, or `None` when there is no such shop.
    pub async fn ask(&self, shop: &ShopId, asked: CommandRequest) -> Option<Reply> {
        let handle = self.handle(shop)?;
        let (reply, answer) = oneshot::channel();
        if handle.inbox.try_send(Envelope { asked, reply }).is_err() {
            return Some(Err(CommandError::Busy));
        }
        // Dropped unanswered: the shop's task is stopping and has written nothing of it.
        Some(answer.await.unwrap_or(Err(CommandError::Busy)))
    }

    /// What readers see of a shop that has been made.
    pub fn room(&self, shop: &ShopId) -> Option<Arc<ReadModel>> {
        self.handle(shop).map(|handle| handle.room).filter(|room| room.seen().state.position > 0)
    }

    /// All shops that have been made, by name.
    pub fn rooms(&self) -> Vec<Arc<ReadModel>> {
        let shops = self.shops.read().unwrap_or_else(PoisonError::into_inner);
        let mut rooms: Vec<_> = shops.values().map(|handle| Arc::clone(&handle.room)).collect();
        rooms.retain(|room| room.seen().state.position > 0);
        rooms.sort_by(|a, b| a.shop().cmp(b.shop()));
        rooms
    }

    /// Tells when a shop has been opened that [`Self::rooms`] may not have had before.
    pub fn opened(&self) -> watch::Receiver<()> {
        self.opened.subscribe()
    }

    /// Takes no more commands, writes what was decided, and writes every state down.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        // The shops' tasks hold it until they have written everything; then it goes.
        self.appender.write().unwrap_or_else(PoisonError::into_inner).take();
        self.tasks.wait().await;
    }

    fn handle(&self, shop: &ShopId) -> Option<ShopHandle> {
        self.shops.read().unwrap_or_else(PoisonError::into_inner).get(shop).cloned()
    }
}
