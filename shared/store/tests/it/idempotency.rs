//! The same request once.

use std::time::Duration;

use store::{Begin, Claim, Error, IdempotencyKey, StoredResponse};

use crate::world::{World, alice, at, bob, race, world};

const MINUTE: Duration = Duration::from_mins(1);
const DAYS_30: i64 = 30 * 24 * 3_600_000;

fn key() -> IdempotencyKey {
    IdempotencyKey { user: alice(), operation: "create_ticket".into(), key: "k".into() }
}

fn response() -> StoredResponse {
    StoredResponse {
        status: 201,
        headers: vec![("location".into(), "/x".into())],
        body: "{\"page\":1}".into(),
    }
}

async fn begin(world: &World, hash: &str, owner: &str, ms: i64) -> Begin {
    world.store.begin(&key(), hash, owner, MINUTE, at(ms)).await.unwrap()
}

async fn started(world: &World, owner: &str, ms: i64) -> Claim {
    match begin(world, "hash", owner, ms).await {
        Begin::Started(claim) => claim,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn of_many_at_once_exactly_one_starts() {
    let world = world();
    let store = world.store.clone();
    let answers = race(move |caller| {
        let store = store.clone();
        async move { store.begin(&key(), "hash", &caller.to_string(), MINUTE, at(0)).await.unwrap() }
    })
    .await;
    let (started, others): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| matches!(answer, Begin::Started(_)));
    assert_eq!(started.len(), 1);
    assert!(others.iter().all(|answer| *answer == Begin::InProgress { until: at(60_000) }));
}

#[tokio::test]
async fn the_first_answer_is_given_again_for_thirty_days() {
    let world = world();
    let claim = started(&world, "a", 0).await;
    assert!(!claim.resumed);
    world.store.complete(&claim, &response(), at(10)).await.unwrap();
    assert_eq!(begin(&world, "hash", "b", 20).await, Begin::Replay(response()));
    assert_eq!(begin(&world, "other", "b", 20).await, Begin::Mismatch);
    assert_eq!(begin(&world, "hash", "b", DAYS_30 - 1_000).await, Begin::Replay(response()));
    let Begin::Started(again) = begin(&world, "other", "b", DAYS_30).await else {
        panic!("its time is over")
    };
    assert!(!again.resumed);
}

#[tokio::test]
async fn whoever_takes_over_from_the_dead_is_told_so() {
    let world = world();
    let dead = started(&world, "a", 0).await;
    assert_eq!(begin(&world, "hash", "b", 59_999).await, Begin::InProgress { until: at(60_000) });
    assert_eq!(begin(&world, "other", "b", 60_000).await, Begin::Mismatch);
    let heir = started(&world, "b", 60_000).await;
    assert!(heir.resumed && heir.fence > dead.fence);

    assert!(matches!(world.store.complete(&dead, &response(), at(60_001)).await, Err(Error::Conflict)));
    world.store.release(&dead).await.unwrap();
    assert!(matches!(begin(&world, "hash", "c", 60_002).await, Begin::InProgress { .. }));

    world.store.complete(&heir, &response(), at(60_003)).await.unwrap();
    assert!(matches!(world.store.complete(&dead, &response(), at(60_004)).await, Err(Error::Conflict)));
    world.store.release(&dead).await.unwrap();
    world.store.release(&heir).await.unwrap();
    assert_eq!(begin(&world, "hash", "c", 60_005).await, Begin::Replay(response()));
}

#[tokio::test]
async fn a_slow_owner_with_the_same_name_is_still_fenced_off() {
    let world = world();
    let slow = started(&world, "a", 0).await;
    let same_name = started(&world, "a", 60_000).await;
    assert!(matches!(world.store.complete(&slow, &response(), at(60_001)).await, Err(Error::Conflict)));
    world.store.complete(&same_name, &response(), at(60_002)).await.unwrap();
}

#[tokio::test]
async fn a_released_request_may_run_again_and_no_other_may_take_its_key() {
    let world = world();
    let claim = started(&world, "a", 0).await;
    world.store.release(&claim).await.unwrap();
    assert_eq!(begin(&world, "other", "b", 1).await, Begin::Mismatch);
    let again = started(&world, "b", 1).await;
    assert!(!again.resumed);
    assert!(matches!(world.store.complete(&claim, &response(), at(2)).await, Err(Error::Conflict)));
}

#[tokio::test]
async fn an_interrupted_start_is_remembered_through_a_release() {
    let world = world();
    started(&world, "dead", 0).await;
    let heir = started(&world, "b", 60_000).await;
    world.store.release(&heir).await.unwrap();
    assert!(started(&world, "c", 60_001).await.resumed);
}

#[tokio::test]
async fn keys_of_other_users_and_operations_are_other_keys() {
    let world = world();
    let claim = started(&world, "a", 0).await;
    world.store.complete(&claim, &response(), at(0)).await.unwrap();
    for other in [
        IdempotencyKey { user: bob(), ..key() },
        IdempotencyKey { operation: "transcribe".into(), ..key() },
        IdempotencyKey { key: "k2".into(), ..key() },
    ] {
        let begun = world.store.begin(&other, "other", "b", MINUTE, at(0)).await.unwrap();
        assert!(matches!(begun, Begin::Started(_)), "{other:?}");
    }
}

#[tokio::test]
async fn an_answer_comes_too_late_for_a_request_that_was_given_up() {
    let world = world();
    let claim = started(&world, "a", 0).await;
    world.store.release(&claim).await.unwrap();
    assert!(matches!(world.store.complete(&claim, &response(), at(1)).await, Err(Error::Conflict)));
    started(&world, "b", 2).await;
}

#[tokio::test]
async fn a_slow_owner_with_the_same_name_gives_up_nothing_of_the_next() {
    let world = world();
    let slow = started(&world, "a", 0).await;
    let next = started(&world, "a", 60_000).await;
    world.store.release(&slow).await.unwrap();
    world.store.complete(&next, &response(), at(60_001)).await.unwrap();
}
