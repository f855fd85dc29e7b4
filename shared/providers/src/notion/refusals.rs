//! What Notion's failures mean beyond their status.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    error::{Committed, Error},
    http::limited,
};

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    additional_data: Additional,
}

/// Each field is read by itself: one of a new type must not hide the others.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Additional {
    rate_limit_reason: Value,
    retry_after: Value,
    committed_resource_id: Value,
    committed_child_ids: Value,
}

/// Reads what only Notion says: why a limit was hit, and what was saved although the answer is a failure.
pub(super) fn classify(response: &Response<Bytes>) -> Option<Error> {
    let Refusal { additional_data } = serde_json::from_slice(response.body()).ok()?;
    match response.status().as_u16() {
        429 | 529 => Some(too_fast(response, &additional_data)),
        500..=599 => committed(&additional_data),
        _ => None,
    }
}

fn too_fast(response: &Response<Bytes>, additional: &Additional) -> Error {
    if additional.rate_limit_reason == "public_api_request_blocked" {
        return Error::Blocked;
    }
    let asked = &additional.retry_after;
    let in_body = asked.as_f64().or_else(|| asked.as_str()?.parse().ok());
    let in_body = in_body.filter(|seconds| (0.0..=86_400.0).contains(seconds));
    match (response.headers().contains_key(http::header::RETRY_AFTER), in_body) {
        (false, Some(seconds)) => Error::RateLimited { retry_after: Duration::from_secs_f64(seconds) },
        _ => limited(response),
    }
}

fn committed(additional: &Additional) -> Option<Error> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let resource_id = text(&additional.committed_resource_id);
    let child_ids: Vec<_> =
        additional.committed_child_ids.as_array().into_iter().flatten().filter_map(text).collect();
    if resource_id.is_none() && child_ids.is_empty() {
        return None;
    }
    Some(Error::Ambiguous { committed: Some(Committed { resource_id, child_ids }) })
}
