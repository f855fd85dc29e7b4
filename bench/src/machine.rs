//! Where and when it was measured.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use jiff::Timestamp;

use crate::surroundings::now;

/// The machine, and how busy it was before the run.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) memory_gb: u64,
    pub(crate) system: String,
    pub(crate) node: String,
    pub(crate) load: String,
    /// Whether the run goes before all other work of the machine (`chrt --rr 1`), as it should on a busy one.
    pub(crate) first: bool,
    pub(crate) at: Timestamp,
}

pub(crate) fn describe() -> Result<Machine> {
    let processors = fs::read_to_string("/proc/cpuinfo")?;
    let value = |name: &str| {
        let line = processors.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.trim_start_matches([' ', '\t', ':']).to_owned())
    };
    let memory = fs::read_to_string("/proc/meminfo")?;
    let memory_kb: u64 = memory.split_whitespace().nth(1).context("the memory")?.parse()?;
    let load = fs::read_to_string("/proc/loadavg")?;
    // The scheduling policy is the 41st field, the 39th after the name in parentheses; 0 is the usual one.
    let own = fs::read_to_string("/proc/self/stat")?;
    let policy = own.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(38));
    Ok(Machine {
        processor: value("model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
        cores: std::thread::available_parallelism()?.get(),
        memory_gb: (memory_kb + (1 << 19)) >> 20,
        system: format!("Linux {}", fs::read_to_string("/proc/sys/kernel/osrelease")?.trim()),
        node: said_by("node", &["--version"])?,
        load: load.split_whitespace().next().unwrap_or_default().to_owned(),
        first: policy.is_some_and(|policy| policy != "0"),
        at: now(),
    })
}

fn said_by(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.with_context(|| format!("{program} could not be started"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
