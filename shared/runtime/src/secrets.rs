//! The deployment's secrets: one JSON document in Secrets Manager, read when first needed and kept for a while.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use providers::oauth::Client;
use providers::registry::Provider;
use providers::signature::hmac_sha256_hex;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::canonical::canonical;
use crate::problem::{Code, Problem};

/// A changed secret is noticed after this long.
const KEEP: SignedDuration = SignedDuration::from_mins(5);

/// What the document holds. What is absent is not configured.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Document {
    #[serde(deserialize_with = "clients")]
    providers: HashMap<String, Client>,
    /// For ticket drafts. Without it drafts are made by rules.
    pub openai_api_key: Option<SecretString>,
    /// For transcription on demand.
    pub deepgram_api_key: Option<SecretString>,
    /// The identifier of that key, which Deepgram sends back with its callbacks.
    pub deepgram_key_id: Option<String>,
    /// Derives tokens that must be known again later without being stored.
    session_key: Option<SecretString>,
}

impl Document {
    /// The deployer's registration at `provider`, when it is configured.
    pub fn client(&self, provider: &Provider) -> Option<&Client> {
        self.providers.get(provider.client_key).filter(|client| !client.id.is_empty())
    }

    /// A token that only this deployment can make of `parts`, the same each time.
    pub fn derived_token(&self, parts: &[&str]) -> Result<String, Problem> {
        let Some(key) = &self.session_key else {
            return Err(Problem::internal().because("the secret has no session_key".to_owned()));
        };
        Ok(hmac_sha256_hex(key.expose_secret().as_bytes(), &canonical(parts)))
    }
}

fn clients<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<HashMap<String, Client>, D::Error> {
    #[derive(Deserialize)]
    struct Registration {
        client_id: String,
        client_secret: SecretString,
    }
    let registrations = HashMap::<String, Registration>::deserialize(deserializer)?;
    let client = |it: Registration| Client { id: it.client_id, secret: it.client_secret };
    Ok(registrations.into_iter().map(|(key, registration)| (key, client(registration))).collect())
}

/// Reads the document.
#[derive(Debug)]
pub struct Secrets {
    client: aws_sdk_secretsmanager::Client,
    secret_id: String,
    kept: Mutex<Option<(Timestamp, Arc<Document>)>>,
}

impl Secrets {
    /// The document in `secret_id`. Does no I/O.
    pub fn new(client: aws_sdk_secretsmanager::Client, secret_id: &str) -> Self {
        Self { client, secret_id: secret_id.to_owned(), kept: Mutex::new(None) }
    }

    /// The document as it was at most five minutes ago.
    pub async fn document(&self, now: Timestamp) -> Result<Arc<Document>, Problem> {
        let mut kept = self.kept.lock().await;
        if let Some((read_at, document)) = kept.as_ref()
            && read_at.duration_until(now) < KEEP
        {
            return Ok(document.clone());
        }
        match self.read().await {
            Ok(document) => {
                let document = Arc::new(document);
                *kept = Some((now, document.clone()));
                Ok(document)
            }
            // An old document is better than none: the service's hiccup must not become ours.
            Err(problem) => kept.as_ref().map(|(_, document)| document.clone()).ok_or(problem),
        }
    }

    async fn read(&self) -> Result<Document, Problem> {
        let unavailable = || {
            Problem::new(Code::StorageUnavailable, "Our secrets could not be read. Try again shortly.")
                .retry_after(2)
        };
        let answer = self.client.get_secret_value().secret_id(&self.secret_id).send().await;
        let answer = answer.map_err(|error| unavailable().because(error))?;
        let text = answer.secret_string().unwrap_or_default();
        // serde_json's message may quote the document: only its position may be logged.
        serde_json::from_str(text).map_err(|error| {
            let place = format!("the secret is malformed at line {} column {}", error.line(), error.column());
            Problem::internal().because(place)
        })
    }
}
