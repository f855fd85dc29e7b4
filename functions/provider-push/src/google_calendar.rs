//! `POST /v1/hooks/google-calendar`: Google says that something in a calendar changed.
//!
//! Google signs nothing: the token in each message is known to it alone, and stored as a hash. However many messages arrive before
//! the next look, they ask for one.

use std::sync::Arc;

use axum::extract::State;
use http::{HeaderMap, StatusCode};
use providers::signature::{is_equal, sha256_hex};
use runtime::{App, Code, Invocation, Problem};

/// Google takes no longer ids, and repeats them as they are.
const LONGEST_ID: usize = 64;

/// Takes a message of Google Calendar. It has no body, and says in further headers its number, what happened, and to what.
#[utoipa::path(post, path = "/v1/hooks/google-calendar", tag = "Webhooks", security(()),
    params(("X-Goog-Channel-ID" = Option<String>, Header, description = "Our name for the channel."),
        ("X-Goog-Channel-Token" = Option<String>, Header, description = "Known to Google alone.")),
    responses((status = 200, description = "Heeded, now or before."),
        (status = 401, description = "`invalid_signature`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 404, description = "`not_found`", content_type = "application/problem+json", body = runtime::openapi::Problem),
        (status = 503, description = "Not stored: send it again.", content_type = "application/problem+json", body = runtime::openapi::Problem)))]
pub async fn receive(
    State(app): State<Arc<App>>,
    invocation: Invocation,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let unknown = || Problem::new(Code::NotFound, "There is no such channel.");
    let channel = text("x-goog-channel-id");
    if channel.is_empty() || channel.len() > LONGEST_ID {
        return Err(unknown());
    }
    let listener = app.store.listener(channel, invocation.now).await?.ok_or_else(unknown)?;
    let hash = sha256_hex(text("x-goog-channel-token").as_bytes());
    if !is_equal(hash.as_bytes(), listener.token_hash.as_bytes()) {
        return Err(Problem::new(Code::InvalidSignature, "The message does not carry the channel's token."));
    }
    let number = text("x-goog-message-number").parse::<u64>().ok();
    if number.is_some_and(|number| number <= listener.heard) {
        return Ok(StatusCode::OK);
    }
    // The first message says only that there is a channel.
    if text("x-goog-resource-state") != "sync" {
        app.store.hint_sync(&listener.user, &listener.sync, invocation.now).await?;
    }
    // Last: whoever dies before is told again.
    if let Some(number) = number {
        let resource = Some(text("x-goog-resource-id")).filter(|id| !id.is_empty());
        app.store.note_heard(channel, number, resource).await?;
    }
    Ok(StatusCode::OK)
}
