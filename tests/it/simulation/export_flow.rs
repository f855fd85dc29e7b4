//! Export, edit by hand, change, export again: with every exchange going wrong in every way, the pages are what the plan and
//! its reader wrote, each once, and two exports were counted.

use std::collections::BTreeMap;
use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::invariants::{nothing_leaks, nothing_malformed, nothing_stuck};
use super::{DEATHS, LOSSES, harm_each, in_virtual_time};
use crate::exports::{outline, pages};
use crate::support::fate::Harm;
use crate::support::logs::Logs;
use crate::support::{Browser, World, get, send_json};

fn task(id: &str, title: &str, description: &str) -> Value {
    json!({"id": id, "title": title, "description": description})
}

fn first_plan() -> Value {
    json!({"title": "Rust", "description": "One.\n\nTwo.", "modules": [
        {"id": "m1", "title": "Begin", "tasks": [task("a", "Read", "- x\n  - y\n    - z"), task("b", "Write", "Much."), task("c", "Rest", "")]},
        {"id": "m2", "title": "Leave", "tasks": [task("d", "Go", "")]}]})
}

fn second_plan() -> Value {
    json!({"title": "Rust again", "description": "One.\n\nThree.\n\nTwo.", "modules": [
        {"id": "m1", "title": "Begin", "tasks": [task("a", "Read", "- x\n  - y\n    - z"), task("n", "New", "- 1\n  - 2\n    - 3"), task("b", "Write", "More."), task("e", "End", "")]},
        {"id": "m3", "title": "Come", "tasks": [task("f", "Stay", "")]}]})
}

const PLAN_PAGE: [&str; 4] = [
    "paragraph: From your learning plan. What you write here yourself stays.",
    "paragraph: One.",
    "paragraph: Three.",
    "paragraph: Two.",
];
const FIRST_MODULE: [&str; 12] = [
    "to_do: Read",
    "  bulleted_list_item: x",
    "    bulleted_list_item: y",
    "      bulleted_list_item: z",
    "  paragraph: My note.",
    "to_do: New",
    "  bulleted_list_item: 1",
    "    bulleted_list_item: 2",
    "      bulleted_list_item: 3",
    "to_do: Write",
    "  paragraph: Not much.",
    "to_do: End",
];

/// Puts the plan and exports it, as often as that fails.
async fn export(world: &World, plan: &Value, key: &str) {
    let put = || send_json(world, "alice", Method::PUT, "/v1/plans/p1", None, plan);
    assert!(world.insist(api::routes, put).await.status.is_success());
    let parent = crate::exports::notes(world);
    let body = json!({"target": "notion", "parent_page_id": parent});
    let ask = || send_json(world, "alice", Method::POST, "/v1/plans/p1/exports", Some(key), &body);
    let answer = world.insist(notion_export::routes, ask).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
    let path = format!("/v1/jobs/{}", answer.json()["id"].as_str().unwrap());
    for _ in 0..100 {
        world.drain().await;
        let job = world.insist(api::routes, || get(world, "alice", &path)).await.json();
        match job["status"].as_str().unwrap() {
            "succeeded" => return,
            "failed" | "cancelled" => panic!("{job}"),
            _ => tokio::time::sleep(Duration::from_secs(45)).await,
        }
        world.sweep().await;
    }
    panic!("never over: {}", world.fate.log().join("\n"));
}

/// Runs the story with the given harm, lets everything come to rest, and checks what must hold. Answers the exchanges.
async fn run(seed: u64, harm: BTreeMap<usize, Harm>) -> Vec<String> {
    let logs = Logs::default();
    let guard = logs.collect(tracing::Level::INFO);
    let world = World::new(seed, harm);
    Browser::default().connect(&world, "alice").await;
    export(&world, &first_plan(), "first").await;
    let (_, below) = pages(&world);
    let now = world.now();
    {
        let tasks = &below[0].blocks;
        let notion = &mut world.providers.lock().unwrap().notion.simulator;
        notion.person_adds_block(tasks[0].id, None, "My note.", now).unwrap();
        assert!(notion.person_edits_block(tasks[1].children[0].id, "Not much.", now));
    }
    export(&world, &second_plan(), "second").await;
    let exchanges = world.fate.relent();
    world.pass_minutes(6).await;

    let (own, below) = pages(&world);
    assert_eq!(
        (own.title.as_str(), outline(&own.blocks)),
        ("Rust again", PLAN_PAGE.map(str::to_owned).into())
    );
    let titles: Vec<_> = below.iter().map(|page| page.title.as_str()).collect();
    assert_eq!(titles, ["Begin", "Come"]);
    assert_eq!(outline(&below[0].blocks), FIRST_MODULE);
    assert_eq!(outline(&below[1].blocks), ["to_do: Stay"]);
    let usage = world.send(api::routes, get(&world, "alice", "/v1/usage")).await.json();
    assert_eq!(usage["exports"], json!({"used": 2, "held": 0, "limit": 2}));
    nothing_stuck(&world);
    nothing_leaks(&world, &logs);
    nothing_malformed(&world);
    drop(guard);
    exchanges
}

/// Versions of a plan, each of which follows half a minute after the last was asked for. What is changed and taken away by one comes
/// back with the next.
fn versions() -> [Value; 4] {
    let some = |title: &str, tasks: &[&str]| {
        let tasks: Vec<_> =
            ["a", "b"].iter().zip(tasks).map(|(id, title)| task(id, title, "Read it.")).collect();
        let mut modules = vec![json!({"id": "m1", "title": title, "tasks": tasks})];
        if tasks.len() > 1 {
            modules.push(json!({"id": "m2", "title": "More", "tasks": [task("c", title, "")]}));
        }
        json!({"title": "Rust", "modules": modules})
    };
    [
        some("Begin", &["One", "Two"]),
        some("Begin", &["Uno"]),
        some("Start", &["Eins", "Zwei"]),
        some("Begin", &["Een"]),
    ]
}

/// Exports the versions with the given harm. Answers the exchanges, and what Notion shows in the end.
async fn overtaken(layout: &str, harm: BTreeMap<usize, Harm>) -> (Vec<String>, Vec<String>) {
    let world = World::new(1, harm);
    Browser::default().connect(&world, "alice").await;
    let (user, tier) = ("alice".parse().unwrap(), domain::Tier::Pro);
    world.instance().store.set_tier(&user, tier, world.now()).await.unwrap();
    let body = json!({"target": "notion", "layout": layout, "parent_page_id": crate::exports::notes(&world)});
    for (number, plan) in versions().into_iter().enumerate() {
        let request = || send_json(&world, "alice", Method::PUT, "/v1/plans/p1", None, &plan);
        assert!(world.insist(api::routes, request).await.status.is_success());
        let key = number.to_string();
        let ask = || send_json(&world, "alice", Method::POST, "/v1/plans/p1/exports", Some(&key), &body);
        assert_eq!(world.insist(notion_export::routes, ask).await.status, StatusCode::ACCEPTED);
        world.drain().await;
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    let log = world.fate.relent();
    for _ in 0..60 {
        world.sweep().await;
        world.drain().await;
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
    nothing_stuck(&world);
    let (own, below) = pages(&world);
    let rows = world.providers.lock().unwrap().notion.simulator.databases_under(own.id);
    let rows = rows.into_iter().flat_map(|database| database.rows);
    let pages = std::iter::once(own).chain(below).chain(rows);
    let shown = pages.flat_map(|page| [vec![format!("# {}", page.title)], outline(&page.blocks)].concat());
    (log, shown.collect())
}

#[test]
fn what_a_dead_function_changed_last_is_neither_forgotten_nor_taken_for_a_persons_doing() {
    for layout in ["pages", "database"] {
        let (log, wanted) = in_virtual_time(overtaken(layout, BTreeMap::new()));
        let is_change = |what: &str| {
            what.contains("com PATCH /v1/pages") || what.contains("/v1/blocks/") && !what.contains(" GET ")
        };
        let changes = (1..).zip(&log).filter(|(_, what)| is_change(what));
        for (number, what) in changes {
            for harm in [Harm::KillBefore, Harm::KillAfter, Harm::KillStray] {
                let (_, shown) = in_virtual_time(overtaken(layout, BTreeMap::from([(number, harm)])));
                assert_eq!(shown, wanted, "{layout}, exchange {number}, {what}: {harm:?}");
            }
        }
    }
}

/// Where connecting is over.
fn the_export(exchanges: &[String]) -> usize {
    exchanges.iter().position(|exchange| exchange.ends_with("POST /v1/oauth/token")).unwrap() + 3
}

#[test]
fn undisturbed_each_page_is_made_in_one_call() {
    let log = in_virtual_time(run(1, BTreeMap::new()));
    let creations = log.iter().filter(|line| *line == "api.notion.com POST /v1/pages").count();
    assert_eq!(creations, 4, "the plan's and three modules': {}", log.join("\n"));
}

#[test]
fn every_exchange_of_an_export_may_be_the_last_of_its_function() {
    harm_each(DEATHS, the_export, run);
}

#[test]
fn every_exchange_of_an_export_may_stay_unanswered() {
    harm_each(LOSSES, the_export, run);
}
