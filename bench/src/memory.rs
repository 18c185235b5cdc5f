//! What the kernel says a process has in memory.

use std::fs;

use crate::BenchResult;

/// In megabytes of 1,000,000 bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    /// All that is mapped and present, pages of files too.
    pub resident: f64,
    /// The most it ever was.
    pub most: f64,
    /// What nobody else has: the program's own.
    pub private: f64,
}

impl Memory {
    pub(crate) fn of(process: u32) -> BenchResult<Self> {
        let read = |name: &str| {
            let path = format!("/proc/{process}/{name}");
            fs::read_to_string(&path).map_err(|error| format!("{path} cannot be read: {error}"))
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
    Ok(kib.ok_or_else(|| format!("the kernel does not say {name}"))? * 1024.0 / 1e6)
}
