//! Benchmarks of a release, each with its target or a baseline, measured in one run.

mod appends;
mod bare;
mod extensions;
mod fold;
mod history;
mod http_client;
mod memory;
mod million;
mod orders;
mod plain;
mod program;
mod scratch;
mod starts;
mod table;
mod workload;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};

use crate::program::Binary;
use crate::table::TableRow;

type BenchResult<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Measures a release of Crema and prints one table of Markdown. Takes some ten minutes.
#[derive(Debug, Parser)]
#[command(
    name = "bench",
    after_help = "Every figure is the median of the runs and, in brackets, the least and the most. Product and floor \
                  take turns, and a ratio is of two that stood side by side. Nothing is judged: the machine has a say \
                  in every figure, and in the ratios the least."
)]
struct Args {
    /// The program to measure
    #[arg(value_name = "BINARY")]
    binary: PathBuf,
    /// Three small runs instead of seven, without `million`, as a smoke test
    #[arg(long)]
    quick: bool,
    /// Measure only this; may be repeated
    #[arg(long, value_name = "PART")]
    only: Vec<Benchmark>,
}

/// The benchmarks by their names on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Benchmark {
    /// Whole orders per second, and the memory after them
    Orders,
    /// Whole orders per second with all extensions on and with all off
    Extensions,
    /// Appends to the log
    Appends,
    /// Folding the log
    Fold,
    /// Time from process start to first page, memory and binary size
    Starts,
    /// Queries on a log of a million orders, and the first start after an upgrade
    Million,
}

/// Size of the measurements.
#[derive(Clone, Copy, Debug)]
struct Scale {
    runs: usize,
    /// Orders per run over HTTP.
    orders: u32,
    /// Commits per run.
    commits: usize,
    /// Orders in the long log.
    history: usize,
    /// Kills before the measured restart.
    kills: usize,
    /// Orders in the log that is queried.
    million: usize,
}

const FULL_SCALE: Scale =
    Scale { runs: 7, orders: 4_000, commits: 200, history: 12_000, kills: 50, million: 1_000_000 };
const QUICK_SCALE: Scale = Scale { runs: 3, orders: 500, commits: 40, history: 1_000, kills: 5, million: 20_000 };

fn main() -> ExitCode {
    let args = Args::parse();
    // As many workers as `crema serve` has, since the HTTP baseline runs in this process.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    let outcome = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run(&args)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprint!("bench: {error}");
            let mut cause = error.source();
            while let Some(inner) = cause {
                eprint!(": {inner}");
                cause = inner.source();
            }
            eprintln!();
            ExitCode::FAILURE
        }
    }
}

/// Measures and prints the table. Ctrl-C or SIGTERM drops the measurement with its scratch folders and processes.
async fn run(args: &Args) -> BenchResult<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let lines = tokio::select! {
        lines = measure(args) => lines?,
        _ = terminate.recv() => return Err("terminated before all benchmarks finished".into()),
        _ = tokio::signal::ctrl_c() => return Err("interrupted before all benchmarks finished".into()),
    };
    Ok(write!(std::io::stdout(), "{}", table::of(&lines))?)
}

async fn measure(args: &Args) -> BenchResult<Vec<TableRow>> {
    let scale = if args.quick { QUICK_SCALE } else { FULL_SCALE };
    let binary = Binary::at(&args.binary)?;
    let wanted = |part| args.only.is_empty() || args.only.contains(&part);
    let mut lines = Vec::new();
    if wanted(Benchmark::Orders) {
        lines.extend(orders::measure(&binary, scale).await?);
    }
    if wanted(Benchmark::Extensions) {
        lines.extend(extensions::measure(&binary, scale).await?);
    }
    if wanted(Benchmark::Appends) {
        lines.extend(appends::measure(scale).await?);
    }
    if wanted(Benchmark::Fold) {
        lines.extend(fold::measure(scale).await?);
    }
    if wanted(Benchmark::Starts) {
        lines.extend(starts::measure(&binary, scale).await?);
    }
    if args.only.contains(&Benchmark::Million) || wanted(Benchmark::Million) && !args.quick {
        lines.extend(million::measure(&binary, scale).await?);
    }
    Ok(lines)
}

/// Prints the progress, since a run takes minutes.
fn progress(part: &str, run: usize, scale: Scale, result: &str) {
    eprintln!("{part}: run {} of {}: {result}", run + 1, scale.runs);
}
