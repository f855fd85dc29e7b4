//! A calendar is watched, its owner changes an event, Google says so, it is looked at, then all of it is paused: with every exchange
//! going wrong in every way, the change is told once, and in the end nobody watches.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::Tier;
use http::{Method, StatusCode};
use runtime::App;
use serde_json::{Value, json};

use super::calendar_flow::{by_hand, plan, sync, task};
use super::invariants::{nothing_leaks, nothing_malformed, nothing_stuck};
use super::{harm_each, in_virtual_time};
use crate::calendar::events;
use crate::support::fate::Harm;
use crate::support::logs::Logs;
use crate::support::{World, get, send_json};

/// The jobs that told of a change by hand.
async fn told(world: &World) -> usize {
    let list = world.insist(api::routes, || get(world, "alice", "/v1/jobs")).await.json();
    let is_told = |job: &&Value| job["status"] == "succeeded" && job["result"]["conflicts"][0]["id"] == "a";
    list["items"].as_array().unwrap().iter().filter(is_told).count()
}

async fn run(seed: u64, harm: BTreeMap<usize, Harm>) -> Vec<String> {
    let logs = Logs::default();
    let guard = logs.collect(tracing::Level::INFO);
    let world = World::new(seed, harm);
    let raise = async |app: Arc<App>| {
        app.store.set_tier(&"alice".parse().unwrap(), Tier::Agency, app.clock.now()).await.is_ok()
    };
    while world.invoke("raise", "raise".to_owned(), None, raise).await != Some(true) {}
    world.connect_google("alice", "google-calendar").await;
    sync(&world, &plan(&[task("a", "A", "01")]), "first").await;
    world.pass_minutes(1).await;
    by_hand(&world, "A", Some(&json!({"summary": "Mine"})));
    world.pass_minutes(1).await;
    for _ in 0..20 {
        if told(&world).await > 0 {
            break;
        }
        world.pass_minutes(1).await;
    }
    let pause = || {
        let (path, body) = ("/v1/connections/google-calendar", json!({"sync_enabled": false}));
        send_json(&world, "alice", Method::PATCH, path, None, &body)
    };
    assert_eq!(world.insist(api::routes, pause).await.status, StatusCode::OK);
    world.pass_minutes(1).await;
    let exchanges = world.fate.relent();
    world.pass_minutes(6).await;

    assert_eq!(told(&world).await, 1, "{}", exchanges.join("\n"));
    let titles: Vec<_> = events(&world).into_iter().map(|event| event.summary).collect();
    assert_eq!(titles, ["Mine"]);
    let living = world.providers.lock().unwrap().google.simulator.channels(world.now());
    assert_eq!(living, [], "{}", exchanges.join("\n"));
    nothing_stuck(&world);
    nothing_leaks(&world, &logs);
    nothing_malformed(&world);
    drop(guard);
    exchanges
}

/// Where the event was made.
fn the_end_of_the_sync(exchanges: &[String]) -> usize {
    exchanges.iter().position(|exchange| exchange.ends_with("/events")).unwrap() + 2
}

#[test]
fn undisturbed_a_change_takes_a_look_and_a_job() {
    let log = in_virtual_time(run(1, BTreeMap::new()));
    let calls =
        log.iter().filter(|line| line.contains(" /calendar/")).map(|line| line.rsplit('/').next().unwrap());
    // Made, looked at, watched; looked at since Google said so, and by the job; closed.
    let expected = ["events", "events", "watch", "events", "events", "stop"];
    assert_eq!(calls.collect::<Vec<_>>(), expected, "{}", log.join("\n"));
}

#[test]
fn every_exchange_of_a_watched_calendar_may_be_the_last_of_its_function_or_stay_unanswered() {
    harm_each([Harm::KillAfter, Harm::LoseAnswer], the_end_of_the_sync, run);
}
