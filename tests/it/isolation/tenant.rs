//! A user who does everything there is to do, step by step.

use axum::body::Body;
use domain::Tier;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::world::Routes;
use crate::support::{Answer, Browser, World, authorized, get, send_json};

/// How many steps there are; the last one disconnects.
pub(super) const STEPS: usize = 16;

const THE_SAME_KEY: &str = "the-same-key";

/// One user with a browser.
pub(super) struct Tenant {
    name: &'static str,
    /// Of the person whose account at Google it is.
    person: &'static str,
    browser: Browser,
    /// Where the browser is to go next.
    address: String,
    /// Everything that was answered.
    pub(super) shown: String,
    /// Secrets that were seen on the way, none of which may be logged or kept.
    pub(super) secrets: Vec<String>,
    /// The ids of the jobs that brought a plan somewhere.
    jobs: Vec<String>,
}

impl Tenant {
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            person: if name == "bob" { "Bob" } else { "Alice" },
            browser: Browser::default(),
            address: String::new(),
            shown: String::new(),
            secrets: Vec::new(),
            jobs: Vec::new(),
        }
    }

    /// Every tenant uses the same ids and the same idempotency keys.
    pub(super) async fn take_step(&mut self, world: &World, step: usize) {
        match step {
            0 => self.put_recordings(world).await,
            1 => self.ask_for_a_link(world).await,
            2 => self.leave(world).await,
            3 => self.come_back(world).await,
            4 => self.choose_database(world).await,
            5 => self.draft(world).await,
            6 | 7 => self.file(world).await,
            8 => self.ask_for_transcription(world).await,
            9 => self.wait_for_transcription(world).await,
            10 => self.plan(world).await,
            11 => self.connect_google(world).await,
            12 => self.bring_plan_everywhere(world).await,
            13 => self.undo_everything(world).await,
            14 => self.look_at_everything(world).await,
            _ => {
                for path in ["/v1/connections/notion", "/v1/connections/google-calendar"] {
                    let request = authorized(world, self.name, Method::DELETE, path);
                    assert_eq!(world.send(api::routes, request).await.status, StatusCode::NO_CONTENT);
                }
            }
        }
    }

    async fn send(
        &mut self,
        world: &World,
        routes: Routes,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Answer {
        let key = (method == Method::POST).then_some(THE_SAME_KEY);
        let answer = world.send(routes, send_json(world, self.name, method, path, key, body)).await;
        assert!(answer.status.is_success(), "{path}: {answer:?}");
        self.shown.push_str(&String::from_utf8_lossy(&answer.body));
        answer
    }

    async fn show(&mut self, world: &World, path: &str) -> Value {
        let answer = world.send(api::routes, get(world, self.name, path)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {answer:?}");
        self.shown.push_str(&String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    pub(super) async fn put_recordings(&mut self, world: &World) {
        let name = self.name;
        let spoken = format!(
            "WEBVTT\n\n00:00.000 --> 00:09.000\nThe canary-speech of {name} crashes when I press export.\n"
        );
        let first = json!({"name": format!("of {name}"), "transcript": spoken});
        self.send(world, api::routes, Method::PUT, "/v1/videos/rec-1", &first).await;
        let media = format!("https://media.example.com/{name}.mp4?signature=canary-signature");
        let second = json!({"name": format!("of {name}"), "media_url": media});
        self.send(world, api::routes, Method::PUT, "/v1/videos/rec-2", &second).await;
    }

    async fn ask_for_a_link(&mut self, world: &World) {
        let body = json!({"provider": "notion"});
        let answer = self.send(world, api::routes, Method::POST, "/v1/connect-sessions", &body).await;
        self.take_link(&answer);
    }

    /// A link of its own, under no key.
    pub(super) async fn ask_for_a_new_link(&mut self, world: &World) {
        let body = json!({"provider": "notion"});
        let request = send_json(world, self.name, Method::POST, "/v1/connect-sessions", None, &body);
        let answer = world.send(api::routes, request).await;
        self.take_link(&answer);
    }

    fn take_link(&mut self, answer: &Answer) {
        answer.json()["connect_url"].as_str().unwrap().clone_into(&mut self.address);
        self.secrets.push(self.address.split("session=").nth(1).unwrap().to_owned());
    }

    async fn leave(&mut self, world: &World) {
        let page = self.browser.open(world, oauth_start::routes, &self.address).await.unwrap();
        self.address = Browser::agree(world, &page);
        let query = url::Url::parse(&self.address).unwrap();
        self.secrets.extend(query.query_pairs().map(|(_, value)| value.into_owned()));
        self.secrets.extend(self.browser.cookies.values().cloned());
    }

    async fn come_back(&mut self, world: &World) {
        let end = self.browser.open(world, oauth_callback::routes, &self.address).await.unwrap();
        assert!(end.ends_with("connected=notion"), "{end}");
    }

    async fn choose_database(&mut self, world: &World) {
        let found = self.show(world, "/v1/connections/notion/databases").await;
        let choice = json!({"settings": {"database_id": found["items"][0]["id"]}});
        self.send(world, api::routes, Method::PATCH, "/v1/connections/notion", &choice).await;
    }

    async fn draft(&mut self, world: &World) {
        let path = "/v1/videos/rec-1/ticket-draft";
        self.send(world, ticket_extraction::routes, Method::POST, path, &json!({})).await;
    }

    async fn file(&mut self, world: &World) {
        let ticket = json!({"title": format!("Of {}", self.name), "description": "It crashes."});
        self.send(world, notion_export::routes, Method::POST, "/v1/videos/rec-1/tickets", &ticket).await;
    }

    pub(super) async fn ask_for_transcription(&mut self, world: &World) {
        let path = "/v1/videos/rec-2/transcription";
        self.send(world, ticket_extraction::routes, Method::POST, path, &json!({})).await;
        let jobs = world.providers.lock().unwrap().deepgram.simulator.jobs();
        let tokens = jobs.iter().map(|job| job.callback.rsplit('/').next().unwrap().to_owned());
        self.secrets.extend(tokens);
    }

    /// The report of this tenant's recording only.
    async fn wait_for_transcription(&mut self, world: &World) {
        let own = format!("/{}.mp4", self.name);
        let report = {
            let deepgram = &world.providers.lock().unwrap().deepgram.simulator;
            let job = deepgram.jobs().into_iter().find(|job| job.media_url.contains(&own)).unwrap();
            deepgram.repeat_callback(&job.request_id).unwrap()
        };
        let answer = world.send(ticket_extraction::routes, report.map(Body::from)).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(self.show(world, "/v1/videos/rec-2").await["status"], "complete");
    }

    /// Puts a plan, changes it, and deletes another one.
    async fn plan(&mut self, world: &World) {
        for title in ["first", "second"] {
            let task = json!({"id": "t1", "title": format!("Of {}", self.name), "description": "canary-task",
                "minutes": 30, "schedule": {"start": "2026-11-23T09:00"}});
            let modules = json!([{"id": "m1", "title": "canary-module", "tasks": [task]}]);
            let title = format!("The {title} plan of {}", self.name);
            let plan = json!({"title": title, "time_zone": "Europe/Berlin", "modules": modules});
            for path in ["/v1/plans/plan-1", "/v1/plans/plan-2"] {
                self.send(world, api::routes, Method::PUT, path, &plan).await;
            }
        }
        let request = authorized(world, self.name, Method::DELETE, "/v1/plans/plan-2");
        assert_eq!(world.send(api::routes, request).await.status, StatusCode::NO_CONTENT);
    }

    /// On a tier that takes several connections.
    async fn connect_google(&mut self, world: &World) {
        let user = self.name.parse().unwrap();
        world.instance().store.set_tier(&user, Tier::Pro, world.now()).await.unwrap();
        self.browser.person = Some(self.person);
        let end = self.browser.connect_to(world, self.name, "google-calendar").await;
        assert!(end.ends_with("connected=google-calendar"), "{end}");
        self.secrets.extend(self.browser.cookies.values().cloned());
    }

    /// Exports the plan and brings the calendar in step with it.
    async fn bring_plan_everywhere(&mut self, world: &World) {
        let export = json!({"target": "notion", "parent_page_id": crate::exports::notes(world)});
        for (routes, path, body) in [
            (notion_export::routes as Routes, "/v1/plans/plan-1/exports", export),
            (calendar_sync::routes, "/v1/plans/plan-1/calendar-syncs", json!({})),
        ] {
            let job = self.send(world, routes, Method::POST, path, &body).await.json();
            let result = self.over(world, &job).await;
            assert_ne!(result["created"], 0, "{path}: {result}");
            self.jobs.push(job["id"].as_str().unwrap().to_owned());
        }
        let google = &world.providers.lock().unwrap().google.simulator;
        let own = google.events(&format!("{}@example.com", self.name));
        let titles: Vec<_> = own.iter().map(|event| event.summary.as_str()).collect();
        assert_eq!(titles, [format!("Of {}", self.name)], "nothing of anybody else");
    }

    async fn undo_everything(&mut self, world: &World) {
        for job in self.jobs.clone() {
            let path = format!("/v1/jobs/{job}/undo");
            let undo = self.send(world, api::routes, Method::POST, &path, &json!({})).await.json();
            let result = self.over(world, &undo).await;
            assert_ne!(result["archived"], 0, "{path}: {result}");
        }
    }

    /// The result of a job that is worked off.
    async fn over(&mut self, world: &World, job: &Value) -> Value {
        world.drain().await;
        let job = self.show(world, &format!("/v1/jobs/{}", job["id"].as_str().unwrap())).await;
        assert_eq!(job["status"], "succeeded", "{job}");
        job["result"].clone()
    }

    async fn look_at_everything(&mut self, world: &World) {
        for path in [
            "/v1/videos",
            "/v1/videos/rec-1",
            "/v1/videos/rec-2",
            "/v1/plans",
            "/v1/plans/plan-1",
            "/v1/connections",
            "/v1/connections/notion",
            "/v1/connections/google-calendar",
            "/v1/providers",
            "/v1/usage",
        ] {
            self.show(world, path).await;
        }
        let jobs = self.show(world, "/v1/jobs").await;
        let job = jobs["items"][0]["id"].as_str().unwrap();
        self.show(world, &format!("/v1/jobs/{job}")).await;
    }

    /// Whatever this tenant asks for of what `other` has, there is nothing.
    pub(super) async fn sees_nothing_of(&self, other: &Self, world: &World) {
        let ask = async |routes: Routes, method: Method, path: &str| {
            let body = if path.ends_with("/exports") { json!({"target": "notion"}) } else { json!({}) };
            world.send(routes, send_json(world, self.name, method, path, None, &body)).await
        };
        for path in ["/v1/videos", "/v1/plans", "/v1/jobs", "/v1/connections"] {
            let answer = ask(api::routes, Method::GET, path).await;
            assert_eq!(answer.json()["items"], json!([]), "{}: {path}", self.name);
        }
        for (routes, method, path) in [
            (api::routes as Routes, Method::GET, "/v1/videos/rec-1"),
            (api::routes, Method::GET, "/v1/plans/plan-1"),
            (api::routes, Method::DELETE, "/v1/plans/plan-1"),
            (api::routes, Method::GET, "/v1/connections/notion"),
            (api::routes, Method::DELETE, "/v1/connections/notion"),
            (ticket_extraction::routes, Method::POST, "/v1/videos/rec-1/ticket-draft"),
            (ticket_extraction::routes, Method::POST, "/v1/videos/rec-2/transcription"),
            (api::routes, Method::GET, "/v1/connections/google-calendar"),
            (notion_export::routes, Method::POST, "/v1/plans/plan-1/exports"),
            (calendar_sync::routes, Method::POST, "/v1/plans/plan-1/calendar-syncs"),
        ] {
            let answer = ask(routes, method, path).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}: {path}: {answer:?}", self.name);
        }
        for job in &other.jobs {
            for (method, end) in [(Method::GET, ""), (Method::POST, "/cancel"), (Method::POST, "/undo")] {
                let answer = ask(api::routes, method, &format!("/v1/jobs/{job}{end}")).await;
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}: {job}{end}: {answer:?}", self.name);
            }
        }
    }
}
