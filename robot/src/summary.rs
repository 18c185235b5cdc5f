//! Summary of a run: finished and failed orders, throughput, latencies and order numbers.

use std::fmt;
use std::time::Duration;

use crate::step::RobotStep;
use crate::tally::Counts;

/// The figures of one run. `Display` prints them as the text of `crema robot`.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Orders requested with `--orders`.
    pub orders: u64,
    /// Orders started.
    pub started: u64,
    /// Orders collected.
    pub finished: u64,
    /// Duration of the run.
    pub took: Duration,
    /// Repeated requests.
    pub retries: u64,
    /// Failed orders by step and error, with their count.
    pub failed: Vec<(RobotStep, String, u64)>,
    pub numbers: Numbers,
    /// Latencies by step name; `order` stands for whole orders.
    pub latencies: Vec<(&'static str, Latency)>,
}

/// The order numbers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Lowest and highest number; `None` if there is none.
    pub range: Option<(u32, u32)>,
    /// Numbers given to more than one order, ascending.
    pub duplicates: Vec<u32>,
}

/// Median and 99th percentile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    pub p50: Duration,
    pub p99: Duration,
}

impl Summary {
    /// Evaluates the counts of a run for `orders` orders that took `took`.
    pub(super) fn of(orders: u64, took: Duration, counts: Counts) -> Self {
        let finished = counts.finished();
        let steps = counts.steps.into_iter().map(|(step, times)| (step.as_str(), times));
        let latencies = steps.chain([("order", counts.orders)]);
        Self {
            orders,
            started: counts.started,
            finished,
            took,
            retries: counts.retries,
            failed: counts.failed.into_iter().map(|((step, reason), count)| (step, reason, count)).collect(),
            numbers: Numbers::of(counts.numbers),
            latencies: latencies.filter_map(|(name, times)| Some((name, Latency::of(times)?))).collect(),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "only the leading digits are printed")]
    fn rate(&self) -> f64 {
        self.finished as f64 / self.took.as_secs_f64().max(0.001)
    }
}

impl Numbers {
    fn of(mut numbers: Vec<u32>) -> Self {
        numbers.sort_unstable();
        let range = numbers.first().copied().zip(numbers.last().copied());
        let mut duplicates: Vec<u32> = numbers.windows(2).filter(|two| two[0] == two[1]).map(|two| two[0]).collect();
        duplicates.dedup();
        Self { range, duplicates }
    }
}

impl Latency {
    fn of(mut times: Vec<Duration>) -> Option<Self> {
        times.sort_unstable();
        Some(Self { p50: percentile(&times, 50)?, p99: percentile(&times, 99)? })
    }
}

/// Returns the nearest-rank percentile of the sorted `times`; `None` if there are none.
fn percentile(times: &[Duration], percent: usize) -> Option<Duration> {
    let rank = (times.len() * percent).div_ceil(100);
    times.get(rank.saturating_sub(1)).copied()
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { orders, started, finished, took, .. } = self;
        write!(f, "{finished} of {orders} orders finished in {:.1} s", took.as_secs_f64())?;
        writeln!(f, ", {:.1} a second", self.rate())?;
        for (step, reason, count) in &self.failed {
            writeln!(f, "  {count} failed at {}: {reason}", step.as_str())?;
        }
        let failed: u64 = self.failed.iter().map(|(_, _, count)| count).sum();
        let under_way = started.saturating_sub(finished + failed);
        if under_way > 0 {
            writeln!(f, "  {under_way} still open")?;
        }
        if *started < *orders {
            writeln!(f, "  {} not started", orders - started)?;
        }
        if self.retries > 0 {
            writeln!(f, "retried requests: {}", self.retries)?;
        }
        write!(f, "{}", self.numbers)?;
        if !self.latencies.is_empty() {
            write!(f, "\n{:<10}{:>10}{:>10}", "", "p50", "p99")?;
        }
        for (name, latency) in &self.latencies {
            write!(f, "\n{name:<10}{:>10}{:>10}", ms(latency.p50), ms(latency.p99))?;
        }
        Ok(())
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Maximum number of duplicates that are listed.
        const MAX_LISTED: usize = 10;
        let Some((lowest, highest)) = self.range else { return f.write_str("no order numbers") };
        write!(f, "numbers {lowest} to {highest}, ")?;
        if self.duplicates.is_empty() {
            return f.write_str("each given once");
        }
        let text: Vec<String> = self.duplicates.iter().take(MAX_LISTED).map(u32::to_string).collect();
        let more = if self.duplicates.len() > MAX_LISTED { " …" } else { "" };
        write!(f, "{} of them more than once: {}{more}", self.duplicates.len(), text.join(", "))
    }
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    fn times(ms: impl IntoIterator<Item = u64>) -> Vec<Duration> {
        ms.into_iter().map(Duration::from_millis).collect()
    }

    #[test]
    fn a_percentile_is_one_of_the_measurements() {
        let of = |ms: &[u64], percent| percentile(&times(ms.iter().copied()), percent).map(|time| time.as_millis());
        assert_eq!(of(&[], 50), None);
        assert_eq!(of(&[7], 50), Some(7));
        assert_eq!(of(&[7], 99), Some(7));
        assert_eq!(of(&[1, 2], 50), Some(1));
        assert_eq!(of(&[1, 2, 3], 50), Some(2));
        let hundred: Vec<u64> = (1..=100).collect();
        assert_eq!((of(&hundred, 50), of(&hundred, 99)), (Some(50), Some(99)));
    }

    #[test]
    fn percentiles_do_not_depend_on_the_order_of_latencies() {
        let latency = Latency::of(times((1..=200).rev())).unwrap();
        assert_eq!((latency.p50.as_millis(), latency.p99.as_millis()), (100, 198));
    }

    #[test]
    fn duplicate_numbers_are_listed() {
        assert_eq!(Numbers::of(Vec::new()).to_string(), "no order numbers");
        assert_eq!(Numbers::of(vec![3, 1, 2]).to_string(), "numbers 1 to 3, each given once");
        let duplicates = Numbers::of(vec![2, 1, 2, 2, 1]);
        assert_eq!(duplicates.duplicates, [1, 2]);
        assert_eq!(duplicates.to_string(), "numbers 1 to 2, 2 of them more than once: 1, 2");
    }

    #[test]
    fn the_summary_accounts_for_every_order() {
        let mut counts = Counts { started: 8, retries: 3, numbers: vec![1, 2, 3, 4], ..Counts::default() };
        counts.orders = times([10, 20, 30, 40]);
        counts.steps.insert(RobotStep::Submit, times([1, 2]));
        counts.failed.insert((RobotStep::Start, "shop_unavailable/closed".to_owned()), 3);
        let text = Summary::of(10, Duration::from_secs(2), counts).to_string();
        let lines = [
            "4 of 10 orders finished in 2.0 s, 2.0 a second",
            "  3 failed at start: shop_unavailable/closed",
            "  1 still open",
            "  2 not started",
            "retried requests: 3",
            "numbers 1 to 4, each given once",
            "                 p50       p99",
            "submit        1.0 ms    2.0 ms",
            "order        20.0 ms   40.0 ms",
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), lines);
    }
}
