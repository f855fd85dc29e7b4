//! Events as queues, schedules and the gateway deliver them, with garbage in them.

use std::path::Path;

use aws_lambda_events::event::sqs::SqsEvent;
use axum::body::Body;
use lambda_http::request::LambdaRequest;
use runtime::{Problem, Work, work_off};
use serde_json::{Value, json};

use super::{ready, traces};
use crate::calendar;
use crate::support::requests::well_formed;
use crate::support::world::{CALENDAR_QUEUE, JOBS_QUEUE, QUEUES, TRANSCRIPTION_QUEUE};
use crate::support::{World, jobs};

const JOB: &str = r#""job":"job-1""#;
const INTENT: &str = r#""intent":"00000000-0000-4000-8000-000000000001""#;

/// Bodies that are no work.
fn no_work() -> Vec<String> {
    let mut bodies: Vec<String> = [
        "",
        " ",
        "null",
        "1",
        "[]",
        "{}",
        "{",
        "hello",
        "{}{}",
        "\u{feff}{}",
        "<xml/>",
        "\"check_transcription\"",
        r#"["check_transcription","alice","job-1"]"#,
        r#"{"kind":"dance"}"#,
        r#"{"kind":null}"#,
        r#"{"kind":"check_transcription"}"#,
        r#"{"kind":"resolve_intent","user":"alice"}"#,
        r#"{"kind":"resolve_intent","user":"alice","intent":"no id"}"#,
        r#"{"kind":"resolve_intent","user":"alice","intent":1}"#,
        r#"{"kind":"check_transcription","user":"alice","job":"../x"}"#,
        r#"{"kind":"check_transcription","user":"alice","job":""}"#,
        r#"{"kind":"check_transcription","user":1,"job":"job-1"}"#,
    ]
    .map(str::to_owned)
    .to_vec();
    for user in ["", "a\\u0000b", "a\\nb", "\\ud800"] {
        bodies.push(format!(r#"{{"kind":"check_transcription","user":"{user}",{JOB}}}"#));
        bodies.push(format!(r#"{{"kind":"resolve_intent","user":"{user}",{INTENT}}}"#));
    }
    bodies.push(format!(r#"{{"kind":"check_transcription","user":"{}",{JOB}}}"#, "a".repeat(256)));
    bodies.push(format!(r#"{{"kind":"check_transcription","user":"alice",{JOB},"more":1}}"#));
    bodies.push(format!(r#"{{"kind":"check_transcription","user":"alice","user":"bob",{JOB}}}"#));
    for (kind, id) in [("export", "job"), ("calendar_sync", "job"), ("scheduled_calendar_sync", "sync")] {
        let with = |more: &str| format!(r#"{{"kind":"{kind}",{more}}}"#);
        bodies.push(with(r#""user":"alice""#));
        bodies.push(with(&format!(r#""{id}":"a","version":1"#)));
        bodies.push(with(&format!(r#""user":"alice","{id}":"a""#)));
        bodies.push(with(&format!(r#""user":"alice","{id}":null,"version":1"#)));
        bodies.push(with(&format!(r#""user":"","{id}":"a","version":1"#)));
        bodies.push(with(&format!(r#""user":"alice","{id}":"a","version":1,"more":1"#)));
        bodies.push(with(&format!(r#""user":"alice","{id}":"a","{id}":"b","version":1"#)));
        for version in ["null", "-1", "1.5", "\"1\"", "18446744073709551616"] {
            bodies.push(with(&format!(r#""user":"alice","{id}":"a","version":{version}"#)));
        }
    }
    bodies.push("[".repeat(100_000));
    bodies
}

/// The batch of these bodies, worked off by the function of one of the queues; the messages that go back.
async fn work(world: &World, bodies: &[String], queue: &str) -> Vec<String> {
    let records: Vec<Value> = bodies
        .iter()
        .enumerate()
        .map(|(at, body)| json!({"messageId": at.to_string(), "body": body, "attributes": {"MessageGroupId": at.to_string()}}))
        .collect();
    let event: SqsEvent = serde_json::from_value(json!({ "Records": records })).unwrap();
    let app = world.instance();
    let handle = async |work: Work| -> Result<(), Problem> {
        match queue {
            JOBS_QUEUE => notion_export::work(&app, work).await,
            CALENDAR_QUEUE => calendar_sync::work(&app, work).await,
            _ => ticket_extraction::work(&app, work).await,
        }
    };
    let response = work_off(event, handle).await;
    response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

#[tokio::test(start_paused = true)]
async fn messages_that_are_no_work_go_back_and_change_nothing() {
    let world = ready().await;
    let before = traces(&world);
    let bodies = no_work();
    let all: Vec<String> = (0..bodies.len()).map(|at| at.to_string()).collect();
    for queue in QUEUES {
        assert_eq!(work(&world, &bodies, queue).await, all, "{queue}");
        assert_eq!(traces(&world), before);
    }
    for (right, body) in [
        (TRANSCRIPTION_QUEUE, format!(r#"{{"kind":"check_transcription","user":"alice",{JOB}}}"#)),
        (JOBS_QUEUE, format!(r#"{{"kind":"resolve_intent","user":"alice",{INTENT}}}"#)),
        (JOBS_QUEUE, format!(r#"{{"kind":"export","user":"alice",{JOB},"version":1}}"#)),
        (CALENDAR_QUEUE, format!(r#"{{"kind":"calendar_sync","user":"alice",{JOB},"version":1}}"#)),
        (
            CALENDAR_QUEUE,
            r#"{"kind":"scheduled_calendar_sync","user":"alice","sync":"a","version":1}"#.into(),
        ),
    ] {
        for queue in QUEUES.into_iter().filter(|queue| *queue != right) {
            assert_eq!(work(&world, std::slice::from_ref(&body), queue).await, ["0"], "{body} on {queue}");
        }
    }
    let bare: SqsEvent =
        serde_json::from_value(json!({"Records": [{"attributes": {}}, {"body": null, "attributes": {}}]}))
            .unwrap();
    let response = work_off(bare, async |_| Ok(())).await;
    assert_eq!(response.batch_item_failures.len(), 2, "messages without a body or an id");
    assert_eq!(traces(&world), before);
}

#[tokio::test(start_paused = true)]
async fn messages_about_what_somebody_does_not_have_change_nothing() {
    let world = ready().await;
    let before = traces(&world);
    let key = |prefix: &str| {
        let keys = before.items.iter().flat_map(|item| [&item["pk"], &item["sk"]]);
        keys.filter_map(Value::as_str).find_map(|key| key.strip_prefix(prefix)).unwrap().to_owned()
    };
    let (job, intent) = (key("JOB#"), key("INTENT#"));
    for user in ["bob", "alice%23", "USER#alice", "Alice"] {
        let transcription = [json!({"kind": "check_transcription", "user": user, "job": job}).to_string()];
        assert_eq!(work(&world, &transcription, TRANSCRIPTION_QUEUE).await, [""; 0], "{user}");
        let resolve = [json!({"kind": "resolve_intent", "user": user, "intent": intent}).to_string()];
        work(&world, &resolve, JOBS_QUEUE).await;
        assert_eq!(traces(&world), before, "{user}");
    }
    // Hers, and nothing that is exported or brought in step.
    for (kind, queue) in [("export", JOBS_QUEUE), ("calendar_sync", CALENDAR_QUEUE)] {
        let of_another_kind = [json!({"kind": kind, "user": "alice", "job": job, "version": 1}).to_string()];
        assert_eq!(work(&world, &of_another_kind, queue).await, ["0"], "{kind}");
        assert_eq!(traces(&world), before, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn messages_about_a_calendar_that_come_late_or_name_others_change_nothing() {
    let world = calendar::ready().await;
    calendar::put(&world, &calendar::plan(2)).await;
    let job = calendar::sync(&world).await;
    assert_eq!(jobs::undo(&world, &job).await["status"], "succeeded");
    // A look takes a turn, and gives it back.
    let kept = || {
        let mut traces = traces(&world);
        traces.items.retain(|item| item["sk"] != "LEASE");
        traces
    };
    let (before, events) = (kept(), calendar::events(&world));
    let mut messages: Vec<Value> = world
        .aws
        .sent_bodies(CALENDAR_QUEUE)
        .iter()
        .map(|body| serde_json::from_str(body).unwrap())
        .collect();
    assert_eq!(messages.len(), 2, "the sync's and the undo's: {messages:?}");
    let mut keys = before.items.iter().filter_map(|item| item["sk"].as_str());
    let sync = keys.find_map(|key| key.strip_prefix("SCHEDULED#")).unwrap();
    messages.push(json!({"kind": "scheduled_calendar_sync", "user": "alice", "sync": sync, "version": 1}));
    for message in messages {
        for (user, version) in [
            ("alice", &message["version"]),
            ("alice", &json!(0)),
            ("alice", &json!(u64::MAX)),
            ("bob", &json!(1)),
        ] {
            let mut again = message.clone();
            (again["user"], again["version"]) = (json!(user), version.clone());
            assert_eq!(work(&world, &[again.to_string()], CALENDAR_QUEUE).await, [""; 0], "{again}");
            assert_eq!(kept(), before, "{again}");
        }
    }
    assert_eq!(calendar::events(&world), events);
}

#[test]
fn a_schedule_asks_for_what_there_is() {
    for event in [
        "",
        "null",
        "[]",
        "{}",
        "\"sweep\"",
        r#"{"task":"Sweep"}"#,
        r#"{"task":"drop_table"}"#,
        r#"{"task":null}"#,
        r#"{"task":["sweep"]}"#,
        r#"{"task":"sweep","task":"sweep"}"#,
    ] {
        assert!(serde_json::from_str::<scheduler::Task>(event).is_err(), "{event}");
    }
}

/// The gateway's event for `GET /v1/videos` with changes made to it, as the function's event loop reads it.
async fn through_the_gateway(world: &World, change: impl FnOnce(&mut Value)) -> crate::support::Answer {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events/api/list-videos.json");
    let event = std::fs::read_to_string(file).unwrap().replace("<alice>", &world.token("alice"));
    let mut event: Value = serde_json::from_str(&event).unwrap();
    change(&mut event);
    let event: LambdaRequest = serde_json::from_value(event).unwrap();
    let request: lambda_http::Request = runtime::serve::addressable(event).into();
    world.send(api::routes, request.map(Body::new)).await
}

#[tokio::test(start_paused = true)]
async fn whatever_the_gateway_passes_on_is_answered() {
    let world = ready().await;
    let before = traces(&world);
    let long = "a".repeat(100_000);
    for query in [
        "cursor=<x>",
        "cursor=\"",
        "cursor=#",
        "cursor=ä",
        "cursor=a b",
        "cursor=\u{0}",
        "cursor=\n",
        "cursor={}|^`[]\\",
        "cursor=%zz",
        "?&?&",
        "<",
        "ａ",
        "cursor=\u{10ffff}",
        long.as_str(),
    ] {
        let answer = through_the_gateway(&world, |event| event["rawQueryString"] = query.into()).await;
        well_formed(&answer, query);
        assert!(matches!(answer.status.as_u16(), 400 | 404), "{query:.40}: {answer:?}");
    }
    for path in [
        "",
        "*",
        "v1/videos",
        ":80",
        "@evil",
        "//",
        "//evil.example/",
        "/<x>",
        "/ä",
        "/ ",
        "/\0",
        "/%",
        "/#",
        long.as_str(),
    ] {
        let answer = through_the_gateway(&world, |event| event["rawPath"] = path.into()).await;
        well_formed(&answer, path);
        let expected = if path == "v1/videos" { 200 } else { 404 };
        assert_eq!(answer.status.as_u16(), expected, "{path:.40}: {answer:?}");
    }
    for (name, value) in [
        ("host", "a b"),
        ("host", ""),
        ("host", "[::"),
        ("host", "a/b#"),
        ("x-forwarded-proto", "java script"),
        ("x-forwarded-proto", ""),
    ] {
        let answer = through_the_gateway(&world, |event| event["headers"][name] = value.into()).await;
        well_formed(&answer, name);
        assert_eq!(answer.status.as_u16(), 200, "{name}: {value}");
    }
    assert_eq!(traces(&world), before);
}
