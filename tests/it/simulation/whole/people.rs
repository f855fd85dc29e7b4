//! What people do: connect, choose, record, transcribe, draft, create, plan, look, disconnect. They repeat what fails.

use std::time::Duration;

use axum::body::Body;
use domain::Tier;
use futures_util::future::{join, join_all};
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{calendar, plans};
use crate::support::dice::Dice;
use crate::support::world::Routes;
use crate::support::{Answer, Browser, World, authorized, get, send_json};

const TRANSCRIPT: &str = "WEBVTT

00:01.000 --> 00:04.000
<v Dana>Okay, I go to the cart and I click on the checkout button.

00:04.500 --> 00:08.000
<v Dana>Then I enter the voucher code and press apply.

00:08.500 --> 00:12.000
<v Dana>The page crashes with an error, every single time.

00:12.500 --> 00:16.000
<v Dana>I expected the discount to show up in the total.
";

/// Who they are: to us, and to Notion or Google.
pub(super) const PEOPLE: [(&str, &str); 3] = [("alice", "Alice"), ("bob", "Bob"), ("carol", "Alice")];
/// Where their tickets go. "Ideas" has no priority; the columns of "Locked board" cannot be changed.
pub(super) const DATABASES: [&str; 3] = ["Product tickets", "Ideas", "Locked board"];

/// The page below which somebody's plans are exported.
pub(super) fn notes_of(account: &str) -> String {
    format!("{account}'s notes")
}

/// What somebody connects: on the free tier that is one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Product {
    Notion,
    Calendar,
}

impl Product {
    /// As our API calls it.
    fn id(self) -> &'static str {
        match self {
            Self::Notion => "notion",
            Self::Calendar => "google-calendar",
        }
    }
}

/// What somebody has elsewhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    pub(super) product: Product,
    /// Whose it is.
    pub(super) name: &'static str,
    /// Where tickets go.
    pub(super) database: &'static str,
}

/// A ticket that somebody was told they have.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) user: &'static str,
    pub(super) path: String,
    pub(super) key: String,
    pub(super) body: Value,
    pub(super) database: &'static str,
    pub(super) answer: Value,
}

/// What somebody was told they have.
#[derive(Debug, Default)]
pub(super) struct Belongings {
    pub(super) tickets: Vec<Ticket>,
    pub(super) plan: Option<plans::Exported>,
    pub(super) calendar: Option<calendar::Synced>,
}

/// How a job may end, besides that it succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum May {
    Succeed,
    /// It may be called off.
    End,
    /// Where it is to go may be thrown away.
    Miss,
}

/// One person, one after the other of their recordings.
pub(super) struct Person<'w> {
    pub(super) world: &'w World,
    pub(super) user: &'static str,
    pub(super) account: Account,
    pub(super) dice: Dice,
}

impl Person<'_> {
    /// From nothing to all that they want.
    pub(super) async fn live(mut self) -> Belongings {
        self.think().await;
        self.connect().await;
        self.choose_database().await;
        self.look_around().await;
        let belongings = match self.account.product {
            Product::Notion => self.work_in_notion().await,
            Product::Calendar => {
                let tier = choose_tier(self.world, self.user, self.dice.nth(3)).await;
                let calendar = Some(calendar::live(&self, tier, self.dice.nth(1)).await);
                Belongings { calendar, ..Belongings::default() }
            }
        };
        // By then most of the tokens that live briefly have ended, and several windows want new ones at once.
        sleep(Duration::from_secs(self.dice.below(300))).await;
        self.look_around().await;
        belongings
    }

    async fn work_in_notion(&mut self) -> Belongings {
        let mut plans = self.dice.nth(1);
        let mut tickets = Vec::new();
        let recordings = if self.dice.one_in(4) { 2 } else { 1 };
        for number in 1..=recordings {
            let video = format!("{}-rec-{number}", self.user);
            self.record(&video).await;
            let draft = self.draft(&video).await;
            tickets.push(self.create(&video, &format!("first-{number}"), &draft).await);
            if self.dice.one_in(4) {
                // Another ticket from the same recording.
                tickets.push(self.create(&video, &format!("second-{number}"), &draft).await);
            }
            if self.dice.one_in(6) {
                self.throw_away(tickets.last().unwrap());
            }
            if self.dice.one_in(5) {
                self.leave(self.dice.nth(6 + number)).await;
            }
        }
        let plan = if plans.one_in(2) { plans::live(self, plans).await } else { None };
        Belongings { tickets, plan, calendar: None }
    }

    async fn think(&mut self) {
        sleep(Duration::from_millis(self.dice.below(20_000))).await;
    }

    pub(super) async fn connect(&self) {
        self.connect_as(self.account.name).await;
    }

    async fn connect_as(&self, name: &'static str) {
        let mut browser = Browser { person: Some(name), ..Browser::default() };
        browser.connect_to(self.world, self.user, self.account.product.id()).await;
    }

    async fn choose_database(&self) {
        if self.account.product != Product::Notion {
            return;
        }
        for _ in 0..20 {
            let list = self.insist(api::routes, || self.get("/v1/connections/notion/databases")).await;
            let items = list["items"].as_array().unwrap();
            // Nobody sees what is not shared for a while.
            let Some(database) = items.iter().find(|item| item["name"] == self.account.database) else {
                sleep(Duration::from_secs(30)).await;
                continue;
            };
            let body = json!({"settings": {"database_id": database["id"]}});
            let change = || self.send(Method::PATCH, "/v1/connections/notion", None, &body);
            let answer = self.ask(api::routes, &change).await;
            if answer.status == StatusCode::OK {
                return;
            }
            if answer.code() == "target_not_found" {
                sleep(Duration::from_secs(30)).await;
                continue;
            }
            // Not there: it was disconnected meanwhile. In conflict: somebody else, perhaps our own repeat, was quicker.
            let code = answer.code();
            assert!(
                ["not_found", "not_connected", "needs_reauth", "version_conflict"].contains(&code.as_str()),
                "{answer:?}"
            );
            self.connect().await;
        }
        panic!("no database chosen in twenty tries");
    }

    /// A recording with its transcript, brought along or made on demand.
    async fn record(&mut self, video: &str) {
        let path = format!("/v1/videos/{video}");
        let mut body = json!({"name": "Checkout walkthrough"});
        let on_demand = self.dice.one_in(4);
        if on_demand {
            body["media_url"] = format!("https://media.example.com/{video}.mp4").into();
        } else {
            body["transcript"] = TRANSCRIPT.into();
        }
        self.insist(api::routes, || self.send(Method::PUT, &path, None, &body)).await;
        if on_demand {
            self.transcribe(&path).await;
        }
    }

    async fn transcribe(&mut self, path: &str) {
        let ask = format!("{path}/transcription");
        for round in 0..6 {
            let key = format!("transcribe-{round}");
            let request = || self.send(Method::POST, &ask, Some(&key), &json!({}));
            let job = self.insist(ticket_extraction::routes, request).await;
            let job = format!("/v1/jobs/{}", job["id"].as_str().unwrap());
            for _ in 0..200 {
                let job = self.insist(api::routes, || self.get(&job)).await;
                match job["status"].as_str().unwrap() {
                    "succeeded" => return,
                    "failed" | "cancelled" => break,
                    _ => sleep(Duration::from_mins(1)).await,
                }
            }
        }
        panic!("no transcript after six rounds");
    }

    async fn draft(&self, video: &str) -> Value {
        let path = format!("/v1/videos/{video}/ticket-draft");
        let mut draft =
            self.insist(ticket_extraction::routes, || self.send(Method::POST, &path, None, &json!({}))).await;
        let steps = draft["steps_to_reproduce"].as_array_mut().unwrap();
        assert!(steps.len() <= 50, "{steps:?}");
        let is_listed = self.world.providers.lock().unwrap().notion.simulator.limits().page_size > 2;
        if is_listed && self.dice.nth(5).one_in(4) {
            // More than one call takes, and no more than an invocation has time to list.
            steps.extend((steps.len()..100).map(|number| json!(format!("Look again, {number}."))));
        }
        draft["product_area"] = json!("Checkout");
        draft
    }

    /// Creates a ticket, at times with a double click.
    async fn create(&mut self, video: &str, key: &str, draft: &Value) -> Ticket {
        let path = format!("/v1/videos/{video}/tickets");
        let (twice, later) = (self.dice.one_in(3), Duration::from_millis(self.dice.below(3_000)));
        let click = || self.send(Method::POST, &path, Some(key), draft);
        let answer = if twice {
            let second = async {
                sleep(later).await;
                self.insist(notion_export::routes, click).await
            };
            let (first, second) = join(self.insist(notion_export::routes, click), second).await;
            assert_eq!(first, second, "one request, one answer");
            first
        } else {
            self.insist(notion_export::routes, click).await
        };
        let (user, key, body, database) = (self.user, key.to_owned(), draft.clone(), self.account.database);
        Ticket { user, path, key, body, database, answer }
    }

    /// Moves a page to Notion's trash, by hand.
    fn throw_away(&self, ticket: &Ticket) {
        let page = ticket.answer["page_id"].as_str().unwrap().parse().unwrap();
        self.world.providers.lock().unwrap().notion.simulator.person_trashes(page, true);
    }

    /// Disconnects and connects again, or has somebody else's account connected for a while.
    pub(super) async fn leave(&self, mut dice: Dice) {
        if dice.one_in(3) {
            self.connect_another(Duration::from_millis(dice.below(60_000))).await;
        } else {
            self.disconnect().await;
        }
    }

    /// Connects somebody else's account, and after a while their own again.
    async fn connect_another(&self, stay: Duration) {
        let (_, other) = PEOPLE.into_iter().find(|(_, name)| *name != self.account.name).unwrap();
        self.connect_as(other).await;
        sleep(stay).await;
        self.connect().await;
        self.choose_database().await;
    }

    /// Disconnects, and connects again.
    async fn disconnect(&self) {
        let path = format!("/v1/connections/{}", self.account.product.id());
        let request = || authorized(self.world, self.user, Method::DELETE, &path);
        let answer = self.ask(api::routes, &request).await;
        assert!(matches!(answer.status, StatusCode::NO_CONTENT | StatusCode::NOT_FOUND), "{answer:?}");
        self.connect().await;
        self.choose_database().await;
    }

    async fn look_around(&mut self) {
        // At times several windows at once, all of which need the token.
        let windows = 1 + self.dice.below(4);
        let connection = format!("/v1/connections/{}", self.account.product.id());
        let shown = match self.account.product {
            Product::Notion => "/v1/connections/notion/databases",
            Product::Calendar => &connection,
        };
        let windows = (0..windows).map(|_| self.insist(api::routes, || self.get(shown)));
        join_all(windows).await;
        for path in ["/v1/connections", "/v1/videos", "/v1/jobs", "/v1/usage", &connection] {
            self.insist(api::routes, || self.get(path)).await;
        }
    }

    /// Waits until a job that brings a plan somewhere is over; whether it succeeded.
    pub(super) async fn succeeds(&self, id: &str, may: May) -> bool {
        let path = format!("/v1/jobs/{id}");
        let (mut job, mut lost) = (Value::Null, 0);
        for _ in 0..6_000 {
            job = self.insist(api::routes, || self.get(&path)).await;
            match (job["status"].as_str().unwrap(), job["error"]["code"].as_str()) {
                ("succeeded", _) => return true,
                // Google's limit for a calendar, which nobody can wait for.
                ("failed", Some("provider_failed")) if self.account.product == Product::Calendar => {
                    return false;
                }
                ("failed", Some("target_not_found")) if may == May::Miss => return false,
                ("waiting", Some("target_not_found")) if may == May::Miss && lost > 20 => {
                    let cancel = format!("{path}/cancel");
                    self.insist(api::routes, || self.send(Method::POST, &cancel, None, &json!({}))).await;
                }
                ("cancelled", _) if may != May::Succeed => {
                    // Whoever works on it may be about to come to its end.
                    sleep(Duration::from_mins(3)).await;
                    return self.insist(api::routes, || self.get(&path)).await["status"] == "succeeded";
                }
                ("failed" | "cancelled", _) => panic!("{job}"),
                ("waiting", Some("needs_reauth")) => {
                    self.connect().await;
                    sleep(Duration::from_mins(3)).await;
                }
                (_, code) => {
                    lost += u32::from(code == Some("target_not_found"));
                    sleep(Duration::from_secs(40)).await;
                }
            }
        }
        panic!("{path} is never over: {job}");
    }

    pub(super) fn get(&self, path: &str) -> Request<Body> {
        get(self.world, self.user, path)
    }

    pub(super) fn send(&self, method: Method, path: &str, key: Option<&str>, body: &Value) -> Request<Body> {
        send_json(self.world, self.user, method, path, key, body)
    }

    /// The request's answer, after as many repeats as answers and deaths ask for.
    pub(super) async fn ask(&self, routes: Routes, request: &impl Fn() -> Request<Body>) -> Answer {
        for _ in 0..5 {
            let answer = self.world.insist(routes, request).await;
            if answer.code_or_empty() != "version_conflict" {
                return answer;
            }
        }
        panic!("in conflict five times");
    }

    /// Repeats the request until it succeeds; connects and chooses again when told to, and waits for what is not shared.
    pub(super) async fn insist(&self, routes: Routes, request: impl Fn() -> Request<Body>) -> Value {
        for _ in 0..24 {
            let answer = self.ask(routes, &request).await;
            if answer.status.is_success() {
                return answer.json();
            }
            match answer.code().as_str() {
                "needs_reauth" | "not_connected" => self.connect().await,
                "database_not_selected" => Box::pin(self.choose_database()).await,
                "target_not_found" => sleep(Duration::from_secs(30)).await,
                other => panic!("{} was told {other}: {answer:?}", self.user),
            }
        }
        panic!("{} was sent away twenty-four times", self.user);
    }
}

/// Puts somebody on a tier, at times one of those with which calendars stay in step.
pub(super) async fn choose_tier(world: &World, user: &'static str, mut dice: Dice) -> Tier {
    let tier = dice.pick(&[Tier::Free, Tier::Free, Tier::Pro, Tier::Agency]);
    if tier != Tier::Free {
        let set = async |app: std::sync::Arc<runtime::App>| {
            app.store.set_tier(&user.parse().unwrap(), tier, app.clock.now()).await.is_ok()
        };
        while world.invoke("tiers", "set".to_owned(), Some(user.to_owned()), &set).await != Some(true) {
            sleep(Duration::from_secs(1)).await;
        }
    }
    tier
}
