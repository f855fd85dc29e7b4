//! How many calls exports take, beside the least that Notion's limits allow.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{calls, export, put, ready, target};
use crate::support::World;

/// Tasks in a module.
const TASKS: usize = 20;

/// A plan whose tasks have five blocks each.
fn plan(tasks: usize) -> Value {
    let task = |number: usize| {
        json!({"id": format!("t{number}"), "title": format!("Task {number}"), "minutes": 30,
            "description": "Read it.\n\nThen:\n\n- one\n- two"})
    };
    let module = |first: usize| {
        let tasks: Vec<_> = (first..tasks.min(first + TASKS)).map(task).collect();
        json!({"id": format!("m{first}"), "title": format!("Module {first}"), "tasks": tasks})
    };
    json!({"title": "Long", "modules": (0..tasks).step_by(TASKS).map(module).collect::<Vec<_>>()})
}

/// The plan with other words for every so many tasks' titles, or for what they say.
fn changed(plan: &Value, every: usize, what: &str) -> Value {
    let mut plan = plan.clone();
    let modules = plan["modules"].as_array_mut().unwrap();
    let tasks = modules.iter_mut().flat_map(|module| module["tasks"].as_array_mut().unwrap());
    for task in tasks.step_by(every) {
        task[what] = match what {
            "title" => json!("Other words"),
            _ => json!("Read it again.\n\nThen:\n\n- one\n- two"),
        };
    }
    plan
}

/// How many tasks the plans have, when nothing else is asked for.
const SIZES: [usize; 3] = [10, 100, 500];

/// What an export took.
struct Took {
    calls: usize,
    bytes: usize,
    seconds: i64,
}

/// Exports the plan, and tells what that took.
async fn take(world: &World) -> Took {
    calls(world);
    let job = export(world, &target(world)).await;
    let time = |name: &str| job[name].as_str().unwrap().parse::<Timestamp>().unwrap();
    let seconds = time("updated_at").duration_since(time("created_at")).as_secs();
    let bytes = world.providers.lock().unwrap().notion.records.all().iter().map(|call| call.bytes).sum();
    Took { calls: calls(world).len(), bytes, seconds }
}

/// How long Notion makes somebody wait who has so many calls and begins after a rest, in seconds.
fn soonest(calls: usize) -> usize {
    (calls - 1) / 180 * 60
}

fn sizes() -> Vec<usize> {
    #[expect(clippy::disallowed_methods, reason = "set by `make bench-exports`")]
    let asked = std::env::var("EXPORT_TASKS").ok();
    asked.map_or_else(|| SIZES.to_vec(), |asked| asked.split(',').map(|size| size.parse().unwrap()).collect())
}

/// `EXPORT_TASKS=10,2000` measures plans of so many tasks.
#[tokio::test(start_paused = true)]
async fn no_export_takes_more_calls_than_the_least() {
    let sizes = sizes();
    let mut table = vec![
        "| tasks | changed | calls | least | sent, kB | seconds | soonest |".to_owned(),
        "|---|---|---|---|---|---|---|".to_owned(),
    ];
    for tasks in sizes {
        let world = ready().await;
        let modules = tasks.div_ceil(TASKS);
        let plan = plan(tasks);
        put(&world, &plan).await;
        let mut row = async |what: &str, least: usize, is_exact: bool| {
            // Nobody's budget is used up by what was measured before.
            tokio::time::sleep(Duration::from_mins(2)).await;
            let Took { calls, bytes, seconds } = take(&world).await;
            let (sent, soonest) = (bytes.div_ceil(1_000), soonest(least));
            table.push(format!("| {tasks} | {what} | {calls} | {least} | {sent} | {seconds} | {soonest} |"));
            // Whoever goes on after a function's time is over lists the page again that it is at.
            let most = if is_exact { least } else { least + least / 20 };
            assert!((least..=most).contains(&calls), "{tasks} tasks, {what}: {calls}, at least {least}");
        };
        // A call for each page, and whether the page below which they go is there.
        row("everything is new", 1 + modules + 1, true).await;
        row("nothing", 1, true).await;
        for (every, share) in [(100, "1 %"), (10, "10 %"), (1, "all")] {
            // A call for each task, a look at each page it is on, and whether the plan's page is there.
            let count = tasks.div_ceil(every);
            put(&world, &changed(&plan, every, "title")).await;
            row(&format!("titles, {share}"), count + count.min(modules) + 1, false).await;
            put(&world, &plan).await;
            row(&format!("titles, {share}, back"), count + count.min(modules) + 1, false).await;
        }
        // A call for each task and a look at what is inside: the ids of the tasks are known by now.
        let count = tasks.div_ceil(10);
        put(&world, &changed(&plan, 10, "description")).await;
        row("descriptions, 10 %", 2 * count + 1, false).await;
    }
    eprintln!("{}", table.join("\n"));
}
