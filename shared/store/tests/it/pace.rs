//! Pace: bursts, windows, blocks, and who goes first.

use std::sync::{Arc, OnceLock};

use aws_doubles::{Before, Call, Decision, Hook};
use domain::ProviderId;
use store::{Admit, Class, PaceKey, PacePolicy, Store};

use crate::world::{World, at, race, world, world_with};

const POLICY: PacePolicy = PacePolicy { interval_ms: 400, burst: 30 };

fn key() -> PaceKey {
    PaceKey::new(ProviderId::Notion, "connection", "bot-1")
}

async fn ask(world: &World, cost: u32, class: Class, ms: i64) -> Admit {
    world.store.admit(&key(), &POLICY, cost, class, at(ms)).await.unwrap()
}

#[tokio::test]
async fn of_many_at_once_exactly_the_burst_goes() {
    let world = world();
    let store = world.store.clone();
    let answers = race(move |_| {
        let store = store.clone();
        async move { store.admit(&key(), &POLICY, 1, Class::Interactive, at(0)).await.unwrap() }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| **answer == Admit::Go).count(), 30);
    assert!(answers.iter().all(|answer| matches!(answer, Admit::Go | Admit::Wait { .. })));
    assert_eq!(ask(&world, 1, Class::Interactive, 0).await, Admit::Wait { until: at(400) });
}

#[tokio::test]
async fn whoever_waits_as_told_goes() {
    let world = world();
    let (mut now, mut calls) = (0, 0);
    while calls < 60 {
        match ask(&world, 1, Class::Interactive, now).await {
            Admit::Go => calls += 1,
            Admit::Wait { until } => {
                now = until.duration_since(at(0)).as_millis().try_into().unwrap();
                assert_eq!(ask(&world, 1, Class::Interactive, now).await, Admit::Go);
                calls += 1;
            }
        }
    }
    assert_eq!(now, 30 * 400);
}

#[tokio::test]
async fn a_window_of_a_minute_never_sees_more_than_the_provider_allows() {
    let world = world();
    let mut gone = Vec::new();
    for now in (0..130_000).step_by(100) {
        if ask(&world, 1, Class::Interactive, now).await == Admit::Go {
            gone.push(now);
        }
    }
    let most =
        gone.iter().map(|start| gone.iter().filter(|at| (*start..*start + 60_000).contains(*at)).count());
    assert!(most.max().unwrap() <= 180);
}

#[tokio::test]
async fn bulk_work_leaves_a_third_of_the_burst_to_people() {
    let world = world();
    let mut bulk = 0;
    while ask(&world, 1, Class::Bulk, 0).await == Admit::Go {
        bulk += 1;
    }
    let mut people = 0;
    while ask(&world, 1, Class::Interactive, 0).await == Admit::Go {
        people += 1;
    }
    assert_eq!((bulk, people), (20, 10));
    assert_eq!(ask(&world, 1, Class::Bulk, 0).await, Admit::Wait { until: at(11 * 400) });
}

#[tokio::test]
async fn a_block_stops_everybody_until_its_end_and_is_never_shortened() {
    let world = world();
    world.store.block(&key(), at(60_000)).await.unwrap();
    world.store.block(&key(), at(5_000)).await.unwrap();
    for class in [Class::Interactive, Class::Bulk] {
        assert_eq!(ask(&world, 1, class, 0).await, Admit::Wait { until: at(60_000) });
        assert_eq!(ask(&world, 1, class, 59_999).await, Admit::Wait { until: at(60_000) });
    }
    assert_eq!(ask(&world, 1, Class::Bulk, 60_000).await, Admit::Go);
}

#[tokio::test]
async fn whoever_is_only_ever_stopped_asks_until_when() {
    let world = world();
    assert_eq!(world.store.blocked_until(&key(), at(0)).await.unwrap(), None);
    ask(&world, 1, Class::Interactive, 0).await;
    assert_eq!(world.store.blocked_until(&key(), at(0)).await.unwrap(), None);
    world.store.block(&key(), at(1_000)).await.unwrap();
    assert_eq!(world.store.blocked_until(&key(), at(999)).await.unwrap(), Some(at(1_000)));
    assert_eq!(world.store.blocked_until(&key(), at(1_000)).await.unwrap(), None);
}

#[tokio::test]
async fn a_block_holds_in_the_middle_of_a_burst() {
    let world = world();
    assert_eq!(ask(&world, 1, Class::Interactive, 0).await, Admit::Go);
    world.store.block(&key(), at(1_000)).await.unwrap();
    assert_eq!(ask(&world, 1, Class::Interactive, 1).await, Admit::Wait { until: at(1_000) });
}

/// Sets a block just before the third exchange.
#[derive(Default)]
struct BlockBeforeThird(OnceLock<Store>);

impl Hook for BlockBeforeThird {
    fn before<'a>(&'a self, call: &'a Call) -> Decision<'a, Before> {
        Box::pin(async {
            if call.number == 3 {
                self.0.get().unwrap().block(&key(), at(1_000)).await.unwrap();
            }
            Before::Proceed
        })
    }
}

#[tokio::test]
async fn a_block_set_between_the_two_updates_still_holds() {
    let hook = Arc::new(BlockBeforeThird::default());
    let world = world_with(hook.clone());
    hook.0.set(world.calm().0).unwrap();
    assert_eq!(ask(&world, 1, Class::Interactive, 0).await, Admit::Go);
    assert_eq!(ask(&world, 1, Class::Interactive, 0).await, Admit::Wait { until: at(1_000) });
}

#[tokio::test]
async fn a_cost_above_the_burst_passes_only_at_rest() {
    let world = world();
    assert_eq!(ask(&world, 100, Class::Interactive, 0).await, Admit::Go);
    assert_eq!(ask(&world, 100, Class::Interactive, 0).await, Admit::Wait { until: at(40_000) });
    assert_eq!(ask(&world, 100, Class::Interactive, 40_000).await, Admit::Go);
}

#[tokio::test]
async fn a_call_costs_one_or_two_writes_and_no_read() {
    let world = world();
    ask(&world, 1, Class::Interactive, 0).await;
    assert_eq!(world.aws.calls().len(), 1);
    ask(&world, 1, Class::Interactive, 0).await;
    assert_eq!(world.aws.calls().len(), 3);
    assert!(world.aws.calls().iter().all(|call| call.operation == "UpdateItem"));
}

#[tokio::test]
async fn budgets_of_different_accounts_do_not_meet() {
    let world = world();
    let once = PacePolicy { interval_ms: 1_000, burst: 1 };
    for key in [
        key(),
        PaceKey::new(ProviderId::Notion, "connection", "bot-2"),
        PaceKey::new(ProviderId::Notion, "workspace", "bot-1"),
        PaceKey::new(ProviderId::Airtable, "connection", "bot-1"),
        PaceKey::new(ProviderId::Notion, "connection#bot-1", ""),
    ] {
        assert_eq!(world.store.admit(&key, &once, 1, Class::Interactive, at(0)).await.unwrap(), Admit::Go);
    }
}
