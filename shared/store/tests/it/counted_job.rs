//! Jobs that count: created with their reservation or not at all, and ended with it.

use serde_json::json;
use store::{CountedJob, Error, Job, JobStatus, Metric, NewJob, Period, Progress, Store, Usage};

use crate::world::{World, alice, at, race, world};

fn new(id: &str) -> NewJob {
    NewJob {
        id: id.parse().unwrap(),
        user: alice(),
        kind: "notion_export".into(),
        subject: "p1".into(),
        input: json!({}),
        progress: Progress { done: 0, total: None, unit: "tasks".into() },
        due_at: Some(at(5_000)),
    }
}

async fn create(store: &Store, id: &str, limit: u32) -> CountedJob {
    store.create_counted_job(new(id), Metric::Exports, Some(limit), at(0)).await.unwrap()
}

async fn job(store: &Store, id: &str) -> Job {
    store.job(&alice(), &id.parse().unwrap()).await.unwrap().unwrap()
}

async fn usage(world: &World) -> (u32, u32) {
    let Usage { used, held } =
        world.store.usage(&alice(), Metric::Exports, &Period::of(at(0))).await.unwrap();
    (used, held)
}

#[tokio::test]
async fn of_many_at_once_exactly_as_many_jobs_exist_as_are_allowed() {
    let world = world();
    let store = world.store.clone();
    let answers = race(move |caller| {
        let store = store.clone();
        async move { create(&store, &format!("j{}", caller % 25), 2).await }
    })
    .await;
    let full = answers.iter().filter(|answer| matches!(answer, CountedJob::Full(_))).count();
    assert_eq!(full, 46, "two jobs, each asked for twice");
    assert_eq!(world.store.jobs(&alice(), 100, None).await.unwrap().items.len(), 2);
    assert_eq!(usage(&world).await, (0, 2));
}

#[tokio::test]
async fn what_succeeds_counts_and_what_does_not_makes_room() {
    let world = world();
    let store = &world.store;
    for (id, status, expected) in [
        ("a", JobStatus::Failed, (0, 0)),
        ("b", JobStatus::Succeeded, (1, 0)),
        ("c", JobStatus::Cancelled, (1, 0)),
        ("d", JobStatus::Succeeded, (2, 0)),
    ] {
        assert!(matches!(create(store, id, 2).await, CountedJob::Job(_)), "{id}");
        let ended = Job { status, ..job(store, id).await };
        let shared = world.store.clone();
        let answers = race(move |_| {
            let (store, ended) = (shared.clone(), ended.clone());
            async move { store.end_counted_job(ended, at(1)).await }
        })
        .await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "it ends once");
        assert!(answers.iter().all(|answer| matches!(answer, Ok(_) | Err(Error::Conflict))));
        assert_eq!((usage(&world).await, job(store, id).await.status), (expected, status));
    }
    assert_eq!(create(store, "e", 2).await, CountedJob::Full(Usage { used: 2, held: 0 }));
    assert!(
        matches!(create(store, "a", 2).await, CountedJob::Job(job) if job.status == JobStatus::Failed),
        "known"
    );
}
