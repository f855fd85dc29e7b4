//! Refusals in Notion's form and words.

use crate::{answer_json, with_header};
use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

/// Why a request is not done.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) additional: Option<Value>,
    pub(super) retry_after_seconds: Option<i64>,
    /// No correct client sends such a request, whatever people do in the workspace.
    pub(super) malformed: bool,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            additional: None,
            retry_after_seconds: None,
            malformed: false,
        }
    }

    /// The body or the address does not have the form it must have.
    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Self { malformed: true, ..Self::new(StatusCode::BAD_REQUEST, "validation_error", message) }
    }

    /// A body field does not have the form it must have.
    pub(super) fn body(detail: impl AsRef<str>) -> Self {
        Self::malformed(format!("body failed validation: {}", detail.as_ref()))
    }

    /// The form is right, but the workspace is not as the request supposes.
    pub(super) fn unsuitable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "validation_error", message)
    }

    /// The real service has this; the stand-in does not, and rather refuses than pretends.
    pub(super) fn not_simulated(what: &str) -> Self {
        Self::malformed(format!("{what} is not part of this stand-in."))
    }

    pub(super) fn in_trash() -> Self {
        Self::unsuitable("Can't edit block that is archived. You must unarchive the block before editing.")
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "API token is invalid.")
    }

    pub(super) fn restricted(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "restricted_resource", message)
    }

    pub(super) fn not_found(what: &str, id: impl std::fmt::Display) -> Self {
        let message = format!(
            "Could not find {what} with ID: {id}. Make sure the relevant pages and databases are shared with your integration."
        );
        Self::new(StatusCode::NOT_FOUND, "object_not_found", message)
    }

    pub(super) fn unknown_address() -> Self {
        Self {
            malformed: true,
            ..Self::new(StatusCode::BAD_REQUEST, "invalid_request_url", "Invalid request URL.")
        }
    }

    pub(super) fn invalid_json() -> Self {
        Self {
            malformed: true,
            ..Self::new(StatusCode::BAD_REQUEST, "invalid_json", "Error parsing JSON body.")
        }
    }

    pub(super) fn version(code: &'static str, message: impl Into<String>) -> Self {
        Self { malformed: true, ..Self::new(StatusCode::BAD_REQUEST, code, message) }
    }

    pub(super) fn too_large() -> Self {
        let message = "Request body too large.";
        Self { malformed: true, ..Self::new(StatusCode::PAYLOAD_TOO_LARGE, "validation_error", message) }
    }

    pub(super) fn rate_limited(retry_after_seconds: i64) -> Self {
        let additional = json!({"rate_limit_reason": "public_api_request_rate_limit"});
        Self {
            additional: Some(additional),
            retry_after_seconds: Some(retry_after_seconds),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "rate_limited",
                "You have been rate limited. Please try again in a few minutes.",
            )
        }
    }

    /// The refusal on the wire.
    pub(super) fn respond(&self, request_id: &str) -> Response<Bytes> {
        let mut body = json!({
            "object": "error",
            "status": self.status.as_u16(),
            "code": self.code,
            "message": self.message,
            "request_id": request_id,
        });
        if let (Some(additional), Some(fields)) = (&self.additional, body.as_object_mut()) {
            fields.insert("additional_data".to_owned(), additional.clone());
        }
        let response = answer_json(self.status, &body);
        match self.retry_after_seconds {
            Some(seconds) => with_header(response, "retry-after", &seconds.to_string()),
            None => response,
        }
    }
}
