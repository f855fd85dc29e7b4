//! Plans in Notion: made in the fewest calls, changed only where the plan changed, and never at the cost of what people wrote.

mod calls;
mod cancelling;
mod edits;
mod limits;
mod recognition;
mod rows;
mod sharing;
pub(crate) mod undo;

use std::time::Duration;

use domain::Tier;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use simulators::Fault;
use simulators::faults::FaultKind;
use simulators::notion::{BlockView, PageView};
use uuid::Uuid;

use crate::support::jobs::over;
use crate::support::{Answer, Browser, World, send_json};
use crate::tickets::fault;

const NOTES: &str = "Alice's notes";

/// A plan of so many modules with so many tasks each.
pub(crate) fn plan(modules: usize, tasks: usize) -> Value {
    let task = |module: usize, number: usize| {
        json!({"id": format!("t{module}-{number}"), "title": format!("Task {module}.{number}"), "minutes": 30,
            "description": "Read it.\n\n- one\n- two"})
    };
    let module = |module: usize| {
        let tasks: Vec<Value> = (1..=tasks).map(|number| task(module, number)).collect();
        json!({"id": format!("m{module}"), "title": format!("Module {module}"), "description": "About it.", "tasks": tasks})
    };
    json!({"title": "Rust in 6 weeks", "description": "All of it.",
        "modules": (1..=modules).map(module).collect::<Vec<_>>()})
}

/// Alice, connected, on a tier that exports as often as it likes.
pub(crate) async fn ready() -> World {
    let world = ready_on(Tier::Pro).await;
    calls(&world);
    world
}

async fn ready_on(tier: Tier) -> World {
    let world = World::calm();
    Browser::default().connect(&world, "alice").await;
    world.instance().store.set_tier(&"alice".parse().unwrap(), tier, world.now()).await.unwrap();
    world
}

pub(crate) fn notes(world: &World) -> Uuid {
    world.providers.lock().unwrap().notion.simulator.page_titled(NOTES).unwrap().id
}

pub(crate) async fn put(world: &World, plan: &Value) {
    let request = send_json(world, "alice", Method::PUT, "/v1/plans/p1", None, plan);
    let answer = world.send(api::routes, request).await;
    assert!(answer.status.is_success(), "{answer:?}");
}

pub(crate) async fn ask(world: &World, key: &str, body: &Value) -> Answer {
    let request = send_json(world, "alice", Method::POST, "/v1/plans/p1/exports", Some(key), body);
    world.send(notion_export::routes, request).await
}

/// Exports the plan and waits until that is over.
async fn export(world: &World, body: &Value) -> Value {
    let key = format!("export-{}", world.count());
    let answer = ask(world, &key, body).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
    over(world, answer.json()["id"].as_str().unwrap()).await
}

pub(crate) fn target(world: &World) -> Value {
    json!({"target": "notion", "parent_page_id": notes(world)})
}

/// The plan's page, and those below it.
pub(crate) fn pages(world: &World) -> (PageView, Vec<PageView>) {
    let notion = &world.providers.lock().unwrap().notion.simulator;
    let mut own = notion.children_of(notion.page_titled(NOTES).unwrap().id);
    assert_eq!(own.len(), 1, "one page for the plan");
    let own = own.remove(0);
    let below = notion.children_of(own.id);
    (own, below)
}

pub(crate) fn outline(blocks: &[BlockView]) -> Vec<String> {
    blocks
        .iter()
        .flat_map(|block| {
            let inner = outline(&block.children).into_iter().map(|line| format!("  {line}"));
            std::iter::once(format!("{}: {}", block.kind, block.text)).chain(inner)
        })
        .collect()
}

/// By what a row is sorted.
pub(crate) fn order(row: &PageView) -> f64 {
    row.properties["Order"].as_f64().unwrap_or_default()
}

/// The methods and paths of the calls of Notion since the last time.
fn calls(world: &World) -> Vec<String> {
    let mut providers = world.providers.lock().unwrap();
    let calls = providers.notion.records.all().iter();
    let calls = calls.map(|call| format!("{} {}", call.method, call.path)).collect();
    providers.notion.records.clear();
    calls
}

/// Lets Alice do something by hand.
fn by_hand<T>(world: &World, act: impl FnOnce(&mut simulators::Notion, jiff::Timestamp) -> T) -> T {
    let now = world.now();
    act(&mut world.providers.lock().unwrap().notion.simulator, now)
}

/// Makes Notion say of the next call of this method and path that there is nothing it shares with us.
fn hide(world: &World, method: &str, path: &str) {
    let error =
        json!({"object": "error", "status": 404, "code": "object_not_found", "message": "Not found."});
    fault(world, Fault::new(FaultKind::Status).on(method, path).answering(404, error));
}

fn conflicts(job: &Value) -> Vec<(String, String)> {
    let conflicts = job["result"]["conflicts"].as_array().unwrap_or_else(|| panic!("{job}")).iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    conflicts.map(|conflict| (text(&conflict["id"]), text(&conflict["reason"]))).collect()
}

#[tokio::test(start_paused = true)]
async fn a_plan_becomes_a_page_and_a_page_for_each_module_in_one_call_each() {
    let world = ready().await;
    put(&world, &plan(2, 3)).await;
    let body = target(&world);
    calls(&world);
    let job = export(&world, &body).await;
    assert_eq!(job["status"], "succeeded", "{job}");
    assert_eq!(job["progress"], json!({"done": 6, "total": 6, "unit": "tasks"}));
    let made = calls(&world);
    assert_eq!(made.iter().filter(|call| *call == "POST /v1/pages").count(), 3);
    assert_eq!(made.len(), 4, "and one to see whether the page below which it goes is there: {made:?}");
    let (own, below) = pages(&world);
    assert_eq!(
        (job["result"]["page_id"].as_str(), job["result"]["url"].as_str()),
        (Some(own.id.to_string().as_str()), Some(own.url.as_str()))
    );
    assert_eq!(job["result"]["created"], 9, "the plan, two modules, six tasks");
    assert_eq!(own.title, "Rust in 6 weeks");
    assert_eq!(outline(&own.blocks)[1..], ["paragraph: All of it."]);
    assert_eq!(below.iter().map(|page| page.title.as_str()).collect::<Vec<_>>(), ["Module 1", "Module 2"]);
    let expected = [
        "paragraph: About it.",
        "to_do: Task 1.1 · 30 min",
        "  paragraph: Read it.",
        "  bulleted_list_item: one",
        "  bulleted_list_item: two",
    ];
    assert_eq!(outline(&below[0].blocks)[..5], expected);
}

#[tokio::test(start_paused = true)]
async fn what_did_not_change_costs_one_look_and_no_write() {
    let world = ready().await;
    put(&world, &plan(2, 3)).await;
    export(&world, &target(&world)).await;
    let before = pages(&world);
    calls(&world);
    let job = export(&world, &json!({"target": "notion"})).await;
    assert_eq!((job["status"].as_str(), job["result"]["updated"].as_u64()), (Some("succeeded"), Some(0)));
    assert_eq!(calls(&world), [format!("GET /v1/pages/{}", before.0.id)]);
    assert_eq!(pages(&world), before);
}

#[tokio::test(start_paused = true)]
async fn only_what_changed_is_written() {
    let world = ready().await;
    let mut plan = plan(2, 3);
    put(&world, &plan).await;
    export(&world, &target(&world)).await;
    plan["modules"][0]["tasks"][1]["title"] = json!("Other words");
    plan["modules"][1]["tasks"].as_array_mut().unwrap().remove(0);
    let new = json!({"id": "new", "title": "New", "status": "done"});
    plan["modules"][1]["tasks"].as_array_mut().unwrap().insert(1, new);
    plan["title"] = json!("Rust in 7 weeks");
    put(&world, &plan).await;
    calls(&world);
    let job = export(&world, &json!({"target": "notion"})).await;
    let result = &job["result"];
    assert_eq!(
        (&result["created"], &result["updated"], &result["archived"]),
        (&json!(1), &json!(2), &json!(1)),
        "{job}"
    );
    let writes: Vec<_> = calls(&world).into_iter().filter(|call| !call.starts_with("GET")).collect();
    assert_eq!(writes.len(), 4, "{writes:?}");
    let (own, below) = pages(&world);
    assert_eq!(own.title, "Rust in 7 weeks");
    assert_eq!(outline(&below[0].blocks)[5], "to_do: Other words · 30 min");
    let tasks: Vec<_> =
        below[1].blocks[1..].iter().map(|block| (block.text.as_str(), block.checked)).collect();
    assert_eq!(
        tasks,
        [("Task 2.2 · 30 min", Some(false)), ("New", Some(true)), ("Task 2.3 · 30 min", Some(false))]
    );
}

#[tokio::test(start_paused = true)]
async fn pages_of_any_depth_and_length_arrive_whole() {
    let world = ready().await;
    let mut plan = plan(1, 230);
    let deep = "- a\n  - b\n    - c\n      - d\n        - e\n\nAfter.\n\n| x | y |\n|---|---|\n| 1 | 2 |";
    plan["description"] = json!(deep);
    plan["modules"][0]["tasks"][0]["description"] = json!(deep);
    plan["modules"][0]["tasks"][150]["description"] = json!(deep);
    put(&world, &plan).await;
    let job = export(&world, &target(&world)).await;
    assert_eq!(job["progress"]["done"], 230, "{job}");
    let (own, below) = pages(&world);
    let expected = [
        "bulleted_list_item: a",
        "  bulleted_list_item: b",
        "    bulleted_list_item: c",
        "      bulleted_list_item: d",
        "        bulleted_list_item: e",
        "paragraph: After.",
        "table: ",
        "  table_row: 1 | 2",
    ];
    let whole = |lines: &[String]| {
        let lines: Vec<_> = lines.iter().filter(|line| !line.contains("x | y")).cloned().collect();
        lines == expected
    };
    assert!(whole(&outline(&own.blocks)[1..]), "{:?}", outline(&own.blocks));
    let tasks: Vec<_> = below[0].blocks[1..].iter().collect();
    let titles: Vec<_> = tasks.iter().map(|task| task.text.clone()).collect();
    assert_eq!(titles, (1..=230).map(|number| format!("Task 1.{number} · 30 min")).collect::<Vec<_>>());
    for number in [0, 150] {
        assert!(whole(&outline(&tasks[number].children)), "{:?}", outline(&tasks[number].children));
    }
    calls(&world);
    export(&world, &json!({"target": "notion"})).await;
    assert_eq!(calls(&world).len(), 1, "and nothing is left to be done");
}

#[tokio::test(start_paused = true)]
async fn a_trial_tells_exactly_what_would_be_done_and_does_nothing() {
    for layout in ["pages", "database"] {
        let world = ready().await;
        let mut plan = plan(2, 120);
        put(&world, &plan).await;
        let mut body = target(&world);
        body["layout"] = json!(layout);
        for round in 0..3 {
            body["dry_run"] = json!(true);
            let preview = ask(&world, "unused", &body).await;
            assert_eq!(preview.status, StatusCode::OK, "{preview:?}");
            let preview = preview.json();
            let writes = calls(&world)
                .into_iter()
                .filter(|call| !call.starts_with("GET") && !call.ends_with("/query"));
            assert_eq!(writes.count(), 0, "nothing is written");
            // The time that is told is that of calls after a rest.
            tokio::time::sleep(Duration::from_mins(5)).await;
            body["dry_run"] = json!(false);
            let begun = world.now();
            let job = export(&world, &body).await;
            let look = usize::from(round == 0);
            assert_eq!(
                calls(&world).len() - look,
                usize::try_from(preview["calls"].as_u64().unwrap()).unwrap(),
                "{preview}"
            );
            let ended: jiff::Timestamp = job["updated_at"].as_str().unwrap().parse().unwrap();
            let (took, told) =
                (begun.duration_until(ended).as_secs(), preview["estimated_seconds"].as_i64().unwrap());
            assert!(
                (told - 1..=told + 2).contains(&took),
                "{layout}, {round}: {told} s, and it took {took} s"
            );
            for (list, count) in [("creates", "created"), ("updates", "updated"), ("archives", "archived")] {
                assert_eq!(
                    preview[list].as_array().unwrap().len() as u64,
                    job["result"][count].as_u64().unwrap(),
                    "{list}"
                );
                assert!(
                    preview[list].as_array().unwrap().iter().all(|item| item["title"] != ""),
                    "{preview}"
                );
            }
            assert_eq!(preview["conflicts"], job["result"]["conflicts"]);
            let tasks = plan["modules"][0]["tasks"].as_array_mut().unwrap();
            tasks[round]["title"] = json!("Changed");
            tasks[round + 10]["description"] = json!("Other.\n\n- one\n  - in\n    - deeper");
            tasks.remove(50);
            tasks.insert(60, json!({"id": format!("new-{round}"), "title": "New", "description": "# A\n\n- b\n  - c\n    - d"}));
            put(&world, &plan).await;
        }
    }
}
