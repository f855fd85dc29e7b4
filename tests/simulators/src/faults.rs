//! Misfortune on order: a queue of faults, each waiting for the requests it is meant for.

use http::Request;
use regex_lite::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A fault and the requests it strikes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Strikes only this method; absent means any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// A regular expression that the path must begin with (so a plain prefix works, and `$` ends it); absent means any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// How many matching requests pass untouched first.
    #[serde(default)]
    pub after: u32,
    /// How many matching requests it strikes.
    #[serde(default = "once")]
    pub times: u32,
    /// What happens.
    pub kind: FaultKind,
    /// The status of `status` (default 500) and `apply_then_status` (default 503).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Headers of `status` and `apply_then_status`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body of `status`, `apply_then_status` and `html_body`; a string is sent as it is, anything else as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The delay of `delay_ms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
}

/// What a fault does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The request is applied; the connection ends before the answer.
    LoseAnswer,
    /// The connection ends before the request is applied.
    LoseRequest,
    /// Nobody listens. Behind a socket, where it is too late for that, the connection ends without an answer.
    RefuseConnection,
    /// An error answer; the request is not applied.
    Status,
    /// The request is applied, an error is answered. Without a body the service's own words are used.
    ApplyThenStatus,
    /// The request is applied and answered late.
    DelayMs,
    /// The request is applied; a 200 with a page of HTML is answered, unless the service refuses.
    HtmlBody,
    /// The request is applied; the answer ends in the middle of its body.
    TruncateBody,
}

impl FaultKind {
    /// The name in control requests.
    pub fn name(self) -> &'static str {
        match self {
            Self::LoseAnswer => "lose_answer",
            Self::LoseRequest => "lose_request",
            Self::RefuseConnection => "refuse_connection",
            Self::Status => "status",
            Self::ApplyThenStatus => "apply_then_status",
            Self::DelayMs => "delay_ms",
            Self::HtmlBody => "html_body",
            Self::TruncateBody => "truncate_body",
        }
    }
}

fn once() -> u32 {
    1
}

impl Fault {
    /// `kind`, striking the next request of any kind once.
    pub fn new(kind: FaultKind) -> Self {
        Self {
            method: None,
            path: None,
            after: 0,
            times: 1,
            kind,
            status: None,
            headers: BTreeMap::new(),
            body: None,
            delay_ms: None,
        }
    }

    /// Only requests with this method and path (see [`Fault::path`]).
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = Some(method.to_owned());
        self.path = Some(path.to_owned());
        self
    }

    /// Strikes this many matching requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Lets this many matching requests pass first.
    #[must_use]
    pub fn after(mut self, after: u32) -> Self {
        self.after = after;
        self
    }

    /// With this status and body.
    #[must_use]
    pub fn answering(mut self, status: u16, body: Value) -> Self {
        self.status = Some(status);
        self.body = Some(body);
        self
    }

    /// With this header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }
}

/// The faults that wait.
#[derive(Clone, Debug, Default)]
pub struct Faults(Vec<(Fault, Option<Regex>)>);

impl Faults {
    /// Puts a fault at the end of the queue.
    ///
    /// # Errors
    /// When the path is not a regular expression.
    pub fn push(&mut self, fault: Fault) -> Result<(), String> {
        let pattern = match &fault.path {
            Some(path) => Some(Regex::new(&format!("^(?:{path})")).map_err(|error| error.to_string())?),
            None => None,
        };
        self.0.push((fault, pattern));
        Ok(())
    }

    /// The faults that have not struck often enough yet.
    pub fn waiting(&self) -> Vec<&Fault> {
        self.0.iter().map(|(fault, _)| fault).collect()
    }

    /// Takes all faults back.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The first fault meant for this request, if there is one; its count goes down.
    pub fn strike<B>(&mut self, request: &Request<B>) -> Option<Fault> {
        let position = self.0.iter().position(|(fault, pattern)| {
            fault
                .method
                .as_deref()
                .is_none_or(|method| method.eq_ignore_ascii_case(request.method().as_str()))
                && pattern.as_ref().is_none_or(|pattern| pattern.is_match(request.uri().path()))
        })?;
        let (fault, _) = self.0.get_mut(position)?;
        if fault.after > 0 {
            fault.after -= 1;
            return None;
        }
        fault.times = fault.times.saturating_sub(1);
        let struck = fault.clone();
        if fault.times == 0 {
            self.0.remove(position);
        }
        Some(struck)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, path: &str) -> Request<()> {
        Request::builder().method(method).uri(format!("http://x{path}")).body(()).unwrap()
    }

    #[test]
    fn a_fault_strikes_only_what_it_is_meant_for_and_only_as_often_as_ordered() {
        let mut faults = Faults::default();
        faults.push(Fault::new(FaultKind::LoseAnswer).on("POST", "/v1/pages$").times(2)).unwrap();
        assert!(faults.strike(&request("GET", "/v1/pages")).is_none());
        assert!(faults.strike(&request("POST", "/v1/pages/1")).is_none());
        assert!(faults.strike(&request("POST", "/v1/pages")).is_some());
        assert!(faults.strike(&request("POST", "/v1/pages")).is_some());
        assert!(faults.strike(&request("POST", "/v1/pages")).is_none());
    }

    #[test]
    fn a_fault_can_let_some_requests_pass_first() {
        let mut faults = Faults::default();
        faults.push(Fault::new(FaultKind::Status).after(1)).unwrap();
        assert!(faults.strike(&request("GET", "/")).is_none());
        assert!(faults.strike(&request("GET", "/")).is_some());
    }

    #[test]
    fn the_control_form_reads_and_refuses_unknown_fields_and_bad_patterns() {
        let fault: Fault =
            serde_json::from_str(r#"{"method":"POST","path":"/v1/pages","kind":"lose_answer"}"#).unwrap();
        assert_eq!(fault, Fault::new(FaultKind::LoseAnswer).on("POST", "/v1/pages"));
        assert!(serde_json::from_str::<Fault>(r#"{"kind":"lose_answer","tmies":1}"#).is_err());
        assert!(Faults::default().push(Fault::new(FaultKind::Status).on("GET", "(")).is_err());
    }
}
