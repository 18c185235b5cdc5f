//! From the start of the program to its first page, and what it needs then: with nothing to read, and with much.

use std::time::Duration;

use crate::memory::Memory;
use crate::program::{Binary, Way};
use crate::scratch::Scratch;
use crate::story::Story;
use crate::table::{Line, Series};
use crate::{Outcome, Scale, history, progress};

/// After so long it does nothing more that belongs to the start.
const IDLE: Duration = Duration::from_millis(300);

/// Orders between two kills: too few for a state to be written in between.
const BETWEEN: u32 = 60;

/// A folder to start on, and what came of it.
struct Case {
    folder: Scratch,
    what: String,
    took: Series,
    resident: Series,
    private: Series,
}

pub(crate) async fn measure(binary: &Binary, scale: Scale) -> Outcome<Vec<Line>> {
    let mut cases = cases(binary, scale).await?;
    let mut help = Series::default();
    for run in 0..scale.runs {
        let least = ms(binary.help().await?);
        help.push(least);
        let mut found = vec![format!("{least:.1} ms for --help")];
        for case in &mut cases {
            let took = case.start(binary).await?;
            found.push(format!("{took:.1} ms on {}", case.what));
        }
        progress("starts", run, scale, &found.join(", "));
    }
    let mut lines: Vec<Line> = cases.iter().map(|case| case.line(&help)).collect();
    lines.extend(cases.iter().take(2).map(Case::memory));
    lines.push(size(binary)?);
    Ok(lines)
}

async fn cases(binary: &Binary, scale: Scale) -> Outcome<Vec<Case>> {
    let story = Story::of(scale.history)?;
    let count = story.events().count();
    let with_state = history::written(&story).await?;
    history::write_state(&with_state).await?;
    let without = history::without_state(&with_state)?;
    Ok(vec![
        Case::of(Scratch::new()?, "an empty folder".to_owned()),
        Case::of(with_state, format!("a log of {count} events with its state")),
        Case::of(without, "the same log without its state".to_owned()),
        Case::of(killed(binary, scale).await?, format!("what {} kills left, {BETWEEN} orders apart", scale.kills)),
    ])
}

/// A folder as it is left by a bar that was never stopped in good order.
async fn killed(binary: &Binary, scale: Scale) -> Outcome<Scratch> {
    let data = Scratch::new()?;
    for kill in 1..=scale.kills {
        let bar = binary.serve(data.path()).await?;
        binary.robots(bar.addr, Way::Data(data.path()), BETWEEN).await?;
        drop(bar);
        eprintln!("starts: killed {kill} times of {}", scale.kills);
    }
    Ok(data)
}

impl Case {
    fn of(folder: Scratch, what: String) -> Self {
        let (took, resident, private) = Default::default();
        Self { folder, what, took, resident, private }
    }

    /// On a copy, since a start changes what it finds.
    async fn start(&mut self, binary: &Binary) -> Outcome<f64> {
        let folder = self.folder.copy()?;
        let bar = binary.serve(folder.path()).await?;
        tokio::time::sleep(IDLE).await;
        let memory = Memory::of(bar.id())?;
        let took = ms(bar.took);
        self.took.push(took);
        self.resident.push(memory.resident);
        self.private.push(memory.private);
        Ok(took)
    }

    fn line(&self, help: &Series) -> Line {
        Line {
            what: format!("start to first page, ms, on {}", self.what),
            here: self.took.show(1),
            beside: format!("`crema --help`: {}", help.show(1)),
            ratio: self.took.over(help).show(1),
            promise: "≤ 100".to_owned(),
        }
    }

    fn memory(&self) -> Line {
        Line {
            what: format!("memory when idle, resident, MB, on {}", self.what),
            here: self.resident.show(1),
            beside: format!("the program's own: {}", self.private.show(1)),
            ratio: String::new(),
            promise: "≤ 30".to_owned(),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "programs are smaller than that")]
fn size(binary: &Binary) -> Outcome<Line> {
    Ok(Line {
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
