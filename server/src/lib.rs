//! The Crema server: composition root. The server is wired here, local commands in `local_commands`.

pub mod cli;
pub mod config;
pub mod connections;
pub mod control;
pub mod identity;
mod local_commands;
pub mod lock;
pub mod robot_command;
#[cfg(test)]
mod scratch;
mod seed;
pub mod shop_creation;
pub mod web;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::access::Role;
use domain::extension::Manifest;
use domain::ids::ShopId;
use engine::Engine;
use engine::clock::Clock;
use engine::jobs::Jobs;
use extension_host::ExtensionHost;
use futures_util::FutureExt;
use store::sqlite::{BackupError, LostFileError};
use store::{AnyStore, KeyFingerprints, OpenError};
use tokio::net::{TcpListener, UnixListener};
use tokio_util::sync::CancellationToken;

use crate::config::{Seed, Settings};
use crate::connections::Connections;
use crate::identity::keys::{self, KeyFolder};
use crate::identity::passes::{self, Passes};
use crate::identity::secret::Secret;
use crate::lock::DataLock;
use crate::shop_creation::Links;
use crate::web::{AppState, Notices, RateLimits};

pub use self::local_commands::{add_shop, back_up, import, issue_pass};

/// Maximum time that open requests may delay a shutdown.
const GRACEFUL_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the server or a local command failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Lock(#[from] lock::Error),
    #[error(transparent)]
    Control(#[from] control::Error),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] engine::store::Error),
    #[error(transparent)]
    Keys(#[from] keys::Error),
    #[error(transparent)]
    Engine(#[from] engine::Error),
    #[error("cannot create the demo shop: {0:?}")]
    Seed(engine::CommandError),
    #[error(transparent)]
    Passes(#[from] passes::PassStoreError),
    #[error(transparent)]
    Import(#[from] import::Error),
    #[error(transparent)]
    ShopCreation(#[from] shop_creation::Error),
    #[error(transparent)]
    AddShop(#[from] engine::AddShopError),
    #[error("unknown shop {0}")]
    UnknownShop(ShopId),
    #[error("no page is for robots: make a bearer token with `crema token --role robot`")]
    RobotLink,
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error(transparent)]
    LostFile(#[from] LostFileError),
    #[error("the import failed unexpectedly; see the log of the server")]
    ImportPanicked,
    #[error("cannot start the extensions: the system refused a thread")]
    Extensions(#[source] std::io::Error),
}

/// The wired application, before it accepts connections.
pub struct Server {
    state: Arc<AppState>,
    jobs: Jobs,
    store: AnyStore,
    control: UnixListener,
    /// Lock on the data folder, held until drop.
    _lock: DataLock,
}

impl Server {
    /// Locks the data folder, opens the store, restores every shop, creates the demo shop if the store is empty and the
    /// settings ask for it, and starts the given extensions.
    ///
    /// # Errors
    /// The folder is in use, or the store or the keys cannot be read.
    pub async fn open(settings: &Settings, clock: Arc<dyn Clock>, extensions: Vec<Manifest>) -> Result<Self, Error> {
        let lock = lock_data_folder(&settings.data).await?;
        let control = control::listen(&lock)?;
        let store = AnyStore::open(&settings.data, settings.store.as_ref()).await?;
        let keys = Arc::new(open_keys(&settings.data, &store).await?);
        let passes = Passes::new(store.pool());
        let fingerprints = KeyFingerprints::new(store.pool());
        let engine = Engine::start(store.port(), Arc::clone(&clock), keys.clone()).await;
        let engine = engine.map_err(|error| store.name_damage(error).map_or_else(Error::from, Error::from))?;
        if settings.seed == Seed::Demo && engine.read_models().is_empty() {
            let demo = seed::create_demo_shop(&engine).await?;
            keys.bind(&fingerprints, &demo).await?;
        }
        let engine = Arc::new(engine);
        let extension_host = ExtensionHost::start(&engine, &clock, extensions).map_err(Error::Extensions)?;
        let public_url = settings.public_url.clone();
        let stop = CancellationToken::new();
        let state = AppState {
            engine,
            extension_host,
            passes,
            keys,
            store: store.clone(),
            fingerprints,
            clock,
            public_url,
            proxies: settings.proxies.clone(),
            has_pseudo_locale: settings.pseudo_locale,
            rate_limits: RateLimits::default(),
            notices: Notices::default(),
            connections: Arc::new(Connections::new(settings.connections.clone())),
            build: web::assets::build(),
            stop,
        };
        let state = Arc::new(state);
        let jobs = jobs(&state);
        Ok(Self { state, jobs, store, control, _lock: lock })
    }

    /// The existing shops.
    pub fn shops(&self) -> Vec<ShopId> {
        self.state.engine.read_models().iter().map(|read_model| read_model.shop().clone()).collect()
    }

    /// The base URL for browsers: the configured one, else the listener's address.
    ///
    /// # Errors
    /// The listener has no local address.
    pub fn base(&self, listener: &TcpListener) -> std::io::Result<String> {
        match &self.state.public_url {
            Some(url) => Ok(url.to_string()),
            None => Ok(format!("http://{}", listener.local_addr()?)),
        }
    }

    /// Issues one-time links for the first devices of a shop.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn links(&self, shop: &ShopId) -> Result<Links, Error> {
        Ok(Links::make(&self.state.passes, shop, &*self.state.clock).await?)
    }

    /// Issues a one-time link that signs a screen or tablet in with `role`.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn link(&self, shop: &ShopId, role: Role) -> Result<Secret, Error> {
        Ok(self.state.passes.make_link(shop, role, self.state.clock.now()).await?)
    }

    /// Serves until `stop` is cancelled, then completes open requests, tells streams to reconnect, and saves the
    /// state of extensions and shops.
    ///
    /// # Errors
    /// The last writes failed, or the database file was moved, deleted or replaced.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) -> Result<(), Error> {
        let state = Arc::clone(&self.state);
        let base = self.base(&listener).ok();
        if let Some(url) = base.as_deref().filter(|url| config::is_local(url)) {
            state.notices.log_local_url(url);
        }
        let control = tokio::spawn(control::serve(self.control, {
            let state = Arc::clone(&state);
            move |request| local_commands::execute(Arc::clone(&state), base.clone(), request)
        }));
        // Streams end first, so that their connections can close.
        let streams = state.stop.clone();
        let stopping = tokio::spawn(stop.clone().cancelled_owned().map(move |()| streams.cancel()));
        let ending = tokio::spawn({
            let (store, stop) = (self.store.clone(), stop.clone());
            async move {
                store.lost().await;
                stop.cancel();
            }
        });
        let connections = Arc::clone(&state.connections);
        let serving = connections.serve(listener, web::routes(Arc::clone(&state)), stop.clone());
        let timeout = async {
            stop.cancelled().await;
            tokio::time::sleep(GRACEFUL_SHUTDOWN_TIMEOUT).await;
        };
        tokio::select! {
            () = serving => {}
            () = timeout => tracing::warn!("graceful shutdown timed out; open requests were dropped"),
        }
        stopping.abort();
        control.abort();
        ending.abort();
        self.jobs.stop().await;
        state.extension_host.stop().await;
        state.engine.stop().await;
        let closed = self.store.close().await;
        self.store.lost().now_or_never().map_or(Ok(()), Err)?;
        Ok(closed?)
    }
}

/// Starts the periodic jobs of the program. Each runs once a minute, on a steady clock.
fn jobs(state: &Arc<AppState>) -> Jobs {
    const PERIOD_SECONDS: u32 = 60;
    let jobs = Jobs::new(&state.clock);
    let sessions = Arc::clone(state);
    jobs.delete_every("delete expired sessions", PERIOD_SECONDS, move |now| {
        let state = Arc::clone(&sessions);
        async move { state.passes.sweep(now).await }
    });
    let receipts = Arc::clone(state);
    jobs.delete_every("delete expired receipts", PERIOD_SECONDS, move |now| {
        let state = Arc::clone(&receipts);
        async move { state.engine.delete_expired_receipts(now).await }
    });
    jobs
}

/// Opens the keys in the data folder and checks that they belong to the shops of this store, and no other.
async fn open_keys(data: &Path, store: &AnyStore) -> Result<KeyFolder, Error> {
    let keys = KeyFolder::open(data)?;
    let heads = store.port().heads().await;
    let heads = heads.map_err(|error| store.name_damage(error).map_or_else(Error::from, Error::from))?;
    let shops = heads.into_iter().map(|head| head.shop).collect();
    keys.check_shops(&shops)?;
    let fingerprints = KeyFingerprints::new(store.pool());
    for shop in &shops {
        keys.bind(&fingerprints, shop).await?;
    }
    Ok(keys)
}

/// Locks the data folder. Waits up to a second for a short command such as `crema token` to release it.
async fn lock_data_folder(data: &Path) -> Result<DataLock, lock::Error> {
    const MAX_ATTEMPTS: u32 = 20;
    const RETRY_DELAY: Duration = Duration::from_millis(50);
    for _ in 0..MAX_ATTEMPTS {
        match lock::acquire(data) {
            Err(lock::Error::InUse { .. }) => tokio::time::sleep(RETRY_DELAY).await,
            answer => return answer,
        }
    }
    lock::acquire(data)
}
