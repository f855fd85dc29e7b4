//! Any transcript, any scripted answer: the question is one of the vendor's, and each answer means what it should.

use std::sync::Arc;

use bytes::Bytes;
use domain::{
    Cue, Voice,
    extraction::{Claims, Condensed},
};
use http::{Request, Response};
use proptest::{collection::vec, option, prelude::*};
use providers::{
    Error,
    openai::{DEFAULT_MODEL, ModelError, OpenAi as Client},
    registry::Endpoints,
};
use serde_json::{Value, json};
use simulators::{OpenAi, OpenAiConfig, openai::ScriptedAnswer};
use vendors::{assert_openai_answer, assert_openai_request};

use crate::door::{Door, run};

fn hold(request: &Request<Bytes>, response: &Response<Bytes>) {
    assert_openai_request(request);
    assert_openai_answer(request, response);
}

fn server() -> Arc<Door<OpenAi>> {
    Door::new(OpenAi::new(3, OpenAiConfig::default()), hold)
}

async fn claims(door: &Arc<Door<OpenAi>>, transcript: &Condensed) -> Result<Claims, ModelError> {
    let key = "sk-local".to_owned().into();
    Client::new(door.http(), &Endpoints::default(), key, DEFAULT_MODEL).claims(transcript).await
}

fn transcript() -> impl Strategy<Value = Condensed> {
    let voice = (option::of("\\PC{0,20}"), "[\\PC\\n\\r\u{2028}]{0,60}")
        .prop_map(|(speaker, text)| Voice { speaker, text });
    let cue = ("\\PC{0,12}", any::<u64>(), vec(voice, 0..3)).prop_map(|(id, start_ms, voices)| Cue {
        id,
        start_ms,
        end_ms: start_ms,
        voices,
    });
    (vec(cue, 0..12), 0..9_usize).prop_map(|(cues, omitted)| Condensed { cues, omitted })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_transcript_is_asked_about_and_its_answer_is_read(transcript in transcript()) {
        let door = server();
        let claims = run(claims(&door, &transcript));
        prop_assert!(claims.is_ok(), "{:?}", claims);
        prop_assert_eq!(door.simulator().violations().to_vec(), Vec::<String>::new());
    }
}

fn after(script: &Value) -> Result<Claims, ModelError> {
    let door = server();
    for answer in serde_json::from_value::<Vec<ScriptedAnswer>>(script.clone()).unwrap() {
        door.simulator().script(answer);
    }
    run(claims(&door, &Condensed { cues: vec![], omitted: 0 }))
}

#[test]
fn every_answer_of_a_server_has_its_meaning() {
    let prose = json!({"kind": "prose", "text": "Sure!"});
    let html = json!({"kind": "html"});
    let error = json!({"kind": "server_error"});
    let soon = json!({"kind": "rate_limited", "retry_after_seconds": 1});
    let late = json!({"kind": "rate_limited", "retry_after_seconds": 60});
    let wait = Error::RateLimited { retry_after: std::time::Duration::from_mins(1) };
    for (script, expected) in [
        (json!([{"kind": "refusal", "text": "No."}]), ModelError::Refused),
        (json!([{"kind": "content_filter"}]), ModelError::Refused),
        (json!([{"kind": "length", "content": "{"}]), ModelError::Incomplete),
        (json!([{"kind": "insufficient_quota"}]), ModelError::QuotaExhausted),
        (json!([prose, html, {"kind": "content", "value": {"title": 7}}]), ModelError::BadResponse),
        (json!([error, error, error]), Error::Unavailable.into()),
        (json!([late]), wait.into()),
    ] {
        assert_eq!(after(&script), Err(expected), "{script}");
    }
    for script in [json!([error, soon]), json!([html, prose]), json!([])] {
        assert!(after(&script).is_ok(), "{script}");
    }
}
