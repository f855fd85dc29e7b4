//! The sample events of `events/`: each is what its function receives, and is answered as its users read it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use aws_lambda_events::event::sqs::SqsEvent;
use axum::body::Body;
use http::{Method, Request};
use runtime::{Problem, Work, work_off};
use scheduler::Task;
use serde_json::{Value, json};
use url::Url;

use crate::support::world::{BUCKET, Routes};
use crate::support::{Answer, Browser, World, get, send_json};

/// What the HTTP events are answered with, one after another, by a backend that is new at first.
const ANSWERS: [(&str, u16); 16] = [
    ("api/health", 200),
    ("api/unauthenticated", 401),
    ("api/put-video", 201),
    ("api/put-video-without-transcript", 201),
    ("api/list-videos", 200),
    ("api/put-plan", 201),
    ("calendar-sync/sync", 409),
    ("api/connect-session", 201),
    ("oauth-start/start", 303),
    ("oauth-callback/allowed", 303),
    ("oauth-callback/denied", 303),
    ("ticket-extraction/draft", 200),
    ("ticket-extraction/transcription", 202),
    ("ticket-extraction/deepgram-callback", 404),
    ("notion-export/ticket", 409),
    ("provider-push/google-calendar", 404),
];

/// Which messages of the batches go back to their queues.
const BATCHES: [(&str, &[&str]); 5] = [
    ("ticket-extraction/queue", &[]),
    ("ticket-extraction/queue-with-an-unreadable-message", &["0c8f6d2e-5b1a-4e7f-9c3d-000000000002"]),
    ("notion-export/queue", &[]),
    ("calendar-sync/queue", &[]),
    ("calendar-sync/scheduled", &[]),
];

const SCHEDULED: [&str; 1] = ["scheduler/sweep"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../events")
}

fn names_in(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The event of this name, as it stands in its file.
fn event(name: &str) -> String {
    let path = folder().join(format!("{name}.json"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn routes_of(name: &str) -> Routes {
    match name.split('/').next().unwrap() {
        "api" => api::routes,
        "oauth-start" => oauth_start::routes,
        "oauth-callback" => oauth_callback::routes,
        "ticket-extraction" => ticket_extraction::routes,
        "notion-export" => notion_export::routes,
        "calendar-sync" => calendar_sync::routes,
        "provider-push" => provider_push::routes,
        other => panic!("{other} answers no requests"),
    }
}

/// The request that the function sees, with a token of alice.
fn request(world: &World, event: &str) -> Request<Body> {
    let event = event.replace("<alice>", &world.token("alice"));
    lambda_http::request::from_str(&event).unwrap().map(Body::new)
}

/// Sends the event of this name, with its samples replaced by what is real in this world.
async fn send(world: &World, name: &str, samples: &[(&str, &str)]) -> Answer {
    let filled = samples.iter().fold(event(name), |event, (sample, real)| {
        assert!(event.contains(sample), "{name} has no {sample}");
        event.replace(sample, real)
    });
    world.send(routes_of(name), request(world, &filled)).await
}

#[test]
fn every_function_has_events_and_every_event_has_a_function() {
    let mut with_events = names_in(&folder());
    assert!(with_events.remove("demo"), "the demo's recording is there too");
    let functions = names_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions"));
    assert_eq!(with_events, functions);
    let files = functions.iter().flat_map(|function| {
        let files = names_in(&folder().join(function));
        files.into_iter().map(move |file| format!("{function}/{file}"))
    });
    let expected = ANSWERS.iter().map(|(name, _)| *name);
    let expected = expected.chain(BATCHES.iter().map(|(name, _)| *name)).chain(SCHEDULED);
    let expected: BTreeSet<_> = expected.map(|name| format!("{name}.json")).collect();
    assert_eq!(files.collect::<BTreeSet<_>>(), expected);
}

#[test]
fn an_event_says_the_same_in_all_its_places_and_names_nobody() {
    for (name, _) in ANSWERS {
        let text = event(name);
        let document: Value = serde_json::from_str(&text).unwrap();
        let http = &document["requestContext"]["http"];
        let seen = lambda_http::request::from_str(&text).unwrap();
        assert_eq!(seen.method().as_str(), http["method"], "{name}");
        assert_eq!(seen.uri().path(), http["path"], "{name}");
        assert_eq!(seen.uri().query().unwrap_or_default(), document["rawQueryString"], "{name}");
        assert_eq!(document["routeKey"], document["requestContext"]["routeKey"], "{name}");
        let length = seen.headers()["content-length"].to_str().unwrap();
        assert_eq!(length, seen.body().len().to_string(), "{name}");
        let token = seen.headers().get("authorization").map(|value| value.to_str().unwrap());
        assert!(matches!(token, None | Some("Bearer <alice>")), "{name}: {token:?}");
        assert_eq!(document["requestContext"]["accountId"], "123456789012", "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_requests_are_answered_as_on_a_new_backend() {
    let world = World::calm();
    for (name, status) in ANSWERS {
        let answer = send(&world, name, &[]).await;
        assert_eq!(answer.status.as_u16(), status, "{name}: {:?}", answer.body);
        let id = answer.headers["x-request-id"].to_str().unwrap();
        assert!(event(name).contains(id), "{name}: the gateway's id of the request is kept");
        if name.starts_with("oauth-") {
            assert!(answer.location().ends_with("/integrations?error=invalid_state"), "{name}: {answer:?}");
        }
    }
    let videos = world.send(api::routes, get(&world, "alice", "/v1/videos")).await.json();
    let names: Vec<_> = videos["items"].as_array().unwrap().iter().map(|video| &video["name"]).collect();
    assert_eq!(names, ["The export crashes", "A spoken report"]);
}

/// The parameters of a query, by name.
fn query(address: &str) -> BTreeMap<String, String> {
    Url::parse(address).unwrap().query_pairs().into_owned().collect()
}

/// Sends the browser's events up to the callback, which `decision` brings about on Notion's page.
async fn connect(world: &World, callback: &str, decision: &str) -> Answer {
    let link = send(world, "api/connect-session", &[("connect-1", decision)]).await.json();
    let session = query(link["connect_url"].as_str().unwrap())["session"].clone();
    let start = send(world, "oauth-start/start", &[("sample-session", &session)]).await;
    assert_eq!(start.status.as_u16(), 302, "{start:?}");
    let cookie = start.headers["set-cookie"].to_str().unwrap();
    let browser = cookie.strip_prefix("__Host-oauth=").unwrap().split(';').next().unwrap();
    let back = query(&Browser::decide(world, start.location(), decision));
    let mut samples = vec![("sample-state", back["state"].as_str()), ("sample-browser", browser)];
    samples.extend(back.get("code").map(|code| ("sample-code", code.as_str())));
    send(world, callback, &samples).await
}

#[tokio::test(start_paused = true)]
async fn with_real_values_the_events_connect_an_account_and_create_a_page() {
    let world = World::calm();
    let denied = connect(&world, "oauth-callback/denied", "cancel").await;
    assert!(denied.location().ends_with("?error=oauth_denied"), "{denied:?}");
    let allowed = connect(&world, "oauth-callback/allowed", "allow").await;
    assert!(allowed.location().ends_with("?connected=notion"), "{allowed:?}");
    let found = world.send(api::routes, get(&world, "alice", "/v1/connections/notion/databases")).await;
    let database = found.json()["items"][0]["id"].clone();
    let choice = json!({"settings": {"database_id": database}});
    let path = "/v1/connections/notion";
    let chosen =
        world.send(api::routes, send_json(&world, "alice", Method::PATCH, path, None, &choice)).await;
    assert_eq!(chosen.status.as_u16(), 200, "{chosen:?}");
    send(&world, "api/put-video", &[]).await;
    let created = send(&world, "notion-export/ticket", &[]).await;
    assert_eq!(created.status.as_u16(), 201, "{created:?}");
    let again = send(&world, "notion-export/ticket", &[]).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.body, created.body);
}

#[tokio::test(start_paused = true)]
async fn at_its_real_address_the_speech_engines_event_becomes_a_transcript() {
    let world = World::calm();
    send(&world, "api/put-video-without-transcript", &[]).await;
    send(&world, "ticket-extraction/transcription", &[]).await;
    let submitted = world.providers.lock().unwrap().deepgram.simulator.jobs().remove(0);
    let address = Url::parse(&submitted.callback).unwrap();
    let parts: Vec<_> = address.path_segments().unwrap().rev().take(2).collect();
    let samples = [
        ("sample-token", parts[0]),
        ("00000000-0000-4000-8000-00000000000a", parts[1]),
        ("sample-request", submitted.request_id.as_str()),
    ];
    let answer = send(&world, "ticket-extraction/deepgram-callback", &samples).await;
    assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
    let video = world.send(api::routes, get(&world, "alice", "/v1/videos/spoken-report")).await;
    assert_eq!(video.json()["status"], "complete");
    let objects = world.aws.objects();
    let transcript = &objects[&(BUCKET.to_owned(), "alice/spoken-report/transcription.vtt".to_owned())];
    let transcript = String::from_utf8_lossy(transcript);
    assert!(transcript.contains("Saving fails on the settings page."), "{transcript}");
}

#[tokio::test(start_paused = true)]
async fn the_batches_are_worked_off_except_for_what_nobody_can_read() {
    let world = World::calm();
    for (name, back) in BATCHES {
        let batch: SqsEvent = serde_json::from_str(&event(name)).unwrap();
        assert_eq!(batch.records.len(), 2, "{name}");
        for message in &batch.records {
            let group = message.attributes.get("MessageGroupId");
            assert!(group.is_some_and(|group| !group.is_empty()), "{name}: queues are FIFO");
            let queue = message.event_source_arn.as_deref().unwrap_or_default();
            assert!(queue.starts_with("arn:aws:sqs:eu-central-1:123456789012:patchbay-"), "{name}: {queue}");
        }
        let app = world.instance();
        let handle = async |work: Work| -> Result<(), Problem> {
            match name.split('/').next() {
                Some("notion-export") => notion_export::work(&app, work).await,
                Some("calendar-sync") => calendar_sync::work(&app, work).await,
                _ => ticket_extraction::work(&app, work).await,
            }
        };
        let response = work_off(batch, handle).await;
        let failed: Vec<_> =
            response.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect();
        assert_eq!(failed, back, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_schedules_event_is_a_task_that_succeeds() {
    let world = World::calm();
    for name in SCHEDULED {
        let task: Task = serde_json::from_str(&event(name)).unwrap();
        scheduler::handle(&world.instance(), task).await.unwrap();
    }
}
