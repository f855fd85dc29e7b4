//! What Deepgram's own description says about a request.

use bytes::Bytes;
use http::Request;

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
