//! Fold throughput: in memory by the domain alone, and from disk as at a start.

use std::sync::Arc;
use std::time::Instant;

use domain::event::Recorded;
use domain::shop::Shop;
use engine::Engine;
use engine::clock::SystemClock;
use server::identity::keys::KeyFolder;
use store::Sqlite;
use tokio::task::spawn_blocking;

use crate::scratch::Scratch;
use crate::table::{Series, TableRow};
use crate::workload::{self, Workload};
use crate::{BenchResult, Scale, history, plain, progress};

pub(crate) async fn measure(scale: Scale) -> BenchResult<Vec<TableRow>> {
    let workload = Workload::of(scale.history)?;
    let events: Vec<Recorded> = workload.events().cloned().collect();
    let data = history::write_log(&workload).await?;
    let count = events.len();
    let (mut domain, mut start, mut baseline) = (Series::default(), Series::default(), Series::default());
    for run in 0..scale.runs {
        let folded = fold(&events);
        let (opened, parsed) = if run.is_multiple_of(2) {
            let opened = open(&data, count).await?;
            (opened, parse(&data, count).await?)
        } else {
            let parsed = parse(&data, count).await?;
            (open(&data, count).await?, parsed)
        };
        progress(
            "fold",
            run,
            scale,
            &format!("{folded:.0} events a second, {opened:.0} from disk, {parsed:.0} parsed"),
        );
        domain.push(folded);
        start.push(opened);
        baseline.push(parsed);
    }
    let line = |what: &str, here: &Series| TableRow {
        what: format!("events a second {what}, of {count}"),
        here: here.show(0),
        beside: format!("rows read, JSON parsed, nothing kept: {}", baseline.show(0)),
        ratio: here.over(&baseline).show(2),
        promise: String::new(),
    };
    Ok(vec![line("folded by the domain in memory", &domain), line("from disk into a state, as a start does", &start)])
}

fn fold(events: &[Recorded]) -> f64 {
    let start = Instant::now();
    let mut shop = Shop::default();
    for recorded in events {
        shop.evolve(&recorded.event, recorded.at);
    }
    std::hint::black_box(&shop);
    events_per_second(events.len(), start)
}

async fn open(data: &Scratch, count: usize) -> BenchResult<f64> {
    plain::delete_snapshots(&data.database())?;
    let store = Sqlite::open(&data.database()).await?;
    let keys = Arc::new(KeyFolder::open(data.path())?);
    let start = Instant::now();
    let engine = Engine::start(Arc::new(store.clone()), Arc::new(SystemClock::new()), keys).await?;
    let events_per_second = events_per_second(count, start);
    let position = engine.read_model(&workload::shop()).map(|read_model| read_model.read().state.position);
    engine.stop().await;
    store.close().await?;
    if position == Some(count as u64) {
        Ok(events_per_second)
    } else {
        Err(format!("the start replayed up to {position:?} instead of {count}").into())
    }
}

async fn parse(data: &Scratch, count: usize) -> BenchResult<f64> {
    let file = data.database();
    let (events_per_second, parsed) = spawn_blocking(move || -> BenchResult<_> {
        let db = plain::open(&file)?;
        let start = Instant::now();
        let parsed = plain::read(&db, workload::shop().as_str())?;
        Ok((events_per_second(count, start), parsed))
    })
    .await??;
    if parsed == count { Ok(events_per_second) } else { Err(format!("parsed {parsed} of {count} events").into()) }
}

#[expect(clippy::cast_precision_loss, reason = "only the leading digits are printed")]
fn events_per_second(events: usize, start: Instant) -> f64 {
    events as f64 / start.elapsed().as_secs_f64()
}
