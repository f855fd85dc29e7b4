//! Transcription on demand: one transcript, whatever is killed, lost, late or repeated.

use std::collections::BTreeMap;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use simulators::Fault;
use simulators::faults::FaultKind;

use super::invariants::{nothing_leaks, nothing_stuck};
use super::{DEATHS, LOSSES, harm_each, in_virtual_time};
use crate::support::fate::Harm;
use crate::support::logs::Logs;
use crate::support::world::{BUCKET, Routes};
use crate::support::{Answer, World, get, send_json};

const MEDIA: &str = "https://media.example.com/rec-1.mp4";

async fn insist(
    world: &World,
    routes: Routes,
    method: Method,
    path: &str,
    key: Option<&str>,
    body: Value,
) -> Answer {
    world.insist(routes, || send_json(world, "alice", method.clone(), path, key, &body)).await
}

async fn record(world: &World) {
    let body = json!({"name": "A walkthrough", "media_url": MEDIA});
    let answer = insist(world, api::routes, Method::PUT, "/v1/videos/rec-1", None, body).await;
    assert!(answer.status.is_success(), "{answer:?}");
}

async fn transcribe(world: &World, key: Option<&str>) -> Value {
    let path = "/v1/videos/rec-1/transcription";
    let answer = insist(world, ticket_extraction::routes, Method::POST, path, key, json!({})).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
    let job = answer.json();
    assert_eq!(answer.location(), format!("/v1/jobs/{}", job["id"].as_str().unwrap()));
    job
}

async fn status(world: &World) -> String {
    let video = world.send(api::routes, get(world, "alice", "/v1/videos/rec-1")).await;
    video.json()["status"].as_str().unwrap().to_owned()
}

async fn job_of(world: &World, job: &Value) -> Value {
    let path = format!("/v1/jobs/{}", job["id"].as_str().unwrap());
    world.send(api::routes, get(world, "alice", &path)).await.json()
}

fn transcript(world: &World) -> String {
    let objects = world.aws.objects();
    let key = (BUCKET.to_owned(), "alice/rec-1/transcription.vtt".to_owned());
    String::from_utf8(objects[&key].clone()).unwrap()
}

fn submissions(world: &World) -> usize {
    world.providers.lock().unwrap().deepgram.records.count(&Method::POST, "/v1/listen")
}

async fn run(_: u64, harm: BTreeMap<usize, Harm>) -> Vec<String> {
    let logs = Logs::default();
    let level = if harm.is_empty() { tracing::Level::DEBUG } else { tracing::Level::INFO };
    let guard = logs.collect(level);
    let world = World::new(1, harm);
    record(&world).await;
    let job = transcribe(&world, Some("t-1")).await;
    // Whoever is killed now is found by the watchdog: twice its patience is enough.
    let mut done = job;
    for _ in 0..50 {
        world.pass_minutes(1).await;
        let path = format!("/v1/jobs/{}", done["id"].as_str().unwrap());
        done = world.insist(api::routes, || get(&world, "alice", &path)).await.json();
        if done["status"] == "succeeded" {
            break;
        }
    }
    let exchanges = world.fate.relent();
    world.pass_minutes(6).await;
    assert_eq!(done["status"], "succeeded", "{done}");
    assert_eq!(status(&world).await, "complete");
    assert!(transcript(&world).starts_with("WEBVTT"));
    assert!(submissions(&world) <= 2, "at most submitted once more");
    let draft = insist(
        &world,
        ticket_extraction::routes,
        Method::POST,
        "/v1/videos/rec-1/ticket-draft",
        None,
        json!({}),
    );
    assert_eq!(draft.await.status, StatusCode::OK);
    nothing_stuck(&world);
    nothing_leaks(&world, &logs);
    drop(guard);
    exchanges
}

#[test]
fn every_exchange_of_a_transcription_may_be_the_last_of_its_function() {
    harm_each(DEATHS, |_| 1, run);
}

#[test]
fn every_exchange_of_a_transcription_may_stay_unanswered() {
    harm_each(LOSSES, |_| 1, run);
}

#[tokio::test(start_paused = true)]
async fn an_undisturbed_transcription_is_submitted_once_and_reported_once() {
    let world = World::calm();
    record(&world).await;
    let job = transcribe(&world, None).await;
    assert_eq!(job["status"], "running");
    assert_eq!(status(&world).await, "processing");
    let path = "/v1/videos/rec-1/ticket-draft";
    let ask = send_json(&world, "alice", Method::POST, path, None, &json!({}));
    let pending = world.send(ticket_extraction::routes, ask).await;
    assert_eq!((pending.status.as_u16(), pending.code()), (409, "transcription_pending".into()));
    assert_eq!(pending.json()["transcription_status"], "processing");
    world.pass_minutes(5).await;
    assert_eq!((status(&world).await.as_str(), submissions(&world)), ("complete", 1));
    let done = job_of(&world, &job).await;
    assert_eq!((done["status"].as_str(), &done["progress"]["done"]), (Some("succeeded"), &json!(1)));
    let text = transcript(&world);
    assert!(text.contains("<v Speaker 0>") && text.contains("<v Speaker 1>"), "{text}");
    let longest =
        text.lines().filter(|line| line.starts_with("<v ")).map(|line| line.split('>').nth(1).unwrap());
    assert!(longest.clone().count() > 10 && longest.clone().all(|line| line.split_whitespace().count() <= 8));
}

#[tokio::test(start_paused = true)]
async fn two_requests_are_one_transcription() {
    let world = World::calm();
    record(&world).await;
    let first = transcribe(&world, Some("a")).await;
    let second = transcribe(&world, Some("b")).await;
    assert_eq!(first["id"], second["id"]);
    assert_eq!(submissions(&world), 1);
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_never_reports_is_asked_once_more_and_then_given_up() {
    let world = World::calm();
    world.providers.lock().unwrap().deepgram.simulator.set_processing_ms(864_000_000);
    record(&world).await;
    let job = transcribe(&world, None).await;
    world.pass_minutes(60).await;
    let done = job_of(&world, &job).await;
    assert_eq!(
        (done["status"].as_str(), done["error"]["code"].as_str()),
        (Some("failed"), Some("provider_unavailable"))
    );
    assert_eq!((status(&world).await.as_str(), submissions(&world)), ("error", 2));
    nothing_stuck(&world);
}

#[tokio::test(start_paused = true)]
async fn a_busy_engine_is_asked_again_later() {
    let world = World::calm();
    let busy = Fault::new(FaultKind::Status).on("POST", "/v1/listen").times(9);
    let busy = busy.answering(429, json!({"err_code": "TOO_MANY_REQUESTS"})).header("retry-after", "90");
    world.providers.lock().unwrap().deepgram.fail(busy).unwrap();
    record(&world).await;
    let job = transcribe(&world, None).await;
    assert_eq!(job["status"], "waiting");
    assert!(job["waiting_until"].is_string(), "{job}");
    world.providers.lock().unwrap().deepgram.faults.clear();
    world.pass_minutes(30).await;
    assert_eq!(status(&world).await, "complete");
}

#[tokio::test(start_paused = true)]
async fn where_there_is_no_engine_nothing_is_begun() {
    let world = World::calm();
    world.aws.put_secret("secret", r#"{"session_key":"k"}"#);
    record(&world).await;
    let ask = send_json(&world, "alice", Method::POST, "/v1/videos/rec-1/transcription", None, &json!({}));
    let answer = world.send(ticket_extraction::routes, ask).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (503, "provider_unavailable".into()));
    let jobs = world.send(api::routes, get(&world, "alice", "/v1/jobs")).await.json();
    assert_eq!((&jobs["items"], status(&world).await.as_str()), (&json!([]), "none"));
}

/// How the engine refuses to be asked, `times` in a row.
fn refuses(world: &World, status: u16, times: u32) {
    let refusal = Fault::new(FaultKind::Status).on("POST", "/v1/listen").times(times);
    let refusal = refusal.answering(status, json!({"err_code": "REFUSED", "err_msg": "Not that."}));
    world.providers.lock().unwrap().deepgram.fail(refusal).unwrap();
}

/// The job's status and its error's code.
async fn end_of(world: &World, job: &Value) -> (String, String) {
    let job = job_of(world, job).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&job["status"]), text(&job["error"]["code"]))
}

#[tokio::test(start_paused = true)]
async fn what_the_engine_refuses_ends_with_a_reason_and_may_be_asked_for_again() {
    for (status_code, code) in [(400, "provider_failed"), (503, "provider_unavailable")] {
        let world = World::calm();
        refuses(&world, status_code, 1_000);
        record(&world).await;
        let job = transcribe(&world, None).await;
        world.pass_minutes(600).await;
        assert_eq!(end_of(&world, &job).await, ("failed".to_owned(), code.to_owned()));
        assert_eq!(status(&world).await, "error", "{code}");
        nothing_stuck(&world);
        world.providers.lock().unwrap().deepgram.faults.clear();
        let again = transcribe(&world, None).await;
        world.pass_minutes(30).await;
        assert_eq!(end_of(&world, &again).await.0, "succeeded", "{code}");
        assert_eq!(status(&world).await, "complete", "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_recording_whose_media_is_gone_before_the_engine_is_free_is_not_waited_for() {
    let world = World::calm();
    refuses(&world, 429, 9);
    record(&world).await;
    let job = transcribe(&world, None).await;
    assert_eq!(job["status"], "waiting");
    world.providers.lock().unwrap().deepgram.faults.clear();
    let asked = submissions(&world);
    insist(&world, api::routes, Method::PUT, "/v1/videos/rec-1", None, json!({"name": "a"})).await;
    world.pass_minutes(30).await;
    assert_eq!(end_of(&world, &job).await, ("failed".to_owned(), "validation_failed".to_owned()));
    assert_eq!((status(&world).await.as_str(), submissions(&world)), ("error", asked));
    nothing_stuck(&world);
}

#[tokio::test(start_paused = true)]
async fn reports_are_believed_only_from_whoever_was_told_the_address() {
    let world = World::calm();
    record(&world).await;
    let job = transcribe(&world, None).await;
    let id = job["id"].as_str().unwrap();
    let hook = async |path: String| {
        let request = http::Request::post(path).header("content-type", "application/json");
        let report = axum::body::Body::from(r#"{"metadata":{"request_id":"x"},"results":{"channels":[]}}"#);
        let answer = world.send(ticket_extraction::routes, request.body(report).unwrap()).await;
        (answer.status.as_u16(), answer.code())
    };
    let guess = "a".repeat(64);
    for path in [
        format!("/v1/hooks/deepgram/{id}/{guess}"),
        format!("/v1/hooks/deepgram/{id}/x"),
        format!("/v1/hooks/deepgram/unheard-of/{guess}"),
    ] {
        assert_eq!(hook(path).await, (404, "not_found".into()));
    }
    assert_eq!(status(&world).await, "processing");
}

#[tokio::test(start_paused = true)]
async fn a_report_that_comes_again_changes_nothing() {
    let world = World::calm();
    record(&world).await;
    transcribe(&world, None).await;
    world.pass_minutes(5).await;
    let comes_again = async || {
        let again = {
            let providers = world.providers.lock().unwrap();
            let id = providers.deepgram.simulator.jobs()[0].request_id.clone();
            providers.deepgram.simulator.repeat_callback(&id).unwrap()
        };
        let before = shown(&world).await;
        let answer = world.send(ticket_extraction::routes, again.map(axum::body::Body::from)).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0));
        world.pass_minutes(5).await;
        assert_eq!(shown(&world).await, before);
    };
    comes_again().await;
    let own = "WEBVTT\n\n00:00.000 --> 00:02.000\nMy own words.";
    let body = json!({"name": "A walkthrough", "transcript": own});
    insist(&world, api::routes, Method::PUT, "/v1/videos/rec-1", None, body).await;
    comes_again().await;
    assert_eq!(transcript(&world), own, "what the user put stays");
}

/// What the user sees, word for word: the transcript, the recording, the jobs, and what was counted; and what the engine was asked.
async fn shown(world: &World) -> (String, Vec<Value>, usize) {
    let mut answers = Vec::new();
    for path in ["/v1/videos/rec-1", "/v1/videos", "/v1/jobs", "/v1/usage"] {
        answers.push(world.send(api::routes, get(world, "alice", path)).await.json());
    }
    let draft = "/v1/videos/rec-1/ticket-draft";
    let draft = send_json(world, "alice", Method::POST, draft, None, &json!({}));
    answers.push(world.send(ticket_extraction::routes, draft).await.json());
    (transcript(world), answers, submissions(world))
}

#[tokio::test(start_paused = true)]
async fn what_the_user_puts_while_the_engine_works_is_not_overwritten() {
    let world = World::calm();
    record(&world).await;
    transcribe(&world, None).await;
    let own =
        json!({"name": "A walkthrough", "transcript": "WEBVTT\n\n00:00.000 --> 00:02.000\nMy own words."});
    insist(&world, api::routes, Method::PUT, "/v1/videos/rec-1", None, own).await;
    world.pass_minutes(30).await;
    assert!(transcript(&world).contains("My own words."));
    nothing_stuck(&world);
}

#[test]
fn without_media_there_is_nothing_to_transcribe() {
    in_virtual_time(async {
        let world = World::calm();
        insist(&world, api::routes, Method::PUT, "/v1/videos/rec-1", None, json!({"name": "a"})).await;
        let path = "/v1/videos/rec-1/transcription";
        let ask = send_json(&world, "alice", Method::POST, path, None, &json!({}));
        let answer = world.send(ticket_extraction::routes, ask).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (422, "validation_failed".into()));
        assert_eq!(answer.json()["errors"][0]["pointer"], "/media_url");
    });
}
