//! What people do in the calendar stays, and is reported.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use super::{CALENDAR, by_hand, calls, conflicts, event, events, plan, put, ready, sync};
use crate::support::World;

fn edit(world: &World, title: &str, by: &Value) {
    let id = event(world, title).id;
    assert!(by_hand(world, |google, now| google.person_edits_event(CALENDAR, &id, by, now)));
}

fn delete(world: &World, title: &str) {
    let id = event(world, title).id;
    assert!(by_hand(world, |google, now| google.person_deletes_event(CALENDAR, &id, now)));
}

pub(super) fn leaves(job: &Value, expected: &[(&str, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(id, why)| ((*id).to_owned(), (*why).to_owned())).collect();
    assert_eq!(conflicts(job), expected, "{job}");
}

/// Moved to the evening by hand.
fn evening() -> Value {
    json!({"start": {"dateTime": "2026-10-21T19:00:00+02:00"}, "end": {"dateTime": "2026-10-21T20:00:00+02:00"}})
}

#[tokio::test(start_paused = true)]
async fn each_part_belongs_to_who_changed_it_last() {
    let world = ready().await;
    let mut plan = plan(3);
    put(&world, &plan).await;
    sync(&world).await;
    edit(&world, "Task 1", &evening());
    edit(&world, "Task 2", &json!({"location": "Library"}));
    leaves(&sync(&world).await, &[("t1", "edited_in_calendar")]);
    leaves(&sync(&world).await, &[]);

    // The plan changes other parts: those are written, and what Alice did stays.
    for number in [1, 2] {
        plan["modules"][0]["tasks"][number]["description"] = json!("More.");
    }
    put(&world, &plan).await;
    calls(&world);
    leaves(&sync(&world).await, &[]);
    assert_eq!(calls(&world), ["GET", "GET", "PUT", "GET", "PUT"]);
    let moved = event(&world, "Task 1");
    assert_eq!(
        (moved.description.as_str(), &moved.start["dateTime"]),
        ("More.", &json!("2026-10-21T19:00:00+02:00"))
    );
    let other = event(&world, "Task 2");
    assert_eq!((other.description.as_str(), &other.more["location"]), ("More.", &json!("Library")));

    // The plan changes the same part: hers stays, and it is said.
    plan["modules"][0]["tasks"][1]["schedule"] = json!({"start": "2026-10-22T11:00"});
    plan["modules"][0]["tasks"][2]["title"] = json!("Renamed");
    put(&world, &plan).await;
    leaves(&sync(&world).await, &[("t1", "edited_in_calendar")]);
    assert_eq!(event(&world, "Task 1").start["dateTime"], "2026-10-21T19:00:00+02:00");
    assert_eq!(event(&world, "Renamed").more["location"], "Library");
    calls(&world);
    leaves(&sync(&world).await, &[]);
    assert_eq!(calls(&world).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn reminders_that_somebody_changed_stay_changed() {
    let world = ready().await;
    let mut plan = plan(1);
    put(&world, &plan).await;
    sync(&world).await;
    let hers = json!({"useDefault": false, "overrides": [{"method": "email", "minutes": 120}]});
    edit(&world, "Task 0", &json!({ "reminders": hers }));
    plan["modules"][0]["tasks"][0]["title"] = json!("Renamed");
    put(&world, &plan).await;
    sync(&world).await;
    assert_eq!(event(&world, "Renamed").reminders, hers);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_deleted_is_not_made_again() {
    let world = ready().await;
    let mut plan = plan(3);
    put(&world, &plan).await;
    sync(&world).await;
    delete(&world, "Task 1");
    leaves(&sync(&world).await, &[("t1", "deleted_in_calendar")]);
    leaves(&sync(&world).await, &[]);
    plan["modules"][0]["tasks"][1]["title"] = json!("Renamed");
    put(&world, &plan).await;
    calls(&world);
    leaves(&sync(&world).await, &[("t1", "deleted_in_calendar")]);
    assert_eq!(calls(&world), ["GET"]);
    assert_eq!(events(&world).len(), 2);
    // What is not in the plan any more is forgotten.
    plan["modules"][0]["tasks"].as_array_mut().unwrap().remove(1);
    put(&world, &plan).await;
    leaves(&sync(&world).await, &[]);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_somebody_changed_is_kept_when_its_task_goes() {
    let world = ready().await;
    let plan = plan(3);
    put(&world, &plan).await;
    sync(&world).await;
    edit(&world, "Task 2", &json!({"description": "My notes."}));
    put(&world, &super::plan(1)).await;
    leaves(&sync(&world).await, &[("t2", "edited_in_calendar"), ("t2", "kept_for_edits")]);
    let titles: Vec<_> = events(&world).iter().map(|event| event.summary.clone()).collect();
    assert_eq!(titles, ["Task 0", "Task 2"]);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_somebody_added_to_is_kept_when_its_task_goes() {
    let world = ready().await;
    put(&world, &plan(7)).await;
    sync(&world).await;
    let added = [
        json!({"location": "Library"}),
        json!({"colorId": "4"}),
        json!({"visibility": "private"}),
        json!({"transparency": "transparent"}),
        json!({"location": ""}),
    ];
    edit(&world, "Task 5", &json!({"location": "Library"}));
    for (number, by) in (1..).zip(&added) {
        edit(&world, &format!("Task {number}"), by);
    }
    let hers = events(&world)[1..5].to_vec();
    put(&world, &plan(1)).await;
    calls(&world);
    let job = sync(&world).await;
    leaves(&job, &["t1", "t2", "t3", "t4"].map(|id| (id, "kept_for_edits")));
    assert_eq!(job["result"]["archived"], 2, "what was taken back again, and what nobody touched");
    assert_eq!(calls(&world), ["GET", "GET", "GET", "GET", "GET", "GET", "DELETE", "DELETE"]);
    assert_eq!(events(&world)[1..], hers);
    // The tasks come back: these are their events.
    put(&world, &plan(5)).await;
    sync(&world).await;
    assert_eq!(events(&world)[1..], hers);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_google_forgot_costs_a_full_list_and_nothing_else() {
    let world = ready().await;
    put(&world, &plan(3)).await;
    sync(&world).await;
    sync(&world).await;
    delete(&world, "Task 1");
    edit(
        &world,
        "Task 2",
        &json!({"start": {"dateTime": "2020-01-01T19:00:00Z"}, "end": {"dateTime": "2020-01-01T20:00:00Z"}}),
    );
    by_hand(&world, |google, _| google.expire_sync_tokens());
    calls(&world);
    let job = sync(&world).await;
    leaves(&job, &[("t1", "deleted_in_calendar"), ("t2", "edited_in_calendar")]);
    assert_eq!(calls(&world), ["GET", "GET", "GET"], "the token, the list, and the event that is not in it");
    leaves(&sync(&world).await, &[]);
}

/// Alice deletes every other event, so long ago that Google knows nothing of them, and moves the others before everything else: no
/// list shows any.
pub(super) fn hide_all(world: &World) {
    let long_ago =
        json!({"start": {"dateTime": "2020-01-01T19:00:00Z"}, "end": {"dateTime": "2020-01-01T20:00:00Z"}});
    for (number, event) in events(world).iter().enumerate() {
        by_hand(world, |google, now| match number % 2 {
            0 => assert!(google.person_deletes_event(CALENDAR, &event.id, now)),
            _ => assert!(google.person_edits_event(CALENDAR, &event.id, &long_ago, now)),
        });
    }
    by_hand(world, |google, _| google.forget_deleted_events());
}

/// How often each event was looked at since the last time, and the calls for other things.
pub(super) fn looks(world: &World) -> (Vec<usize>, usize) {
    let mut providers = world.providers.lock().unwrap();
    let mut paths: BTreeMap<String, usize> = BTreeMap::new();
    for call in providers.google.records.all().iter().filter(|call| call.path.starts_with("/calendar/")) {
        assert_eq!(call.method, "GET");
        *paths.entry(call.path.clone()).or_default() += 1;
    }
    providers.google.records.clear();
    let lists = paths.remove("/calendar/v3/calendars/primary/events").unwrap_or_default();
    (paths.into_values().collect(), lists)
}

#[tokio::test(start_paused = true)]
async fn hundreds_of_events_that_no_list_shows_are_looked_at_until_all_are() {
    let world = ready().await;
    put(&world, &plan(300)).await;
    sync(&world).await;
    sync(&world).await;
    hide_all(&world);
    calls(&world);
    let job = timeout(Duration::from_mins(10), sync(&world)).await.expect("it comes to an end");
    let told = conflicts(&job);
    for reason in ["deleted_in_calendar", "edited_in_calendar"] {
        assert_eq!(told.iter().filter(|(_, why)| why == reason).count(), 150, "{reason}");
    }
    let (each, lists) = looks(&world);
    // What is gone is looked at before its calendar and after it, and once more where a piece ended in between.
    let (once, gone): (Vec<usize>, Vec<usize>) = each.into_iter().partition(|looks| *looks == 1);
    assert_eq!(once.len(), 150);
    assert!((300..=304).contains(&gone.iter().sum::<usize>()), "{gone:?}");
    // The token, the list once for each piece, and for each that is gone whether the calendar is there.
    assert!((152..=156).contains(&lists), "{lists} lists");
    leaves(&sync(&world).await, &[]);
    assert_eq!(looks(&world), (vec![], 1));
}

#[tokio::test(start_paused = true)]
async fn what_was_moved_before_everything_else_is_looked_at_like_everything_else() {
    let world = ready().await;
    let mut plan = plan(3);
    put(&world, &plan).await;
    sync(&world).await;
    sync(&world).await;
    plan["modules"][0]["tasks"][1]["schedule"]["start"] = json!("2026-09-01T19:00");
    put(&world, &plan).await;
    sync(&world).await;
    calls(&world);
    leaves(&sync(&world).await, &[]);
    assert_eq!(calls(&world).len(), 1, "of what changed since");
    delete(&world, "Task 1");
    leaves(&sync(&world).await, &[("t1", "deleted_in_calendar")]);
}

#[tokio::test(start_paused = true)]
async fn a_calendar_of_many_pages_is_read_to_its_end() {
    let world = ready().await;
    for number in 0..600 {
        let own = json!({"summary": format!("Own {number}"), "start": {"date": "2026-10-25"}, "end": {"date": "2026-10-26"}});
        by_hand(&world, |google, now| google.person_adds_event(CALENDAR, &own, now)).unwrap();
    }
    put(&world, &plan(2)).await;
    sync(&world).await;
    delete(&world, "Task 1");
    calls(&world);
    leaves(&sync(&world).await, &[("t1", "deleted_in_calendar")]);
    assert_eq!(calls(&world), ["GET"; 3]);
    assert_eq!(events(&world).len(), 601, "and nobody else's event was touched");
}
