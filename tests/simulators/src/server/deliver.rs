//! Delivers callbacks and notifications in the background. Nothing leaves the machine: only loopback addresses are called.

use super::{Shared, control::Controlled, now};
use bytes::Bytes;
use http::{HeaderValue, Request, Uri, header};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use simulators::{Deepgram, Google};
use std::{sync::Arc, time::Duration};
use tokio::net::TcpStream;

/// How often it looks for due callbacks.
const LOOK: Duration = Duration::from_millis(50);
/// How long one call may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A service that calls others of its own accord.
pub(crate) trait Delivers: Controlled {
    /// What names a call when its answer is known.
    type Key: Send + 'static;

    /// The calls to make now.
    fn due(&mut self, now: Timestamp) -> Vec<(Self::Key, Request<Bytes>)>;

    /// How a call ended: its status, or nothing when there was no answer.
    fn answered(&mut self, key: &Self::Key, status: Option<u16>, now: Timestamp);
}

impl Delivers for Deepgram {
    type Key = String;

    fn due(&mut self, now: Timestamp) -> Vec<(String, Request<Bytes>)> {
        self.due_callbacks(now).into_iter().map(|callback| (callback.request_id, callback.request)).collect()
    }

    fn answered(&mut self, key: &String, status: Option<u16>, _: Timestamp) {
        self.callback_answered(key, status);
    }
}

impl Delivers for Google {
    type Key = u64;

    fn due(&mut self, now: Timestamp) -> Vec<(u64, Request<Bytes>)> {
        self.due_notifications(now).into_iter().map(|it| (it.number, it.request)).collect()
    }

    fn answered(&mut self, key: &u64, status: Option<u16>, now: Timestamp) {
        self.notification_answered(*key, status, now);
    }
}

/// Runs for as long as the program does.
pub(crate) async fn deliver<S: Delivers + 'static>(shared: Shared<S>) {
    loop {
        let due = shared.lock().await.simulator.due(now());
        for (key, request) in due {
            tokio::spawn(call(Arc::clone(&shared), key, request));
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn call<S: Delivers + 'static>(shared: Shared<S>, key: S::Key, request: Request<Bytes>) {
    let answered = tokio::time::timeout(PATIENCE, send(request)).await;
    shared.lock().await.simulator.answered(&key, answered.ok().flatten(), now());
}

/// The status of the answer, if there is one.
async fn send(mut request: Request<Bytes>) -> Option<u16> {
    let authority = request.uri().authority()?.clone();
    if request.uri().scheme_str() != Some("http") {
        return None;
    }
    let address =
        tokio::net::lookup_host((authority.host(), authority.port_u16().unwrap_or(80))).await.ok()?;
    let address = address.into_iter().find(|address| address.ip().is_loopback())?;
    let stream = TcpStream::connect(address).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(connection);
    request.headers_mut().insert(header::HOST, HeaderValue::from_str(authority.as_str()).ok()?);
    let path = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    *request.uri_mut() = path.parse::<Uri>().ok()?;
    let response = sender.send_request(request.map(Full::new)).await.ok()?;
    Some(response.status().as_u16())
}
