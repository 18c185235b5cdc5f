//! Time from process start to first page, and memory when idle, for several data folders.

use std::time::Duration;

use crate::memory::Memory;
use crate::program::{Binary, RobotAuth};
use crate::scratch::Scratch;
use crate::table::{Series, TableRow};
use crate::workload::Workload;
use crate::{BenchResult, Scale, history, progress};

/// Delay after the first page before the memory is read.
const SETTLE_TIME: Duration = Duration::from_millis(300);

/// Orders between two kills: too few to trigger a snapshot.
const ORDERS_PER_KILL: u32 = 60;

/// A data folder and its measurements.
struct StartCase {
    folder: Scratch,
    what: String,
    took: Series,
    resident: Series,
    private: Series,
}

pub(crate) async fn measure(binary: &Binary, scale: Scale) -> BenchResult<Vec<TableRow>> {
    let mut cases = cases(binary, scale).await?;
    let mut help = Series::default();
    for run in 0..scale.runs {
        let least = ms(binary.help().await?);
        help.push(least);
        let mut timings = vec![format!("{least:.1} ms for --help")];
        for case in &mut cases {
            let took = case.start(binary).await?;
            timings.push(format!("{took:.1} ms on {}", case.what));
        }
        progress("starts", run, scale, &timings.join(", "));
    }
    let mut lines: Vec<TableRow> = cases.iter().map(|case| case.line(&help)).collect();
    lines.extend(cases.iter().take(2).map(StartCase::memory));
    lines.push(size(binary)?);
    Ok(lines)
}

async fn cases(binary: &Binary, scale: Scale) -> BenchResult<Vec<StartCase>> {
    let workload = Workload::of(scale.history)?;
    let count = workload.events().count();
    let with_snapshot = history::write_log(&workload).await?;
    history::write_snapshot(&with_snapshot).await?;
    let without = history::copy_without_snapshot(&with_snapshot)?;
    Ok(vec![
        StartCase::of(Scratch::new()?, "an empty folder".to_owned()),
        StartCase::of(with_snapshot, format!("a log of {count} events with its state")),
        StartCase::of(without, "the same log without its state".to_owned()),
        StartCase::of(
            killed(binary, scale).await?,
            format!("what {} kills left, {ORDERS_PER_KILL} orders apart", scale.kills),
        ),
    ])
}

/// Returns the folder of a server that was killed repeatedly and never stopped gracefully.
async fn killed(binary: &Binary, scale: Scale) -> BenchResult<Scratch> {
    let data = Scratch::new()?;
    for kill in 1..=scale.kills {
        let server = binary.serve(data.path()).await?;
        binary.robots(server.addr, RobotAuth::Data(data.path()), ORDERS_PER_KILL).await?;
        drop(server);
        eprintln!("starts: killed {kill} times of {}", scale.kills);
    }
    Ok(data)
}

impl StartCase {
    fn of(folder: Scratch, what: String) -> Self {
        let (took, resident, private) = Default::default();
        Self { folder, what, took, resident, private }
    }

    /// Starts on a copy, since a start modifies the folder.
    async fn start(&mut self, binary: &Binary) -> BenchResult<f64> {
        let folder = self.folder.copy()?;
        let server = binary.serve(folder.path()).await?;
        tokio::time::sleep(SETTLE_TIME).await;
        let memory = Memory::of(server.id())?;
        let took = ms(server.took);
        self.took.push(took);
        self.resident.push(memory.resident);
        self.private.push(memory.private);
        Ok(took)
    }

    fn line(&self, help: &Series) -> TableRow {
        TableRow {
            what: format!("start to first page, ms, on {}", self.what),
            here: self.took.show(1),
            beside: format!("`crema --help`: {}", help.show(1)),
            ratio: self.took.over(help).show(1),
            promise: "≤ 100".to_owned(),
        }
    }

    fn memory(&self) -> TableRow {
        TableRow {
            what: format!("memory when idle, resident, MB, on {}", self.what),
            here: self.resident.show(1),
            beside: format!("the program's own: {}", self.private.show(1)),
            ratio: String::new(),
            promise: "≤ 30".to_owned(),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "binary sizes stay below 2^53")]
fn size(binary: &Binary) -> BenchResult<TableRow> {
    Ok(TableRow {
        what: "the program with all it serves, MB".to_owned(),
        here: format!("{:.1}", binary.bytes()? as f64 / 1e6),
        beside: String::new(),
        ratio: String::new(),
        promise: "≤ 25".to_owned(),
    })
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
