//! Strict, stateful stand-ins for the services Patchbay talks to.
//!
//! Each one is a pure state machine: it sees a request and the time and gives an answer. Nothing in here reads a clock,
//! opens a socket or draws a random number that the seed did not decide, so a simulation can replay a run exactly.
//! The binary of this package puts the same machines behind loopback sockets for the local stack.
//! A stand-in that accepts what the real service refuses is a defect.

pub mod deepgram;
pub mod faults;
pub mod google;
pub mod notion;
mod oauth_client;
pub mod openai;
mod record;
mod seed;
mod stand_in;

pub use deepgram::{Deepgram, DeepgramConfig};
pub use faults::{Fault, Faults};
pub use google::{Google, GoogleConfig};
pub use notion::{Notion, NotionConfig};
pub use oauth_client::OauthClient;
pub use openai::{OpenAi, OpenAiConfig};
pub use record::{Record, Records};
pub use seed::Seed;
pub use stand_in::{Exchange, Outcome, StandIn};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::Timestamp;

/// A service as its callers see it: what it answers to a request at a time.
pub trait Simulator: Send {
    /// Applies the request and answers it.
    fn answer(&mut self, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes>;

    /// What the service says when it applied a request but answers with the error `status` all the same.
    ///
    /// `applied` is the answer that was withheld.
    fn applied_but_failed(
        &mut self,
        _request: &Request<Bytes>,
        _applied: &Response<Bytes>,
        status: StatusCode,
    ) -> Response<Bytes> {
        answer(status, "text/plain", status.canonical_reason().unwrap_or("error").as_bytes())
    }
}

/// An answer with a content type and a body.
pub(crate) fn answer(status: StatusCode, content_type: &str, body: &[u8]) -> Response<Bytes> {
    let mut response = Response::new(Bytes::copy_from_slice(body));
    *response.status_mut() = status;
    if let Ok(value) = content_type.parse() {
        response.headers_mut().insert(http::header::CONTENT_TYPE, value);
    }
    response
}

/// An answer with a JSON body.
pub(crate) fn answer_json(status: StatusCode, body: &serde_json::Value) -> Response<Bytes> {
    answer(status, "application/json; charset=utf-8", body.to_string().as_bytes())
}

/// Adds a header whose value is known to be plain text; one that is not is left out.
pub(crate) fn with_header(mut response: Response<Bytes>, name: &'static str, value: &str) -> Response<Bytes> {
    if let Ok(value) = value.parse() {
        response.headers_mut().insert(name, value);
    }
    response
}
