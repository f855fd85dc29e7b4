//! The last export can be undone: Notion shows again what it showed before, but for what people changed since.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{
    ask, by_hand, calls, conflicts, export, hide, notes, order, outline, over, pages, plan, put, ready,
    target,
};
use crate::support::dice::Dice;
use crate::support::jobs::{ask_undo, undo};
use crate::support::{Answer, World, send_json};

/// What Notion shows: each page with its id, its title and its blocks, and each row with what it says.
pub(crate) fn shown(world: &World) -> Vec<(String, String, Vec<String>)> {
    let (own, below) = pages(world);
    let databases = world.providers.lock().unwrap().notion.simulator.databases_under(own.id);
    let mut rows: Vec<_> = databases.into_iter().flat_map(|database| database.rows).collect();
    rows.sort_by(|one, other| order(one).total_cmp(&order(other)));
    let mut below = below;
    below.sort_by(|one, other| one.title.cmp(&other.title));
    let all = std::iter::once(own).chain(below).chain(rows);
    all.map(|mut page| {
        // Of a row that is made again, it is another.
        page.properties.remove("Patchbay ID");
        // What counts is which comes first.
        page.properties.remove("Order");
        let words = format!("{} {}", page.title, serde_json::to_string(&page.properties).unwrap());
        (page.id.to_string(), words, outline(&page.blocks))
    })
    .collect()
}

fn other_plan() -> Value {
    let mut other = plan(3, 4);
    other["title"] = json!("Rust in 7 weeks");
    let modules = other["modules"].as_array_mut().unwrap();
    modules.remove(1);
    let tasks = modules[0]["tasks"].as_array_mut().unwrap();
    tasks[1]["title"] = json!("Other words");
    tasks[2]["description"] = json!("Read it.\n\n- two\n- three");
    tasks.remove(0);
    tasks.push(json!({"id": "new", "title": "New"}));
    other
}

#[tokio::test(start_paused = true)]
async fn notion_shows_again_what_it_showed_before_the_last_export() {
    for layout in ["pages", "database"] {
        let world = ready().await;
        let mut body = target(&world);
        body["layout"] = json!(layout);
        put(&world, &plan(2, 4)).await;
        export(&world, &body).await;
        let before = shown(&world);
        put(&world, &other_plan()).await;
        let job = export(&world, &body).await;
        let after = shown(&world);
        assert_ne!(before, after);
        let undone = undo(&world, &job).await;
        assert_eq!(undone["status"], "succeeded", "{undone}");
        assert_eq!((undone["kind"].as_str(), conflicts(&undone)), (Some("notion_export_undo"), vec![]));
        assert_eq!(shown(&world), before, "to the page: what was thrown away is taken out of the trash");
        assert_eq!(undone["progress"], json!({"done": 8, "total": 8, "unit": "tasks"}));
        calls(&world);
        let again = undo(&world, &job).await;
        assert_eq!((again["status"].as_str(), shown(&world)), (Some("succeeded"), before), "{again}");
        assert_eq!(calls(&world).len(), 1, "there is nothing left to be undone");
        // The plan itself did not go back.
        export(&world, &body).await;
        assert_eq!(
            shown(&world).into_iter().map(|(_, words, blocks)| (words, blocks)).collect::<Vec<_>>(),
            after.into_iter().map(|(_, words, blocks)| (words, blocks)).collect::<Vec<_>>()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_left_of_a_first_export_and_the_next_one_brings_the_same_pages_back() {
    for layout in ["pages", "database"] {
        let world = ready().await;
        let mut body = target(&world);
        body["layout"] = json!(layout);
        put(&world, &plan(2, 2)).await;
        let job = export(&world, &body).await;
        let before = shown(&world);
        let undone = undo(&world, &job).await;
        assert_eq!(
            (&undone["status"], &undone["result"]["page_id"]),
            (&json!("succeeded"), &json!(null)),
            "{undone}"
        );
        let notes = notes(&world);
        let left = world.providers.lock().unwrap().notion.simulator.children_of(notes);
        assert!(left.is_empty(), "{left:?}");
        let job = export(&world, &body).await;
        assert_eq!((job["status"].as_str(), shown(&world)), (Some("succeeded"), before), "{job}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_not_shown_for_a_moment_when_it_is_to_come_back_comes_back_all_the_same() {
    let world = ready().await;
    let mut plan = plan(2, 1);
    put(&world, &plan).await;
    export(&world, &target(&world)).await;
    let before = shown(&world);
    plan["modules"].as_array_mut().unwrap().pop();
    put(&world, &plan).await;
    let job = export(&world, &json!({"target": "notion"})).await;
    hide(&world, "PATCH", "/v1/pages/");
    let undone = undo(&world, &job).await;
    assert_eq!(
        (undone["status"].as_str(), shown(&world)),
        (Some("succeeded"), before),
        "the same pages: {undone}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_people_changed_since_stays_as_they_left_it() {
    let world = ready().await;
    let mut plan = plan(2, 4);
    put(&world, &plan).await;
    export(&world, &target(&world)).await;
    let (_, below) = pages(&world);
    // She writes into a task that the next version does not have any more: it stays, and comes back to the plan as it is.
    by_hand(&world, |notion, now| {
        assert!(notion.person_edits_block(below[0].blocks[1].id, "My words", now));
        assert!(notion.person_adds_block(below[0].blocks[2].id, None, "A note of mine", now).is_some());
    });
    let tasks = plan["modules"][0]["tasks"].as_array_mut().unwrap();
    tasks.drain(..2);
    tasks[0]["title"] = json!("Changed");
    tasks[1]["title"] = json!("Changed too");
    put(&world, &plan).await;
    let job = export(&world, &json!({"target": "notion"})).await;
    assert_eq!(conflicts(&job).len(), 2, "{job}");
    // And she throws away and writes over what the export had changed.
    let (_, now) = pages(&world);
    let changed: Vec<_> = now[0].blocks.iter().filter(|block| block.text.starts_with("Changed")).collect();
    by_hand(&world, |notion, at| {
        assert!(notion.person_deletes_block(changed[0].id, at));
        assert!(notion.person_edits_block(changed[1].id, "Hers", at));
    });
    let undone = undo(&world, &job).await;
    assert_eq!(undone["status"], "succeeded", "{undone}");
    let mut found = conflicts(&undone);
    found.sort();
    let conflict = |id: &str, reason: &str| (id.to_owned(), reason.to_owned());
    assert_eq!(found, [conflict("t1-3", "trashed_in_notion"), conflict("t1-4", "edited_in_notion")]);
    let (_, now) = pages(&world);
    let lines: Vec<_> = now[0].blocks[1..].iter().map(|block| block.text.as_str()).collect();
    assert_eq!(lines, ["My words", "Task 1.2 · 30 min", "Hers"], "each once");
    assert!(outline(&now[0].blocks).contains(&"  paragraph: A note of mine".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn what_somebody_wrote_on_stays_when_a_first_export_is_undone() {
    let world = ready().await;
    put(&world, &plan(2, 2)).await;
    let job = export(&world, &target(&world)).await;
    let (_, below) = pages(&world);
    by_hand(&world, |notion, now| assert!(notion.person_edits_block(below[1].blocks[1].id, "My words", now)));
    let undone = undo(&world, &job).await;
    let kept = |id: &str| (id.to_owned(), "kept_for_edits".to_owned());
    assert_eq!(conflicts(&undone), [kept("m2"), kept("")], "the module, and the page that it is below");
    let (_, below) = pages(&world);
    assert_eq!(below.iter().map(|page| page.title.as_str()).collect::<Vec<_>>(), ["Module 2"]);
}

#[tokio::test(start_paused = true)]
async fn only_the_last_export_can_be_undone_and_only_when_it_is_over() {
    let world = ready().await;
    put(&world, &plan(1, 1)).await;
    let first = export(&world, &target(&world)).await;
    let second = ask(&world, "second", &target(&world)).await.json();
    let refused = |answer: Answer| (answer.status.as_u16(), answer.code());
    assert_eq!(refused(ask_undo(&world, &second, None).await), (409, "job_running".to_owned()));
    // Nobody has begun with the second.
    let asked = ask_undo(&world, &first, Some("undo")).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{asked:?}");
    let again = ask_undo(&world, &first, Some("undo")).await;
    assert_eq!(
        (again.json(), again.headers["idempotency-replayed"].as_bytes()),
        (asked.json(), &b"true"[..])
    );
    // They are worked off in their order, so another one followed.
    let undone = over(&world, asked.json()["id"].as_str().unwrap()).await;
    assert_eq!(
        (undone["status"].as_str(), undone["error"]["code"].as_str()),
        (Some("failed"), Some("version_conflict"))
    );
    assert_eq!(refused(ask_undo(&world, &first, None).await), (409, "version_conflict".to_owned()));
    assert_eq!(refused(ask_undo(&world, &undone, None).await), (422, "validation_failed".to_owned()));
    assert_eq!(undo(&world, &second).await["status"], "succeeded");
}

#[tokio::test(start_paused = true)]
async fn an_export_that_was_called_off_half_way_is_undone_whole() {
    let world = ready().await;
    put(&world, &plan(2, 2)).await;
    export(&world, &target(&world)).await;
    let before = shown(&world);
    put(&world, &plan(100, 1)).await;
    let job = ask(&world, "more", &target(&world)).await.json();
    world.work_off(crate::support::world::JOBS_QUEUE).await;
    let cancel = format!("/v1/jobs/{}/cancel", job["id"].as_str().unwrap());
    let cancel = || send_json(&world, "alice", Method::POST, &cancel, None, &json!({}));
    let called_off = world.send(api::routes, cancel()).await;
    assert_eq!((called_off.status, &called_off.json()["status"]), (StatusCode::OK, &json!("cancelled")));
    assert_eq!(world.send(api::routes, cancel()).await.json(), called_off.json(), "it is over");
    world.drain().await;
    let some = pages(&world).1.len();
    assert!((3..100).contains(&some), "{some} modules were made until then");
    let usage = world.send(api::routes, crate::support::get(&world, "alice", "/v1/usage")).await.json();
    assert_eq!((&usage["exports"]["used"], &usage["exports"]["held"]), (&json!(1), &json!(0)), "{usage}");
    assert_eq!(undo(&world, &job).await["status"], "succeeded");
    assert_eq!(shown(&world), before);
}

/// A plan of up to three modules with up to four tasks each.
fn any_plan(dice: &mut Dice) -> Value {
    let mut modules = Vec::new();
    for module in 1..=3 {
        if dice.one_in(4) {
            continue;
        }
        let mut tasks = Vec::new();
        for task in 1..=4 {
            if !dice.one_in(3) {
                let description = dice.pick(&["", "One.\n\nTwo.", "Two.", "- a\n  - b\n    - c\n- d"]);
                let title = dice.pick(&["Read", "Write"]);
                let task =
                    json!({"id": format!("t{module}-{task}"), "title": title, "description": description});
                let at = usize::try_from(dice.below(1 + tasks.len() as u64)).unwrap();
                tasks.insert(at, task);
            }
        }
        let description = dice.pick(&["", "First.", "First.\n\nSecond."]);
        let title = format!("{} {module}", dice.pick(&["Begin", "Go"]));
        modules.push(
            json!({"id": format!("m{module}"), "title": title, "description": description, "tasks": tasks}),
        );
    }
    json!({"title": dice.pick(&["Rust", "Spanish"]), "description": dice.pick(&["", "All."]), "modules": modules})
}

#[tokio::test(start_paused = true)]
async fn exporting_and_undoing_changes_nothing_whatever_the_plans() {
    for seed in 0..30 {
        let mut dice = Dice::new(seed);
        let world = ready().await;
        let mut body = target(&world);
        body["layout"] = json!(dice.pick(&["pages", "database"]));
        for _ in 0..=dice.below(2) {
            put(&world, &any_plan(&mut dice)).await;
            export(&world, &body).await;
        }
        let before = shown(&world);
        put(&world, &any_plan(&mut dice)).await;
        let job = export(&world, &body).await;
        let undone = undo(&world, &job).await;
        assert_eq!(undone["status"], "succeeded", "seed {seed}: {undone}");
        assert_eq!(shown(&world), before, "seed {seed}");
    }
}
