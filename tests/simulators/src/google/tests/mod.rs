//! Tests of the Google stand-in. Every exchange is also held against the vendor's description.

mod calendars;
mod events;
mod oauth;
mod push;
mod sync;

use super::{Google, GoogleConfig, GoogleLimits};
use crate::{OauthClient, Simulator};
use bytes::Bytes;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use vendors::{assert_google_answer, assert_google_request};

pub(super) const CALLBACK: &str = "https://patchbay.test/v1/oauth/google-calendar/callback";
pub(super) const EVENTS: &str = "https://www.googleapis.com/auth/calendar.events";
pub(super) const CALENDAR_LIST: &str = "https://www.googleapis.com/auth/calendar.calendarlist.readonly";
/// What the product asks for.
pub(super) const SCOPES: &[&str] = &["openid", "email", EVENTS, CALENDAR_LIST];

/// A connection to an account, at a time that only moves when told.
pub(super) struct Session {
    pub(super) google: Google,
    pub(super) now: Timestamp,
    pub(super) token: String,
}

/// A status and a JSON body; null for none.
#[derive(Debug, PartialEq)]
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Answered {
    /// The body of an answer that must be a success.
    pub(super) fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.body
    }

    /// The status and reason of a refusal.
    pub(super) fn refusal(&self) -> (u16, &str) {
        let error = &self.body["error"];
        assert_eq!(error["code"], self.status, "{}", self.body);
        assert!(error["errors"][0]["domain"].is_string() && error["errors"][0]["message"].is_string());
        (self.status, error["errors"][0]["reason"].as_str().unwrap())
    }
}

/// A Google with one client.
pub(super) fn google() -> Google {
    let client = OauthClient {
        client_id: "client".to_owned(),
        client_secret: "secret".to_owned(),
        redirect_uris: vec![CALLBACK.to_owned()],
    };
    Google::new(7, GoogleConfig { clients: vec![client], ..GoogleConfig::default() })
}

impl Session {
    /// Alice grants everything that the product asks for.
    pub(super) fn new() -> Self {
        Self::of("Alice", SCOPES)
    }

    pub(super) fn of(person: &str, scopes: &[&str]) -> Self {
        let now = "2026-11-21T08:42:31Z".parse().unwrap();
        let mut session = Self { google: google(), now, token: String::new() };
        session.connect(person, scopes);
        session
    }

    /// The token answer to a new consent, whose access token is used from now on.
    pub(super) fn connect(&mut self, person: &str, scopes: &[&str]) -> Value {
        let code = self.google.consent(person, "client", CALLBACK, scopes, self.now).unwrap();
        let form = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
        let told = self.form("/token", &form).ok();
        self.token = told["access_token"].as_str().unwrap().to_owned();
        told
    }

    pub(super) fn wait(&mut self, ms: i64) {
        self.now = self.now.checked_add(SignedDuration::from_millis(ms)).unwrap();
    }

    pub(super) fn limit(&mut self, change: impl FnOnce(&mut GoogleLimits)) {
        let mut limits = self.google.limits().clone();
        change(&mut limits);
        self.google.set_limits(limits);
    }

    /// A form with the client's credentials.
    pub(super) fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> Answered {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields).extend_pairs([("client_id", "client"), ("client_secret", "secret")]);
        let request = Request::post(format!("http://google.test{path}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(form.finish()))
            .unwrap();
        read(&self.google.answer(&request, self.now))
    }

    pub(super) fn get(&mut self, path: &str) -> Answered {
        self.send("GET", path, None, &[])
    }

    pub(super) fn post(&mut self, path: &str, body: &Value) -> Answered {
        self.send("POST", path, Some(body), &[])
    }

    pub(super) fn put(&mut self, path: &str, body: &Value) -> Answered {
        self.send("PUT", path, Some(body), &[])
    }

    pub(super) fn patch(&mut self, path: &str, body: &Value) -> Answered {
        self.send("PATCH", path, Some(body), &[])
    }

    pub(super) fn delete(&mut self, path: &str) -> Answered {
        self.send("DELETE", path, None, &[])
    }

    pub(super) fn send(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Answered {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://google.test/calendar/v3/{path}"))
            .header("authorization", format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let bytes = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = request.header("content-type", "application/json").body(bytes).unwrap();
        let response = self.google.answer(&request, self.now);
        // What was accepted must be a request of Google's, what was answered an answer of Google's. A misspelt field is
        // accepted and ignored, which the stand-in notes.
        if response.status().is_success() && self.google.violations().is_empty() {
            assert_google_request(&request);
        }
        assert_google_answer(&request, &response);
        read(&response)
    }

    /// The id of an event of Alice's primary calendar, made with this id of its own.
    pub(super) fn insert(&mut self, id: &str, event: &Value) -> Answered {
        let mut event = event.clone();
        event["id"] = json!(id);
        self.post("calendars/primary/events", &event)
    }
}

/// An hour of lessons on a day in November, in Berlin.
pub(super) fn lesson(summary: &str) -> Value {
    json!({
        "summary": summary,
        "start": {"dateTime": "2026-11-23T09:00:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-23T10:00:00", "timeZone": "Europe/Berlin"},
    })
}

fn read(response: &Response<Bytes>) -> Answered {
    let body = serde_json::from_slice(response.body()).unwrap_or_default();
    Answered { status: response.status().as_u16(), body }
}
