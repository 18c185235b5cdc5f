//! Multi-row INSERT statements in fixed sizes, so that few statements are each prepared once.

use std::fmt::Write;
use std::sync::OnceLock;

use crate::sql::{Sql, SqlError, Value};

/// Rows per statement, in descending order. 128 rows of 12 columns stay far below SQLite's limit of 32,766 parameters.
/// The sizes are close together, because each statement costs a thread hand-over, which outweighs many rows.
const ROWS_PER_STATEMENT: [usize; 14] = [128, 96, 64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1];

/// The INSERT statements of one table, for both parameter styles. Built on first use.
pub(super) struct InsertBySize {
    build: fn(bool) -> SizedStatements,
    texts: [OnceLock<SizedStatements>; 2],
}

pub(super) type SizedStatements = [String; ROWS_PER_STATEMENT.len()];

impl InsertBySize {
    /// `build` returns the statements; its argument is true for numbered parameters (`$1`).
    pub(super) const fn new(build: fn(bool) -> SizedStatements) -> Self {
        Self { build, texts: [OnceLock::new(), OnceLock::new()] }
    }

    /// Splits `rows` into chunks, each with the statement for its number of rows.
    pub(super) fn chunks<'a, R>(
        &'static self,
        numbered: bool,
        mut rows: &'a [R],
    ) -> impl Iterator<Item = (&'static str, &'a [R])> {
        let statements = self.texts[usize::from(numbered)].get_or_init(|| (self.build)(numbered));
        std::iter::from_fn(move || {
            let index = ROWS_PER_STATEMENT.iter().position(|size| *size <= rows.len())?;
            let (chunk, rest) = rows.split_at(ROWS_PER_STATEMENT[index]);
            rows = rest;
            Some((statements[index].as_str(), chunk))
        })
    }
}

/// Builds `{head} values (?, …), …{tail}` for each size, with `$1, …` when `numbered` is true.
pub(super) fn statements(numbered: bool, head: &str, columns: usize, tail: &str) -> SizedStatements {
    ROWS_PER_STATEMENT.map(|rows| {
        let mut text = format!("{head} values ");
        for parameter in 0..rows * columns {
            text += if parameter == 0 {
                "("
            } else if parameter % columns == 0 {
                "), ("
            } else {
                ", "
            };
            if numbered {
                write!(text, "${}", parameter + 1).expect("writing to a String cannot fail");
            } else {
                text.push('?');
            }
        }
        text + ")" + tail
    })
}

/// Inserts rows; `false` when some of them exist already.
pub(super) async fn insert<'q, R, const COLUMNS: usize>(
    db: &mut dyn Sql,
    statements: &'static InsertBySize,
    rows: &[&'q R],
    values: impl Fn(&'q R) -> [Value<'q>; COLUMNS] + Send,
) -> Result<bool, SqlError>
where
    R: Sync,
{
    for (text, chunk) in statements.chunks(db.has_numbered_parameters(), rows) {
        let values = chunk.iter().flat_map(|row| values(row)).collect();
        if db.execute(text, values).await? < chunk.len() as u64 {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    static INSERT_SIZES: InsertBySize =
        InsertBySize::new(|numbered| statements(numbered, "insert into t (a, b)", 2, " on conflict do nothing"));

    #[test]
    fn rows_are_split_into_the_largest_statement_sizes() {
        let rows: Vec<u8> = (0..170).collect();
        let sizes: Vec<usize> = INSERT_SIZES.chunks(false, &rows).map(|(_, chunk)| chunk.len()).collect();
        assert_eq!(sizes, [128, 32, 8, 2]);
    }

    #[test]
    fn a_statement_inserts_as_many_rows_as_its_size() {
        let text =
            |numbered, rows: &'static [u8]| INSERT_SIZES.chunks(numbered, rows).next().expect("at least one chunk").0;
        assert_eq!(text(false, &[1]), "insert into t (a, b) values (?, ?) on conflict do nothing");
        let three = "insert into t (a, b) values ($1, $2), ($3, $4), ($5, $6) on conflict do nothing";
        assert_eq!(text(true, &[1, 2, 3]), three);
    }
}
