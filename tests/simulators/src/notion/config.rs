//! What can be set about the workspace's rules and the integrations registered with it.

use crate::OauthClient;
use serde::{Deserialize, Serialize};

/// How the token endpoint words a refusal. Both forms are reported of the real one, so a client must read both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OauthErrors {
    /// `{"error":"invalid_grant",…}` as in RFC 6749.
    #[default]
    Standard,
    /// `{"object":"error","code":"invalid_grant",…}` as everywhere else in the API.
    Api,
}

/// The limits of the service. `POST /_control/limits` replaces the ones it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NotionLimits {
    /// Requests per connection in a window of 60 seconds.
    pub requests_per_minute: u32,
    /// How long an access token lives, in milliseconds; absent means until it is revoked or rotated.
    pub access_token_lifetime_ms: Option<i64>,
    /// How long an authorization code lives, in milliseconds.
    pub code_lifetime_ms: i64,
    /// How long a new page stays out of query and search results, in milliseconds.
    pub visibility_delay_ms: i64,
    /// The most results on one page, whatever was asked for.
    pub page_size: usize,
    /// How the token endpoint words a refusal.
    pub oauth_errors: OauthErrors,
}

impl Default for NotionLimits {
    fn default() -> Self {
        Self {
            requests_per_minute: 180,
            access_token_lifetime_ms: None,
            code_lifetime_ms: 600_000,
            visibility_delay_ms: 0,
            page_size: 100,
            oauth_errors: OauthErrors::Standard,
        }
    }
}

/// How a Notion is set up.
#[derive(Clone, Debug, Default)]
pub struct NotionConfig {
    /// The integrations.
    pub clients: Vec<OauthClient>,
    /// The limits.
    pub limits: NotionLimits,
}
