//! Leases and their fences.

use std::time::Duration;

use domain::ProviderId;
use store::{Acquire, Error, Lease, LeaseName};

use crate::world::{World, alice, at, bob, race, world};

const TTL: Duration = Duration::from_secs(70);

fn name() -> LeaseName {
    LeaseName::connection(&alice(), ProviderId::Notion)
}

async fn held(world: &World, owner: &str, ms: i64) -> Lease {
    match world.store.acquire_lease(&name(), owner, TTL, at(ms)).await.unwrap() {
        Acquire::Held(lease) => lease,
        other @ Acquire::Busy { .. } => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn of_many_exactly_one_gets_the_lease() {
    let world = world();
    let store = world.store.clone();
    let answers = race(move |caller| {
        let store = store.clone();
        async move { store.acquire_lease(&name(), &caller.to_string(), TTL, at(0)).await.unwrap() }
    })
    .await;
    let busy = Acquire::Busy { until: at(70_000) };
    assert_eq!(answers.iter().filter(|answer| **answer == busy).count(), 49);
}

#[tokio::test]
async fn the_fence_grows_for_ever() {
    let world = world();
    let first = held(&world, "a", 0).await;
    world.store.release_lease(&first).await.unwrap();
    let second = held(&world, "a", 1).await;
    let third = held(&world, "b", 70_001).await;
    assert_eq!([first.fence, second.fence, third.fence], [1, 2, 3]);
}

#[tokio::test]
async fn a_lost_lease_can_neither_be_extended_nor_given_back() {
    let world = world();
    let lost = held(&world, "a", 0).await;
    let heir = held(&world, "a", 70_000).await;
    assert!(matches!(world.store.renew_lease(&lost, TTL, at(70_001)).await, Err(Error::Conflict)));
    world.store.release_lease(&lost).await.unwrap();
    let busy = world.store.acquire_lease(&name(), "c", TTL, at(70_002)).await.unwrap();
    assert_eq!(busy, Acquire::Busy { until: heir.until });
    world.store.release_lease(&heir).await.unwrap();
    assert!(matches!(world.store.renew_lease(&heir, TTL, at(70_003)).await, Err(Error::Conflict)));
}

#[tokio::test]
async fn a_holder_extends_the_lease() {
    let world = world();
    let lease = held(&world, "a", 0).await;
    let renewed = world.store.renew_lease(&lease, TTL, at(20_000)).await.unwrap();
    assert_eq!((renewed.fence, renewed.until), (lease.fence, at(90_000)));
    let busy = world.store.acquire_lease(&name(), "b", TTL, at(89_999)).await.unwrap();
    assert_eq!(busy, Acquire::Busy { until: at(90_000) });
}

#[tokio::test]
async fn leases_of_different_names_do_not_meet() {
    let world = world();
    let (job, odd) = ("j".parse().unwrap(), "alice#notion".parse().unwrap());
    for name in [
        name(),
        LeaseName::connection(&bob(), ProviderId::Notion),
        LeaseName::connection(&alice(), ProviderId::Zoom),
        LeaseName::job(&alice(), &job),
        LeaseName::job(&odd, &job),
        LeaseName::task("sweep"),
        LeaseName::task("job#alice#j"),
    ] {
        let acquired = world.store.acquire_lease(&name, "a", TTL, at(0)).await.unwrap();
        assert!(matches!(acquired, Acquire::Held(_)), "{name:?}");
    }
}
