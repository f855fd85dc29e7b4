//! What Deepgram's own description says about an exchange, and about a report.

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use crate::json_of;
use crate::schema::DEEPGRAM;

/// Fails unless a request submits a recording with options that Deepgram takes.
///
/// # Panics
/// When it does not. Options are not looked at where the schemas were not made.
pub fn assert_deepgram_request(request: &Request<Bytes>) {
    let (method, path) = (request.method().as_str(), request.uri().path());
    assert!(method == "POST" && path.ends_with("/v1/listen"), "Deepgram has no {method} {path}");
    let query = request.uri().query().unwrap_or_default();
    let mut asked = DEEPGRAM.object_from_query("ListenV1RequestUrl", query);
    let body = json_of(request.body());
    assert!(body.as_object().is_some_and(|fields| fields.len() == 1), "an address and nothing else: {body}");
    asked["url"] = body["url"].clone();
    DEEPGRAM.assert_fits("ListenV1RequestUrl", &asked);
}

/// Fails unless an answer is what Deepgram says to such a request, or one of its errors.
///
/// # Panics
/// When it is not. Bodies are not looked at where the schemas were not made.
pub fn assert_deepgram_answer(request: &Request<Bytes>, answer: &Response<Bytes>) {
    let mut asked = url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
    let told = match answer.status() {
        StatusCode::OK if asked.any(|(name, _)| name == "callback") => "ListenV1AcceptedResponse",
        StatusCode::OK => "ListenV1Response",
        _ => "ErrorResponseLegacyError",
    };
    DEEPGRAM.assert_fits(told, &json_of(answer.body()));
}

/// Fails unless what a callback brings is a transcript or an error as Deepgram describes them.
///
/// # Panics
/// When it is not. Nothing happens where the schemas were not made.
pub fn assert_deepgram_report(report: &Request<Bytes>) {
    let body = json_of(report.body());
    let told = if body.get("metadata").is_some() { "ListenV1Response" } else { "ErrorResponseLegacyError" };
    DEEPGRAM.assert_fits(told, &body);
}
