//! What tests of the clients share: a transport that answers from a list, and vendors' samples where they are at hand.

use std::{
    collections::{BTreeMap, VecDeque},
    io::Write as _,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;

use crate::{
    http::{Http, Policy},
    random::Random,
    registry::Endpoints,
    transport::{Exchange, Limits, SendError, Transport},
};

type Reply = Result<Response<Bytes>, SendError>;

/// Gives its replies in order and keeps what it was asked.
#[derive(Debug, Default)]
pub(crate) struct Stub {
    replies: Mutex<VecDeque<Reply>>,
    requests: Mutex<Vec<Request<Bytes>>>,
}

impl Transport for Stub {
    fn send(&self, request: Request<Bytes>, _: Limits) -> Exchange<'_> {
        self.requests.lock().unwrap().push(request);
        let reply = self.replies.lock().unwrap().pop_front().expect("one call too many");
        Box::pin(async { reply })
    }
}

impl Stub {
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Arc<Self> {
        Arc::new(Self { replies: Mutex::new(replies.into_iter().collect()), requests: Mutex::default() })
    }

    /// A door to this stub with three attempts and waits of up to five seconds.
    pub(crate) fn http(self: &Arc<Self>) -> Http {
        Http::new("stub", self.clone(), Random::new(|bytes| bytes.fill(0)), policy())
    }

    pub(crate) fn calls(&self) -> usize {
        self.requests.lock().unwrap().len()
    }

    pub(crate) fn request(&self, index: usize) -> Request<Bytes> {
        self.requests.lock().unwrap()[index].clone()
    }

    /// Method, path with query, and JSON body of a request.
    pub(crate) fn asked(&self, index: usize) -> (String, Value) {
        let request = self.request(index);
        let path = request.uri().path_and_query().unwrap().as_str();
        (
            format!("{} {path}", request.method()),
            serde_json::from_slice(request.body()).unwrap_or(Value::Null),
        )
    }

    pub(crate) fn header(&self, index: usize, name: &str) -> String {
        self.request(index).headers()[name].to_str().unwrap().to_owned()
    }
}

pub(crate) fn policy() -> Policy {
    Policy { timeout: Duration::from_secs(10), ..Policy::default() }
}

#[expect(clippy::unnecessary_wraps, reason = "stands in a list of replies")]
pub(crate) fn answer(status: u16, body: &Value) -> Reply {
    Ok(Response::builder().status(status).body(body.to_string().into()).unwrap())
}

pub(crate) fn ok(body: &Value) -> Reply {
    answer(200, body)
}

#[expect(clippy::unnecessary_wraps, reason = "stands in a list of replies")]
pub(crate) fn text(status: u16, body: &'static str) -> Reply {
    Ok(Response::builder().status(status).body(Bytes::from_static(body.as_bytes())).unwrap())
}

#[expect(clippy::unnecessary_wraps, reason = "stands in a list of replies")]
pub(crate) fn limited(retry_after: &'static str) -> Reply {
    let mut response = text(429, "").unwrap();
    response.headers_mut().insert("retry-after", retry_after.parse().unwrap());
    Ok(response)
}

pub(crate) fn lost() -> Reply {
    Err(SendError::Lost { reason: "reset".into() })
}

pub(crate) fn not_sent() -> Reply {
    Err(SendError::NotSent { reason: "refused".into() })
}

pub(crate) fn endpoints(variables: &[(&str, &str)]) -> Endpoints {
    let pairs = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Endpoints::from_variables(&pairs.collect::<BTreeMap<_, _>>()).unwrap()
}

/// A vendor's own sample in the folder beside the repository; `None`, said aloud, where there is none.
pub(crate) fn sample(path: &str) -> Option<Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/contracts").join(path);
    let Ok(bytes) = std::fs::read(&file) else {
        // Not through a macro: those are silent in a test that passes.
        let _ = writeln!(std::io::stderr(), "SKIPPED: {} is not there", file.display());
        return None;
    };
    Some(serde_json::from_slice(&bytes).unwrap())
}
