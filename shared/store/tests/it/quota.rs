//! What may be done so many times a month.

use jiff::Timestamp;
use proptest::prelude::*;
use store::{Error, Metric, Period, Reserve, Store, Usage};

use crate::world::{World, alice, at, bob, race, world};

async fn reserve(store: &Store, operation: &str, limit: Option<u32>) -> Reserve {
    store.reserve_quota(&alice(), Metric::Exports, operation, limit, at(0)).await.unwrap()
}

async fn usage(world: &World) -> (u32, u32) {
    usage_at(world, at(0)).await
}

async fn usage_at(world: &World, now: Timestamp) -> (u32, u32) {
    let Usage { used, held } = world.store.usage(&alice(), Metric::Exports, &Period::of(now)).await.unwrap();
    (used, held)
}

#[tokio::test]
async fn of_many_at_once_exactly_as_many_as_allowed_begin() {
    let world = world();
    let store = world.store.clone();
    let answers = race(move |caller| {
        let store = store.clone();
        async move { reserve(&store, &caller.to_string(), Some(2)).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| **answer == Reserve::Held).count(), 2);
    assert_eq!(answers.iter().filter(|answer| matches!(answer, Reserve::Full(_))).count(), 48);
    assert_eq!(usage(&world).await, (0, 2));
}

#[tokio::test]
async fn one_operation_asked_for_many_times_at_once_is_one() {
    let world = world();
    let store = world.store.clone();
    let answers = race(move |_| {
        let store = store.clone();
        async move {
            let answer = reserve(&store, "one", Some(1)).await;
            store.commit_quota(&alice(), "one").await.unwrap();
            answer
        }
    })
    .await;
    assert!(answers.iter().all(|answer| matches!(answer, Reserve::Held | Reserve::Done)));
    assert_eq!(usage(&world).await, (1, 0));
    assert_eq!(reserve(&world.store, "one", Some(1)).await, Reserve::Done);
    assert_eq!(reserve(&world.store, "two", Some(1)).await, Reserve::Full(Usage { used: 1, held: 0 }));
}

#[tokio::test]
async fn what_failed_makes_room_and_may_be_tried_again() {
    let world = world();
    assert_eq!(reserve(&world.store, "one", Some(1)).await, Reserve::Held);
    assert_eq!(reserve(&world.store, "two", Some(1)).await, Reserve::Full(Usage { used: 0, held: 1 }));
    world.store.release_quota(&alice(), "one").await.unwrap();
    world.store.release_quota(&alice(), "one").await.unwrap();
    assert_eq!(usage(&world).await, (0, 0));
    assert_eq!(reserve(&world.store, "two", Some(1)).await, Reserve::Held);
    assert!(matches!(reserve(&world.store, "one", Some(1)).await, Reserve::Full(_)), "no longer reserved");
    world.store.release_quota(&alice(), "two").await.unwrap();
    assert_eq!(reserve(&world.store, "one", Some(1)).await, Reserve::Held);
}

#[tokio::test]
async fn a_success_after_the_reservation_was_given_back_counts_once() {
    let world = world();
    for operation in ["late", "next"] {
        reserve(&world.store, operation, Some(2)).await;
    }
    world.store.release_quota(&alice(), "late").await.unwrap();
    reserve(&world.store, "third", Some(2)).await;
    for _ in 0..2 {
        world.store.commit_quota(&alice(), "late").await.unwrap();
        world.store.release_quota(&alice(), "late").await.unwrap();
    }
    assert_eq!(usage(&world).await, (1, 2), "beyond the limit of two, and true");
    assert!(matches!(reserve(&world.store, "fourth", Some(2)).await, Reserve::Full(_)));
}

#[tokio::test]
async fn a_month_counts_what_was_begun_in_it() {
    let world = world();
    let (january, february) = (at(0), "2026-02-01T00:00:00Z".parse().unwrap());
    reserve(&world.store, "one", Some(1)).await;
    let next = world.store.reserve_quota(&alice(), Metric::Exports, "two", Some(1), february).await.unwrap();
    assert_eq!(next, Reserve::Held);
    world.store.commit_quota(&alice(), "one").await.unwrap();
    assert_eq!((usage_at(&world, january).await, usage_at(&world, february).await), ((1, 0), (0, 1)));
    assert_eq!(
        Period::of("2028-02-29T23:59:59.999Z".parse().unwrap()),
        Period {
            start: "2028-02-01T00:00:00Z".parse().unwrap(),
            end: "2028-03-01T00:00:00Z".parse().unwrap()
        }
    );
}

#[tokio::test]
async fn what_was_given_back_last_month_is_reserved_in_this_one() {
    let world = world();
    let february = "2026-02-01T00:00:00Z".parse().unwrap();
    reserve(&world.store, "one", Some(1)).await;
    world.store.release_quota(&alice(), "one").await.unwrap();
    let again = world.store.reserve_quota(&alice(), Metric::Exports, "one", Some(1), february).await.unwrap();
    world.store.commit_quota(&alice(), "one").await.unwrap();
    assert_eq!(
        (again, usage(&world).await, usage_at(&world, february).await),
        (Reserve::Held, (0, 0), (1, 0))
    );
}

#[tokio::test]
async fn a_lower_limit_ends_nothing_and_none_at_all_allows_nothing() {
    let world = world();
    for operation in ["1", "2", "3"] {
        assert_eq!(reserve(&world.store, operation, None).await, Reserve::Held);
    }
    world.store.commit_quota(&alice(), "1").await.unwrap();
    assert_eq!(reserve(&world.store, "4", Some(2)).await, Reserve::Full(Usage { used: 1, held: 2 }));
    world.store.commit_quota(&alice(), "2").await.unwrap();
    assert_eq!(usage(&world).await, (2, 1));
    let none = world.store.reserve_quota(&bob(), Metric::Exports, "1", Some(0), at(0)).await.unwrap();
    assert_eq!(none, Reserve::Full(Usage::default()));
    assert!(matches!(world.store.commit_quota(&bob(), "1").await, Err(Error::Missing)), "another user's");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// Against a model: a set of held and a set of done operations.
    #[test]
    fn whatever_is_said_in_whatever_order_is_counted_exactly(
        steps in proptest::collection::vec((0..3_u8, 0..6_u8), 0..40),
        limit in 0..4_u32,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = world();
            let (mut held, mut done, mut known) = (vec![], vec![], vec![]);
            for (step, operation) in steps {
                let name = operation.to_string();
                match step {
                    0 => {
                        let expected = if done.contains(&operation) {
                            Reserve::Done
                        } else if held.contains(&operation) {
                            Reserve::Held
                        } else if held.len() + done.len() < limit as usize {
                            known.push(operation);
                            held.push(operation);
                            Reserve::Held
                        } else {
                            let [used, held] = [&done, &held].map(|list| u32::try_from(list.len()).unwrap());
                            Reserve::Full(Usage { used, held })
                        };
                        assert_eq!(reserve(&world.store, &name, Some(limit)).await, expected);
                    }
                    1 => {
                        let outcome = world.store.commit_quota(&alice(), &name).await;
                        assert_eq!(outcome.is_ok(), known.contains(&operation));
                        if outcome.is_ok() && !done.contains(&operation) {
                            held.retain(|other| *other != operation);
                            done.push(operation);
                        }
                    }
                    _ => {
                        world.store.release_quota(&alice(), &name).await.unwrap();
                        held.retain(|other| *other != operation);
                    }
                }
                let expected = [&done, &held].map(|list| u32::try_from(list.len()).unwrap());
                assert_eq!(usage(&world).await, (expected[0], expected[1]));
            }
        });
    }
}
