//! Execution of `crema token`, `link`, `import` and `shop add`: by the running server, or directly in the data folder.

use std::sync::Arc;

use domain::access::Role;
use domain::hours::Hours;
use domain::ids::ShopId;
use engine::clock::{Calendar, Clock};
use engine::store::{Error as StoreError, Head, OrderRow, Outcome, ShopBatch, Store};
use import::{Archive, ImportRequest, ImportedLog, ImportedOrder, Report};
use serde::Serialize;
use store::{AnyStore, KeyFingerprints, OpenError};

use crate::config::Settings;
use crate::control::{Backup, BackupRequest, ControlRequest, IssuedPass, PassKind, PassRequest};
use crate::identity::keys::{DraftKeys, KeyFolder};
use crate::identity::passes::Passes;
use crate::lock::DataLock;
use crate::shop_creation::{CreatedShop, Links};
use crate::web::AppState;
use crate::{Error, control, lock, open_keys, shop_creation};

/// Result of a command that the server executes, serialised as the command expects it.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum CommandOutput {
    Pass(IssuedPass),
    Import(Report),
    AddShop(CreatedShop),
    Backup(Backup),
}

/// Executes a request of the control socket in the server.
pub(crate) async fn execute(
    state: Arc<AppState>,
    base: Option<String>,
    request: ControlRequest,
) -> Result<CommandOutput, Error> {
    match request {
        ControlRequest::Pass(request) => issue_on_server(state, base, request).await.map(CommandOutput::Pass),
        // Spawned, so that a client that disconnects does not cancel them half-way.
        ControlRequest::Import(request) => match tokio::spawn(import_on_server(state, request)).await {
            Ok(report) => report.map(CommandOutput::Import),
            Err(_) => Err(Error::ImportPanicked),
        },
        ControlRequest::AddShop(request) => match tokio::spawn(add_shop_on_server(state, base, request)).await {
            Ok(created) => created.map(CommandOutput::AddShop),
            Err(_) => Err(shop_creation::Error::Internal.into()),
        },
        ControlRequest::Backup(request) => {
            back_up_store(&state.store, &state.keys, &request).await.map(CommandOutput::Backup)
        }
    }
}

/// Imports a shop into the running server, which serves it immediately.
async fn import_on_server(state: Arc<AppState>, request: ImportRequest) -> Result<Report, Error> {
    if state.engine.shop_exists(&request.shop).await? {
        return Err(import::Error::ShopExists(request.shop).into());
    }
    let Import { keys, batch, report } = build_import(&request, &state.keys, &*state.clock).await?;
    state.keys.persist(&keys)?;
    state.engine.add_shop(batch).await?;
    state.keys.bind(&state.fingerprints, &request.shop).await?;
    Ok(report)
}

/// A shop read from an archive, in memory.
struct Import {
    keys: DraftKeys,
    batch: ShopBatch,
    report: Report,
}

/// Reads the archive and builds the shop's log. Writes nothing.
async fn build_import(request: &ImportRequest, keys: &KeyFolder, clock: &dyn Clock) -> Result<Import, Error> {
    let file = request.file.clone();
    let archive = tokio::task::spawn_blocking(move || Archive::read(&file));
    let archive = archive.await.map_err(|_| Error::ImportPanicked)??;
    let keys = keys.draft(&request.shop)?;
    let calendar = Calendar::new(&Hours::default(), clock.zone());
    let derive_id = |parts: &[&[u8]]| keys.keys.guests().mac(parts);
    let (log, report) = archive.to_log(request, &derive_id, clock.now(), &|at| calendar.day(at))?;
    Ok(Import { batch: import_batch(request.shop.clone(), log), keys, report })
}

/// The whole log as one batch, so that it is written atomically.
fn import_batch(shop: ShopId, ImportedLog { events, orders }: ImportedLog) -> ShopBatch {
    let row = |ImportedOrder { id, guest, number, outcome, position, ended }: ImportedOrder| OrderRow {
        id,
        guest,
        number,
        step: outcome,
        position,
        ended,
        is_new: true,
    };
    let orders = orders.into_iter().map(row).collect();
    let (epoch, receipts, names) = (engine::fresh_epoch(), Vec::new(), Vec::new());
    ShopBatch { shop, epoch, after: 0, after_id: None, events, receipts, orders, names }
}

/// Imports an archive as a new shop, with or without a running server.
///
/// # Errors
/// The archive cannot be read or has no order, the shop exists, or the folder cannot be used. No database is created then.
pub async fn import(settings: &Settings, request: &ImportRequest, clock: &dyn Clock) -> Result<Report, Error> {
    let run_locally = |lock: DataLock| async move {
        // Refused before a store is created.
        let import = build_import(request, &KeyFolder::open(lock.data())?, clock).await?;
        let opened = open_for_new_shop(&lock, settings).await?;
        let store = opened.port();
        let shop_exists = || import::Error::ShopExists(request.shop.clone());
        if find_head(&*store, &request.shop).await?.is_some() {
            return Err(Error::from(shop_exists()));
        }
        let keys = open_keys(lock.data(), &opened).await?;
        let Import { keys: draft, batch, report } = import;
        keys.persist(&draft)?;
        if store.writer().await?.append(&[batch]).await? != [Outcome::Committed] {
            return Err(shop_exists().into());
        }
        keys.bind(&KeyFingerprints::new(opened.pool()), &request.shop).await?;
        opened.close().await?;
        Ok(report)
    };
    Ok(control::dispatch(&settings.data, &ControlRequest::Import(request.clone()), run_locally).await?)
}

/// Creates a shop in the running server, which serves it immediately.
async fn add_shop_on_server(
    state: Arc<AppState>,
    base: Option<String>,
    request: shop_creation::NewShop,
) -> Result<CreatedShop, Error> {
    let shop = request.shop.clone();
    if state.engine.shop_exists(&shop).await? {
        return Err(shop_creation::Error::ShopExists(shop).into());
    }
    let like = request.like.as_ref();
    let like = like
        .map(|like| state.engine.read_model(like).ok_or_else(|| shop_creation::Error::UnknownTemplate(like.clone())));
    let like = like.transpose()?;
    let batch = shop_creation::build_batch(
        &request,
        like.map(|read_model| read_model.read().state.clone()).as_ref(),
        &*state.clock,
    )?;
    state.engine.add_shop(batch).await?;
    state.keys.bind(&state.fingerprints, &shop).await?;
    Ok(CreatedShop { links: Links::make(&state.passes, &shop, &*state.clock).await?, base })
}

/// Creates a shop, with or without a running server.
///
/// # Errors
/// The shop exists, the template shop does not, the name is invalid, or the folder cannot be used. No database is created
/// then.
pub async fn add_shop(
    settings: &Settings,
    request: &shop_creation::NewShop,
    clock: &dyn Clock,
) -> Result<CreatedShop, Error> {
    let run_locally = |lock: DataLock| async move {
        let opened = if request.like.is_some() {
            AnyStore::open_existing(lock.data(), settings.store.as_ref()).await?
        } else {
            // Refused before a store is created.
            shop_creation::build_batch(request, None, clock)?;
            open_for_new_shop(&lock, settings).await?
        };
        let store = opened.port();
        let keys = open_keys(lock.data(), &opened).await?;
        let shop_exists = || shop_creation::Error::ShopExists(request.shop.clone());
        if find_head(&*store, &request.shop).await?.is_some() {
            return Err(Error::from(shop_exists()));
        }
        let like = match &request.like {
            Some(like) => {
                let head = find_head(&*store, like)
                    .await?
                    .ok_or_else(|| shop_creation::Error::UnknownTemplate(like.clone()))?;
                Some(engine::read_shop(&*store, like, &*keys.shop(like)?, &head).await?)
            }
            None => None,
        };
        // Created before the log, so that no shop exists without its keys.
        keys.shop(&request.shop)?;
        let batch = shop_creation::build_batch(
            request,
            like.map(|read_model| read_model.read().state.clone()).as_ref(),
            clock,
        )?;
        if store.writer().await?.append(&[batch]).await? != [Outcome::Committed] {
            return Err(shop_exists().into());
        }
        keys.bind(&KeyFingerprints::new(opened.pool()), &request.shop).await?;
        let links = Links::make(&Passes::new(opened.pool()), &request.shop, clock).await?;
        opened.close().await?;
        Ok(CreatedShop { links, base: None })
    };
    Ok(control::dispatch(&settings.data, &ControlRequest::AddShop(request.clone()), run_locally).await?)
}

/// Issues a pass in the running server.
async fn issue_on_server(
    state: Arc<AppState>,
    base: Option<String>,
    request: PassRequest,
) -> Result<IssuedPass, Error> {
    if state.engine.read_model(&request.shop).is_none() {
        return Err(Error::UnknownShop(request.shop));
    }
    Ok(IssuedPass { base, ..issue(&state.passes, &request, &*state.clock).await? })
}

/// Opens the store for a new shop, which may be the first of a new bar. A folder with keys has a bar already, and an empty
/// store is not that of its keys.
async fn open_for_new_shop(lock: &DataLock, settings: &Settings) -> Result<AnyStore, Error> {
    let (data, url) = (lock.data(), settings.store.as_ref());
    let is_new = KeyFolder::open(data)?.shops()?.is_empty();
    Ok(if is_new { AnyStore::open(data, url).await? } else { AnyStore::open_existing(data, url).await? })
}

/// Returns the head of a shop's log, if it exists.
async fn find_head(store: &dyn Store, shop: &ShopId) -> Result<Option<Head>, StoreError> {
    Ok(store.heads().await?.into_iter().find(|head| head.shop == *shop))
}

async fn issue(passes: &Passes, request: &PassRequest, clock: &dyn Clock) -> Result<IssuedPass, Error> {
    let PassRequest { shop, role, .. } = request;
    let secret = match request.make {
        PassKind::Token => passes.make_token(shop, *role, clock.now()).await?,
        PassKind::Link if *role == Role::Robot => return Err(Error::RobotLink),
        PassKind::Link => passes.make_link(shop, *role, clock.now()).await?,
    };
    Ok(IssuedPass { secret, base: None })
}

/// Checks that there is a bar, before the lock would create the folder. A folder that was locked before may be that of a
/// running server with another store.
async fn ensure_bar(settings: &Settings) -> Result<(), OpenError> {
    if lock::was_acquired(&settings.data) {
        return Ok(());
    }
    AnyStore::ensure_exists(&settings.data, settings.store.as_ref()).await
}

/// Issues a pass, with or without a running server.
///
/// # Errors
/// There is no bar or no such shop, the pass would be a link for a robot, or the folder cannot be used. Nothing is
/// created then.
pub async fn issue_pass(settings: &Settings, request: &PassRequest, clock: &dyn Clock) -> Result<IssuedPass, Error> {
    ensure_bar(settings).await?;
    let run_locally = |lock: DataLock| async move {
        let opened = AnyStore::open_existing(lock.data(), settings.store.as_ref()).await?;
        let store = opened.port();
        if find_head(&*store, &request.shop).await?.is_none() {
            return Err(Error::UnknownShop(request.shop.clone()));
        }
        issue(&Passes::new(opened.pool()), request, clock).await
    };
    Ok(control::dispatch(&settings.data, &ControlRequest::Pass(request.clone()), run_locally).await?)
}

async fn back_up_store(store: &AnyStore, keys: &KeyFolder, request: &BackupRequest) -> Result<Backup, Error> {
    let database = store.back_up(&request.folder).await?;
    Ok(Backup { database, keys: keys.path().to_owned() })
}

/// Copies the database, with or without a running server.
///
/// # Errors
/// There is no database, the folder has a backup or cannot be written, or the log is in PostgreSQL. No copy was made.
pub async fn back_up(settings: &Settings, request: &BackupRequest) -> Result<Backup, Error> {
    ensure_bar(settings).await?;
    let run_locally = |lock: DataLock| async move {
        let opened = AnyStore::open_existing(lock.data(), settings.store.as_ref()).await?;
        let backup = back_up_store(&opened, &open_keys(lock.data(), &opened).await?, request).await?;
        opened.close().await?;
        Ok::<_, Error>(backup)
    };
    Ok(control::dispatch(&settings.data, &ControlRequest::Backup(request.clone()), run_locally).await?)
}
