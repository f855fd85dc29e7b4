//! Plans in a calendar: an event for each task that takes place at some time, sent only when it changed, and never at the cost of
//! what people did in the calendar.

mod automatic;
mod calls;
mod cancelling;
mod edits;
mod limits;
mod push;
mod races;
mod undo;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use simulators::google::EventView;

use crate::support::jobs::{job, over};
use crate::support::{Answer, World, send_json};

/// Alice's first calendar.
pub(crate) const CALENDAR: &str = "alice@example.com";

/// A plan of so many tasks, an hour each, one after the other from the morning of the day on which clocks change.
pub(crate) fn plan(tasks: usize) -> Value {
    let task = |number: usize| {
        let start = format!("2026-10-{:02}T09:00", 20 + number % 10);
        json!({"id": format!("t{number}"), "title": format!("Task {number}"), "minutes": 60,
            "description": "**Read** it.", "schedule": {"start": start},
            "reminders": [{"method": "popup", "minutes_before": 10}]})
    };
    let tasks: Vec<Value> = (0..tasks).map(task).collect();
    json!({"title": "Rust in 6 weeks", "time_zone": "Europe/Berlin",
        "modules": [{"id": "m1", "title": "Ownership", "tasks": tasks}]})
}

/// Alice, connected.
pub(crate) async fn ready() -> World {
    ready_in(World::calm()).await
}

async fn ready_in(world: World) -> World {
    let end = world.connect_google("alice", "google-calendar").await;
    assert!(end.contains("connected=google-calendar"), "{end}");
    calls(&world);
    world
}

pub(crate) async fn put(world: &World, plan: &Value) {
    let request = send_json(world, "alice", Method::PUT, "/v1/plans/p1", None, plan);
    let answer = world.send(api::routes, request).await;
    assert!(answer.status.is_success(), "{answer:?}");
}

async fn ask(world: &World, key: &str, body: &Value) -> Answer {
    let request = send_json(world, "alice", Method::POST, "/v1/plans/p1/calendar-syncs", Some(key), body);
    world.send(calendar_sync::routes, request).await
}

/// Syncs the plan and waits until that is over.
pub(crate) async fn sync(world: &World) -> Value {
    let answer = ask(world, &format!("sync-{}", world.count()), &json!({})).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
    let job = over(world, answer.json()["id"].as_str().unwrap()).await;
    assert_eq!(job["status"], "succeeded", "{job}");
    job
}

/// The events of Alice's calendar, by their titles.
pub(crate) fn events(world: &World) -> Vec<EventView> {
    let mut events = world.providers.lock().unwrap().google.simulator.events(CALENDAR);
    events.sort_by(|one, other| one.summary.cmp(&other.summary));
    events
}

fn event(world: &World, title: &str) -> EventView {
    let mut found: Vec<_> = events(world).into_iter().filter(|event| event.summary == title).collect();
    assert_eq!(found.len(), 1, "{title}");
    found.remove(0)
}

/// The methods of the calls of the calendar since the last time.
fn calls(world: &World) -> Vec<String> {
    exchanges(world).into_iter().map(|(method, _)| method).collect()
}

/// The methods of the calls of the calendar since the last time, and what was answered.
fn exchanges(world: &World) -> Vec<(String, u16)> {
    let mut providers = world.providers.lock().unwrap();
    let calls = providers.google.records.all().iter();
    let calls = calls.filter(|call| call.path.starts_with("/calendar/"));
    let exchanges = calls.map(|call| (call.method.clone(), call.status.unwrap_or_default())).collect();
    providers.google.records.clear();
    exchanges
}

/// Lets Alice do something by hand.
fn by_hand<T>(world: &World, act: impl FnOnce(&mut simulators::Google, jiff::Timestamp) -> T) -> T {
    let now = world.now();
    act(&mut world.providers.lock().unwrap().google.simulator, now)
}

fn conflicts(job: &Value) -> Vec<(String, String)> {
    let conflicts = job["result"]["conflicts"].as_array().unwrap_or_else(|| panic!("{job}")).iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    conflicts.map(|conflict| (text(&conflict["id"]), text(&conflict["reason"]))).collect()
}

#[tokio::test(start_paused = true)]
async fn each_task_with_a_time_becomes_an_event_in_one_call() {
    let world = ready().await;
    let mut plan = plan(3);
    let tasks = &mut plan["modules"][0]["tasks"];
    tasks[1]["schedule"] = json!({"date": "2026-11-23", "end_date": "2026-11-24"});
    tasks[1]["reminders"] = json!([]);
    tasks.as_array_mut().unwrap().push(json!({"id": "someday", "title": "Someday"}));
    put(&world, &plan).await;
    let job = sync(&world).await;
    assert_eq!(calls(&world), ["POST"; 3]);
    assert_eq!(job["progress"], json!({"done": 3, "total": 3, "unit": "events"}));
    assert_eq!((&job["result"]["created"], &job["result"]["calendar_id"]), (&json!(3), &json!("primary")));
    let events = events(&world);
    assert_eq!(
        events.iter().map(|it| it.summary.as_str()).collect::<Vec<_>>(),
        ["Task 0", "Task 1", "Task 2"]
    );
    assert_eq!(events[0].description, "<b>Read</b> it.");
    assert_eq!(events[0].start["dateTime"], "2026-10-20T09:00:00+02:00");
    assert_eq!(events[0].end["dateTime"], "2026-10-20T10:00:00+02:00");
    let reminders = json!({"useDefault": false, "overrides": [{"method": "popup", "minutes": 10}]});
    assert_eq!(events[0].reminders, reminders);
    assert_eq!(
        (&events[1].start, &events[1].end),
        (&json!({"date": "2026-11-23"}), &json!({"date": "2026-11-25"}))
    );
    assert_eq!(events[1].reminders, json!({"useDefault": true}));
}

#[tokio::test(start_paused = true)]
async fn times_are_exact_where_clocks_change() {
    let world = ready().await;
    let mut plan = plan(5);
    for (number, (zone, start)) in [
        ("Europe/Berlin", "2026-10-25T02:30"),
        ("Europe/Berlin", "2026-10-25T03:00"),
        ("America/New_York", "2026-11-01T00:30"),
        ("Australia/Lord_Howe", "2026-10-04T01:30"),
        ("Asia/Kathmandu", "2026-10-25T09:00"),
    ]
    .into_iter()
    .enumerate()
    {
        plan["modules"][0]["tasks"][number]["schedule"] = json!({"start": start, "time_zone": zone});
    }
    put(&world, &plan).await;
    sync(&world).await;
    let instants: Vec<(String, String)> = events(&world)
        .iter()
        .map(|event| {
            let instant = |time: &Value| {
                time["dateTime"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().to_string()
            };
            (instant(&event.start), instant(&event.end))
        })
        .collect();
    let expected = [
        ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
        ("2026-10-25T02:00:00Z", "2026-10-25T03:00:00Z"),
        ("2026-11-01T04:30:00Z", "2026-11-01T05:30:00Z"),
        ("2026-10-03T15:00:00Z", "2026-10-03T16:00:00Z"),
        ("2026-10-25T03:15:00Z", "2026-10-25T04:15:00Z"),
    ]
    .map(|(start, end)| (start.to_owned(), end.to_owned()));
    assert_eq!(instants, expected);
}

#[tokio::test(start_paused = true)]
async fn what_did_not_change_costs_one_look_and_no_write() {
    let world = ready().await;
    put(&world, &plan(3)).await;
    sync(&world).await;
    let before = events(&world);
    calls(&world);
    for _ in 0..2 {
        let job = sync(&world).await;
        assert_eq!((calls(&world), &job["result"]["updated"]), (vec!["GET".to_owned()], &json!(0)));
    }
    assert_eq!(events(&world), before);
}

#[tokio::test(start_paused = true)]
async fn only_what_changed_is_sent() {
    let world = ready().await;
    let mut plan = plan(5);
    put(&world, &plan).await;
    sync(&world).await;
    calls(&world);
    let tasks = plan["modules"][0]["tasks"].as_array_mut().unwrap();
    tasks[1]["title"] = json!("Other");
    tasks[2]["schedule"] = json!({"date": "2026-12-01"});
    tasks[3]["schedule"] = Value::Null;
    tasks[3].as_object_mut().unwrap().remove("schedule");
    tasks.remove(4);
    tasks.push(json!({"id": "new", "title": "New", "minutes": 5, "schedule": {"start": "2026-12-02T08:00"}}));
    put(&world, &plan).await;
    let job = sync(&world).await;
    assert_eq!(calls(&world), ["GET", "PUT", "PUT", "POST", "DELETE", "DELETE"]);
    let result = &job["result"];
    assert_eq!(
        (&result["created"], &result["updated"], &result["archived"]),
        (&json!(1), &json!(2), &json!(2))
    );
    let titles: Vec<_> = events(&world).iter().map(|event| event.summary.clone()).collect();
    assert_eq!(titles, ["New", "Other", "Task 0", "Task 2"]);
    assert_eq!(event(&world, "Task 2").start, json!({"date": "2026-12-01"}));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_comes_back_is_an_event_again() {
    let world = ready().await;
    let whole = plan(2);
    for plan in [&whole, &plan(1), &whole] {
        put(&world, plan).await;
        sync(&world).await;
    }
    assert_eq!(events(&world).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_trial_tells_exactly_what_would_be_done_and_does_nothing() {
    let world = ready().await;
    let mut plan = plan(70);
    put(&world, &plan).await;
    for round in 0..3 {
        let preview = ask(&world, "unused", &json!({"dry_run": true})).await;
        assert_eq!(preview.status, StatusCode::OK, "{preview:?}");
        let preview = preview.json();
        assert!(calls(&world).iter().all(|call| call == "GET"), "nothing is written");
        let job = sync(&world).await;
        assert_eq!(calls(&world).len() as u64, preview["calls"].as_u64().unwrap(), "{preview}");
        for (list, count) in [("creates", "created"), ("updates", "updated"), ("archives", "archived")] {
            let told = preview[list].as_array().unwrap();
            assert_eq!(told.len() as u64, job["result"][count].as_u64().unwrap(), "{list}");
            assert!(told.iter().all(|item| item["title"] != "" && item["object"] == "task"), "{preview}");
        }
        assert_eq!(preview["conflicts"], job["result"]["conflicts"]);
        let moved = event(&world, "Task 40");
        let by = json!({"summary": "Task 40", "location": format!("Room {round}"), "colorId": "5"});
        assert!(by_hand(&world, |google, now| google.person_edits_event(CALENDAR, &moved.id, &by, now)));
        let tasks = plan["modules"][0]["tasks"].as_array_mut().unwrap();
        tasks[round]["title"] = json!(format!("Changed {round}"));
        let task = tasks.iter_mut().find(|task| task["id"] == "t40").unwrap();
        task["description"] = json!(format!("Round {round}."));
        tasks.remove(20);
        tasks.push(json!({"id": format!("new-{round}"), "title": "New", "schedule": {"date": "2026-12-01"}}));
        put(&world, &plan).await;
    }
}
