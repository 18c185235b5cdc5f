//! The shell round the domain: everything is wired here and nowhere else.

pub mod cli;
pub mod clock;
pub mod config;
pub mod control;
pub mod engine;
pub mod identity;
pub mod import;
pub mod lock;
pub mod push;
pub mod robot;
#[cfg(test)]
mod scratch;
mod seed;
pub mod store;
pub mod web;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use domain::access::Role;
use domain::hours::Hours;
use domain::ids::ShopId;
use serde::Serialize;
use tokio::net::{TcpListener, UnixListener};
use tokio_util::sync::CancellationToken;

use crate::clock::{Calendar, Clock};
use crate::config::{Seed, Settings};
use crate::control::{Ask, Made, Request, What};
use crate::engine::Engine;
use crate::identity::keys::{self, Keys};
use crate::identity::passes::{self, Passes};
use crate::identity::secret::Secret;
use crate::import::Archive;
use crate::lock::DataLock;
use crate::store::sqlite::{self, Sqlite};
use crate::store::{Outcome, Unit};
use crate::web::Site;

/// How long requests that are being answered may hold up a stop.
const LAST_ORDERS: Duration = Duration::from_secs(5);

/// Why the bar cannot open.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Lock(#[from] lock::Error),
    #[error(transparent)]
    Control(#[from] control::Error),
    #[error(transparent)]
    Open(#[from] sqlite::OpenError),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Keys(#[from] keys::Error),
    #[error(transparent)]
    Engine(#[from] engine::Error),
    #[error("the demo shop could not be made: {0:?}")]
    Seed(engine::Refused),
    #[error(transparent)]
    Passes(#[from] passes::Unavailable),
    #[error(transparent)]
    Import(#[from] import::Error),
    #[error(transparent)]
    NotFounded(#[from] engine::NotFounded),
    #[error("there is no shop {0}")]
    NoShop(ShopId),
    #[error("the import broke off; the log of the server says more")]
    ImportBroke,
    #[error("the server stopped answering")]
    Serve(#[source] std::io::Error),
}

/// A bar with its doors unlocked: everything stands, and nobody is served yet.
pub struct Bar {
    site: Arc<Site>,
    store: Sqlite,
    control: UnixListener,
    /// Held as long as the data folder is ours.
    _lock: DataLock,
}

impl Bar {
    /// Takes the data folder, reads the log and, in an empty folder, makes the shop that the settings ask for.
    ///
    /// # Errors
    /// A folder in use, a store or keys that cannot be read.
    pub async fn open(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let lock = patiently(&settings.data).await?;
        let control = control::listen(&lock)?;
        let store = Sqlite::open(&settings.data.join("crema.db")).await?;
        let keys = Arc::new(Keys::open(&settings.data)?);
        let passes = Passes::new(store.pool().clone());
        passes.sweep(clock.now()).await?;
        let engine = Engine::start(store.clone(), Arc::clone(&clock), Arc::clone(&keys)).await?;
        if settings.seed == Seed::Demo && engine.rooms().is_empty() {
            seed::make(&engine).await?;
        }
        let public_url = settings.public_url.clone();
        let stop = CancellationToken::new();
        let site = Site { engine, passes, keys, clock, public_url, build: web::assets::build(), stop };
        Ok(Self { site: Arc::new(site), store, control, _lock: lock })
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
            move |what| done(Arc::clone(&site), base.clone(), what)
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
            tokio::time::sleep(LAST_ORDERS).await;
        };
        tokio::select! {
            served = serving => served.map_err(Error::Serve)?,
            () = patience => tracing::warn!("some requests did not end in time"),
        }
        control.abort();
        site.engine.stop().await;
        self.store.close().await?;
        Ok(())
    }
}

/// Takes the data folder; a command that holds it for a moment, as `crema token` does, is waited for.
async fn patiently(data: &Path) -> Result<DataLock, lock::Error> {
    const PATIENCE: u32 = 20;
    const PAUSE: Duration = Duration::from_millis(50);
    for _ in 0..PATIENCE {
        match lock::take(data) {
            Err(lock::Error::InUse { .. }) => tokio::time::sleep(PAUSE).await,
            answer => return answer,
        }
    }
    lock::take(data)
}

/// What was done for a command beside the server, in the form it waits for.
#[derive(Serialize)]
#[serde(untagged)]
enum Done {
    Pass(Made),
    Import(import::Report),
}

async fn done(site: Arc<Site>, base: Option<String>, what: Ask) -> Result<Done, Error> {
    match what {
        Ask::Pass(request) => made(site, base, request).await.map(Done::Pass),
        // On its own: who asked may go away, and what is begun is brought to its end.
        Ask::Import(request) => match tokio::spawn(imported(site, request)).await {
            Ok(report) => report.map(Done::Import),
            Err(_) => Err(Error::ImportBroke),
        },
    }
}

/// Takes in the shop that `crema import` asks for; it is there at once.
async fn imported(site: Arc<Site>, request: import::Request) -> Result<import::Report, Error> {
    if site.engine.room(&request.shop).is_some() {
        return Err(import::Error::ShopExists(request.shop).into());
    }
    let (unit, report) = prepared(&request, &site.keys, &*site.clock).await?;
    site.engine.found(unit).await?;
    Ok(report)
}

/// Reads the archive and makes the shop of it, in memory; only its keys are on the disk afterwards.
async fn prepared(request: &import::Request, keys: &Keys, clock: &dyn Clock) -> Result<(Unit, import::Report), Error> {
    let file = request.file.clone();
    let archive = tokio::task::spawn_blocking(move || Archive::read(&file));
    let archive = archive.await.map_err(|_| Error::ImportBroke)??;
    let draft = keys.draft(&request.shop)?;
    let calendar = Calendar::of(&Hours::default(), clock.zone());
    let made = archive.unit(request, &draft.keys, clock.now(), &|at| calendar.day(at))?;
    keys.keep(&draft)?;
    Ok(made)
}

/// Makes a shop of an archive whether or not a server has the folder.
///
/// # Errors
/// An archive that cannot be read or tells of no order, a shop that exists, or a folder that cannot be used.
pub async fn import(
    settings: &Settings,
    request: &import::Request,
    clock: &dyn Clock,
) -> Result<import::Report, Error> {
    let directly = |lock: DataLock| async move {
        let store = Sqlite::open(&lock.data().join("crema.db")).await?;
        let exists = || import::Error::ShopExists(request.shop.clone());
        if store.head(&request.shop).await?.is_some() {
            return Err(Error::from(exists()));
        }
        let (unit, report) = prepared(request, &Keys::open(lock.data())?, clock).await?;
        let outcome = store.writer().await?.append(&[unit]).await?;
        store.close().await?;
        if outcome == [Outcome::Written] { Ok(report) } else { Err(exists().into()) }
    };
    Ok(control::done(&settings.data, &Ask::Import(request.clone()), directly).await?)
}

/// Makes the pass that `crema token` or `crema link` asks for.
async fn made(site: Arc<Site>, base: Option<String>, request: Request) -> Result<Made, Error> {
    if site.engine.room(&request.shop).is_none() {
        return Err(Error::NoShop(request.shop));
    }
    Ok(Made { base, ..make(&site.passes, &request, &*site.clock).await? })
}

async fn make(passes: &Passes, request: &Request, clock: &dyn Clock) -> Result<Made, Error> {
    let Request { shop, role, .. } = request;
    let secret = match request.make {
        What::Token => passes.make_token(shop, *role, clock.now()).await?,
        What::Link => passes.make_link(shop, *role, clock.now()).await?,
    };
    Ok(Made { secret, base: None })
}

/// Makes a pass whether or not a server has the folder.
///
/// # Errors
/// No such shop, or a folder that cannot be used.
pub async fn pass(settings: &Settings, request: &Request, clock: &dyn Clock) -> Result<Made, Error> {
    let directly = |lock: DataLock| async move {
        let store = Sqlite::open(&lock.data().join("crema.db")).await?;
        if store.head(&request.shop).await?.is_none() {
            return Err(Error::NoShop(request.shop.clone()));
        }
        make(&Passes::new(store.pool().clone()), request, clock).await
    };
    Ok(control::done(&settings.data, &Ask::Pass(request.clone()), directly).await?)
}
