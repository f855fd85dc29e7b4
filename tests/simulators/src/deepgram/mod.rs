//! A Deepgram: takes recordings by address and calls back with what was said.

mod callbacks;
mod listen;
mod speech;
#[cfg(test)]
mod tests;
mod transcript;

pub use callbacks::{Callback, JobState, JobView};
pub use speech::{Media, Utterance};

use crate::{Seed, Simulator, answer_json, with_header};
use bytes::Bytes;
use callbacks::Job;
use http::{Request, Response, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use listen::Listen;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How a Deepgram is set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeepgramConfig {
    /// The key that is let in.
    pub api_key: String,
    /// Its identifier, which is no secret: callbacks carry it as `dg-token`.
    pub key_id: String,
    /// How long a recording takes, in milliseconds.
    pub processing_ms: i64,
    /// Between one attempt of a callback and the next, in milliseconds.
    pub retry_ms: i64,
    /// How many recordings may be in work at once.
    pub concurrency: usize,
}

impl Default for DeepgramConfig {
    fn default() -> Self {
        Self {
            api_key: "dg-local".to_owned(),
            key_id: "00000000-0000-4000-8000-000000000001".to_owned(),
            processing_ms: 1_000,
            retry_ms: 30_000,
            concurrency: 100,
        }
    }
}

/// The stand-in for Deepgram.
#[derive(Clone, Debug)]
pub struct Deepgram {
    config: DeepgramConfig,
    seed: Seed,
    media: BTreeMap<String, Media>,
    jobs: Vec<Job>,
    violations: Vec<String>,
}

/// Why a request is not taken.
#[derive(Debug)]
struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
}

fn refused(status: StatusCode, code: &'static str, message: impl Into<String>) -> Refused {
    Refused { status, code, message: message.into() }
}

fn bad_request(message: impl Into<String>) -> Refused {
    refused(StatusCode::BAD_REQUEST, "Bad Request", message)
}

impl Deepgram {
    /// A Deepgram that hears the built-in conversation in every recording.
    pub fn new(seed: u64, config: DeepgramConfig) -> Self {
        Self {
            config,
            seed: Seed::new(seed),
            media: BTreeMap::new(),
            jobs: Vec::new(),
            violations: Vec::new(),
        }
    }

    /// What is in the recording at this address; a query of the address does not matter (signatures change).
    pub fn set_media(&mut self, url: &str, media: Media) {
        self.media.insert(without_query(url).to_owned(), media);
    }

    /// How long recordings take from now on, in milliseconds.
    pub fn set_processing_ms(&mut self, processing_ms: i64) {
        self.config.processing_ms = processing_ms;
    }

    /// How many recordings may be in work at once from now on.
    pub fn set_concurrency(&mut self, concurrency: usize) {
        self.config.concurrency = concurrency;
    }

    /// The requests that were refused as malformed, in words.
    pub fn violations(&self) -> &[String] {
        &self.violations
    }

    fn route(&mut self, request: &Request<Bytes>, now: Timestamp) -> Result<Value, Refused> {
        let key = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if key.and_then(|value| value.strip_prefix("Token ")) != Some(self.config.api_key.as_str()) {
            return Err(refused(StatusCode::UNAUTHORIZED, "INVALID_AUTH", "Invalid credentials."));
        }
        match (request.method().as_str(), request.uri().path()) {
            ("POST", "/v1/listen") => self.listen(request, now),
            _ => Err(refused(StatusCode::NOT_FOUND, "NOT_FOUND", "The requested resource was not found.")),
        }
    }

    fn listen(&mut self, request: &Request<Bytes>, now: Timestamp) -> Result<Value, Refused> {
        let listen = Listen::read(request)?;
        if self.jobs.iter().filter(|job| job.ready > now).count() >= self.config.concurrency {
            let message = "Too many requests. Please try again later.";
            return Err(refused(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", message));
        }
        let media = self.media.get(without_query(&listen.media_url)).cloned().unwrap_or_default();
        if media == Media::Unreachable {
            let message = "The remote server hosting the media returned a client error: 404 Not Found.";
            return Err(refused(StatusCode::BAD_REQUEST, "REMOTE_CONTENT_ERROR", message));
        }
        let request_id = self.seed.uuid();
        let corrupt = "failed to process audio: corrupt or unsupported data";
        let said = match &media {
            Media::Said { utterances } => {
                Some(transcript::response(&mut self.seed, request_id, utterances, &listen.options, now))
            }
            Media::Corrupt | Media::Unreachable => None,
        };
        let Some(callback) = listen.callback.clone() else {
            return said.ok_or_else(|| bad_request(format!("Bad Request: {corrupt}")));
        };
        let body = said.unwrap_or_else(|| json!({"err_code": "Bad Request", "err_msg": format!("Bad Request: {corrupt}"), "request_id": request_id}));
        let ready = now.checked_add(SignedDuration::from_millis(self.config.processing_ms)).unwrap_or(now);
        self.jobs.push(Job::new(
            request_id.to_string(),
            listen.media_url,
            callback,
            listen.method,
            &body,
            ready,
        ));
        Ok(json!({"request_id": request_id}))
    }
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

impl Simulator for Deepgram {
    fn answer(&mut self, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
        let request_id = self.seed.uuid().to_string();
        let response = match self.route(request, now) {
            Ok(body) => answer_json(StatusCode::OK, &body),
            Err(Refused { status, code, message }) => {
                if status == StatusCode::NOT_FOUND
                    || (status == StatusCode::BAD_REQUEST && code == "Bad Request")
                {
                    self.violations.push(format!("{} {}: {message}", request.method(), request.uri().path()));
                }
                answer_json(status, &json!({"err_code": code, "err_msg": message, "request_id": request_id}))
            }
        };
        with_header(response, "dg-request-id", &request_id)
    }
}
