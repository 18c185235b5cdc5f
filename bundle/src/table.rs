//! The table of bytes: what each page costs to download.

use std::fmt::Write as _;

use crate::dist::Row;
use crate::view::View;

/// Every file, then for each view the sum of what its page loads.
pub(crate) fn of(rows: &[Row]) -> String {
    let mut text = String::new();
    line(&mut text, "file", "raw", "brotli");
    for row in rows {
        line(&mut text, &row.name, &grouped(row.raw), &grouped(row.brotli));
    }
    for view in View::ALL {
        let loaded = |row: &&Row| row.stem == view.name() || row.stem == "boot";
        let (raw, brotli) =
            rows.iter().filter(loaded).fold((0, 0), |(raw, brotli), row| (raw + row.raw, brotli + row.brotli));
        line(&mut text, &format!("{} with its loader", view.name()), &grouped(raw), &grouped(brotli));
    }
    text
}

fn line(text: &mut String, name: &str, raw: &str, brotli: &str) {
    writeln!(text, "{name:<32} {raw:>11} {brotli:>11}").expect("text takes all that is written to it");
}

fn grouped(bytes: usize) -> String {
    let digits = bytes.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(stem: &str, raw: usize, brotli: usize) -> Row {
        Row { name: format!("{stem}.0.js"), stem: stem.to_owned(), raw, brotli }
    }

    #[test]
    fn a_page_is_its_own_files_and_the_loader() {
        let table = of(&[row("ordering", 1_000_000, 2_000), row("display", 5, 5), row("boot", 900, 300)]);
        let sum = table.lines().find_map(|line| line.strip_prefix("ordering with its loader"));
        assert_eq!(sum.map(str::split_whitespace).map(Vec::from_iter), Some(vec!["1,000,900", "2,300"]));
    }
}
