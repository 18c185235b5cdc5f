//! Memory of a process, from `/proc`.

use std::fs;

use crate::BenchResult;

/// Figures in megabytes of 1,000,000 bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    /// Resident set size, file pages included.
    pub resident: f64,
    /// Peak resident set size.
    pub most: f64,
    /// Private pages.
    pub private: f64,
}

impl Memory {
    pub(crate) fn of(process: u32) -> BenchResult<Self> {
        let read = |name: &str| {
            let path = format!("/proc/{process}/{name}");
            fs::read_to_string(&path).map_err(|error| format!("cannot read {path}: {error}"))
        };
        let (status, maps) = (read("status")?, read("smaps_rollup")?);
        Ok(Self {
            resident: field(&status, "VmRSS:")?,
            most: field(&status, "VmHWM:")?,
            private: field(&maps, "Private_Clean:")? + field(&maps, "Private_Dirty:")?,
        })
    }
}

fn field(text: &str, name: &str) -> BenchResult<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    Ok(kib.ok_or_else(|| format!("missing {name} in /proc"))? * 1024.0 / 1e6)
}
