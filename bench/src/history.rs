//! A data folder with a long log in it, as a bar has it that has been open for months.

use std::sync::Arc;

use domain::access::{Actor, Role};
use domain::command::StoreCommand;
use domain::ids::StaffId;
use server::clock::System;
use server::engine::{CommandRequest, Engine};
use server::identity::keys::Keys;
use server::store::sqlite::Sqlite;
use uuid::Uuid;

use crate::BenchResult;
use crate::plain;
use crate::scratch::Scratch;
use crate::workload::{self, Workload};

/// Commands to a commit where only the log matters.
const COMMANDS_PER_COMMIT: usize = 256;

/// The story, written and folded back into its file. No state is written beside it.
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

/// Opens the bar as a start does.
pub(crate) async fn engine(data: &Scratch) -> BenchResult<(Sqlite, Engine)> {
    let store = Sqlite::open(&data.database()).await?;
    let keys = Arc::new(Keys::open(data.path())?);
    let engine = Engine::start(Arc::new(store.clone()), Arc::new(System::new()), keys).await?;
    Ok((store, engine))
}

/// Has the bar write its state down, by a stop in good order.
pub(crate) async fn write_snapshot(data: &Scratch) -> BenchResult<()> {
    let (store, engine) = engine(data).await?;
    // A bar to which nothing happened may not bother.
    for command in [StoreCommand::Close { hold: false }.into(), StoreCommand::Open { hold: false }.into()] {
        let who = Actor::Credential(StaffId(Uuid::nil()), Role::Manager);
        let reply = engine.ask(&workload::shop(), CommandRequest { who, command, key: None, name: None }).await;
        reply.ok_or("the story has no shop")?.map_err(|refused| format!("the doors stay as they are: {refused:?}"))?;
    }
    engine.stop().await;
    Ok(store.close().await?)
}

/// The same folder with its log and no state.
pub(crate) fn copy_without_snapshot(data: &Scratch) -> BenchResult<Scratch> {
    let copy = data.copy()?;
    plain::delete_snapshots(&copy.database())?;
    Ok(copy)
}
