//! How long it takes to make calls of a plan's words: `cargo bench -p providers --bench pack`.
//!
//! A plan has twenty tasks a module, and a module is a page. A task is a to-do with two paragraphs and a list of two items inside,
//! written as Markdown.

#![expect(clippy::print_stdout, reason = "a benchmark reports on the terminal")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use domain::markdown;
use providers::notion::{NewBlock, blocks_from_document, pack, rich_text};
use serde_json::json;

const ROUNDS: usize = 21;
const IN_MODULE: usize = 20;

fn main() {
    println!(
        "{:>6}{:>8}{:>8}{:>10}{:>10}{:>10}{:>10}   medians of {ROUNDS} rounds",
        "tasks", "blocks", "calls", "read ms", "pack ms", "JSON ms", "JSON kB"
    );
    for tasks in [10, 100, 1_000, 2_000] {
        let (mut read, mut packed, mut written) = (Vec::new(), Vec::new(), Vec::new());
        let (mut blocks, mut calls, mut bytes) = (0, 0, 0);
        for _ in 0..ROUNDS {
            let start = Instant::now();
            let pages = black_box(pages(tasks));
            read.push(start.elapsed());
            blocks = pages.iter().flatten().map(size).sum::<usize>();

            let start = Instant::now();
            let packings: Vec<_> = pages.into_iter().map(pack).collect();
            packed.push(start.elapsed());
            calls = packings.iter().map(|packing| 1 + packing.appends.len()).sum::<usize>();

            let start = Instant::now();
            let texts = packings.iter().map(|packing| json!({"children": packing.first}).to_string());
            bytes = black_box(texts.collect::<Vec<_>>()).iter().map(String::len).sum();
            written.push(start.elapsed());
        }
        println!(
            "{tasks:>6}{blocks:>8}{calls:>8}{:>10.2}{:>10.2}{:>10.2}{:>10}",
            median(read),
            median(packed),
            median(written),
            bytes / 1_000
        );
    }
}

fn pages(tasks: usize) -> Vec<Vec<NewBlock>> {
    (0..tasks)
        .step_by(IN_MODULE)
        .map(|first| (first..tasks.min(first + IN_MODULE)).map(task).collect())
        .collect()
}

fn task(number: usize) -> NewBlock {
    let inside = markdown::parse("Read **chapter 3**, then:\n\nDo the exercises.\n\n- one\n- two");
    let content = json!({"rich_text": rich_text(&format!("Task {number}"), None), "checked": false});
    NewBlock { kind: "to_do", content, children: blocks_from_document(&inside) }
}

fn size(block: &NewBlock) -> usize {
    1 + block.children.iter().map(size).sum::<usize>()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1_000.0
}
