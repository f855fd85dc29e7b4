//! An OpenAI-compatible model server: strict about requests, sensible and repeatable in its answers.

mod claims;
mod request;
mod strict_schema;
#[cfg(test)]
mod tests;

use crate::{Seed, Simulator, answer, answer_json, with_header};
use bytes::Bytes;
use claims::Claims;
use http::{Request, Response, StatusCode, header};
use jiff::Timestamp;
use request::{Complaint, Completion};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::VecDeque;

/// How a model server is set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpenAiConfig {
    /// The key that is let in.
    pub api_key: String,
    /// The path all endpoints are under.
    pub root: String,
    /// The models there are.
    pub models: Vec<String>,
}

impl Default for OpenAiConfig {
    fn default() -> Self {
        Self {
            api_key: "sk-local".to_owned(),
            root: "/v1".to_owned(),
            models: vec!["gpt-4o-mini".to_owned(), "gpt-4o".to_owned()],
        }
    }
}

/// An answer ordered in advance; each is given once, in order, to a request that is valid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ScriptedAnswer {
    /// The model declines.
    Refusal {
        /// Its words.
        text: String,
    },
    /// The answer ends where the tokens did.
    Length {
        /// What came until then.
        content: String,
    },
    /// The answer was withheld by a filter.
    ContentFilter,
    /// A message with this text, whatever was asked for.
    Prose {
        /// The text.
        text: String,
    },
    /// A message with this value as JSON, whatever was asked for.
    Content {
        /// The value.
        value: Value,
    },
    /// Status 200 with a page of HTML.
    Html,
    /// Status 429, to be tried again.
    RateLimited {
        /// The `retry-after` header.
        retry_after_seconds: u32,
    },
    /// Status 429, not to be tried again.
    InsufficientQuota,
    /// Status 500.
    ServerError,
}

/// The stand-in for an OpenAI-compatible server.
#[derive(Clone, Debug)]
pub struct OpenAi {
    config: OpenAiConfig,
    seed: Seed,
    script: VecDeque<ScriptedAnswer>,
    down: bool,
    completions: Vec<Value>,
    violations: Vec<String>,
}

impl OpenAi {
    /// A server that is up and answers from what it is shown.
    pub fn new(seed: u64, config: OpenAiConfig) -> Self {
        Self {
            config,
            seed: Seed::new(seed),
            script: VecDeque::new(),
            down: false,
            completions: Vec::new(),
            violations: Vec::new(),
        }
    }

    /// Orders an answer.
    pub fn script(&mut self, answer: ScriptedAnswer) {
        self.script.push_back(answer);
    }

    /// Takes the ordered answers back.
    pub fn clear_script(&mut self) {
        self.script.clear();
    }

    /// While down, everything is answered with 503.
    pub fn set_down(&mut self, down: bool) {
        self.down = down;
    }

    /// The bodies of the valid completion requests, in order: what would have been paid for.
    pub fn completions(&self) -> &[Value] {
        &self.completions
    }

    /// The requests that were refused as malformed, in words.
    pub fn violations(&self) -> &[String] {
        &self.violations
    }

    fn route(&mut self, request: &Request<Bytes>, now: Timestamp) -> Result<Response<Bytes>, Complaint> {
        let path = request.uri().path();
        let unknown = || Complaint::not_found(format!("Invalid URL ({} {path})", request.method()));
        let inner = path.strip_prefix(self.config.root.as_str()).ok_or_else(unknown)?;
        match (request.method().as_str(), inner) {
            ("POST", "/chat/completions") => self.complete(request, now),
            ("GET", "/models") => Ok(answer_json(StatusCode::OK, &self.models())),
            _ => Err(unknown()),
        }
    }

    fn authenticate(&self, request: &Request<Bytes>) -> Result<(), Complaint> {
        let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        match given.and_then(|value| value.strip_prefix("Bearer ")) {
            Some(key) if key == self.config.api_key => Ok(()),
            Some(_) => Err(Complaint::unauthorized("Incorrect API key provided.")),
            None => Err(Complaint::unauthorized("You didn't provide an API key.")),
        }
    }

    fn models(&self) -> Value {
        let model = |id: &String| json!({"id": id, "object": "model", "created": 1_721_172_741, "owned_by": "system"});
        json!({"object": "list", "data": self.config.models.iter().map(model).collect::<Vec<_>>()})
    }

    fn complete(&mut self, request: &Request<Bytes>, now: Timestamp) -> Result<Response<Bytes>, Complaint> {
        let completion = Completion::read(request, &self.config.models)?;
        match self.script.pop_front() {
            Some(ScriptedAnswer::Html) => Ok(answer(
                StatusCode::OK,
                "text/html",
                b"<!doctype html><title>Sign in</title><p>Sign in to the network.</p>",
            )),
            Some(ScriptedAnswer::RateLimited { retry_after_seconds }) => {
                Ok(rate_limited(retry_after_seconds))
            }
            Some(ScriptedAnswer::InsufficientQuota) => Err(Complaint::quota()),
            Some(ScriptedAnswer::ServerError) => Err(Complaint::server()),
            scripted => {
                let (content, refusal, finish) = say(scripted, &completion);
                self.completions.push(completion.body.clone());
                Ok(self.message(&completion, now, &content, &refusal, finish))
            }
        }
    }

    fn message(
        &mut self,
        asked: &Completion,
        now: Timestamp,
        content: &Value,
        refusal: &Value,
        finish: &str,
    ) -> Response<Bytes> {
        let prompt_tokens = asked.words;
        let completion_tokens =
            content.as_str().or(refusal.as_str()).unwrap_or_default().split_whitespace().count();
        let body = json!({
            "id": format!("chatcmpl-{}", self.seed.token(29)),
            "object": "chat.completion",
            "created": now.as_second(),
            "model": asked.model,
            "choices": [{
                "index": 0,
                "message": {"role": "assistant", "content": content, "refusal": refusal, "annotations": []},
                "logprobs": null,
                "finish_reason": finish,
            }],
            "usage": {
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion_tokens,
                "total_tokens": prompt_tokens + completion_tokens,
                "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
            },
            "service_tier": "default",
            "system_fingerprint": "fp_local",
        });
        let response = with_header(answer_json(StatusCode::OK, &body), "x-ratelimit-limit-requests", "500");
        with_header(response, "x-ratelimit-remaining-requests", "499")
    }
}

/// Content, refusal and how the answer ended.
fn say(scripted: Option<ScriptedAnswer>, asked: &Completion) -> (Value, Value, &'static str) {
    match scripted {
        Some(ScriptedAnswer::Refusal { text }) => (Value::Null, json!(text), "stop"),
        Some(ScriptedAnswer::Length { content }) => (json!(content), Value::Null, "length"),
        Some(ScriptedAnswer::ContentFilter) => (json!(""), Value::Null, "content_filter"),
        Some(ScriptedAnswer::Prose { text }) => (json!(text), Value::Null, "stop"),
        Some(ScriptedAnswer::Content { value }) => (json!(value.to_string()), Value::Null, "stop"),
        _ => {
            let claims = Claims::of(&asked.user_text);
            let content = asked
                .schema
                .as_ref()
                .map_or_else(|| claims.summary(), |schema| claims.fill(schema).to_string());
            (json!(content), Value::Null, "stop")
        }
    }
}

fn rate_limited(retry_after_seconds: u32) -> Response<Bytes> {
    let mut response = Complaint::rate_limited().respond();
    for (name, value) in [
        ("retry-after", retry_after_seconds.to_string()),
        ("x-ratelimit-limit-requests", "500".to_owned()),
        ("x-ratelimit-remaining-requests", "0".to_owned()),
        ("x-ratelimit-reset-requests", format!("{retry_after_seconds}s")),
    ] {
        response = with_header(response, name, &value);
    }
    response
}

impl Simulator for OpenAi {
    fn answer(&mut self, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
        let request_id = format!("req_{}", self.seed.uuid().simple());
        let answered = if self.down {
            Err(Complaint::overloaded())
        } else {
            self.authenticate(request).and_then(|()| self.route(request, now))
        };
        let response = answered.unwrap_or_else(|complaint| {
            if complaint.status.as_u16() == 400 || complaint.status.as_u16() == 404 {
                self.violations.push(format!(
                    "{} {}: {}",
                    request.method(),
                    request.uri().path(),
                    complaint.message
                ));
            }
            complaint.respond()
        });
        with_header(response, "x-request-id", &request_id)
    }
}
