//! The instruments themselves, without anything built for release.

use anyhow::Result;
use serde_json::json;

use crate::events::HttpEvent;
use crate::instance::{Instance, Program};
use crate::surroundings::{Surroundings, now};

/// A function in Python: takes one event, answers with it, and waits for the next.
const ECHO: &str = r#"
import os
from urllib.request import urlopen
api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
urlopen(f"{api}/1/response", data=urlopen(f"{api}/next").read())
urlopen(f"{api}/next")
"#;

fn python(name: &'static str, code: &str) -> Program {
    Program { name, command: ["python3", "-c", code].map(str::to_owned).to_vec() }
}

#[tokio::test]
async fn an_event_is_handed_out_and_its_answer_comes_back_timed() -> Result<()> {
    let mut instance = Instance::start(&python("echo", ECHO), &[], &std::env::temp_dir()).await?;
    let first_poll = instance.first_poll().await?;
    let invocation = instance.invoke(r#"{"task":"sweep"}"#).await?;
    assert_eq!(invocation.answer, r#"{"task":"sweep"}"#);
    assert!(invocation.given <= invocation.answered && invocation.answered <= invocation.ready);
    assert!(first_poll <= instance.age_at(invocation.answered));
    assert!(instance.usage()?.peak_kb > 0);
    Ok(())
}

#[tokio::test]
async fn a_program_that_ends_is_not_waited_for() -> Result<()> {
    let mut instance = Instance::start(&python("dead", "exit(3)"), &[], &std::env::temp_dir()).await?;
    let error = instance.first_poll().await.unwrap_err().to_string();
    assert!(error.contains("exit status: 3"), "{error}");
    Ok(())
}

#[tokio::test]
async fn the_issuers_tokens_name_its_published_key() -> Result<()> {
    let surroundings = Surroundings::start().await?;
    let token = surroundings.token("alice")?;
    assert_eq!(token.split('.').count(), 3);
    let environment = surroundings.environment();
    assert!(
        environment
            .iter()
            .any(|(name, url)| *name == "PATCHBAY_JWKS_URL" && url.starts_with("http://127.0.0.1:"))
    );
    assert!(now().as_second() > 0);
    Ok(())
}

#[test]
fn an_event_says_the_same_in_all_its_places() {
    let event = HttpEvent::new("POST", "/v1/x").query("a=1&b=%20").json(&json!({"ä": 1}));
    let event: serde_json::Value = serde_json::from_str(&event.text()).unwrap();
    assert_eq!(event["rawPath"], event["requestContext"]["http"]["path"]);
    assert_eq!(event["queryStringParameters"], json!({"a": "1", "b": " "}));
    assert_eq!(event["headers"]["content-length"], event["body"].as_str().unwrap().len().to_string());
}
