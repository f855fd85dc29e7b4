//! Jobs that count: created with their reservation or not at all, and ended with it.

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;
use store::{CountedJob, Error, Job, JobError, JobStatus, Metric, NewJob, Period, Progress, Store, Usage};

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

async fn create_at(store: &Store, id: &str, limit: Option<u32>, now: Timestamp) -> CountedJob {
    store.create_counted_job(new(id), Metric::Exports, limit, now).await.unwrap()
}

async fn create(store: &Store, id: &str, limit: u32) -> CountedJob {
    create_at(store, id, Some(limit), at(0)).await
}

async fn end(store: &Store, id: &str, status: JobStatus) -> Result<Job, Error> {
    store.end_counted_job(Job { status, ..job(store, id).await }, Metric::Exports, at(1)).await
}

async fn job(store: &Store, id: &str) -> Job {
    store.job(&alice(), &id.parse().unwrap()).await.unwrap().unwrap()
}

async fn usage(world: &World) -> (u32, u32) {
    usage_at(world, at(0)).await
}

async fn usage_at(world: &World, now: Timestamp) -> (u32, u32) {
    let Usage { used, held } = world.store.usage(&alice(), Metric::Exports, &Period::of(now)).await.unwrap();
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
            async move { store.end_counted_job(ended, Metric::Exports, at(1)).await }
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

#[tokio::test]
async fn what_was_done_although_it_was_called_off_is_counted_once_even_above_the_limit() {
    let world = world();
    let store = &world.store;
    let done = async |id: &str| {
        let job = Job { status: JobStatus::Succeeded, result: Some(json!(id)), ..job(store, id).await };
        let shared = world.store.clone();
        let answers = race(move |_| {
            let (store, job) = (shared.clone(), job.clone());
            async move { store.succeed_cancelled_job(job, Some(Metric::Exports), at(2)).await }
        });
        assert!(answers.await.iter().all(Result::is_ok));
    };
    create(store, "late", 1).await;
    end(store, "late", JobStatus::Cancelled).await.unwrap();
    create(store, "next", 1).await;
    done("late").await;
    let late = job(store, "late").await;
    assert_eq!((late.status, late.result, late.version), (JobStatus::Succeeded, Some(json!("late")), 3));
    assert_eq!(usage(&world).await, (1, 1), "and what the next one holds is still held");
    end(store, "next", JobStatus::Succeeded).await.unwrap();
    assert_eq!(usage(&world).await, (2, 0));
    // Nothing comes of what failed, or was cancelled for a reason.
    let february = "2026-02-01T00:00:00Z".parse().unwrap();
    for (id, status) in [("failed", JobStatus::Failed), ("gone", JobStatus::Cancelled)] {
        create_at(store, id, None, february).await;
        let error = Some(JobError { code: "not_found".into(), detail: "It is gone.".into() });
        let ended = Job { status, error, ..job(store, id).await };
        store.end_counted_job(ended, Metric::Exports, february).await.unwrap();
        done(id).await;
        assert_eq!((job(store, id).await.status, usage_at(&world, february).await), (status, (0, 0)));
    }
}

#[tokio::test]
async fn a_month_counts_what_was_begun_in_it() {
    let world = world();
    let february = "2026-02-01T00:00:00Z".parse().unwrap();
    create(&world.store, "one", 1).await;
    assert!(matches!(create_at(&world.store, "two", Some(1), february).await, CountedJob::Job(_)));
    let ended = Job { status: JobStatus::Succeeded, ..job(&world.store, "one").await };
    world.store.end_counted_job(ended, Metric::Exports, february).await.unwrap();
    assert_eq!((usage(&world).await, usage_at(&world, february).await), ((1, 0), (0, 1)));
    assert_eq!(
        Period::of("2028-02-29T23:59:59.999Z".parse().unwrap()),
        Period {
            start: "2028-02-01T00:00:00Z".parse().unwrap(),
            end: "2028-03-01T00:00:00Z".parse().unwrap()
        }
    );
}

#[tokio::test]
async fn a_lower_limit_ends_nothing_and_none_at_all_allows_nothing() {
    let world = world();
    for id in ["1", "2", "3"] {
        assert!(matches!(create_at(&world.store, id, None, at(0)).await, CountedJob::Job(_)));
    }
    end(&world.store, "1", JobStatus::Succeeded).await.unwrap();
    assert_eq!(create(&world.store, "4", 2).await, CountedJob::Full(Usage { used: 1, held: 2 }));
    end(&world.store, "2", JobStatus::Succeeded).await.unwrap();
    assert_eq!(usage(&world).await, (2, 1));
    let february = "2026-02-01T00:00:00Z".parse().unwrap();
    let none = create_at(&world.store, "5", Some(0), february).await;
    assert_eq!(none, CountedJob::Full(Usage::default()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// Against a model: the status of each job.
    #[test]
    fn whatever_is_asked_for_and_ends_in_whatever_order_is_counted_exactly(
        steps in proptest::collection::vec((0..4_u8, 0..6_usize), 0..40),
        limit in 0..4_u32,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = world();
            let mut model: [Option<JobStatus>; 6] = [None; 6];
            for (step, number) in steps {
                let count = |status| model.iter().filter(|known| **known == Some(status)).count();
                let (used, held) = (count(JobStatus::Succeeded), count(JobStatus::Queued));
                let id = number.to_string();
                match (step, model[number]) {
                    (0, known) => {
                        let is_room = used + held < limit as usize;
                        let answer = create(&world.store, &id, limit).await;
                        assert_eq!(matches!(answer, CountedJob::Job(_)), known.is_some() || is_room);
                        if known.is_none() && is_room {
                            model[number] = Some(JobStatus::Queued);
                        }
                    }
                    (_, None) => {}
                    (_, Some(known)) => {
                        let status = [JobStatus::Succeeded, JobStatus::Failed, JobStatus::Cancelled]
                            [usize::from(step) - 1];
                        let outcome = end(&world.store, &id, status).await;
                        assert_eq!(outcome.is_ok(), known == JobStatus::Queued);
                        if outcome.is_ok() {
                            model[number] = Some(status);
                        }
                    }
                }
                let count = |status| model.iter().filter(|known| **known == Some(status)).count();
                let expected = [JobStatus::Succeeded, JobStatus::Queued]
                    .map(|status| u32::try_from(count(status)).unwrap());
                assert_eq!(usage(&world).await, (expected[0], expected[1]));
            }
        });
    }
}
