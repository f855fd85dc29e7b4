//! What Notion's failures mean beyond their status.

use bytes::Bytes;
use http::Response;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    error::{Committed, Error},
    http::{DEFAULT_WAIT, retry_after, wait_from_seconds},
    limit::Limit,
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
    match response.status().as_u16() {
        429 | 529 => Some(match limit(response)? {
            Limit::Blocked => Error::Blocked,
            Limit::Connection(retry_after) | Limit::Workspace(retry_after) => {
                Error::RateLimited { retry_after }
            }
        }),
        500..=599 => committed(&additional(response)),
        _ => None,
    }
}

/// The limit that was hit, if one was.
pub fn limit(response: &Response<Bytes>) -> Option<Limit> {
    if !matches!(response.status().as_u16(), 429 | 529) {
        return None;
    }
    let Additional { rate_limit_reason, retry_after: asked, .. } = additional(response);
    let in_body = asked.as_f64().or_else(|| asked.as_str()?.parse().ok()).and_then(wait_from_seconds);
    let wait = retry_after(response.headers()).or(in_body).unwrap_or(DEFAULT_WAIT);
    Some(match rate_limit_reason.as_str() {
        Some("public_api_request_blocked") => Limit::Blocked,
        Some("public_api_space_request_rate_limit") => Limit::Workspace(wait),
        _ => Limit::Connection(wait),
    })
}

/// Nothing where the body says nothing readable.
fn additional(response: &Response<Bytes>) -> Additional {
    let refusal = serde_json::from_slice(response.body());
    refusal.map(|Refusal { additional_data }| additional_data).unwrap_or_default()
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
