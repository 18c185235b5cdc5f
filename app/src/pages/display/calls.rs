//! The display's calls: an order that has just become ready, or is called again, stands large for a while.

use domain::time::Instant;
use domain::view::display::{Display, DisplayRow};

/// Seconds for which a call stands.
const CALL_SECONDS: u32 = 10;

/// Maximum number of calls that stand beside each other, the latest ones.
const MAX_CALLS: usize = 3;

/// Time of the last call for a ready order: when it became ready, or was called again.
pub fn last_call(row: &DisplayRow) -> Instant {
    row.called.map_or(row.since, |called| called.at)
}

/// The orders whose calls stand now, the latest first.
pub fn calls(view: &Display, now: Instant) -> Vec<DisplayRow> {
    let mut rows: Vec<DisplayRow> = Vec::new();
    for row in view.ready().filter(|row| now.seconds_since(last_call(row)) < CALL_SECONDS) {
        let index = rows.iter().take_while(|other| last_call(other) > last_call(row)).count();
        rows.insert(index, row.clone());
    }
    rows.truncate(MAX_CALLS);
    rows
}
