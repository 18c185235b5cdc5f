//! Result table: medians with ranges, next to their baselines.

use std::fmt::Write;

/// The values of one figure, one per run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Series(Vec<f64>);

/// One row of the table.
#[derive(Clone, Debug)]
pub(crate) struct TableRow {
    pub what: String,
    pub here: String,
    /// The baseline, by name and with its figure.
    pub beside: String,
    pub ratio: String,
    pub promise: String,
}

impl Series {
    pub(crate) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    /// Each run against the floor of the same run.
    pub(crate) fn over(&self, baseline: &Self) -> Self {
        Self(self.0.iter().zip(&baseline.0).map(|(here, baseline)| here / baseline).collect())
    }

    /// Formats as `median (min–max)` with `digits` digits after the point.
    pub(crate) fn show(&self, digits: usize) -> String {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let (Some(least), Some(most)) = (sorted.first(), sorted.last()) else { return "–".to_owned() };
        // For an even count, the upper middle value, since it was measured.
        let median = sorted[sorted.len() / 2];
        format!("{} ({}–{})", number(median, digits), number(*least, digits), number(*most, digits))
    }
}

/// Formats with a comma between thousands.
fn number(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut shown = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    rest.map_or(shown.clone(), |rest| format!("{shown}.{rest}"))
}

pub(crate) fn of(lines: &[TableRow]) -> String {
    let mut text = "| what | here | beside it | ratio | promise |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for line in lines {
        let TableRow { what, here, beside, ratio, promise } = line;
        writeln!(text, "| {what} | {here} | {beside} | {ratio} | {promise} |")
            .expect("writing to a String cannot fail");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_shows_its_middle_and_its_ends() {
        let series = Series(vec![3.0, 1000.0, 1.25]);
        assert_eq!(series.show(1), "3.0 (1.2–1,000.0)");
        assert_eq!(Series::default().show(0), "–");
    }

    #[test]
    fn a_ratio_is_of_the_same_run() {
        let ratio = Series(vec![1.0, 9.0, 4.0]).over(&Series(vec![2.0, 3.0, 4.0]));
        assert_eq!(ratio.0, [0.5, 3.0, 1.0]);
    }

    #[test]
    fn thousands_have_a_separator() {
        let shown = [999.0, 1000.0, 1_234_567.0].map(|value| number(value, 0));
        assert_eq!(shown, ["999", "1,000", "1,234,567"]);
    }
}
