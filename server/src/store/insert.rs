//! Multi-row INSERTs by a ladder of sizes: few statements, each prepared once.

use std::fmt::Write;
use std::sync::LazyLock;

/// Rows per statement, the largest first. 128 rows of 12 columns stay far below SQLite's 32,766 parameters.
/// The steps are short: each statement is handed to another thread and back, which costs more than many a row.
const SIZES: [usize; 14] = [128, 96, 64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1];

/// The INSERTs into one table.
pub(super) struct Ladder(LazyLock<[String; SIZES.len()]>);

impl Ladder {
    pub(super) const fn new(build: fn() -> [String; SIZES.len()]) -> Self {
        Self(LazyLock::new(build))
    }

    /// Cuts `rows` into runs, each with the statement that takes just as many.
    pub(super) fn runs<'a, R>(&'static self, mut rows: &'a [R]) -> impl Iterator<Item = (&'static str, &'a [R])> {
        let statements: &'static [String; SIZES.len()] = &self.0;
        std::iter::from_fn(move || {
            let rung = SIZES.iter().position(|size| *size <= rows.len())?;
            let (run, rest) = rows.split_at(SIZES[rung]);
            rows = rest;
            Some((statements[rung].as_str(), run))
        })
    }
}

/// `{head} values (?, …), …{tail}` for each size.
pub(super) fn statements(head: &str, columns: usize, tail: &str) -> [String; SIZES.len()] {
    SIZES.map(|rows| {
        let row = format!("({})", vec!["?"; columns].join(", "));
        let mut text = String::new();
        write!(text, "{head} values {}{tail}", vec![row; rows].join(", ")).expect("writing to a String cannot fail");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    static LADDER: Ladder = Ladder::new(|| statements("insert into t (a, b)", 2, " on conflict do nothing"));

    #[test]
    fn rows_are_cut_into_the_largest_runs_that_fit() {
        let rows: Vec<u8> = (0..170).collect();
        let sizes: Vec<usize> = LADDER.runs(&rows).map(|(_, run)| run.len()).collect();
        assert_eq!(sizes, [128, 32, 8, 2]);
    }

    #[test]
    fn a_statement_takes_as_many_rows_as_its_run() {
        let (text, run) = LADDER.runs(&[1_u8]).next().expect("one row");
        assert_eq!((text, run.len()), ("insert into t (a, b) values (?, ?) on conflict do nothing", 1));
    }
}
