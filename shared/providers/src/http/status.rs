//! What an HTTP status means when nothing more is known about the provider.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde::Deserialize;

use super::retry_after::retry_after;
use crate::error::{Error, sanitised, sanitised_code};

/// The least that a limited caller waits when the provider does not say how long.
pub(crate) const DEFAULT_WAIT: Duration = Duration::from_secs(1);

/// The meaning of a refusal. `Unavailable` stands for "perhaps applied" where the request was a write.
pub(crate) fn error_from_response(response: &Response<Bytes>) -> Error {
    match response.status() {
        StatusCode::UNAUTHORIZED => Error::Unauthorized,
        StatusCode::FORBIDDEN => Error::Forbidden { code: problem(response).code() },
        StatusCode::NOT_FOUND | StatusCode::GONE => Error::NotFound,
        StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED => Error::Conflict,
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge,
        StatusCode::TOO_MANY_REQUESTS => limited(response),
        status if status.as_u16() == 529 => limited(response),
        StatusCode::REQUEST_TIMEOUT => Error::Unavailable,
        status if status.is_server_error() => Error::Unavailable,
        status if status.is_client_error() => rejected(response),
        _ => Error::BadResponse,
    }
}

/// Too fast, with the provider's wait or our own.
fn limited(response: &Response<Bytes>) -> Error {
    Error::RateLimited { retry_after: retry_after(response.headers()).unwrap_or(DEFAULT_WAIT) }
}

/// Refused for what the request says.
pub(crate) fn rejected(response: &Response<Bytes>) -> Error {
    let problem = problem(response);
    Error::Rejected {
        status: response.status().as_u16(),
        code: problem.code(),
        message: sanitised(problem.message()),
    }
}

/// The provider's name for this exchange, for its support.
pub(crate) fn request_id(response: &Response<Bytes>) -> Option<&str> {
    ["x-notion-request-id", "x-request-id", "dg-request-id"]
        .iter()
        .find_map(|name| response.headers().get(*name)?.to_str().ok())
        .filter(|id| {
            id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
}

/// The shapes in which providers describe a failure: flat, or in an object called `error`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Problem {
    code: serde_json::Value,
    err_code: serde_json::Value,
    error: serde_json::Value,
    message: serde_json::Value,
    error_description: serde_json::Value,
    err_msg: serde_json::Value,
}

/// What the body says about the failure; nothing when it says nothing readable.
pub(crate) fn problem(response: &Response<Bytes>) -> Problem {
    serde_json::from_slice(response.body()).unwrap_or_default()
}

/// The stable code of a refusal, `unknown` when there is none.
pub(crate) fn problem_code(response: &Response<Bytes>) -> String {
    problem(response).code()
}

impl Problem {
    /// The stable code, `unknown` when there is none.
    pub(crate) fn code(&self) -> String {
        let named = [&self.code, &self.err_code, &self.error, &self.error["code"], &self.error["type"]];
        let code = named.iter().find_map(|value| value.as_str()).map(sanitised_code).unwrap_or_default();
        if code.is_empty() { "unknown".to_owned() } else { code }
    }

    fn message(&self) -> &str {
        [&self.message, &self.error_description, &self.err_msg, &self.error["message"]]
            .iter()
            .find_map(|value| value.as_str())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: &'static str) -> Response<Bytes> {
        Response::builder().status(status).body(Bytes::from_static(body.as_bytes())).unwrap()
    }

    fn meaning(status: u16, body: &'static str) -> Error {
        error_from_response(&response(status, body))
    }

    #[test]
    fn each_status_says_what_to_do_next() {
        assert_eq!(meaning(401, ""), Error::Unauthorized);
        assert_eq!(meaning(404, "<html>"), Error::NotFound);
        assert_eq!(meaning(412, ""), Error::Conflict);
        assert_eq!(meaning(413, ""), Error::TooLarge);
        assert_eq!(meaning(529, ""), Error::RateLimited { retry_after: DEFAULT_WAIT });
        assert_eq!(meaning(503, ""), Error::Unavailable);
        assert_eq!(meaning(302, ""), Error::BadResponse);
        assert_eq!(meaning(403, r#"{"error":{"code":"no"}}"#), Error::Forbidden { code: "no".into() });
    }

    #[test]
    fn the_code_is_found_in_every_shape() {
        for (body, code) in [
            (r#"{"code":"validation_error","message":"m"}"#, "validation_error"),
            (r#"{"error":"invalid_grant","error_description":"m"}"#, "invalid_grant"),
            (
                r#"{"error":{"type":"invalid_request_error","code":null,"message":"m"}}"#,
                "invalid_request_error",
            ),
            (r#"{"err_code":"Bad Request","err_msg":"m"}"#, "BadRequest"),
        ] {
            let expected = Error::Rejected { status: 400, code: code.into(), message: "m".into() };
            assert_eq!(meaning(400, body), expected);
        }
        for body in ["", "<html>", "[]", "null", r#"{"code":7}"#] {
            let unknown = Error::Rejected { status: 400, code: "unknown".into(), message: String::new() };
            assert_eq!(meaning(400, body), unknown, "{body}");
        }
    }
}
