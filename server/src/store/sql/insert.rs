//! Multi-row INSERTs by a ladder of sizes: few statements, each prepared once.

use std::fmt::Write;
use std::sync::OnceLock;

/// Rows per statement, the largest first. 128 rows of 12 columns stay far below SQLite's 32,766 parameters.
/// The steps are short: each statement is handed to another thread and back, which costs more than many a row.
const SIZES: [usize; 14] = [128, 96, 64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1];

/// The INSERTs into one table, for both ways of marking a parameter.
pub(super) struct InsertBySize {
    build: fn(bool) -> SizedStatements,
    texts: [OnceLock<SizedStatements>; 2],
}

pub(super) type SizedStatements = [String; SIZES.len()];

impl InsertBySize {
    /// `build` is told whether parameters are numbered.
    pub(super) const fn new(build: fn(bool) -> SizedStatements) -> Self {
        Self { build, texts: [OnceLock::new(), OnceLock::new()] }
    }

    /// Cuts `rows` into runs, each with the statement that takes just as many.
    pub(super) fn runs<'a, R>(
        &'static self,
        numbered: bool,
        mut rows: &'a [R],
    ) -> impl Iterator<Item = (&'static str, &'a [R])> {
        let statements = self.texts[usize::from(numbered)].get_or_init(|| (self.build)(numbered));
        std::iter::from_fn(move || {
            let rung = SIZES.iter().position(|size| *size <= rows.len())?;
            let (run, rest) = rows.split_at(SIZES[rung]);
            rows = rest;
            Some((statements[rung].as_str(), run))
        })
    }
}

/// `{head} values (?, …), …{tail}` for each size, or with `$1, …` where they are numbered.
pub(super) fn statements(numbered: bool, head: &str, columns: usize, tail: &str) -> SizedStatements {
    SIZES.map(|rows| {
        let mut text = format!("{head} values ");
        for place in 0..rows * columns {
            text += if place == 0 {
                "("
            } else if place % columns == 0 {
                "), ("
            } else {
                ", "
            };
            if numbered {
                write!(text, "${}", place + 1).expect("writing to a String cannot fail");
            } else {
                text.push('?');
            }
        }
        text + ")" + tail
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    static INSERT_SIZES: InsertBySize =
        InsertBySize::new(|numbered| statements(numbered, "insert into t (a, b)", 2, " on conflict do nothing"));

    #[test]
    fn rows_are_cut_into_the_largest_runs_that_fit() {
        let rows: Vec<u8> = (0..170).collect();
        let sizes: Vec<usize> = INSERT_SIZES.runs(false, &rows).map(|(_, run)| run.len()).collect();
        assert_eq!(sizes, [128, 32, 8, 2]);
    }

    #[test]
    fn a_statement_takes_as_many_rows_as_its_run() {
        let text = |numbered, rows: &'static [u8]| INSERT_SIZES.runs(numbered, rows).next().expect("a run").0;
        assert_eq!(text(false, &[1]), "insert into t (a, b) values (?, ?) on conflict do nothing");
        let three = "insert into t (a, b) values ($1, $2), ($3, $4), ($5, $6) on conflict do nothing";
        assert_eq!(text(true, &[1, 2, 3]), three);
    }
}
