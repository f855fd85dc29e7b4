//! A calendar that was synced once stays in step by itself, for those whose tier has that.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::Tier;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{CALENDAR, by_hand, calls, conflicts, edits, event, events, plan, put, ready, ready_in, sync};
use crate::support::{World, authorized, get, send_json};

/// Alice, connected and on this tier, with a plan of so many tasks that was synced once.
async fn synced(tier: Tier, tasks: usize) -> World {
    synced_in(World::calm(), tier, tasks).await
}

pub(super) async fn synced_in(world: World, tier: Tier, tasks: usize) -> World {
    let world = ready_in(world).await;
    set_tier(&world, tier).await;
    put(&world, &plan(tasks)).await;
    sync(&world).await;
    calls(&world);
    world
}

pub(super) async fn set_tier(world: &World, tier: Tier) {
    world.instance().store.set_tier(&"alice".parse().unwrap(), tier, world.now()).await.unwrap();
}

/// Alice's jobs, newest first.
pub(super) async fn jobs(world: &World) -> Vec<Value> {
    let list = world.send(api::routes, get(world, "alice", "/v1/jobs")).await.json();
    list["items"].as_array().unwrap().clone()
}

async fn connection(world: &World) -> Value {
    world.send(api::routes, get(world, "alice", "/v1/connections/google-calendar")).await.json()
}

pub(super) async fn enable(world: &World, enabled: bool) {
    let (path, body) = ("/v1/connections/google-calendar", json!({"sync_enabled": enabled}));
    let request = send_json(world, "alice", Method::PATCH, path, None, &body);
    assert_eq!(world.send(api::routes, request).await.status, StatusCode::OK);
}

pub(super) async fn disconnect(world: &World) {
    let request = authorized(world, "alice", Method::DELETE, "/v1/connections/google-calendar");
    assert_eq!(world.send(api::routes, request).await.status, StatusCode::NO_CONTENT);
}

pub(super) async fn delete_plan(world: &World) {
    let request = authorized(world, "alice", Method::DELETE, "/v1/plans/p1");
    assert_eq!(world.send(api::routes, request).await.status, StatusCode::NO_CONTENT);
}

/// Alice renames a task's event by hand.
pub(super) fn rename(world: &World, title: &str, to: &str) {
    let id = event(world, title).id;
    let by = json!({ "summary": to });
    assert!(by_hand(world, |google, now| google.person_edits_event(CALENDAR, &id, &by, now)));
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_automatic_syncs_without_the_tier_for_them_is_told() {
    let world = ready().await;
    let change = async |body: &Value| {
        let path = "/v1/connections/google-calendar";
        world.send(api::routes, send_json(&world, "alice", Method::PATCH, path, None, body)).await
    };
    for (tier, allowed) in Tier::ALL.map(|tier| (tier, tier >= Tier::Pro)) {
        set_tier(&world, tier).await;
        assert_eq!(change(&json!({"sync_enabled": false})).await.status, StatusCode::OK, "anybody may pause");
        let answer = change(&json!({"sync_enabled": true, "settings": {"calendar_id": tier.as_str()}})).await;
        if allowed {
            assert_eq!((answer.status, &answer.json()["sync_enabled"]), (StatusCode::OK, &json!(true)));
            continue;
        }
        assert_eq!((answer.status.as_u16(), answer.code()), (403, "tier_required".into()));
        let upgrade = json!("https://app.example.com/upgrade");
        assert_eq!((&answer.json()["tier"], &answer.json()["upgrade_url"]), (&json!(tier), &upgrade));
        let now = connection(&world).await;
        assert_eq!((&now["sync_enabled"], &now["settings"]["calendar_id"]), (&json!(false), &Value::Null));
    }
}

#[tokio::test(start_paused = true)]
async fn what_changes_on_either_side_is_noticed_without_being_asked() {
    let world = synced(Tier::Pro, 3).await;
    world.pass_minutes(20).await;
    rename(&world, "Task 1", "Mine");
    let gone = event(&world, "Task 2").id;
    assert!(by_hand(&world, |google, now| google.person_deletes_event(CALENDAR, &gone, now)));
    world.pass_minutes(17).await;
    let told = jobs(&world).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!((&told[0]["kind"], &told[0]["status"]), (&json!("calendar_sync"), &json!("succeeded")));
    let expected = [("t1", "edited_in_calendar"), ("t2", "deleted_in_calendar")];
    let found: BTreeSet<_> = conflicts(&told[0]).into_iter().collect();
    assert_eq!(found, expected.map(|(id, why)| (id.to_owned(), why.to_owned())).into());

    let mut changed = plan(3);
    changed["modules"][0]["tasks"][0]["title"] = json!("Other");
    put(&world, &changed).await;
    world.pass_minutes(17).await;
    let titles: Vec<_> = events(&world).iter().map(|event| event.summary.clone()).collect();
    assert_eq!(titles, ["Mine", "Other"]);
    let told = jobs(&world).await;
    assert_eq!((told.len(), &told[0]["result"]["updated"]), (3, &json!(1)), "{told:?}");
    calls(&world);
    world.pass_minutes(60).await;
    assert_eq!(jobs(&world).await.len(), 3, "each change is told once");
}

#[tokio::test(start_paused = true)]
async fn where_nothing_changes_a_look_is_one_call_and_no_job() {
    let world = synced(Tier::Pro, 3).await;
    let before = events(&world);
    world.pass_minutes(17).await;
    assert_eq!(calls(&world), ["GET"]);
    world.pass_minutes(24 * 15).await;
    let looks = calls(&world);
    assert!((22..=24).contains(&looks.len()), "every quarter of an hour or a minute later: {looks:?}");
    assert!(looks.iter().all(|call| call == "GET"), "nothing is written: {looks:?}");
    assert_eq!(events(&world), before);
    assert_eq!(jobs(&world).await.len(), 1, "only the one that was asked for");
    let last: jiff::Timestamp = connection(&world).await["last_sync"].as_str().unwrap().parse().unwrap();
    assert!(last.duration_until(world.now()).as_mins() <= 16, "{last}");
}

#[tokio::test(start_paused = true)]
async fn what_takes_longer_than_a_look_is_finished_and_told_by_a_job() {
    let world = synced(Tier::Pro, 300).await;
    world.pass_minutes(17).await;
    edits::hide_all(&world);
    calls(&world);
    world.pass_minutes(20).await;
    let told = jobs(&world).await;
    assert_eq!((told.len(), &told[0]["status"], conflicts(&told[0]).len()), (2, &json!("succeeded"), 300));
    let (each, _) = edits::looks(&world);
    assert!(
        each.len() == 300 && each.iter().all(|looks| *looks <= 4),
        "by the look and by the job, each at most twice"
    );
    world.pass_minutes(60).await;
    assert_eq!((edits::looks(&world).0, jobs(&world).await.len()), (vec![], 2));
}

#[tokio::test(start_paused = true)]
async fn without_a_tier_that_has_it_nothing_happens_until_there_is_one() {
    for tier in [Tier::Free, Tier::Starter] {
        let world = synced(tier, 2).await;
        rename(&world, "Task 1", "Mine");
        world.pass_minutes(60).await;
        assert_eq!(calls(&world), [""; 0], "{tier}");
        set_tier(&world, Tier::Pro).await;
        world.pass_minutes(2).await;
        assert_eq!(jobs(&world).await.len(), 2, "{tier}");
        rename(&world, "Mine", "Mine again");
        set_tier(&world, tier).await;
        world.pass_minutes(2).await;
        calls(&world);
        world.pass_minutes(40).await;
        assert_eq!(calls(&world), [""; 0], "{tier}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_pauses_is_left_alone_until_they_resume() {
    let world = synced(Tier::Pro, 2).await;
    enable(&world, false).await;
    rename(&world, "Task 1", "Mine");
    let before = connection(&world).await["last_sync"].clone();
    world.pass_minutes(60).await;
    assert_eq!(calls(&world), [""; 0]);
    assert_eq!(connection(&world).await["last_sync"], before);
    enable(&world, true).await;
    world.pass_minutes(2).await;
    assert_eq!(conflicts(&jobs(&world).await[0]), [("t1".to_owned(), "edited_in_calendar".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_is_deleted_is_forgotten() {
    let world = synced(Tier::Pro, 2).await;
    delete_plan(&world).await;
    world.pass_minutes(40).await;
    assert_eq!(calls(&world), [""; 0]);
    let scheduled =
        |item: &serde_json::Map<String, Value>| item["sk"].as_str().unwrap().starts_with("SCHEDULED");
    assert!(!world.aws.items().iter().any(scheduled), "nothing is left that could become due");
    assert_eq!(events(&world).len(), 2, "what was made stays");
}

#[tokio::test(start_paused = true)]
async fn whoever_disconnects_is_left_alone_and_goes_on_with_the_same_account() {
    let world = synced(Tier::Pro, 2).await;
    disconnect(&world).await;
    rename(&world, "Task 1", "Mine");
    calls(&world);
    world.pass_minutes(40).await;
    assert_eq!(calls(&world), [""; 0]);
    world.connect_google("alice", "google-calendar").await;
    world.pass_minutes(2).await;
    assert_eq!(conflicts(&jobs(&world).await[0]), [("t1".to_owned(), "edited_in_calendar".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_ended_is_waited_for_without_a_job() {
    let world = synced(Tier::Pro, 2).await;
    by_hand(&world, |google, _| google.person_withdraws_access("Alice"));
    world.pass_minutes(20).await;
    assert_eq!(connection(&world).await["status"], "needs_reauth");
    calls(&world);
    world.pass_minutes(60).await;
    assert_eq!((calls(&world).len(), jobs(&world).await.len()), (0, 1));
    rename(&world, "Task 1", "Mine");
    world.connect_google("alice", "google-calendar").await;
    world.pass_minutes(2).await;
    assert_eq!(jobs(&world).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_calendar_that_is_gone_is_told_once_by_a_job_that_waits() {
    let world = ready().await;
    set_tier(&world, Tier::Pro).await;
    put(&world, &plan(2)).await;
    let study = by_hand(&world, |google, _| google.calendar_id("Alice", "Study")).unwrap();
    let answer = super::ask(&world, "first", &json!({ "calendar_id": study })).await;
    super::over(&world, answer.json()["id"].as_str().unwrap()).await;
    by_hand(&world, |google, _| google.person_removes_calendar(&study));
    world.pass_minutes(100).await;
    let told = jobs(&world).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(
        (&told[0]["status"], &told[0]["error"]["code"]),
        (&json!("waiting"), &json!("target_not_found"))
    );
}

#[tokio::test(start_paused = true)]
async fn several_plans_are_each_looked_at() {
    let world = synced(Tier::Pro, 2).await;
    let mut other = plan(1);
    other["modules"][0]["tasks"][0]["title"] = json!("Another");
    let request = send_json(&world, "alice", Method::PUT, "/v1/plans/p2", None, &other);
    assert!(world.send(api::routes, request).await.status.is_success());
    let path = "/v1/plans/p2/calendar-syncs";
    let request = send_json(&world, "alice", Method::POST, path, Some("second"), &json!({}));
    assert_eq!(world.send(calendar_sync::routes, request).await.status, StatusCode::ACCEPTED);
    world.drain().await;
    tokio::time::sleep(Duration::from_mins(1)).await;
    rename(&world, "Task 1", "Mine");
    rename(&world, "Another", "Mine too");
    calls(&world);
    world.pass_minutes(17).await;
    assert_eq!(calls(&world), ["GET"; 4], "a look and a job for each");
    assert_eq!(jobs(&world).await.len(), 4);
}
