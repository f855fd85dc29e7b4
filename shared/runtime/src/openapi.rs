//! Shapes that the OpenAPI document of every function refers to.

use domain::FieldError;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// An error (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: `code` tells what happened.
    #[schema(example = "about:blank")]
    pub r#type: String,
    /// A short sentence.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Stable, for programs.
    #[schema(example = "validation_failed")]
    pub code: String,
    /// What happened, for people.
    pub detail: String,
    /// To be named when asking for help.
    pub request_id: String,
    /// Seconds to wait before trying again.
    pub retry_after: Option<u64>,
    /// The wrong fields of the body.
    pub errors: Option<Vec<FieldError>>,
}

/// The header of requests that are to have their effect once.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IdempotencyKey {
    /// 1 to 255 visible ASCII characters.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255, pattern = "^[!-~]+$")]
    pub idempotency_key: Option<String>,
}

/// The header of requests that may change only what their caller has seen.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfMatch {
    /// The `ETag` of the version to be changed, or `*` for any that there is.
    #[param(rename = "If-Match", example = "\"1\"")]
    pub if_match: Option<String>,
}

/// The id in a path.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct Id {
    /// 1 to 128 of letters, digits, `.`, `_` and `-`.
    #[param(max_length = 128, pattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    pub id: String,
}
