//! What a function is built of. Made once per cold start; nothing here does I/O before the first request needs it.

use std::sync::Arc;

use anyhow::Result;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use providers::Random;
use providers::http::{Http, Policy};
use providers::transport::{ReqwestTransport, Transport};
use store::{Store, Vault};

use crate::clock::{ByAnswers, Clock};
use crate::config::Config;
use crate::identity::Identity;
use crate::secrets::Secrets;
use crate::transcripts::Transcripts;
use crate::work::Queues;

/// Everything a handler works with.
#[derive(Debug)]
pub struct App {
    /// What the environment says.
    pub config: Config,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// The table.
    pub store: Store,
    /// The keys under which tokens are sealed.
    pub vault: Vault,
    /// The way to the providers.
    pub transport: Arc<dyn Transport>,
    /// The deployment's secrets.
    pub secrets: Secrets,
    /// Who is asking.
    pub identity: Identity,
    /// Transcripts of recordings.
    pub transcripts: Transcripts,
    /// Work for later.
    pub queues: Queues,
}

/// The two ways out of a function, and what makes a run repeatable.
#[derive(Clone, Debug)]
pub struct Doors {
    /// To the providers.
    pub transport: Arc<dyn Transport>,
    /// To AWS.
    pub aws: SdkConfig,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
}

impl App {
    /// The function's parts, as its environment says.
    pub async fn from_environment() -> Result<Arc<Self>> {
        let config = Config::from_environment()?;
        // One connector for every AWS client, so that they share connections and the root certificates are read once.
        let http_client = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .build_https();
        let aws = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client).load().await;
        let doors = Doors {
            transport: Arc::new(ReqwestTransport::new()),
            aws,
            clock: Clock::system(),
            random: Random::system(),
        };
        Ok(Self::new(config, doors))
    }

    /// The function's parts behind given doors.
    pub fn new(config: Config, doors: Doors) -> Arc<Self> {
        let Doors { transport, aws, clock, random } = doors;
        let http = Http::new("oidc", transport.clone(), random.clone(), Policy::default());
        Arc::new(Self {
            store: Store::new(table(&aws, &clock), config.table.as_str()),
            vault: Vault::new(aws_sdk_kms::Client::new(&aws), config.kms_key_id.as_str()),
            secrets: Secrets::new(aws_sdk_secretsmanager::Client::new(&aws), &config.secret_id),
            identity: Identity::new(&config.jwt_issuer, &config.jwt_audience, config.jwks_url.clone(), http),
            transcripts: Transcripts::new(s3(&aws), &config.transcripts_bucket),
            queues: Queues::new(aws_sdk_sqs::Client::new(&aws), &config),
            config,
            clock,
            random,
            transport,
        })
    }
}

/// The table's client, which also keeps the clock right.
fn table(aws: &SdkConfig, clock: &Clock) -> aws_sdk_dynamodb::Client {
    let config = aws_sdk_dynamodb::config::Builder::from(aws).interceptor(ByAnswers(clock.clone()));
    aws_sdk_dynamodb::Client::from_conf(config.build())
}

/// A bucket is a path under a given endpoint: virtual hosts exist only at the real service.
fn s3(aws: &SdkConfig) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(aws).force_path_style(aws.endpoint_url().is_some());
    aws_sdk_s3::Client::from_conf(config.build())
}
