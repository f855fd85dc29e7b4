//! Clients of the SDK that talk to the doubles.

use std::sync::Arc;

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};

use crate::{Aws, Hook};

/// One SDK client per service, all through the same door.
#[derive(Clone, Debug)]
pub struct Clients {
    /// The table.
    pub dynamo: aws_sdk_dynamodb::Client,
    /// The keys.
    pub kms: aws_sdk_kms::Client,
    /// The transcripts.
    pub s3: aws_sdk_s3::Client,
    /// The queues.
    pub sqs: aws_sdk_sqs::Client,
    /// The secrets.
    pub secrets: aws_sdk_secretsmanager::Client,
}

/// The settings every SDK's `Config` builder understands, with the SDK's own repeats off: the code under test repeats.
macro_rules! client {
    ($sdk:ident, $http:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new("eu-central-1"))
                .credentials_provider(Credentials::new("AKIDTEST", "test", None, None, "test"))
                .retry_config(aws_smithy_types::retry::RetryConfig::disabled())
                .timeout_config(aws_smithy_types::timeout::TimeoutConfig::disabled())
                .http_client($http.clone())
                .build(),
        )
    };
}

impl Aws {
    /// Clients whose exchanges pass this hook.
    pub fn clients(&self, hook: Arc<dyn Hook>) -> Clients {
        let http = self.http_client(hook);
        Clients {
            dynamo: client!(aws_sdk_dynamodb, http),
            kms: client!(aws_sdk_kms, http),
            s3: client!(aws_sdk_s3, http),
            sqs: client!(aws_sdk_sqs, http),
            secrets: client!(aws_sdk_secretsmanager, http),
        }
    }
}
