//! Calling a sync off while it is being worked on.

use serde_json::{Value, json};
use simulators::Fault;
use simulators::faults::FaultKind;

use super::{ask, events, plan, put, ready, sync};
use crate::support::World;
use crate::support::jobs::{drain_and_cancel, job};

/// Alice syncs a plan of five events, and calls that off during the call that makes this one.
async fn called_off_during(event: usize) -> (World, Value) {
    let world = ready().await;
    put(&world, &plan(5)).await;
    let late =
        Fault::new(FaultKind::DelayMs).on("POST", "/calendar/").after(u32::try_from(event).unwrap() - 1);
    let late = Fault { delay_ms: Some(2_000), ..late };
    world.providers.lock().unwrap().google.fail(late).unwrap();
    let asked = ask(&world, "called-off", &json!({})).await.json();
    let called_off = drain_and_cancel(&world, &asked, || events(&world).len() == event).await;
    let now = job(&world, called_off["id"].as_str().unwrap()).await;
    (world, now)
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_after_the_call_during_which_a_sync_is_called_off() {
    let (world, job) = called_off_during(3).await;
    assert_eq!((events(&world).len(), &job["status"]), (3, &json!("cancelled")), "{job}");
    sync(&world).await;
    assert_eq!(events(&world).len(), 5, "each once");
}

#[tokio::test(start_paused = true)]
async fn a_sync_that_is_called_off_during_its_last_call_is_done() {
    let (world, job) = called_off_during(5).await;
    assert_eq!(events(&world).len(), 5);
    assert_eq!((&job["status"], &job["result"]["created"]), (&json!("succeeded"), &json!(5)), "{job}");
}
