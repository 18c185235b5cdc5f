//! How far the robots are, on standard error: one line that is written over, or one a second where there is no screen.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

use crate::robot::tally::Tally;

/// The line that is on the screen; it goes when this does.
pub(super) struct Progress {
    is_screen: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self { is_screen: stderr().is_terminal() }
    }

    /// Writes the line every second, for as long as it is polled.
    pub(super) async fn show(&self, orders: u64, tally: &Tally) {
        let start = Instant::now();
        let mut second = tokio::time::interval(Duration::from_secs(1));
        // The first tick is at once, and there is nothing to say yet.
        second.tick().await;
        let mut before = 0;
        loop {
            second.tick().await;
            let (begun, finished, failed) = tally.glance();
            let line = line(start.elapsed(), orders, (begun, finished, failed), finished - before);
            before = finished;
            // Nobody has to look: the robots go on without.
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

fn line(gone: Duration, orders: u64, (begun, finished, failed): (u64, u64, u64), last: u64) -> String {
    let under_way = begun.saturating_sub(finished + failed);
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    format!(
        "{:>4} s  {finished} of {orders} finished, {last} in the last second, {under_way} under way{failed}",
        gone.as_secs()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_of_failures_when_there_are_any() {
        let told = |failed| line(Duration::from_millis(3999), 200, (100, 90, failed), 40);
        assert_eq!(told(0), "   3 s  90 of 200 finished, 40 in the last second, 10 under way");
        assert_eq!(told(4), "   3 s  90 of 200 finished, 40 in the last second, 6 under way, 4 failed");
    }
}
