//! Measures the release build of every function, and `api` beside a Node.js function that does the same.
//!
//! `bench FUNCTIONS NODE_BUNDLE WEBVTT REPORT`: the folder with the functions' binaries, the bundled Node handler, what the
//! benchmark of the WebVTT reader printed, and the Markdown file to write. Ends with 1 when a target is missed.
//! Everything runs on loopback and in memory.

mod backend;
mod events;
mod identity;
mod instance;
mod journey;
mod machine;
mod process;
mod report;
mod serve;
mod statistics;
mod surroundings;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::backend::Backend;
use crate::instance::Program;
use crate::journey::{FUNCTIONS, Journey, NODE, SETUP, SETUP_CALLBACK, SETUP_START};
use crate::surroundings::Surroundings;

/// How often every program is started anew.
const COLD_STARTS: u64 = 50;
/// How many users then go the whole way without any restart.
const WARM_JOURNEYS: u64 = 200;
/// How often the two that are compared then read in turns.
const WARM_READS: u64 = 2000;

fn main() -> Result<ExitCode> {
    // One thread, so that the measured program has the other core to itself.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(std::env::args().skip(1).map(PathBuf::from).collect()))
}

async fn run(arguments: Vec<PathBuf>) -> Result<ExitCode> {
    let [functions, node, webvtt, report] = <[PathBuf; 4]>::try_from(arguments)
        .ok()
        .context("usage: bench FUNCTIONS NODE_BUNDLE WEBVTT REPORT")?;
    let webvtt = std::fs::read_to_string(&webvtt).with_context(|| webvtt.display().to_string())?;
    let logs = functions.join("bench-logs");
    std::fs::create_dir_all(&logs)?;
    let machine = machine::describe()?;
    let mut backend = Backend::new(Surroundings::start().await?, programs(&functions, &node), logs);
    measure(&mut backend).await?;
    let (text, missed) = report::write(&machine, &backend, &functions, &webvtt);
    std::fs::write(&report, text).with_context(|| report.display().to_string())?;
    for target in &missed {
        say(&format!("Missed: {target}"));
    }
    say(&format!("Written: {}", report.display()));
    Ok(if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn measure(backend: &mut Backend) -> Result<()> {
    say(&format!("{COLD_STARTS} cold starts of each program"));
    for number in 0..COLD_STARTS {
        for (name, _) in FUNCTIONS {
            backend.stop(name);
        }
        backend.stop(NODE);
        Journey::new(backend, number)?.walk().await?;
    }
    say(&format!("{WARM_JOURNEYS} users, and {WARM_READS} reads by both"));
    for number in COLD_STARTS..COLD_STARTS + WARM_JOURNEYS {
        Journey::new(backend, number)?.walk().await?;
    }
    for number in 0..WARM_READS {
        Journey::new(backend, number % COLD_STARTS)?.read().await?;
    }
    Ok(())
}

fn programs(functions: &Path, node: &Path) -> Vec<Program> {
    let path = |name: &str| functions.join(name).display().to_string();
    let ours = FUNCTIONS.map(|(name, _)| Program { name, command: vec![path(name)] });
    let others = [(SETUP, "api"), (SETUP_START, "oauth-start"), (SETUP_CALLBACK, "oauth-callback")];
    let others = others.map(|(name, function)| Program { name, command: vec![path(function)] });
    let bundle = vec!["node".to_owned(), node.display().to_string()];
    ours.into_iter().chain(others).chain([Program { name: NODE, command: bundle }]).collect()
}

#[expect(clippy::print_stderr, reason = "a run takes a minute, and a person waits for it")]
fn say(what: &str) {
    eprintln!("{what}");
}
