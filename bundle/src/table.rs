//! Table of download sizes.

use std::fmt::Write as _;

use domain::view::Screen;

use crate::dist::DistFile;
use crate::public::script_stem;

/// Formats every file, then the total of each page.
pub(crate) fn of(files: &[DistFile]) -> String {
    let mut text = String::new();
    line(&mut text, "file", "raw", "brotli");
    for file in files {
        line(&mut text, &file.name, &grouped(file.raw), &grouped(file.brotli));
    }
    for screen in Screen::ALL {
        let loaded = |file: &&DistFile| file.stem == screen.name() || file.stem == script_stem(screen);
        let (raw, brotli) =
            files.iter().filter(loaded).fold((0, 0), |(raw, brotli), file| (raw + file.raw, brotli + file.brotli));
        line(&mut text, &format!("{} with its script", screen.name()), &grouped(raw), &grouped(brotli));
    }
    text
}

fn line(text: &mut String, name: &str, raw: &str, brotli: &str) {
    writeln!(text, "{name:<32} {raw:>11} {brotli:>11}").expect("writing to a String cannot fail");
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

    fn file(stem: &str, raw: usize, brotli: usize) -> DistFile {
        DistFile { name: format!("{stem}.0.js"), stem: stem.to_owned(), raw, brotli }
    }

    #[test]
    fn a_page_size_includes_its_script() {
        let table = of(&[file("ordering", 1_000_000, 2_000), file("display", 5, 5), file("boot_ordering", 900, 300)]);
        let sum = table.lines().find_map(|line| line.strip_prefix("ordering with its script"));
        assert_eq!(sum.map(str::split_whitespace).map(Vec::from_iter), Some(vec!["1,000,900", "2,300"]));
    }
}
