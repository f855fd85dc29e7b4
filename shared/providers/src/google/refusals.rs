//! What Google's failures mean beyond their status: the reason says it.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use serde_json::Value;

use crate::error::{Error, sanitised, sanitised_code};
use crate::http::retry_after;
use crate::limit::Limit;

/// How long to stay away: Google counts the calls of the last minute and does not say when there is room again.
const WAIT: Duration = Duration::from_secs(10);

pub(super) fn classify(response: &Response<Bytes>) -> Option<Error> {
    if let Some(limit) = limit(response) {
        return Some(match limit {
            Limit::Blocked => Error::Blocked,
            Limit::Connection(retry_after) | Limit::Workspace(retry_after) => {
                Error::RateLimited { retry_after }
            }
        });
    }
    let (code, message) = reason(response);
    match response.status().as_u16() {
        403 => Some(Error::Forbidden { code }),
        // The address of a channel is refused (`push.webhookUrlUnauthorized`), and not the token.
        401 if code.starts_with("push.") => Some(Error::Forbidden { code }),
        // An event that is deleted, or a token that is too old: whoever asked knows which.
        410 => Some(Error::Rejected { status: 410, code, message }),
        400 => Some(Error::Rejected { status: 400, code, message }),
        _ => None,
    }
}

/// The limit that was hit, if one was.
pub fn limit(response: &Response<Bytes>) -> Option<Limit> {
    let wait = || Limit::Connection(retry_after(response.headers()).unwrap_or(WAIT));
    match (response.status().as_u16(), reason(response).0.as_str()) {
        (429, _) | (403, "rateLimitExceeded" | "userRateLimitExceeded") => Some(wait()),
        // Limits against those who invite strangers, and of the deployer's project: they are not over soon.
        (403, "quotaExceeded" | "calendarUsageLimitsExceeded" | "dailyLimitExceeded" | "domainPolicy") => {
            Some(Limit::Blocked)
        }
        _ => None,
    }
}

/// Why, in Google's words: its code, and a sentence for logs.
fn reason(response: &Response<Bytes>) -> (String, String) {
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let code = sanitised_code(&text(&body["error"]["errors"][0]["reason"]));
    let code = if code.is_empty() { "unknown".to_owned() } else { code };
    (code, sanitised(&text(&body["error"]["message"])))
}
