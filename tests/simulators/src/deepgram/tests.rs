//! Tests of the Deepgram stand-in. Every exchange is also held against the vendor's schema.

use super::{Deepgram, DeepgramConfig, JobState, Media, Utterance};
use crate::Simulator;
use bytes::Bytes;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use vendors::{assert_deepgram_answer, assert_deepgram_report, assert_deepgram_request};

const MEDIA: &str = "https://media.test/v1.mp4?signature=abc";
const OPTIONS: &str = "model=nova-3&smart_format=true&punctuate=true&diarize=true&utterances=true";
const CALLBACK: &str = "callback=https%3A%2F%2Fapi.test%2Fv1%2Fhooks%2Fdeepgram%2Fj1%2Ftoken";

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_763_714_551_000)
        .unwrap()
        .checked_add(SignedDuration::from_millis(ms))
        .unwrap()
}

fn send(deepgram: &mut Deepgram, query: &str, body: &Value, ms: i64) -> Response<Bytes> {
    let request = Request::post(format!("http://deepgram.test/v1/listen?{query}"))
        .header("authorization", "Token dg-local")
        .header("content-type", "application/json")
        .body(Bytes::from(body.to_string()))
        .unwrap();
    let response = deepgram.answer(&request, at(ms));
    if response.status() == 200 {
        assert_deepgram_request(&request);
    }
    assert_deepgram_answer(&request, &response);
    response
}

fn json_of(body: &Bytes) -> Value {
    serde_json::from_slice(body).unwrap()
}

fn deepgram() -> Deepgram {
    Deepgram::new(5, DeepgramConfig::default())
}

/// Submits a recording with a callback; the request id.
fn submit(deepgram: &mut Deepgram, ms: i64) -> String {
    let response = send(deepgram, &format!("{OPTIONS}&{CALLBACK}"), &json!({"url": MEDIA}), ms);
    assert_eq!(response.status(), 200, "{:?}", response.body());
    json_of(response.body())["request_id"].as_str().unwrap().to_owned()
}

#[test]
fn the_result_is_posted_once_it_is_done_with_the_key_identifier() {
    let mut deepgram = deepgram();
    let id = submit(&mut deepgram, 0);
    assert!(deepgram.due_callbacks(at(999)).is_empty());
    let due = deepgram.due_callbacks(at(1_000));
    assert_eq!((due.len(), due[0].request_id.as_str(), due[0].attempt), (1, id.as_str(), 1));
    let request = &due[0].request;
    assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/v1/hooks/deepgram/j1/token"));
    assert_eq!(request.headers()["dg-token"], DeepgramConfig::default().key_id);
    let body = json_of(request.body());
    assert_deepgram_report(request);
    assert_eq!(body["metadata"]["request_id"], id.as_str());
    assert_eq!(body["results"]["utterances"].as_array().unwrap().len(), 40);
    deepgram.callback_answered(&id, Some(200));
    assert!(deepgram.due_callbacks(at(1_000_000)).is_empty());
    assert_eq!(deepgram.jobs()[0].state, JobState::Delivered);
}

#[test]
fn an_unaccepted_callback_is_repeated_ten_times_half_a_minute_apart() {
    let mut deepgram = deepgram();
    let id = submit(&mut deepgram, 0);
    for attempt in 0..11 {
        let due_at = 1_000 + attempt * 30_000;
        assert!(deepgram.due_callbacks(at(due_at - 1)).is_empty(), "{attempt}");
        assert_eq!(deepgram.due_callbacks(at(due_at)).len(), 1, "{attempt}");
        deepgram.callback_answered(&id, if attempt % 2 == 0 { Some(503) } else { None });
    }
    assert!(deepgram.due_callbacks(at(10_000_000)).is_empty());
    assert_eq!((deepgram.jobs()[0].state, deepgram.next_callback_at()), (JobState::GivenUp, None));
}

#[test]
fn words_follow_each_other_in_time_and_carry_their_speaker() {
    let body = json_of(send(&mut deepgram(), OPTIONS, &json!({"url": MEDIA}), 0).body());
    let words = body["results"]["channels"][0]["alternatives"][0]["words"].as_array().unwrap();
    let times: Vec<_> =
        words.iter().map(|word| (word["start"].as_f64().unwrap(), word["end"].as_f64().unwrap())).collect();
    assert!(times.windows(2).all(|pair| pair[0].0 < pair[0].1 && pair[0].1 <= pair[1].0));
    assert!(words.iter().all(|word| word["speaker"].is_u64() && word["punctuated_word"].is_string()));
    assert_eq!((&words[0]["word"], &words[0]["punctuated_word"]), (&json!("okay"), &json!("Okay,")));
}

#[test]
fn what_was_not_asked_for_is_not_there() {
    let body = json_of(send(&mut deepgram(), "model=nova-2", &json!({"url": MEDIA}), 0).body());
    assert!(body["results"].get("utterances").is_none());
    let word = &body["results"]["channels"][0]["alternatives"][0]["words"][0];
    assert!(word.get("speaker").is_none() && word.get("punctuated_word").is_none());
}

#[test]
fn recordings_can_hold_other_words_none_or_nothing_usable() {
    let mut deepgram = deepgram();
    let said = |texts: &[&str]| Media::Said {
        utterances: texts.iter().map(|text| Utterance { speaker: 0, text: (*text).to_owned() }).collect(),
    };
    let transcript = |deepgram: &mut Deepgram| {
        let body = json_of(send(deepgram, OPTIONS, &json!({"url": MEDIA}), 0).body());
        body["results"]["channels"][0]["alternatives"][0]["transcript"].clone()
    };
    deepgram.set_media("https://media.test/v1.mp4", said(&["Hello there.", "Bye."]));
    assert_eq!(transcript(&mut deepgram), "Hello there. Bye.");
    deepgram.set_media(MEDIA, said(&[]));
    assert_eq!(transcript(&mut deepgram), "");
    deepgram.set_media(MEDIA, Media::Unreachable);
    let refused = send(&mut deepgram, &format!("{OPTIONS}&{CALLBACK}"), &json!({"url": MEDIA}), 0);
    assert_eq!(
        (refused.status().as_u16(), &json_of(refused.body())["err_code"]),
        (400, &json!("REMOTE_CONTENT_ERROR"))
    );
    deepgram.set_media(MEDIA, Media::Corrupt);
    submit(&mut deepgram, 0);
    let due = deepgram.due_callbacks(at(1_000));
    assert!(json_of(due[0].request.body())["err_msg"].as_str().unwrap().contains("corrupt"));
}

#[test]
fn unknown_parameters_values_ports_and_bodies_are_refused() {
    let good = json!({"url": MEDIA});
    for query in [
        "modle=nova-3",
        "model=nova-9",
        "punctuate=yes",
        "callback=ftp%3A%2F%2Fapi.test%2F",
        "callback=https%3A%2F%2Fapi.test%3A9000%2F",
        "callback_method=PATCH",
        "utt_split=long",
    ] {
        let mut deepgram = deepgram();
        assert_eq!(send(&mut deepgram, query, &good, 0).status(), 400, "{query}");
        assert_eq!(deepgram.violations().len(), 1, "{query}");
    }
    for body in [json!({}), json!({"url": "v1.mp4"}), json!({"url": MEDIA, "model": "nova-3"}), json!([])] {
        assert_eq!(send(&mut deepgram(), OPTIONS, &body, 0).status(), 400, "{body}");
    }
    let local = send(&mut deepgram(), "callback=http%3A%2F%2F127.0.0.1%3A39211%2Fhook", &good, 0);
    assert_eq!(local.status(), 200);
}

#[test]
fn only_the_key_lets_in() {
    let request = Request::post("http://deepgram.test/v1/listen")
        .header("authorization", "Bearer dg-local")
        .body(Bytes::new())
        .unwrap();
    let refused = deepgram().answer(&request, at(0));
    assert_eq!(
        (refused.status().as_u16(), &json_of(refused.body())["err_code"]),
        (401, &json!("INVALID_AUTH"))
    );
}

#[test]
fn one_recording_too_many_at_once_is_refused_until_another_is_done() {
    let mut deepgram = Deepgram::new(5, DeepgramConfig { concurrency: 2, ..DeepgramConfig::default() });
    submit(&mut deepgram, 0);
    submit(&mut deepgram, 500);
    let query = format!("{OPTIONS}&{CALLBACK}");
    assert_eq!(send(&mut deepgram, &query, &json!({"url": MEDIA}), 900).status(), 429);
    assert_eq!(send(&mut deepgram, &query, &json!({"url": MEDIA}), 1_000).status(), 200);
}

#[test]
fn credentials_in_the_callback_address_become_a_header() {
    let mut deepgram = deepgram();
    let query = format!("{OPTIONS}&callback=https%3A%2F%2Fuser%3Apass%40api.test%2Fhook&callback_method=PUT");
    send(&mut deepgram, &query, &json!({"url": MEDIA}), 0);
    let due = deepgram.due_callbacks(at(1_000));
    let request = &due[0].request;
    assert_eq!(
        (request.method().as_str(), request.uri().to_string().as_str()),
        ("PUT", "https://api.test/hook")
    );
    assert_eq!(request.headers()["authorization"], "Basic dXNlcjpwYXNz");
}
