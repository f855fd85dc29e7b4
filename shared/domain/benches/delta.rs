//! How long it takes to find the least changes of a plan: `cargo bench -p domain --bench delta`.
//!
//! A plan has twenty tasks a module, a task three paragraphs and a list of one item. Of the tasks, none, one in a hundred, one
//! in ten or all have another paragraph; or one in ten stands elsewhere; or all are shuffled within their modules.

#![expect(clippy::print_stdout, reason = "a benchmark reports on the terminal")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use domain::delta::{Delta, Item, Tree, cost};

const ROUNDS: usize = 21;
const IN_MODULE: usize = 20;

#[derive(Clone, Copy)]
enum Edit {
    /// One in so many tasks has another paragraph.
    Texts(usize),
    /// One in so many tasks stands one module further.
    Places(usize),
    /// All tasks of a module stand in another order.
    Shuffled,
}

const EDITS: [(&str, Option<Edit>); 6] = [
    ("unchanged", None),
    ("1 % of texts", Some(Edit::Texts(100))),
    ("10 % of texts", Some(Edit::Texts(10))),
    ("all texts", Some(Edit::Texts(1))),
    ("10 % elsewhere", Some(Edit::Places(10))),
    ("shuffled", Some(Edit::Shuffled)),
];

fn main() {
    println!(
        "{:>6}  {:<16}{:>10}{:>10}{:>10}{:>8}{:>8}{:>9}   over {ROUNDS} rounds",
        "tasks", "", "median ms", "least", "most", "calls", "nodes", "peak MB"
    );
    for tasks in [10, 100, 1_000, 2_000] {
        let recorded = plan(tasks, None);
        for (name, edit) in EDITS {
            let wanted = plan(tasks, edit);
            let mut times: Vec<Duration> = (0..ROUNDS)
                .map(|_| {
                    let start = Instant::now();
                    black_box(Delta::between(black_box(&recorded), black_box(&wanted)));
                    start.elapsed()
                })
                .collect();
            times.sort_unstable();
            let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
            let cost = cost(&recorded, &wanted, &Delta::between(&recorded, &wanted).changes);
            let (median, least, most) = (ms(times[ROUNDS / 2]), ms(times[0]), ms(times[ROUNDS - 1]));
            println!(
                "{tasks:>6}  {name:<16}{median:>10.2}{least:>10.2}{most:>10.2}{:>8}{:>8}{:>9.1}",
                cost.calls,
                cost.nodes,
                peak_mb()
            );
        }
    }
}

/// The most memory that the process ever had, both trees of every row so far included; 0 where the system does not tell.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = peak.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    kb.unwrap_or_default() / 1_000.0
}

fn plan(tasks: usize, edit: Option<Edit>) -> Tree<usize> {
    let node = |key: Option<usize>, hash: usize| Item {
        key,
        kind: 0,
        hash: hash as u128,
        movable: false,
        ordered: true,
    };
    let modules = tasks.div_ceil(IN_MODULE);
    let mut places: Vec<Vec<usize>> = (0..modules)
        .map(|module| (module * IN_MODULE..tasks.min((module + 1) * IN_MODULE)).collect())
        .collect();
    match edit {
        Some(Edit::Places(each)) => {
            for task in (0..tasks).step_by(each) {
                let home = task / IN_MODULE;
                places[home].retain(|other| *other != task);
                places[(home + 1) % modules].push(task);
            }
        }
        Some(Edit::Shuffled) => {
            for list in &mut places {
                list.sort_by_key(|task| task.wrapping_mul(0x9e37_79b9) % 1_009);
            }
        }
        Some(Edit::Texts(_)) | None => {}
    }
    let is_changed = |task: usize| matches!(edit, Some(Edit::Texts(each)) if task.is_multiple_of(each));
    let mut tree = Tree::new(node(None, 0));
    for (module, list) in places.into_iter().enumerate() {
        let module = tree.add(Tree::<usize>::ROOT, node(Some(1_000_000 + module), module));
        for task in list {
            let number = tree.add(module, node(Some(task), task));
            for paragraph in 0..3 {
                let text = task * 10 + paragraph + if paragraph == 1 && is_changed(task) { 5 } else { 0 };
                tree.add(number, node(None, text));
            }
            let list = tree.add(number, node(None, 7));
            tree.add(list, node(None, task));
        }
    }
    tree
}
