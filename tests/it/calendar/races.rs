//! What arrives late, and what people do between our look and our write.

use std::collections::BTreeMap;

use serde_json::json;
use simulators::Fault;
use simulators::faults::FaultKind;

use super::{ask, events, plan, put, ready_in, sync};
use crate::support::World;
use crate::support::fate::Harm;

const EVENTS: &str = "/calendar/v3/calendars/primary/events";

/// The exchanges in which an event was to be made.
fn inserts(world: &World) -> Vec<usize> {
    let log = world.fate.log();
    let inserts = log.iter().zip(1..).filter(|(line, _)| line.contains(&format!("POST {EVENTS}")));
    inserts.map(|(_, exchange)| exchange).collect()
}

/// Google takes no new event for some minutes, until the last of fifteen tries.
async fn after_an_outage(harm: BTreeMap<usize, Harm>) -> World {
    let world = ready_in(World::new(1, harm)).await;
    put(&world, &plan(1)).await;
    let outage = Fault::new(FaultKind::Status).on("POST", EVENTS).times(14).answering(503, json!({}));
    world.providers.lock().unwrap().google.fail(outage).unwrap();
    ask(&world, "first", &json!({})).await;
    while inserts(&world).len() < 15 {
        world.pass_minutes(1).await;
    }
    world
}

#[tokio::test(start_paused = true)]
async fn an_event_that_comes_late_after_an_outage_goes_with_its_task() {
    let last = inserts(&after_an_outage(BTreeMap::new()).await)[14];
    let world = after_an_outage(BTreeMap::from([(last, Harm::Stray)])).await;
    assert!(events(&world).is_empty(), "it is still on its way");
    put(&world, &plan(0)).await;
    sync(&world).await;
    world.pass_minutes(2).await;
    assert_eq!(events(&world), [], "nobody wants it any more");
}
