//! What OpenAI's own description says about an exchange.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response, StatusCode};

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

/// Fails unless an answer is a completion or an error as OpenAI describes them, or a page, which comes from something in between.
///
/// # Panics
/// When it is not. Bodies are not looked at where the schemas were not made.
pub fn assert_openai_answer(_: &Request<Bytes>, answer: &Response<Bytes>) {
    if answer.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "text/html") {
        return;
    }
    let body = json_of(answer.body());
    match answer.status() {
        StatusCode::OK => OPENAI.assert_fits("ChatCompletion", &body),
        _ => OPENAI.assert_fits("ErrorObject", &body["error"]),
    }
}
