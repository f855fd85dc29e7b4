//! Refusals of the APIs in Google's form and words: <https://developers.google.com/workspace/calendar/api/guides/errors>.

use super::config::QuotaError;
use crate::answer_json;
use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

/// Where in a request the fault lies.
pub(super) type Location = (&'static str, &'static str);

/// Why a request is not done.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    domain: &'static str,
    pub(super) reason: &'static str,
    pub(super) message: String,
    location: Option<Location>,
    /// Fields beside `code`, `message` and `errors`.
    more: Option<Box<Value>>,
    /// No correct client sends such a request, whatever people do with their calendars.
    pub(super) malformed: bool,
}

impl Refusal {
    fn new(status: u16, domain: &'static str, reason: &'static str, message: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        Self { status, domain, reason, message: message.into(), location: None, more: None, malformed: false }
    }

    fn at(mut self, kind: &'static str, name: &'static str) -> Self {
        self.location = Some((kind, name));
        self
    }

    fn blamed(mut self) -> Self {
        self.malformed = true;
        self
    }

    /// A value that no request may have.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "global", "invalid", message).blamed()
    }

    /// A parameter that does not have the form it must have.
    pub(super) fn invalid_parameter(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(400, "global", "invalidParameter", message).at("parameter", name).blamed()
    }

    /// Something that must be there.
    pub(super) fn required(message: impl Into<String>) -> Self {
        Self::new(400, "global", "required", message).blamed()
    }

    /// A rule of calendars, by its own reason.
    pub(super) fn calendar_rule(reason: &'static str, message: impl Into<String>) -> Self {
        Self::new(400, "calendar", reason, message).blamed()
    }

    pub(super) fn parse_error() -> Self {
        Self::new(400, "global", "parseError", "Parse Error").blamed()
    }

    /// Real Google has this; the stand-in does not, and rather refuses than pretends.
    pub(super) fn not_simulated(what: &str) -> Self {
        Self::invalid(format!("{what} is not part of this stand-in."))
    }

    pub(super) fn unknown_address() -> Self {
        Self::new(404, "global", "notFound", "Not Found").blamed()
    }

    pub(super) fn not_found() -> Self {
        Self::new(404, "global", "notFound", "Not Found")
    }

    pub(super) fn deleted() -> Self {
        Self::new(410, "global", "deleted", "Resource has been deleted")
    }

    pub(super) fn duplicate() -> Self {
        Self::new(409, "global", "duplicate", "The requested identifier already exists.")
    }

    pub(super) fn condition_not_met() -> Self {
        Self::new(412, "global", "conditionNotMet", "Precondition Failed").at("header", "If-Match")
    }

    pub(super) fn time_range_empty() -> Self {
        Self::calendar_rule("timeRangeEmpty", "The specified time range is empty.")
    }

    pub(super) fn full_sync_required() -> Self {
        let message = "Sync token is no longer valid, a full sync is required.";
        Self::new(410, "calendar", "fullSyncRequired", message).at("parameter", "syncToken")
    }

    pub(super) fn updated_min_too_long_ago() -> Self {
        let message = "The requested minimum modification time lies too far in the past.";
        Self::new(410, "calendar", "updatedMinTooLongAgo", message).at("parameter", "updatedMin")
    }

    pub(super) fn read_only_calendar() -> Self {
        let message = "You need to have writer access to this calendar.";
        Self::new(403, "calendar", "requiredAccessLevel", message)
    }

    pub(super) fn bad_token() -> Self {
        Self {
            more: Some(Box::new(json!({"status": "UNAUTHENTICATED"}))),
            ..Self::new(401, "global", "authError", "Invalid Credentials").at("header", "Authorization")
        }
    }

    pub(super) fn login_required() -> Self {
        Self::new(401, "global", "required", "Login Required").at("header", "Authorization").blamed()
    }

    /// `calendar.events.list` is called `calendar.v3.Events.List` here.
    pub(super) fn insufficient_scope(method: &str) -> Self {
        let capital =
            |word: &str| word.get(..1).unwrap_or_default().to_uppercase() + word.get(1..).unwrap_or_default();
        let words: Vec<_> = method.split('.').skip(1).map(capital).collect();
        let method = format!("calendar.v3.{}", words.join("."));
        let details = json!([{
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            "domain": "googleapis.com",
            "metadata": {"service": "calendar-json.googleapis.com", "method": method},
        }]);
        Self {
            more: Some(Box::new(json!({
                "message": "Request had insufficient authentication scopes.",
                "status": "PERMISSION_DENIED",
                "details": details,
            }))),
            ..Self::new(403, "global", "insufficientPermissions", "Insufficient Permission")
        }
    }

    pub(super) fn over_quota(error: QuotaError) -> Self {
        let (status, reason, message) = match error {
            QuotaError::UserForbidden => (403, "userRateLimitExceeded", "User Rate Limit Exceeded"),
            QuotaError::Forbidden => (403, "rateLimitExceeded", "Rate Limit Exceeded"),
            QuotaError::TooMany => (429, "rateLimitExceeded", "Rate Limit Exceeded"),
        };
        Self::new(status, "usageLimits", reason, message)
    }

    pub(super) fn usage_limits_exceeded() -> Self {
        Self::new(403, "usageLimits", "quotaExceeded", "Calendar usage limits exceeded.")
    }

    /// Whoever did not hear the answer asks again.
    pub(super) fn channel_not_unique(id: &str) -> Self {
        Self::new(400, "global", "channelIdNotUnique", format!("Channel id {id} not unique"))
    }

    pub(super) fn channel_not_found(id: &str) -> Self {
        Self::new(404, "global", "notFound", format!("Channel '{id}' not found for project"))
    }

    /// The refusal on the wire.
    pub(super) fn respond(&self) -> Response<Bytes> {
        let mut error = json!({"domain": self.domain, "reason": self.reason, "message": self.message});
        if let Some((kind, name)) = self.location {
            error["locationType"] = json!(kind);
            error["location"] = json!(name);
        }
        let mut body = json!({"errors": [error], "code": self.status.as_u16(), "message": self.message});
        for (name, value) in self.more.as_deref().and_then(Value::as_object).into_iter().flatten() {
            body[name.as_str()] = value.clone();
        }
        answer_json(self.status, &json!({"error": body}))
    }
}

/// What is said when something of Google's own broke.
pub(super) fn backend_error(status: StatusCode) -> Response<Bytes> {
    let refusal = Refusal::new(status.as_u16(), "global", "backendError", "Backend Error");
    refusal.respond()
}
