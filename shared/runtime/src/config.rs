//! The environment of a function, read once at cold start. A missing or malformed value stops the start and names the variable.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use providers::registry::Endpoints;
use url::Url;

/// Names whose addresses can be replaced by `PATCHBAY_{NAME}_URL` and `PATCHBAY_{NAME}_OAUTH_URL`.
const REPLACEABLE: [&str; 9] =
    ["NOTION", "GOOGLE", "AIRTABLE", "MAILCHIMP", "ZOOM", "STRIPE", "CALCOM", "OPENAI", "DEEPGRAM"];

/// Everything a function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The one DynamoDB table.
    pub table: String,
    /// The KMS key that wraps data keys.
    pub kms_key_id: String,
    /// The Secrets Manager secret with provider credentials.
    pub secret_id: String,
    /// Where transcripts are kept.
    pub transcripts_bucket: String,
    /// The queue `notion-export` works on.
    pub jobs_queue_url: String,
    /// The queue `ticket-extraction` works on.
    pub transcription_queue_url: String,
    /// The queue `calendar-sync` works on.
    pub calendar_queue_url: String,
    /// Where this API is reached, without a trailing slash.
    pub public_url: String,
    /// Where recordings are shown, without a trailing slash.
    pub app_url: String,
    /// Where a user buys a higher tier.
    pub upgrade_url: String,
    /// The `iss` of accepted tokens, exactly.
    pub jwt_issuer: String,
    /// The `aud` of accepted tokens.
    pub jwt_audience: String,
    /// Where the issuer's keys are; discovered when absent.
    pub jwks_url: Option<String>,
    /// Origins besides our own that `return_to` may name.
    pub return_origins: Vec<String>,
    /// The model asked for a ticket draft.
    pub llm_model: String,
    /// Where the providers are.
    pub endpoints: Endpoints,
}

impl Config {
    /// Reads the process environment.
    pub fn from_environment() -> Result<Self> {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads from `lookup`; an empty value counts as missing.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let optional = |name: &str| lookup(name).filter(|value| !value.trim().is_empty());
        let required = |name: &str| optional(name).with_context(|| format!("{name} is not set"));
        let address = |name: &str| required(name).and_then(|value| web_address(name, &value));
        let replaceable = REPLACEABLE
            .iter()
            .flat_map(|name| [format!("PATCHBAY_{name}_URL"), format!("PATCHBAY_{name}_OAUTH_URL")]);
        let replaced: BTreeMap<_, _> =
            replaceable.filter_map(|name| optional(&name).map(|value| (name, value))).collect();
        Ok(Self {
            table: required("PATCHBAY_TABLE")?,
            kms_key_id: required("PATCHBAY_KMS_KEY_ID")?,
            secret_id: required("PATCHBAY_SECRET_ID")?,
            transcripts_bucket: required("PATCHBAY_TRANSCRIPTS_BUCKET")?,
            jobs_queue_url: address("PATCHBAY_JOBS_QUEUE_URL")?,
            transcription_queue_url: address("PATCHBAY_TRANSCRIPTION_QUEUE_URL")?,
            calendar_queue_url: address("PATCHBAY_CALENDAR_QUEUE_URL")?,
            public_url: address("PATCHBAY_PUBLIC_URL")?,
            app_url: address("PATCHBAY_APP_URL")?,
            upgrade_url: address("PATCHBAY_UPGRADE_URL")?,
            jwt_issuer: required("PATCHBAY_JWT_ISSUER")?,
            jwt_audience: required("PATCHBAY_JWT_AUDIENCE")?,
            jwks_url: optional("PATCHBAY_JWKS_URL")
                .map(|value| web_address("PATCHBAY_JWKS_URL", &value))
                .transpose()?,
            return_origins: return_origins(optional("PATCHBAY_RETURN_ORIGINS"))?,
            llm_model: optional("PATCHBAY_LLM_MODEL").unwrap_or_else(|| "gpt-4o-mini".to_owned()),
            endpoints: Endpoints::from_variables(&replaced)?,
        })
    }
}

/// `value` without its trailing slash, when it is `https`, or `http` to this machine.
fn web_address(name: &str, value: &str) -> Result<String> {
    let url = Url::parse(value).with_context(|| format!("{name} is malformed"))?;
    let loopback = match url.host() {
        Some(url::Host::Domain(host)) => host == "localhost" || host.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => bail!("{name} is malformed: it has no host"),
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
        bail!("{name} is malformed: only https, or http to this machine, is accepted");
    }
    Ok(value.trim_end_matches('/').to_owned())
}

fn return_origins(list: Option<String>) -> Result<Vec<String>> {
    let list = list.unwrap_or_default();
    let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    entries
        .map(|entry| {
            let address = web_address("PATCHBAY_RETURN_ORIGINS", entry)?;
            let origin = Url::parse(&address)?.origin().ascii_serialization();
            if origin != address {
                bail!("PATCHBAY_RETURN_ORIGINS is malformed: {entry} is not an origin");
            }
            Ok(origin)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn complete() -> HashMap<&'static str, &'static str> {
        HashMap::from([
            ("PATCHBAY_TABLE", "patchbay"),
            ("PATCHBAY_KMS_KEY_ID", "alias/patchbay"),
            ("PATCHBAY_SECRET_ID", "patchbay"),
            ("PATCHBAY_TRANSCRIPTS_BUCKET", "transcripts"),
            ("PATCHBAY_JOBS_QUEUE_URL", "https://sqs.eu-central-1.amazonaws.com/1/jobs.fifo"),
            ("PATCHBAY_TRANSCRIPTION_QUEUE_URL", "https://sqs.eu-central-1.amazonaws.com/1/t.fifo"),
            ("PATCHBAY_CALENDAR_QUEUE_URL", "https://sqs.eu-central-1.amazonaws.com/1/c.fifo"),
            ("PATCHBAY_PUBLIC_URL", "https://api.example.com/"),
            ("PATCHBAY_APP_URL", "https://app.example.com"),
            ("PATCHBAY_UPGRADE_URL", "https://app.example.com/upgrade"),
            ("PATCHBAY_JWT_ISSUER", "https://id.example.com"),
            ("PATCHBAY_JWT_AUDIENCE", "patchbay"),
        ])
    }

    fn read(environment: &HashMap<&str, &str>) -> Result<Config> {
        Config::from_lookup(|name| environment.get(name).map(ToString::to_string))
    }

    #[test]
    fn a_complete_environment_is_read() {
        let config = read(&complete()).unwrap();
        assert_eq!(config.public_url, "https://api.example.com");
        assert_eq!(config.llm_model, "gpt-4o-mini");
    }

    #[test]
    fn each_missing_or_empty_variable_is_named() {
        for name in complete().keys() {
            let mut environment = complete();
            environment.remove(name);
            assert!(read(&environment).unwrap_err().to_string().contains(name));
            environment.insert(name, " ");
            assert!(read(&environment).unwrap_err().to_string().contains(name));
        }
    }

    #[test]
    fn plain_http_is_accepted_only_for_this_machine() {
        for (value, accepted) in [
            ("http://localhost:4000", true),
            ("http://127.0.0.1:4000/", true),
            ("http://[::1]:4000", true),
            ("https://compatible.example.com", true),
            ("http://compatible.example.com", false),
            ("http://10.0.0.1", false),
            ("ftp://localhost", false),
            ("localhost:4000", false),
        ] {
            let mut environment = complete();
            environment.insert("PATCHBAY_NOTION_URL", value);
            let read = read(&environment);
            assert_eq!(read.is_ok(), accepted, "{value}");
            if let Err(error) = read {
                assert!(error.to_string().contains("PATCHBAY_NOTION_URL"), "{error}");
            }
        }
    }

    #[test]
    fn return_origins_are_origins() {
        let mut environment = complete();
        environment.insert("PATCHBAY_RETURN_ORIGINS", "https://app.example.com, http://localhost:3000");
        assert_eq!(
            read(&environment).unwrap().return_origins,
            ["https://app.example.com", "http://localhost:3000"]
        );
        environment.insert("PATCHBAY_RETURN_ORIGINS", "https://app.example.com/path");
        assert!(read(&environment).unwrap_err().to_string().contains("PATCHBAY_RETURN_ORIGINS"));
    }
}
