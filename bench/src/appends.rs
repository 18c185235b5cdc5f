//! Appends to the log: the store's own, beside a plain loop over the same SQLite with the same rows.

use std::time::{Duration, Instant};

use server::store::ShopBatch;
use server::store::sqlite::Sqlite;
use tokio::task::block_in_place;

use crate::plain::{self, Batch, Loop};
use crate::scratch::Scratch;
use crate::story::Story;
use crate::table::{Line, Series};
use crate::{Outcome, Scale, progress};

/// Commands written in one commit: of a quiet bar, of a busy one, and of one under as many robots as it takes.
const TOGETHER: [usize; 3] = [1, 8, 64];

/// Commits until it is the other's turn.
const A_FEW: usize = 5;

pub(crate) async fn measure(scale: Scale) -> Outcome<Vec<Line>> {
    let mut lines = Vec::new();
    for commands in TOGETHER {
        // Five commands to an order.
        let story = Story::of(scale.commits * commands / 5 + 1)?;
        let mut units = story.units(commands);
        units.truncate(scale.commits);
        lines.push(line(&units, commands, scale).await?);
    }
    Ok(lines)
}

async fn line(units: &[ShopBatch], commands: usize, scale: Scale) -> Outcome<Line> {
    let (mut here, mut floor) = (Series::default(), Series::default());
    let part = format!("appends of {commands}");
    for run in 0..scale.runs {
        let (store, plain) = both(units).await?;
        here.push(store);
        floor.push(plain);
        progress(&part, run, scale, &format!("{store:.0} events a second, {plain:.0} by a plain loop"));
    }
    Ok(Line {
        what: format!("events appended a second, {commands} commands a commit"),
        here: here.show(0),
        beside: format!("a plain loop of the same rows: {}", floor.show(0)),
        ratio: here.over(&floor).show(2),
        promise: "≥ 0.75 of the loop".to_owned(),
    })
}

/// Events a second by the store and by the loop, each in a file of its own. They take turns every few commits: a disk
/// is not equally fast from one second to the next.
async fn both(units: &[ShopBatch]) -> Outcome<(f64, f64)> {
    let (ours, theirs) = (Scratch::new()?, Scratch::new()?);
    let store = Sqlite::open(&ours.database()).await?;
    let mut writer = store.writer().await?;
    // The tables and their indices are the store's.
    Sqlite::open(&theirs.database()).await?.close().await?;
    let db = plain::open(&theirs.database())?;
    let mut plain = Loop::on(&db)?;
    let (mut by_store, mut by_loop) = (Duration::ZERO, Duration::ZERO);
    for (turn, few) in units.chunks(A_FEW).enumerate() {
        let batches: Vec<Batch> = few.iter().map(Batch::of).collect();
        let mut the_loop = || block_in_place(|| timed(|| batches.iter().try_for_each(|batch| plain.append(batch))));
        if turn.is_multiple_of(2) {
            by_loop += the_loop()?;
        }
        let start = Instant::now();
        for unit in few {
            writer.append(std::slice::from_ref(unit)).await?;
        }
        by_store += start.elapsed();
        if !turn.is_multiple_of(2) {
            by_loop += the_loop()?;
        }
    }
    Ok((speed(units, by_store), speed(units, by_loop)))
}

fn timed<E>(work: impl FnOnce() -> Result<(), E>) -> Result<Duration, E> {
    let start = Instant::now();
    work().map(|()| start.elapsed())
}

#[expect(clippy::cast_precision_loss, reason = "a speed of so many digits is one nobody reads")]
fn speed(units: &[ShopBatch], took: Duration) -> f64 {
    units.iter().map(|unit| unit.events.len()).sum::<usize>() as f64 / took.as_secs_f64()
}
