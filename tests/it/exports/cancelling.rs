//! Calling an export off while it is being worked on.

use domain::Tier;
use http::Method;
use serde_json::{Value, json};
use simulators::Fault;
use simulators::faults::FaultKind;

use super::{ask, pages, plan, put, ready_on, target};
use crate::support::jobs::{drain_and_cancel, job};
use crate::support::{World, get};
use crate::tickets::fault;

fn pages_asked_for(world: &World) -> usize {
    world.providers.lock().unwrap().notion.records.count(&Method::POST, "/v1/pages")
}

async fn usage(world: &World) -> Value {
    world.send(api::routes, get(world, "alice", "/v1/usage")).await.json()["exports"].clone()
}

/// Alice on the free tier exports a plan of so many modules, and calls that off during the call that makes this page.
async fn called_off_during(page: u32, modules: usize) -> (World, Value) {
    let world = ready_on(Tier::Free).await;
    put(&world, &plan(modules, 1)).await;
    let late = Fault::new(FaultKind::DelayMs).on("POST", "/v1/pages$").after(page - 1);
    fault(&world, Fault { delay_ms: Some(2_000), ..late });
    let asked = ask(&world, "called-off", &target(&world)).await.json();
    let is_under_way = || pages_asked_for(&world) == usize::try_from(page).unwrap();
    let called_off = drain_and_cancel(&world, &asked, is_under_way).await;
    let now = job(&world, called_off["id"].as_str().unwrap()).await;
    (world, now)
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_after_the_call_during_which_an_export_is_called_off() {
    let (world, job_then) = called_off_during(5, 20).await;
    assert_eq!((pages_asked_for(&world), &job_then["status"]), (5, &json!("cancelled")), "{job_then}");
    assert_eq!(usage(&world).await, json!({"used": 0, "held": 0, "limit": 2}));
    // It left nothing open that the next one would have to wait for.
    let next = ask(&world, "next", &target(&world)).await.json();
    world.drain().await;
    let next = job(&world, next["id"].as_str().unwrap()).await;
    assert_eq!((&next["status"], pages_asked_for(&world)), (&json!("succeeded"), 21), "{next}");
    assert_eq!(pages(&world).1.len(), 20, "each once");
}

#[tokio::test(start_paused = true)]
async fn an_export_that_is_called_off_during_its_last_call_is_done_and_counts() {
    let (world, job) = called_off_during(3, 2).await;
    assert_eq!((&job["status"], &job["result"]["created"]), (&json!("succeeded"), &json!(5)), "{job}");
    assert_eq!(pages(&world).1.len(), 2);
    assert_eq!(usage(&world).await, json!({"used": 1, "held": 0, "limit": 2}));
}
