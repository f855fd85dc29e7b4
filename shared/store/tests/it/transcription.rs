//! Which callback of which attempt is believed.

use domain::JobId;
use store::{Accept, Error, TranscriptionOwner};

use crate::world::{World, alice, at, bob, race, world};

fn job() -> JobId {
    "j".parse().unwrap()
}

fn owner() -> TranscriptionOwner {
    TranscriptionOwner { user: alice(), video: "v".parse().unwrap() }
}

async fn attempt(world: &World, number: u32, secret: &str) -> Result<(), Error> {
    world.store.put_attempt(&job(), &owner(), number, secret, at(0)).await
}

async fn accept(world: &World, secret: &str, request: Option<&str>) -> Accept {
    world.store.accept_transcription(&job(), secret, request, at(1)).await.unwrap()
}

#[tokio::test]
async fn the_believed_attempt_stays_believed_until_its_result_is_stored() {
    let world = world();
    attempt(&world, 1, "s1").await.unwrap();
    world.store.note_submitted(&job(), 1, "r1").await.unwrap();
    assert_eq!(accept(&world, "s1", Some("r1")).await, Accept::Accepted(owner()));
    assert_eq!(
        accept(&world, "s1", Some("r1")).await,
        Accept::Accepted(owner()),
        "the first delivery may have died"
    );
    world.store.close_transcription(&job(), at(2)).await.unwrap();
    world.store.close_transcription(&job(), at(3)).await.unwrap();
    assert_eq!(accept(&world, "s1", Some("r1")).await, Accept::Closed(owner()));
}

#[tokio::test]
async fn of_two_attempts_the_first_callback_wins() {
    let world = world();
    attempt(&world, 1, "s1").await.unwrap();
    attempt(&world, 2, "s2").await.unwrap();
    let store = world.store.clone();
    let answers = race(move |caller| {
        let (store, secret) = (store.clone(), if caller % 2 == 0 { "s1" } else { "s2" });
        async move { (secret, store.accept_transcription(&job(), secret, None, at(1)).await.unwrap()) }
    })
    .await;
    let believed = |secret| {
        let of = answers.iter().filter(|answer| answer.0 == secret);
        of.map(|answer| answer.1 == Accept::Accepted(owner())).collect::<std::collections::HashSet<_>>()
    };
    let (first, second) = (believed("s1"), believed("s2"));
    assert_eq!((first.len(), second.len()), (1, 1), "all callbacks of an attempt are treated alike");
    assert_ne!(first, second, "and one attempt is believed");
}

#[tokio::test]
async fn a_callback_without_the_secret_or_with_another_request_is_unknown() {
    let world = world();
    assert_eq!(accept(&world, "s1", None).await, Accept::Unknown);
    attempt(&world, 1, "s1").await.unwrap();
    world.store.note_submitted(&job(), 1, "r1").await.unwrap();
    assert_eq!(accept(&world, "wrong", Some("r1")).await, Accept::Unknown);
    assert_eq!(accept(&world, "s1", Some("other")).await, Accept::Unknown);
    let month = 30 * 24 * 3_600_000;
    let late = world.store.accept_transcription(&job(), "s1", None, at(month)).await.unwrap();
    assert_eq!(late, Accept::Unknown);
}

#[tokio::test]
async fn a_callback_that_overtakes_the_engines_answer_is_believed() {
    let world = world();
    attempt(&world, 1, "s1").await.unwrap();
    assert_eq!(accept(&world, "s1", Some("r1")).await, Accept::Accepted(owner()));
    world.store.note_submitted(&job(), 1, "r1").await.unwrap();
    assert_eq!(accept(&world, "s1", Some("r1")).await, Accept::Accepted(owner()));
}

#[tokio::test]
async fn attempts_are_numbered_one_after_the_other() {
    let world = world();
    assert!(matches!(attempt(&world, 2, "s2").await, Err(Error::Conflict)));
    attempt(&world, 1, "s1").await.unwrap();
    attempt(&world, 1, "s1").await.unwrap();
    assert!(matches!(attempt(&world, 1, "other").await, Err(Error::Conflict)));
    let store = world.store.clone();
    let answers = race(move |caller| {
        let store = store.clone();
        async move { store.put_attempt(&job(), &owner(), 2, &format!("s{caller}"), at(0)).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    let attempts = world.store.attempts(&alice(), &job()).await.unwrap();
    assert_eq!(attempts.iter().map(|attempt| attempt.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(world.store.attempts(&bob(), &job()).await.unwrap(), []);
    let stolen = TranscriptionOwner { user: bob(), ..owner() };
    assert!(matches!(world.store.put_attempt(&job(), &stolen, 3, "s", at(0)).await, Err(Error::Conflict)));
}

#[tokio::test]
async fn of_many_first_attempts_one_counts() {
    let world = world();
    let store = world.store.clone();
    let answers = race(move |caller| {
        let store = store.clone();
        async move { store.put_attempt(&job(), &owner(), 1, &format!("s{caller}"), at(0)).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "no secret is overwritten");
}

#[tokio::test]
async fn nothing_is_closed_that_was_not_believed() {
    let world = world();
    assert!(matches!(world.store.close_transcription(&job(), at(0)).await, Err(Error::Missing)));
    attempt(&world, 1, "s1").await.unwrap();
    assert!(matches!(world.store.close_transcription(&job(), at(0)).await, Err(Error::Missing)));
    assert!(matches!(world.store.note_submitted(&job(), 2, "r").await, Err(Error::Missing)));
}
