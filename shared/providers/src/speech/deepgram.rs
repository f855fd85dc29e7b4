//! Deepgram: submitting recordings and reading its callbacks.

mod map;
#[cfg(test)]
mod tests;
mod wire;

use http::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use url::form_urlencoded;

pub use self::map::report_from_callback;
use crate::{
    address::PublicUrl,
    error::Error,
    http::{Http, Json, authorization, json},
    registry::{ApiRoot, Endpoints},
};

/// The header in which Deepgram names, in a callback, the key that submitted the recording. The name of a key is no secret.
pub const KEY_ID_HEADER: &str = "dg-token";

const OPTIONS: [(&str, &str); 5] = [
    ("model", "nova-3"),
    ("smart_format", "true"),
    ("punctuate", "true"),
    ("diarize", "true"),
    ("utterances", "true"),
];

/// Deepgram's pre-recorded API.
#[derive(Clone, Debug)]
pub struct Deepgram {
    http: Http,
    root: String,
    key: SecretString,
}

impl Deepgram {
    /// Deepgram as the owner of `key`.
    pub fn new(http: Http, endpoints: &Endpoints, key: SecretString) -> Self {
        Self { http, root: endpoints.api_root(ApiRoot::Deepgram).to_owned(), key }
    }

    /// Submits a recording; the report comes to `callback`, which must listen on port 80, 443, 8080 or 8443.
    pub async fn submit(&self, media: &PublicUrl, callback: &str) -> Result<String, Error> {
        let url = format!("{}/v1/listen?{}", self.root, query(callback));
        let key = authorization("Token", self.key.expose_secret())?;
        let request = json(Method::POST, &url, key, &json!({"url": media.as_str()}))?;
        let Json(accepted) = self.http.send_once::<Json<wire::Accepted>>(request).await?;
        Ok(accepted.request_id)
    }
}

fn query(callback: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(OPTIONS).append_pair("callback", callback);
    query.finish()
}
