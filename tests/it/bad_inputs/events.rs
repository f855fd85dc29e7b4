//! Events as queues, schedules and the gateway deliver them, with garbage in them.

use std::path::Path;

use aws_lambda_events::event::sqs::SqsEvent;
use axum::body::Body;
use lambda_http::request::LambdaRequest;
use runtime::{Problem, Work, work_off};
use serde_json::{Value, json};

use super::{ready, traces};
use crate::support::World;
use crate::support::requests::well_formed;

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
    bodies.push("[".repeat(100_000));
    bodies
}

/// The batch of these bodies, worked off by the function of one of the queues; the messages that go back.
async fn work(world: &World, bodies: &[String], jobs_queue: bool) -> Vec<String> {
    let records: Vec<Value> = bodies
        .iter()
        .enumerate()
        .map(|(at, body)| json!({"messageId": at.to_string(), "body": body, "attributes": {"MessageGroupId": at.to_string()}}))
        .collect();
    let event: SqsEvent = serde_json::from_value(json!({ "Records": records })).unwrap();
    let app = world.instance();
    let handle = async |work: Work| -> Result<(), Problem> {
        if jobs_queue {
            notion_export::work(&app, work).await
        } else {
            ticket_extraction::work(&app, work).await
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
    for jobs_queue in [true, false] {
        assert_eq!(work(&world, &bodies, jobs_queue).await, all);
        assert_eq!(traces(&world), before);
    }
    let on_the_wrong_queue = [format!(r#"{{"kind":"check_transcription","user":"alice",{JOB}}}"#)];
    assert_eq!(work(&world, &on_the_wrong_queue, true).await, ["0"]);
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
        assert_eq!(work(&world, &transcription, false).await, [""; 0], "{user}");
        let resolve = [json!({"kind": "resolve_intent", "user": user, "intent": intent}).to_string()];
        work(&world, &resolve, true).await;
        assert_eq!(traces(&world), before, "{user}");
    }
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
