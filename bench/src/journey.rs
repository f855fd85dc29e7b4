//! The product's story, once per user: each function gets its typical event, made of what the one before it answered.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use url::Url;

use crate::backend::Backend;
use crate::events::{HttpEvent, SWEEP};

/// The functions, and the event that is measured of each.
pub(crate) const FUNCTIONS: [(&str, &str); 8] = [
    ("api", "`GET /v1/videos/{id}`: token verified, one read"),
    ("oauth-start", "`GET /v1/oauth/notion/start`: link spent, secret read, state kept"),
    ("oauth-callback", "`GET /v1/oauth/notion/callback`: code exchanged, tokens sealed and kept"),
    ("ticket-extraction", "`POST …/ticket-draft`: transcript of 4 minutes, one model call, quotes checked"),
    ("notion-export", "`POST …/tickets`: tokens opened, one page created, ledger kept"),
    ("calendar-sync", "`POST …/calendar-syncs`, dry run: tokens opened, a plan of three tasks compared"),
    ("provider-push", "`POST /v1/hooks/google-calendar`, a channel that nobody knows: one read"),
    ("scheduler", "the sweep of every minute, nothing due: eight queries"),
];
/// The Node handler that does what `api` does for the same event.
pub(crate) const NODE: &str = "node";
/// Another instance of `api`, for requests that only prepare a measured one.
pub(crate) const SETUP: &str = "setup";
/// The same of `oauth-start`.
pub(crate) const SETUP_START: &str = "setup-start";
/// The same of `oauth-callback`.
pub(crate) const SETUP_CALLBACK: &str = "setup-callback";

const TRANSCRIPT: &str = include_str!("../../events/demo/walkthrough.vtt");
const VIDEO: &str = "/v1/videos/walkthrough";
const PLAN: &str = "/v1/plans/rust-in-6-weeks";

/// A provider, and the programs on the way there and back.
#[derive(Clone, Copy, Debug)]
struct Way {
    provider: &'static str,
    start: &'static str,
    callback: &'static str,
}

const NOTION: Way = Way { provider: "notion", start: "oauth-start", callback: "oauth-callback" };
const GOOGLE: Way = Way { provider: "google-calendar", start: SETUP_START, callback: SETUP_CALLBACK };

/// One user on the way from a new account to a ticket, and another to what a calendar would hold.
#[derive(Debug)]
pub(crate) struct Journey<'a> {
    backend: &'a mut Backend,
    number: u64,
    bearer: String,
}

impl<'a> Journey<'a> {
    pub(crate) fn new(backend: &'a mut Backend, number: u64) -> Result<Self> {
        let bearer = bearer(backend, &format!("user-{number}"))?;
        Ok(Self { backend, number, bearer })
    }

    /// All of it.
    pub(crate) async fn walk(mut self) -> Result<()> {
        self.record().await?;
        self.read().await?;
        self.connect(NOTION).await?;
        self.choose_database().await?;
        let draft = self.draft().await?;
        self.export(&draft).await?;
        self.sync().await?;
        let hint = HttpEvent::new("POST", "/v1/hooks/google-calendar").header("x-goog-channel-id", "sample");
        self.backend.request("provider-push", &hint, 404).await?;
        self.backend.invoke("scheduler", SWEEP).await?;
        Ok(())
    }

    /// The recording is put.
    pub(crate) async fn record(&mut self) -> Result<()> {
        let event = self.event("PUT", VIDEO).json(&json!({"name": "Walkthrough", "transcript": TRANSCRIPT}));
        self.backend.request(SETUP, &event, 201).await?;
        Ok(())
    }

    /// The recording is read, by our function and by Node's, in turns. Both say the same.
    pub(crate) async fn read(&mut self) -> Result<()> {
        let event = self.event("GET", VIDEO);
        let mut order = ["api", NODE];
        if self.number.is_multiple_of(2) {
            order.reverse();
        }
        let one = self.backend.request(order[0], &event, 200).await?.json()?;
        let other = self.backend.request(order[1], &event, 200).await?.json()?;
        ensure!(one == other && one["status"] == "complete", "the answers differ: {one} and {other}");
        Ok(())
    }

    async fn connect(&mut self, way: Way) -> Result<()> {
        let Way { provider, start, callback } = way;
        self.backend.surroundings.renew(self.number);
        let event = self.event("POST", "/v1/connect-sessions").json(&json!({"provider": provider}));
        let link = self.backend.request(SETUP, &event, 201).await?.json()?;
        let link = Url::parse(link["connect_url"].as_str().context("a link")?)?;
        let event = HttpEvent::new("GET", link.path()).query(link.query().unwrap_or_default());
        let start = self.backend.request(start, &event, 302).await?;
        let back = self.backend.surroundings.allow(start.header("location")?)?;
        let event = HttpEvent::new("GET", back.path());
        let event = event.query(back.query().unwrap_or_default()).cookie(start.cookie()?);
        let end = self.backend.request(callback, &event, 303).await?;
        let end = end.header("location")?;
        ensure!(end.contains(&format!("connected={provider}")), "not connected: {end}");
        Ok(())
    }

    async fn choose_database(&mut self) -> Result<()> {
        let event = self.event("GET", "/v1/connections/notion/databases");
        let found = self.backend.request(SETUP, &event, 200).await?.json()?;
        let choice = json!({"settings": {"database_id": found["items"][0]["id"]}});
        let event = self.event("PATCH", "/v1/connections/notion").json(&choice);
        self.backend.request(SETUP, &event, 200).await?;
        Ok(())
    }

    async fn draft(&mut self) -> Result<Value> {
        let event = self.event("POST", &format!("{VIDEO}/ticket-draft"));
        let draft = self.backend.request("ticket-extraction", &event, 200).await?.json()?;
        ensure!(draft["source"] == "llm", "the model did not make the draft: {draft}");
        Ok(draft)
    }

    async fn export(&mut self, draft: &Value) -> Result<()> {
        let event =
            self.event("POST", &format!("{VIDEO}/tickets")).header("idempotency-key", "first").json(draft);
        self.backend.request("notion-export", &event, 201).await?;
        Ok(())
    }

    /// A free account connects one provider, so this is another user.
    async fn sync(&mut self) -> Result<()> {
        self.bearer = bearer(self.backend, &format!("reader-{}", self.number))?;
        self.connect(GOOGLE).await?;
        let event = self.event("PUT", PLAN).json(&plan());
        self.backend.request(SETUP, &event, 201).await?;
        let event = self.event("POST", &format!("{PLAN}/calendar-syncs")).json(&json!({"dry_run": true}));
        let preview = self.backend.request("calendar-sync", &event, 200).await?.json()?;
        ensure!(preview["creates"].as_array().is_some_and(|it| it.len() == 3), "not three events: {preview}");
        Ok(())
    }

    fn event(&self, method: &str, path: &str) -> HttpEvent {
        HttpEvent::new(method, path).header("authorization", &self.bearer)
    }
}

fn bearer(backend: &Backend, user: &str) -> Result<String> {
    Ok(format!("Bearer {}", backend.surroundings.token(user)?))
}

fn plan() -> Value {
    let task = |id: &str, start: &str| {
        json!({"id": id, "title": format!("Read chapter {id}"), "description": "With the **exercises**.", "minutes": 45,
               "schedule": {"start": start}})
    };
    let tasks = [task("4", "2027-01-11T09:00"), task("5", "2027-01-12T09:00"), task("6", "2027-01-13T09:00")];
    json!({"title": "Rust in 6 weeks", "time_zone": "Europe/Berlin",
           "modules": [{"id": "m1", "title": "Ownership", "tasks": tasks}]})
}
