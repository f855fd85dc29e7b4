//! What OpenAI's own description says about a request.

use bytes::Bytes;
use http::Request;

use crate::json_of;
use crate::schema::OPENAI;

/// Fails unless a request asks for a completion as OpenAI takes it.
///
/// # Panics
/// When it does not. Bodies are not looked at where the schemas were not made.
pub fn assert_openai_request(request: &Request<Bytes>) {
    let (method, path) = (request.method().as_str(), request.uri().path());
    assert!(method == "POST" && path.ends_with("/chat/completions"), "OpenAI has no {method} {path}");
    OPENAI.assert_fits("ChatCompletionCreateParamsNonStreaming", &json_of(request.body()));
}
