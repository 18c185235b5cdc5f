//! Data folders with a long log.

use std::sync::Arc;

use domain::access::{Actor, Role};
use domain::command::StoreCommand;
use domain::ids::StaffId;
use engine::clock::SystemClock;
use engine::{CommandRequest, Engine};
use server::identity::keys::KeyFolder;
use store::Sqlite;
use uuid::Uuid;

use crate::BenchResult;
use crate::plain;
use crate::scratch::Scratch;
use crate::workload::{self, Workload};

/// Commands per commit when only the content of the log matters.
const COMMANDS_PER_COMMIT: usize = 256;

/// Writes the workload's log into a new data folder, without snapshots.
pub(crate) async fn write_log(workload: &Workload) -> BenchResult<Scratch> {
    let data = Scratch::new()?;
    let log = Sqlite::open(&data.database()).await?;
    let mut writer = log.writer().await?;
    for batch in workload.batches(COMMANDS_PER_COMMIT) {
        writer.append(&[batch]).await?;
    }
    drop(writer);
    log.close().await?;
    Ok(data)
}

/// Opens the store and starts the engine.
pub(crate) async fn engine(data: &Scratch) -> BenchResult<(Sqlite, Engine)> {
    let store = Sqlite::open(&data.database()).await?;
    let keys = Arc::new(KeyFolder::open(data.path())?);
    let engine = Engine::start(Arc::new(store.clone()), Arc::new(SystemClock::new()), keys).await?;
    Ok((store, engine))
}

/// Writes a snapshot by a graceful stop of the engine.
pub(crate) async fn write_snapshot(data: &Scratch) -> BenchResult<()> {
    let (store, engine) = engine(data).await?;
    // An engine without new events may skip the snapshot.
    for command in [StoreCommand::Close { hold: false }.into(), StoreCommand::Open { hold: false }.into()] {
        let who = Actor::Credential(StaffId(Uuid::nil()), Role::Manager);
        let reply = engine
            .execute(&workload::shop(), CommandRequest { actor: who, command, idempotency_key: None, name: None })
            .await;
        reply
            .ok_or("the workload has no shop")?
            .map_err(|refused| format!("the shop was not closed and opened: {refused:?}"))?;
    }
    engine.stop().await;
    Ok(store.close().await?)
}

/// Copies a folder without its snapshots.
pub(crate) fn copy_without_snapshot(data: &Scratch) -> BenchResult<Scratch> {
    let copy = data.copy()?;
    plain::delete_snapshots(&copy.database())?;
    Ok(copy)
}
