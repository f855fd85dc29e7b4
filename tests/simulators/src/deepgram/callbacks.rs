//! Results on their way: first attempt when the recording is done, then ten more, half a minute apart.

use super::Deepgram;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{Method, Request, header};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;
use url::Url;

/// Attempts after the first.
const RETRIES: u32 = 10;

/// A call to make now.
#[derive(Debug)]
pub struct Callback {
    /// The id that the submission was answered with.
    pub request_id: String,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// What to send. Its address is absolute.
    pub request: Request<Bytes>,
}

/// Where a submission stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Its callback has not been accepted yet.
    Waiting,
    /// Its callback was answered with 2xx.
    Delivered,
    /// All attempts were in vain.
    GivenUp,
}

/// A submission, for oracles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JobView {
    /// The id that the submission was answered with.
    pub request_id: String,
    /// The recording.
    pub media_url: String,
    /// Where the result goes.
    pub callback: String,
    /// How often it was sent.
    pub attempts: u32,
    /// Where it stands.
    pub state: JobState,
}

#[derive(Clone, Debug)]
pub(super) struct Job {
    view: JobView,
    url: Url,
    method: Method,
    body: Bytes,
    pub(super) ready: Timestamp,
    next: Timestamp,
}

impl Job {
    pub(super) fn new(
        request_id: String,
        media_url: String,
        url: Url,
        method: Method,
        body: &Value,
        ready: Timestamp,
    ) -> Self {
        let callback = url.to_string();
        let view = JobView { request_id, media_url, callback, attempts: 0, state: JobState::Waiting };
        Self { view, url, method, body: Bytes::from(body.to_string()), ready, next: ready }
    }

    fn request(&self, key_id: &str) -> Option<Request<Bytes>> {
        let mut url = self.url.clone();
        let (user, password) = (url.username().to_owned(), url.password().unwrap_or_default().to_owned());
        url.set_username("").ok()?;
        url.set_password(None).ok()?;
        let mut request = Request::builder().method(self.method.clone()).uri(url.as_str());
        request = request.header(header::CONTENT_TYPE, "application/json").header("dg-token", key_id);
        if !user.is_empty() {
            let basic = BASE64_STANDARD.encode(format!("{user}:{password}"));
            request = request.header(header::AUTHORIZATION, format!("Basic {basic}"));
        }
        request.body(self.body.clone()).ok()
    }
}

impl Deepgram {
    /// The calls to make now. Taking one uses up an attempt: unless [`Deepgram::callback_answered`] reports 2xx for it,
    /// the next attempt is due half a minute later, until there are none left.
    pub fn due_callbacks(&mut self, now: Timestamp) -> Vec<Callback> {
        let retry = SignedDuration::from_millis(self.config.retry_ms);
        let mut due = Vec::new();
        for job in self.jobs.iter_mut().filter(|job| job.view.state == JobState::Waiting && job.next <= now) {
            if job.view.attempts > RETRIES {
                job.view.state = JobState::GivenUp;
                continue;
            }
            job.view.attempts += 1;
            job.next = now.checked_add(retry).unwrap_or(Timestamp::MAX);
            if let Some(request) = job.request(&self.config.key_id) {
                due.push(Callback {
                    request_id: job.view.request_id.clone(),
                    attempt: job.view.attempts,
                    request,
                });
            }
        }
        due
    }

    /// How a call ended: its status, or nothing when there was no answer.
    pub fn callback_answered(&mut self, request_id: &str, status: Option<u16>) {
        let accepted = status.is_some_and(|status| (200..300).contains(&status));
        let job = self
            .jobs
            .iter_mut()
            .find(|job| job.view.request_id == request_id && job.view.state == JobState::Waiting);
        if let Some(job) = job {
            job.view.state = match (accepted, job.view.attempts > RETRIES) {
                (true, _) => JobState::Delivered,
                (false, true) => JobState::GivenUp,
                (false, false) => JobState::Waiting,
            };
        }
    }

    /// When the next call is due, if one is waiting.
    pub fn next_callback_at(&self) -> Option<Timestamp> {
        self.jobs.iter().filter(|job| job.view.state == JobState::Waiting).map(|job| job.next).min()
    }

    /// All submissions, oldest first.
    pub fn jobs(&self) -> Vec<JobView> {
        self.jobs.iter().map(|job| job.view.clone()).collect()
    }

    /// The same result once more, as a duplicate delivery would bring it.
    pub fn repeat_callback(&self, request_id: &str) -> Option<Request<Bytes>> {
        self.jobs.iter().find(|job| job.view.request_id == request_id)?.request(&self.config.key_id)
    }
}
