//! Append throughput of the store, against a plain loop that writes the same rows to SQLite.

use std::time::{Duration, Instant};

use engine::store::ShopBatch;
use store::Sqlite;
use tokio::task::block_in_place;

use crate::plain::{self, EncodedBatch, PlainWriter};
use crate::scratch::Scratch;
use crate::table::{Series, TableRow};
use crate::workload::Workload;
use crate::{BenchResult, Scale, progress};

/// Commands per commit: at low load, at high load and at saturation.
const COMMANDS_PER_COMMIT: [usize; 3] = [1, 8, 64];

/// Commits of one side before the other takes its turn.
const COMMITS_PER_TURN: usize = 5;

pub(crate) async fn measure(scale: Scale) -> BenchResult<Vec<TableRow>> {
    let mut lines = Vec::new();
    for commands in COMMANDS_PER_COMMIT {
        // An order has five commands.
        let workload = Workload::of(scale.commits * commands / 5 + 1)?;
        let mut batches = workload.batches(commands);
        batches.truncate(scale.commits);
        lines.push(line(&batches, commands, scale).await?);
    }
    Ok(lines)
}

async fn line(batches: &[ShopBatch], commands: usize, scale: Scale) -> BenchResult<TableRow> {
    let (mut here, mut baseline) = (Series::default(), Series::default());
    let part = format!("appends of {commands}");
    for run in 0..scale.runs {
        let (store, plain) = both(batches).await?;
        here.push(store);
        baseline.push(plain);
        progress(&part, run, scale, &format!("{store:.0} events a second, {plain:.0} by a plain loop"));
    }
    Ok(TableRow {
        what: format!("events appended a second, {commands} commands a commit"),
        here: here.show(0),
        beside: format!("a plain loop of the same rows: {}", baseline.show(0)),
        ratio: here.over(&baseline).show(2),
        promise: "≥ 0.75 of the loop".to_owned(),
    })
}

/// Measures events per second of the store and of the loop, each on its own file. They alternate every few commits
/// because disk speed varies over time.
async fn both(batches: &[ShopBatch]) -> BenchResult<(f64, f64)> {
    let (store_folder, baseline_folder) = (Scratch::new()?, Scratch::new()?);
    let store = Sqlite::open(&store_folder.database()).await?;
    let mut writer = store.writer().await?;
    // The store creates the schema.
    Sqlite::open(&baseline_folder.database()).await?.close().await?;
    let db = plain::open(&baseline_folder.database())?;
    let mut plain = PlainWriter::new(&db)?;
    let (mut by_store, mut by_loop) = (Duration::ZERO, Duration::ZERO);
    for (turn, chunk) in batches.chunks(COMMITS_PER_TURN).enumerate() {
        let batches: Vec<EncodedBatch> = chunk.iter().map(EncodedBatch::of).collect();
        let mut run_loop = || block_in_place(|| timed(|| batches.iter().try_for_each(|batch| plain.append(batch))));
        if turn.is_multiple_of(2) {
            by_loop += run_loop()?;
        }
        let start = Instant::now();
        for batch in chunk {
            writer.append(std::slice::from_ref(batch)).await?;
        }
        by_store += start.elapsed();
        if !turn.is_multiple_of(2) {
            by_loop += run_loop()?;
        }
    }
    Ok((events_per_second(batches, by_store), events_per_second(batches, by_loop)))
}

fn timed<E>(work: impl FnOnce() -> Result<(), E>) -> Result<Duration, E> {
    let start = Instant::now();
    work().map(|()| start.elapsed())
}

#[expect(clippy::cast_precision_loss, reason = "only the leading digits are printed")]
fn events_per_second(batches: &[ShopBatch], took: Duration) -> f64 {
    batches.iter().map(|batch| batch.events.len()).sum::<usize>() as f64 / took.as_secs_f64()
}
