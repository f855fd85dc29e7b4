//! What chat completion endpoints answer, as far as compatible servers agree.

use domain::extraction::Claims;
use serde::Deserialize;

use super::ModelError;
use crate::http::Answer;

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
    refusal: Option<String>,
}

/// Whatever came with a 200: asking again for an unreadable body is not the door's decision, because each answer costs.
pub(super) struct Body(Option<Completion>);

impl Answer for Body {
    fn from_body(body: &[u8]) -> Option<Self> {
        Some(Self(serde_json::from_slice(body).ok()))
    }
}

/// The claims in an answer. A cut-off answer is no answer, even if its beginning can be read.
pub(super) fn claims_from_body(Body(completion): Body) -> Result<Claims, ModelError> {
    let completion = completion.ok_or(ModelError::BadResponse)?;
    let Choice { message, finish_reason } =
        completion.choices.into_iter().next().ok_or(ModelError::BadResponse)?;
    if message.refusal.is_some_and(|refusal| !refusal.is_empty()) {
        return Err(ModelError::Refused);
    }
    match finish_reason.as_deref() {
        Some("length") => return Err(ModelError::Incomplete),
        Some("content_filter") => return Err(ModelError::Refused),
        _ => {}
    }
    let content = message.content.ok_or(ModelError::BadResponse)?;
    serde_json::from_str(without_fence(&content)).map_err(|_| ModelError::BadResponse)
}

/// Servers without strict mode let models wrap their JSON in a Markdown fence.
fn without_fence(content: &str) -> &str {
    let content = content.trim();
    let inner = content.strip_prefix("```").and_then(|rest| rest.strip_suffix("```"));
    inner.map_or(content, |inner| inner.strip_prefix("json").unwrap_or(inner).trim())
}
