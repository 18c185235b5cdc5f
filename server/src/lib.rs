//! The shell round the domain: the server is wired here, what runs beside it in `local_commands`, and nothing elsewhere.

pub mod cli;
pub mod clock;
pub mod config;
pub mod control;
pub mod engine;
pub mod extension_host;
pub mod identity;
pub mod import;
mod jobs;
mod local_commands;
pub mod lock;
pub mod push;
pub mod robot;
#[cfg(test)]
mod scratch;
mod seed;
pub mod shop_creation;
pub mod store;
pub mod web;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use domain::access::Role;
use domain::extension::Manifest;
use domain::ids::ShopId;
use tokio::net::{TcpListener, UnixListener};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::{Seed, Settings};
use crate::engine::Engine;
use crate::extension_host::ExtensionHost;
use crate::identity::keys::{self, Keys};
use crate::identity::passes::{self, Passes};
use crate::identity::secret::Secret;
use crate::jobs::Jobs;
use crate::lock::DataLock;
use crate::shop_creation::Links;
use crate::store::Store;
use crate::store::opened::{OpenError, Opened};
use crate::web::{AppState, RateLimits};

pub use self::local_commands::{add_shop, import, pass};

/// How long requests that are being answered may hold up a stop.
const GRACEFUL_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the bar cannot open.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Lock(#[from] lock::Error),
    #[error(transparent)]
    Control(#[from] control::Error),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Keys(#[from] keys::Error),
    #[error(transparent)]
    Engine(#[from] engine::Error),
    #[error("the demo shop could not be made: {0:?}")]
    Seed(engine::CommandError),
    #[error(transparent)]
    Passes(#[from] passes::Unavailable),
    #[error(transparent)]
    Import(#[from] import::Error),
    #[error(transparent)]
    Founding(#[from] shop_creation::Error),
    #[error(transparent)]
    AddShopError(#[from] engine::AddShopError),
    #[error("there is no shop {0}")]
    NoShop(ShopId),
    #[error("the import broke off; the log of the server says more")]
    ImportBroke,
    #[error("the extensions could not be started: the system has no thread to give")]
    Extensions(#[source] std::io::Error),
    #[error("the server stopped answering")]
    Serve(#[source] std::io::Error),
}

/// A bar with its doors unlocked: everything stands, and nobody is served yet.
pub struct Bar {
    site: Arc<AppState>,
    jobs: Jobs,
    store: Opened,
    control: UnixListener,
    /// Held as long as the data folder is ours.
    _lock: DataLock,
}

impl Bar {
    /// Takes the data folder, reads the log and, in an empty folder, makes the shop that the settings ask for. These
    /// extensions are there, and no others.
    ///
    /// # Errors
    /// A folder in use, a store or keys that cannot be read.
    pub async fn open(settings: &Settings, clock: Arc<dyn Clock>, extensions: Vec<Manifest>) -> Result<Self, Error> {
        let lock = patiently(&settings.data).await?;
        let control = control::listen(&lock)?;
        let store = Opened::open(&settings.data, settings.store.as_ref()).await?;
        let keys = Arc::new(keys_of(&settings.data, &*store.port()).await?);
        let passes = Passes::new(store.pool());
        let engine = Engine::start(store.port(), Arc::clone(&clock), Arc::clone(&keys)).await?;
        if settings.seed == Seed::Demo && engine.rooms().is_empty() {
            seed::make(&engine).await?;
        }
        let engine = Arc::new(engine);
        let extension_host = ExtensionHost::start(&engine, &clock, extensions).map_err(Error::Extensions)?;
        let public_url = settings.public_url.clone();
        let stop = CancellationToken::new();
        let site = AppState {
            engine,
            extension_host,
            passes,
            keys,
            clock,
            public_url,
            rate_limits: RateLimits::default(),
            build: web::assets::build(),
            stop,
        };
        let site = Arc::new(site);
        let jobs = jobs(&site);
        Ok(Self { site, jobs, store, control, _lock: lock })
    }

    /// The shops there are.
    pub fn shops(&self) -> Vec<ShopId> {
        self.site.engine.rooms().iter().map(|room| room.shop().clone()).collect()
    }

    /// Where browsers find us: as set, else where we listen.
    ///
    /// # Errors
    /// The listener is gone.
    pub fn base(&self, listener: &TcpListener) -> std::io::Result<String> {
        match &self.site.public_url {
            Some(url) => Ok(url.to_string()),
            None => Ok(format!("http://{}", listener.local_addr()?)),
        }
    }

    /// One-time links for the first devices of a shop.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn links(&self, shop: &ShopId) -> Result<Links, Error> {
        Ok(Links::make(&self.site.passes, shop, &*self.site.clock).await?)
    }

    /// A one-time link that lets a screen or tablet in.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn link(&self, shop: &ShopId, role: Role) -> Result<Secret, Error> {
        Ok(self.site.passes.make_link(shop, role, self.site.clock.now()).await?)
    }

    /// Serves until `stop` is cancelled, then answers what is being asked, says goodbye and writes everything down.
    ///
    /// # Errors
    /// The listener broke, or the last writes failed.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) -> Result<(), Error> {
        let site = Arc::clone(&self.site);
        let base = self.base(&listener).ok();
        let control = tokio::spawn(control::serve(self.control, {
            let site = Arc::clone(&site);
            move |what| local_commands::done(Arc::clone(&site), base.clone(), what)
        }));
        let listener = listener.tap_io(|connection| {
            // A frame that waits for a full packet arrives late; failing to say so only costs that.
            let _ = connection.set_nodelay(true);
        });
        let streams = site.stop.clone();
        let stopping = {
            let stop = stop.clone();
            async move {
                stop.cancelled().await;
                streams.cancel();
            }
        };
        let serving = axum::serve(listener, web::routes(Arc::clone(&site))).with_graceful_shutdown(stopping);
        let patience = async {
            stop.cancelled().await;
            tokio::time::sleep(GRACEFUL_SHUTDOWN_TIMEOUT).await;
        };
        tokio::select! {
            served = serving => served.map_err(Error::Serve)?,
            () = patience => tracing::warn!("some requests did not end in time"),
        }
        control.abort();
        self.jobs.stop().await;
        site.extension_host.stop().await;
        site.engine.stop().await;
        self.store.close().await?;
        Ok(())
    }
}

/// Starts the periodic jobs of the program. Each runs once a minute.
fn jobs(state: &Arc<AppState>) -> Jobs {
    const PERIOD_SECONDS: u32 = 60;
    let jobs = Jobs::new(&state.clock);
    let sessions = Arc::clone(state);
    jobs.every("delete expired sessions", PERIOD_SECONDS, move |now| {
        let state = Arc::clone(&sessions);
        async move { state.passes.sweep(now).await }
    });
    let receipts = Arc::clone(state);
    jobs.every("delete expired receipts", PERIOD_SECONDS, move |now| {
        let state = Arc::clone(&receipts);
        async move { state.engine.delete_expired_receipts(now).await }
    });
    jobs
}

/// The keys in the data folder, which are those of this log.
async fn keys_of(data: &Path, store: &dyn Store) -> Result<Keys, Error> {
    let keys = Keys::open(data)?;
    keys.fit(store.heads().await?.into_iter().map(|head| head.shop))?;
    Ok(keys)
}

/// Takes the data folder; a command that holds it for a moment, as `crema token` does, is waited for.
async fn patiently(data: &Path) -> Result<DataLock, lock::Error> {
    const OPEN_TIMEOUT: u32 = 20;
    const PAUSE: Duration = Duration::from_millis(50);
    for _ in 0..OPEN_TIMEOUT {
        match lock::take(data) {
            Err(lock::Error::InUse { .. }) => tokio::time::sleep(PAUSE).await,
            answer => return answer,
        }
    }
    lock::take(data)
}
