//! Plans in Notion: made in the fewest calls, changed only where the plan changed, and never at the cost of what people wrote.

use std::time::Duration;

use domain::Tier;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use simulators::notion::{BlockView, PageView};
use uuid::Uuid;

use crate::support::{Answer, Browser, World, get, send_json};

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
    world.instance().store.set_tier(&"alice".parse().unwrap(), tier).await.unwrap();
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

async fn ask(world: &World, key: &str, body: &Value) -> Answer {
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

async fn over(world: &World, id: &str) -> Value {
    for _ in 0..300 {
        world.drain().await;
        let job = world.send(api::routes, get(world, "alice", &format!("/v1/jobs/{id}"))).await.json();
        if ["succeeded", "failed", "cancelled"].contains(&job["status"].as_str().unwrap()) {
            return job;
        }
        tokio::time::sleep(Duration::from_secs(20)).await;
        world.sweep().await;
    }
    panic!("not over");
}

fn target(world: &World) -> Value {
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

/// The methods and paths of the calls of Notion since the last time.
fn calls(world: &World) -> Vec<String> {
    let mut providers = world.providers.lock().unwrap();
    let calls = providers.notion.records.all().iter();
    let calls = calls.map(|call| format!("{} {}", call.method, call.path)).collect();
    providers.notion.records.clear();
    calls
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

/// Lets Alice do something by hand.
fn by_hand<T>(world: &World, act: impl FnOnce(&mut simulators::Notion, jiff::Timestamp) -> T) -> T {
    let now = world.now();
    act(&mut world.providers.lock().unwrap().notion.simulator, now)
}

fn conflicts(job: &Value) -> Vec<(String, String)> {
    let conflicts = job["result"]["conflicts"].as_array().unwrap_or_else(|| panic!("{job}")).iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    conflicts.map(|conflict| (text(&conflict["id"]), text(&conflict["reason"]))).collect()
}

#[tokio::test(start_paused = true)]
async fn what_people_wrote_in_notion_is_kept_and_reported() {
    let world = ready().await;
    let mut plan = plan(1, 4);
    put(&world, &plan).await;
    export(&world, &target(&world)).await;
    let (_, below) = pages(&world);
    let tasks = &below[0].blocks[1..];
    by_hand(&world, |notion, now| {
        // The first task's own line, a paragraph within the second, and a note of her own within the third.
        assert!(notion.person_edits_block(tasks[0].id, "My words", now));
        assert!(notion.person_edits_block(tasks[1].children[0].id, "Read it twice.", now));
        assert!(notion.person_adds_block(tasks[2].id, None, "A note of mine", now).is_some());
        assert!(notion.person_deletes_block(tasks[3].id, now));
    });
    let list = plan["modules"][0]["tasks"].as_array_mut().unwrap();
    list[0]["title"] = json!("Changed");
    list[1]["description"] = json!("Read it now.\n\n- one\n- two");
    list[3]["title"] = json!("Changed too");
    list.remove(2);
    put(&world, &plan).await;
    let job = export(&world, &json!({"target": "notion"})).await;
    assert_eq!(job["status"], "succeeded", "{job}");
    let mut found = conflicts(&job);
    found.sort();
    let edited = |id: &str| (id.to_owned(), "edited_in_notion".to_owned());
    let kept = ("t1-3".to_owned(), "kept_for_edits".to_owned());
    assert_eq!(
        found,
        [edited("t1-1"), edited("t1-2"), kept, ("t1-4".to_owned(), "trashed_in_notion".to_owned())]
    );
    let (_, below) = pages(&world);
    let lines = outline(&below[0].blocks);
    for line in ["to_do: My words", "  paragraph: Read it twice.", "  paragraph: A note of mine"] {
        assert!(lines.contains(&line.to_owned()), "{line} is not in {lines:?}");
    }
    assert_eq!(below[0].blocks.len(), 4, "what was thrown away is not made again: {lines:?}");
    calls(&world);
    let again = export(&world, &json!({"target": "notion"})).await;
    assert_eq!((conflicts(&again).len(), calls(&world).len()), (0, 1), "once is enough");
}

#[tokio::test(start_paused = true)]
async fn a_page_that_somebody_threw_away_is_not_made_again_unless_asked_for() {
    let world = ready().await;
    let mut plan = plan(2, 2);
    put(&world, &plan).await;
    export(&world, &target(&world)).await;
    let (own, below) = pages(&world);
    by_hand(&world, |notion, _| notion.person_trashes(below[0].id, true));
    plan["modules"][0]["tasks"][0]["title"] = json!("Changed");
    put(&world, &plan).await;
    let job = export(&world, &json!({"target": "notion"})).await;
    assert_eq!(conflicts(&job), [("m1".to_owned(), "trashed_in_notion".to_owned())]);
    assert_eq!(pages(&world).1.len(), 1);
    let job = export(&world, &json!({"target": "notion", "recreate_trashed": true})).await;
    assert_eq!(job["status"], "succeeded", "{job}");
    let titles: Vec<_> = pages(&world).1.into_iter().map(|page| page.title).collect();
    assert_eq!(titles, ["Module 2", "Module 1"]);
    by_hand(&world, |notion, _| notion.person_trashes(own.id, true));
    let job = export(&world, &json!({"target": "notion"})).await;
    assert_eq!(
        (job["status"].as_str(), job["error"]["code"].as_str()),
        (Some("failed"), Some("target_not_found"))
    );
    let job = export(&world, &json!({"target": "notion", "recreate_trashed": true})).await;
    assert_eq!(job["status"], "succeeded", "{job}");
    assert_eq!(pages(&world).1.len(), 2);
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
    let world = ready().await;
    let mut plan = plan(2, 120);
    put(&world, &plan).await;
    let mut body = target(&world);
    for round in 0..3 {
        body["dry_run"] = json!(true);
        let preview = ask(&world, "unused", &body).await;
        assert_eq!(preview.status, StatusCode::OK, "{preview:?}");
        let preview = preview.json();
        let writes = calls(&world).into_iter().filter(|call| !call.starts_with("GET"));
        assert_eq!(writes.count(), 0, "nothing is written");
        body["dry_run"] = json!(false);
        let job = export(&world, &body).await;
        let look = usize::from(round == 0);
        assert_eq!(
            calls(&world).len() - look,
            usize::try_from(preview["calls"].as_u64().unwrap()).unwrap(),
            "{preview}"
        );
        for (list, count) in [("creates", "created"), ("updates", "updated"), ("archives", "archived")] {
            assert_eq!(
                preview[list].as_array().unwrap().len() as u64,
                job["result"][count].as_u64().unwrap(),
                "{list}"
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

#[tokio::test(start_paused = true)]
async fn of_many_at_once_exactly_as_many_are_exported_as_the_month_allows() {
    let world = ready_on(Tier::Free).await;
    put(&world, &plan(1, 1)).await;
    let body = target(&world);
    let keys: Vec<String> = (0..50).map(|number| format!("k{number}")).collect();
    let answers = futures_util::future::join_all(keys.iter().map(|key| ask(&world, key, &body))).await;
    let accepted: Vec<_> = answers.iter().filter(|answer| answer.status == StatusCode::ACCEPTED).collect();
    assert_eq!(accepted.len(), 2, "the free tier allows two");
    for refused in answers.iter().filter(|answer| answer.status != StatusCode::ACCEPTED) {
        let problem = refused.json();
        assert_eq!(
            (refused.status.as_u16(), problem["code"].as_str()),
            (403, Some("quota_exceeded")),
            "{problem}"
        );
        assert_eq!(
            (&problem["tier"], &problem["limit"], &problem["used"]),
            (&json!("free"), &json!(2), &json!(2))
        );
        assert_eq!(problem["resets_at"], "2026-12-01T00:00:00Z");
        assert_eq!(problem["upgrade_url"], "https://app.example.com/upgrade");
    }
    for answer in accepted {
        assert_eq!(over(&world, answer.json()["id"].as_str().unwrap()).await["status"], "succeeded");
    }
    let usage = world.send(api::routes, get(&world, "alice", "/v1/usage")).await.json();
    assert_eq!(usage["exports"], json!({"used": 2, "held": 0, "limit": 2}));
    assert_eq!(pages(&world).1.len(), 1, "and it is there once");
}

#[tokio::test(start_paused = true)]
async fn an_export_that_fails_is_given_back() {
    let world = ready_on(Tier::Free).await;
    put(&world, &plan(1, 1)).await;
    let answer = ask(&world, "k", &target(&world)).await;
    by_hand(&world, |notion, _| notion.person_unshares(NOTES));
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    world.drain().await;
    let job = world.send(api::routes, get(&world, "alice", &format!("/v1/jobs/{id}"))).await.json();
    assert_eq!(
        (&job["status"], &job["error"]["code"]),
        (&json!("waiting"), &json!("target_not_found")),
        "{job}"
    );
    let request = crate::support::authorized(&world, "alice", Method::DELETE, "/v1/connections/notion");
    assert_eq!(world.send(api::routes, request).await.status, StatusCode::NO_CONTENT);
    assert_eq!(over(&world, &id).await["status"], "cancelled");
    let usage = world.send(api::routes, get(&world, "alice", "/v1/usage")).await.json();
    assert_eq!(usage["exports"], json!({"used": 0, "held": 0, "limit": 2}));
}
