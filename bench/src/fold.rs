//! Folding the log: in memory by the domain alone, and from the disk as a start does it.

use std::sync::Arc;
use std::time::Instant;

use domain::event::Recorded;
use domain::shop::Shop;
use server::clock::System;
use server::engine::Engine;
use server::identity::keys::Keys;
use server::store::sqlite::Sqlite;
use tokio::task::spawn_blocking;

use crate::scratch::Scratch;
use crate::story::{self, Story};
use crate::table::{Line, Series};
use crate::{Outcome, Scale, history, plain, progress};

pub(crate) async fn measure(scale: Scale) -> Outcome<Vec<Line>> {
    let story = Story::of(scale.history)?;
    let events: Vec<Recorded> = story.events().cloned().collect();
    let data = history::written(&story).await?;
    let count = events.len();
    let (mut domain, mut start, mut floor) = (Series::default(), Series::default(), Series::default());
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
        floor.push(parsed);
    }
    let line = |what: &str, here: &Series| Line {
        what: format!("events a second {what}, of {count}"),
        here: here.show(0),
        beside: format!("rows read, JSON parsed, nothing kept: {}", floor.show(0)),
        ratio: here.over(&floor).show(2),
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
    speed(events.len(), start)
}

async fn open(data: &Scratch, count: usize) -> Outcome<f64> {
    plain::forget_state(&data.database())?;
    let store = Sqlite::open(&data.database()).await?;
    let keys = Arc::new(Keys::open(data.path())?);
    let start = Instant::now();
    let engine = Engine::start(Arc::new(store.clone()), Arc::new(System::new()), keys).await?;
    let speed = speed(count, start);
    let position = engine.room(&story::shop()).map(|room| room.seen().state.position);
    engine.stop().await;
    store.close().await?;
    if position == Some(count as u64) { Ok(speed) } else { Err(format!("the start saw {position:?}").into()) }
}

async fn parse(data: &Scratch, count: usize) -> Outcome<f64> {
    let file = data.database();
    let (speed, parsed) = spawn_blocking(move || -> Outcome<_> {
        let db = plain::open(&file)?;
        let start = Instant::now();
        let parsed = plain::read(&db, story::shop().as_str())?;
        Ok((speed(count, start), parsed))
    })
    .await??;
    if parsed == count { Ok(speed) } else { Err(format!("only {parsed} events could be parsed").into()) }
}

#[expect(clippy::cast_precision_loss, reason = "a speed of so many digits is one nobody reads")]
fn speed(events: usize, start: Instant) -> f64 {
    events as f64 / start.elapsed().as_secs_f64()
}
