//! Shapes that the OpenAPI document of every function refers to.

use domain::FieldError;
use serde::Serialize;
use utoipa::ToSchema;

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
