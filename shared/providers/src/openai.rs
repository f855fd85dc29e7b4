//! The language model behind an OpenAI-compatible endpoint: one call that turns a transcript into claims.

mod prompt;
mod schema;
#[cfg(test)]
mod tests;
mod wire;

use bytes::Bytes;
use domain::extraction::{Claims, Condensed};
use http::{Method, Response};
use secrecy::SecretString;
use serde_json::{Value, json};

pub use self::prompt::PROMPT_VERSION;
use crate::{
    error::Error,
    http::{Http, bearer, json, problem_code},
    registry::{ApiRoot, Endpoints},
};

/// The model when the deployer names none.
pub const DEFAULT_MODEL: &str = "gpt-4o-mini";
/// How often an unreadable answer is asked for again.
const MAX_REPEATS: usize = 2;

/// Why a model made no claims.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The model declined.
    #[error("the model refused")]
    Refused,
    /// The answer stopped before its end; parts are not believed.
    #[error("the model's answer is incomplete")]
    Incomplete,
    /// Every answer was something else than what was asked for.
    #[error("the model's answer makes no sense")]
    BadResponse,
    /// The account has no credit: somebody must pay first.
    #[error("the model's account has no quota left")]
    QuotaExhausted,
    /// The call itself failed.
    #[error(transparent)]
    Provider(#[from] Error),
}

/// A language model.
#[derive(Clone, Debug)]
pub struct OpenAi {
    http: Http,
    url: String,
    key: SecretString,
    model: String,
}

impl OpenAi {
    /// The model `model` at the configured endpoint.
    pub fn new(http: Http, endpoints: &Endpoints, key: SecretString, model: &str) -> Self {
        let url = format!("{}/chat/completions", endpoints.api_root(ApiRoot::OpenAi));
        Self { http: http.with_classification(classify), url, key, model: model.to_owned() }
    }

    /// The model's name: with [`PROMPT_VERSION`] and the transcript it determines what is asked.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// What the model says the recording is about. Nothing of it is checked yet.
    pub async fn claims(&self, transcript: &Condensed) -> Result<Claims, ModelError> {
        let body = self.request_body(transcript);
        for _ in 0..=MAX_REPEATS {
            let request = json(Method::POST, &self.url, bearer(&self.key)?, &body)?;
            let answer = match self.http.send_idempotent::<wire::Body>(request).await {
                Ok(body) => wire::claims_from_body(body),
                Err(Error::Blocked) => Err(ModelError::QuotaExhausted),
                Err(error) => Err(error.into()),
            };
            if answer != Err(ModelError::BadResponse) {
                return answer;
            }
        }
        Err(ModelError::BadResponse)
    }

    fn request_body(&self, transcript: &Condensed) -> Value {
        json!({
            "model": self.model,
            "temperature": 0.3,
            "messages": [
                {"role": "system", "content": prompt::SYSTEM},
                {"role": "user", "content": prompt::user_message(transcript)},
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "ticket", "strict": true, "schema": schema::claims_schema()},
            },
        })
    }
}

/// Two very different things come as 429: too fast, and no money.
fn classify(response: &Response<Bytes>) -> Option<Error> {
    (response.status() == 429 && problem_code(response) == "insufficient_quota").then_some(Error::Blocked)
}
