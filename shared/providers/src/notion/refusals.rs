//! What Notion's failures mean beyond their status.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use serde::Deserialize;

use crate::{
    error::{Committed, Error},
    http::limited,
};

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    additional_data: Additional,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Additional {
    rate_limit_reason: Option<String>,
    retry_after: Option<f64>,
    committed_resource_id: Option<String>,
    committed_child_ids: Vec<String>,
}

/// Reads what only Notion says: why a limit was hit, and what was saved although the answer is a failure.
pub(super) fn classify(response: &Response<Bytes>) -> Option<Error> {
    let Refusal { additional_data } = serde_json::from_slice(response.body()).ok()?;
    match response.status().as_u16() {
        429 | 529 => Some(too_fast(response, &additional_data)),
        500..=599 => committed(additional_data),
        _ => None,
    }
}

fn too_fast(response: &Response<Bytes>, additional: &Additional) -> Error {
    if additional.rate_limit_reason.as_deref() == Some("public_api_request_blocked") {
        return Error::Blocked;
    }
    let in_body = additional.retry_after.filter(|seconds| (0.0..=86_400.0).contains(seconds));
    match (response.headers().contains_key(http::header::RETRY_AFTER), in_body) {
        (false, Some(seconds)) => Error::RateLimited { retry_after: Duration::from_secs_f64(seconds) },
        _ => limited(response),
    }
}

fn committed(additional: Additional) -> Option<Error> {
    let Additional { committed_resource_id: resource_id, committed_child_ids: child_ids, .. } = additional;
    if resource_id.is_none() && child_ids.is_empty() {
        return None;
    }
    Some(Error::Ambiguous { committed: Some(Committed { resource_id, child_ids }) })
}
