//! Errors as `application/problem+json` (RFC 9457). The caller learns what to do next; the log learns why.

use std::borrow::Cow;
use std::error::Error as StdError;

use axum::response::{IntoResponse, Response};
use domain::FieldError;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value};

/// A stable, public error code and its status: the table of the HTTP contract.
macro_rules! codes {
    ($($variant:ident $name:literal $status:literal $title:literal;)*) => {
        /// What went wrong, as callers may rely on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $title] $variant,)* }
        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// The code as it is written.
            pub const fn as_str(self) -> &'static str { match self { $(Self::$variant => $name,)* } }
            /// The HTTP status it is answered with.
            pub const fn status(self) -> u16 { match self { $(Self::$variant => $status,)* } }
            /// A short sentence for people.
            pub const fn title(self) -> &'static str { match self { $(Self::$variant => $title,)* } }
        }
    };
}

codes! {
    InvalidJson "invalid_json" 400 "The body is not valid JSON.";
    InvalidParameter "invalid_parameter" 400 "A parameter is not valid.";
    DuplicateParameter "duplicate_parameter" 400 "A parameter is given more than once.";
    InvalidReturnTo "invalid_return_to" 400 "The return address is not allowed.";
    InvalidCursor "invalid_cursor" 400 "The cursor is not valid.";
    InvalidIdempotencyKey "invalid_idempotency_key" 400 "The idempotency key is not valid.";
    UrlNotAllowed "url_not_allowed" 400 "The address is not allowed.";
    Unauthenticated "unauthenticated" 401 "Sign in first.";
    InvalidToken "invalid_token" 401 "The access token is not valid.";
    InvalidSignature "invalid_signature" 401 "The signature does not match.";
    StaleTimestamp "stale_timestamp" 401 "The signature is too old.";
    QuotaExceeded "quota_exceeded" 403 "The monthly limit is reached.";
    TierRequired "tier_required" 403 "A higher tier is needed.";
    IntegrationLimitReached "integration_limit_reached" 403 "No more integrations in this tier.";
    CsrfRejected "csrf_rejected" 403 "The request came from another site.";
    NotFound "not_found" 404 "There is nothing here.";
    UnknownProvider "unknown_provider" 404 "There is no such provider.";
    MethodNotAllowed "method_not_allowed" 405 "The method is not allowed here.";
    NotConnected "not_connected" 409 "The account is not connected.";
    NeedsReauth "needs_reauth" 409 "The account must be connected again.";
    DatabaseNotSelected "database_not_selected" 409 "No database is chosen.";
    TranscriptionPending "transcription_pending" 409 "The transcription is not finished.";
    InProgress "in_progress" 409 "The same request is still running.";
    MappingPropertyMissing "mapping_property_missing" 409 "A mapped property is gone.";
    MappingTypeMismatch "mapping_type_mismatch" 409 "A mapped property has another type.";
    DuplicateKeyRows "duplicate_key_rows" 409 "Several rows have the same key.";
    VersionConflict "version_conflict" 409 "It was changed in the meantime.";
    JobRunning "job_running" 409 "A job is already running.";
    PreconditionFailed "precondition_failed" 412 "It was changed in the meantime.";
    PayloadTooLarge "payload_too_large" 413 "The body is too large.";
    UnsupportedMediaType "unsupported_media_type" 415 "The content type is not supported.";
    ValidationFailed "validation_failed" 422 "Some fields are not valid.";
    IdempotencyKeyReused "idempotency_key_reused" 422 "The idempotency key was used for another request.";
    TranscriptNotFound "transcript_not_found" 422 "There is no transcript.";
    TranscriptTooShort "transcript_too_short" 422 "The transcript has hardly any speech.";
    InvalidTranscript "invalid_transcript" 422 "The transcript is not WebVTT.";
    InvalidSchedule "invalid_schedule" 422 "The schedule is not valid.";
    InvalidTimeZone "invalid_time_zone" 422 "The time zone is not known.";
    TooManyReminders "too_many_reminders" 422 "There are too many reminders.";
    TargetNotFound "target_not_found" 422 "The target is gone or not shared.";
    InsufficientScope "insufficient_scope" 422 "The account does not allow this.";
    RateLimited "rate_limited" 429 "Too many requests.";
    ProviderFailed "provider_failed" 502 "The connected service refused the request.";
    ProviderBadResponse "provider_bad_response" 502 "The connected service answered nonsense.";
    ProviderUnavailable "provider_unavailable" 503 "The connected service is not available.";
    ProviderRateLimited "provider_rate_limited" 503 "The connected service asks to wait.";
    StorageUnavailable "storage_unavailable" 503 "Our storage is not available.";
    CryptoUnavailable "crypto_unavailable" 503 "Our key service is not available.";
    Internal "internal" 500 "Something went wrong on our side.";
}

/// A request that did not succeed.
#[derive(Debug)]
pub struct Problem {
    code: Code,
    detail: Cow<'static, str>,
    retry_after: Option<u64>,
    errors: Vec<FieldError>,
    fields: Map<String, Value>,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl Problem {
    /// `code`, explained by `detail`, which is written for the caller.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            retry_after: None,
            errors: vec![],
            fields: Map::new(),
            cause: None,
        }
    }

    /// What only its cause explains, which callers are not told.
    pub fn internal() -> Self {
        Self::new(Code::Internal, "Something went wrong on our side.")
    }

    /// One wrong field.
    pub fn field(pointer: &str, code: &'static str, detail: impl Into<String>) -> Self {
        let error = FieldError { pointer: pointer.to_owned(), code, detail: detail.into() };
        Self::new(Code::ValidationFailed, "Some fields are not valid.").with_errors(vec![error])
    }

    /// Its code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// What it tells the caller.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The wrong fields.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// After how many seconds to try again.
    pub(crate) fn retry_in(&self) -> Option<u64> {
        self.retry_after
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Lists wrong fields.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// Adds a field to the body.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// Keeps `cause` for the log; none of it reaches the caller.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    fn log(&self) {
        let code = self.code.as_str();
        let cause = self.cause.as_deref().map(chain).unwrap_or_default();
        // A detail that was put together may quote what the caller sent.
        let detail = match &self.detail {
            Cow::Borrowed(words) => words,
            Cow::Owned(_) => self.code.title(),
        };
        if self.code.status() >= 500 {
            tracing::error!(code, cause, "request failed: {detail}");
        } else {
            tracing::info!(code, cause, "request refused: {detail}");
        }
    }

    fn body(&self) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("type".into(), "about:blank".into());
        body.insert("title".into(), self.code.title().into());
        body.insert("status".into(), self.code.status().into());
        body.insert("code".into(), self.code.as_str().into());
        body.insert("detail".into(), self.detail.as_ref().into());
        if let Some(seconds) = self.retry_after {
            body.insert("retry_after".into(), seconds.into());
        }
        if !self.errors.is_empty() {
            body.insert("errors".into(), serde_json::to_value(&self.errors).unwrap_or_default());
        }
        body.extend(self.fields.clone());
        body
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl StdError for Problem {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn StdError + 'static))
    }
}

/// `error` and what caused it, on one line.
fn chain(error: &(dyn StdError + Send + Sync + 'static)) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        source = cause.source();
    }
    line
}

impl IntoResponse for Problem {
    /// The only place where a failure is logged. `request_id` is added by the outermost layer.
    fn into_response(self) -> Response {
        self.log();
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = self.body();
        let mut response = (status, serde_json::to_vec(&body).unwrap_or_default()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED
            && matches!(self.code, Code::Unauthenticated | Code::InvalidToken)
        {
            let challenge = match self.code {
                Code::InvalidToken => r#"Bearer error="invalid_token""#,
                _ => "Bearer",
            };
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response.extensions_mut().insert(ProblemBody(body));
        response
    }
}

/// The body of a problem on its way out, so that the outermost layer can add the request's id to it.
#[derive(Clone, Debug)]
pub(crate) struct ProblemBody(pub(crate) Map<String, Value>);

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        match &error {
            store::Error::Conflict => {
                Self::new(Code::VersionConflict, "It was changed in the meantime; load it again.")
            }
            store::Error::Missing => Self::new(Code::NotFound, "It is not there any more."),
            store::Error::InvalidCursor => Self::new(Code::InvalidCursor, "The cursor is not one of ours."),
            store::Error::Unavailable { .. } => {
                Self::new(Code::StorageUnavailable, "Our storage did not answer. Try again shortly.")
                    .retry_after(2)
            }
            store::Error::Crypto { .. } => {
                Self::new(Code::CryptoUnavailable, "Our key service did not answer. Try again shortly.")
                    .retry_after(5)
            }
            store::Error::Corrupt { .. } => Self::internal(),
        }
        .because(error)
    }
}

impl From<providers::Error> for Problem {
    fn from(error: providers::Error) -> Self {
        use providers::Error as E;
        match &error {
            E::Unauthorized | E::InvalidGrant => {
                Self::new(Code::NeedsReauth, "The account must be connected again.")
            }
            E::RateLimited { retry_after } => {
                Self::new(Code::ProviderRateLimited, "The connected service asks to wait.")
                    .retry_after(retry_after.as_secs().max(1))
            }
            E::Forbidden { .. } => {
                Self::new(Code::InsufficientScope, "The connected account does not allow this.")
            }
            E::NotFound => Self::new(
                Code::TargetNotFound,
                "The target is gone, or it is not shared with the connected account any more.",
            ),
            E::Conflict | E::Ambiguous { .. } | E::Unavailable => Self::new(
                Code::ProviderUnavailable,
                "The connected service is not available. Try again shortly.",
            )
            .retry_after(5),
            E::Blocked | E::Rejected { .. } | E::TooLarge => {
                Self::new(Code::ProviderFailed, "The connected service refused the request.")
            }
            E::BadResponse => {
                Self::new(Code::ProviderBadResponse, "The connected service answered something unexpected.")
            }
        }
        .because(error)
    }
}
