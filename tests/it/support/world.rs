//! The whole backend in one process: real handlers, AWS and providers as doubles, virtual time, chosen misfortune.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_doubles::{Aws, TABLE};
use aws_lambda_events::event::sqs::SqsEvent;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use axum::Router;
use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use jiff::Timestamp;
use providers::Random;
use runtime::{App, Clock, Config, Doors, Problem, Work};
use serde_json::{Value, json};
use simulators::notion::{NotionLimits, OauthClient};
use simulators::{Deepgram, DeepgramConfig, Notion, NotionConfig, OpenAi, OpenAiConfig, Outcome, StandIn};
use tokio::time::Instant;
use tower::ServiceExt;

use super::doors::{AwsDoor, Fate, Harm, ProviderDoor, exchange};
use super::tokens;

pub(crate) const PUBLIC_URL: &str = "https://api.patchbay.example";
pub(crate) const JOBS_QUEUE: &str = "https://sqs.eu-central-1.amazonaws.com/1/jobs.fifo";
pub(crate) const TRANSCRIPTION_QUEUE: &str = "https://sqs.eu-central-1.amazonaws.com/1/transcription.fifo";
pub(crate) const BUCKET: &str = "transcripts";
const APP_URL: &str = "https://app.example.com";
const SECRET_ID: &str = "secret";
/// Strings that must never be seen outside the sealed tokens and the secret.
pub(crate) const CLIENT_SECRET: &str = "canary-client-secret-5b1f";
pub(crate) const OPENAI_KEY: &str = "sk-canary-openai-93aa";
pub(crate) const DEEPGRAM_KEY: &str = "canary-deepgram-key-77c0";
pub(crate) const SESSION_KEY: &str = "canary-session-key-0c41";

/// The services outside.
pub(crate) struct Providers {
    pub(crate) notion: StandIn<Notion>,
    pub(crate) openai: StandIn<OpenAi>,
    pub(crate) deepgram: StandIn<Deepgram>,
    pub(crate) google: Google,
    pub(crate) key_set: Value,
    pub(crate) key_set_requests: usize,
}

/// As much of Google as connecting needs: it grants what is set here to anybody with the right verifier.
pub(crate) struct Google {
    /// What the user leaves ticked on the consent page.
    pub(crate) granted: Vec<&'static str>,
    /// The challenge that the authorize address carried.
    pub(crate) challenge: String,
    pub(crate) revoked: usize,
}

impl Google {
    fn answer(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let form: BTreeMap<_, _> = url::form_urlencoded::parse(request.body()).into_owned().collect();
        let (status, body) = match request.uri().path() {
            "/token" => {
                let verifier = form.get("code_verifier").map(String::as_str).unwrap_or_default();
                let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
                if URL_SAFE_NO_PAD.encode(digest) == self.challenge {
                    let scope = self.granted.join(" ");
                    (
                        200,
                        json!({"access_token": "ya29.a", "refresh_token": "1//r", "expires_in": 3599,
                                 "token_type": "Bearer", "scope": scope}),
                    )
                } else {
                    (400, json!({"error": "invalid_grant"}))
                }
            }
            "/oauth2/v3/userinfo" => (200, json!({"sub": "1077", "email": "alice@example.com"})),
            "/revoke" => {
                self.revoked += 1;
                (200, json!({}))
            }
            other => panic!("Google has no {other}"),
        };
        let mut response = Response::new(Bytes::from(body.to_string()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        response
    }
}

impl Providers {
    pub(crate) fn exchange(
        &mut self,
        host: &str,
        request: &Request<Bytes>,
        now: Timestamp,
    ) -> simulators::Exchange {
        match host {
            "api.notion.com" => exchange(&mut self.notion, request, now),
            "api.openai.com" => exchange(&mut self.openai, request, now),
            "api.deepgram.com" => exchange(&mut self.deepgram, request, now),
            "oauth2.googleapis.com" | "www.googleapis.com" => {
                simulators::Exchange { outcome: Outcome::Answer(self.google.answer(request)), delay_ms: 0 }
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

/// The backend and everything around it.
pub(crate) struct World {
    pub(crate) aws: Aws,
    pub(crate) providers: Arc<Mutex<Providers>>,
    pub(crate) fate: Arc<Fate>,
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    seed: u64,
    births: Mutex<u64>,
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
        let start = Instant::now();
        let epoch: Timestamp = "2026-11-21T09:00:00Z".parse().unwrap();
        let now: Arc<dyn Fn() -> Timestamp + Send + Sync> =
            Arc::new(move || epoch + jiff::SignedDuration::try_from(start.elapsed()).unwrap());
        let aws = Aws::new(now.clone());
        aws.create_queue(JOBS_QUEUE, 5);
        aws.create_queue(TRANSCRIPTION_QUEUE, 5);
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
        let client = OauthClient {
            client_id: "notion-client".into(),
            client_secret: CLIENT_SECRET.into(),
            redirect_uris: vec![format!("{PUBLIC_URL}/v1/oauth/notion/callback")],
        };
        let notion = Notion::new(seed, NotionConfig { clients: vec![client], ..NotionConfig::default() });
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
            google: Google { granted: Vec::new(), challenge: String::new(), revoked: 0 },
            key_set: tokens::SIGNER.key_set(tokens::KEY_ID),
            key_set_requests: 0,
        };
        Self {
            aws,
            providers: Arc::new(Mutex::new(providers)),
            fate: Arc::new(Fate::new(harm)),
            now,
            seed,
            births: Mutex::new(0),
            counted: Mutex::new(0),
            answers: Mutex::default(),
        }
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
        let hook = Arc::new(AwsDoor { fate: self.fate.clone(), after: Mutex::default() });
        let aws = aws_config::SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "AKIDTEST", "test", None, None, "test",
            )))
            .retry_config(aws_smithy_types::retry::RetryConfig::standard())
            .timeout_config(aws_smithy_types::timeout::TimeoutConfig::disabled())
            .sleep_impl(aws_smithy_async::rt::sleep::SharedAsyncSleep::new(
                aws_smithy_async::rt::sleep::TokioSleep::new(),
            ))
            .http_client(self.aws.http_client(hook))
            .build();
        let transport = ProviderDoor {
            fate: self.fate.clone(),
            providers: self.providers.clone(),
            now: self.now.clone(),
        };
        let birth = {
            let mut births = self.births.lock().unwrap();
            *births += 1;
            *births
        };
        let state = Mutex::new(self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (birth << 32));
        let random = Random::new(move |bytes| {
            let mut state = state.lock().unwrap();
            for byte in bytes {
                // xorshift64*: enough to tell instances apart and to replay from the seed.
                *state ^= *state >> 12;
                *state ^= *state << 25;
                *state ^= *state >> 27;
                *byte = (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 56) as u8;
            }
        });
        let clock = {
            let now = self.now.clone();
            Clock::from_fn(move || now())
        };
        App::new(Self::config(), Doors { transport: Arc::new(transport), aws, clock, random })
    }

    /// One request to a new instance. None when the instance died: the gateway then answers 500 or 503.
    pub(crate) async fn try_send(&self, routes: Routes, request: Request<Body>) -> Option<Answer> {
        let function = routes(self.instance());
        let response = tokio::select! {
            response = function.oneshot(request) => response.unwrap(),
            () = self.fate.death() => return None,
        };
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let seen = format!("{:?} {}", parts.headers, String::from_utf8_lossy(&body));
        self.answers.lock().unwrap().push(seen);
        Some(Answer { status: parts.status, headers: parts.headers, body })
    }

    /// One request that must be answered.
    pub(crate) async fn send(&self, routes: Routes, request: Request<Body>) -> Answer {
        self.try_send(routes, request).await.expect("the function died")
    }

    /// What a caller does who wants an answer: repeats after deaths, 5xx and "in progress", as long as told to wait.
    pub(crate) async fn insist(&self, routes: Routes, request: impl Fn() -> Request<Body>) -> Answer {
        for _ in 0..40 {
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
        panic!("no answer after 40 tries:\n{}", self.fate.log().join("\n"));
    }

    /// The schedule fires once.
    pub(crate) async fn sweep(&self) {
        let app = self.instance();
        tokio::select! {
            swept = scheduler::handle(&app, scheduler::Task::Sweep) => {
                if let Err(problem) = swept { tracing::warn!("sweep: {problem}"); }
            }
            () = self.fate.death() => {}
        }
    }

    /// The queues' messages are worked off as event source mappings do, until none is visible.
    pub(crate) async fn drain(&self) {
        loop {
            let mut any = false;
            for queue in [JOBS_QUEUE, TRANSCRIPTION_QUEUE] {
                let messages = self.aws.receive(queue, 10, Duration::from_mins(3));
                if messages.is_empty() {
                    continue;
                }
                any = true;
                let records: Vec<Value> = messages
                    .iter()
                    .map(|message| {
                        json!({"messageId": message.id, "body": message.body,
                               "attributes": {"MessageGroupId": message.group}})
                    })
                    .collect();
                let event: SqsEvent = serde_json::from_value(json!({ "Records": records })).unwrap();
                let app = self.instance();
                let handle = async |work: Work| -> Result<(), Problem> {
                    match queue {
                        JOBS_QUEUE => notion_export::work(&app, work).await,
                        _ => ticket_extraction::work(&app, work).await,
                    }
                };
                let response = tokio::select! {
                    response = runtime::work_off(event, handle) => response,
                    () = self.fate.death() => continue,
                };
                for message in messages {
                    let failed =
                        response.batch_item_failures.iter().any(|it| it.item_identifier == message.id);
                    if !failed {
                        self.aws.delete_message(queue, message.receipt.as_deref().unwrap());
                    }
                }
            }
            if !any {
                return;
            }
        }
    }

    /// The speech engine's reports arrive.
    pub(crate) async fn deliver_reports(&self) {
        loop {
            let due = self.providers.lock().unwrap().deepgram.simulator.due_callbacks(self.now());
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

    /// Minutes go by, with everything that happens by itself.
    pub(crate) async fn pass_minutes(&self, minutes: u32) {
        for _ in 0..minutes {
            tokio::time::sleep(Duration::from_mins(1)).await;
            self.deliver_reports().await;
            self.sweep().await;
            self.drain().await;
        }
    }
}
