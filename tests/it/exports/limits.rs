//! As many as the month allows, and as long as it takes.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::Tier;
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use simulators::faults::{Fault, FaultKind};

use super::rows::database;
use super::{
    NOTES, ask, by_hand, calls, conflicts, export, outline, over, pages, plan, put, ready, ready_on, target,
};
use crate::support::jobs::{job, pieces};
use crate::support::world::{JOBS_QUEUE, Routes};
use crate::support::{Answer, Browser, World, authorized, get, send_json};
use crate::tickets::fault;

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
    let request = authorized(&world, "alice", Method::DELETE, "/v1/connections/notion");
    assert_eq!(world.send(api::routes, request).await.status, StatusCode::NO_CONTENT);
    assert_eq!(over(&world, &id).await["status"], "cancelled");
    let usage = world.send(api::routes, get(&world, "alice", "/v1/usage")).await.json();
    assert_eq!(usage["exports"], json!({"used": 0, "held": 0, "limit": 2}));
}

#[tokio::test(start_paused = true)]
async fn two_thousand_tasks_outlast_any_number_of_invocations_and_an_hour_of_waiting() {
    let world = ready().await;
    let modules: Vec<Value> = (0..20)
        .map(|module| {
            let tasks: Vec<Value> = (0..100)
                .map(|task| json!({"id": format!("t{module}-{task}"), "title": format!("Task {task}")}))
                .collect();
            json!({"id": format!("m{module}"), "title": format!("Module {module}"), "tasks": tasks})
        })
        .collect();
    put(&world, &json!({"title": "Long", "modules": modules})).await;
    let mut body = target(&world);
    body["layout"] = json!("database");
    let answer = ask(&world, "long", &body).await;
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let began = world.now();
    let wait = json!({"method": "POST", "path": "/v1/pages", "after": 900, "kind": "status", "status": 429,
        "headers": {"retry-after": "3600"}});
    crate::tickets::fault(&world, serde_json::from_value(wait).unwrap());
    let job = over(&world, &id).await;
    assert_eq!(
        (&job["status"], &job["progress"]),
        (&json!("succeeded"), &json!({"done": 2000, "total": 2000, "unit": "tasks"})),
        "{job}"
    );
    let rows = database(&world).rows;
    let titles: BTreeSet<_> =
        rows.iter().map(|row| (row.properties["Module"].to_string(), row.title.clone())).collect();
    assert_eq!((rows.len(), titles.len()), (2000, 2000), "each once");
    let made = calls(&world).iter().filter(|call| *call == "POST /v1/pages").count();
    assert_eq!(made, 2002, "the plan's page, a row for each task, and the one that was told to wait");
    let pieces = pieces(&world, "notion-export");
    assert!((25..=60).contains(&pieces), "{pieces} invocations, none of them during the hour");
    let silence = longest_silence(&world);
    assert!((3_590..3_700).contains(&silence.as_secs()), "{silence:?} without a call");
    let took = began.duration_until(world.now()).as_secs();
    assert!((4_200..5_400).contains(&took), "an hour, and 2,002 calls at Notion's pace: {took} s");
}

/// For how long nobody called Notion.
fn longest_silence(world: &World) -> Duration {
    let lines = world.fate.lines();
    let calls: Vec<_> = lines.iter().filter(|line| line.what.starts_with("api.notion.com")).collect();
    calls.windows(2).map(|pair| pair[1].at.abs_diff(pair[0].at)).max().unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_export_whose_workspace_is_told_to_wait_for_an_hour_waits_for_an_hour() {
    let world = ready().await;
    put(&world, &plan(1, 1)).await;
    let id = ask(&world, "k", &target(&world)).await.json()["id"].as_str().unwrap().to_owned();
    // Somebody else's call meets the limit, between the request and the first piece.
    let limit = json!({"method": "POST", "path": "/v1/search", "kind": "status", "status": 429,
        "headers": {"retry-after": "3600"}, "body": {"object": "error", "status": 429, "code": "rate_limited",
            "message": "m", "additional_data": {"rate_limit_reason": "public_api_space_request_rate_limit"}}});
    crate::tickets::fault(&world, serde_json::from_value(limit).unwrap());
    let list = world.send(api::routes, get(&world, "alice", "/v1/connections/notion/databases")).await;
    assert_eq!(list.code(), "provider_rate_limited");
    calls(&world);
    world.drain().await;
    let waiting = job(&world, &id).await;
    let until: Timestamp = waiting["waiting_until"].as_str().unwrap().parse().unwrap();
    let wait = world.now().duration_until(until).as_secs();
    assert!(waiting["status"] == "waiting" && (3_590..=3_600).contains(&wait), "{waiting}");
    world.pass_minutes(59).await;
    assert_eq!((calls(&world).len(), pieces(&world, "notion-export")), (0, 1));
    world.pass_minutes(2).await;
    let job = job(&world, &id).await;
    assert_eq!((&job["status"], pieces(&world, "notion-export")), (&json!("succeeded"), 2), "{job}");
}

#[tokio::test(start_paused = true)]
async fn an_export_whose_account_must_be_connected_again_goes_on_as_soon_as_it_is() {
    let world = ready().await;
    put(&world, &plan(1, 1)).await;
    let answer = ask(&world, "k", &target(&world)).await;
    by_hand(&world, |notion, _| notion.person_disconnects("Alice"));
    let path = format!("/v1/jobs/{}", answer.json()["id"].as_str().unwrap());
    world.drain().await;
    tokio::time::sleep(Duration::from_hours(20)).await;
    world.sweep().await;
    world.drain().await;
    let job = world.send(api::routes, get(&world, "alice", &path)).await.json();
    assert_eq!((&job["status"], &job["error"]["code"]), (&json!("waiting"), &json!("needs_reauth")), "{job}");
    Browser::default().connect(&world, "alice").await;
    world.sweep().await;
    world.drain().await;
    let job = world.send(api::routes, get(&world, "alice", &path)).await.json();
    assert_eq!((&job["status"], &job["error"]), (&json!("succeeded"), &json!(null)), "{job}");
}

#[tokio::test(start_paused = true)]
async fn an_export_goes_on_when_its_account_is_connected_again_meanwhile() {
    let world = ready().await;
    put(&world, &plan(1, 100)).await;
    let mut body = target(&world);
    body["layout"] = json!("database");
    let answer = ask(&world, "k", &body).await;
    let again = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        let made = calls(&world).iter().filter(|call| *call == "POST /v1/pages").count();
        assert!((10..100).contains(&made), "half-way: {made}");
        Browser::default().connect(&world, "alice").await;
    };
    tokio::join!(world.drain(), again);
    let job = over(&world, answer.json()["id"].as_str().unwrap()).await;
    assert_eq!((&job["status"], &job["progress"]["done"]), (&json!("succeeded"), &json!(100)), "{job}");
    assert_eq!(database(&world).rows.len(), 100);
}

#[tokio::test(start_paused = true)]
async fn what_is_made_while_the_account_is_connected_again_is_known_for_ours() {
    let world = ready().await;
    let mut plan = plan(1, 1);
    plan["modules"][0]["tasks"][0]["description"] = json!("- one\n  - in\n    - deeper");
    put(&world, &plan).await;
    let mut body = target(&world);
    body["layout"] = json!("database");
    let answer = ask(&world, "k", &body).await;
    // Notion takes its time to say that it does not know the old token any more.
    by_hand(&world, |notion, _| notion.person_disconnects("Alice"));
    let slow = Fault { delay_ms: Some(5_000), ..Fault::new(FaultKind::DelayMs) };
    fault(&world, slow.on("POST", "/v1/pages"));
    let again = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Browser::default().connect(&world, "alice").await;
    };
    tokio::join!(world.drain(), again);
    let job = over(&world, answer.json()["id"].as_str().unwrap()).await;
    assert_eq!((&job["status"], conflicts(&job)), (&json!("succeeded"), vec![]), "{job}");
    let lines = ["bulleted_list_item: one", "  bulleted_list_item: in", "    bulleted_list_item: deeper"];
    assert_eq!(outline(&database(&world).rows[0].blocks), lines);
}

#[tokio::test(start_paused = true)]
async fn a_trial_without_time_to_look_at_everything_tells_the_same_changes_and_calls() {
    for layout in ["pages", "database"] {
        let world = ready().await;
        let mut plan = plan(20, 2);
        put(&world, &plan).await;
        let mut body = target(&world);
        body["layout"] = json!(layout);
        export(&world, &body).await;
        for (number, module) in plan["modules"].as_array_mut().unwrap().iter_mut().enumerate() {
            module["tasks"][0]["title"] = json!(format!("Changed {number}"));
            module["tasks"][1]["description"] = json!("Other.\n\n- one\n  - in\n    - deeper");
        }
        plan["modules"].as_array_mut().unwrap().truncate(15);
        put(&world, &plan).await;
        body["dry_run"] = json!(true);
        let mut whole = ask(&world, "unused", &body).await.json();
        assert_eq!(whole["unchecked"], 0, "{whole}");
        // A request has 28 seconds.
        let slow = Fault { delay_ms: Some(8_000), times: 3, ..Fault::new(FaultKind::DelayMs) };
        fault(&world, slow.on("GET", ""));
        calls(&world);
        let answer = ask(&world, "unused", &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let mut hasty = answer.json();
        assert!(calls(&world).len() < 5);
        assert!(hasty["unchecked"].as_u64().unwrap() > 15, "{hasty}");
        for preview in [&mut whole, &mut hasty] {
            preview["unchecked"].take();
            // The words of what the plan does not have any more stand in Notion only.
            for item in preview["archives"].as_array_mut().unwrap() {
                if item["object"] == "text" {
                    item["title"].take();
                }
            }
        }
        assert_eq!(hasty, whole, "{layout}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_too_large_to_be_remembered_is_refused_before_anything_is_made() {
    let world = ready().await;
    let mut long = plan(1, 1);
    long["modules"][0]["tasks"][0]["description"] = json!("- a\n".repeat(2_000));
    put(&world, &long).await;
    for dry_run in [true, false] {
        let mut body = target(&world);
        body["dry_run"] = json!(dry_run);
        let answer = ask(&world, "k", &body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{answer:?}");
        assert_eq!(answer.json()["code"], "validation_failed");
    }
    put(&world, &plan(1, 1)).await;
    let answer = ask(&world, "meanwhile", &target(&world)).await;
    put(&world, &long).await;
    let job = over(&world, answer.json()["id"].as_str().unwrap()).await;
    assert_eq!(
        (&job["status"], &job["error"]["code"]),
        (&json!("failed"), &json!("validation_failed")),
        "it was shorter when it was asked for: {job}"
    );
    long["modules"][0]["tasks"][0]["description"] = json!("- a\n".repeat(1_999));
    put(&world, &long).await;
    let answer = ask(&world, "shorter", &target(&world)).await;
    let job = over(&world, answer.json()["id"].as_str().unwrap()).await;
    assert_eq!(job["status"], "succeeded", "{job}");
}

#[tokio::test(start_paused = true)]
async fn a_long_export_delays_neither_another_users_export_nor_their_tickets() {
    let world = ready().await;
    Browser { person: Some("Bob"), ..Browser::default() }.connect(&world, "bob").await;
    let tasks: Vec<Value> = (0..2_000)
        .map(|number| json!({"id": format!("t{number}"), "title": format!("Task {number}")}))
        .collect();
    put(&world, &json!({"title": "Long", "modules": [{"id": "m", "title": "All", "tasks": tasks}]})).await;
    let mut body = target(&world);
    body["layout"] = json!("database");
    let long = ask(&world, "long", &body).await.json()["id"].as_str().unwrap().to_owned();

    let over = std::cell::Cell::new(false);
    let poll = async || {
        while !over.get() {
            if !world.work_off(JOBS_QUEUE).await {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    };
    let bob = async {
        tokio::time::sleep(Duration::from_secs(40)).await;
        let plan = json!({"title": "Short", "modules": [{"id": "m", "title": "One", "tasks": [{"id": "t", "title": "Only"}]}]});
        world.send(api::routes, send_json(&world, "bob", Method::PUT, "/v1/plans/p1", None, &plan)).await;
        let page = world.providers.lock().unwrap().notion.simulator.page_titled("Bob's notes").unwrap().id;
        let body = json!({"target": "notion", "parent_page_id": page});
        let began = tokio::time::Instant::now();
        let request = send_json(&world, "bob", Method::POST, "/v1/plans/p1/exports", Some("short"), &body);
        let short = world.send(notion_export::routes, request).await.json();
        let path = format!("/v1/jobs/{}", short["id"].as_str().unwrap());
        let waited = loop {
            let job = world.send(api::routes, get(&world, "bob", &path)).await.json();
            if job["status"] == "succeeded" {
                break began.elapsed();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        let ticket = bobs_ticket(&world).await;
        let long = job(&world, &long).await;
        over.set(true);
        (waited, ticket, long)
    };
    let ((waited, ticket, long), ..) = tokio::join!(bob, poll(), poll());
    assert_eq!(long["status"], "running", "{long}");
    assert!((1..2_000).contains(&long["progress"]["done"].as_u64().unwrap()), "{long}");
    // Its calls of Notion alone take 1.2 s here, and whoever polls looks five times a second.
    assert!(waited < Duration::from_secs(5), "{waited:?}");
    assert!(ticket < Duration::from_secs(1), "{ticket:?}");
}

/// Bob makes a ticket of a recording; how long that takes.
async fn bobs_ticket(world: &World) -> Duration {
    let send = async |routes: Routes, method: Method, path: &str, body: Value| -> Answer {
        let answer = world.send(routes, send_json(world, "bob", method, path, None, &body)).await;
        assert!(answer.status.is_success(), "{answer:?}");
        answer
    };
    let transcript = "WEBVTT\n\n00:00.000 --> 00:02.000\nIt is broken, believe me.";
    let recording = json!({"name": "a", "transcript": transcript});
    send(api::routes, Method::PUT, "/v1/videos/rec-1", recording).await;
    let databases =
        world.send(api::routes, get(world, "bob", "/v1/connections/notion/databases")).await.json();
    let chosen = json!({"settings": {"database_id": databases["items"][0]["id"]}});
    send(api::routes, Method::PATCH, "/v1/connections/notion", chosen).await;
    let began = tokio::time::Instant::now();
    let path = "/v1/videos/rec-1/tickets";
    let ticket = send(notion_export::routes, Method::POST, path, crate::tickets::ticket()).await;
    assert_eq!(ticket.status, StatusCode::CREATED);
    began.elapsed()
}
