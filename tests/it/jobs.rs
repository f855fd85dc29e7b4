//! Many jobs, jobs with long results, and jobs that nobody can read.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{Job, JobError, JobStatus, NewJob, Progress};

use crate::exports;
use crate::isolation::rows;
use crate::support::jobs::job;
use crate::support::logs::Logs;
use crate::support::world::JOBS_QUEUE;
use crate::support::{Browser, World, get};

/// A job of Alice's that was changed like this after it was created.
async fn put_job(world: &World, id: &str, change: impl FnOnce(Job) -> Job) {
    let store = &world.instance().store;
    let new = NewJob {
        id: id.parse().unwrap(),
        user: "alice".parse().unwrap(),
        kind: "notion_export".into(),
        subject: "p".into(),
        input: json!({}),
        progress: Progress { done: 0, total: None, unit: "tasks".into() },
        due_at: None,
    };
    let job = store.create_job(new, world.now()).await.unwrap();
    store.save_job(change(job), world.now()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn jobs_with_long_results_are_all_listed_and_no_page_is_longer_than_lambda_answers() {
    let world = World::calm();
    let all: Vec<String> = (100..150).map(|number| format!("j{number}")).collect();
    for id in &all {
        let result = Some(json!({"conflicts": ["\"".repeat(195_000)]}));
        put_job(&world, id, |job| Job { status: JobStatus::Succeeded, result, ..job }).await;
    }
    let (mut listed, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer =
            world.send(api::routes, get(&world, "alice", &format!("/v1/jobs?limit=100{cursor}"))).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.headers);
        // Lambda puts it into JSON of its own.
        let sent = json!(String::from_utf8_lossy(&answer.body)).to_string().len();
        assert!(sent < 6 << 20, "{sent} bytes");
        let page = answer.json();
        let ids = page["items"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap().to_owned());
        listed.extend(ids);
        match &page["next_cursor"] {
            Value::String(next) => cursor = format!("&cursor={next}"),
            _ => break,
        }
    }
    assert_eq!(listed, all.into_iter().rev().collect::<Vec<_>>(), "the newest first, each once");
}

#[tokio::test(start_paused = true)]
async fn connecting_again_wakes_also_a_job_that_many_others_followed() {
    let world = World::calm();
    let error = Some(JobError { code: "needs_reauth".into(), detail: "Connect again.".into() });
    let later = world.now() + jiff::SignedDuration::from_hours(6);
    let waiting_until = Some(later);
    put_job(&world, "first", |job| Job { status: JobStatus::Waiting, waiting_until, error, ..job }).await;
    for number in 0..250 {
        put_job(&world, &format!("j{number}"), |job| Job { status: JobStatus::Failed, ..job }).await;
    }
    Browser::default().connect(&world, "alice").await;
    let woken: Timestamp = job(&world, "first").await["waiting_until"].as_str().unwrap().parse().unwrap();
    assert!(woken <= world.now(), "{woken}");
}

#[tokio::test(start_paused = true)]
async fn what_is_due_and_cannot_be_read_holds_up_nothing_else() {
    let logs = Logs::default();
    let _collecting = logs.collect(tracing::Level::ERROR);
    let world = exports::ready().await;
    // One of each kind in each shard, due for longer than anything else.
    for shard in 0..4 {
        let [job, sync, intent] = ["JOB", "SCHEDULED", "INTENT"].map(|kind| format!("{kind}#broken-{shard}"));
        for (pk, sk) in [("USER#alice", &*job), ("USER#alice", &*sync), (&*intent, "INTENT")] {
            let mut row = rows::broken(pk, sk);
            row.insert("due_shard".to_owned(), AttributeValue::S(format!("DUE#{shard}")));
            row.insert("due_at".to_owned(), AttributeValue::N("1".to_owned()));
            row.insert("title".to_owned(), AttributeValue::S("canary-content".to_owned()));
            rows::put(&world, &row).await;
        }
    }
    exports::put(&world, &exports::plan(1, 1)).await;
    let asked = exports::ask(&world, "k", &exports::target(&world)).await.json();
    // Its message is lost, so that only the sweep finds it.
    for message in world.aws.receive(JOBS_QUEUE, 10, Duration::from_mins(1)) {
        world.aws.delete_message(JOBS_QUEUE, message.receipt.as_deref().unwrap());
    }
    // The queue takes the same message again only after five minutes.
    world.pass_minutes(7).await;
    assert_eq!(job(&world, asked["id"].as_str().unwrap()).await["status"], "succeeded");
    let text = logs.text();
    for key in ["JOB#broken-0", "SCHEDULED#broken-3", "INTENT#broken-2"] {
        assert!(text.contains(key), "{key}: {text}");
    }
    assert!(!text.contains("canary-content"), "{text}");
}
