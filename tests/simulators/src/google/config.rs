//! What can be set about Google's rules and the clients registered in the project.

use crate::OauthClient;
use serde::{Deserialize, Serialize};

/// How a request beyond the quota is refused. All three forms are documented, so a client must read each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuotaError {
    /// 403 `userRateLimitExceeded`.
    #[default]
    UserForbidden,
    /// 403 `rateLimitExceeded`.
    Forbidden,
    /// 429 `rateLimitExceeded`.
    TooMany,
}

/// The limits of the service. `POST /_control/limits` replaces the ones it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GoogleLimits {
    /// Quota units per person in any 60 seconds: <https://developers.google.com/workspace/calendar/api/guides/quota>.
    pub units_per_minute: u32,
    /// Quota units of the whole project in any 60 seconds (same page).
    pub project_units_per_minute: u32,
    /// How a request beyond the quota is refused.
    pub quota_error: QuotaError,
    /// Whether the calendars are at a limit of their own: 403 `quotaExceeded`, "Calendar usage limits exceeded.", on
    /// every new event, until somebody waits for hours.
    pub usage_limit_reached: bool,
    /// How long an access token lives, in milliseconds.
    pub access_token_lifetime_ms: i64,
    /// How long a grant lives, in milliseconds; seven days for an app whose consent screen is "in testing".
    pub grant_lifetime_ms: Option<i64>,
    /// Live refresh tokens per person and client; one more, and the oldest ends without a word.
    pub refresh_tokens: usize,
    /// How long an authorization code lives, in milliseconds. Not documented.
    pub code_lifetime_ms: i64,
    /// How long after its answer a revocation takes effect, in milliseconds. It then ends what was granted meanwhile.
    pub revocation_delay_ms: i64,
    /// The most entries on one page, whatever was asked for.
    pub page_size: usize,
    /// Whether every list begins with a page without entries, as the reference says a page may be.
    pub empty_first_page: bool,
    /// The most calls in a batch. The guide has said 50 and 1000 at different times; the smaller number holds here.
    pub batch_calls: usize,
    /// How far back `updatedMin` may lie, in milliseconds. Not documented.
    pub updated_min_reach_ms: i64,
    /// How long a notification takes, in milliseconds.
    pub notification_delay_ms: i64,
}

impl Default for GoogleLimits {
    fn default() -> Self {
        Self {
            units_per_minute: 600,
            project_units_per_minute: 10_000,
            quota_error: QuotaError::UserForbidden,
            usage_limit_reached: false,
            access_token_lifetime_ms: 3_600_000,
            grant_lifetime_ms: None,
            refresh_tokens: 100,
            code_lifetime_ms: 600_000,
            revocation_delay_ms: 0,
            page_size: 2500,
            empty_first_page: false,
            batch_calls: 50,
            updated_min_reach_ms: 28 * 86_400_000,
            notification_delay_ms: 1_000,
        }
    }
}

/// How a Google is set up.
#[derive(Clone, Debug, Default)]
pub struct GoogleConfig {
    /// The clients, all of one project.
    pub clients: Vec<OauthClient>,
    /// The limits.
    pub limits: GoogleLimits,
}
