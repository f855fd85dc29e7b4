//! Tests of the Notion stand-in. Every exchange is also held against the vendor's schemas.

mod content;
mod databases;
mod pages;
mod people;
mod plans;
mod strictness;
mod tokens;

use super::{Notion, NotionConfig, OauthClient};
use crate::Simulator;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use vendors::{assert_notion_answer, assert_notion_request};

pub(super) const CALLBACK: &str = "https://patchbay.test/v1/oauth/notion/callback";
pub(super) const EVERYTHING: &[&str] =
    &["Product tickets", "Ideas", "Locked board", "Team wiki", "Alice's notes", "Bob's notes"];

/// A connection to a workspace, at a time that only moves when told.
pub(super) struct Session {
    pub(super) notion: Notion,
    pub(super) now: Timestamp,
    pub(super) token: String,
    pub(super) version: Option<&'static str>,
}

/// A status and a JSON body.
#[derive(Debug, PartialEq)]
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) body: Value,
    pub(super) retry_after: Option<String>,
}

impl Answered {
    /// The body of an answer that must be a success.
    pub(super) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// The status, code and message of a refusal.
    pub(super) fn refusal(&self) -> (u16, &str, &str) {
        let text = |key: &str| self.body[key].as_str().unwrap_or_default();
        (self.status, text("code"), text("message"))
    }

    /// The message of a validation error.
    pub(super) fn invalid(&self) -> &str {
        let (status, code, message) = self.refusal();
        assert_eq!((status, code), (400, "validation_error"), "{}", self.body);
        message
    }
}

/// A Notion with one integration.
pub(super) fn notion() -> Notion {
    let client = OauthClient {
        client_id: "client".to_owned(),
        client_secret: "secret".to_owned(),
        redirect_uris: vec![CALLBACK.to_owned()],
    };
    Notion::new(7, NotionConfig { clients: vec![client], ..NotionConfig::default() })
}

impl Session {
    /// Alice shares everything.
    pub(super) fn new() -> Self {
        Self::of("Alice", EVERYTHING)
    }

    pub(super) fn of(person: &str, shared: &[&str]) -> Self {
        let now = "2026-11-21T08:42:31Z".parse().unwrap();
        let mut session = Self { notion: notion(), now, token: String::new(), version: Some("2026-03-11") };
        session.token = session.connect(person, shared)["access_token"].as_str().unwrap().to_owned();
        session
    }

    /// The tokens of a new consent.
    pub(super) fn connect(&mut self, person: &str, shared: &[&str]) -> Value {
        let code = self.notion.consent(person, "client", CALLBACK, shared, self.now).unwrap();
        self.basic(
            "token",
            &json!({"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}),
        )
        .ok()
    }

    pub(super) fn wait(&mut self, ms: i64) {
        self.now = self.now.checked_add(SignedDuration::from_millis(ms)).unwrap();
    }

    /// A request to one of the OAuth endpoints with the integration's credentials.
    pub(super) fn basic(&mut self, endpoint: &str, body: &Value) -> Answered {
        let credentials = BASE64_STANDARD.encode("client:secret");
        let request = Request::post(format!("http://notion.test/v1/oauth/{endpoint}"))
            .header("authorization", format!("Basic {credentials}"))
            .header("content-type", "application/json")
            .body(Bytes::from(body.to_string()))
            .unwrap();
        self.ask(&request)
    }

    pub(super) fn get(&mut self, path: &str) -> Answered {
        self.send("GET", path, None)
    }

    pub(super) fn post(&mut self, path: &str, body: &Value) -> Answered {
        self.send("POST", path, Some(body))
    }

    pub(super) fn patch(&mut self, path: &str, body: &Value) -> Answered {
        self.send("PATCH", path, Some(body))
    }

    pub(super) fn send(&mut self, method: &str, path: &str, body: Option<&Value>) -> Answered {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://notion.test/v1/{path}"))
            .header("authorization", format!("Bearer {}", self.token));
        if let Some(version) = self.version {
            request = request.header("notion-version", version);
        }
        let bytes = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = request.header("content-type", "application/json").body(bytes).unwrap();
        self.ask(&request)
    }

    /// What was accepted must be a request of the vendor's, what was answered an answer of the vendor's.
    fn ask(&mut self, request: &Request<Bytes>) -> Answered {
        let response = self.notion.answer(request, self.now);
        if response.status() == 200 {
            assert_notion_request(request);
        }
        assert_notion_answer(request, &response);
        read(&response)
    }

    /// The address of the data source of a database.
    pub(super) fn source(&self, database: &str) -> String {
        format!("data_sources/{}", self.notion.data_source_id(database).unwrap())
    }

    /// The body of a ticket with this title.
    pub(super) fn ticket(&self, title: &str) -> Value {
        json!({
            "parent": {"type": "data_source_id", "data_source_id": self.notion.data_source_id("Product tickets")},
            "properties": {
                "Name": {"title": text(title)},
                "Ticket Type": {"select": {"name": "Bug"}},
                "Status": {"status": {"name": "Not started"}},
            },
            "children": [
                {"heading_2": {"rich_text": text("Summary")}},
                {"paragraph": {"rich_text": text("It breaks.")}},
                {"bookmark": {"url": "https://app.test/s/v1?t=3"}},
            ],
        })
    }

    /// The id of a new ticket.
    pub(super) fn new_ticket(&mut self, title: &str) -> String {
        let body = self.ticket(title);
        self.post("pages", &body).ok()["id"].as_str().unwrap().to_owned()
    }
}

/// Rich text of one run.
pub(super) fn text(content: &str) -> Value {
    json!([{"type": "text", "text": {"content": content}}])
}

pub(super) fn paragraph(content: &str) -> Value {
    json!({"paragraph": {"rich_text": text(content)}})
}

fn read(response: &Response<Bytes>) -> Answered {
    let header = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    let body = serde_json::from_slice(response.body()).unwrap_or_default();
    Answered { status: response.status().as_u16(), body, retry_after: header }
}
