//! What is done for `crema token`, `link`, `import` and `found`: by the server where one has the folder, else directly.

use std::sync::Arc;

use domain::hours::Hours;
use domain::ids::ShopId;
use serde::Serialize;

use crate::clock::{Calendar, Clock};
use crate::config::Settings;
use crate::control::{Ask, IssuedPass, PassKind, Request};
use crate::identity::keys::Keys;
use crate::identity::passes::Passes;
use crate::import::{self, Archive};
use crate::lock::DataLock;
use crate::shop_creation::{CreatedShop, Links};
use crate::store::opened::Opened;
use crate::store::{self, Head, Outcome, ShopBatch, Store};
use crate::web::AppState;
use crate::{Error, control, engine, keys_of, shop_creation};

/// What was done for a command beside the server, in the form it waits for.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum CommandOutput {
    Pass(IssuedPass),
    Import(import::Report),
    AddShop(CreatedShop),
}

pub(crate) async fn done(site: Arc<AppState>, base: Option<String>, what: Ask) -> Result<CommandOutput, Error> {
    match what {
        Ask::Pass(request) => made(site, base, request).await.map(CommandOutput::Pass),
        // On their own: who asked may go away, and what is begun is brought to its end.
        Ask::Import(request) => match tokio::spawn(imported(site, request)).await {
            Ok(report) => report.map(CommandOutput::Import),
            Err(_) => Err(Error::ImportBroke),
        },
        Ask::AddShop(request) => match tokio::spawn(founded(site, base, request)).await {
            Ok(founded) => founded.map(CommandOutput::AddShop),
            Err(_) => Err(shop_creation::Error::Broken.into()),
        },
    }
}

/// Takes in the shop that `crema import` asks for; it is there at once.
async fn imported(site: Arc<AppState>, request: import::Request) -> Result<import::Report, Error> {
    if site.engine.has(&request.shop).await? {
        return Err(import::Error::ShopExists(request.shop).into());
    }
    let (unit, report) = prepared(&request, &site.keys, &*site.clock).await?;
    site.engine.add_shop(unit).await?;
    Ok(report)
}

/// Reads the archive and makes the shop of it, in memory; only its keys are on the disk afterwards.
async fn prepared(
    request: &import::Request,
    keys: &Keys,
    clock: &dyn Clock,
) -> Result<(ShopBatch, import::Report), Error> {
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
        let opened = Opened::open(lock.data(), settings.store.as_ref()).await?;
        let store = opened.port();
        let exists = || import::Error::ShopExists(request.shop.clone());
        if head_of(&*store, &request.shop).await?.is_some() {
            return Err(Error::from(exists()));
        }
        let (unit, report) = prepared(request, &keys_of(lock.data(), &*store).await?, clock).await?;
        let outcome = store.writer().await?.append(&[unit]).await?;
        opened.close().await?;
        if outcome == [Outcome::Committed] { Ok(report) } else { Err(exists().into()) }
    };
    Ok(control::done(&settings.data, &Ask::Import(request.clone()), directly).await?)
}

/// Founds the shop that `crema shop add` asks for; it is there at once.
async fn founded(
    site: Arc<AppState>,
    base: Option<String>,
    request: shop_creation::Request,
) -> Result<CreatedShop, Error> {
    let shop = request.shop.clone();
    if site.engine.has(&shop).await? {
        return Err(shop_creation::Error::ShopExists(shop).into());
    }
    let like = request.like.as_ref();
    let like = like.map(|like| site.engine.room(like).ok_or_else(|| shop_creation::Error::NoLike(like.clone())));
    let like = like.transpose()?;
    let unit = shop_creation::unit(&request, like.map(|room| room.seen().state.clone()).as_ref(), &*site.clock)?;
    site.engine.add_shop(unit).await?;
    Ok(CreatedShop { links: Links::make(&site.passes, &shop, &*site.clock).await?, base })
}

/// Founds a shop whether or not a server has the folder.
///
/// # Errors
/// A shop that exists or one to be like that does not, a name that is none, or a folder that cannot be used.
pub async fn add_shop(
    settings: &Settings,
    request: &shop_creation::Request,
    clock: &dyn Clock,
) -> Result<CreatedShop, Error> {
    let directly = |lock: DataLock| async move {
        let opened = Opened::open(lock.data(), settings.store.as_ref()).await?;
        let store = opened.port();
        let keys = keys_of(lock.data(), &*store).await?;
        let exists = || shop_creation::Error::ShopExists(request.shop.clone());
        if head_of(&*store, &request.shop).await?.is_some() {
            return Err(Error::from(exists()));
        }
        let like = match &request.like {
            Some(like) => {
                let head = head_of(&*store, like).await?.ok_or_else(|| shop_creation::Error::NoLike(like.clone()))?;
                Some(engine::read(&*store, like, &*keys.shop(like)?, &head).await?)
            }
            None => None,
        };
        // Before the log has the shop, so that it is never there without.
        keys.shop(&request.shop)?;
        let unit = shop_creation::unit(request, like.map(|room| room.seen().state.clone()).as_ref(), clock)?;
        if store.writer().await?.append(&[unit]).await? != [Outcome::Committed] {
            return Err(exists().into());
        }
        let links = Links::make(&Passes::new(opened.pool()), &request.shop, clock).await?;
        opened.close().await?;
        Ok(CreatedShop { links, base: None })
    };
    Ok(control::done(&settings.data, &Ask::AddShop(request.clone()), directly).await?)
}

/// Makes the pass that `crema token` or `crema link` asks for.
async fn made(site: Arc<AppState>, base: Option<String>, request: Request) -> Result<IssuedPass, Error> {
    if site.engine.room(&request.shop).is_none() {
        return Err(Error::NoShop(request.shop));
    }
    Ok(IssuedPass { base, ..make(&site.passes, &request, &*site.clock).await? })
}

/// Where a shop's log stands, if there is one.
async fn head_of(store: &dyn Store, shop: &ShopId) -> Result<Option<Head>, store::Error> {
    Ok(store.heads().await?.into_iter().find(|head| head.shop == *shop))
}

async fn make(passes: &Passes, request: &Request, clock: &dyn Clock) -> Result<IssuedPass, Error> {
    let Request { shop, role, .. } = request;
    let secret = match request.make {
        PassKind::Token => passes.make_token(shop, *role, clock.now()).await?,
        PassKind::Link => passes.make_link(shop, *role, clock.now()).await?,
    };
    Ok(IssuedPass { secret, base: None })
}

/// Makes a pass whether or not a server has the folder.
///
/// # Errors
/// No such shop, or a folder that cannot be used.
pub async fn pass(settings: &Settings, request: &Request, clock: &dyn Clock) -> Result<IssuedPass, Error> {
    let directly = |lock: DataLock| async move {
        let opened = Opened::open(lock.data(), settings.store.as_ref()).await?;
        let store = opened.port();
        if head_of(&*store, &request.shop).await?.is_none() {
            return Err(Error::NoShop(request.shop.clone()));
        }
        make(&Passes::new(opened.pool()), request, clock).await
    };
    Ok(control::done(&settings.data, &Ask::Pass(request.clone()), directly).await?)
}
