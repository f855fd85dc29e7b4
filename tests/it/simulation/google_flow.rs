//! Connect two products of Google, work with both, disconnect one after the other: with every exchange going wrong in every
//! way, what stays connected works, and in the end nothing lives on at Google.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::Tier;
use runtime::App;

use super::invariants::{nothing_leaks, nothing_malformed, nothing_stuck};
use super::{DEATHS, LOSSES, harm_each};
use crate::google::{CALENDAR, SHEETS, connection, disconnect, try_work};
use crate::support::World;
use crate::support::fate::Harm;
use crate::support::logs::Logs;

/// Works for Alice as a queue would: again after deaths and for as long as told to wait.
async fn insist_on_work(world: &World, product: &'static str) {
    for _ in 0..20 {
        match try_work(world, product).await {
            Some(Ok(name)) => return assert_eq!(name, "alice@example.com"),
            Some(Err(problem)) if problem.code().as_str() == "needs_reauth" => {
                panic!("{product} was lost\n{}", world.fate.log().join("\n"))
            }
            Some(Err(_)) | None => tokio::time::sleep(Duration::from_secs(30)).await,
        }
    }
    panic!("no work was done\n{}", world.fate.log().join("\n"));
}

/// Puts Alice on a tier with room for both.
async fn raise(world: &World) {
    let raise = async |app: Arc<App>| {
        app.store.set_tier(&"alice".parse().unwrap(), Tier::Pro, world.now()).await.is_ok()
    };
    while world.invoke("raise", "raise".to_owned(), None, raise).await != Some(true) {}
}

async fn run(seed: u64, harm: BTreeMap<usize, Harm>) -> Vec<String> {
    let logs = Logs::default();
    let level = if harm.is_empty() { tracing::Level::DEBUG } else { tracing::Level::INFO };
    let guard = logs.collect(level);
    let world = World::new(seed, harm);
    raise(&world).await;
    world.connect_google("alice", CALENDAR).await;
    world.connect_google("alice", SHEETS).await;
    tokio::time::sleep(Duration::from_hours(2)).await;
    insist_on_work(&world, CALENDAR).await;
    insist_on_work(&world, SHEETS).await;
    disconnect(&world, SHEETS).await;
    insist_on_work(&world, CALENDAR).await;
    disconnect(&world, CALENDAR).await;
    let exchanges = world.fate.relent();
    for product in [CALENDAR, SHEETS] {
        assert_eq!(connection(&world, product).await, None);
    }
    let providers = world.providers.lock().unwrap();
    let living = providers.google.simulator.valid_refresh_tokens(world.now());
    drop(providers);
    assert_eq!(living, [""; 0], "{}", exchanges.join("\n"));
    nothing_stuck(&world);
    nothing_leaks(&world, &logs);
    nothing_malformed(&world);
    drop(guard);
    exchanges
}

#[test]
fn every_exchange_with_google_may_be_the_last_of_its_function() {
    harm_each(DEATHS, |_| 1, run);
}

#[test]
fn every_exchange_with_google_may_stay_unanswered() {
    harm_each(LOSSES, |_| 1, run);
}
