//! What arrives late, and what people do between our look and our write.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};
use simulators::Fault;
use simulators::faults::FaultKind;

use super::edits::leaves;
use super::{
    CALENDAR, ask, by_hand, conflicts, event, events, exchanges, job, over, plan, put, ready, ready_in, sync,
};
use crate::support::fate::Harm;
use crate::support::{World, get};

const EVENTS: &str = "/calendar/v3/calendars/primary/events";

/// The exchanges in which events were to be written by such a call.
fn writes(world: &World, method: &Method) -> Vec<usize> {
    let log = world.fate.log();
    let writes = log.iter().zip(1..).filter(|(line, _)| line.contains(&format!("{method} {EVENTS}")));
    writes.map(|(_, exchange)| exchange).collect()
}

/// Google takes no new event for some minutes, until the last of fifteen tries.
async fn after_an_outage(harm: BTreeMap<usize, Harm>) -> World {
    let world = ready_in(World::new(1, harm)).await;
    put(&world, &plan(1)).await;
    let outage = Fault::new(FaultKind::Status).on("POST", EVENTS).times(14).answering(503, json!({}));
    world.providers.lock().unwrap().google.fail(outage).unwrap();
    ask(&world, "first", &json!({})).await;
    while writes(&world, &Method::POST).len() < 15 {
        world.pass_minutes(1).await;
    }
    world
}

#[tokio::test(start_paused = true)]
async fn an_event_that_comes_late_after_an_outage_goes_with_its_task() {
    let last = writes(&after_an_outage(BTreeMap::new()).await, &Method::POST)[14];
    let world = after_an_outage(BTreeMap::from([(last, Harm::Stray)])).await;
    assert!(events(&world).is_empty(), "it is still on its way");
    put(&world, &plan(0)).await;
    sync(&world).await;
    world.pass_minutes(2).await;
    assert_eq!(events(&world), [], "nobody wants it any more");
}

/// A sync of what was renamed is begun; its job's id.
async fn renaming(world: World) -> (World, String) {
    let world = renamed_in(world).await;
    let answer = ask(&world, "renaming", &json!({})).await;
    world.drain().await;
    (world, answer.json()["id"].as_str().unwrap().to_owned())
}

#[tokio::test(start_paused = true)]
async fn an_event_that_somebody_deletes_while_nobody_takes_over_from_the_dead_stays_deleted() {
    let rename = writes(&renaming(World::calm()).await.0, &Method::PUT)[0];
    let (world, id) = renaming(World::new(1, BTreeMap::from([(rename, Harm::KillBefore)]))).await;
    assert_eq!(job(&world, &id).await["status"], "running");
    let deleted = event(&world, "Task 0").id;
    by_hand(&world, |google, now| assert!(google.person_deletes_event(CALENDAR, &deleted, now)));
    let mut other = plan(2);
    other["modules"][0]["tasks"].as_array_mut().unwrap().remove(0);
    put(&world, &other).await;
    let job = over(&world, &id).await;
    assert_eq!(conflicts(&job), [("t0".to_owned(), "deleted_in_calendar".to_owned())]);
    put(&world, &plan(2)).await;
    sync(&world).await;
    let titles: Vec<_> = events(&world).into_iter().map(|event| event.summary).collect();
    assert_eq!(titles, ["Task 1"], "the plan has the other one again, and its event was deleted");
}

/// The same, but renaming fails twice, and a third time with this harm, after so many other requests.
async fn renaming_late(requests: usize, harm: BTreeMap<usize, Harm>) -> (World, String) {
    let world = World::new(1, harm);
    for _ in 0..requests {
        world.send(api::routes, get(&world, "alice", "/v1/usage")).await;
    }
    let outage = Fault::new(FaultKind::Status).on("PUT", EVENTS).times(2).answering(503, json!({}));
    world.providers.lock().unwrap().google.fail(outage).unwrap();
    Box::pin(renaming(world)).await
}

#[tokio::test(start_paused = true)]
async fn a_change_that_arrives_late_does_not_outlast_a_plan_that_went_back_on_it() {
    // Each is on its way for another while, up to a minute.
    for requests in 0..20 {
        let last = writes(&renaming_late(requests, BTreeMap::new()).await.0, &Method::PUT)[2];
        let (world, id) = renaming_late(requests, BTreeMap::from([(last, Harm::Stray)])).await;
        assert_eq!(job(&world, &id).await["status"], "waiting");
        put(&world, &plan(2)).await;
        assert_eq!(over(&world, &id).await["status"], "succeeded");
        world.pass_minutes(1).await;
        let titles: Vec<_> = events(&world).into_iter().map(|event| event.summary).collect();
        assert_eq!(titles, ["Task 0", "Task 1"]);
    }
}

/// Alice works on an event right before each of the next writes of a method arrives: so often, each time otherwise.
fn edit_before(
    world: &World,
    method: Method,
    title: &str,
    times: u32,
    by: impl Fn(u32) -> Value + Send + 'static,
) {
    let (id, mut edits) = (event(world, title).id, 0);
    world.before_each(method, move |google, now| {
        if edits < times {
            edits += 1;
            assert!(google.person_edits_event(CALENDAR, &id, &by(edits), now));
        }
    });
}

fn answered(expected: &[(&str, u16)]) -> Vec<(String, u16)> {
    expected.iter().map(|(method, status)| ((*method).to_owned(), *status)).collect()
}

/// A plan of two tasks that was synced; then the second is renamed and described anew.
async fn renamed_in(world: World) -> World {
    let world = ready_in(world).await;
    let mut plan = plan(2);
    put(&world, &plan).await;
    sync(&world).await;
    plan["modules"][0]["tasks"][1]["title"] = json!("Renamed");
    plan["modules"][0]["tasks"][1]["description"] = json!("More.");
    put(&world, &plan).await;
    exchanges(&world);
    world
}

async fn renamed() -> World {
    renamed_in(World::calm()).await
}

#[tokio::test(start_paused = true)]
async fn what_somebody_changes_between_look_and_write_stays_and_the_rest_is_written() {
    let world = renamed().await;
    edit_before(&world, Method::PUT, "Task 1", 1, |_| json!({"summary": "Mine", "location": "Library"}));
    let job = sync(&world).await;
    let expected = [("GET", 200), ("PUT", 412), ("GET", 200), ("PUT", 200)];
    assert_eq!(exchanges(&world), answered(&expected));
    assert_eq!(conflicts(&job), [("t1".to_owned(), "edited_in_calendar".to_owned())]);
    let shown = event(&world, "Mine");
    assert_eq!((shown.description.as_str(), &shown.more["location"]), ("More.", &json!("Library")));
}

#[tokio::test(start_paused = true)]
async fn whoever_changes_an_event_before_each_of_five_tries_is_left_alone_for_a_while() {
    let world = renamed().await;
    edit_before(&world, Method::PUT, "Task 1", 5, |number| json!({"location": format!("Room {number}")}));
    let answer = ask(&world, "busy", &json!({})).await;
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    world.drain().await;
    assert_eq!(job(&world, &id).await["status"], "waiting");
    let again = [("GET", 200), ("PUT", 412)];
    assert_eq!(exchanges(&world), answered(&again.repeat(5)), "the first look is the list");
    assert_eq!(over(&world, &id).await["status"], "succeeded");
    assert_eq!(exchanges(&world), answered(&[("GET", 200), ("GET", 200), ("PUT", 200)]));
    let shown = event(&world, "Renamed");
    assert_eq!((shown.description.as_str(), &shown.more["location"]), ("More.", &json!("Room 5")));
}

#[tokio::test(start_paused = true)]
async fn an_event_that_somebody_changes_right_before_it_is_removed_is_kept() {
    for by in [json!({"summary": "Mine"}), json!({"location": "Library"})] {
        let world = renamed().await;
        put(&world, &plan(1)).await;
        edit_before(&world, Method::DELETE, "Task 1", 1, move |_| by.clone());
        let job = sync(&world).await;
        assert_eq!(exchanges(&world), answered(&[("GET", 200), ("DELETE", 412), ("GET", 200)]));
        assert_eq!(conflicts(&job), [("t1".to_owned(), "kept_for_edits".to_owned())]);
        assert_eq!(events(&world).len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_not_shown_for_a_moment_is_not_taken_for_deleted() {
    let world = ready().await;
    put(&world, &plan(2)).await;
    sync(&world).await;
    sync(&world).await;
    let long_ago =
        json!({"start": {"dateTime": "2020-01-01T19:00:00Z"}, "end": {"dateTime": "2020-01-01T20:00:00Z"}});
    for event in events(&world) {
        by_hand(&world, |google, now| {
            assert!(google.person_edits_event(CALENDAR, &event.id, &long_ago, now));
        });
    }
    by_hand(&world, |google, _| google.forget_deleted_events());
    let hidden = Fault::new(FaultKind::Status).on("GET", &format!("{EVENTS}/")).answering(404, json!({}));
    world.providers.lock().unwrap().google.fail(hidden).unwrap();
    leaves(&sync(&world).await, &[("t0", "edited_in_calendar"), ("t1", "edited_in_calendar")]);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_not_shown_for_a_moment_when_it_is_deleted_goes_with_its_task() {
    let world = ready().await;
    put(&world, &plan(2)).await;
    sync(&world).await;
    put(&world, &plan(1)).await;
    let gone = Fault::new(FaultKind::Status).on("DELETE", EVENTS).answering(404, json!({}));
    world.providers.lock().unwrap().google.fail(gone).unwrap();
    sync(&world).await;
    assert_eq!(events(&world).len(), 1, "nobody wants it any more");
}
