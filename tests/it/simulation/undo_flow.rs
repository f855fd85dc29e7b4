//! Export, undo, export again at once: with every write of the undo going wrong in every way, nothing is left of the first export
//! when it is undone, and the next one brings the same pages back, which stay.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use domain::Tier;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::invariants::{nothing_leaks, nothing_malformed, nothing_stuck};
use super::{EVERY_END, in_virtual_time, is_read};
use crate::exports::undo::shown;
use crate::exports::{notes, plan, put, target};
use crate::support::fate::Harm;
use crate::support::logs::Logs;
use crate::support::world::Routes;
use crate::support::{Browser, World, get, send_json};

/// Asks for a job, as often as that fails, and waits until it is over. Its id.
async fn done(world: &World, routes: Routes, path: &str, body: Value) -> String {
    let key = format!("key-{}", world.count());
    let ask = || send_json(world, "alice", Method::POST, path, Some(&key), &body);
    let answer = world.insist(routes, ask).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
    let path = answer.location().to_owned();
    for _ in 0..100 {
        world.drain().await;
        let job = world.insist(api::routes, || get(world, "alice", &path)).await.json();
        match job["status"].as_str().unwrap() {
            "succeeded" => return job["id"].as_str().unwrap().to_owned(),
            "failed" | "cancelled" => panic!("{job}"),
            _ => tokio::time::sleep(Duration::from_secs(15)).await,
        }
        world.sweep().await;
    }
    panic!("never over: {}", world.fate.log().join("\n"));
}

/// Runs the story with the given harm. Answers the exchanges until the export was undone.
async fn run(layout: &str, harm: BTreeMap<usize, Harm>) -> Vec<String> {
    let logs = Logs::default();
    let guard = logs.collect(tracing::Level::INFO);
    let world = World::new(1, harm);
    Browser::default().connect(&world, "alice").await;
    world.instance().store.set_tier(&"alice".parse().unwrap(), Tier::Pro, world.now()).await.unwrap();
    put(&world, &plan(1, 1)).await;
    let mut body = target(&world);
    body["layout"] = json!(layout);
    let export = async || done(&world, notion_export::routes, "/v1/plans/p1/exports", body.clone()).await;
    let job = export().await;
    let before = shown(&world);
    done(&world, api::routes, &format!("/v1/jobs/{job}/undo"), json!({})).await;
    let exchanges = world.fate.relent();
    let notes = notes(&world);
    let left = world.providers.lock().unwrap().notion.simulator.children_of(notes);
    assert!(left.is_empty(), "{left:?}");
    export().await;
    // Longer than any request is on its way.
    world.pass_minutes(2).await;
    assert_eq!(shown(&world), before);
    nothing_stuck(&world);
    nothing_leaks(&world, &logs);
    nothing_malformed(&world);
    drop(guard);
    exchanges
}

#[test]
fn every_write_of_an_undo_may_be_the_last_of_its_function_or_stay_unanswered_or_come_late() {
    for layout in ["pages", "database"] {
        let exchanges = in_virtual_time(run(layout, BTreeMap::new()));
        let writes =
            (1..).zip(&exchanges).filter(|(_, what)| what.starts_with("api.notion.com") && !is_read(what));
        let (last, _) = writes.clone().filter(|(_, what)| what.ends_with("POST /v1/pages")).last().unwrap();
        let writes: Vec<_> = writes.filter(|(number, _)| *number > last).collect();
        assert!(!writes.is_empty(), "{}", exchanges.join("\n"));
        for (number, what) in writes {
            for harm in EVERY_END {
                let harmed =
                    AssertUnwindSafe(|| in_virtual_time(run(layout, BTreeMap::from([(number, harm)]))));
                let outcome = catch_unwind(harmed);
                assert!(outcome.is_ok(), "{layout}, exchange {number}, {what}: {harm:?}");
            }
        }
    }
}
