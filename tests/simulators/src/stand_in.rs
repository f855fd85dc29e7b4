//! A simulator together with its faults and its record: what a transport or a server talks to.

use crate::{Fault, Faults, Records, Simulator, answer, answer_json, faults::FaultKind, with_header};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::Value;

/// How an exchange ended, as seen from the wire.
#[derive(Debug)]
pub enum Outcome {
    /// An answer arrived. A body shorter than its `content-length` was cut off on the way.
    Answer(Response<Bytes>),
    /// The connection ended before the request was applied.
    LostBefore,
    /// The request was applied; the connection ended before the answer.
    LostAfter,
    /// There was no connection.
    Refused,
}

/// An outcome and how long it takes.
#[derive(Debug)]
pub struct Exchange {
    /// The outcome.
    pub outcome: Outcome,
    /// What to wait before it shows, in milliseconds.
    pub delay_ms: u64,
}

/// A simulator that can be made to misbehave and remembers what was asked.
#[derive(Debug)]
pub struct StandIn<S> {
    /// The service.
    pub simulator: S,
    /// The faults that wait.
    pub faults: Faults,
    /// What was asked.
    pub records: Records,
}

impl<S: Simulator> StandIn<S> {
    /// A stand-in without faults.
    pub fn new(simulator: S) -> Self {
        Self { simulator, faults: Faults::default(), records: Records::default() }
    }

    /// Puts a fault in the queue.
    ///
    /// # Errors
    /// When its path is not a regular expression.
    pub fn fail(&mut self, fault: Fault) -> Result<(), String> {
        self.faults.push(fault)
    }

    /// One request and what becomes of it.
    pub fn exchange(&mut self, request: &Request<Bytes>, now: Timestamp) -> Exchange {
        let fault = self.faults.strike(request);
        let delay_ms = fault.as_ref().and_then(|fault| fault.delay_ms).unwrap_or_default();
        let outcome = match &fault {
            None => Outcome::Answer(self.simulator.answer(request, now)),
            Some(fault) => self.misbehave(fault, request, now),
        };
        let status = match &outcome {
            Outcome::Answer(response) => Some(response.status().as_u16()),
            _ => None,
        };
        self.records.add(request, status, fault.as_ref().map(|fault| fault.kind.name()));
        Exchange { outcome, delay_ms }
    }

    fn misbehave(&mut self, fault: &Fault, request: &Request<Bytes>, now: Timestamp) -> Outcome {
        match fault.kind {
            FaultKind::RefuseConnection => Outcome::Refused,
            FaultKind::LoseRequest => Outcome::LostBefore,
            FaultKind::Status => Outcome::Answer(ordered(fault, StatusCode::INTERNAL_SERVER_ERROR)),
            FaultKind::LoseAnswer => {
                self.simulator.answer(request, now);
                Outcome::LostAfter
            }
            FaultKind::DelayMs => Outcome::Answer(self.simulator.answer(request, now)),
            FaultKind::HtmlBody => {
                let applied = self.simulator.answer(request, now);
                Outcome::Answer(if applied.status().is_success() { html(fault) } else { applied })
            }
            FaultKind::TruncateBody => Outcome::Answer(truncated(self.simulator.answer(request, now))),
            FaultKind::ApplyThenStatus => Outcome::Answer(self.applied_but_failed(fault, request, now)),
        }
    }

    /// A request that the service refuses was not applied: its refusal is answered as it is.
    fn applied_but_failed(
        &mut self,
        fault: &Fault,
        request: &Request<Bytes>,
        now: Timestamp,
    ) -> Response<Bytes> {
        let applied = self.simulator.answer(request, now);
        if !applied.status().is_success() {
            return applied;
        }
        if fault.body.is_some() {
            return ordered(fault, StatusCode::SERVICE_UNAVAILABLE);
        }
        let status = status_of(fault, StatusCode::SERVICE_UNAVAILABLE);
        with_headers(fault, self.simulator.applied_but_failed(request, &applied, status))
    }
}

fn status_of(fault: &Fault, otherwise: StatusCode) -> StatusCode {
    fault.status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(otherwise)
}

fn ordered(fault: &Fault, otherwise: StatusCode) -> Response<Bytes> {
    let status = status_of(fault, otherwise);
    with_headers(
        fault,
        match &fault.body {
            None => answer(status, "text/plain", b""),
            Some(Value::String(text)) => answer(status, "text/plain; charset=utf-8", text.as_bytes()),
            Some(body) => answer_json(status, body),
        },
    )
}

fn html(fault: &Fault) -> Response<Bytes> {
    const PAGE: &str = "<!doctype html><html><head><title>Just a moment</title></head><body>Checking your browser.</body></html>";
    let body = match &fault.body {
        Some(Value::String(text)) => text.as_str(),
        _ => PAGE,
    };
    with_headers(fault, answer(status_of(fault, StatusCode::OK), "text/html; charset=utf-8", body.as_bytes()))
}

fn truncated(whole: Response<Bytes>) -> Response<Bytes> {
    let (parts, body) = whole.into_parts();
    let length = body.len().to_string();
    with_header(Response::from_parts(parts, body.slice(..body.len() / 2)), "content-length", &length)
}

fn with_headers(fault: &Fault, mut response: Response<Bytes>) -> Response<Bytes> {
    for (name, value) in &fault.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header;
    use serde_json::json;

    #[derive(Default)]
    struct Counter(u32);

    impl Simulator for Counter {
        fn answer(&mut self, _: &Request<Bytes>, _: Timestamp) -> Response<Bytes> {
            self.0 += 1;
            answer_json(StatusCode::OK, &json!({"count": self.0}))
        }
    }

    fn after(fault: Fault) -> (Outcome, u32) {
        let mut stand_in = StandIn::new(Counter::default());
        stand_in.fail(fault).unwrap();
        let outcome = stand_in.exchange(&Request::new(Bytes::new()), Timestamp::UNIX_EPOCH).outcome;
        assert_eq!(stand_in.records.all().len(), 1);
        (outcome, stand_in.simulator.0)
    }

    #[test]
    fn lost_requests_and_ordered_errors_are_not_applied() {
        assert!(matches!(after(Fault::new(FaultKind::LoseRequest)), (Outcome::LostBefore, 0)));
        assert!(matches!(after(Fault::new(FaultKind::RefuseConnection)), (Outcome::Refused, 0)));
        let (outcome, applied) =
            after(Fault::new(FaultKind::Status).answering(429, json!({})).header("retry-after", "7"));
        let Outcome::Answer(response) = outcome else { panic!("an answer was expected") };
        assert_eq!(
            (response.status().as_u16(), &response.headers()["retry-after"], applied),
            (429, &"7".parse().unwrap(), 0)
        );
    }

    #[test]
    fn lost_cut_and_garbled_answers_are_applied() {
        assert!(matches!(after(Fault::new(FaultKind::LoseAnswer)), (Outcome::LostAfter, 1)));
        let (Outcome::Answer(cut), 1) = after(Fault::new(FaultKind::TruncateBody)) else {
            panic!("not applied")
        };
        let announced: usize = cut.headers()[header::CONTENT_LENGTH].to_str().unwrap().parse().unwrap();
        assert!(cut.body().len() < announced);
        let (Outcome::Answer(page), 1) = after(Fault::new(FaultKind::HtmlBody)) else {
            panic!("not applied")
        };
        assert!(page.body().starts_with(b"<!doctype html>"));
        let (Outcome::Answer(failed), 1) = after(Fault::new(FaultKind::ApplyThenStatus)) else {
            panic!("not applied")
        };
        assert_eq!(failed.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
