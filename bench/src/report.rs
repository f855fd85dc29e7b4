//! Writes docs/BENCHMARKS.md and says which targets were missed.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::backend::{Backend, Measured};
use crate::journey::{FUNCTIONS, NODE};
use crate::machine::Machine;
use crate::statistics::Sample;

/// Process start to first answer: at least this many times faster than Node.
const TIMES_FASTER: f64 = 8.0;
/// The most that a function may have resident, at any time, in MB.
const RESIDENT_MB: f64 = 16.0;
/// What `make package` builds for.
const ARCHITECTURES: [&str; 2] = ["arm64", "x86_64"];

/// What the tables show of one program.
#[derive(Clone, Debug)]
struct Figures {
    first_poll: Sample,
    first_answer: Sample,
    busy: Sample,
    first_resident: Sample,
    latency: Sample,
    per_second: f64,
    settled_mb: f64,
    peak_mb: f64,
}

impl Figures {
    fn of(measured: &Measured) -> Self {
        let cold = || measured.cold.iter();
        let occupied = Sample::of_durations(measured.warm.iter().map(|warm| warm.occupied));
        let settled = measured.settled;
        Self {
            first_poll: Sample::of_durations(cold().map(|cold| cold.first_poll)),
            first_answer: Sample::of_durations(cold().map(|cold| cold.first_answer)),
            busy: Sample::of_durations(cold().map(|cold| cold.usage.busy)),
            first_resident: Sample::new(cold().map(|cold| megabytes(cold.usage.resident_kb))),
            latency: Sample::of_durations(measured.warm.iter().map(|warm| warm.latency)),
            per_second: count(occupied.len()) / occupied.sum() * 1000.0,
            settled_mb: settled.map_or(f64::NAN, |usage| megabytes(usage.resident_kb)),
            peak_mb: settled.map_or(f64::NAN, |usage| megabytes(usage.peak_kb)),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn megabytes(kilobytes: u64) -> f64 {
    kilobytes as f64 / 1024.0
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn count(number: usize) -> f64 {
    number as f64
}

/// The whole document, and a sentence for each target that was missed.
pub(crate) fn write(
    machine: &Machine,
    backend: &Backend,
    binaries: &Path,
    webvtt: &str,
) -> (String, Vec<String>) {
    let ours: Vec<_> =
        FUNCTIONS.iter().map(|(name, event)| (*name, *event, Figures::of(&backend.measured(name)))).collect();
    let node = Figures::of(&backend.measured(NODE));
    let api = Figures::of(&backend.measured("api"));
    let missed = missed(&api, &node, &ours);
    let mut text = String::new();
    // Writing to a string cannot fail.
    _ = head(&mut text, machine, &node);
    _ = comparison(&mut text, &api, &node);
    _ = functions(&mut text, &ours);
    _ = package_sizes(&mut text, binaries);
    _ = writeln!(text, "## Reading WebVTT\n\n```\n{}\n```\n", webvtt.trim());
    text.push_str(include_str!("method.md"));
    (text, missed)
}

fn missed(api: &Figures, node: &Figures, ours: &[(&str, &str, Figures)]) -> Vec<String> {
    let mut missed = Vec::new();
    let times = node.first_answer.median() / api.first_answer.median();
    // What was not measured is no number, so it is not fast and not small either.
    let fast = times >= TIMES_FASTER;
    if !fast {
        missed.push(format!(
            "the first answer comes {times:.1} times as fast as Node's, not {TIMES_FASTER} times"
        ));
    }
    for (name, _, figures) in ours {
        let small = figures.peak_mb < RESIDENT_MB;
        if !small {
            missed.push(format!("{name} had {:.1} MB resident, not below {RESIDENT_MB}", figures.peak_mb));
        }
    }
    missed
}

fn head(text: &mut String, machine: &Machine, node: &Figures) -> std::fmt::Result {
    let Machine { processor, cores, memory_gb, system, node: version, load, first, at } = machine;
    let busy = if *first { ", run with real-time priority" } else { "" };
    writeln!(text, "# Benchmarks\n")?;
    writeln!(
        text,
        "Written by `make bench`; do not edit. {}: {processor}, {cores} cores,",
        at.strftime("%Y-%m-%d")
    )?;
    writeln!(text, "{memory_gb} GB, {system}, Node.js {version}, load average {load}{busy}.\n")?;
    writeln!(
        text,
        "Times in milliseconds, as median ± median absolute deviation of {} cold starts each, in turns;",
        node.first_answer.len()
    )?;
    writeln!(text, "memory in MB.\n")
}

fn comparison(text: &mut String, api: &Figures, node: &Figures) -> std::fmt::Result {
    writeln!(text, "## Beside Node.js\n")?;
    writeln!(
        text,
        "The same event, `GET /v1/videos/{{id}}`: the access token verified, one DynamoDB read.\n"
    )?;
    writeln!(text, "| | Patchbay `api` | Node.js | ratio |\n|---|---:|---:|---:|")?;
    for (what, ours, theirs) in [
        ("process start → first poll", &api.first_poll, &node.first_poll),
        ("**process start → first answer**", &api.first_answer, &node.first_answer),
        ("processor time until the first answer", &api.busy, &node.busy),
        ("resident at the first answer", &api.first_resident, &node.first_resident),
    ] {
        writeln!(
            text,
            "| {what} | {} | {} | {:.1} |",
            spread(ours),
            spread(theirs),
            theirs.median() / ours.median()
        )?;
    }
    for percent in [50.0, 95.0, 99.0] {
        let [ours, theirs] = [api, node].map(|figures| figures.latency.percentile(percent));
        writeln!(
            text,
            "| warm, p{percent} of {} | {ours:.2} | {theirs:.2} | {:.1} |",
            api.latency.len(),
            theirs / ours
        )?;
    }
    let (ours, theirs) = (api.per_second, node.per_second);
    writeln!(
        text,
        "| events a second, one after another | {ours:.0} | {theirs:.0} | {:.1} |",
        ours / theirs
    )?;
    let (ours, theirs) = (api.settled_mb, node.settled_mb);
    writeln!(text, "| resident after 100 events | {ours:.1} | {theirs:.1} | {:.1} |\n", theirs / ours)
}

fn functions(text: &mut String, ours: &[(&str, &str, Figures)]) -> std::fmt::Result {
    writeln!(text, "## Every function\n")?;
    writeln!(
        text,
        "| | first poll | first answer | processor time | resident then | after 100 events | peak |"
    )?;
    writeln!(text, "|---|---:|---:|---:|---:|---:|---:|")?;
    for (name, _, figures) in ours {
        let Figures { first_poll, first_answer, busy, first_resident, settled_mb, peak_mb, .. } = figures;
        let [poll, answer, busy] = [first_poll, first_answer, busy].map(spread);
        let resident = first_resident.median();
        writeln!(
            text,
            "| `{name}` | {poll} | {answer} | {busy} | {resident:.1} | {settled_mb:.1} | {peak_mb:.1} |"
        )?;
    }
    writeln!(
        text,
        "\n| | its event | warm p50 | p95 | p99 | events a second |\n|---|---|---:|---:|---:|---:|"
    )?;
    for (name, event, figures) in ours {
        let [p50, p95, p99] = [50.0, 95.0, 99.0].map(|percent| figures.latency.percentile(percent));
        writeln!(
            text,
            "| `{name}` | {event} | {p50:.2} | {p95:.2} | {p99:.2} | {:.0} |",
            figures.per_second
        )?;
    }
    writeln!(text)
}

/// What is downloaded and unpacked before a real cold start: the packages of `make package`, when there are any.
fn package_sizes(text: &mut String, folder: &Path) -> std::fmt::Result {
    let size = |path: &str| {
        fs::metadata(path).map_or_else(|_| "not built".to_owned(), |metadata| metadata.len().to_string())
    };
    writeln!(text, "## What a cold start downloads\n")?;
    for architecture in ARCHITECTURES {
        let commit = fs::read_to_string(format!(".patchbay/packages/{architecture}/commit"));
        let commit = commit.as_deref().map_or("not built", str::trim);
        writeln!(text, "Commit of the packages for {architecture}: {commit}.")?;
    }
    writeln!(
        text,
        "\n| bytes | arm64, zipped | unzipped | x86_64, zipped | unzipped | this machine, MB |\n|---|---:|---:|---:|---:|---:|"
    )?;
    for (name, _) in FUNCTIONS {
        let sizes = ARCHITECTURES.map(|architecture| {
            let zipped = size(&format!(".patchbay/packages/{architecture}/{name}.zip"));
            format!("{zipped} | {}", size(&format!(".patchbay/build/{architecture}/{name}/bootstrap")))
        });
        let here = fs::metadata(folder.join(name)).map_or(f64::NAN, |it| megabytes(it.len() / 1024));
        writeln!(text, "| `{name}` | {} | {here:.2} |", sizes.join(" | "))?;
    }
    writeln!(text)
}

fn spread(sample: &Sample) -> String {
    format!("{:.1} ± {:.1}", sample.median(), sample.deviation())
}
