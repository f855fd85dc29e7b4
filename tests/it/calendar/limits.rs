//! As fast as Google allows, and as long as it takes.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::Tier;
use http::{Method, StatusCode};
use serde_json::json;
use simulators::faults::{Fault, FaultKind};

use super::{
    CALENDAR, ask, automatic, by_hand, calls, conflicts, events, exchanges, job, over, plan, put, ready, sync,
};
use crate::support::{Browser, World, authorized, get, send_json};

#[tokio::test(start_paused = true)]
async fn two_thousand_events_are_each_made_once_within_googles_limits() {
    let world = ready().await;
    let task = |number: usize| json!({"id": format!("t{number}"), "title": format!("Task {number}"), "schedule": {"date": "2026-11-23"}});
    let tasks: Vec<_> = (0..2_000).map(task).collect();
    put(&world, &json!({"title": "Long", "modules": [{"id": "m", "title": "All", "tasks": tasks}]})).await;
    let answer = ask(&world, "long", &json!({})).await;
    let job = over(&world, answer.json()["id"].as_str().unwrap()).await;
    assert_eq!(
        (&job["status"], &job["progress"]),
        (&json!("succeeded"), &json!({"done": 2000, "total": 2000, "unit": "events"})),
        "{job}"
    );
    let titles: BTreeSet<_> = events(&world).into_iter().map(|event| event.summary).collect();
    assert_eq!(titles.len(), 2_000);
    assert_eq!(calls(&world).len(), 2_000, "no call was refused");
}

#[tokio::test(start_paused = true)]
async fn a_calendar_that_is_gone_is_waited_for_and_nothing_is_taken_for_deleted() {
    let world = ready().await;
    let study = by_hand(&world, |google, _| google.calendar_id("Alice", "Study")).unwrap();
    put(&world, &plan(3)).await;
    let body = json!({ "calendar_id": study });
    let answer = ask(&world, "first", &body).await;
    assert_eq!(over(&world, answer.json()["id"].as_str().unwrap()).await["status"], "succeeded");
    let mut changed = plan(4);
    changed["modules"][0]["tasks"][0]["title"] = json!("Other");
    put(&world, &changed).await;
    by_hand(&world, |google, _| google.person_removes_calendar(&study));
    let answer = ask(&world, "second", &body).await;
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    world.drain().await;
    let waiting = job(&world, &id).await;
    assert_eq!(
        (&waiting["status"], &waiting["error"]["code"]),
        (&json!("waiting"), &json!("target_not_found")),
        "{waiting}"
    );
    let request = authorized(&world, "alice", Method::DELETE, "/v1/connections/google-calendar");
    assert_eq!(world.send(api::routes, request).await.status, StatusCode::NO_CONTENT);
    assert_eq!(over(&world, &id).await["status"], "cancelled");
}

#[tokio::test(start_paused = true)]
async fn a_calendar_that_may_only_be_read_is_told_at_once() {
    let world = ready().await;
    put(&world, &plan(1)).await;
    let holidays = by_hand(&world, |google, _| google.calendar_id("Alice", "Holidays")).unwrap();
    let answer = ask(&world, "k", &json!({ "calendar_id": holidays })).await;
    let job = over(&world, answer.json()["id"].as_str().unwrap()).await;
    assert_eq!(
        (&job["status"], &job["error"]["code"]),
        (&json!("failed"), &json!("insufficient_scope")),
        "{job}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_google_lowers_is_kept_to_soon() {
    let world = ready().await;
    put(&world, &plan(300)).await;
    world.limit_google(|limits| limits.units_per_minute = 60);
    let answer = ask(&world, "k", &json!({})).await;
    let job = over(&world, answer.json()["id"].as_str().unwrap()).await;
    assert_eq!(job["status"], "succeeded", "{job}");
    assert_eq!(events(&world).len(), 300);
    let refused = exchanges(&world).iter().filter(|(_, status)| *status == 403).count();
    assert!((1..=30).contains(&refused), "once in ten seconds of the five minutes that it takes: {refused}");
}

/// Google takes no new events any more, since there were too many.
fn exceed(world: &World) {
    world.limit_google(|limits| limits.usage_limit_reached = true);
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_not_over_soon_is_told_at_once_and_not_knocked_at() {
    let world = ready().await;
    put(&world, &plan(3)).await;
    exceed(&world);
    let answer = ask(&world, "k", &json!({})).await;
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    world.drain().await;
    let failed = job(&world, &id).await;
    assert_eq!(
        (&failed["status"], &failed["error"]["code"]),
        (&json!("failed"), &json!("provider_failed")),
        "{failed}"
    );
    world.pass_minutes(30).await;
    assert_eq!(exchanges(&world), [("POST".to_owned(), 403)], "asked once");
    world.limit_google(|limits| limits.usage_limit_reached = false);
    sync(&world).await;
    assert_eq!(events(&world).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_not_over_soon_is_met_once_a_day_by_what_goes_on_by_itself() {
    let world = ready().await;
    automatic::set_tier(&world, Tier::Pro).await;
    put(&world, &plan(2)).await;
    sync(&world).await;
    calls(&world);
    exceed(&world);
    put(&world, &plan(4)).await;
    world.pass_minutes(8 * 60).await;
    assert_eq!(calls(&world), ["GET", "GET", "POST"], "a look, and a job that looks and fails");
    let told = automatic::jobs(&world).await;
    assert_eq!((told.len(), &told[0]["error"]["code"]), (2, &json!("provider_failed")), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn the_calendar_of_the_settings_is_the_one_unless_another_is_named() {
    let world = ready().await;
    let study = by_hand(&world, |google, _| google.calendar_id("Alice", "Study")).unwrap();
    let settings = json!({"settings": {"calendar_id": study}});
    let path = "/v1/connections/google-calendar";
    let answer =
        world.send(api::routes, send_json(&world, "alice", Method::PATCH, path, None, &settings)).await;
    assert!(answer.status.is_success(), "{answer:?}");
    put(&world, &plan(2)).await;
    let job = sync(&world).await;
    assert_eq!(job["result"]["calendar_id"], study);
    assert!(events(&world).is_empty());
    let made = by_hand(&world, |google, _| google.events(&study).len());
    assert_eq!(made, 2);
    let answer = ask(&world, "other", &json!({ "calendar_id": CALENDAR })).await;
    over(&world, answer.json()["id"].as_str().unwrap()).await;
    assert_eq!(events(&world).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_sync_whose_account_must_be_connected_again_goes_on_as_soon_as_it_is() {
    let world = ready().await;
    put(&world, &plan(2)).await;
    let answer = ask(&world, "k", &json!({})).await;
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    by_hand(&world, |google, _| google.person_withdraws_access("Alice"));
    world.drain().await;
    let waiting = job(&world, &id).await;
    assert_eq!(
        (&waiting["status"], &waiting["error"]["code"]),
        (&json!("waiting"), &json!("needs_reauth")),
        "{waiting}"
    );
    world.connect_google("alice", "google-calendar").await;
    world.sweep().await;
    world.drain().await;
    assert_eq!(job(&world, &id).await["status"], "succeeded");
    assert_eq!(events(&world).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_done_in_another_account_that_is_connected_meanwhile() {
    let world = ready().await;
    put(&world, &plan(2)).await;
    sync(&world).await;
    put(&world, &plan(3)).await;
    let before = events(&world);
    // Google takes its time to say that it does not know the old token any more.
    by_hand(&world, |google, _| google.person_withdraws_access("Alice"));
    let slow = Fault { delay_ms: Some(5_000), ..Fault::new(FaultKind::DelayMs) };
    world.providers.lock().unwrap().google.fail(slow.on("GET", "/calendar/")).unwrap();
    let answer = ask(&world, "k", &json!({})).await;
    let other = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let mut browser = Browser { person: Some("Bob"), ..Browser::default() };
        browser.connect_to(&world, "alice", "google-calendar").await;
    };
    tokio::join!(world.drain(), other);
    let job = over(&world, answer.json()["id"].as_str().unwrap()).await;
    assert_eq!(
        (&job["status"], &job["error"]["code"]),
        (&json!("cancelled"), &json!("not_connected")),
        "{job}"
    );
    let bobs = world.providers.lock().unwrap().google.simulator.events("bob@example.com");
    assert!(bobs.iter().all(|event| !event.summary.starts_with("Task")), "{bobs:?}");
    world.connect_google("alice", "google-calendar").await;
    assert_eq!(conflicts(&sync(&world).await), [], "nobody deleted anything");
    assert_eq!((before.len(), events(&world).len()), (2, 3));
}

#[tokio::test(start_paused = true)]
async fn syncs_are_not_counted_as_exports() {
    let world = ready().await;
    put(&world, &plan(1)).await;
    for _ in 0..3 {
        sync(&world).await;
    }
    let usage = world.send(api::routes, get(&world, "alice", "/v1/usage")).await.json();
    assert_eq!(usage["exports"], json!({"used": 0, "held": 0, "limit": 2}));
}
