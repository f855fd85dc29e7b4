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
/// In a database each task takes a call.
const ROWS: [usize; 2] = [10, 250];

/// What an export took.
struct Took {
    calls: usize,
    bytes: usize,
    seconds: i64,
}

/// Exports the plan, and tells what that took.
async fn take(world: &World, layout: &str) -> Took {
    // Nobody's budget is used up by what was measured before.
    tokio::time::sleep(Duration::from_mins(2)).await;
    calls(world);
    let mut body = target(world);
    body["layout"] = json!(layout);
    let job = export(world, &body).await;
    assert_eq!(job["status"], "succeeded", "{job}");
    let time = |name: &str| job[name].as_str().unwrap().parse::<Timestamp>().unwrap();
    let seconds = time("updated_at").duration_since(time("created_at")).as_secs();
    let bytes = world.providers.lock().unwrap().notion.records.all().iter().map(|call| call.bytes).sum();
    Took { calls: calls(world).len(), bytes, seconds }
}

/// How long Notion makes somebody wait who has so many calls and begins after a rest, in seconds.
fn soonest(calls: usize) -> usize {
    (calls - 1) / 180 * 60
}

fn sizes(usual: &[usize]) -> Vec<usize> {
    #[expect(clippy::disallowed_methods, reason = "set by `make bench-exports`")]
    let asked = std::env::var("EXPORT_TASKS").ok();
    asked.map_or_else(|| usual.to_vec(), |asked| asked.split(',').map(|size| size.parse().unwrap()).collect())
}

/// What was measured.
struct Table(Vec<String>);

impl Table {
    fn new() -> Self {
        let head = "| layout | tasks | changed | calls | least | sent, kB | seconds | soonest |";
        Self(vec![head.to_owned(), "|---|---|---|---|---|---|---|---|".to_owned()])
    }

    /// Exports the plan and holds the number of calls against the least.
    async fn hold(&mut self, world: &World, layout: &str, tasks: usize, what: &str, least: usize) {
        let Took { calls, bytes, seconds } = take(world, layout).await;
        let (sent, soonest) = (bytes.div_ceil(1_000), soonest(least));
        self.0.push(format!(
            "| {layout} | {tasks} | {what} | {calls} | {least} | {sent} | {seconds} | {soonest} |"
        ));
        // Whoever goes on after a function's time is over lists again where it is.
        let most = least + least / 20;
        assert!(
            (least..=most).contains(&calls),
            "{layout}, {tasks} tasks, {what}: {calls}, at least {least}"
        );
    }
}

/// `EXPORT_TASKS=10,2000` measures plans of so many tasks.
#[tokio::test(start_paused = true)]
async fn no_export_takes_more_calls_than_the_least() {
    let mut table = Table::new();
    for tasks in sizes(&SIZES) {
        let world = ready().await;
        let modules = tasks.div_ceil(TASKS);
        let plan = plan(tasks);
        put(&world, &plan).await;
        let mut row = async |what: &str, least: usize| table.hold(&world, "pages", tasks, what, least).await;
        // A call for each page, and whether the page below which they go is there.
        row("everything is new", 1 + modules + 1).await;
        row("nothing", 1).await;
        for (every, share) in [(100, "1 %"), (10, "10 %"), (1, "all")] {
            // A call for each task, a look at each page it is on, and whether the plan's page is there.
            let count = tasks.div_ceil(every);
            put(&world, &changed(&plan, every, "title")).await;
            row(&format!("titles, {share}"), count + count.min(modules) + 1).await;
            put(&world, &plan).await;
            row(&format!("titles, {share}, back"), count + count.min(modules) + 1).await;
        }
        // A call for each task and a look at what is inside: the ids of the tasks are known by now.
        let count = tasks.div_ceil(10);
        put(&world, &changed(&plan, 10, "description")).await;
        row("descriptions, 10 %", 2 * count + 1).await;
    }
    eprintln!("{}", table.0.join("\n"));
}

/// The tasks of the first module.
fn first_tasks(plan: &mut Value) -> &mut Vec<Value> {
    plan["modules"][0]["tasks"].as_array_mut().unwrap()
}

#[tokio::test(start_paused = true)]
async fn no_export_to_a_database_takes_more_calls_than_the_least() {
    let mut table = Table::new();
    for tasks in sizes(&ROWS) {
        let world = ready().await;
        let mut plan = plan(tasks);
        put(&world, &plan).await;
        let mut row =
            async |what: &str, least: usize| table.hold(&world, "database", tasks, what, least).await;
        // A call for each task, the plan's page, the database, its columns, and whether the page below which they go is there.
        row("everything is new", tasks + 4).await;
        row("nothing", 1).await;
        for (every, share) in [(100, "1 %"), (10, "10 %"), (1, "all")] {
            // A call for each task, a look at each hundred of them, and whether the plan's page is there.
            let count = tasks.div_ceil(every);
            put(&world, &changed(&plan, every, "title")).await;
            row(&format!("titles, {share}"), count + count.div_ceil(100) + 1).await;
            put(&world, &plan).await;
            row(&format!("titles, {share}, back"), count + count.div_ceil(100) + 1).await;
        }
        first_tasks(&mut plan).insert(0, json!({"id": "new", "title": "New"}));
        put(&world, &plan).await;
        row("a new first task", 1 + 1).await;
        let last = first_tasks(&mut plan).pop().unwrap();
        first_tasks(&mut plan).insert(0, last);
        put(&world, &plan).await;
        row("a task put first", 2 + 1).await;
        first_tasks(&mut plan).remove(1);
        put(&world, &plan).await;
        row("a task removed", 3 + 1).await;
        plan["modules"][0]["title"] = json!("Another title");
        let count = first_tasks(&mut plan).len();
        put(&world, &plan).await;
        row("a module's title", count + 1 + 1).await;
    }
    eprintln!("{}", table.0.join("\n"));
}
