//! The whole backend in one process: real handlers, AWS and providers as doubles, virtual time, chosen misfortune.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_doubles::{Aws, Message, TABLE};
use aws_lambda_events::event::sqs::SqsEvent;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use axum::Router;
use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use jiff::Timestamp;
use providers::Random;
use providers::registry::Endpoints;
use runtime::{App, Clock, Config, Doors, Problem, Work};
use serde_json::{Value, json};
use simulators::deepgram::Callback;
use simulators::google::GoogleLimits;
use simulators::notion::NotionLimits;
use simulators::{
    Deepgram, DeepgramConfig, Fault, Google, GoogleConfig, Notion, NotionConfig, OauthClient, OpenAi,
    OpenAiConfig, Outcome, StandIn,
};
use tokio::time::Instant;
use tower::ServiceExt;

use super::Browser;
use super::dice::Dice;
use super::doors::{AwsDoor, ProviderDoor, exchange};
use super::fate::{Fate, Harm, Life, without_ids};
use super::tokens;

pub(crate) const PUBLIC_URL: &str = "https://api.patchbay.example";
pub(crate) const JOBS_QUEUE: &str = "https://sqs.eu-central-1.amazonaws.com/1/jobs.fifo";
pub(crate) const TRANSCRIPTION_QUEUE: &str = "https://sqs.eu-central-1.amazonaws.com/1/transcription.fifo";
pub(crate) const CALENDAR_QUEUE: &str = "https://sqs.eu-central-1.amazonaws.com/1/calendar.fifo";
/// All of them.
pub(crate) const QUEUES: [&str; 3] = [JOBS_QUEUE, TRANSCRIPTION_QUEUE, CALENDAR_QUEUE];
pub(crate) const BUCKET: &str = "transcripts";
const APP_URL: &str = "https://app.example.com";
pub(crate) const SECRET_ID: &str = "secret";
/// Strings that must never be seen outside the sealed tokens and the secret.
pub(crate) const CLIENT_SECRET: &str = "canary-client-secret-5b1f";
pub(crate) const OPENAI_KEY: &str = "sk-canary-openai-93aa";
pub(crate) const DEEPGRAM_KEY: &str = "canary-deepgram-key-77c0";
pub(crate) const SESSION_KEY: &str = "canary-session-key-0c41";

type Meanwhile = Box<dyn FnMut(&mut Google, Timestamp) + Send>;

/// The services outside.
pub(crate) struct Providers {
    pub(crate) notion: StandIn<Notion>,
    pub(crate) openai: StandIn<OpenAi>,
    pub(crate) deepgram: StandIn<Deepgram>,
    pub(crate) google: StandIn<Google>,
    /// What somebody does right before a request of this method arrives at a calendar.
    meanwhile: Option<(Method, Meanwhile)>,
    pub(crate) key_set: Value,
    pub(crate) key_set_requests: usize,
}

impl Providers {
    pub(crate) fn exchange(
        &mut self,
        host: &str,
        request: &Request<Bytes>,
        now: Timestamp,
    ) -> simulators::Exchange {
        match host {
            "api.notion.com" => {
                vendors::assert_notion_request(request);
                exchange(&mut self.notion, request, now, vendors::assert_notion_answer)
            }
            "api.openai.com" => {
                vendors::assert_openai_request(request);
                exchange(&mut self.openai, request, now, vendors::assert_openai_answer)
            }
            "api.deepgram.com" => {
                vendors::assert_deepgram_request(request);
                exchange(&mut self.deepgram, request, now, vendors::assert_deepgram_answer)
            }
            "www.googleapis.com" if request.uri().path().contains("/calendar/") => {
                vendors::assert_google_request(request);
                if let Some((_, act)) = self.meanwhile.as_mut().filter(|(of, _)| of == request.method()) {
                    act(&mut self.google.simulator, now);
                }
                exchange(&mut self.google, request, now, vendors::assert_google_answer)
            }
            // Of Google's, only the Calendar API is described.
            "oauth2.googleapis.com" | "www.googleapis.com" => {
                exchange(&mut self.google, request, now, |_, _| ())
            }
            "id.example.com" => {
                self.key_set_requests += 1;
                let body = match request.uri().path() {
                    "/.well-known/openid-configuration" => json!({
                        "issuer": tokens::ISSUER,
                        "jwks_uri": format!("{}/jwks", tokens::ISSUER),
                    }),
                    _ => self.key_set.clone(),
                };
                let response = Response::new(Bytes::from(body.to_string()));
                simulators::Exchange { outcome: Outcome::Answer(response), delay_ms: 0 }
            }
            other => panic!("nobody may talk to {other}"),
        }
    }
}

impl Providers {
    /// The next exchange with this host goes wrong like this.
    pub(crate) fn misbehave(&mut self, host: &str, fault: Fault) {
        let ordered = match host {
            "api.notion.com" => self.notion.fail(fault),
            "api.openai.com" => self.openai.fail(fault),
            "api.deepgram.com" => self.deepgram.fail(fault),
            "oauth2.googleapis.com" | "www.googleapis.com" => self.google.fail(fault),
            other => panic!("{other} does not misbehave"),
        };
        ordered.unwrap();
    }
}

/// A function's routes.
pub(crate) type Routes = fn(Arc<App>) -> Router;

/// What a caller sees of a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The code of a problem; nothing for an answer that is none.
    pub(crate) fn code_or_empty(&self) -> String {
        if self.status.as_u16() < 400 { String::new() } else { self.code() }
    }

    pub(crate) fn location(&self) -> &str {
        self.headers.get("location").map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

/// One instance of a function.
struct Instance {
    app: Arc<App>,
    life: Arc<Life>,
}

/// The functions' `Timeout` in the deployment.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(29);
/// How long a caller repeats what is not answered: longer than anybody asks to wait, and than anything fails that gets well by
/// itself.
const PATIENCE: Duration = Duration::from_hours(26);
/// How often.
const REPEATS: u32 = 1_500;

/// The backend and everything around it.
pub(crate) struct World {
    pub(crate) aws: Aws,
    pub(crate) providers: Arc<Mutex<Providers>>,
    pub(crate) fate: Arc<Fate>,
    /// Where providers are said to be.
    pub(crate) endpoints: Endpoints,
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    seed: u64,
    births: Mutex<u64>,
    /// Instances that wait for their next call, by function; none where every call gets a new one.
    idle: Option<Mutex<BTreeMap<&'static str, Vec<Instance>>>>,
    /// Whether instances' clocks are wrong, by up to two minutes.
    pub(crate) skewed: bool,
    counted: Mutex<u64>,
    /// Everything that was answered to anybody, for the canary scan.
    pub(crate) answers: Mutex<Vec<String>>,
}

impl World {
    /// A world in which nothing goes wrong.
    pub(crate) fn calm() -> Self {
        Self::new(1, BTreeMap::new())
    }

    /// A world in which the numbered exchanges go wrong. Time is tokio's, which must be paused.
    pub(crate) fn new(seed: u64, harm: BTreeMap<usize, Harm>) -> Self {
        Self::under(seed, Fate::new(harm))
    }

    /// A world under this fate.
    pub(crate) fn under(seed: u64, fate: Fate) -> Self {
        let start = Instant::now();
        let epoch: Timestamp = "2026-11-21T09:00:00Z".parse().unwrap();
        let now: Arc<dyn Fn() -> Timestamp + Send + Sync> =
            Arc::new(move || epoch + jiff::SignedDuration::try_from(start.elapsed()).unwrap());
        let aws = Aws::new(now.clone());
        aws.create_queue(JOBS_QUEUE, 20);
        aws.create_queue(TRANSCRIPTION_QUEUE, 5);
        aws.create_queue(CALENDAR_QUEUE, 20);
        aws.put_secret(
            SECRET_ID,
            &json!({
                "providers": {
                    "notion": {"client_id": "notion-client", "client_secret": CLIENT_SECRET},
                    "google": {"client_id": "google-client", "client_secret": CLIENT_SECRET},
                },
                "openai_api_key": OPENAI_KEY,
                "deepgram_api_key": DEEPGRAM_KEY,
                "session_key": SESSION_KEY,
            })
            .to_string(),
        );
        let client = |name: &str, providers: &[&str]| OauthClient {
            client_id: format!("{name}-client"),
            client_secret: CLIENT_SECRET.into(),
            redirect_uris: providers
                .iter()
                .map(|it| format!("{PUBLIC_URL}/v1/oauth/{it}/callback"))
                .collect(),
        };
        let clients = vec![client("notion", &["notion"])];
        let notion = Notion::new(seed, NotionConfig { clients, ..NotionConfig::default() });
        let clients = vec![client("google", &["google-calendar", "google-sheets", "gmail"])];
        let google = Google::new(seed, GoogleConfig { clients, ..GoogleConfig::default() });
        let openai = OpenAi::new(
            seed,
            OpenAiConfig { api_key: OPENAI_KEY.into(), root: "/v1".into(), ..Default::default() },
        );
        let deepgram =
            Deepgram::new(seed, DeepgramConfig { api_key: DEEPGRAM_KEY.into(), ..Default::default() });
        let providers = Providers {
            notion: StandIn::new(notion),
            openai: StandIn::new(openai),
            deepgram: StandIn::new(deepgram),
            google: StandIn::new(google),
            meanwhile: None,
            key_set: tokens::SIGNER.key_set(tokens::KEY_ID),
            key_set_requests: 0,
        };
        Self {
            aws,
            providers: Arc::new(Mutex::new(providers)),
            fate: Arc::new(fate),
            endpoints: Endpoints::default(),
            now,
            seed,
            births: Mutex::new(0),
            idle: None,
            skewed: false,
            counted: Mutex::new(0),
            answers: Mutex::default(),
        }
    }

    /// Instances stay warm and serve one call after another, as Lambda's do; their clocks may be wrong.
    pub(crate) fn with_warm_instances(mut self, skewed: bool) -> Self {
        self.idle = Some(Mutex::default());
        self.skewed = skewed;
        self
    }

    /// Another number each time.
    pub(crate) fn count(&self) -> u64 {
        let mut counted = self.counted.lock().unwrap();
        *counted += 1;
        *counted
    }

    /// How long the access tokens live that Notion gives from now on.
    pub(crate) fn token_lifetime_ms(&self, lifetime_ms: Option<i64>) {
        let notion = &mut self.providers.lock().unwrap().notion.simulator;
        let limits = notion.limits().clone();
        notion.set_limits(NotionLimits { access_token_lifetime_ms: lifetime_ms, ..limits });
    }

    /// Changes Google's limits from now on.
    pub(crate) fn limit_google(&self, change: impl FnOnce(&mut GoogleLimits)) {
        let google = &mut self.providers.lock().unwrap().google.simulator;
        let mut limits = google.limits().clone();
        change(&mut limits);
        google.set_limits(limits);
    }

    /// Somebody does this from now on right before each request of a method arrives at a calendar.
    pub(crate) fn before_each(&self, of: Method, act: impl FnMut(&mut Google, Timestamp) + Send + 'static) {
        self.providers.lock().unwrap().meanwhile = Some((of, Box::new(act)));
    }

    /// `user` connects one of Google's products, as the Alice whom Google knows, and grants all that it asks for. Where
    /// the browser ends up.
    pub(crate) async fn connect_google(&self, user: &str, product: &'static str) -> String {
        Browser::default().connect_to(self, user, product).await
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.now)()
    }

    pub(crate) fn token(&self, user: &str) -> String {
        tokens::token(user, self.now())
    }

    pub(crate) fn config() -> Config {
        Config::from_lookup(|name| {
            let value = match name {
                "PATCHBAY_TABLE" => TABLE,
                "PATCHBAY_KMS_KEY_ID" => aws_doubles::KEY_ID,
                "PATCHBAY_SECRET_ID" => SECRET_ID,
                "PATCHBAY_TRANSCRIPTS_BUCKET" => BUCKET,
                "PATCHBAY_JOBS_QUEUE_URL" => JOBS_QUEUE,
                "PATCHBAY_TRANSCRIPTION_QUEUE_URL" => TRANSCRIPTION_QUEUE,
                "PATCHBAY_CALENDAR_QUEUE_URL" => CALENDAR_QUEUE,
                "PATCHBAY_PUBLIC_URL" => PUBLIC_URL,
                "PATCHBAY_APP_URL" | "PATCHBAY_RETURN_ORIGINS" => APP_URL,
                "PATCHBAY_UPGRADE_URL" => "https://app.example.com/upgrade",
                "PATCHBAY_JWT_ISSUER" => tokens::ISSUER,
                "PATCHBAY_JWT_AUDIENCE" => tokens::AUDIENCE,
                _ => return None,
            };
            Some(value.to_owned())
        })
        .unwrap()
    }

    /// A new instance of a function, with nothing in its memory.
    pub(crate) fn instance(&self) -> Arc<App> {
        self.give_birth().app
    }

    fn give_birth(&self) -> Instance {
        let birth = {
            let mut births = self.births.lock().unwrap();
            *births += 1;
            *births
        };
        let life = Arc::new(Life::new(self.fate.clone(), birth));
        let hook = AwsDoor { life: life.clone(), under_way: Mutex::default(), stray: Mutex::default() };
        let aws = aws_config::SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "AKIDTEST", "test", None, None, "test",
            )))
            // Without the SDK's own jitter a run can be replayed.
            .retry_config(
                aws_smithy_types::retry::RetryConfig::standard().with_use_static_exponential_base(true),
            )
            .timeout_config(aws_smithy_types::timeout::TimeoutConfig::disabled())
            .sleep_impl(aws_smithy_async::rt::sleep::SharedAsyncSleep::new(
                aws_smithy_async::rt::sleep::TokioSleep::new(),
            ))
            .http_client(self.aws.http_client(Arc::new(hook)))
            .build();
        let transport =
            ProviderDoor { life: life.clone(), providers: self.providers.clone(), now: self.now.clone() };
        let mut dice = Dice::new(self.seed).nth(usize::try_from(birth).unwrap());
        let wrong = i64::try_from(dice.below(241)).unwrap() - 120;
        let skew = jiff::SignedDuration::from_secs(if self.skewed { wrong } else { 0 });
        let state = Mutex::new(dice);
        let random = Random::new(move |bytes| {
            let mut dice = state.lock().unwrap();
            bytes.fill_with(|| u8::try_from(dice.below(256)).unwrap());
        });
        let clock = {
            let now = self.now.clone();
            Clock::from_fn(move || now() + skew)
        };
        let config = Config { endpoints: self.endpoints.clone(), ..Self::config() };
        let app = App::new(config, Doors { transport: Arc::new(transport), aws, clock, random });
        Instance { app, life }
    }

    /// Calls a function as Lambda does: one call at a time to an instance, no longer than its timeout. None when the
    /// instance died.
    pub(crate) async fn invoke<T>(
        &self,
        function: &'static str,
        entry: String,
        owner: Option<String>,
        call: impl AsyncFnOnce(Arc<App>) -> T,
    ) -> Option<T> {
        let warm = self.idle.as_ref().and_then(|idle| idle.lock().unwrap().get_mut(function)?.pop());
        let instance = warm.unwrap_or_else(|| self.give_birth());
        instance.life.enter(format!("{function} {entry}"), owner);
        let outcome = tokio::select! {
            biased;
            () = instance.life.death() => None,
            outcome = call(instance.app.clone()) => Some(outcome),
            () = tokio::time::sleep(TIMEOUT) => None,
        };
        if let (Some(_), Some(idle)) = (&outcome, &self.idle) {
            idle.lock().unwrap().entry(function).or_default().push(instance);
        }
        outcome
    }

    /// One request. None when the instance died: the gateway then answers 500 or 503.
    pub(crate) async fn try_send(&self, routes: Routes, request: Request<Body>) -> Option<Answer> {
        let entry = format!("{} {}", request.method(), without_ids(request.uri().path()));
        let owner = sender(&request);
        let call = async |app| {
            let response = routes(app).oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            Answer { status: parts.status, headers: parts.headers, body }
        };
        let answer = self.invoke(name_of(routes), entry, owner, call).await?;
        let seen = format!("{:?} {}", answer.headers, String::from_utf8_lossy(&answer.body));
        self.answers.lock().unwrap().push(seen);
        Some(answer)
    }

    /// One request that must be answered.
    pub(crate) async fn send(&self, routes: Routes, request: Request<Body>) -> Answer {
        self.try_send(routes, request).await.expect("the function died")
    }

    /// What a caller does who wants an answer: repeats after deaths, 5xx and "in progress", as long as told to wait.
    pub(crate) async fn insist(&self, routes: Routes, request: impl Fn() -> Request<Body>) -> Answer {
        let start = tokio::time::Instant::now();
        for _ in 0..REPEATS {
            if start.elapsed() > PATIENCE {
                break;
            }
            match self.try_send(routes, request()).await {
                None => tokio::time::sleep(Duration::from_secs(1)).await,
                Some(answer) if answer.status.is_server_error() || answer.status == StatusCode::CONFLICT => {
                    let problem = answer.json();
                    if answer.status == StatusCode::CONFLICT && problem["code"] != "in_progress" {
                        return answer;
                    }
                    let wait = problem["retry_after"].as_u64().unwrap_or(1);
                    tokio::time::sleep(Duration::from_secs(wait.max(1))).await;
                }
                Some(answer) => return answer,
            }
        }
        panic!("no answer for {PATIENCE:?}:\n{}", self.fate.log().join("\n"));
    }

    /// The schedule fires once.
    pub(crate) async fn sweep(&self) {
        let call = async |app| {
            if let Err(problem) = scheduler::handle(&app, scheduler::Task::Sweep).await {
                tracing::warn!("sweep: {problem}");
            }
        };
        self.invoke("scheduler", "sweep".to_owned(), None, call).await;
    }

    /// The queues' messages are worked off as event source mappings do, until none is visible.
    pub(crate) async fn drain(&self) {
        while self.work_off(JOBS_QUEUE).await
            || self.work_off(TRANSCRIPTION_QUEUE).await
            || self.work_off(CALENDAR_QUEUE).await
        {}
    }

    /// One batch of a queue is worked off, if there is one.
    pub(crate) async fn work_off(&self, queue: &str) -> bool {
        let messages = self.aws.receive(queue, batch_size(queue), Duration::from_mins(3));
        self.deliver(queue, &messages).await;
        !messages.is_empty()
    }

    /// A batch of messages is handed to the queue's function; what succeeds is deleted.
    pub(crate) async fn deliver(&self, queue: &str, messages: &[Message]) {
        if messages.is_empty() {
            return;
        }
        let record = |message: &Message| json!({"messageId": message.id, "body": message.body, "attributes": {"MessageGroupId": message.group}});
        let records: Vec<Value> = messages.iter().map(record).collect();
        let event: SqsEvent = serde_json::from_value(json!({ "Records": records })).unwrap();
        let function = match queue {
            JOBS_QUEUE => "notion-export",
            CALENDAR_QUEUE => "calendar-sync",
            _ => "ticket-extraction",
        };
        let call = async |app| {
            let handle = async |work: Work| -> Result<(), Problem> {
                match function {
                    "notion-export" => notion_export::work(&app, work).await,
                    "calendar-sync" => calendar_sync::work(&app, work).await,
                    _ => ticket_extraction::work(&app, work).await,
                }
            };
            runtime::work_off(event, handle).await
        };
        let owner = only_owner(messages);
        let Some(response) = self.invoke(function, "queue".to_owned(), owner, call).await else { return };
        for message in messages {
            let failed = response.batch_item_failures.iter().any(|it| it.item_identifier == message.id);
            if !failed {
                self.aws.delete_message(queue, message.receipt.as_deref().unwrap());
            }
        }
    }

    /// Looks at Notion every millisecond until this holds.
    pub(crate) async fn until(&self, mut holds: impl FnMut(&mut StandIn<Notion>) -> bool) {
        while !holds(&mut self.providers.lock().unwrap().notion) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// What the speech engine has to report by now.
    pub(crate) fn due_reports(&self) -> Vec<Callback> {
        let due = self.providers.lock().unwrap().deepgram.simulator.due_callbacks(self.now());
        for callback in &due {
            vendors::assert_deepgram_report(&callback.request);
        }
        due
    }

    /// The speech engine's reports arrive.
    pub(crate) async fn deliver_reports(&self) {
        loop {
            let due = self.due_reports();
            if due.is_empty() {
                return;
            }
            for callback in due {
                let request = callback.request.clone().map(Body::from);
                let answer = self.try_send(ticket_extraction::routes, request).await;
                let status = answer.map(|answer| answer.status.as_u16());
                let mut providers = self.providers.lock().unwrap();
                providers.deepgram.simulator.callback_answered(&callback.request_id, status);
            }
        }
    }

    /// What Google says on its own arrives.
    pub(crate) async fn deliver_hints(&self) {
        loop {
            let due = self.providers.lock().unwrap().google.simulator.due_notifications(self.now());
            if due.is_empty() {
                return;
            }
            for notification in due {
                let answer = self.try_send(provider_push::routes, notification.request.map(Body::from)).await;
                let status = answer.map(|answer| answer.status.as_u16());
                let google = &mut self.providers.lock().unwrap().google.simulator;
                google.notification_answered(notification.number, status, self.now());
            }
        }
    }

    /// Minutes go by, with everything that happens by itself.
    pub(crate) async fn pass_minutes(&self, minutes: u32) {
        for _ in 0..minutes {
            tokio::time::sleep(Duration::from_mins(1)).await;
            self.deliver_reports().await;
            self.deliver_hints().await;
            self.sweep().await;
            self.drain().await;
        }
    }
}

/// As many messages as a queue's function gets at once.
pub(crate) fn batch_size(queue: &str) -> usize {
    if queue == TRANSCRIPTION_QUEUE { 5 } else { 1 }
}

/// Whose all of these messages are.
fn only_owner(messages: &[Message]) -> Option<String> {
    let owner = |message: &Message| {
        let body: Value = serde_json::from_str(&message.body).unwrap();
        body["user"].as_str().expect("every message is somebody's").to_owned()
    };
    let owners: std::collections::BTreeSet<String> = messages.iter().map(owner).collect();
    owners.first().filter(|_| owners.len() == 1).cloned()
}

/// The function that has these routes.
fn name_of(routes: Routes) -> &'static str {
    let all: [(Routes, &str); 7] = [
        (api::routes, "api"),
        (oauth_start::routes, "oauth-start"),
        (oauth_callback::routes, "oauth-callback"),
        (ticket_extraction::routes, "ticket-extraction"),
        (notion_export::routes, "notion-export"),
        (calendar_sync::routes, "calendar-sync"),
        (provider_push::routes, "provider-push"),
    ];
    all.into_iter().find(|(of, _)| std::ptr::fn_addr_eq(*of, routes)).map_or("function", |(_, name)| name)
}

/// Whose request it is, as its token says.
fn sender(request: &Request<Body>) -> Option<String> {
    let token = request.headers().get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")?;
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    Some(claims["sub"].as_str()?.to_owned())
}
