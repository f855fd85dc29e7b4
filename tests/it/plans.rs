//! Learning plans: what is put is what is shown, versions count, and expectations are kept.

use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::support::{Answer, World, authorized, get, send_json};

const PATH: &str = "/v1/plans/rust";

/// A plan with something in every field.
fn plan() -> Value {
    json!({"title": "Rust in 6 weeks", "description": "From **nothing**.\n\n\t- to a service", "time_zone": "Europe/Berlin", "modules": [
        {"id": "m1", "title": "Ownership", "description": "", "tasks": [
            {"id": "t1", "title": "Read chapter 4", "description": "`&mut`", "minutes": 45, "status": "doing",
             "schedule": {"start": "2026-11-23T09:00", "end": "2026-11-23T09:45", "time_zone": "America/New_York"},
             "reminders": [{"method": "popup", "minutes_before": 10}, {"method": "email", "minutes_before": 40_320}],
             "resources": [{"title": "The Book", "url": "https://doc.rust-lang.org/book/"}]},
            {"id": "t2", "title": "Exercise", "description": "", "minutes": 90, "status": "todo",
             "schedule": {"start": "2026-11-24T09:00:30"}, "reminders": [], "resources": []}]},
        {"id": "m2", "title": "Rest", "description": "", "tasks": [
            {"id": "t3", "title": "Walk", "description": "", "status": "done",
             "schedule": {"date": "2026-11-28", "end_date": "2026-11-29"}, "reminders": [], "resources": []}]}]})
}

fn put(world: &World, path: &str, plan: &Value, if_match: Option<&str>) -> Request<axum::body::Body> {
    with_tag(send_json(world, "alice", Method::PUT, path, None, plan), if_match)
}

fn with_tag(mut request: Request<axum::body::Body>, if_match: Option<&str>) -> Request<axum::body::Body> {
    if let Some(tag) = if_match {
        request.headers_mut().insert("if-match", tag.parse().unwrap());
    }
    request
}

async fn send_plan(world: &World, plan: &Value, if_match: Option<&str>) -> Answer {
    world.send(api::routes, put(world, PATH, plan, if_match)).await
}

fn tag(answer: &Answer) -> &str {
    answer.headers["etag"].to_str().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_shown_as_it_was_put() {
    let world = World::calm();
    let put = send_plan(&world, &plan(), None).await;
    assert_eq!((put.status, tag(&put)), (StatusCode::CREATED, "\"1\""), "{put:?}");
    let summary = put.json();
    let at = &summary["created_at"];
    assert_eq!(
        summary,
        json!({"id": "rust", "title": "Rust in 6 weeks", "module_count": 2, "task_count": 3, "version": 1,
            "created_at": at, "updated_at": at})
    );
    let shown = world.send(api::routes, get(&world, "alice", PATH)).await;
    assert_eq!((shown.status, tag(&shown)), (StatusCode::OK, "\"1\""));
    let mut expected = plan();
    let more = json!({"id": "rust", "version": 1, "created_at": at, "updated_at": at});
    expected.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    assert_eq!(shown.json(), expected);
    let list = world.send(api::routes, get(&world, "alice", "/v1/plans")).await;
    assert_eq!(list.json(), json!({"items": [summary], "next_cursor": null}));
}

#[tokio::test(start_paused = true)]
async fn what_is_left_out_is_shown_as_nothing() {
    let world = World::calm();
    let tasks = json!([{"id": "t", "title": "c"}]);
    let plan = json!({"title": "a", "modules": [{"id": "m", "title": "b", "tasks": tasks}]});
    assert_eq!(send_plan(&world, &plan, None).await.status, StatusCode::CREATED);
    let shown = world.send(api::routes, get(&world, "alice", PATH)).await.json();
    assert_eq!((&shown["description"], shown.get("time_zone")), (&json!(""), None));
    let task = json!({"id": "t", "title": "c", "description": "", "status": "todo", "reminders": [], "resources": []});
    assert_eq!(shown["modules"], json!([{"id": "m", "title": "b", "description": "", "tasks": [task]}]));
}

#[tokio::test(start_paused = true)]
async fn a_version_counts_changes_and_nothing_else() {
    let world = World::calm();
    let first = send_plan(&world, &plan(), None).await.json();
    let again = send_plan(&world, &plan(), None).await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, first.clone()), "the same is no change");
    tokio::time::sleep(std::time::Duration::from_mins(1)).await;
    let mut changed = plan();
    changed["modules"][0]["tasks"][0]["status"] = "done".into();
    let second = send_plan(&world, &changed, None).await;
    assert_eq!((second.status, tag(&second)), (StatusCode::OK, "\"2\""));
    let second = second.json();
    assert_eq!(second["created_at"], first["created_at"]);
    assert!(second["updated_at"].as_str() > first["updated_at"].as_str());
    let back = send_plan(&world, &plan(), None).await;
    assert_eq!(back.json()["version"], 3, "what was there before the last change is a change");
}

#[tokio::test(start_paused = true)]
async fn only_the_version_that_was_seen_is_replaced_and_deleted() {
    let world = World::calm();
    let changed = |title: &str| json!({"title": title});
    let absent = send_plan(&world, &plan(), Some("*")).await;
    assert_eq!((absent.status.as_u16(), absent.code()), (412, "precondition_failed".into()));
    send_plan(&world, &plan(), None).await;
    let put = send_plan(&world, &changed("second"), Some("\"1\"")).await;
    assert_eq!((put.status, tag(&put)), (StatusCode::OK, "\"2\""), "{put:?}");
    let late = send_plan(&world, &changed("late"), Some("\"1\"")).await;
    assert_eq!((late.status.as_u16(), late.code()), (412, "precondition_failed".into()));
    let again = send_plan(&world, &changed("second"), Some("\"1\"")).await;
    assert_eq!(
        (again.status, tag(&again)),
        (StatusCode::OK, "\"2\""),
        "who did not hear the answer may repeat"
    );
    for (tags, version) in [("*", "\"3\""), ("\"7\", \"3\"", "\"4\"")] {
        let put = send_plan(&world, &changed(tags), Some(tags)).await;
        assert_eq!((put.status, tag(&put)), (StatusCode::OK, version), "{tags}");
    }
    let delete = async |tag: Option<&str>| {
        let request = with_tag(authorized(&world, "alice", Method::DELETE, PATH), tag);
        world.send(api::routes, request).await.status.as_u16()
    };
    assert_eq!(delete(Some("\"3\"")).await, 412);
    assert_eq!(delete(Some("\"4\"")).await, 204);
    assert_eq!(delete(Some("\"4\"")).await, 404);
    assert_eq!(delete(None).await, 404);
    assert!(world.aws.items().is_empty(), "nothing is left: {:?}", world.aws.items());
    assert_eq!(tag(&send_plan(&world, &plan(), None).await), "\"1\"");
    assert_eq!(delete(Some("*")).await, 204);
}

#[tokio::test(start_paused = true)]
async fn all_that_is_wrong_is_told_at_once() {
    let world = World::calm();
    let mut wrong = plan();
    wrong["title"] = "".into();
    wrong["modules"][0]["tasks"][0]["schedule"]["end"] = "2026-11-23T09:45Z".into();
    wrong["modules"][0]["tasks"][1]["minutes"] = 0.into();
    wrong["modules"][1]["id"] = "m1".into();
    let answer = send_plan(&world, &wrong, None).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (422, "validation_failed".into()));
    let errors = answer.json()["errors"].as_array().unwrap().clone();
    let told: Vec<_> = errors
        .iter()
        .map(|error| [error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap()])
        .collect();
    assert_eq!(
        told,
        [
            ["/title", "required"],
            ["/modules/0/tasks/0/schedule/end", "invalid_schedule"],
            ["/modules/0/tasks/1/minutes", "out_of_range"],
            ["/modules/1/id", "duplicate"],
        ]
    );
    assert!(world.aws.items().is_empty());
}

/// A plan whose JSON has exactly this many bytes when nothing in it is left out.
fn plan_of(bytes: usize) -> Value {
    let module = |at: usize, text: usize| json!({"id": format!("m{at}"), "title": "a", "description": "x".repeat(text), "tasks": []});
    let of = |text: [usize; 4]| {
        let modules: Vec<_> = (0..).zip(text).map(|(at, text)| module(at, text)).collect();
        json!({"title": "a", "description": "", "modules": modules})
    };
    let rest = bytes - of([0; 4]).to_string().len();
    of([rest / 4 + rest % 4, rest / 4, rest / 4, rest / 4])
}

#[tokio::test(start_paused = true)]
async fn a_plan_has_up_to_350_000_bytes_however_it_is_written() {
    let world = World::calm();
    let largest = plan_of(350_000);
    let put = send_plan(&world, &largest, None).await;
    assert_eq!(put.status, StatusCode::CREATED, "{put:?}");
    let shown = world.send(api::routes, get(&world, "alice", PATH)).await.json();
    assert_eq!(shown["modules"], largest["modules"]);
    let answer = send_plan(&world, &plan_of(350_001), None).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (413, "payload_too_large".into()));
    // Escapes and white space do not count.
    let mut request = put_text(&world, &format!("{largest:#}").replace('x', "\\u0078"));
    request.headers_mut().insert("if-match", "\"1\"".parse().unwrap());
    let escaped = world.send(api::routes, request).await;
    assert_eq!((escaped.status, tag(&escaped)), (StatusCode::OK, "\"1\""), "and it is the same plan");
}

fn put_text(world: &World, text: &str) -> Request<axum::body::Body> {
    let mut request = send_json(world, "alice", Method::PUT, PATH, None, &json!({}));
    *request.body_mut() = text.to_owned().into();
    request
}

#[tokio::test(start_paused = true)]
async fn plans_are_listed_page_by_page_without_their_bodies() {
    let world = World::calm();
    for number in 0..5 {
        let path = format!("/v1/plans/plan-{number}");
        assert_eq!(
            world.send(api::routes, put(&world, &path, &plan(), None)).await.status,
            StatusCode::CREATED
        );
    }
    let before = world.aws.calls().len();
    let (mut path, mut seen) = ("/v1/plans?limit=2".to_owned(), Vec::new());
    for _ in 0..3 {
        let page = world.send(api::routes, get(&world, "alice", &path)).await.json();
        seen.extend(
            page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/plans?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, ["plan-0", "plan-1", "plan-2", "plan-3", "plan-4"]);
    let calls = world.aws.calls();
    assert!(calls[before..].iter().all(|call| call.operation == "Query"), "{:?}", &calls[before..]);
}
