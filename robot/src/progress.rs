//! Progress of a run on standard error, once a second: one rewritten line on a terminal, else one line each time.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

use crate::tally::Tally;

/// The progress line. Dropping it clears the line.
pub(super) struct Progress {
    is_screen: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self { is_screen: stderr().is_terminal() }
    }

    /// Writes the line every second. Never returns.
    pub(super) async fn show(&self, orders: u64, tally: &Tally) {
        let start = Instant::now();
        let mut second = tokio::time::interval(Duration::from_secs(1));
        // The first tick completes immediately.
        second.tick().await;
        let mut before = 0;
        loop {
            second.tick().await;
            let (started, finished, failed) = tally.snapshot();
            let line = line(start.elapsed(), orders, (started, finished, failed), finished - before);
            before = finished;
            // A closed standard error must not stop the run.
            let _ = if self.is_screen { write!(stderr(), "\r\x1b[K{line}") } else { writeln!(stderr(), "{line}") };
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_screen {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}

fn line(elapsed: Duration, orders: u64, (started, finished, failed): (u64, u64, u64), last: u64) -> String {
    let under_way = started.saturating_sub(finished + failed);
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    format!(
        "{:>4} s  {finished} of {orders} finished, {last} in the last second, {under_way} under way{failed}",
        elapsed.as_secs()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_progress_line_shows_failures() {
        let text = |failed| line(Duration::from_millis(3999), 200, (100, 90, failed), 40);
        assert_eq!(text(0), "   3 s  90 of 200 finished, 40 in the last second, 10 under way");
        assert_eq!(text(4), "   3 s  90 of 200 finished, 40 in the last second, 6 under way, 4 failed");
    }
}
