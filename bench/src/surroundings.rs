//! What the measured programs talk to, all in this process and in memory: AWS, the identity provider, Notion, a model.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use aws_doubles::{Aws, KEY_ID, TABLE};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use jiff::Timestamp;
use serde_json::json;
use simulators::{Notion, NotionConfig, OauthClient, OpenAi, OpenAiConfig, Simulator};
use url::Url;

use crate::identity::{AUDIENCE, ISSUER, Issuer};
use crate::serve::{Server, empty, serve};

const PUBLIC_URL: &str = "https://api.patchbay.example";
const QUEUES: [(&str, &str); 2] = [
    ("PATCHBAY_JOBS_QUEUE_URL", "https://sqs.eu-central-1.amazonaws.com/1/jobs.fifo"),
    ("PATCHBAY_TRANSCRIPTION_QUEUE_URL", "https://sqs.eu-central-1.amazonaws.com/1/transcription.fifo"),
];
const SECRET_ID: &str = "patchbay";
const CLIENT: &str = "notion-client";
const CLIENT_SECRET: &str = "only-for-the-stand-in";
const MODEL_KEY: &str = "sk-local";

/// The wall clock.
#[expect(
    clippy::disallowed_methods,
    reason = "the stand-ins take the time as an argument; here it comes from"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Everything outside a function.
#[derive(Debug)]
pub(crate) struct Surroundings {
    issuer: Arc<Issuer>,
    notion: Arc<Mutex<Notion>>,
    aws: Server,
    keys: Server,
    notion_server: Server,
    model: Server,
}

impl Surroundings {
    pub(crate) async fn start() -> Result<Self> {
        let issuer = Arc::new(Issuer::new()?);
        let keys = Bytes::from(issuer.key_set().to_string());
        let notion = Arc::new(Mutex::new(workspace(0)));
        let model = OpenAiConfig { api_key: MODEL_KEY.to_owned(), ..OpenAiConfig::default() };
        let model = Arc::new(Mutex::new(OpenAi::new(1, model)));
        let doubles = aws();
        Ok(Self {
            aws: serve(move |request| from_aws(doubles.clone(), request)).await?,
            keys: serve(move |_| std::future::ready(key_set(&keys))).await?,
            notion_server: serve(simulated(&notion)).await?,
            model: serve(simulated(&model)).await?,
            issuer,
            notion,
        })
    }

    /// What a function's environment says.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let fixed = [
            ("PATCHBAY_TABLE", TABLE),
            ("PATCHBAY_KMS_KEY_ID", KEY_ID),
            ("PATCHBAY_SECRET_ID", SECRET_ID),
            ("PATCHBAY_TRANSCRIPTS_BUCKET", "transcripts"),
            ("PATCHBAY_PUBLIC_URL", PUBLIC_URL),
            ("PATCHBAY_APP_URL", "https://app.example.com"),
            ("PATCHBAY_UPGRADE_URL", "https://app.example.com/upgrade"),
            ("PATCHBAY_JWT_ISSUER", ISSUER),
            ("PATCHBAY_JWT_AUDIENCE", AUDIENCE),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_SESSION_TOKEN", "local"),
        ];
        let served = [
            ("AWS_ENDPOINT_URL", self.aws.url()),
            ("PATCHBAY_JWKS_URL", format!("{}/jwks.json", self.keys.url())),
            ("PATCHBAY_NOTION_URL", self.notion_server.url()),
            ("PATCHBAY_NOTION_OAUTH_URL", self.notion_server.url()),
            ("PATCHBAY_OPENAI_URL", format!("{}/v1", self.model.url())),
        ];
        let fixed = fixed.into_iter().chain(QUEUES).map(|(name, value)| (name, value.to_owned()));
        fixed.chain(served).collect()
    }

    /// An access token of `user`.
    pub(crate) fn token(&self, user: &str) -> Result<String> {
        self.issuer.token(user, now())
    }

    /// Puts a new workspace in Notion's place. Notion limits calls per connection; a new one starts with a full budget.
    pub(crate) fn new_workspace(&self, seed: u64) {
        *self.notion.lock().unwrap_or_else(PoisonError::into_inner) = workspace(seed);
    }

    /// Presses "Allow" on Notion's page, sharing all it offers; the address to which the browser is sent back.
    pub(crate) fn allow(&self, authorize: &str) -> Result<Url> {
        let mut notion = self.notion.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = notion.press(authorize, "Alice", "allow", now()).context("this is no address")?;
        let Some(location) = answer.headers().get(header::LOCATION) else {
            bail!("Notion's stand-in does not send the browser back: {}", answer.status());
        };
        Ok(Url::parse(location.to_str()?)?)
    }
}

fn workspace(seed: u64) -> Notion {
    let client = OauthClient {
        client_id: CLIENT.to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        redirect_uris: vec![format!("{PUBLIC_URL}/v1/oauth/notion/callback")],
    };
    Notion::new(seed, NotionConfig { clients: vec![client], ..NotionConfig::default() })
}

fn aws() -> Aws {
    let aws = Aws::new(Arc::new(now));
    for (_, url) in QUEUES {
        aws.create_queue(url, 5);
    }
    let secret = json!({
        "providers": {"notion": {"client_id": CLIENT, "client_secret": CLIENT_SECRET}},
        "openai_api_key": MODEL_KEY,
        "session_key": "only-for-the-stand-in",
    });
    aws.put_secret(SECRET_ID, &secret.to_string());
    aws
}

async fn from_aws(aws: Aws, request: Request<Bytes>) -> Response<Bytes> {
    let answer = async {
        let request = HttpRequest::try_from(request.map(SdkBody::from))?;
        let answer = aws.answer_over_http(request).await?.try_into_http1x()?;
        let (parts, body) = answer.into_parts();
        let body = body.bytes().context("an answer in memory")?;
        anyhow::Ok(Response::from_parts(parts, Bytes::copy_from_slice(body)))
    };
    answer.await.unwrap_or_else(|_| empty(StatusCode::INTERNAL_SERVER_ERROR))
}

fn key_set(keys: &Bytes) -> Response<Bytes> {
    let mut response = Response::new(keys.clone());
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

fn simulated<S: Simulator + 'static>(
    simulator: &Arc<Mutex<S>>,
) -> impl Fn(Request<Bytes>) -> std::future::Ready<Response<Bytes>> + Clone + Send + Sync + 'static {
    let simulator = simulator.clone();
    move |request| {
        let mut simulator = simulator.lock().unwrap_or_else(PoisonError::into_inner);
        std::future::ready(simulator.answer(&request, now()))
    }
}
