//! Jobs.

use serde_json::json;
use store::{Due, Error, Job, JobError, JobStatus, NewJob, Progress};

use crate::world::{World, alice, at, bob, race, world};

fn new(id: &str) -> NewJob {
    NewJob {
        id: id.parse().unwrap(),
        user: alice(),
        kind: "transcription".into(),
        subject: "v1".into(),
        input: json!({"url": "https://x"}),
        progress: Progress { done: 0, total: Some(3), unit: "tickets".into() },
        due_at: Some(at(5_000)),
    }
}

async fn due(world: &World, ms: i64) -> Vec<String> {
    let mut found = vec![];
    for due in world.store.due(at(ms), 100).await.unwrap() {
        let Due::Job(job) = due else { panic!("{due:?}") };
        found.push(job.id.to_string());
    }
    found
}

#[tokio::test]
async fn a_job_is_created_once_whoever_asks_again() {
    let world = world();
    let store = world.store.clone();
    let answers = race(move |caller| {
        let store = store.clone();
        let input = json!({"caller": caller});
        async move { store.create_job(NewJob { input, ..new("j") }, at(0)).await.unwrap() }
    })
    .await;
    assert!(answers.iter().all(|job| *job == answers[0]));
    let listed = world.store.jobs(&alice(), 10, None).await.unwrap();
    assert_eq!(listed.items, [answers[0].clone()]);
    assert_eq!((answers[0].status, answers[0].version), (JobStatus::Queued, 1));
}

#[tokio::test]
async fn of_many_who_change_the_same_version_one_wins() {
    let world = world();
    let job = world.store.create_job(new("j"), at(0)).await.unwrap();
    let store = world.store.clone();
    let answers = race(move |_| {
        let (store, running) = (store.clone(), Job { status: JobStatus::Running, ..job.clone() });
        async move { store.save_job(running, at(1)).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "even though all write the same");
    assert!(
        answers
            .iter()
            .filter_map(|answer| answer.as_ref().err())
            .all(|error| matches!(error, Error::Conflict))
    );
}

#[tokio::test]
async fn a_job_keeps_what_it_is_told_and_ends_for_good() {
    let world = world();
    let queued = world.store.create_job(new("j"), at(0)).await.unwrap();
    let waiting = Job { status: JobStatus::Waiting, waiting_until: Some(at(9_000)), ..queued };
    let waiting = world.store.save_job(waiting, at(1)).await.unwrap();
    assert_eq!(world.store.job(&alice(), &waiting.id).await.unwrap(), Some(waiting.clone()));
    assert_eq!(world.store.job(&bob(), &waiting.id).await.unwrap(), None);

    let error = Some(JobError { code: "target_not_found".into(), detail: "It is gone.".into() });
    let failed =
        Job { status: JobStatus::Failed, waiting_until: None, error, result: Some(json!(null)), ..waiting };
    let failed = world.store.save_job(failed, at(2)).await.unwrap();
    assert_eq!((failed.version, failed.updated_at, failed.due_at), (3, at(2), None));
    let revived = Job { status: JobStatus::Running, ..failed };
    assert!(matches!(world.store.save_job(revived.clone(), at(3)).await, Err(Error::Conflict)));
    let unknown = Job { id: "other".parse().unwrap(), ..revived };
    assert!(matches!(world.store.save_job(unknown, at(3)).await, Err(Error::Missing)));
}

#[tokio::test]
async fn the_newest_job_comes_first_whatever_it_is_called() {
    let world = world();
    for (id, ms) in [("m", 1), ("z", 2), ("a", 3), ("k", 4), ("b", 4)] {
        world.store.create_job(new(id), at(ms)).await.unwrap();
    }
    let (mut cursor, mut pages) = (None::<String>, vec![]);
    loop {
        let page = world.store.jobs(&alice(), 2, cursor.as_deref()).await.unwrap();
        pages.push(page.items.iter().map(|job| job.id.to_string()).collect::<String>());
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(pages, ["kb", "az", "m"]);
    assert_eq!(world.store.jobs(&bob(), 10, None).await.unwrap().items, []);
    for wrong in ["", "m", "bQ", "MTIzI20"] {
        assert!(
            matches!(world.store.jobs(&alice(), 2, Some(wrong)).await, Err(Error::InvalidCursor)),
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn the_sweep_sees_what_is_due_until_it_ends() {
    let world = world();
    let job = world.store.create_job(new("j"), at(0)).await.unwrap();
    world.store.create_job(NewJob { due_at: None, ..new("never") }, at(0)).await.unwrap();
    assert_eq!(due(&world, 4_999).await, Vec::<String>::new());
    assert_eq!(due(&world, 5_000).await, ["j"]);
    let later = world.store.save_job(Job { due_at: Some(at(8_000)), ..job }, at(1)).await.unwrap();
    assert_eq!(due(&world, 7_999).await, Vec::<String>::new());
    world.store.save_job(Job { status: JobStatus::Succeeded, ..later }, at(2)).await.unwrap();
    assert_eq!(due(&world, 99_999).await, Vec::<String>::new());
}
