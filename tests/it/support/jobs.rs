//! Alice's jobs: how they stand, until they are over, and undone.

use std::collections::BTreeSet;
use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Answer, World, get, send_json};

/// A job as it stands.
pub(crate) async fn job(world: &World, id: &str) -> Value {
    world.send(api::routes, get(world, "alice", &format!("/v1/jobs/{id}"))).await.json()
}

/// A job once it is over.
pub(crate) async fn over(world: &World, id: &str) -> Value {
    for _ in 0..300 {
        world.drain().await;
        let job = job(world, id).await;
        if ["succeeded", "failed", "cancelled"].contains(&job["status"].as_str().unwrap()) {
            return job;
        }
        tokio::time::sleep(Duration::from_secs(20)).await;
        world.sweep().await;
    }
    panic!("not over");
}

/// Works off the queues, and calls a job off as soon as it is time to. The job as it was then.
pub(crate) async fn drain_and_cancel(world: &World, job: &Value, is_time: impl Fn() -> bool) -> Value {
    let cancel = async {
        while !is_time() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let path = format!("/v1/jobs/{}/cancel", job["id"].as_str().unwrap());
        world.send(api::routes, send_json(world, "alice", Method::POST, &path, None, &json!({}))).await
    };
    let ((), answer) = tokio::join!(Box::pin(world.drain()), Box::pin(cancel));
    assert_eq!(
        (answer.status, &answer.json()["status"]),
        (StatusCode::OK, &json!("cancelled")),
        "{answer:?}"
    );
    answer.json()
}

/// How often a function was called by its queue.
pub(crate) fn pieces(world: &World, function: &str) -> usize {
    let entry = format!("{function} queue");
    let lines = world.fate.lines();
    let calls = lines.iter().filter(|line| line.entry == entry).map(|line| line.call);
    calls.collect::<BTreeSet<_>>().len()
}

pub(crate) async fn ask_undo(world: &World, job: &Value, key: Option<&str>) -> Answer {
    let path = format!("/v1/jobs/{}/undo", job["id"].as_str().unwrap());
    world.send(api::routes, send_json(world, "alice", Method::POST, &path, key, &json!({}))).await
}

/// Undoes a job and waits until that is over.
pub(crate) async fn undo(world: &World, job: &Value) -> Value {
    let answer = ask_undo(world, job, None).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
    over(world, answer.json()["id"].as_str().unwrap()).await
}
