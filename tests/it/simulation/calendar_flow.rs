//! Sync, edit and delete by hand, change, sync again: with every exchange going wrong in every way, the calendar is what the plan and
//! its reader wrote, each event once.

use std::collections::BTreeMap;
use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::invariants::{nothing_leaks, nothing_malformed, nothing_stuck};
use super::{DEATHS, LOSSES, harm_each, in_virtual_time};
use crate::calendar::{CALENDAR, events};
use crate::support::fate::Harm;
use crate::support::logs::Logs;
use crate::support::{World, get, send_json};

pub(super) fn task(id: &str, title: &str, day: &str) -> Value {
    json!({"id": id, "title": title, "schedule": {"date": format!("2026-11-{day}")}})
}

pub(super) fn plan(tasks: &[Value]) -> Value {
    json!({"title": "Rust", "modules": [{"id": "m", "title": "Begin", "tasks": tasks}]})
}

/// Puts the plan and syncs it, as often as that fails.
pub(super) async fn sync(world: &World, plan: &Value, key: &str) {
    let put = || send_json(world, "alice", Method::PUT, "/v1/plans/p1", None, plan);
    assert!(world.insist(api::routes, put).await.status.is_success());
    let ask =
        || send_json(world, "alice", Method::POST, "/v1/plans/p1/calendar-syncs", Some(key), &json!({}));
    let answer = world.insist(calendar_sync::routes, ask).await;
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

/// Alice changes an event by hand, or deletes it.
pub(super) fn by_hand(world: &World, title: &str, by: Option<&Value>) {
    let now = world.now();
    let google = &mut world.providers.lock().unwrap().google.simulator;
    let event = google.events(CALENDAR).into_iter().find(|event| event.summary == title).unwrap();
    let done = match by {
        Some(by) => google.person_edits_event(CALENDAR, &event.id, by, now),
        None => google.person_deletes_event(CALENDAR, &event.id, now),
    };
    assert!(done, "{title}");
}

/// Runs the story with the given harm, lets everything come to rest, and checks what must hold. Answers the exchanges.
async fn run(seed: u64, harm: BTreeMap<usize, Harm>) -> Vec<String> {
    let logs = Logs::default();
    let guard = logs.collect(tracing::Level::INFO);
    let world = World::new(seed, harm);
    world.connect_google("alice", "google-calendar").await;
    let first = [
        task("a", "A", "01"),
        task("b", "B", "02"),
        task("c", "C", "03"),
        task("d", "D", "04"),
        task("e", "E", "05"),
    ];
    sync(&world, &plan(&first), "first").await;
    by_hand(&world, "B", Some(&json!({"summary": "Mine"})));
    by_hand(&world, "C", None);
    // B is moved and keeps its title, C stays away, D is renamed, E is gone, F is new.
    let second = [
        task("a", "A", "01"),
        task("b", "Plan's", "12"),
        task("c", "C", "13"),
        task("d", "D again", "04"),
        task("f", "F", "06"),
    ];
    sync(&world, &plan(&second), "second").await;
    // What comes back is there again.
    let third = [task("d", "D again", "14"), task("e", "E", "05"), task("f", "F", "06")];
    sync(&world, &plan(&third), "third").await;
    let exchanges = world.fate.relent();
    world.pass_minutes(6).await;

    let shown: Vec<_> = events(&world)
        .iter()
        .map(|event| format!("{} {}", event.summary, event.start["date"].as_str().unwrap()))
        .collect();
    assert_eq!(shown, ["D again 2026-11-14", "E 2026-11-05", "F 2026-11-06", "Mine 2026-11-12"]);
    nothing_stuck(&world);
    nothing_leaks(&world, &logs);
    nothing_malformed(&world);
    drop(guard);
    exchanges
}

/// Where connecting is over.
fn the_sync(exchanges: &[String]) -> usize {
    exchanges.iter().position(|exchange| exchange.ends_with("POST /token")).unwrap() + 3
}

#[test]
fn undisturbed_each_event_is_made_in_one_call() {
    let log = in_virtual_time(run(1, BTreeMap::new()));
    let creations = log.iter().filter(|line| line.contains(" POST /calendar/")).count();
    assert_eq!(creations, 7, "{}", log.join("\n"));
}

#[test]
fn every_exchange_of_a_sync_may_be_the_last_of_its_function() {
    harm_each(DEATHS, the_sync, run);
}

#[test]
fn every_exchange_of_a_sync_may_stay_unanswered() {
    harm_each(LOSSES, the_sync, run);
}
