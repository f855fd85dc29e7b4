//! What a process has used, as the kernel counts it.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

/// Memory and processor time of a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Resident now.
    pub(crate) resident_kb: u64,
    /// The most that was ever resident.
    pub(crate) peak_kb: u64,
    /// On a processor, all threads together. Unlike elapsed time it hardly depends on what else the machine does.
    pub(crate) busy: Duration,
}

/// Reads what the process `id` has used.
pub(crate) fn usage(id: u32) -> Result<Usage> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let mut busy = Duration::ZERO;
    for thread in fs::read_dir(format!("/proc/{id}/task"))? {
        // A thread may end while it is looked at.
        let counted = fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
        let nanoseconds = counted.split_whitespace().next().and_then(|word| word.parse().ok());
        busy += Duration::from_nanos(nanoseconds.unwrap_or_default());
    }
    Ok(Usage { resident_kb: field(&status, "VmRSS:")?, peak_kb: field(&status, "VmHWM:")?, busy })
}

fn field(status: &str, name: &str) -> Result<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    number.with_context(|| format!("the kernel does not tell {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_tells_what_this_very_process_uses() {
        let usage = usage(std::process::id()).unwrap();
        assert!(usage.resident_kb > 100 && usage.peak_kb >= usage.resident_kb, "{usage:?}");
        assert!(usage.busy > Duration::ZERO, "{usage:?}");
    }
}
