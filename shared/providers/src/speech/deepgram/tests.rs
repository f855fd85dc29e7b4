//! Submissions to Deepgram and its reports.

use std::sync::Arc;

use domain::captions::Word;
use serde_json::{Value, json};
use url::Url;
use vendors::DEEPGRAM;

use super::*;
use crate::{
    speech::{Engine, Report},
    stub::{Stub, answer, limited, lost, ok, sample},
};

const CALLBACK: &str = "https://api.example.com/v1/hooks/deepgram/j1/token?a=b&c";

async fn submit(stub: &Arc<Stub>) -> Result<String, Error> {
    let media: PublicUrl = "https://media.example.com/a.mp4?sig=1&x=2".parse().unwrap();
    let deepgram = Deepgram::new(stub.http(), &Endpoints::default(), "canary".to_owned().into());
    Engine::Deepgram(deepgram).submit(&media, CALLBACK).await
}

#[tokio::test(start_paused = true)]
async fn a_recording_is_submitted_with_its_callback() {
    let stub = Stub::new([limited("1"), ok(&json!({"request_id": "r1"}))]);
    assert_eq!(submit(&stub).await.as_deref(), Ok("r1"));

    let request = stub.request(1);
    let url: Url = request.uri().to_string().parse().unwrap();
    let query: Vec<_> = url.query_pairs().into_owned().collect();
    let mut asked = DEEPGRAM.object_from_query("ListenV1RequestUrl", url.query().unwrap());
    asked["url"] = stub.asked(1).1["url"].clone();
    DEEPGRAM.assert_fits("ListenV1RequestUrl", &asked);
    assert_eq!((url.host_str(), url.path()), (Some("api.deepgram.com"), "/v1/listen"));
    assert!(query.contains(&("callback".to_owned(), CALLBACK.to_owned())));
    assert!(query.contains(&("diarize".to_owned(), "true".to_owned())));
    assert_eq!(stub.asked(1).1, json!({"url": "https://media.example.com/a.mp4?sig=1&x=2"}));
    assert_eq!(stub.header(1, "authorization"), "Token canary");
    assert!(!format!("{:?}", request.headers()).contains("canary"));
}

#[tokio::test(start_paused = true)]
async fn a_submission_without_an_answer_is_not_repeated() {
    let stub = Stub::new([lost()]);
    assert_eq!(submit(&stub).await, Err(Error::Ambiguous { committed: None }));
    let stub =
        Stub::new([answer(402, &json!({"err_code": "ASR_PAYMENT_REQUIRED", "err_msg": "No credit."}))]);
    let refused =
        Error::Rejected { status: 402, code: "ASR_PAYMENT_REQUIRED".into(), message: "No credit.".into() };
    assert_eq!(submit(&stub).await, Err(refused));
}

fn report(body: &Value) -> Result<Report, Error> {
    report_from_callback(body.to_string().as_bytes())
}

fn heard(body: &Value) -> Vec<Vec<Word>> {
    match report(body).unwrap() {
        Report::Heard { utterances, .. } => utterances,
        Report::Failed { code, .. } => panic!("{code}"),
    }
}

fn word(text: &str, start_ms: u64, end_ms: u64, speaker: Option<u32>) -> Word {
    Word { text: text.into(), start_ms, end_ms, speaker }
}

fn body(results: &Value) -> Value {
    json!({"metadata": {"request_id": "r1"}, "results": results})
}

#[test]
fn utterances_are_preferred_and_words_will_do() {
    let words = json!([
        {"word": "hello", "punctuated_word": "Hello,", "start": 0.08, "end": 0.479_999_98, "confidence": 1.0, "speaker": 1},
        {"word": "you", "start": 0.5, "end": 1.0},
        {"word": "", "start": 1.0, "end": 1.0},
    ]);
    let channels = json!([{"alternatives": [{"transcript": "…", "words": words}, {"words": words}]}]);
    let both = json!({"channels": channels, "utterances": [{"speaker": 0, "words": words}, {"words": []}]});
    let expected = vec![vec![word("Hello,", 80, 480, Some(1)), word("you", 500, 1_000, Some(0))]];
    assert_eq!(heard(&body(&both)), expected);
    let expected = vec![vec![word("Hello,", 80, 480, Some(1)), word("you", 500, 1_000, None)]];
    assert_eq!(heard(&body(&json!({"channels": channels}))), expected);
}

#[test]
fn silence_is_a_report_too() {
    for results in [
        json!({"channels": []}),
        json!({"channels": [{"alternatives": [{"transcript": "", "words": []}]}], "utterances": []}),
        json!({"channels": [{"alternatives": []}], "utterances": null}),
    ] {
        assert_eq!(heard(&body(&results)), Vec::<Vec<Word>>::new());
    }
}

#[test]
fn a_failure_is_told_by_its_code() {
    let failure = json!({"err_code": "REMOTE_CONTENT_ERROR", "err_msg": "…", "request_id": "r1"});
    let expected = Report::Failed { request_id: Some("r1".into()), code: "REMOTE_CONTENT_ERROR".into() };
    assert_eq!(report(&failure), Ok(expected));
}

#[test]
fn anything_else_is_no_report() {
    for text in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"results":{"channels":[]}}"#,
        r#"{"metadata":{"request_id":"r"}}"#,
        "\u{0}",
    ] {
        assert_eq!(report_from_callback(text.as_bytes()), Err(Error::BadResponse), "{text}");
    }
}

#[test]
fn times_that_are_none_do_no_harm() {
    let words = json!([{"word": "a", "start": -1.0, "end": 1e300}]);
    let heard = heard(&body(&json!({"utterances": [{"words": words}]})));
    assert_eq!(heard, [[word("a", 0, u64::MAX, None)]]);
}

#[test]
fn real_reports_are_read_whole() {
    for name in ["dg_speakers", "dg_transcription", "dg_speakers_no_utterances", "dg_utterances"] {
        let Some(sample) = sample(&format!("deepgram/sample-{name}.json")) else { return };
        DEEPGRAM.assert_fits("ListenV1Response", &sample);
        let expected = sample["results"]["channels"][0]["alternatives"][0]["words"].as_array().unwrap().len();
        assert_eq!(heard(&sample).concat().len(), expected, "{name}");
        assert_eq!(heard(&sample).concat()[0].speaker.is_some(), name.starts_with("dg_speakers"), "{name}");
    }
}
